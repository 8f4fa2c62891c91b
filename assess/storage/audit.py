"""The audit log as rows: only added, each with the hash of the one before."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select, text

from assess.storage.tables import audit_entry

BEGINNING = "0" * 64
_LOCK = 0x617564


@dataclass(frozen=True)
class Entry:
    """previous and hash chain the entries of a workspace; digest is of what was written."""

    workspace_id: int
    number: int
    at: datetime
    actor: str
    action: str
    object: str
    digest: str
    previous: str
    hash: str


def add_entry(
    connection: Connection, workspace_id: int, at: datetime, actor: str, action: str, object_: str, digest: str
) -> None:
    """Put an entry at the end of the workspace's chain. On PostgreSQL writers of one workspace wait for each other here."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock, :workspace)"), {"lock": _LOCK, "workspace": workspace_id})
    newest = (
        select(audit_entry.c.number, audit_entry.c.hash)
        .where(audit_entry.c.workspace_id == workspace_id)
        .order_by(audit_entry.c.number.desc())
        .limit(1)
    )
    last = connection.execute(newest).one_or_none()
    number, previous = (1, BEGINNING) if last is None else (last.number + 1, last.hash)
    entry = Entry(workspace_id, number, at, actor, action, object_, digest, previous, "")
    connection.execute(insert(audit_entry).values({**vars(entry), "hash": chained(entry)}))


def chained(entry: Entry) -> str:
    """The hash an entry must have, from everything in it and the hash before."""
    parts = [
        entry.workspace_id,
        entry.number,
        entry.at.isoformat(timespec="microseconds"),
        entry.actor,
        entry.action,
        entry.object,
        entry.digest,
        entry.previous,
    ]
    return sha256(json.dumps(parts, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def load_entries(
    connection: Connection, workspace_id: int, *, before: int | None = None, limit: int | None = None
) -> tuple[Entry, ...]:
    """The newest first; only those with a smaller number than `before`."""
    statement = select(audit_entry).where(audit_entry.c.workspace_id == workspace_id).order_by(audit_entry.c.number.desc())
    if before is not None:
        statement = statement.where(audit_entry.c.number < before)
    return tuple(Entry(**row) for row in connection.execute(statement.limit(limit)).mappings())


def first_broken(entries: tuple[Entry, ...]) -> int | None:
    """The number of the first entry that does not fit its chain; entries oldest first. None when all fit."""
    previous = BEGINNING
    for number, entry in enumerate(entries, start=1):
        if entry.number != number or entry.previous != previous or entry.hash != chained(entry):
            return number
        previous = entry.hash
    return None
