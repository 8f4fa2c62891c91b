"""Peer rows, blocks and published groups as rows. What is inside the packed columns is the use case's matter."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, distinct, func, insert, select, update

from assess.core.errors import NotFound
from assess.storage.tables import (
    assessment,
    benchmark_block,
    benchmark_cell,
    benchmark_release,
    engagement,
    peer_row,
    peer_source,
)

OWN, FILE, ERASED = "own", "file", "erased"
CHUNK = 20_000


@dataclass(frozen=True)
class ReleaseRow:
    """The state of one installation's release; key is empty for our own, number 0 before the first."""

    id: int
    key: str
    name: str
    questionnaire: str
    major: int
    versions: tuple[str, ...]
    steps: tuple[str, ...]
    number: int
    known: int
    released_on: date | None
    imported_at: datetime | None


@dataclass(frozen=True)
class CellRow:
    """A published group. blocks is empty and histograms None for others' releases."""

    cell: str
    content: str
    blocks: tuple[int, ...]
    histograms: bytes | None


@dataclass(frozen=True)
class SourceRow:
    """rows is how many it holds now."""

    id: int
    release_id: int
    questionnaire: str
    major: int
    kind: str
    name: str
    added_at: datetime
    rows: int


@dataclass(frozen=True)
class PeerIn:
    """A row to be stored. organisation is the keyed hash of its name, scores the exact ones as JSON, bins the packed ones."""

    organisation: bytes
    version: str
    completed_on: date
    industry: str
    region: str
    size: str
    scores: str
    bins: bytes
    origin: str | None = None


def own_release(connection: Connection, questionnaire: str, major: int, steps: Sequence[str]) -> ReleaseRow:
    """Our own state for a questionnaire, made when there is none; steps it does not know yet are added at the end."""
    found = find_release(connection, "", questionnaire, major)
    if found is None:
        values = {"key": "", "name": "", "questionnaire": questionnaire, "major": major, "versions": "[]", "number": 0}
        connection.execute(insert(benchmark_release).values(**values, known=0, steps=json.dumps(list(steps))))
    elif set(steps) - set(found.steps):
        longer = [*found.steps, *(step for step in steps if step not in found.steps)]
        change = update(benchmark_release).where(benchmark_release.c.id == found.id)
        connection.execute(change.values(steps=json.dumps(longer)))
    return _required(find_release(connection, "", questionnaire, major))


def find_release(connection: Connection, key: str, questionnaire: str, major: int) -> ReleaseRow | None:
    table = benchmark_release.c
    wanted = (table.key == key, table.questionnaire == questionnaire, table.major == major)
    row = connection.execute(select(*_RELEASE).where(*wanted)).one_or_none()
    return None if row is None else _release(row)


def list_releases(connection: Connection, questionnaire: str | None = None, major: int | None = None) -> tuple[ReleaseRow, ...]:
    """Our own first, then the imported ones by name."""
    table = benchmark_release.c
    statement = select(*_RELEASE).order_by(table.key != "", table.name, table.questionnaire, table.major, table.key)
    if questionnaire is not None:
        statement = statement.where(table.questionnaire == questionnaire)
    if major is not None:
        statement = statement.where(table.major == major)
    return tuple(_release(row) for row in connection.execute(statement))


_RELEASE = [column for column in benchmark_release.c if column.name != "content"]


def _release(row: Row[Any]) -> ReleaseRow:
    values = {name: getattr(row, name) for name in ReleaseRow.__dataclass_fields__}
    return ReleaseRow(**{**values, "versions": tuple(json.loads(row.versions)), "steps": tuple(json.loads(row.steps))})


def _required(found: ReleaseRow | None) -> ReleaseRow:
    if found is None:
        raise NotFound("there is no such release")
    return found


def put_imported(
    connection: Connection, values: ReleaseRow, content: str, cells: Iterable[tuple[str, str]], now: datetime
) -> None:
    """Store another installation's release in place of the one it follows. cells: key and content of each."""
    old = find_release(connection, values.key, values.questionnaire, values.major)
    if old is not None:
        connection.execute(delete(benchmark_release).where(benchmark_release.c.id == old.id))
    columns = {
        name: getattr(values, name) for name in ("key", "name", "questionnaire", "major", "number", "released_on", "known")
    }
    columns |= {"versions": json.dumps(values.versions), "steps": json.dumps(values.steps)}
    id_ = connection.execute(
        insert(benchmark_release).values(**columns, imported_at=now, content=content).returning(benchmark_release.c.id)
    ).scalar_one()
    rows = [{"release_id": id_, "cell": cell, "content": text, "blocks": "[]"} for cell, text in cells]
    if rows:
        connection.execute(insert(benchmark_cell), rows)


def remove_imported(connection: Connection, key: str) -> int:
    """Forget all releases of another installation; how many there were."""
    return connection.execute(delete(benchmark_release).where(benchmark_release.c.key == key)).rowcount if key else 0


# --- Rows ---


def add_source(connection: Connection, release_id: int, kind: str, name: str, digest: str, now: datetime) -> int | None:
    """A new source, or our own one; None when a file of the same content was imported before."""
    wanted = (peer_source.c.release_id == release_id, peer_source.c.digest == digest)
    known = connection.scalar(select(peer_source.c.id).where(*wanted))
    if known is not None:
        return None if kind == FILE else int(known)
    values = {"release_id": release_id, "kind": kind, "name": name, "digest": digest, "added_at": now}
    return int(connection.execute(insert(peer_source).values(**values).returning(peer_source.c.id)).scalar_one())


def add_rows(connection: Connection, release_id: int, source_id: int, rows: Iterable[PeerIn], now: datetime) -> int:
    """Store rows, all waiting; how many there were."""
    common = {"release_id": release_id, "source_id": source_id, "block": 0, "added_at": now}
    count, chunk = 0, []
    for row in rows:
        chunk.append({**vars(row), **common})
        if len(chunk) == CHUNK:
            connection.execute(insert(peer_row), chunk)
            count, chunk = count + len(chunk), []
    if chunk:
        connection.execute(insert(peer_row), chunk)
    return count + len(chunk)


def client_of_assessment(connection: Connection, assessment_id: int) -> tuple[str, bool] | None:
    """The origin of an engagement's client, and whether a real one agreed to be a peer; None outside of engagements."""
    theirs = select(assessment.c.engagement_id).where(assessment.c.id == assessment_id)
    return _client(connection, engagement.c.id == theirs.scalar_subquery())


def client_of_engagement(connection: Connection, engagement_id: str) -> tuple[str, bool] | None:
    return _client(connection, engagement.c.id == engagement_id)


def _client(connection: Connection, which: ColumnElement[bool]) -> tuple[str, bool] | None:
    columns = (engagement.c.organisation_id, engagement.c.pool_consent, engagement.c.sample)
    row = connection.execute(select(*columns).where(which)).one_or_none()
    return None if row is None else (f"client:{row.organisation_id}", row.pool_consent and not row.sample)


def remove_client(connection: Connection, origin: str, now: datetime) -> int:
    """Erase the rows of one client here from every questionnaire; how many there were."""
    return _erase(connection, peer_row.c.origin == origin, now)


def remove_source(connection: Connection, source_id: int, now: datetime) -> None:
    """Erase an imported file's rows. Raises NotFound."""
    wanted = (peer_source.c.id == source_id, peer_source.c.kind == FILE)
    if connection.scalar(select(peer_source.c.id).where(*wanted)) is None:
        raise NotFound(f"there is no imported file {source_id}")
    _erase(connection, peer_row.c.source_id == source_id, now)
    connection.execute(delete(peer_source).where(*wanted))


def _erase(connection: Connection, which: ColumnElement[bool], now: datetime) -> int:
    """Of a row in published figures the hash of its organisation stays, so that it is not counted twice; nothing else does."""
    count = connection.execute(delete(peer_row).where(which, peer_row.c.block <= 0)).rowcount
    nothing = {"origin": None, "version": "", "completed_on": date.min, "industry": "", "region": "", "size": ""}
    for release_id in connection.scalars(select(peer_row.c.release_id).where(which).distinct()).all():
        source = add_source(connection, release_id, ERASED, "", ERASED, now)
        change = update(peer_row).where(which, peer_row.c.release_id == release_id)
        count += connection.execute(change.values(**nothing, scores="{}", bins=b"", source_id=source)).rowcount
    return count


def list_sources(connection: Connection) -> tuple[SourceRow, ...]:
    counts = select(peer_row.c.source_id, func.count().label("rows")).group_by(peer_row.c.source_id).subquery()
    statement = (
        select(
            peer_source,
            benchmark_release.c.questionnaire,
            benchmark_release.c.major,
            func.coalesce(counts.c.rows, 0).label("rows"),
        )
        .join(benchmark_release, benchmark_release.c.id == peer_source.c.release_id)
        .outerjoin(counts, counts.c.source_id == peer_source.c.id)
        .where(peer_source.c.kind != ERASED)
        .order_by(peer_source.c.id)
    )
    fields = SourceRow.__dataclass_fields__
    return tuple(SourceRow(**{name: getattr(row, name) for name in fields}) for row in connection.execute(statement))


def count_organisations(connection: Connection, release_id: int) -> int:
    wanted = (peer_row.c.release_id == release_id, peer_row.c.version != "")
    return connection.scalar(select(func.count(distinct(peer_row.c.organisation))).where(*wanted)) or 0


def row_chunks(connection: Connection, release_id: int) -> Iterator[Sequence[Any]]:
    """All rows in chunks: those of one organisation together, the latest last; of equal dates the later row."""
    table = peer_row.c
    wanted = (
        table.id,
        table.organisation,
        table.industry,
        table.region,
        table.size,
        table.completed_on,
        table.bins,
        table.block,
    )
    statement = (
        select(*wanted)
        .where(table.release_id == release_id)
        .order_by(table.organisation, table.completed_on, table.id)
        .execution_options(yield_per=CHUNK)
    )
    yield from connection.execute(statement).partitions(CHUNK)


def common_versions(connection: Connection, release_id: int, least: int) -> tuple[str, ...]:
    """The versions that at least so many organisations used."""
    count = func.count(distinct(peer_row.c.organisation))
    statement = select(peer_row.c.version).where(peer_row.c.release_id == release_id, peer_row.c.version != "")
    return tuple(sorted(connection.scalars(statement.group_by(peer_row.c.version).having(count >= least))))


def blocks_of_origin(connection: Connection, release_id: int, origin: str) -> tuple[tuple[int, bytes], ...]:
    """Block and bins of one client's rows that are in published figures."""
    wanted = (peer_row.c.release_id == release_id, peer_row.c.origin == origin, peer_row.c.block > 0)
    rows = connection.execute(select(peer_row.c.block, peer_row.c.bins).where(*wanted))
    return tuple((row.block, bytes(row.bins)) for row in rows)


# --- Releases ---


def load_blocks(connection: Connection, release_id: int, numbers: Sequence[int] | None = None) -> tuple[tuple[int, bytes], ...]:
    """Number and packed content of the blocks, all or those of the numbers."""
    table = benchmark_block.c
    statement = select(table.number, table.content).where(table.release_id == release_id).order_by(table.number)
    if numbers is not None:
        statement = statement.where(table.number.in_(numbers))
    return tuple((row.number, bytes(row.content)) for row in connection.execute(statement))


def rename(connection: Connection, release_id: int, name: str) -> None:
    connection.execute(update(benchmark_release).where(benchmark_release.c.id == release_id).values(name=name))


def count_cells(connection: Connection, release_id: int) -> int:
    wanted = benchmark_cell.c.release_id == release_id
    return connection.scalar(select(func.count()).select_from(benchmark_cell).where(wanted)) or 0


def cell_keys(connection: Connection, release_id: int) -> tuple[str, ...]:
    return tuple(connection.scalars(select(benchmark_cell.c.cell).where(benchmark_cell.c.release_id == release_id)))


def load_cells(connection: Connection, release_id: int, keys: Sequence[str] | None = None) -> tuple[CellRow, ...]:
    """The published groups, all or those of the keys."""
    statement = select(benchmark_cell).where(benchmark_cell.c.release_id == release_id).order_by(benchmark_cell.c.cell)
    if keys is not None:
        statement = statement.where(benchmark_cell.c.cell.in_(keys))
    return tuple(
        CellRow(row.cell, row.content, tuple(json.loads(row.blocks)), None if row.histograms is None else bytes(row.histograms))
        for row in connection.execute(statement)
    )


def save_release(
    connection: Connection,
    release: ReleaseRow,
    blocks: Sequence[tuple[int, bytes]],
    cells: Sequence[CellRow],
    joined: Iterable[tuple[int, Sequence[int]]],
) -> None:
    """Put a new release of our own in place of the one before. joined: block number and ids of the rows now in it."""
    change = update(benchmark_release).where(benchmark_release.c.id == release.id)
    values = {"number": release.number, "released_on": release.released_on, "known": release.known}
    connection.execute(change.values(**values, versions=json.dumps(release.versions)))
    for table in (benchmark_block, benchmark_cell):
        connection.execute(delete(table).where(table.c.release_id == release.id))
    id_ = {"release_id": release.id}
    if blocks:
        connection.execute(insert(benchmark_block), [{**id_, "number": n, "content": content} for n, content in blocks])
    if cells:
        connection.execute(insert(benchmark_cell), [{**id_, **vars(c), "blocks": json.dumps(c.blocks)} for c in cells])
    move = update(peer_row).where(peer_row.c.id == bindparam("row")).values(block=bindparam("into"))
    for number, ids in joined:
        for start in range(0, len(ids), CHUNK):
            connection.execute(move, [{"row": row, "into": number} for row in ids[start : start + CHUNK]])
    erased = (peer_row.c.release_id == release.id, peer_row.c.version == "", peer_row.c.block < 0)
    connection.execute(delete(peer_row).where(*erased))
