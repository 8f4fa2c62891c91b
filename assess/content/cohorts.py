"""Peer rows as columns to blocks and groups: one pass over any number of rows (needs numpy; never loaded by the web)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assess.core.benchmark import MIN_PEERS, key_of
from assess.core.release import (
    BINS,
    Block,
    Cell,
    Triple,
    batches,
    cells_of,
    quarter,
    renewable,
)

Ints = NDArray[np.int64]
WAITING, SPENT = 0, -1


class StoredPeer(NamedTuple):
    """A row as storage gives it. bins: two bytes a step, hundredths of a score above 1, -1 for none.

    block: the number of its block, 0 waiting, -1 spent. Rows of one organisation follow each other, the latest last. An erased
    row has no bins: it only keeps its organisation from entering a second time while its block is shown.
    """

    id: int
    organisation: bytes
    industry: str
    region: str
    size: str
    completed_on: date
    bins: bytes
    block: int


@dataclass(frozen=True)
class Columns:
    """The rows by column. triple numbers the entries of triples; scores has a column for each step."""

    ids: Ints
    organisation: Ints
    is_latest: NDArray[np.bool_]
    triple: Ints
    day: Ints
    block: Ints
    scores: NDArray[np.int16]
    triples: tuple[Triple, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Cohort:
    """What a release shows and what has to be remembered of it.

    joined: block -> ids of its rows, for new and renewed blocks; spent are ids of rows that never enter again; waiting counts
    organisations that are not in any block yet, leaving those that are shown though they left or were assessed anew.
    """

    blocks: tuple[Block, ...]
    cells: Mapping[Cell, tuple[Block, ...]]
    joined: Mapping[int, Ints]
    spent: Ints
    waiting: int
    leaving: int
    known: int


def columns(rows: Iterable[Sequence[StoredPeer]], steps: int) -> Columns:
    """Chunks of rows as columns; rows written when there were fewer steps have no score in the later ones."""
    parts: list[tuple[Ints, ...]] = []
    scores = bytearray()
    numbers: dict[Triple, int] = {}
    spelled: dict[tuple[str, str, str], int] = {}
    before, number = b"", 0
    for chunk in rows:
        part: list[tuple[int, int, int, int, int, bool]] = []
        for id_, name, industry, region, size, completed_on, bins, held in chunk:
            if name != before:
                before, number = name, number + 1
            triple = spelled.get((industry, region, size))
            if triple is None:
                key = (key_of(industry), key_of(region), key_of(size))
                triple = spelled[industry, region, size] = numbers.setdefault(key, len(numbers))
            part.append((id_, number, triple, completed_on.toordinal(), held, bool(bins)))
            scores += bins.ljust(2 * steps, b"\xff")
        if part:
            parts.append(tuple(np.array(part, dtype=np.int64).T))
    empty = np.zeros(0, dtype=np.int64)
    ids, organisations, triple_of, day, block, there = (
        np.concatenate([part[place] for part in parts]) if parts else empty for place in range(6)
    )
    is_latest = there > 0
    is_latest[:-1] &= organisations[1:] != organisations[:-1]
    table = np.frombuffer(bytes(scores), dtype="<i2").reshape(-1, steps)
    return Columns(ids, organisations, is_latest, triple_of, day, block, table, tuple(numbers))


def build(rows: Columns, steps: Sequence[str], blocks: Sequence[Block], published: Iterable[Cell], next_id: int) -> Cohort:
    """The next release: blocks that may leave leave, organisations that may enter enter, the others wait.

    steps begin with OVERALL; blocks and published are those of the release before; new blocks are numbered from next_id.
    """
    tally, shown = _Tally(rows, steps), frozenset(published)
    leaving = _leave(tally, blocks, next_id)
    inside = leaving.inside
    free = rows.is_latest & ~inside & ~leaving.spent & ~np.isin(rows.organisation, np.unique(rows.organisation[inside]))
    entering = _enter(tally, free, shown, next_id + len(leaving.renewed))
    cell = {block.id: block.cell for block in blocks}
    fresh = [tally.block(id_, cell[old], places, kept) for id_, (old, places, kept) in leaving.renewed.items()]
    new = [tally.block(id_, cell_, places, frozenset(steps)) for id_, (cell_, places) in entering.items()]
    after = (*leaving.kept, *fresh, *new)
    places_of = chain(((id_, p) for id_, (_, p, _) in leaving.renewed.items()), ((id_, p) for id_, (_, p) in entering.items()))
    joined = {id_: rows.ids[places] for id_, places in places_of}
    still = int((rows.is_latest & inside).sum())
    if leaving.kept == tuple(blocks) and not new:
        # Nothing may appear or vanish through who merely waits or wants to leave.
        cells = {cell: members for cell, members in cells_of(after, {}).items() if cell in shown}
    else:
        in_blocks = np.isin(rows.ids, np.concatenate(list(joined.values()))) if joined else np.zeros(len(rows), dtype=bool)
        cells = cells_of(after, tally.counts(rows.is_latest & (inside | in_blocks)))
    return Cohort(
        blocks=after,
        cells=cells,
        joined=joined,
        spent=rows.ids[leaving.spent & (rows.block != SPENT)],
        waiting=int(free.sum()) - sum(block.n for block in new),
        leaving=sum(block.n for block in leaving.kept) + sum(block.n for block in fresh) - still,
        known=int(rows.is_latest.sum()),
    )


@dataclass(frozen=True)
class _Leaving:
    """kept blocks; new id -> (old id, places of the rows that stay, steps) of renewed ones; the rows inside, the rows spent."""

    kept: tuple[Block, ...]
    renewed: Mapping[int, tuple[int, Ints, frozenset[str]]]
    inside: NDArray[np.bool_]
    spent: NDArray[np.bool_]


def _leave(tally: _Tally, blocks: Sequence[Block], next_id: int) -> _Leaving:
    """A block stays as it is until five have left it; then it is shown without them or, when few are left, not at all."""
    rows = tally.rows
    members = _grouped(rows.block, np.flatnonzero(rows.block > 0))
    kept: list[Block] = []
    renewed: dict[int, tuple[int, Ints, frozenset[str]]] = {}
    inside, spent = np.zeros(len(rows), dtype=bool), rows.block == SPENT
    for block in blocks:
        mine = members.get(block.id, np.zeros(0, dtype=np.int64))
        staying = mine[rows.is_latest[mine]]
        left = block.n - len(staying)
        if left >= MIN_PEERS and len(staying) < MIN_PEERS:
            spent[mine] = True
        elif left >= MIN_PEERS and (shown := renewable(tally.published(block), tally.scored(staying))) is not None:
            renewed[next_id + len(renewed)] = (block.id, staying, shown)
            inside[staying] = True
            spent[mine[~rows.is_latest[mine]]] = True
        else:
            kept.append(block)
            inside[mine] = True
    return _Leaving(tuple(kept), renewed, inside, spent)


def _enter(tally: _Tally, free: NDArray[np.bool_], published: Iterable[Cell], next_id: int) -> dict[int, tuple[Cell, Ints]]:
    """New block id -> its cell and the places of its rows."""
    rows = tally.rows
    found = batches(tally.counts(free), published)
    batch_of = np.full(len(rows.triples), -1, dtype=np.int64)
    number = {triple: place for place, triple in enumerate(rows.triples)}
    for place, batch in enumerate(found):
        batch_of[[number[triple] for triple in batch.triples]] = place
    if not found:
        return {}
    chosen = np.flatnonzero(free & (batch_of[rows.triple] >= 0))
    grouped = _grouped(batch_of[rows.triple], chosen)
    return {next_id + place: (batch.cell, grouped[place]) for place, batch in enumerate(found)}


def _grouped(labels: Ints, places: Ints) -> dict[int, Ints]:
    """Label -> the places that carry it, in order."""
    if not len(places):
        return {}
    order = places[np.argsort(labels[places], kind="stable")]
    found, starts = np.unique(labels[order], return_index=True)
    return {int(label): part for label, part in zip(found, np.split(order, starts[1:]), strict=True)}


class _Tally:
    """Counts and histograms of rows."""

    def __init__(self, rows: Columns, steps: Sequence[str]) -> None:
        self.rows, self.steps = rows, tuple(steps)

    def counts(self, mask: NDArray[np.bool_]) -> dict[Triple, int]:
        found = np.bincount(self.rows.triple[mask], minlength=len(self.rows.triples))
        return {triple: int(count) for triple, count in zip(self.rows.triples, found, strict=True) if count}

    def scored(self, places: Ints) -> dict[str, int]:
        """Step -> how many of the rows have a score in it."""
        return dict(zip(self.steps, (int(n) for n in (self.rows.scores[places] >= 0).sum(axis=0)), strict=True))

    def published(self, block: Block) -> dict[str, int]:
        return {step: sum(block.histograms.get(step, {}).values()) for step in self.steps}

    def block(self, id_: int, cell: Cell, places: Ints, shown: frozenset[str]) -> Block:
        scores, days = self.rows.scores[places], self.rows.day[places]
        return Block(
            id=id_,
            cell=cell,
            n=len(places),
            histograms={step: _histogram(scores[:, column]) for column, step in enumerate(self.steps) if step in shown},
            first=quarter(date.fromordinal(int(days.min())))[0],
            last=quarter(date.fromordinal(int(days.max())))[1],
        )


def _histogram(scores: NDArray[np.int16]) -> dict[int, int]:
    found = np.bincount(scores[scores >= 0], minlength=BINS)
    places = np.flatnonzero(found)
    return dict(zip(places.tolist(), found[places].tolist(), strict=True))
