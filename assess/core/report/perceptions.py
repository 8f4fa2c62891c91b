"""Who sees what: role by step, roles apart, disputed items, blind spots, the workshop's decisions and dissent."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from assess.core.answers import Consensus
from assess.core.quality import DISAGREEMENT, VISIBILITY
from assess.core.report.apart import sentences, steps_apart
from assess.core.report.setting import Setting
from assess.core.report.values import Decision, Disputed, Figure, HeatCell, HeatRow, Perceptions
from assess.core.rounding import mean
from assess.core.scoring import band

MOST_DISPUTED = 5


def perceive(setting: Setting) -> Perceptions | None:
    """None where nobody rated anything and the room agreed on nothing."""
    words = setting.words
    rows, decisions = _rows(setting), tuple(_decisions(setting))
    if not rows and not decisions:
        return None
    disputed = _disputed(setting)
    apart = len(steps_apart(setting))
    return Perceptions(
        heading=setting.heading("perceptions", _finding(setting, rows, apart, disputed)),
        columns=tuple(setting.step(dimension) for dimension, _ in setting.scored_steps()),
        legend=tuple(setting.step_title(dimension) for dimension, _ in setting.scored_steps()),
        rows=rows,
        heat_title=words.say("heat.title", n=apart) if apart else words.say("heat.title_close"),
        heat_note=words.say("heat.hidden")
        if any(cell.hidden for row in rows for cell in row.cells)
        else words.say("heat.note"),
        gaps=tuple(sentences(setting)),
        disputed=disputed,
        disputed_note=_disputed_note(setting, disputed),
        unseen=tuple(_unseen(setting)),
        decisions=decisions,
        decisions_note="" if decisions else words.say("decisions.none"),
    )


def _finding(setting: Setting, rows: tuple[HeatRow, ...], apart: int, disputed: tuple[Disputed, ...]) -> str:
    words = setting.words
    flagged = len(setting.flags_of(DISAGREEMENT))
    if apart:
        return words.say("perceptions.finding_gaps", n=apart)
    if sum(any(cell.shade for cell in row.cells) for row in rows) < 2:
        return words.say("perceptions.finding_one")
    if flagged:
        return words.say("perceptions.finding_disputed", n=flagged)
    return words.say("perceptions.finding_close" if disputed else "perceptions.finding_few")


def _rows(setting: Setting) -> tuple[HeatRow, ...]:
    roles = {role for _, score in setting.scored_steps() for role in score.roles}
    known = [role.id for role in setting.core.roles if role.id in roles]
    return tuple(HeatRow(role, setting.role(role), tuple(_cells(setting, role))) for role in known)


def _cells(setting: Setting, role: str) -> Iterator[HeatCell]:
    words = setting.words
    for _, score in setting.scored_steps():
        value = score.roles.get(role)
        if value is None:
            yield HeatCell(words.figure(None), "", 0, hidden=False)
        elif value.score is None:
            yield HeatCell(Figure(None, words.say("figure.hidden")), "", 0, hidden=True)
        else:
            yield HeatCell(words.figure(value.score), words.say("count.n", n=value.n), band(value.score), hidden=False)


def _disputed(setting: Setting) -> tuple[Disputed, ...]:
    """The items with the widest spread, those where people disagree at all."""
    words = setting.words
    known = [
        (item.agreement.ad_m, item)
        for _, card in setting.measured
        for item in card.items
        if item.agreement.ad_m and item.id not in setting.hidden
    ]
    widest = sorted(known, key=lambda pair: -pair[0])[:MOST_DISPUTED]
    return tuple(
        Disputed(
            id=item.id,
            text=setting.text(item.id),
            counts=setting.counts(item.id),
            dont_know=item.dont_know,
            deviation=words.figure(deviation, 2),
            title=words.say(
                "disputed.title" if item.agreement.flag else "disputed.title_mild",
                id=item.id,
                low=item.lowest,
                high=item.highest,
                n=item.n,
            ),
            chart_text=words.sentences(
                *(
                    words.say("disputed.line", level=level, n=count)
                    for level, count in enumerate(setting.counts(item.id), start=1)
                )
            ),
        )
        for deviation, item in widest
    )


def _disputed_note(setting: Setting, disputed: tuple[Disputed, ...]) -> str:
    """Why nothing is listed, or how many disputed items are not; "" where all of them are."""
    listed = {item.id for item in disputed}
    flagged = {flag.items[0] for flag in setting.flags_of(DISAGREEMENT)} - listed
    if not disputed:
        return setting.words.say("disputed.none")
    return setting.words.say("disputed.more", n=len(flagged)) if flagged else ""


def _unseen(setting: Setting) -> Iterator[str]:
    words = setting.words
    for flag in setting.flags_of(VISIBILITY):
        id_ = flag.items[0]
        yield words.say("unseen.sentence", id=id_, share=words.percent(flag.value), text=setting.text(id_))


def _decisions(setting: Setting) -> Iterator[Decision]:
    words = setting.words
    for id_ in setting.item_score:
        agreed = setting.assessment.consensus.get(id_)
        if agreed is None:
            continue
        ratings = setting.ratings(id_)
        yield Decision(
            id=id_,
            text=setting.text(id_),
            agreed=_agreed(setting, agreed),
            before=words.figure(mean(Fraction(rating) for rating in ratings)) if ratings else words.figure(None),
            rationale=agreed.rationale.strip(),
            dissent=agreed.dissent.strip(),
        )


def _agreed(setting: Setting, agreed: Consensus) -> str:
    if agreed.level is not None:
        return setting.level_mark(agreed.level).text
    return setting.words.say("decisions.not_applicable", reason=setting.words.say(f"reason.{agreed.not_applicable}"))
