"""Workshops as rows: the room, its rounds, who has a seat, what was voted, the log.

Seats and votes are two worlds: where answers are confidential no column leads from one to the other, and only the person's own
link opens both.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from assess.core.answers import Consensus
from assess.core.errors import Failed, NotFound
from assess.core.workshop import DISCARDED, Ballot, Room, Round, Tally, tally_data, tally_of
from assess.storage.links import is_open_link, link_values
from assess.storage.prepared import run
from assess.storage.tables import assessment, engagement, respondent, seat, vote, workshop, workshop_entry, workshop_round

PRESENT, LEFT, REMOVED = "present", "left", "removed"
DECISION, PARKED = "decision", "parked"


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
    assessment_id: int
    digests: tuple[str, ...]
    confidential: bool
    seat: Seat
    revision: int
    round: int | None
    is_ended: bool


@dataclass(frozen=True)
class Cast:
    """What a vote needs to know in one look. state None: there is no such round; known: the ballot that came with this key."""

    place: Place
    item: str
    state: str | None
    respondent_id: int | None
    respondent_role: str
    known: Ballot | None
    known_id: int
    known_round: int


@dataclass(frozen=True)
class Revealed:
    """A round with what it showed; result None before the reveal."""

    round: Round
    result: Tally | None
    is_settled: bool


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


@dataclass(frozen=True)
class Way:
    """What a join code or a join link leads to."""

    workshop: Workshop
    digest: str
    organisation: str
    confidential: bool
    sample: bool
    language: str


def seat_hash(token: str) -> str:
    """How a seat knows the own link of its person: otherwise than the respondent does, so that the two don't meet."""
    return sha256(f"seat of {token}".encode("utf-8", "surrogatepass")).hexdigest()


def add_workshop(connection: Connection, assessment_id: int, values: Mapping[str, str], now: datetime) -> int:
    """values: the serial and the hashes made from it."""
    statement = insert(workshop).values(assessment_id=assessment_id, is_locked=False, revision=1, created_at=now, **values)
    return int(connection.execute(statement.returning(workshop.c.id)).scalar_one())


def find_workshop(connection: Connection, assessment_id: int) -> Workshop | None:
    """The assessment's newest; None before the first."""
    statement = select(workshop).where(workshop.c.assessment_id == assessment_id).order_by(workshop.c.id.desc()).limit(1)
    row = connection.execute(statement).one_or_none()
    return None if row is None else _workshop(row)


def load_workshop(connection: Connection, id_: int) -> Workshop:
    return _workshop(connection.execute(select(workshop).where(workshop.c.id == id_)).one())


def lock_workshop(connection: Connection, assessment_id: int) -> Workshop:
    """The same to change it: nobody else does until the transaction ends. Raises NotFound."""
    found = find_workshop(connection, assessment_id)
    if found is None:
        raise NotFound("there is no workshop")
    return _workshop(connection.execute(select(workshop).where(workshop.c.id == found.id).with_for_update()).one())


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
    return Way(_workshop(row), row.digest, row.organisation_name, row.confidential, row.sample, row.language)


def find_projected(connection: Connection, projector_hash: str) -> tuple[Workshop, Any]:
    """The workshop a projector's address shows, with its assessment's row. Raises NotFound."""
    row = connection.execute(
        select(
            workshop,
            assessment.c.digest,
            assessment.c.modules,
            assessment.c.confidential,
            assessment.c.sample,
            assessment.c.organisation_name,
        )
        .join(assessment, assessment.c.id == workshop.c.assessment_id)
        .join(engagement, engagement.c.id == assessment.c.engagement_id)
        .where(workshop.c.projector_hash == projector_hash, _is_active())
    ).one_or_none()
    if row is None:
        raise NotFound("there is no such workshop")
    return _workshop(row), row


def _is_active() -> Any:
    return and_(engagement.c.archived_at.is_(None), engagement.c.deleted_at.is_(None), assessment.c.closed_at.is_(None))


_STAMP = (
    select(
        workshop.c.id,
        workshop.c.revision,
        select(func.count(vote.c.respondent_id.distinct()))
        .where(vote.c.workshop_id == workshop.c.id, vote.c.round == workshop.c.round, ~vote.c.is_late)
        .scalar_subquery()
        .label("voted"),
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
    """What tells one moment of a room from another: its revision, how many have voted in this round, how many are present."""

    workshop_id: int
    revision: int
    voted: int
    present: int

    @property
    def text(self) -> str:
        return f"{self.workshop_id}.{self.revision}.{self.voted}.{self.present}"


def stamp_of_projector(connection: Connection, projector_hash: str) -> Stamp:
    """Raises NotFound."""
    return _stamp(run(connection, _STAMP_OF_PROJECTOR, {"hash": projector_hash}).one_or_none())


def stamp_of(connection: Connection, workshop_id: int) -> Stamp:
    return _stamp(run(connection, _STAMP_OF_ID, {"workshop": workshop_id}).one_or_none())


def _stamp(row: Row[Any] | None) -> Stamp:
    if row is None:
        raise NotFound("there is no such workshop")
    return Stamp(row.id, row.revision, row.voted, row.present)


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


# Seats


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


def change_seat(connection: Connection, id_: str, **values: object) -> None:
    connection.execute(update(seat).where(seat.c.id == id_).values(**values))


def change_respondent_role(connection: Connection, id_: int, role: str) -> None:
    connection.execute(update(respondent).where(respondent.c.id == id_).values(role=role))


def _seat(row: Row[Any]) -> Seat:
    return Seat(**{name: getattr(row, name) for name in Seat.__dataclass_fields__})


_SEAT_COLUMNS = [
    seat.c.id.label("seat_id"),
    seat.c.respondent_id.label("seat_respondent"),
    seat.c.role,
    seat.c.name,
    seat.c.language,
    seat.c.state.label("seat_state"),
    seat.c.is_facilitator,
    workshop.c.id.label("workshop_id"),
    workshop.c.assessment_id,
    workshop.c.revision,
    workshop.c.round.label("current"),
    workshop.c.ended_at,
    assessment.c.digest,
    assessment.c.modules,
    assessment.c.confidential,
]
_AT = (
    select(*_SEAT_COLUMNS)
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
    return None if row is None else _place(row)


def _place(row: Row[Any]) -> Place:
    one = Seat(row.seat_id, row.seat_respondent, row.role, row.name, row.language, row.seat_state, bool(row.is_facilitator))
    digests = (row.digest, *(digest for _, digest in json.loads(row.modules)))
    return Place(
        workshop_id=row.workshop_id,
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
    return None if row is None else (_workshop(row), row)


# Votes

_CAST = (
    select(
        *_SEAT_COLUMNS,
        workshop_round.c.item,
        workshop_round.c.state.label("round_state"),
        respondent.c.id.label("voter"),
        respondent.c.role.label("voter_role"),
        vote.c.id.label("known_id"),
        vote.c.role.label("known_role"),
        vote.c.round.label("known_round"),
        vote.c.level,
        vote.c.dont_know,
        vote.c.not_applicable,
    )
    .select_from(seat)
    .join(workshop, workshop.c.id == seat.c.workshop_id)
    .join(assessment, assessment.c.id == workshop.c.assessment_id)
    .outerjoin(
        workshop_round,
        and_(workshop_round.c.workshop_id == workshop.c.id, workshop_round.c.number == bindparam("number")),
    )
    .outerjoin(respondent, respondent.c.link_hash == bindparam("link_hash"))
    .outerjoin(vote, and_(vote.c.respondent_id == respondent.c.id, vote.c.key == bindparam("key")))
    .where(seat.c.link_hash == bindparam("seat_hash"), is_open_link(), assessment.c.closed_at.is_(None))
    .order_by(workshop.c.id.desc())
    .limit(1)
)


def find_cast(connection: Connection, token: str, number: int, key: str) -> Cast:
    """Raises NotFound for an own link without a seat."""
    values = {**link_values(token), "seat_hash": seat_hash(token), "number": number, "key": key}
    row = run(connection, _CAST, values).one_or_none()
    if row is None:
        raise NotFound("there is no seat behind this link")
    known = None
    if row.known_id is not None:
        known = Ballot(row.known_role, row.level, bool(row.dont_know), row.not_applicable)
    return Cast(
        place=_place(row),
        item=row.item or "",
        state=row.round_state,
        respondent_id=row.voter,
        respondent_role=row.voter_role or "",
        known=known,
        known_id=row.known_id or 0,
        known_round=row.known_round or 0,
    )


def hold_round(connection: Connection, workshop_id: int, number: int) -> str:
    """The round's state, which stays as it is until the transaction ends; others may vote meanwhile."""
    there = and_(workshop_round.c.workshop_id == workshop_id, workshop_round.c.number == number)
    if connection.dialect.name != "postgresql":
        return str(run(connection, _STATE, {"workshop": workshop_id, "number": number}).scalar_one())
    return str(connection.execute(select(workshop_round.c.state).where(there).with_for_update(read=True)).scalar_one())


_STATE = select(workshop_round.c.state).where(
    workshop_round.c.workshop_id == bindparam("workshop"), workshop_round.c.number == bindparam("number")
)
_VOTE = (
    insert(vote)
    .values(
        {
            name: bindparam(name)
            for name in (
                "workshop_id", "round", "respondent_id", "role", "level", "dont_know", "not_applicable", "key", "is_late",
            )
        }
    )
    .returning(vote.c.id)
)  # fmt: skip


def add_vote(
    connection: Connection,
    workshop_id: int,
    number: int,
    respondent_id: int,
    ballot: Ballot,
    *,
    key: str,
    is_late: bool = False,
) -> int:
    """Returns the new id. Raises Failed while its twin is being written: tried again, it is found."""
    values = {"workshop_id": workshop_id, "round": number, "respondent_id": respondent_id, "key": key, "is_late": is_late}
    try:
        return int(run(connection, _VOTE, {**values, **vars(ballot)}).scalar_one())
    except IntegrityError:
        raise Failed("the same vote was sent twice at the same moment, or the room was erased") from None


def load_ballots(connection: Connection, workshop_id: int, number: int, *, with_late: bool = False) -> dict[int, Ballot]:
    """Respondent id -> the last vote of each, without those whose seat was taken away."""
    gone = exists(
        select(seat.c.id).where(
            seat.c.workshop_id == workshop_id, seat.c.respondent_id == vote.c.respondent_id, seat.c.state == REMOVED
        )
    )
    wanted = [vote.c.workshop_id == workshop_id, vote.c.round == number, ~gone]
    if not with_late:
        wanted.append(~vote.c.is_late)
    rows = connection.execute(select(vote).where(*wanted).order_by(vote.c.id))
    return {row.respondent_id: Ballot(row.role, row.level, row.dont_know, row.not_applicable) for row in rows}


def find_ballot(connection: Connection, workshop_id: int, number: int, respondent_id: int) -> tuple[int, Ballot | None]:
    """How the person has voted in a round: the id of the vote and the vote; 0 and None when not at all."""
    statement = (
        select(vote)
        .where(vote.c.workshop_id == workshop_id, vote.c.round == number, vote.c.respondent_id == respondent_id)
        .order_by(vote.c.id.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return 0, None
    return row.id, Ballot(row.role, row.level, row.dont_know, row.not_applicable)


def find_voter(connection: Connection, token: str) -> int | None:
    """The respondent of an own link; None before the first vote of somebody who came by the code, in confidence."""
    return connection.scalar(select(respondent.c.id).where(respondent.c.link_hash == link_values(token)["link_hash"]))


def list_voted(connection: Connection, workshop_id: int, number: int) -> frozenset[int]:
    """Respondents who have voted in a round."""
    statement = select(vote.c.respondent_id).where(vote.c.workshop_id == workshop_id, vote.c.round == number)
    return frozenset(connection.execute(statement.distinct()).scalars())


def count_late(connection: Connection, workshop_id: int, number: int) -> int:
    wanted = (vote.c.workshop_id == workshop_id, vote.c.round == number, vote.c.is_late)
    return int(connection.scalar(select(func.count()).select_from(vote).where(*wanted)) or 0)


def list_unsettled(connection: Connection, workshop_id: int, item: str | None = None) -> tuple[Round, ...]:
    """The newest round of each item (or of this one) that counts, where its votes are no answers yet."""
    newest: dict[str, Revealed] = {}
    for each in list_rounds(connection, workshop_id):
        if (
            each.round.state != DISCARDED
            and (item is None or each.round.item == item)
            and _has_votes(connection, workshop_id, each)
        ):
            newest[each.round.item] = each
    return tuple(each.round for each in newest.values() if not each.is_settled)


def _has_votes(connection: Connection, workshop_id: int, each: Revealed) -> bool:
    statement = select(vote.c.id).where(vote.c.workshop_id == workshop_id, vote.c.round == each.round.number).limit(1)
    return connection.scalar(statement) is not None


# The log


def add_entry(connection: Connection, workshop_id: int, kind: str, now: datetime, **values: object) -> None:
    columns = {"item": None, "level": None, "not_applicable": None, "text": "", "dissent": "", **values}
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


def _workshop(row: Row[Any]) -> Workshop:
    return Workshop(**{name: getattr(row, name) for name in Workshop.__dataclass_fields__})
