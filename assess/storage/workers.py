"""Which workers live, and what waits for them: what monitoring asks of the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from assess.storage.queue import QUEUED
from assess.storage.tables import account_reading, document, release_order, worker_beat

FORGOTTEN = timedelta(days=1)
QUEUES: dict[str, Table] = {"document": document, "accounts_file": account_reading, "release": release_order}


@dataclass(frozen=True)
class Queue:
    """Rows of a kind of work by state, and since when the oldest that nobody has taken waits; None when none does."""

    by_state: dict[str, int]
    oldest: datetime | None


def note_beat(connection: Connection, worker: str, now: datetime) -> None:
    """Say that the worker lives, and forget those that were not seen for a day."""
    its = worker_beat.c.worker == worker
    if not connection.execute(update(worker_beat).where(its).values(seen_at=now)).rowcount:
        connection.execute(insert(worker_beat).values(worker=worker, seen_at=now))
        connection.execute(delete(worker_beat).where(worker_beat.c.seen_at < now - FORGOTTEN))


def forget_worker(connection: Connection, worker: str) -> None:
    """A worker that was asked to stop is not missed."""
    connection.execute(delete(worker_beat).where(worker_beat.c.worker == worker))


def load_beats(connection: Connection) -> tuple[datetime, ...]:
    """When each known worker was last seen, the latest first."""
    return tuple(connection.scalars(select(worker_beat.c.seen_at).order_by(worker_beat.c.seen_at.desc())))


def load_queues(connection: Connection) -> dict[str, Queue]:
    """Kind of work -> how much of it there is."""
    return {kind: _load_queue(connection, table) for kind, table in QUEUES.items()}


def _load_queue(connection: Connection, table: Table) -> Queue:
    rows = connection.execute(select(table.c.state, func.count()).group_by(table.c.state)).all()
    oldest = connection.scalar(select(func.min(table.c.requested_at)).where(table.c.state == QUEUED))
    return Queue({row[0]: row[1] for row in rows}, oldest)
