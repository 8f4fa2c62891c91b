"""In the room: join by code or QR code without an account, follow, vote, leave, come back; and what the projector shows."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from assess.core import workshop as core
from assess.core.answers import NOT_APPLICABLE_REASONS
from assess.core.confidentiality import kept_time
from assess.core.errors import Conflict, Failed, Invalid, NotAllowed, NotFound, Problem
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.workshop import DISCARDED, LEFT, OPEN, PRESENT, REMOVED, Ballot
from assess.storage import answers as answer_rows
from assess.storage import assessments as assessment_rows
from assess.storage import seats as seat_rows
from assess.storage import votes as vote_rows
from assess.storage import workshops as rows
from assess.storage.attempts import count_attempt, take_back_attempt
from assess.storage.invitations import list_invitations
from assess.storage.seats import Place, Seat
from assess.storage.votes import Cast
from assess.storage.workshops import Stamp, Way, Workshop
from assess.usecases.copies import questionnaires_of
from assess.usecases.installation import Installation
from assess.usecases.scenes import Scene, scene_of
from assess.usecases.workshop_keys import address_hash, code_hash, code_of, join_token_of, own_token_of
from assess.usecases.workshops import keep_answer

log = logging.getLogger(__name__)

MAX_NAME, MAX_SEATS = 120, 2000
MINUTE = 60
WRONG_PER_ADDRESS, WRONG_ALTOGETHER, JOINS_PER_ADDRESS = 20, 200, 300
"""In a minute. A whole room is behind one address: only wrong codes are counted tightly."""


class TooMany(Conflict):
    """Too many wrong codes, or joins, from one address in a minute."""


@dataclass(frozen=True)
class JoinView:
    """What somebody with the code is told before they join. has_invited: whether some were asked to answer beforehand."""

    questionnaire: Questionnaire
    organisation: str
    confidential: bool
    sample: bool
    is_locked: bool
    language: str
    has_invited: bool


@dataclass(frozen=True)
class Phone:
    """The room as one person sees it: with their seat, and with their own vote in this round (vote: its id, 0 for none)."""

    workshop: int
    scene: Scene
    seat: Seat
    stamp: str
    vote: int = 0
    ballot: Ballot | None = None


@dataclass(frozen=True)
class Projected:
    """The room on the wall."""

    scene: Scene
    stamp: Stamp
    code: str
    join_token: str = field(repr=False, default="")


def find_by_code(installation: Installation, typed: str, address: str) -> str:
    """The join token for a code as it was typed. Raises NotFound, and TooMany after too many wrong ones.

    Only wrong codes that were looked up count: a try that is refused keeps the door shut no longer.
    """
    now, code = installation.clock(), core.read_code(typed)
    with installation.storage.writing() as connection:
        here = count_attempt(connection, "wrong code", address, MINUTE, now)
        everywhere = count_attempt(connection, "wrong codes", "everybody", MINUTE, now)
        is_throttled = here > WRONG_PER_ADDRESS or everywhere > WRONG_ALTOGETHER
        found = None if is_throttled else _way_of_code(installation, connection, code)
        if found is not None or is_throttled:
            take_back_attempt(connection, "wrong code", address, MINUTE, now)
            take_back_attempt(connection, "wrong codes", "everybody", MINUTE, now)
    if is_throttled:
        raise TooMany("too many wrong codes")
    if found is None:
        raise NotFound("there is no such workshop")
    return join_token_of(installation, found.workshop.serial)


def _way_of_code(installation: Installation, connection: Connection, code: str | None) -> Way | None:
    try:
        return None if code is None else rows.find_way(connection, code_hash=code_hash(installation, code))
    except NotFound:
        return None


def open_way(installation: Installation, join_token: str) -> JoinView:
    """Raises NotFound once the workshop has ended or has a new code."""
    with installation.storage.reading() as connection:
        found = rows.find_way(connection, join_hash=address_hash(join_token))
        (core_questionnaire,) = questionnaires_of(connection, (found.digest,))
        invited = list_invitations(connection, found.workshop.assessment_id)
    return JoinView(
        questionnaire=core_questionnaire,
        organisation=found.organisation,
        confidential=found.confidential,
        sample=found.sample,
        is_locked=found.workshop.is_locked,
        language=found.language,
        has_invited=bool(invited),
    )


def join(
    installation: Installation, join_token: str, *, name: str, role: str, language: str, address: str, press: str = ""
) -> str:
    """Take a seat; returns the token of the person's own link. Raises NotFound, Invalid, NotAllowed when locked, TooMany.

    press: what the form knows itself by, so that it gives one seat however often it is sent.
    """
    now, press = installation.clock(), press or secrets.token_urlsafe(32)
    own = own_token_of(installation, join_token, press, role, name)
    try:
        with installation.storage.writing() as connection:
            if seat_rows.find_place(connection, own) is not None:
                return own
            found = rows.find_way(connection, join_hash=address_hash(join_token))
            (questionnaire,) = questionnaires_of(connection, (found.digest,))
            _check(questionnaire, name, role, language)
            if found.workshop.is_locked:
                raise NotAllowed("the room is locked")
            if seat_rows.count_seats(connection, found.workshop.id) >= MAX_SEATS:
                raise Conflict("as many people as fit are in the room")
            if count_attempt(connection, "join", address, MINUTE, now) > JOINS_PER_ADDRESS:
                raise TooMany("too many joins from one address")
            person = None
            if not found.confidential:
                person = assessment_rows.add_respondent(
                    connection, found.workshop.assessment_id, role, now, link=own, name=name, language=language
                )
            _sit(connection, found.workshop, own, person, role, name, language, now, confidential=found.confidential)
    except IntegrityError:
        log.info("a form was sent twice at the same moment")
    return own


def _sit(
    connection: Connection,
    found: Workshop,
    own: str,
    person: int | None,
    role: str,
    name: str,
    language: str,
    now: datetime,
    *,
    confidential: bool,
) -> None:
    """In confidence the seat says neither when it was taken nor whose answers belong to it."""
    day = kept_time(now, confidential=confidential)
    values = {"respondent_id": None if confidential else person, "role": role, "name": name, "language": language}
    seat_rows.take_seat(connection, found.id, own, values, day)


def _check(questionnaire: Questionnaire, name: str, role: str, language: str) -> None:
    problems = [] if role in questionnaire.role_name else [Problem("Please choose your role.", {}, path="role")]
    if len(name) > MAX_NAME:
        problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_NAME}, path="name"))
    if language not in LANGUAGES:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(LANGUAGES)}, path="language"))
    if problems:
        raise Invalid(problems)


def is_seated_by(installation: Installation, join_token: str, own: str) -> bool:
    """Whether this own link has a seat in the room of that join link: then nobody joins twice."""
    with installation.storage.reading() as connection:
        place = seat_rows.find_place(connection, own)
        try:
            found = rows.find_way(connection, join_hash=address_hash(join_token))
        except NotFound:
            return False
    return place is not None and place.workshop_id == found.workshop.id and place.seat.state != REMOVED


def join_by_link(installation: Installation, own: str) -> None:
    """Somebody invited to answer takes a seat, or comes back to it. Raises NotFound when no workshop is on, NotAllowed."""
    now = installation.clock()
    with installation.storage.writing() as connection:
        place = seat_rows.find_place(connection, own)
        if place is not None and not place.is_ended:
            if place.seat.state == REMOVED:
                raise NotAllowed("the facilitator took this seat away")
            if place.seat.state == LEFT:
                seat_rows.change_seat(connection, place.seat.id, state=PRESENT)
            return
        found = seat_rows.find_open_for(connection, own)
        if found is None:
            raise NotFound("no workshop is on")
        workshop, person = found
        if workshop.is_locked:
            raise NotAllowed("the room is locked")
        name = "" if person.confidential else person.name
        _sit(connection, workshop, own, person.respondent_id, person.role, name, "", now, confidential=person.confidential)


def may_join_by_link(installation: Installation, own: str) -> bool:
    """Whether a workshop is on that somebody invited to answer can join with their own link."""
    with installation.storage.reading() as connection:
        return seat_rows.find_open_for(connection, own) is not None


def leave(installation: Installation, own: str) -> None:
    with installation.storage.writing() as connection:
        place = _place(connection, own)
        if place.seat.state == PRESENT:
            seat_rows.change_seat(connection, place.seat.id, state=LEFT)


def _phone_stamp(place: Place) -> str:
    return f"{place.workshop_id}.{place.revision}.{place.seat.role}.{place.seat.state}"


def open_phone(installation: Installation, own: str) -> Phone:
    """Raises NotFound."""
    with installation.storage.looking() as connection:
        place = _place(connection, own)
    return _phone(installation, own, place)


def open_changed_phone(installation: Installation, own: str, seen: str) -> Phone | None:
    """The same; None while nothing has changed for this phone since its stamp was `seen`. Votes of others don't."""
    with installation.storage.looking() as connection:
        place = _place(connection, own)
    return None if _phone_stamp(place) == seen else _phone(installation, own, place)


def _phone(installation: Installation, own: str, place: Place) -> Phone:
    """The stamp is never newer than what is shown: a change in between is shown again at the next look."""
    scene = scene_of(installation, place.workshop_id, place.serial, place.revision)
    vote, ballot = 0, None
    if scene.number is not None:
        with installation.storage.looking() as connection:
            vote, ballot = vote_rows.find_ballot(connection, place.workshop_id, scene.number, own)
    return Phone(place.workshop_id, scene, place.seat, _phone_stamp(place), vote, ballot)


def _place(connection: Connection, own: str) -> Place:
    place = seat_rows.find_place(connection, own)
    if place is None:
        raise NotFound("there is no seat behind this link")
    return place


def open_projector(installation: Installation, token: str) -> Projected:
    """Raises NotFound."""
    with installation.storage.looking() as connection:
        stamp = rows.stamp_of_projector(connection, address_hash(token))
    return _projected(installation, stamp)


def open_changed_projector(installation: Installation, token: str, seen: str) -> Projected | None:
    """The same; None while the wall is as it was at the stamp `seen`. Raises NotFound."""
    with installation.storage.looking() as connection:
        stamp = rows.stamp_of_projector(connection, address_hash(token))
    return None if stamp.text == seen else _projected(installation, stamp)


def _projected(installation: Installation, stamp: Stamp) -> Projected:
    scene = scene_of(installation, stamp.workshop_id, stamp.serial, stamp.revision)
    return Projected(
        scene=scene,
        stamp=stamp,
        code=code_of(installation, stamp.serial),
        join_token=join_token_of(installation, stamp.serial),
    )


def cast(installation: Installation, own: str, number: int, ballot: Ballot, *, key: str, workshop: int | None = None) -> int:
    """Vote in a round; the last vote of a person counts. Returns the id of the vote; the same key again gives the same.

    workshop is the one that the phone shows, None when it doesn't say; a vote of one that is over is not taken in the next.
    A vote that arrives after the reveal (from a phone that was offline) becomes the person's answer, unless they voted on the
    item in a later round, and stays out of the result that was shown. In confidence it is refused, because it could be found
    out by subtraction. Raises NotFound, NotAllowed (a round that counts no more, too), Invalid, Failed.
    """
    problems = _ballot_problems(ballot)
    if problems:
        raise Invalid(problems)
    with installation.storage.looking() as connection:
        found = vote_rows.find_cast(connection, own, number, key)
    if found.known is not None:
        return _again(found, number, ballot)
    if workshop not in (None, found.place.workshop_id):
        raise NotAllowed("the workshop has ended")
    _refuse(found, found.state)
    with installation.storage.writing() as connection:
        state = vote_rows.hold_round(connection, found.place.workshop_id, number)
        _refuse(found, state)
        return _write(connection, own, found, number, ballot, key, installation.clock(), is_late=state != OPEN)


def _write(
    connection: Connection, own: str, found: Cast, number: int, ballot: Ballot, key: str, now: datetime, *, is_late: bool
) -> int:
    place = found.place
    person = found.respondent_id or _enter(connection, own, place, now)
    if place.confidential and found.respondent_id and found.respondent_role != place.seat.role:
        seat_rows.change_respondent_role(connection, person, place.seat.role)
    cast_in = Ballot(place.seat.role, ballot.level, ballot.dont_know, ballot.not_applicable)
    id_ = vote_rows.add_vote(connection, place.workshop_id, number, person, cast_in, key=key, is_late=is_late)
    if is_late and not vote_rows.has_later_vote(connection, place.workshop_id, number, found.item, person):
        before = answer_rows.find_answer(connection, person, found.item).given
        keep_answer(connection, person, found.item, cast_in, before, kept_time(now, confidential=place.confidential))
        assessment_rows.touch_open(connection, place.assessment_id, now)
    return id_


def _enter(connection: Connection, own: str, place: Place, now: datetime) -> int:
    """In confidence who came by the code is written down with the first vote, not with the seat, and without a time."""
    day = kept_time(now, confidential=place.confidential)
    try:
        return assessment_rows.add_respondent(connection, place.assessment_id, place.seat.role, day, link=own)
    except IntegrityError:
        raise Failed("two first votes of one person at the same moment") from None


def _refuse(found: Cast, state: str | None) -> None:
    if state is None:
        raise NotFound("there is no such round")
    if found.place.seat.state == REMOVED:
        raise NotAllowed("the facilitator took this seat away")
    if found.place.is_ended:
        raise NotAllowed("the workshop has ended")
    if state == DISCARDED:
        raise NotAllowed("the round was begun anew")
    if state != OPEN and found.place.confidential:
        raise NotAllowed("the votes were revealed already")


def _again(found: Cast, number: int, ballot: Ballot) -> int:
    """The result of a vote that came before under its key."""
    known = found.known
    same = known is not None and (known.level, known.dont_know, known.not_applicable) == (
        ballot.level, ballot.dont_know, ballot.not_applicable,
    )  # fmt: skip
    if not same or found.known_round != number:
        raise Invalid([Problem("was used for another edit", path="key")])
    return found.known_id


def _ballot_problems(ballot: Ballot) -> list[Problem]:
    problems = []
    if (ballot.level is not None) + ballot.dont_know + (ballot.not_applicable is not None) != 1:
        problems.append(Problem("needs exactly one of level, dont_know and not_applicable", path="answer"))
    if ballot.level is not None and ballot.level not in range(1, 6):
        problems.append(Problem("must be a level from 1 to 5", path="level"))
    if ballot.not_applicable is not None and ballot.not_applicable not in NOT_APPLICABLE_REASONS:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(NOT_APPLICABLE_REASONS)}, path="not_applicable"))
    return problems
