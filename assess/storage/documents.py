"""Documents as rows: asked for, made by a worker that takes them from the queue, kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, and_, func, insert, select, update

from assess.core.errors import NotFound
from assess.storage import queue
from assess.storage.queue import DONE, FAILED, QUEUED
from assess.storage.tables import document

_LIST = [column for column in document.c if column.name not in ("content", "request")]


@dataclass(frozen=True)
class DocumentRow:
    """A document without its bytes. size is in bytes, None until done; error is None unless failed."""

    id: str
    owner: str
    fmt: str
    style: str
    language: str
    content_hash: str
    filename: str
    state: str
    attempt: int
    requested_at: datetime
    finished_at: datetime | None
    error: str | None
    size: int | None


@dataclass(frozen=True)
class Claim:
    """A document that one worker may make until the lease ends. fence tells whether the claim still holds."""

    id: str
    fence: int
    attempt: int
    fmt: str
    style: str
    language: str
    request: str


def add_document(connection: Connection, row: DocumentRow, assessment_id: int | None, request: str) -> None:
    connection.execute(insert(document).values(**vars(row), fence=0, assessment_id=assessment_id, request=request))


def find_same(connection: Connection, owner: str, content_hash: str) -> DocumentRow | None:
    """The owner's newest document of the same content that has not failed."""
    same = and_(document.c.owner == owner, document.c.content_hash == content_hash, document.c.state != FAILED)
    row = connection.execute(select(*_LIST).where(same).order_by(document.c.requested_at.desc()).limit(1)).one_or_none()
    return None if row is None else _row(row)


def count_waiting(connection: Connection) -> int:
    """How many nobody has taken yet, whosever they are."""
    return connection.scalar(select(func.count()).where(document.c.state == QUEUED)) or 0


def find_document(connection: Connection, owner: str, id_: str) -> DocumentRow:
    """One document of one owner. Raises NotFound."""
    row = connection.execute(select(*_LIST).where(document.c.id == id_, document.c.owner == owner)).one_or_none()
    if row is None:
        raise NotFound("there is no such document")
    return _row(row)


def list_documents(connection: Connection, owner: str) -> tuple[DocumentRow, ...]:
    """An owner's documents, the newest first."""
    rows = connection.execute(select(*_LIST).where(document.c.owner == owner).order_by(document.c.requested_at.desc()))
    return tuple(_row(row) for row in rows)


def load_content(connection: Connection, owner: str, id_: str) -> bytes:
    """The bytes of a finished document. Raises NotFound."""
    content = connection.scalar(
        select(document.c.content).where(document.c.id == id_, document.c.owner == owner, document.c.state == DONE)
    )
    if content is None:
        raise NotFound("this document is not ready")
    return bytes(content)


def requeue(connection: Connection, owner: str, id_: str) -> None:
    """Let a failed document be tried again from the start."""
    connection.execute(
        update(document)
        .where(document.c.id == id_, document.c.owner == owner, document.c.state == FAILED)
        .values(state=QUEUED, attempt=0, error=None, finished_at=None, lease_until=None)
    )


def claim_next(connection: Connection, now: datetime) -> Claim | None:
    """Take the oldest document that waits or whose worker is gone; None when there is nothing to do."""
    row = queue.take_next(connection, document, now)
    if row is None:
        return None
    return Claim(row.id, row.fence, row.attempt, row.fmt, row.style, row.language, row.request)


def extend_lease(connection: Connection, claim: Claim, now: datetime) -> bool:
    """Say that the worker is still alive; False when the claim no longer holds."""
    return queue.extend_lease(connection, document, claim, now)


def finish(connection: Connection, claim: Claim, content: bytes, now: datetime) -> bool:
    """Store the result; False, and nothing stored, when the claim no longer holds."""
    return queue.finish(connection, document, claim, now, content=content, size=len(content))


def fail(connection: Connection, claim: Claim, reason: str, now: datetime) -> bool:
    return queue.fail(connection, document, claim, reason, now)


def release(connection: Connection, claim: Claim) -> bool:
    """Put an unfinished document back into the queue, for a worker that is asked to stop."""
    return queue.release(connection, document, claim)


def _row(row: Row[tuple[object, ...]]) -> DocumentRow:
    return DocumentRow(**{name: getattr(row, name) for name in DocumentRow.__dataclass_fields__})
