"""A workshop's log of decisions, and its parking lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from assess.core.answers import Consensus
from assess.core.errors import NotFound
from assess.storage.tables import workshop_entry

DECISION, PARKED = "decision", "parked"


@dataclass(frozen=True)
class Entry:
    """An entry of the log of decisions or of the parking lot."""

    id: int
    kind: str
    item: str | None
    level: int | None
    not_applicable: str | None
    text: str
    dissent: str
    at: datetime
    closed_at: datetime | None


def add_entry(connection: Connection, workshop_id: int, kind: str, now: datetime, **values: object) -> None:
    """One more, unless the newest of its kind says the same and is open: a button pressed twice notes a thing once."""
    columns: dict[str, object] = {"item": None, "level": None, "not_applicable": None, "text": "", "dissent": "", **values}
    newest = select(workshop_entry).where(workshop_entry.c.workshop_id == workshop_id, workshop_entry.c.kind == kind)
    last = connection.execute(newest.order_by(workshop_entry.c.id.desc()).limit(1)).one_or_none()
    if last is not None and last.closed_at is None and all(getattr(last, name) == value for name, value in columns.items()):
        return
    connection.execute(insert(workshop_entry).values(workshop_id=workshop_id, kind=kind, at=now, **columns))


def add_consensus_entry(connection: Connection, workshop_id: int, item: str, agreed: Consensus, now: datetime) -> None:
    values = {"level": agreed.level, "not_applicable": agreed.not_applicable, "dissent": agreed.dissent}
    add_entry(connection, workshop_id, DECISION, now, item=item, text=agreed.rationale, **values)


def close_entry(connection: Connection, workshop_id: int, id_: int, now: datetime | None) -> None:
    """Something parked is dealt with; None: it is not after all. Raises NotFound."""
    there = and_(workshop_entry.c.workshop_id == workshop_id, workshop_entry.c.id == id_, workshop_entry.c.kind == PARKED)
    if not connection.execute(update(workshop_entry).where(there).values(closed_at=now)).rowcount:
        raise NotFound("there is no such entry")


def list_entries(connection: Connection, workshop_id: int) -> tuple[Entry, ...]:
    """The oldest first."""
    statement = select(workshop_entry).where(workshop_entry.c.workshop_id == workshop_id).order_by(workshop_entry.c.id)
    rows: Sequence[Row[Any]] = connection.execute(statement).all()
    return tuple(Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__}) for row in rows)
