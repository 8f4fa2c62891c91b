"""Comparison with a peer group: honest or absent (method section 7)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import lcm, sqrt
from statistics import NormalDist

from assess.core.questionnaire import Questionnaire
from assess.core.scoring import Scorecard

MIN_PEERS, MIN_PEERS_TAILS, MIN_PEERS_RANK = 5, 10, 30
SEGMENTS = ("industry", "region", "size")
Z_95 = NormalDist().inv_cdf(0.975)
BANDS = ("below_p10", "p10_p25", "p25_p50", "p50_p75", "p75_p90", "above_p90")


@dataclass(frozen=True)
class Peer:
    """One organisation's closed assessment, as a line of a benchmark file. scores: dimension id -> 1..5."""

    organisation: str
    questionnaire: str
    version: str
    completed_on: date
    scores: Mapping[str, Fraction]
    industry: str = ""
    region: str = ""
    size: str = ""

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


@dataclass(frozen=True)
class Provenance:
    """Where figures come from: a signed release of an installation, known by its key. number counts its releases from 1."""

    name: str
    key: str
    number: int
    released_on: date
    n: int


@dataclass(frozen=True)
class Position:
    """Own score among n peers; what n does not allow is None. rank and its 95% Wilson interval are 0..100.

    Of released figures n is the lower end of a band of five, as in Comparison.
    """

    n: int
    own: Fraction | None
    median: Fraction | None = None
    q1: Fraction | None = None
    q3: Fraction | None = None
    p10: Fraction | None = None
    p90: Fraction | None = None
    band: str | None = None
    rank: Fraction | None = None
    rank_low: float | None = None
    rank_high: float | None = None


@dataclass(frozen=True)
class Comparison:
    """asked are the segments wished for, group those really used; missing is how many organisations more a figure needs.

    n_to is the upper end of the band n stands for, None where n is exact; sources are empty for rows of a file.
    """

    asked: Mapping[str, str]
    group: Mapping[str, str]
    n: int
    overall: Position
    dimensions: Mapping[str, Position]
    questionnaire: str
    major: int
    first: date | None = None
    last: date | None = None
    versions: tuple[str, ...] = ()
    missing: int = field(default=0)
    n_to: int | None = None
    sources: tuple[Provenance, ...] = ()

    @property
    def pooled(self) -> bool:
        """Whether the figures were put together from those of several installations."""
        return len(self.sources) > 1

    @property
    def directional(self) -> bool:
        """Whether the group is so small that it only shows a direction."""
        return MIN_PEERS <= self.n < MIN_PEERS_TAILS


def compare(
    questionnaire: Questionnaire,
    scorecard: Scorecard,
    own_name: str,
    peers: Iterable[Peer],
    segments: Mapping[str, str] | None = None,
) -> Comparison:
    """The scorecard among its peers, in the chosen segments or the nearest wider group that is large enough.

    Peers are distinct organisations other than one's own, the latest assessment of each, with the same questionnaire
    and major version.
    """
    asked = {segment: value for segment in SEGMENTS if (value := (segments or {}).get(segment))}
    own_key, asked_id, asked_major = key_of(own_name), questionnaire.id, questionnaire.major
    pool = latest_per_organisation(
        peer
        for peer in peers
        if peer.questionnaire == asked_id and peer.major == asked_major and key_of(peer.organisation) != own_key
    )
    group, members = choose_group(pool, asked)
    days = [peer.completed_on for peer in members]
    enough = len(members) >= MIN_PEERS
    return Comparison(
        asked=asked,
        group=group,
        n=len(members),
        overall=position(scorecard.claimed.score, programme_scores(questionnaire, members)),
        dimensions={
            dimension.id: position(
                dimension.claimed.score, [p.scores[dimension.id] for p in members if dimension.id in p.scores]
            )
            for dimension in scorecard.dimensions
        },
        questionnaire=questionnaire.id,
        major=questionnaire.major,
        first=min(days) if enough else None,
        last=max(days) if enough else None,
        versions=tuple(sorted({peer.version for peer in members})) if enough else (),
        missing=max(0, MIN_PEERS - len(members)),
    )


def latest_per_organisation(peers: Iterable[Peer]) -> tuple[Peer, ...]:
    """One line per organisation, its latest; of equal dates the later line. Names differ by more than case and space."""
    latest: dict[str, Peer] = {}
    for peer in peers:
        key = key_of(peer.organisation)
        known = latest.get(key)
        if known is None or peer.completed_on >= known.completed_on:
            latest[key] = peer
    return tuple(latest.values())


def widening(asked: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The filters to try: all that were asked for, then without size, without region, without industry."""
    used = dict(asked)
    yield dict(used)
    for dropped in reversed(SEGMENTS):
        if used.pop(dropped, None) is not None:
            yield dict(used)


def choose_group(peers: Sequence[Peer], asked: Mapping[str, str]) -> tuple[dict[str, str], tuple[Peer, ...]]:
    """The filters really used and their members: the first of the widening groups that is large enough, else the last."""
    for used in widening(asked):
        keys = {segment: _segment_key(value) for segment, value in used.items()}
        members = tuple(
            peer for peer in peers if all(_segment_key(getattr(peer, segment)) == key for segment, key in keys.items())
        )
        if len(members) >= MIN_PEERS:
            break
    return used, members


def programme_scores(questionnaire: Questionnaire, peers: Iterable[Peer]) -> list[Fraction]:
    """The peers' overall scores, weighted as the questionnaire weights its dimensions; those without any score left out."""
    weights = {dimension.id: dimension.weight for dimension in questionnaire.dimensions}
    return [score for peer in peers if (score := weighted_score(weights, peer.scores)) is not None]


def weighted_score(weights: Mapping[str, int], scores: Mapping[str, Fraction]) -> Fraction | None:
    """The mean of the scores by these weights, exact; None without any. Sums whole numbers: files have many rows."""
    total, common, weight = 0, 1, 0
    for id_, score in scores.items():
        if id_ in weights:
            if score.denominator != common:
                wider = lcm(common, score.denominator)
                total, common = total * (wider // common), wider
            total += weights[id_] * score.numerator * (common // score.denominator)
            weight += weights[id_]
    return Fraction(total, common * weight) if weight else None


def position(own: Fraction | None, values: Sequence[Fraction]) -> Position:
    """The figures that the number of peers allows; never the lowest, the highest, or a name."""
    n = len(values)
    if n < MIN_PEERS:
        return Position(n, own)
    common, ordered = _in_order(values)

    def at(share: Fraction) -> Fraction:
        """Linear interpolation between order statistics, as core.rounding.quantile on numbers already in order."""
        place = share * (n - 1)
        below = place.numerator // place.denominator
        lower, upper = ordered[below], ordered[min(below + 1, n - 1)]
        return (lower + (place - below) * (upper - lower)) / common

    q1, mid, q3 = (at(Fraction(share, 4)) for share in (1, 2, 3))
    if n < MIN_PEERS_TAILS:
        return Position(n, own, median=mid, q1=q1, q3=q3)
    p10, p90 = at(Fraction(1, 10)), at(Fraction(9, 10))
    place = None if own is None else band_of(own, (p10, q1, mid, q3, p90))
    if n < MIN_PEERS_RANK or own is None:
        return Position(n, own, mid, q1, q3, p10, p90, place)
    rank = _rank(own * common, ordered)
    low, high = wilson_interval(rank / 100, n)
    return Position(n, own, mid, q1, q3, p10, p90, place, rank, 100 * low, 100 * high)


def band_of(own: Fraction, edges: Sequence[Fraction]) -> str:
    """The name of the band that begins at the last of the five edges (P10, quartiles, P90) that own reaches."""
    return BANDS[sum(own >= edge for edge in edges)]


def _in_order(values: Sequence[Fraction]) -> tuple[int, list[int]]:
    """A common denominator and the numerators over it, ascending: whole numbers sort many times faster than fractions."""
    common = lcm(*{value.denominator for value in values})
    return common, sorted(value.numerator * (common // value.denominator) for value in values)


def percentile_rank(own: Fraction, values: Sequence[Fraction]) -> Fraction:
    """Mid-rank among the peers, 0..100: those below and half of those equal."""
    common, ordered = _in_order(values)
    return _rank(own * common, ordered)


def _rank(own: Fraction, ordered: Sequence[int]) -> Fraction:
    below, upto = bisect_left(ordered, own), bisect_right(ordered, own)
    return 100 * Fraction(below + upto, 2) / len(ordered)


def wilson_interval(share: Fraction, n: int) -> tuple[float, float]:
    """95% interval of a share 0..1 seen in n cases. Wilson 1927."""
    p, z = float(share), Z_95
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # The share itself lies inside; rounding of floats must not push it out at 0 and 1.
    return max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half))


def key_of(name: str) -> str:
    """What two spellings of one name have in common: names differ by more than case and space."""
    return " ".join(name.split()).casefold()


_segment_key = lru_cache(maxsize=65536)(key_of)
