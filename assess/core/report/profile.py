"""The steps side by side: claimed, evidenced, target and, where it may be shown, the median of the peers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from assess.core.questionnaire import Dimension
from assess.core.report.setting import Setting
from assess.core.report.values import Profile, ProfileRow
from assess.core.scoring import DimensionScore

MIN_AXES = 3


def describe(setting: Setting) -> Profile | None:
    """None where no step has a score."""
    words = setting.words
    rows = tuple(_row(setting, dimension, score) for dimension, score in setting.scored_steps())
    scored = [row for row in rows if row.claimed.value is not None]
    if not scored:
        return None
    finding = _finding(setting)
    return Profile(
        heading=setting.heading("profile", finding),
        is_radar=len(scored) >= MIN_AXES,
        has_peers=any(row.peer.value is not None for row in rows),
        chart_title=finding,
        chart_text=words.sentences(
            *(
                words.say(
                    "profile.chart_line",
                    title=row.title,
                    claimed=row.claimed.text,
                    evidenced=row.evidenced.text,
                    target=row.target.text,
                )
                for row in rows
            )
        ),
        rows=rows,
        modules=tuple(
            _row(setting, dimension, card.dimension[dimension.id])
            for questionnaire, card in setting.measured[1:]
            for dimension in questionnaire.dimensions
            if dimension.id in card.dimension
        ),
        notes=tuple(_notes(setting, len(scored))),
    )


def target_of(setting: Setting, dimension: Dimension) -> Fraction:
    return setting.evaluation.roadmap.targets[dimension.id]


def _row(setting: Setting, dimension: Dimension, score: DimensionScore) -> ProfileRow:
    words, comparison = setting.words, setting.evaluation.comparison
    position = None if comparison is None else comparison.dimensions.get(dimension.id)
    target = target_of(setting, dimension)
    gap = None if score.claimed.score is None else max(Fraction(0), target - score.claimed.score)
    return ProfileRow(
        id=dimension.id,
        number=str(setting.step_numbers[dimension.id]),
        title=words.of(dimension.title),
        level=setting.mark(score.claimed, step_reason(score)),
        claimed=words.figure(score.claimed.score),
        evidenced=words.figure(score.evidenced.score),
        target=words.plain(target),
        gap=words.figure(gap),
        peer=words.figure(None if position is None else position.median),
    )


def step_reason(score: DimensionScore) -> str:
    """The phrase that says why a step has no level."""
    return "level.none" if score.claimed.score is None else "level.insufficient"


def _finding(setting: Setting) -> str:
    words = setting.words
    known = [(s.claimed.score, d) for d, s in setting.scored_steps() if s.claimed.score is not None]
    gaps = sorted(((target_of(setting, d) - value, d, value) for value, d in known), key=lambda entry: -entry[0])
    gap, dimension, value = gaps[0]
    if gap <= 0:
        return words.say("profile.finding_reached")
    target = words.plain(target_of(setting, dimension)).text
    return words.say("profile.finding", step=setting.step_inline(dimension), score=words.score(value), target=target)


def _notes(setting: Setting, scored: int) -> Iterator[str]:
    words, comparison = setting.words, setting.evaluation.comparison
    if scored < MIN_AXES:
        yield words.say("profile.no_radar", n=scored)
    if comparison is None:
        yield words.say("profile.no_peers")
    elif comparison.missing:
        yield words.say("profile.few_peers", n=comparison.n, missing=comparison.missing)
    left_out = [setting.step_inline(d) for d in setting.core.dimensions if d.id not in setting.card.dimension]
    if left_out:
        yield words.say("profile.left_out", steps=words.names(left_out), n=len(left_out))
