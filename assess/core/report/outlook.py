"""The board's second page: the steps side by side, the plan by horizon, what has to be decided next."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from assess.core.report.setting import Setting
from assess.core.report.values import Outlook, Plan, Profile, Sheet, Span, Stage, Term

SHOWN, SHOWN_WHEN_MANY = 3, 2
"""How many initiatives a horizon names, and how many where there are more than three horizons."""
FIRST = ("mobilise", "quick_wins")
REVIEW = "introduce"


def look_ahead(setting: Setting, profile: Profile | None, plan: Plan | None) -> Outlook:
    words = setting.words
    stages = () if plan is None else tuple(_stage(setting, plan, span) for span in plan.spans)
    decisions = tuple(_decisions(setting, profile, plan))
    return Outlook(
        heading=setting.heading("outlook", words.say("outlook.finding", n=len(decisions))),
        profile=profile,
        profile_note="" if profile else words.say("outlook.no_profile"),
        stages=stages,
        stages_title=plan.projection_title if plan and stages else words.say("outlook.stages"),
        stages_note=words.say("projection.note" if stages else "outlook.no_stages"),
        decisions=decisions,
    )


def _stage(setting: Setting, plan: Plan, span: Span) -> Stage:
    """The projection of a horizon, where there is one, says where the programme stands at its end."""
    sheets = [sheet for sheet in plan.sheets if sheet.horizon == span.horizon]
    shown = SHOWN if len(plan.spans) <= SHOWN else SHOWN_WHEN_MANY
    after = next((row for row in plan.projection if row.horizon == span.horizon), None)
    return Stage(
        horizon=span.horizon,
        name=span.name,
        period=span.period,
        sheets=tuple(sheets[:shown]),
        more=setting.words.say("outlook.more", n=len(sheets) - shown) if len(sheets) > shown else "",
        end=after.end if after else None,
        index=after.index if after else setting.words.figure(None),
        level=after.level if after else None,
    )


def _decisions(setting: Setting, profile: Profile | None, plan: Plan | None) -> Iterator[Term]:
    """What only the board can settle, in the order in which it has to be settled."""
    if profile is None:
        yield _decision(setting, "answer")
        return
    if setting.card.claimed.level is None:
        yield _decision(setting, "complete")
    yield _target(setting)
    if plan and plan.sheets:
        yield from _about_the_plan(setting, plan)
    yield from _about_proof(setting)
    if plan and plan.projection:
        review = next((row for row in plan.projection if row.horizon == REVIEW), plan.projection[-1])
        yield _decision(setting, "review", first=plan.projection[0].end.text, second=review.end.text)


def _decision(setting: Setting, key: str, **values: object) -> Term:
    return Term(setting.words.say(f"decision.{key}"), setting.words.say(f"decision.{key}_text", **values))


def _target(setting: Setting) -> Term:
    """One target for all steps, or from the lowest to the highest."""
    scored = [(setting.evaluation.roadmap.targets[d.id], s) for d, s in setting.scored_steps()]
    reached = sum(s.claimed.score is not None and s.claimed.score >= target for target, s in scored)
    targets = sorted(target for target, _ in scored)
    low, high = (setting.words.plain(Fraction(target)).text for target in (targets[0], targets[-1]))
    key = "target" if low == high else "targets"
    return _decision(setting, key, low=low, high=high, n=len(scored), reached=reached)


def _about_the_plan(setting: Setting, plan: Plan) -> Iterator[Term]:
    early = [sheet for sheet in plan.sheets if sheet.horizon in FIRST] or list(plan.sheets[:1])
    owners = setting.words.names(list(dict.fromkeys(sheet.owner for sheet in early)))
    yield _decision(setting, "owners", n=len(early), owners=owners)
    capacity = setting.evaluation.roadmap.capacity
    yield _decision(setting, "capacity", start=plan.start.text, capacity=min(capacity, _at_once(plan.sheets)))


def _at_once(sheets: tuple[Sheet, ...]) -> int:
    """The most initiatives that run in one week."""
    return max(sum(other.start_week <= sheet.start_week < other.end_week for other in sheets) for sheet in sheets)


def _about_proof(setting: Setting) -> Iterator[Term]:
    held = [i for i in setting.card.items if i.score is not None and i.evidenced is not None and i.evidenced < i.score]
    claimed, evidenced = setting.card.claimed.index, setting.card.evidenced.index
    figures = {"claimed": setting.words.figure(claimed, 0).text, "evidenced": setting.words.figure(evidenced, 0).text}
    if held and figures["claimed"] != figures["evidenced"]:
        yield _decision(setting, "proof", n=len(held), **figures)
