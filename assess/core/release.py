"""Released benchmark figures: which groups of organisations may be shown, and what is shown of each (docs/benchmark.md).

Organisations enter and leave published figures only in *blocks* of at least MIN_PEERS, and every published group is a union of
blocks. Whatever groups are taken together, intersected or subtracted, of one release or of several, the result is a union of
blocks again: nobody is singled out. What leaves here is counts in bands of five and quantiles to 0.01.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate

from assess.core.benchmark import (
    MIN_PEERS,
    MIN_PEERS_RANK,
    MIN_PEERS_TAILS,
    SEGMENTS,
    key_of,
)
from assess.core.rounding import half_up

BINS = 401
OVERALL = "overall"
# What can be asked for. The first four are the groups of the fallback order, each inside the one before it.
FAMILIES: tuple[tuple[str, ...], ...] = (
    (),
    ("industry",),
    ("industry", "region"),
    ("industry", "region", "size"),
    ("region",),
    ("size",),
)
# A group is put together from the blocks that lie in it; with much left out it would stand for something else. Groups of the
# fallback order leave out only who waits; a region or a size also leaves out blocks that reach over several.
MIN_COVERED, MIN_COVERED_ACROSS = Fraction(1, 2), Fraction(3, 4)
QUARTILES, TAILS = (25, 50, 75), (10, 90)
# From so many organisations on, quantiles so many percent apart: at least five organisations lie between two of them.
_FINER = ((500, 1), (250, 2), (100, 5), (50, 10), (30, 20))

Cell = tuple[str | None, str | None, str | None]  # industry, region, size; None = any
Triple = tuple[str, str, str]  # industry, region, size; "" = not known
Histogram = Mapping[int, int]  # hundredths of a score above 1 (0..400) -> organisations
ALL: Cell = (None, None, None)


@dataclass(frozen=True)
class Block:
    """At least MIN_PEERS organisations that stand together in every published group. cell is the smallest that holds them.

    histograms: step -> its scores, OVERALL those of the programme. first is the first day of the earliest assessment's
    quarter, last the last day of the latest one's.
    """

    id: int
    cell: Cell
    n: int
    histograms: Mapping[str, Histogram]
    first: date
    last: date


@dataclass(frozen=True)
class Figures:
    """What is shown of one step in one group: n rounded down to fives, percent -> quantile in hundredths (100..500)."""

    n: int
    quantiles: Mapping[int, int]


@dataclass(frozen=True)
class ReleasedCell:
    """One published group. release is the one its figures were made in; first and last as of a block."""

    cell: Cell
    n: int
    first: date
    last: date
    release: int
    released_on: date
    figures: Mapping[str, Figures]


@dataclass(frozen=True)
class Release:
    """The current figures of one installation. key is its fingerprint; known is how many organisations are at hand, or None."""

    name: str
    key: str
    questionnaire: str
    major: int
    versions: tuple[str, ...]
    number: int
    released_on: date
    dimensions: tuple[str, ...]
    cells: Mapping[Cell, ReleasedCell]
    known: int | None = None


def cell_of(group: Mapping[str, str]) -> Cell:
    """The cell of these filters, by segment; spelling does not matter."""
    industry, region, size = (key_of(group[segment]) if segment in group else None for segment in SEGMENTS)
    return industry, region, size


def family_of(cell: Cell) -> tuple[str, ...]:
    return tuple(segment for segment, value in zip(SEGMENTS, cell, strict=True) if value is not None)


def narrowed(triple: Triple, family: Iterable[str]) -> Cell | None:
    """The cell of a family in which organisations of these segments lie; None where one of its segments is not known."""
    wanted = set(family)
    industry, region, size = (value if segment in wanted else None for segment, value in zip(SEGMENTS, triple, strict=True))
    return None if "" in (industry, region, size) else (industry, region, size)


def lies_in(inner: Cell, outer: Cell) -> bool:
    return all(wide is None or wide == narrow for narrow, wide in zip(inner, outer, strict=True))


# --- Who may enter ---


@dataclass(frozen=True)
class Batch:
    """Organisations of these segments that become one block of the cell."""

    cell: Cell
    triples: frozenset[Triple]


def batches(counts: Mapping[Triple, int], published: Iterable[Cell]) -> tuple[Batch, ...]:
    """How the organisations not yet published become blocks; those in no batch wait.

    From the narrowest groups up: five or more of one group are a block of it. Fewer wait where the group is published already,
    so that they join it later; otherwise they are counted in the next wider group only. Where a group is published for the
    first time and fewer than five would be left over, its smallest block takes them in and loses its own group.
    """
    shown = set(published)
    found: dict[Cell, list[Batch]] = {}
    left: dict[Cell, frozenset[Triple]] = {}
    for triple, count in counts.items():
        if count:
            home = _home(triple)
            left[home] = left.get(home, frozenset()) | {triple}
    for depth in (3, 2, 1, 0):
        for cell in sorted((c for c in left if _depth(c) == depth), key=str):
            _settle(cell, counts, shown, found, left)
    return tuple(batch for each in found.values() for batch in each)


def _settle(
    cell: Cell,
    counts: Mapping[Triple, int],
    shown: set[Cell],
    found: dict[Cell, list[Batch]],
    left: dict[Cell, frozenset[Triple]],
) -> None:
    triples = left.pop(cell)
    if _count(triples, counts) >= MIN_PEERS:
        found.setdefault(cell, []).append(Batch(cell, triples))
    elif cell in shown:
        return
    elif inside := [
        b for batch in found.values() for b in batch if lies_in(b.cell, cell) and not _shown_below(b.cell, cell, shown)
    ]:
        smallest = min(inside, key=lambda b: (_count(b.triples, counts), str(b.cell)))
        found[smallest.cell].remove(smallest)
        found.setdefault(cell, []).append(Batch(cell, smallest.triples | triples))
    elif cell != ALL:
        wider = _wider(cell)
        left[wider] = left.get(wider, frozenset()) | triples


def _shown_below(inner: Cell, outer: Cell, shown: set[Cell]) -> bool:
    """Whether a group between the two is published: taking the inner block out of it would leave it behind for good."""
    while inner != outer:
        if inner in shown:
            return True
        inner = _wider(inner)
    return False


def _home(triple: Triple) -> Cell:
    """The narrowest group of the fallback order that an organisation lies in; unknown segments end the way down."""
    industry, region, size = triple
    if not industry:
        return ALL
    if not region:
        return industry, None, None
    return (industry, region, size) if size else (industry, region, None)


def _depth(cell: Cell) -> int:
    return sum(value is not None for value in cell)


def _wider(cell: Cell) -> Cell:
    industry, region, size = cell
    if size is not None:
        return industry, region, None
    return (industry, None, None) if region is not None else ALL


def _count(triples: Iterable[Triple], counts: Mapping[Triple, int]) -> int:
    return sum(counts[triple] for triple in triples)


# --- Who may leave ---


def renewable(published: Mapping[str, int], staying: Mapping[str, int]) -> frozenset[str] | None:
    """The steps in which a block can be shown without those who left; None when it cannot be at all.

    Both: step -> organisations with a score in it, OVERALL for all. In a step none or at least five may leave, and none or at
    least five stay; a step in which that is not so is not shown of this block any more.
    """
    kept = frozenset(
        step
        for step, n in published.items()
        if n >= MIN_PEERS and _none_or_enough(n - staying.get(step, 0)) and _none_or_enough(staying.get(step, 0))
    )
    return kept if OVERALL in kept else None


def _none_or_enough(count: int) -> bool:
    return count == 0 or count >= MIN_PEERS


# --- What is shown ---


def cells_of(blocks: Sequence[Block], known: Mapping[Triple, int]) -> dict[Cell, tuple[Block, ...]]:
    """Every group that can be shown and the blocks it consists of. known: segments -> organisations, published or not."""
    found: dict[Cell, tuple[Block, ...]] = {}
    for family in FAMILIES:
        inside: dict[Cell, list[Block]] = {}
        for block in blocks:
            cell = _narrowed_cell(block.cell, family)
            if cell is not None:
                inside.setdefault(cell, []).append(block)
        nested = family == SEGMENTS[: len(family)]
        at_hand = _totals(known, family)
        least = MIN_COVERED if nested else MIN_COVERED_ACROSS
        for cell, members in inside.items():
            if sum(b.n for b in members) >= least * at_hand.get(cell, 0):
                found[cell] = tuple(members)
    return found


def _narrowed_cell(cell: Cell, family: Sequence[str]) -> Cell | None:
    """The cell of the family that a block lies in wholly; None where it reaches over several."""
    industry, region, size = (value if s in family else None for s, value in zip(SEGMENTS, cell, strict=True))
    narrow: Cell = (industry, region, size)
    return narrow if family_of(narrow) == tuple(family) else None


def _totals(known: Mapping[Triple, int], family: Sequence[str]) -> dict[Cell, int]:
    totals: dict[Cell, int] = {}
    for triple, count in known.items():
        cell = narrowed(triple, family)
        if cell is not None:
            totals[cell] = totals.get(cell, 0) + count
    return totals


def merged(histograms: Iterable[Histogram]) -> dict[int, int]:
    """The sum of histograms: that of everybody in any of them."""
    total: dict[int, int] = {}
    for each in histograms:
        for place, count in each.items():
            total[place] = total.get(place, 0) + count
    return total


def shown_histograms(blocks: Iterable[Block], steps: Iterable[str]) -> dict[str, dict[int, int]]:
    """Step -> histogram of a group, of those blocks in which at least five have a score in the step."""
    listed = tuple(blocks)
    return {
        step: merged(b.histograms[step] for b in listed if sum(b.histograms.get(step, {}).values()) >= MIN_PEERS)
        for step in steps
    }


def figures_of(histogram: Histogram) -> Figures | None:
    """What is shown of a histogram; None below MIN_PEERS."""
    n = sum(histogram.values())
    if n < MIN_PEERS:
        return None
    places = sorted(histogram)
    upto = list(accumulate(histogram[place] for place in places))
    return Figures(in_fives(n), {percent: _quantile(places, upto, percent) for percent in percents(n)})


def percents(n: int) -> tuple[int, ...]:
    """Which quantiles are shown of n organisations."""
    if n < MIN_PEERS_TAILS:
        return QUARTILES
    apart = next((step for least, step in _FINER if n >= least), 100)
    return tuple(sorted({*QUARTILES, *TAILS, *range(apart, 100, apart)}))


def in_fives(n: int) -> int:
    """The lower end of the band of five that n lies in."""
    return n - n % MIN_PEERS


def _quantile(places: Sequence[int], upto: Sequence[int], percent: int) -> int:
    """Linear interpolation between order statistics, half up, in whole numbers: hundreds of thousands are computed.

    places ascend, upto counts those up to each.
    """
    below, rest = divmod(percent * (upto[-1] - 1), 100)
    lower = places[bisect_right(upto, below)]
    upper = places[bisect_right(upto, min(below + 1, upto[-1] - 1))]
    return 100 + (2 * (100 * lower + rest * (upper - lower)) + 100) // 200


def bin_of(score: Fraction) -> int:
    """Hundredths above 1, half up."""
    return int(half_up((score - 1) * 100, 0))


def quarter(day: date) -> tuple[date, date]:
    """The first and the last day of its quarter: the day itself would be one organisation's."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    return first, date(day.year + first.month // 10, (first.month + 2) % 12 + 1, 1) - timedelta(days=1)


# --- Several installations together ---


def pool(figures: Sequence[Figures]) -> Figures:
    """The figures of several groups taken together, read from the mixture of their distributions; one group stays as it is.

    Only quantiles that every group taken shows are shown. Small groups would cost the pool its tails or its rank: they are left
    out where those that have them hold at least half of the organisations.
    """
    for least in (MIN_PEERS_RANK, MIN_PEERS_TAILS):
        strong = [each for each in figures if each.n >= least]
        if 2 * sum(each.n for each in strong) >= sum(each.n for each in figures):
            figures = strong
            break
    if len(figures) == 1:
        return figures[0]
    common = set.intersection(*(set(each.quantiles) for each in figures))
    n = sum(each.n for each in figures)
    upto = [0] * BINS
    for each in figures:
        for place, share in enumerate(_shares(*knots(each.quantiles))):
            upto[place] += each.n * share
    return Figures(n, {percent: 100 + bisect_left(upto, percent * n * _FINE) for percent in sorted(common)})


_FINE = 10_000  # parts of a percent


def knots(quantiles: Mapping[int, int]) -> tuple[list[int], list[int]]:
    """The distribution as points: hundredths of a score, ascending, and the percent up to each; the scale ends at 1 and 5."""
    order = sorted(quantiles)
    return [100, *(quantiles[percent] for percent in order), 500], [0, *order, 100]


def _shares(values: Sequence[int], percents_: Sequence[int]) -> list[int]:
    """The share up to each of the 401 bins, in parts of a percent, read between the knots of a distribution."""
    found = []
    upper = 0
    for place in range(100, 100 + BINS):
        while upper < len(values) and values[upper] <= place:
            upper += 1
        low = percents_[upper - 1]
        if upper == len(values):
            found.append(low * _FINE)
        else:
            start, end = values[upper - 1], values[upper]
            found.append(low * _FINE + (percents_[upper] - low) * _FINE * (place - start) // (end - start))
    return found


def offered(releases: Iterable[Release]) -> Iterator[Cell]:
    """The groups people can choose from, each once, the widest first."""
    seen: set[Cell] = set()
    for cell in sorted((c for release in releases for c in release.cells), key=by_width):
        if cell not in seen:
            seen.add(cell)
            yield cell


def by_width(cell: Cell) -> tuple[int, tuple[str, ...]]:
    """An order of groups: the widest first, then by name."""
    return _depth(cell), tuple(value or "" for value in cell)
