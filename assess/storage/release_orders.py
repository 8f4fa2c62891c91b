"""Releases of benchmark figures that staff asked for: one row for each, taken by the worker from the queue."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from assess.storage import queue
from assess.storage.queue import QUEUED, RUNNING
from assess.storage.tables import release_order

KEPT = 5


@dataclass(frozen=True)
class OrderRow:
    """report is JSON, None until the release is made; error a code or a sentence, None unless failed."""

    id: str
    questionnaire: str
    major: int
    report: str | None
    state: str
    requested_at: datetime
    finished_at: datetime | None
    error: str | None


@dataclass(frozen=True)
class OrderClaim:
    """An order that one worker may work on; fence tells whether it still may."""

    id: str
    fence: int
    attempt: int
    questionnaire: str
    major: int


def add_order(connection: Connection, questionnaire: str, major: int, now: datetime) -> str | None:
    """A new order in the queue, and the oldest forgotten; None when one for the same questionnaire waits or runs already."""
    found = list_orders(connection)
    if any((one.questionnaire, one.major) == (questionnaire, major) and one.state in (QUEUED, RUNNING) for one in found):
        return None
    over = [one.id for one in found if one.state not in (QUEUED, RUNNING)][KEPT - 1 :]
    connection.execute(delete(release_order).where(release_order.c.id.in_(over)))
    id_ = secrets.token_hex(16)
    values = {"id": id_, "questionnaire": questionnaire, "major": major, "state": QUEUED, "attempt": 0, "fence": 0}
    connection.execute(insert(release_order).values(**values, requested_at=now))
    return id_


def list_orders(connection: Connection) -> tuple[OrderRow, ...]:
    """The newest first."""
    names = [release_order.c[name] for name in OrderRow.__dataclass_fields__]
    found = connection.execute(select(*names).order_by(release_order.c.requested_at.desc(), release_order.c.id))
    return tuple(OrderRow(*row) for row in found)


def claim_next(connection: Connection, now: datetime) -> OrderClaim | None:
    row = queue.take_next(connection, release_order, now)
    return None if row is None else OrderClaim(row.id, row.fence, row.attempt, row.questionnaire, row.major)


def extend_lease(connection: Connection, claim: OrderClaim, now: datetime) -> bool:
    return queue.extend_lease(connection, release_order, claim, now)


def finish(connection: Connection, claim: OrderClaim, report: bytes, now: datetime) -> bool:
    """Keep what the release shows; False, and nothing stored, when the claim no longer holds."""
    return queue.finish(connection, release_order, claim, now, report=report.decode())


def fail(connection: Connection, claim: OrderClaim, reason: str, now: datetime) -> bool:
    return queue.fail(connection, release_order, claim, reason, now)


def release(connection: Connection, claim: OrderClaim) -> bool:
    return queue.release(connection, release_order, claim)
