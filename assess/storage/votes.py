"""Votes of a workshop: the last of each person in a round counts, and none is ever changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, case, delete, exists, func, insert, select
from sqlalchemy.exc import IntegrityError

from assess.core.errors import Failed, NotFound
from assess.core.workshop import DISCARDED, REMOVED, Ballot
from assess.storage.links import is_open_link, link_values
from assess.storage.prepared import run
from assess.storage.seats import SEAT_COLUMNS, Place, place_of, seat_hash
from assess.storage.tables import answer, assessment, respondent, seat, vote, workshop, workshop_round

COPIED = "prework-"
"""How the key of a vote begins that was copied from an answer given before."""


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


_CAST = (
    select(
        *SEAT_COLUMNS,
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
        place=place_of(row),
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
_ITEM = workshop_round.c.workshop_id == bindparam("workshop_id"), workshop_round.c.number == bindparam("round")
_ANSWER = (
    select(answer.c.version)
    .join(workshop_round, and_(workshop_round.c.item == answer.c.item, *_ITEM))
    .where(answer.c.respondent_id == bindparam("respondent_id"))
)
_VOTE = (
    insert(vote)
    .values(
        {
            name: bindparam(name)
            for name in (
                "workshop_id", "round", "respondent_id", "role", "level", "dont_know", "not_applicable", "key", "is_late",
            )
        } | {"answer_version": func.coalesce(_ANSWER.scalar_subquery(), 0)}
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


def copy_answer(connection: Connection, workshop_id: int, number: int, respondent_id: int, ballot: Ballot) -> None:
    """What somebody answered before is their vote in a round, until they vote otherwise."""
    add_vote(connection, workshop_id, number, respondent_id, ballot, key=f"{COPIED}{workshop_id}-{number}")


def withdraw(connection: Connection, workshop_id: int, number: int, respondent_id: int) -> None:
    """Take somebody's votes out of a round that is open still."""
    theirs = and_(vote.c.workshop_id == workshop_id, vote.c.round == number, vote.c.respondent_id == respondent_id)
    connection.execute(delete(vote).where(theirs))


def _votes(workshop_id: int) -> Select[Any]:
    """Without those whose seat was taken away; by name, each in the role that its person has now."""
    gone = exists(
        select(seat.c.id).where(
            seat.c.workshop_id == workshop_id, seat.c.respondent_id == vote.c.respondent_id, seat.c.state == REMOVED
        )
    )
    role = case((assessment.c.confidential, vote.c.role), else_=respondent.c.role)
    columns = (vote.c.respondent_id, role.label("role"), vote.c.level, vote.c.dont_know, vote.c.not_applicable)
    joined = select(*columns).select_from(vote).join(respondent, respondent.c.id == vote.c.respondent_id)
    joined = joined.join(assessment, assessment.c.id == respondent.c.assessment_id)
    return joined.where(vote.c.workshop_id == workshop_id, ~gone)


def load_ballots(connection: Connection, workshop_id: int, number: int) -> dict[int, Ballot]:
    """Respondent id -> the last vote of each that came before the reveal."""
    statement = _votes(workshop_id).where(vote.c.round == number, ~vote.c.is_late)
    rows = connection.execute(statement.order_by(vote.c.id))
    return {row.respondent_id: Ballot(row.role, row.level, row.dont_know, row.not_applicable) for row in rows}


@dataclass(frozen=True)
class LastVote:
    """answer_version counts the edits of the person's answer when they voted, None for votes that did not note it."""

    ballot: Ballot
    answer_version: int | None


def load_last_votes(connection: Connection, workshop_id: int, item: str, unsettled: Sequence[int]) -> dict[int, LastVote]:
    """Respondent id -> the last vote of each on an item, late ones too, where it was cast in one of the rounds `unsettled`.

    Votes in discarded rounds, and those copied from answers, are none.
    """
    counts = and_(workshop_round.c.item == item, workshop_round.c.state != DISCARDED, ~vote.c.key.startswith(COPIED))
    there = and_(workshop_round.c.workshop_id == vote.c.workshop_id, workshop_round.c.number == vote.c.round)
    statement = _votes(workshop_id).add_columns(vote.c.round, vote.c.answer_version).join(workshop_round, there).where(counts)
    last = {row.respondent_id: row for row in connection.execute(statement.order_by(vote.c.round, vote.c.id))}
    return {
        person: LastVote(Ballot(row.role, row.level, row.dont_know, row.not_applicable), row.answer_version)
        for person, row in last.items()
        if row.round in unsettled
    }


def has_later_vote(connection: Connection, workshop_id: int, number: int, item: str, respondent_id: int) -> bool:
    """Whether somebody has voted on an item in a round after this one that was not discarded."""
    there = and_(workshop_round.c.workshop_id == vote.c.workshop_id, workshop_round.c.number == vote.c.round)
    statement = (
        select(vote.c.id)
        .join(workshop_round, there)
        .where(
            vote.c.workshop_id == workshop_id,
            vote.c.round > number,
            vote.c.respondent_id == respondent_id,
            workshop_round.c.item == item,
            workshop_round.c.state != DISCARDED,
            ~vote.c.key.startswith(COPIED),
        )
    )
    return connection.scalar(statement.limit(1)) is not None


_BALLOT = (
    select(vote.c.id, vote.c.role, vote.c.level, vote.c.dont_know, vote.c.not_applicable)
    .join(respondent, respondent.c.id == vote.c.respondent_id)
    .where(
        respondent.c.link_hash == bindparam("link_hash"),
        vote.c.workshop_id == bindparam("workshop"),
        vote.c.round == bindparam("number"),
    )
    .order_by(vote.c.id.desc())
    .limit(1)
)


def find_ballot(connection: Connection, workshop_id: int, number: int, own: str) -> tuple[int, Ballot | None]:
    """How the person of an own link has voted in a round: the id of the vote and the vote; 0 and None when not at all."""
    values = {"link_hash": link_values(own)["link_hash"], "workshop": workshop_id, "number": number}
    row = run(connection, _BALLOT, values).one_or_none()
    if row is None:
        return 0, None
    return row.id, Ballot(row.role, row.level, bool(row.dont_know), row.not_applicable)


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
