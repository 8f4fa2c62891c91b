"""Accounts files on their way to figures: one row for each, taken by the worker from the queue, and the figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from assess.core.errors import NotFound
from assess.storage import queue
from assess.storage.queue import DONE, FAILED, QUEUED, RUNNING
from assess.storage.tables import account_figures, account_reading, assessment

LOOK, READ = "look", "read"


@dataclass(frozen=True)
class ReadingRow:
    """size is in bytes, progress in thousandths; choices, found, alike are JSON; error a code or JSON, None unless failed."""

    id: str
    assessment_id: int
    step: str
    filename: str
    size: int
    keeps: bool
    choices: str
    found: str | None
    alike: str | None
    progress: int
    state: str
    attempt: int
    requested_at: datetime
    error: str | None


@dataclass(frozen=True)
class ReadingClaim:
    """A file that one worker may read until the lease ends."""

    id: str
    fence: int
    attempt: int
    assessment_id: int
    step: str
    filename: str
    choices: str
    keeps: bool


@dataclass(frozen=True)
class KeptFigures:
    """Two JSON texts: the figures, and how the file was read."""

    figures: str
    about: str
    read_at: datetime


def add_reading(connection: Connection, row: ReadingRow) -> None:
    connection.execute(insert(account_reading).values(**vars(row), fence=0))


def load_reading(connection: Connection, assessment_id: int) -> ReadingRow | None:
    row = connection.execute(select(account_reading).where(account_reading.c.assessment_id == assessment_id)).one_or_none()
    return None if row is None else _row(row)


def find_reading(connection: Connection, assessment_id: int) -> ReadingRow:
    """Raises NotFound."""
    found = load_reading(connection, assessment_id)
    if found is None:
        raise NotFound("no accounts file is being read")
    return found


def ask(connection: Connection, id_: str, *, step: str, choices: str, now: datetime) -> bool:
    """Let a file be looked at or read from the start; False, and nothing done, while a worker has it or it waits for one."""
    changed = connection.execute(
        update(account_reading)
        .where(account_reading.c.id == id_, account_reading.c.state.in_((DONE, FAILED)))
        .values(step=step, choices=choices, state=QUEUED, attempt=0, progress=0, error=None, finished_at=None, requested_at=now)
    )
    return changed.rowcount == 1


def keep_choices(connection: Connection, id_: str, choices: str) -> None:
    connection.execute(update(account_reading).where(account_reading.c.id == id_).values(choices=choices))


def remove(connection: Connection, assessment_id: int) -> str | None:
    """Forget the reading, also from under a worker; its id, None where there was none."""
    id_ = connection.scalar(select(account_reading.c.id).where(account_reading.c.assessment_id == assessment_id))
    connection.execute(delete(account_reading).where(account_reading.c.assessment_id == assessment_id))
    return id_


def known_ids(connection: Connection) -> frozenset[str]:
    return frozenset(connection.scalars(select(account_reading.c.id)))


def total_size(connection: Connection) -> int:
    """Bytes of all uploads."""
    return connection.scalar(select(func.coalesce(func.sum(account_reading.c.size), 0))) or 0


def remove_older(connection: Connection, before: datetime) -> Collection[str]:
    """Forget what nobody came back to: neither kept on purpose nor in a worker's hands. Their ids."""
    old = (account_reading.c.requested_at < before) & (account_reading.c.state != RUNNING)
    left = old & ~(account_reading.c.keeps & (account_reading.c.step == READ) & (account_reading.c.state == DONE))
    ids = list(connection.scalars(select(account_reading.c.id).where(left)))
    connection.execute(delete(account_reading).where(account_reading.c.id.in_(ids)))
    return ids


# The worker


def claim_next(connection: Connection, now: datetime) -> ReadingClaim | None:
    row = queue.take_next(connection, account_reading, now)
    if row is None:
        return None
    return ReadingClaim(row.id, row.fence, row.attempt, row.assessment_id, row.step, row.filename, row.choices, row.keeps)


def questionnaire_of(connection: Connection, assessment_id: int) -> str:
    """The digest of the questionnaire of an assessment. Raises NotFound."""
    digest: str | None = connection.scalar(select(assessment.c.digest).where(assessment.c.id == assessment_id))
    if digest is None:
        raise NotFound("there is no such assessment")
    return digest


def note_progress(connection: Connection, claim: ReadingClaim, thousandths: int, now: datetime) -> bool:
    """Also says that the worker is alive; False when the claim no longer holds."""
    return queue.while_held(connection, account_reading, claim, progress=thousandths, lease_until=now + queue.LEASE)


def finish_look(connection: Connection, claim: ReadingClaim, found: str, choices: str, now: datetime) -> bool:
    return queue.finish(connection, account_reading, claim, now, found=found, choices=choices)


def finish_read(connection: Connection, claim: ReadingClaim, alike: str, now: datetime) -> bool:
    return queue.finish(connection, account_reading, claim, now, alike=alike, progress=1000)


def fail(connection: Connection, claim: ReadingClaim, reason: str, now: datetime) -> bool:
    return queue.fail(connection, account_reading, claim, reason, now)


def release(connection: Connection, claim: ReadingClaim) -> bool:
    return queue.release(connection, account_reading, claim)


# The figures


def keep_figures(connection: Connection, assessment_id: int, kept: KeptFigures) -> None:
    remove_figures(connection, assessment_id)
    connection.execute(insert(account_figures).values(assessment_id=assessment_id, **vars(kept)))


def load_figures(connection: Connection, assessment_id: int) -> KeptFigures | None:
    row = connection.execute(select(account_figures).where(account_figures.c.assessment_id == assessment_id)).one_or_none()
    return None if row is None else KeptFigures(row.figures, row.about, row.read_at)


def figures_text(connection: Connection, assessment_id: int) -> str | None:
    """The figures alone, as JSON."""
    kept: str | None = connection.scalar(
        select(account_figures.c.figures).where(account_figures.c.assessment_id == assessment_id)
    )
    return kept


def remove_figures(connection: Connection, assessment_id: int) -> bool:
    """Whether there were any."""
    gone = connection.execute(delete(account_figures).where(account_figures.c.assessment_id == assessment_id))
    return gone.rowcount == 1


def _row(row: Row[Any]) -> ReadingRow:
    return ReadingRow(**{name: getattr(row, name) for name in ReadingRow.__dataclass_fields__})
