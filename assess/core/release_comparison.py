"""One scorecard among released benchmark figures: the group that is shown, and the place in it (docs/benchmark.md)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from assess.core.benchmark import (
    MIN_PEERS,
    MIN_PEERS_RANK,
    SEGMENTS,
    Comparison,
    Position,
    Provenance,
    band_of,
    widening,
    wilson_interval,
)
from assess.core.questionnaire import Questionnaire
from assess.core.release import OVERALL, QUARTILES, TAILS, Cell, Figures, Release, cell_of, knots, pool
from assess.core.rounding import half_up
from assess.core.scoring import Scorecard


def compare_released(
    questionnaire: Questionnaire,
    scorecard: Scorecard,
    releases: Sequence[Release],
    segments: Mapping[str, str] | None = None,
) -> Comparison:
    """The scorecard among the released figures, in the first of the widening groups that any of the releases shows.

    Releases of other questionnaires or major versions don't count; of one key only the newest does.
    """
    asked = {segment: value for segment in SEGMENTS if (value := (segments or {}).get(segment))}
    fitting = newest_by_key(r for r in releases if (r.questionnaire, r.major) == (questionnaire.id, questionnaire.major))
    for group in widening(asked):
        cell = cell_of(group)
        if having := [release for release in fitting if cell in release.cells]:
            return _comparison(questionnaire, scorecard, having, cell, asked, group)
    known = sum(release.known or 0 for release in fitting)
    return Comparison(
        asked=asked,
        group={},
        n=min(known, MIN_PEERS - 1),
        overall=Position(0, scorecard.claimed.score),
        dimensions={dimension.id: Position(0, dimension.claimed.score) for dimension in scorecard.dimensions},
        questionnaire=questionnaire.id,
        major=questionnaire.major,
        missing=max(1, MIN_PEERS - known),
    )


def newest_by_key(releases: Iterable[Release]) -> tuple[Release, ...]:
    newest: dict[str, Release] = {}
    for release in releases:
        if release.key not in newest or release.number > newest[release.key].number:
            newest[release.key] = release
    return tuple(newest.values())


def _comparison(
    questionnaire: Questionnaire,
    scorecard: Scorecard,
    releases: Sequence[Release],
    cell: Cell,
    asked: Mapping[str, str],
    group: Mapping[str, str],
) -> Comparison:
    cells = [release.cells[cell] for release in releases]

    def place(step: str, own: Fraction | None) -> Position:
        known = [released.figures[step] for released in cells if step in released.figures]
        return released_position(own, pool(known)) if known else Position(0, own)

    n = sum(released.n for released in cells)
    return Comparison(
        asked=asked,
        group=group,
        n=n,
        overall=place(OVERALL, scorecard.claimed.score),
        dimensions={d.id: place(d.id, d.claimed.score) for d in scorecard.dimensions},
        questionnaire=questionnaire.id,
        major=questionnaire.major,
        first=min(released.first for released in cells),
        last=max(released.last for released in cells),
        versions=tuple(sorted({version for release in releases for version in release.versions})),
        n_to=n + len(cells) * (MIN_PEERS - 1),
        sources=tuple(
            Provenance(release.name, release.key, each.release, each.released_on, each.n)
            for release, each in zip(releases, cells, strict=True)
        ),
    )


def released_position(own: Fraction | None, figures: Figures) -> Position:
    """Where own stands, as far as the released quantiles tell; the rank is read between them and rounded to a whole number."""
    at = {
        percent: Fraction(figures.quantiles[percent], 100) for percent in (*QUARTILES, *TAILS) if percent in figures.quantiles
    }
    q1, mid, q3 = (at[percent] for percent in QUARTILES)
    if not all(percent in at for percent in TAILS):
        return Position(figures.n, own, median=mid, q1=q1, q3=q3)
    p10, p90 = (at[percent] for percent in TAILS)
    band = None if own is None else band_of(own, (p10, q1, mid, q3, p90))
    if figures.n < MIN_PEERS_RANK or own is None:
        return Position(figures.n, own, mid, q1, q3, p10, p90, band)
    rank, least, most = _rank(own, *knots(figures.quantiles))
    low = wilson_interval(Fraction(least, 100), figures.n)[0]
    high = wilson_interval(Fraction(most, 100), figures.n)[1]
    return Position(figures.n, own, mid, q1, q3, p10, p90, band, rank, 100 * low, 100 * high)


def _rank(own: Fraction, values: Sequence[int], percents_: Sequence[int]) -> tuple[Fraction, int, int]:
    """The rank 0..100 in whole numbers and the percents between which it lies for certain."""
    place = own * 100
    below, upto = bisect_left(values, place), bisect_right(values, place)
    least = percents_[below - 1] if below else 0
    most = percents_[upto] if upto < len(values) else 100
    if below < upto:
        middle = Fraction(percents_[below] + percents_[upto - 1], 2)
    else:
        low, high = values[below - 1], values[below]
        middle = least + (most - least) * Fraction(place - low, high - low)
    return Fraction(int(half_up(middle, 0))), least, most
