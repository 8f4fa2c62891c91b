"""Rows that a worker takes one by one, of any table with these columns: the row is the truth of the queue.

state, attempt, fence, lease_until, requested_at, finished_at, error.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, or_, select, update

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
LEASE = timedelta(seconds=60)
LONGEST_LEASE = 2 * LEASE
MAX_ATTEMPTS = 3
STOPPED = "stopped"
"""The error of a row that was begun MAX_ATTEMPTS times without an end."""


class Held(Protocol):
    """A row that one worker may work on until the lease ends. fence tells whether the claim still holds."""

    @property
    def id(self) -> str: ...
    @property
    def fence(self) -> int: ...
    @property
    def attempt(self) -> int: ...


def _is_abandoned(table: Table, now: datetime) -> ColumnElement[bool]:
    """Its lease is over, or ends so late that it was given before the clock was set back: nobody would come for a day."""
    return and_(table.c.state == RUNNING, or_(table.c.lease_until < now, table.c.lease_until > now + LONGEST_LEASE))


def take_next(connection: Connection, table: Table, now: datetime) -> Row[Any] | None:
    """Take the oldest row that waits or whose worker is gone, as it is then; None when there is nothing to do.

    One that was begun MAX_ATTEMPTS times without an end is failed instead, so that it can't take every worker down with it.
    """
    abandoned = _is_abandoned(table, now)
    connection.execute(
        update(table)
        .where(abandoned, table.c.attempt >= MAX_ATTEMPTS)
        .values(state=FAILED, error=STOPPED, finished_at=now, lease_until=None)
    )
    row = connection.execute(
        select(table.c.id, table.c.attempt, table.c.fence)
        .where(or_(table.c.state == QUEUED, abandoned))
        .order_by(table.c.requested_at, table.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).one_or_none()
    if row is None:
        return None
    connection.execute(
        update(table)
        .where(table.c.id == row.id)
        .values(state=RUNNING, attempt=row.attempt + 1, fence=row.fence + 1, lease_until=now + LEASE)
    )
    return connection.execute(select(table).where(table.c.id == row.id)).one()


def list_waiting(connection: Connection, table: Table, now: datetime) -> list[str]:
    """Ids of rows that `take_next` would take or give up, the oldest first, at most a thousand."""
    waits = or_(table.c.state == QUEUED, _is_abandoned(table, now))
    oldest = select(table.c.id).where(waits).order_by(table.c.requested_at, table.c.id).limit(1000)
    return list(connection.scalars(oldest))


def extend_lease(connection: Connection, table: Table, held: Held, now: datetime) -> bool:
    """Say that the worker is still alive; False when the claim no longer holds."""
    return while_held(connection, table, held, lease_until=now + LEASE)


def finish(connection: Connection, table: Table, held: Held, now: datetime, **result: object) -> bool:
    """Store the result; False, and nothing stored, when the claim no longer holds."""
    return while_held(connection, table, held, state=DONE, finished_at=now, lease_until=None, error=None, **result)


def fail(connection: Connection, table: Table, held: Held, reason: str, now: datetime) -> bool:
    return while_held(connection, table, held, state=FAILED, error=reason, finished_at=now, lease_until=None)


def release(connection: Connection, table: Table, held: Held) -> bool:
    """Put an unfinished row back into the queue, for a worker that is asked to stop."""
    return while_held(connection, table, held, state=QUEUED, lease_until=None, attempt=held.attempt - 1)


def while_held(connection: Connection, table: Table, held: Held, **values: object) -> bool:
    """Change the row as long as the claim holds; whether it did."""
    is_held = and_(table.c.id == held.id, table.c.fence == held.fence, table.c.state == RUNNING)
    return connection.execute(update(table).where(is_held).values(**values)).rowcount == 1
