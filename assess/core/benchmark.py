"""Comparison with a peer group: honest or absent (method section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import sqrt
from statistics import NormalDist

from assess.core.questionnaire import Questionnaire
from assess.core.rounding import quantile
from assess.core.scoring import Scorecard, weighted_mean

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
        return int(self.version.split(".", 1)[0])


@dataclass(frozen=True)
class Position:
    """Own score among n peers; what n does not allow is None. rank and its 95% Wilson interval are 0..100."""

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
    """asked are the segments wished for, group those really used; missing is how many organisations more a figure needs."""

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
    pool = latest_per_organisation(
        peer
        for peer in peers
        if peer.questionnaire == questionnaire.id
        and peer.major == questionnaire.major
        and _key(peer.organisation) != _key(own_name)
    )
    group, members = choose_group(pool, asked)
    days = [peer.completed_on for peer in members]
    return Comparison(
        asked=asked,
        group=group,
        n=len(members),
        overall=position(scorecard.claimed.score, [s for p in members if (s := programme_score(questionnaire, p)) is not None]),
        dimensions={
            dimension.id: position(
                dimension.claimed.score, [p.scores[dimension.id] for p in members if dimension.id in p.scores]
            )
            for dimension in scorecard.dimensions
        },
        questionnaire=questionnaire.id,
        major=questionnaire.major,
        first=min(days) if len(members) >= MIN_PEERS else None,
        last=max(days) if len(members) >= MIN_PEERS else None,
        versions=tuple(sorted({peer.version for peer in members})) if len(members) >= MIN_PEERS else (),
        missing=max(0, MIN_PEERS - len(members)),
    )


def latest_per_organisation(peers: Iterable[Peer]) -> tuple[Peer, ...]:
    """One line per organisation, its latest; of equal dates the later line. Names differ by more than case and space."""
    latest: dict[str, Peer] = {}
    for peer in peers:
        known = latest.get(_key(peer.organisation))
        if known is None or peer.completed_on >= known.completed_on:
            latest[_key(peer.organisation)] = peer
    return tuple(latest.values())


def choose_group(peers: Sequence[Peer], asked: Mapping[str, str]) -> tuple[dict[str, str], tuple[Peer, ...]]:
    """The filters really used and their members: size is dropped first, then region, then industry, until there are enough."""
    used = dict(asked)
    for dropped in (None, *reversed(SEGMENTS)):
        if dropped is not None and used.pop(dropped, None) is None:
            continue
        members = tuple(
            peer for peer in peers if all(_key(getattr(peer, segment)) == _key(value) for segment, value in used.items())
        )
        if len(members) >= MIN_PEERS:
            break
    return used, members


def programme_score(questionnaire: Questionnaire, peer: Peer) -> Fraction | None:
    """A peer's overall score, weighted as the questionnaire weights its dimensions; None without any."""
    known = [(d.weight, peer.scores[d.id]) for d in questionnaire.dimensions if d.id in peer.scores]
    return weighted_mean(known) if known else None


def position(own: Fraction | None, values: Sequence[Fraction]) -> Position:
    """The figures that the number of peers allows; never the lowest, the highest, or a name."""
    n = len(values)
    if n < MIN_PEERS:
        return Position(n, own)
    q1, mid, q3 = (quantile(values, Fraction(share, 4)) for share in (1, 2, 3))
    if n < MIN_PEERS_TAILS:
        return Position(n, own, median=mid, q1=q1, q3=q3)
    p10, p90 = quantile(values, Fraction(1, 10)), quantile(values, Fraction(9, 10))
    place = None if own is None else BANDS[sum(own >= edge for edge in (p10, q1, mid, q3, p90))]
    if n < MIN_PEERS_RANK or own is None:
        return Position(n, own, mid, q1, q3, p10, p90, place)
    rank = percentile_rank(own, values)
    low, high = wilson_interval(rank / 100, n)
    return Position(n, own, mid, q1, q3, p10, p90, place, rank, 100 * low, 100 * high)


def percentile_rank(own: Fraction, values: Sequence[Fraction]) -> Fraction:
    """Mid-rank among the peers, 0..100: those below and half of those equal."""
    below, equal = sum(value < own for value in values), sum(value == own for value in values)
    return 100 * (below + Fraction(equal, 2)) / len(values)


def wilson_interval(share: Fraction, n: int) -> tuple[float, float]:
    """95% interval of a share 0..1 seen in n cases. Wilson 1927."""
    p, z = float(share), Z_95
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    # The share itself lies inside; rounding of floats must not push it out at 0 and 1.
    return max(0.0, min(p, centre - half)), min(1.0, max(p, centre + half))


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()
