"""The benchmark of this installation: releases out, others' releases beside them, one comparison from all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import cast

from sqlalchemy import Connection

from assess.content import exchange
from assess.core.benchmark import MIN_PEERS, SEGMENTS, Comparison, widening
from assess.core.errors import Conflict, Invalid, NotFound, Problem
from assess.core.questionnaire import Questionnaire
from assess.core.release import (
    OVERALL,
    Cell,
    Figures,
    Release,
    ReleasedCell,
    by_width,
    cell_of,
    figures_of,
    shown_histograms,
)
from assess.core.release_comparison import compare_released
from assess.core.scoring import Scorecard
from assess.core.staff import Actor
from assess.storage import peers as rows
from assess.storage.peers import CellRow, ReleaseRow, SourceRow
from assess.usecases import benchmark_keys as keys
from assess.usecases.installation import Installation
from assess.usecases.peer_rows import note

MAX_NAME = 80
_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+\Z")


def is_one_line(name: str) -> bool:
    return _ONE_LINE.match(name) is not None


@dataclass(frozen=True)
class ReleaseReport:
    """What a new release shows. renewed groups have new figures; gone ones are not shown any more.

    waiting organisations are not in any figure yet; leaving ones still are, until five can leave together.
    """

    number: int
    groups: int
    renewed: int
    gone: int
    known: int
    waiting: int
    leaving: int


@dataclass(frozen=True)
class Overview:
    """Everything the installation holds for benchmarks; organisations counts those of our own rows by release id."""

    releases: tuple[ReleaseRow, ...]
    sources: tuple[SourceRow, ...]
    organisations: Mapping[int, int]
    groups: Mapping[int, int]


@dataclass(frozen=True)
class Shelf:
    """The groups one may look at, by key, and the releases that show the chosen one, each with that group only.

    missing is how many organisations more a first figure needs, 0 where there are figures; waits: enough are at hand, only a
    release has to be made.
    """

    offered: tuple[tuple[str, Cell], ...]
    chosen: str
    releases: tuple[Release, ...]
    missing: int
    waits: bool


# --- Releases out ---


def make_release(installation: Installation, questionnaire: str, major: int) -> ReleaseReport:
    """Build the next release of our own figures. Raises NotFound without rows, Conflict when another one was made meanwhile.

    The rows are read in one pass and the figures made outside of the writing transaction.
    """
    from assess.content.cohorts import StoredPeer, build, columns

    with installation.storage.reading() as connection:
        state = rows.find_release(connection, "", questionnaire, major)
        if state is None:
            raise NotFound(f"there are no peer rows of {questionnaire} {major}")
        blocks = [exchange.unpack_block(number, content) for number, content in rows.load_blocks(connection, state.id)]
        shown = {row.cell: row for row in rows.load_cells(connection, state.id)}
        chunks = rows.row_chunks(connection, state.id)
        table = columns((cast(Sequence[StoredPeer], chunk) for chunk in chunks), len(state.steps))
        versions = rows.common_versions(connection, state.id, MIN_PEERS)
    published = [exchange.load_cell(row.content).cell for row in shown.values()]
    next_id = 1 + max([0, int(table.block.max(initial=0)), *(block.id for block in blocks)])
    cohort = build(table, state.steps, blocks, published, next_id)
    today = installation.clock().date()
    after = replace(state, number=state.number + 1, released_on=today, known=cohort.known, versions=versions)
    cells = []
    for cell, members in cohort.cells.items():
        key, numbers = exchange.cell_key(cell), tuple(block.id for block in members)
        before = shown.get(key)
        if before is not None and before.blocks == numbers:
            cells.append(before)
            continue
        histograms = shown_histograms(members, state.steps)
        made = _cell_from(cell, histograms, after, min(b.first for b in members), max(b.last for b in members))
        cells.append(CellRow(key, exchange.dump_cell(made), numbers, exchange.pack_histograms(histograms)))
    renewed = sum(cell is not shown.get(cell.cell) for cell in cells)
    gone = len(set(shown) - {cell.cell for cell in cells})
    if not renewed and not gone and state.number:
        after = replace(state, known=cohort.known)
    joined = [(block, ids.tolist()) for block, ids in cohort.joined.items()] + [(-1, cohort.spent.tolist())]
    with installation.storage.writing() as connection:
        if rows.find_release(connection, "", questionnaire, major) != state:
            raise Conflict("another release was made at the same time; make it again")
        packed = [(block.id, exchange.pack_block(block)) for block in cohort.blocks]
        rows.save_release(connection, after, packed, cells, joined)
    return ReleaseReport(after.number, len(cells), renewed, gone, cohort.known, cohort.waiting, cohort.leaving)


def _cell_from(
    cell: tuple[str | None, str | None, str | None],
    histograms: Mapping[str, Mapping[int, int]],
    release: ReleaseRow,
    first: date,
    last: date,
) -> ReleasedCell:
    figures: dict[str, Figures] = {}
    for step, histogram in histograms.items():
        made = figures_of(histogram)
        if made is not None:
            figures[step] = made
    released_on = release.released_on or date.min
    return ReleasedCell(cell, figures[OVERALL].n, first, last, release.number, released_on, figures)


def export_release(
    installation: Installation, questionnaire: str, major: int, name: str | None, actor: Actor | None = None
) -> str:
    """The signed exchange file of our newest release; the same until the next one. name None: the one given last.

    Raises NotFound before the first release, Invalid without a name.
    """
    with installation.storage.writing() as connection:
        state = rows.find_release(connection, "", questionnaire, major)
        if state is None or state.released_on is None:
            raise NotFound(f"there is no release of {questionnaire} {major}; make one with: kam-assess peers release")
        called = (name if name is not None else state.name).strip()
        if not called or len(called) > MAX_NAME or not is_one_line(called):
            raise Invalid(
                [
                    Problem(
                        "must say who publishes, on one line of at most {longest} characters", {"longest": MAX_NAME}, "--name"
                    )
                ]
            )
        rows.rename(connection, state.id, called)
        note(installation, connection, actor, "benchmark.exported", f"release {state.number} of {questionnaire}", name=called)
        cells = sorted(
            (exchange.load_cell(row.content) for row in rows.load_cells(connection, state.id)), key=lambda c: by_width(c.cell)
        )
    if not cells:
        raise NotFound("the release shows no group yet: fewer than 5 organisations")
    private = keys.own_private_key(installation.settings.data_dir)
    return exchange.write_exchange(_release(replace(state, name=called), cells), private)


def _release(state: ReleaseRow, cells: Sequence[ReleasedCell]) -> Release:
    return Release(
        name=state.name,
        key=state.key,
        questionnaire=state.questionnaire,
        major=state.major,
        versions=state.versions,
        number=state.number,
        released_on=state.released_on or date.min,
        dimensions=tuple(step for step in state.steps if step != OVERALL),
        cells={cell.cell: cell for cell in cells},
        known=state.known if not state.key else None,
    )


# --- Others' releases in ---


def read_trusted(installation_dir: Path, path: Path) -> Release:
    """The release in an exchange file whose signature and key are good. Raises Invalid, NotFound."""
    signed = exchange.read_exchange(path)
    keys.require_trusted(installation_dir, signed.public_key, str(path))
    return signed.release


def import_exchange(installation: Installation, text: str, file: str, actor: Actor | None = None) -> Release:
    """Keep another installation's release in place of its earlier one.

    Raises Invalid when the file is wrong, its key is not trusted or it is our own; Conflict when the one at hand is as new.
    """
    signed = exchange.parse_exchange(text, file)
    data_dir = installation.settings.data_dir
    keys.require_trusted(data_dir, signed.public_key, file)
    release = signed.release
    if signed.public_key == keys.own_public_key(data_dir):
        raise Invalid([Problem("is this installation's own release; its rows are here already", {}, file)])
    steps = (OVERALL, *release.dimensions)
    values = ReleaseRow(
        id=0,
        key=release.key,
        name=release.name,
        questionnaire=release.questionnaire,
        major=release.major,
        versions=release.versions,
        steps=steps,
        number=release.number,
        known=0,
        released_on=release.released_on,
        imported_at=None,
    )
    cells = [(exchange.cell_key(cell.cell), exchange.dump_cell(cell)) for cell in release.cells.values()]
    with installation.storage.writing() as connection:
        known = rows.find_release(connection, release.key, release.questionnaire, release.major)
        if known is not None and known.number >= release.number:
            raise Conflict(f"release {known.number} of {known.name} is here already; {file} holds release {release.number}")
        rows.put_imported(connection, values, text, cells, installation.clock())
        note(installation, connection, actor, "benchmark.release_imported", f"key {release.key}", number=release.number)
    return release


def forget(installation: Installation, print_: str, actor: Actor | None = None) -> int:
    """Stop trusting a key and erase its releases; how many there were. Raises NotFound."""
    found = keys.distrust(installation.settings.data_dir, print_)
    with installation.storage.writing() as connection:
        note(installation, connection, actor, "benchmark.key_distrusted", f"key {found.fingerprint}", name=found.name)
        return rows.remove_imported(connection, found.fingerprint)


# --- Looking ---


def overview(installation: Installation) -> Overview:
    with installation.storage.reading() as connection:
        releases = rows.list_releases(connection)
        own = [release.id for release in releases if not release.key]
        return Overview(
            releases=releases,
            sources=rows.list_sources(connection),
            organisations={id_: rows.count_organisations(connection, id_) for id_ in own},
            groups={release.id: rows.count_cells(connection, release.id) for release in releases},
        )


def released(installation: Installation, questionnaire: str, major: int) -> tuple[Release, ...]:
    """All releases of a questionnaire with all their groups, our own first."""
    with installation.storage.reading() as connection:
        return tuple(
            _release(state, [exchange.load_cell(row.content) for row in rows.load_cells(connection, state.id)])
            for state in rows.list_releases(connection, questionnaire, major)
        )


def pools(installation: Installation) -> frozenset[tuple[str, int]]:
    """The questionnaires, each with its major version, of which peers or releases are here."""
    with installation.storage.reading() as connection:
        return frozenset((state.questionnaire, state.major) for state in rows.list_releases(connection))


def browse(installation: Installation, questionnaire: str, major: int, key: str) -> Shelf:
    """What is released of a questionnaire. A key that is not offered chooses the widest group: there is nothing else to ask."""
    with installation.storage.reading() as connection:
        states = rows.list_releases(connection, questionnaire, major)
        keys_of = {state.id: set(rows.cell_keys(connection, state.id)) for state in states}
        cells = {one: exchange.cell_from_key(one) for found in keys_of.values() for one in found}
        offered = tuple(sorted(cells.items(), key=lambda pair: by_width(pair[1])))
        known = sum(rows.count_organisations(connection, state.id) for state in states if not state.key)
        if not offered:
            return Shelf((), "", (), max(0, MIN_PEERS - known), known >= MIN_PEERS)
        chosen = key if key in cells else offered[0][0]
        shown = tuple(
            _release(state, [exchange.load_cell(row.content) for row in rows.load_cells(connection, state.id, [chosen])])
            for state in states
            if chosen in keys_of[state.id]
        )
    return Shelf(offered, chosen, shown, 0, waits=False)


def compare_here(
    installation: Installation,
    questionnaire: Questionnaire,
    card: Scorecard,
    segments: Mapping[str, str],
    origin: str | None = None,
) -> Comparison:
    """The scorecard among the releases of this installation. origin: the client it belongs to, taken out of its own peers.

    Only what a client contributed under this origin is taken out: a name typed by anybody must not tell whose scores are in.
    """
    with installation.storage.reading() as connection:
        found = releases_for(connection, questionnaire, segments, origin)
    return compare_released(questionnaire, card, found, segments)


def releases_for(
    connection: Connection, questionnaire: Questionnaire, segments: Mapping[str, str], origin: str | None = None
) -> tuple[Release, ...]:
    """The releases with no more than the one group that a comparison in these segments uses."""
    asked = {segment: value for segment in SEGMENTS if (value := segments.get(segment))}
    wanted = [exchange.cell_key(cell_of(group)) for group in widening(asked)]
    states = rows.list_releases(connection, questionnaire.id, questionnaire.major)
    cells = {state.id: {row.cell: row for row in rows.load_cells(connection, state.id, wanted)} for state in states}
    mine = {state.id: _own_bins(connection, state, origin) for state in states if not state.key and origin is not None}
    for key in wanted:
        found = {
            state.id: cell
            for state in states
            if key in cells[state.id] and (cell := _without(cells[state.id][key], mine.get(state.id, {}))) is not None
        }
        if found:
            return tuple(_release(state, [found[state.id]]) for state in states if state.id in found)
    return tuple(_release(state, []) for state in states)


def _own_bins(connection: Connection, state: ReleaseRow, origin: str | None) -> dict[int, dict[str, int]]:
    """Block -> the client's own bins in it, of the steps that are shown of the block."""
    if origin is None or not (own := rows.blocks_of_origin(connection, state.id, origin)):
        return {}
    packed = dict(rows.load_blocks(connection, state.id, [block for block, _ in own]))
    found = {}
    for number, bins in own:
        shown = exchange.unpack_block(number, packed[number]).histograms if number in packed else {}
        counted = {step for step, histogram in shown.items() if sum(histogram.values()) >= MIN_PEERS}
        found[number] = {step: place for step, place in exchange.bins_of(bins, state.steps) if step in counted}
    return found


def _without(row: CellRow, mine: Mapping[int, Mapping[str, int]]) -> ReleasedCell | None:
    """The group without one's own row; None when too few are left."""
    cell = exchange.load_cell(row.content)
    own = next((mine[block] for block in row.blocks if block in mine), None)
    if own is None or row.histograms is None:
        return cell
    figures: dict[str, Figures] = {}
    for step, histogram in exchange.unpack_histograms(row.histograms).items():
        if step in own:
            histogram[own[step]] -= 1
        left = figures_of({place: count for place, count in histogram.items() if count})
        if left is not None:
            figures[step] = left
    return replace(cell, n=figures[OVERALL].n, figures=figures) if OVERALL in figures else None
