"""The KPI tree: from the goal over the steps to what shows that each initiative works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from assess.core.questionnaire import Dimension
from assess.core.report.planning import lay_out
from assess.core.report.profile import step_reason, target_of
from assess.core.report.setting import Setting
from assess.core.report.values import Branch, KpiTree, Measure, Sheet
from assess.core.report.words import NOTHING
from assess.core.roadmap import HORIZONS
from assess.core.scoring import NOT_APPLICABLE, DimensionScore, Standing, integrity_items, measure

FIRST_YEAR = HORIZONS[2][1]
MANY = 24
"""Up to this many measures the tree shows all; beyond, those of the initiatives that start in the first year."""


def grow(setting: Setting) -> KpiTree | None:
    """None without an initiative."""
    words, plan = setting.words, lay_out(setting)
    if plan is None or not plan.sheets:
        return None
    measured = [sheet for sheet in plan.sheets if sheet.kpi != NOTHING]
    shown = [sheet for sheet in measured if len(plan.sheets) <= MANY or 7 * sheet.start_week <= FIRST_YEAR]
    goal, later = _goal(setting), len(measured) - len(shown)
    return KpiTree(
        title=words.say("kpi.title", n=len(shown)),
        goal=_goal_in_words(setting, goal),
        baseline=words.figure(setting.card.claimed.index, 0),
        baseline_level=setting.mark(setting.card.claimed, "level.provisional"),
        target=words.figure(goal.index, 0),
        target_level=setting.mark(goal, "level.provisional"),
        branches=tuple(_branches(setting, measured, shown)),
        note=words.sentences(words.say("kpi.note"), words.say("kpi.later", n=later) if later else ""),
    )


def _goal(setting: Setting) -> Standing:
    """Where the programme stands once every scored item is at the target of its step."""
    values: dict[str, Fraction] = {}
    for item in setting.card.items:
        if item.score is not None:
            values[item.id] = max(item.score, target_of(setting, setting.core.dimension_of[item.id]))
    left_out = frozenset(item.id for item in setting.card.items if item.status == NOT_APPLICABLE)
    return measure(setting.core, values, left_out | integrity_items(setting.core)).overall


def _goal_in_words(setting: Setting, goal: Standing) -> str:
    words, index = setting.words, setting.words.figure(goal.index, 0).text
    if goal.level is None:
        return words.say("kpi.goal_index", client=setting.client, index=index)
    return words.say("kpi.goal", client=setting.client, level=setting.level_mark(goal.level).text, index=index)


def _branches(setting: Setting, sheets: Sequence[Sheet], shown: Sequence[Sheet]) -> Iterator[Branch]:
    """Every step of the core, those of the modules that have a measure, and what only clears the way for others."""
    for number, (questionnaire, card) in enumerate(setting.measured):
        for dimension in questionnaire.dimensions:
            score = card.dimension.get(dimension.id)
            own = [sheet for sheet in sheets if _home(setting, sheet) == dimension.id]
            if score is not None and (own or not number):
                yield _branch(setting, dimension, score, own, [sheet for sheet in shown if sheet in own])
    others = [sheet for sheet in shown if _home(setting, sheet) == ""]
    if others:
        nothing = setting.words.figure(None)
        title = setting.words.say("kpi.enablers")
        yield Branch("", title, nothing, None, nothing, tuple(_measure(setting, sheet) for sheet in others), "")


def _branch(
    setting: Setting, dimension: Dimension, score: DimensionScore, sheets: Sequence[Sheet], shown: Sequence[Sheet]
) -> Branch:
    words, target = setting.words, target_of(setting, dimension)
    value = score.claimed.score
    reached = value is not None and value >= target
    note = words.say("kpi.only_later", n=len(sheets)) if sheets else words.say("kpi.reached" if reached else "kpi.none")
    return Branch(
        id=dimension.id,
        title=setting.step_title(dimension),
        baseline=words.figure(value),
        level=setting.mark(score.claimed, step_reason(score)),
        target=words.plain(target),
        measures=tuple(_measure(setting, sheet) for sheet in shown),
        note="" if shown else note,
    )


def _home(setting: Setting, sheet: Sheet) -> str:
    """The step of the first item that the initiative lifts; "" where it lifts none."""
    return setting.step_of[sheet.lifts[0].item].id if sheet.lifts else ""


def _measure(setting: Setting, sheet: Sheet) -> Measure:
    return Measure(
        number=sheet.number,
        initiative=sheet.title,
        kpi=sheet.kpi,
        lifts=sheet.lifts,
        source=sheet.measure or setting.words.say("kpi.no_source"),
        owner=sheet.owner,
        due=sheet.end,
    )
