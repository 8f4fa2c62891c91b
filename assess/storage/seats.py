"""Seats of a workshop: who takes part.

Seats and votes are two worlds: where answers are confidential no column leads from one to the other, and only the person's own
link opens both.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, insert, select, update

from assess.core.errors import NotFound
from assess.core.workshop import LEFT, PRESENT
from assess.storage.links import is_open_link, link_values
from assess.storage.prepared import run
from assess.storage.tables import assessment, respondent, seat, workshop
from assess.storage.workshops import Workshop, workshop_of


@dataclass(frozen=True)
class Seat:
    """Somebody in the room. respondent_id is None where answers are confidential."""

    id: str
    respondent_id: int | None
    role: str
    name: str
    language: str
    state: str
    is_facilitator: bool


@dataclass(frozen=True)
class Place:
    """Whom a person's own link stands for: a seat of a room that is on, and where the room stands."""

    workshop_id: int
    serial: str
    assessment_id: int
    digests: tuple[str, ...]
    confidential: bool
    seat: Seat
    revision: int
    round: int | None
    is_ended: bool


def seat_hash(token: str) -> str:
    """How a seat knows the own link of its person: otherwise than the respondent does, so that the two don't meet."""
    return sha256(f"seat of {token}".encode("utf-8", "surrogatepass")).hexdigest()


def take_seat(connection: Connection, workshop_id: int, token: str, values: Mapping[str, object], now: datetime) -> str:
    """A seat for the person of this own link; one who comes back gets the old one. Returns its id."""
    there = and_(seat.c.workshop_id == workshop_id, seat.c.link_hash == seat_hash(token))
    row = connection.execute(select(seat.c.id, seat.c.state).where(there)).one_or_none()
    if row is not None:
        if row.state == LEFT:
            connection.execute(update(seat).where(seat.c.id == row.id).values(state=PRESENT))
        return str(row.id)
    id_ = secrets.token_hex(16)
    defaults = {"respondent_id": None, "is_facilitator": False}
    columns = {**defaults, **values, "id": id_, "workshop_id": workshop_id, "state": PRESENT, "joined_at": now}
    connection.execute(insert(seat).values(link_hash=seat_hash(token), **columns))
    return id_


def list_seats(connection: Connection, workshop_id: int) -> tuple[Seat, ...]:
    """By role and name; those who were removed or have left at the end."""
    statement = select(seat).where(seat.c.workshop_id == workshop_id)
    found = [_seat(row) for row in connection.execute(statement)]
    return tuple(sorted(found, key=lambda one: (one.state != PRESENT, one.role, one.name, one.id)))


def find_seat(connection: Connection, workshop_id: int, id_: str) -> Seat:
    """Raises NotFound."""
    there = and_(seat.c.workshop_id == workshop_id, seat.c.id == id_)
    row = connection.execute(select(seat).where(there)).one_or_none()
    if row is None:
        raise NotFound("there is no such seat")
    return _seat(row)


def count_seats(connection: Connection, workshop_id: int) -> int:
    """Everybody who ever took one."""
    statement = select(func.count()).select_from(seat).where(seat.c.workshop_id == workshop_id)
    return int(connection.scalar(statement) or 0)


def has_seats(connection: Connection, assessment_id: int) -> bool:
    """Whether anybody ever joined a workshop of the assessment."""
    statement = select(seat.c.id).join(workshop, workshop.c.id == seat.c.workshop_id)
    return connection.scalar(statement.where(workshop.c.assessment_id == assessment_id).limit(1)) is not None


def change_seat(connection: Connection, id_: str, **values: object) -> None:
    connection.execute(update(seat).where(seat.c.id == id_).values(**values))


def change_respondent_role(connection: Connection, id_: int, role: str) -> None:
    connection.execute(update(respondent).where(respondent.c.id == id_).values(role=role))


def _seat(row: Row[Any]) -> Seat:
    return Seat(**{name: getattr(row, name) for name in Seat.__dataclass_fields__})


SEAT_COLUMNS = [
    seat.c.id.label("seat_id"),
    seat.c.respondent_id.label("seat_respondent"),
    seat.c.role,
    seat.c.name,
    seat.c.language,
    seat.c.state.label("seat_state"),
    seat.c.is_facilitator,
    workshop.c.id.label("workshop_id"),
    workshop.c.serial,
    workshop.c.assessment_id,
    workshop.c.revision,
    workshop.c.round.label("current"),
    workshop.c.ended_at,
    assessment.c.digest,
    assessment.c.modules,
    assessment.c.confidential,
]
_AT = (
    select(*SEAT_COLUMNS)
    .select_from(seat)
    .join(workshop, workshop.c.id == seat.c.workshop_id)
    .join(assessment, assessment.c.id == workshop.c.assessment_id)
    .where(seat.c.link_hash == bindparam("seat_hash"), is_open_link())
    .order_by(workshop.c.id.desc())
    .limit(1)
)


def find_place(connection: Connection, token: str) -> Place | None:
    """The newest seat of an own link; None for somebody who has none (yet), or whose link no longer opens anything."""
    row = run(connection, _AT, {**link_values(token), "seat_hash": seat_hash(token)}).one_or_none()
    return None if row is None else place_of(row)


def place_of(row: Row[Any]) -> Place:
    one = Seat(row.seat_id, row.seat_respondent, row.role, row.name, row.language, row.seat_state, bool(row.is_facilitator))
    digests = (row.digest, *(digest for _, digest in json.loads(row.modules)))
    return Place(
        workshop_id=row.workshop_id,
        serial=row.serial,
        assessment_id=row.assessment_id,
        digests=digests,
        confidential=bool(row.confidential),
        seat=one,
        revision=row.revision,
        round=row.current,
        is_ended=row.ended_at is not None,
    )


def find_open_for(connection: Connection, token: str) -> tuple[Workshop, Any] | None:
    """The room that somebody may join who has an own link to answer: the newest workshop, while it is on."""
    row = connection.execute(
        select(
            workshop, respondent.c.id.label("respondent_id"), respondent.c.role, respondent.c.name, assessment.c.confidential
        )
        .join(assessment, assessment.c.id == workshop.c.assessment_id)
        .join(respondent, respondent.c.assessment_id == assessment.c.id)
        .where(
            respondent.c.link_hash == bindparam("link_hash"),
            is_open_link(),
            workshop.c.ended_at.is_(None),
            assessment.c.closed_at.is_(None),
        )
        .order_by(workshop.c.id.desc())
        .limit(1),
        link_values(token),
    ).one_or_none()
    return None if row is None else (workshop_of(row), row)
