"""Workshops as rows: the room, its rounds, what tells one moment of it from another."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, except_, func, insert, or_, select, update

from assess.core.errors import NotFound
from assess.core.workshop import PRESENT, REMOVED, Room, Round, Tally, tally_data, tally_of
from assess.storage.prepared import run
from assess.storage.tables import assessment, engagement, seat, vote, workshop, workshop_round


@dataclass(frozen=True)
class Workshop:
    """revision counts what the room sees happen; round is the number of the one on the screen, None in the lobby."""

    id: int
    assessment_id: int
    serial: str
    is_locked: bool
    revision: int
    timer_ends: datetime | None
    created_at: datetime
    ended_at: datetime | None
    round: int | None


@dataclass(frozen=True)
class Revealed:
    """A round with what it showed; result None before the reveal."""

    round: Round
    result: Tally | None
    is_settled: bool


@dataclass(frozen=True)
class Way:
    """What a join code or a join link leads to."""

    workshop: Workshop
    digest: str
    organisation: str
    confidential: bool
    sample: bool
    language: str


def add_workshop(connection: Connection, assessment_id: int, values: Mapping[str, str], now: datetime) -> int:
    """values: the serial and the hashes made from it."""
    statement = insert(workshop).values(assessment_id=assessment_id, is_locked=False, revision=1, created_at=now, **values)
    return int(connection.execute(statement.returning(workshop.c.id)).scalar_one())


def find_workshop(connection: Connection, assessment_id: int) -> Workshop | None:
    """The assessment's newest; None before the first."""
    statement = select(workshop).where(workshop.c.assessment_id == assessment_id).order_by(workshop.c.id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else workshop_of(row)


def lock_workshop(connection: Connection, assessment_id: int) -> Workshop:
    """The same to change it: nobody else does until the transaction ends. Raises NotFound."""
    found = find_workshop(connection, assessment_id)
    if found is None:
        raise NotFound("there is no workshop")
    return workshop_of(connection.execute(select(workshop).where(workshop.c.id == found.id).with_for_update()).one())


def change_workshop(connection: Connection, id_: int, **values: object) -> None:
    """Change columns; the room is told that something happened."""
    statement = update(workshop).where(workshop.c.id == id_).values(revision=workshop.c.revision + 1, **values)
    connection.execute(statement)


def find_way(connection: Connection, *, code_hash: str = "", join_hash: str = "") -> Way:
    """What a code or a link of a room that takes people leads to. Raises NotFound."""
    wanted = workshop.c.code_hash == code_hash if code_hash else workshop.c.join_hash == join_hash
    row = connection.execute(
        select(
            workshop,
            assessment.c.digest,
            assessment.c.organisation_name,
            assessment.c.confidential,
            assessment.c.sample,
            engagement.c.language,
        )
        .join(assessment, assessment.c.id == workshop.c.assessment_id)
        .join(engagement, engagement.c.id == assessment.c.engagement_id)
        .where(wanted, workshop.c.ended_at.is_(None), _is_active())
    ).one_or_none()
    if row is None:
        raise NotFound("there is no such workshop")
    return Way(workshop_of(row), row.digest, row.organisation_name, row.confidential, row.sample, row.language)


def load_with_assessment(connection: Connection, id_: int) -> tuple[Workshop, Any]:
    """The workshop, and of its assessment's row what a room sees."""
    columns = [assessment.c[name] for name in ("digest", "modules", "confidential", "sample")]
    joined = select(workshop, *columns).join(assessment, assessment.c.id == workshop.c.assessment_id)
    row = connection.execute(joined.where(workshop.c.id == id_)).one()
    return workshop_of(row), row


def _is_active() -> Any:
    return and_(engagement.c.archived_at.is_(None), engagement.c.deleted_at.is_(None), assessment.c.closed_at.is_(None))


def _voters(*without: str) -> Any:
    """How many have voted in the round on the screen, but for those whose seat is in one of these states.

    Where answers are confidential nobody's seat is known.
    """
    on_time = and_(vote.c.workshop_id == workshop.c.id, vote.c.round == workshop.c.round, ~vote.c.is_late)
    seated = and_(seat.c.workshop_id == workshop.c.id, or_(*(seat.c.state == state for state in without)))
    voters = select(vote.c.respondent_id).where(on_time).correlate(workshop)
    others = select(seat.c.respondent_id).where(seated).correlate(workshop)
    return select(func.count()).select_from(except_(voters, others).subquery()).scalar_subquery()


_STAMP = (
    select(
        workshop.c.id,
        workshop.c.serial,
        workshop.c.revision,
        assessment.c.confidential,
        _voters(REMOVED).label("voted"),
        _voters(REMOVED, PRESENT).label("absent"),
        select(func.count(seat.c.id))
        .where(seat.c.workshop_id == workshop.c.id, seat.c.state == PRESENT)
        .scalar_subquery()
        .label("present"),
    )
    .join(assessment, assessment.c.id == workshop.c.assessment_id)
    .join(engagement, engagement.c.id == assessment.c.engagement_id)
)
_STAMP_OF_PROJECTOR = _STAMP.where(workshop.c.projector_hash == bindparam("hash"), _is_active())
_STAMP_OF_ID = _STAMP.where(workshop.c.id == bindparam("workshop"))


@dataclass(frozen=True)
class Stamp:
    """What tells one moment of a room from another: its revision, how many have voted in this round, how many are present.

    absent: how many of those who have voted are not present, where answers are by name.
    """

    workshop_id: int
    serial: str
    revision: int
    confidential: bool
    voted: int
    absent: int
    present: int

    @property
    def text(self) -> str:
        return f"{self.workshop_id}.{self.revision}.{self.voted}.{self.present}.{self.people}"

    @property
    def people(self) -> int:
        """Everybody whose vote there is or could be; in confidence, where nobody knows who has voted, those who are present."""
        return self.present if self.confidential else self.present + self.absent


def stamp_of_projector(connection: Connection, projector_hash: str) -> Stamp:
    """Raises NotFound."""
    return _stamp(run(connection, _STAMP_OF_PROJECTOR, {"hash": projector_hash}).one_or_none())


def stamp_of(connection: Connection, workshop_id: int) -> Stamp:
    return _stamp(run(connection, _STAMP_OF_ID, {"workshop": workshop_id}).one_or_none())


def _stamp(row: Row[Any] | None) -> Stamp:
    if row is None:
        raise NotFound("there is no such workshop")
    return Stamp(row.id, row.serial, row.revision, bool(row.confidential), row.voted, row.absent, row.present)


# Rounds


def load_room(connection: Connection, found: Workshop) -> Room:
    last = connection.scalar(select(func.max(workshop_round.c.number)).where(workshop_round.c.workshop_id == found.id))
    current = None if found.round is None else find_round(connection, found.id, found.round).round
    return Room(current, int(last or 0), found.ended_at is not None)


def find_round(connection: Connection, workshop_id: int, number: int) -> Revealed:
    there = and_(workshop_round.c.workshop_id == workshop_id, workshop_round.c.number == number)
    row = connection.execute(select(workshop_round).where(there)).one_or_none()
    if row is None:
        raise NotFound("there is no such round")
    return _round(row)


def list_rounds(connection: Connection, workshop_id: int) -> tuple[Revealed, ...]:
    statement = select(workshop_round).where(workshop_round.c.workshop_id == workshop_id)
    return tuple(_round(row) for row in connection.execute(statement.order_by(workshop_round.c.number)))


def list_shown_items(connection: Connection, assessment_id: int) -> frozenset[str]:
    """The items of which votes were revealed in any workshop of an assessment."""
    joined = select(workshop_round.c.item).join(workshop, workshop.c.id == workshop_round.c.workshop_id)
    shown = joined.where(workshop.c.assessment_id == assessment_id, workshop_round.c.result.is_not(None))
    return frozenset(connection.execute(shown.distinct()).scalars())


def add_round(connection: Connection, workshop_id: int, new: Round) -> None:
    connection.execute(insert(workshop_round).values(workshop_id=workshop_id, is_settled=False, **vars(new)))


def change_round(connection: Connection, workshop_id: int, number: int, **values: object) -> None:
    """Votes that are on their way are waited for, and none is taken meanwhile."""
    there = and_(workshop_round.c.workshop_id == workshop_id, workshop_round.c.number == number)
    connection.execute(update(workshop_round).where(there).values(**values))


def keep_result(connection: Connection, workshop_id: int, number: int, result: Tally) -> None:
    change_round(connection, workshop_id, number, result=json.dumps(tally_data(result)))


def _round(row: Row[Any]) -> Revealed:
    result = None if row.result is None else tally_of(json.loads(row.result))
    return Revealed(Round(row.number, row.item, row.source, row.state), result, row.is_settled)


def workshop_of(row: Row[Any]) -> Workshop:
    return Workshop(**{name: getattr(row, name) for name in Workshop.__dataclass_fields__})
