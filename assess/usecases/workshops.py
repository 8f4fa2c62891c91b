"""The facilitator's desk: open a room, take item after item through its votes to a consensus, end it into the assessment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from assess.core import workshop as rooms
from assess.core.answers import NOT_APPLICABLE_REASONS, Answer, Consensus
from assess.core.confidentiality import kept_time
from assess.core.errors import Conflict, Invalid, NotFound, Problem
from assess.core.workshop import DISCARDED, LEFT, OPEN, PRESENT, PREWORK, REMOVED, SOURCES, Ballot, Room, Round
from assess.storage import answers as answer_rows
from assess.storage import assessments as assessment_rows
from assess.storage import seats as seat_rows
from assess.storage import votes as vote_rows
from assess.storage import workshop_entries as entry_rows
from assess.storage import workshops as rows
from assess.storage.assessments import Frame
from assess.storage.consensus import put_consensus
from assess.storage.links import AssessmentKey
from assess.storage.workshop_entries import DECISION, PARKED
from assess.storage.workshops import Workshop
from assess.usecases.answers import Patch
from assess.usecases.audit import record
from assess.usecases.copies import questionnaires_of
from assess.usecases.desks import require_work
from assess.usecases.installation import Installation
from assess.usecases.workshop_keys import facilitator_token, new_keys

MAX_ENTRY, MAX_MINUTES = 2_000, 120
SHOWN_ALREADY = (
    "In confidence, votes on this question that were shown already can’t be shown with one more beside them. Vote live instead."
)
__all__ = ["DECISION", "LEFT", "PARKED", "PRESENT", "REMOVED"]


def start_workshop(installation: Installation, key: AssessmentKey) -> None:
    """Open a room. Raises Conflict while there is one already, or when the assessment takes no answers any more."""
    require_work(key)
    now = installation.clock()
    with installation.storage.writing() as connection:
        frame = _active_frame(connection, key)
        found = rows.find_workshop(connection, frame.id)
        if found is not None and found.ended_at is None:
            raise Conflict("there is a workshop already")
        id_ = rows.add_workshop(connection, frame.id, new_keys(installation), now)
        record(connection, key.actor, "workshop.opened", f"assessment {key.code}", now, workshop=id_)


@dataclass(frozen=True)
class _Scene:
    """Everything a change at the desk works on."""

    connection: Connection
    frame: Frame
    workshop: Workshop
    room: Room
    now: datetime

    @property
    def kept_time(self) -> datetime:
        """What is stored as the time of what people do."""
        return kept_time(self.now, confidential=self.frame.confidential)

    def enter(self, after: Room, action: str) -> None:
        """Let the room stand there now."""
        before, current = self.room.round, after.round
        if before is not None and (current is None or current.number != before.number):
            rows.change_round(self.connection, self.workshop.id, before.number, state=rooms.ended_state(before, action))
        if current is not None and after.last != self.room.last:
            rows.add_round(self.connection, self.workshop.id, current)
            if current.source == PREWORK:
                self._copy_answers(current)
        elif current is not None and before is not None and current.state != before.state:
            rows.change_round(self.connection, self.workshop.id, current.number, state=current.state)
        number = None if current is None else current.number
        rows.change_workshop(self.connection, self.workshop.id, round=number, timer_ends=None)

    @property
    def ballots(self) -> tuple[Ballot, ...]:
        """The votes that count of the round on the screen."""
        number = self.room.round.number if self.room.round else 0
        return tuple(vote_rows.load_ballots(self.connection, self.workshop.id, number).values())

    def show(self) -> None:
        """Keep what everybody sees of the round on the screen."""
        if self.room.round is not None:
            shown = rooms.tally(self.ballots, confidential=self.frame.confidential)
            rows.keep_result(self.connection, self.workshop.id, self.room.round.number, shown)

    def tells_by_subtraction(self, item: str) -> bool:
        """Whether answers taken over once more, with one vote more, would tell that vote by subtraction.

        So it is in confidence with an item of which votes were shown before: the others' would be the same again.
        """
        return self.frame.confidential and item in rows.list_shown_items(self.connection, self.frame.id)

    def _copy_answers(self, current: Round) -> None:
        """What people answered before is their vote, until they vote otherwise."""
        for person in assessment_rows.list_answered(self.connection, self.frame.id, current.item):
            given = person.given
            ballot = Ballot(person.role, given.level, given.dont_know, given.not_applicable)
            vote_rows.copy_answer(self.connection, self.workshop.id, current.number, person.id, ballot)


@contextmanager
def _changing(
    installation: Installation, key: AssessmentKey, action: str, *, seen: str | None = None, **noted: object
) -> Iterator[_Scene]:
    """One change at the desk of a workshop that is on, noted in the audit log.

    seen: the mark of the room that the desk showed, None when it doesn't say. Raises Conflict when the room has moved on.
    """
    require_work(key)
    now = installation.clock()
    with installation.storage.writing() as connection:
        frame = _active_frame(connection, key)
        found = rows.lock_workshop(connection, frame.id)
        if found.ended_at is not None:
            raise Conflict("the workshop has ended")
        room = rows.load_room(connection, found)
        if seen is not None and seen != room.mark:
            raise Conflict("the room has moved on")
        yield _Scene(connection, frame, found, room, now)
        record(connection, key.actor, f"workshop.{action}", f"assessment {key.code}", now, **noted)


def take_item(installation: Installation, key: AssessmentKey, item: str, source: str, *, seen: str | None = None) -> None:
    """Put an item on the screen, voted on live or with what people answered before. Raises NotFound, Invalid, Conflict."""
    if source not in SOURCES:
        raise Invalid([Problem("must be one of {names}", {"names": ", ".join(SOURCES)}, path="source")])
    with _changing(installation, key, "item_taken", seen=seen, item=item, source=source) as scene:
        known = questionnaires_of(scene.connection, scene.frame.digests)
        if not any(item in questionnaire.item_ids for questionnaire in known):
            raise NotFound(f"there is no item {item}")
        if source == PREWORK and scene.tells_by_subtraction(item):
            raise Invalid([Problem(SHOWN_ALREADY, {}, path="source")])
        scene.enter(rooms.take(scene.room, item, source), rooms.TAKE)


def reveal_votes(installation: Installation, key: AssessmentKey, *, seen: str | None = None) -> None:
    """Show what was voted, from now on the same to everybody."""
    with _changing(installation, key, "votes_revealed", seen=seen) as scene:
        scene.enter(rooms.reveal(scene.room), rooms.REVEAL)
        scene.show()


def vote_again(installation: Installation, key: AssessmentKey, *, seen: str | None = None) -> None:
    with _changing(installation, key, "voted_again", seen=seen) as scene:
        scene.enter(rooms.revote(scene.room), rooms.REVOTE)


def reset_round(installation: Installation, key: AssessmentKey, *, seen: str | None = None) -> None:
    """Begin the item anew; the votes of this round stay in the record and count no more."""
    with _changing(installation, key, "round_reset", seen=seen) as scene:
        from_scratch = scene.room.round is not None and scene.tells_by_subtraction(scene.room.round.item)
        scene.enter(rooms.reset(scene.room, from_scratch=from_scratch), rooms.RESET)


def leave_item(installation: Installation, key: AssessmentKey, *, seen: str | None = None) -> None:
    with _changing(installation, key, "item_left", seen=seen) as scene:
        scene.enter(rooms.leave(scene.room), rooms.LEAVE)


def decide_item(installation: Installation, key: AssessmentKey, agreed: Consensus, *, seen: str | None = None) -> None:
    """Record what the room agreed on for the item on the screen, why, and who sees it otherwise. Raises Invalid, Conflict."""
    problems = _consensus_problems(agreed)
    if problems:
        raise Invalid(problems)
    with _changing(installation, key, "item_decided", seen=seen, level=agreed.level) as scene:
        after = rooms.decide(scene.room)
        if after.round is None:
            raise Conflict("there is no item on the screen")
        scene.enter(after, rooms.DECIDE)
        item = after.round.item
        put_consensus(scene.connection, scene.frame.id, item, agreed, scene.now)
        entry_rows.add_consensus_entry(scene.connection, scene.workshop.id, item, agreed, scene.now)
        _settle(scene, item)
        assessment_rows.touch_open(scene.connection, scene.frame.id, scene.now)


def _consensus_problems(agreed: Consensus) -> list[Problem]:
    problems = []
    if (agreed.level is None) == (agreed.not_applicable is None):
        problems.append(Problem("needs exactly one of level and not_applicable", path="level"))
    if agreed.level is not None and agreed.level not in range(1, 6):
        problems.append(Problem("must be a level from 1 to 5", path="level"))
    if agreed.not_applicable is not None and agreed.not_applicable not in NOT_APPLICABLE_REASONS:
        problems.append(Problem("must be one of {names}", {"names": ", ".join(NOT_APPLICABLE_REASONS)}, path="level"))
    too_long = [name for name in ("rationale", "dissent") if len(getattr(agreed, name)) > MAX_ENTRY]
    params = {"max_length": MAX_ENTRY}
    return [*problems, *(Problem("is longer than {max_length} characters", params, path=name) for name in too_long)]


def end_workshop(installation: Installation, key: AssessmentKey, *, seen: str | None = None) -> None:
    """Every vote that counts becomes the person's answer, and the result follows at once; nobody votes any more."""
    with _changing(installation, key, "ended", seen=seen) as scene:
        rooms.end(scene.room)
        current = scene.room.round
        if current is not None and current.state == OPEN:
            rows.change_round(scene.connection, scene.workshop.id, current.number, state=rooms.ASIDE)
        _settle(scene, None)
        rows.change_workshop(scene.connection, scene.workshop.id, ended_at=scene.now, timer_ends=None)
        assessment_rows.touch_open(scene.connection, scene.frame.id, scene.now)


def _settle(scene: _Scene, item: str | None) -> None:
    """Make the last votes on an item (None: on every item) the answers of those who cast them; their notes stay.

    Who changed the answer after voting, on their own page, meant that.
    """
    unsettled: dict[str, list[int]] = {}
    for each in rows.list_rounds(scene.connection, scene.workshop.id):
        if each.round.state != DISCARDED and not each.is_settled and item in (None, each.round.item):
            unsettled.setdefault(each.round.item, []).append(each.round.number)
            rows.change_round(scene.connection, scene.workshop.id, each.round.number, is_settled=True)
    for voted_on, numbers in unsettled.items():
        votes = vote_rows.load_last_votes(scene.connection, scene.workshop.id, voted_on, numbers)
        standing = answer_rows.load_answers(scene.connection, votes)
        for person, cast in votes.items():
            there = standing[person].get(voted_on, answer_rows.StoredAnswer())
            if cast.answer_version is None or cast.answer_version == there.version:
                keep_answer(scene.connection, person, voted_on, cast.ballot, there.given, scene.kept_time)


def keep_answer(connection: Connection, person: int, item: str, ballot: Ballot, before: Answer | None, now: datetime) -> None:
    """Put a vote in place of the level of a person's answer."""
    given = Patch(ballot.level, ballot.dont_know, ballot.not_applicable).on(before)
    if given != before:
        assessment_rows.save_answer(connection, person, item, given, now)


def lock_room(installation: Installation, key: AssessmentKey, *, is_locked: bool) -> None:
    """Let nobody in any more, or people in again; who has a seat keeps it."""
    with _changing(installation, key, "locked" if is_locked else "unlocked") as scene:
        rows.change_workshop(scene.connection, scene.workshop.id, is_locked=is_locked)


def renew_code(installation: Installation, key: AssessmentKey) -> None:
    """Another code, QR code and projector address; the old ones open nothing any more, seats stay."""
    keys = new_keys(installation)
    with _changing(installation, key, "code_renewed") as scene:
        rows.change_workshop(scene.connection, scene.workshop.id, **keys)


def set_timer(installation: Installation, key: AssessmentKey, minutes: int | None) -> None:
    """Count down that many minutes from now; None takes the timer off."""
    if minutes is not None and not 1 <= minutes <= MAX_MINUTES:
        message = "must be a whole number from 1 to {largest}"
        raise Invalid([Problem(message, {"largest": MAX_MINUTES}, path="minutes")])
    with _changing(installation, key, "timer_set", minutes=minutes) as scene:
        ends = None if minutes is None else scene.now + timedelta(minutes=minutes)
        rows.change_workshop(scene.connection, scene.workshop.id, timer_ends=ends)


def correct_seat(installation: Installation, key: AssessmentKey, seat: str, *, role: str = "", state: str = "") -> None:
    """Put somebody into another role, or out of the room, or back in; what is revealed follows.

    In confidence votes cast so far keep the role they were cast in, and stay: nothing leads from a seat to them.
    """
    with _changing(installation, key, "seat_corrected", seat=seat, role=role, state=state) as scene:
        found = seat_rows.find_seat(scene.connection, scene.workshop.id, seat)
        known = questionnaires_of(scene.connection, scene.frame.digests)[0].role_name
        if role and role not in known:
            raise Invalid([Problem("there is no {what} {id}", {"what": "role", "id": role}, path="role")])
        if state and state not in (PRESENT, REMOVED):
            raise Invalid([Problem("must be one of {names}", {"names": f"{PRESENT}, {REMOVED}"}, path="state")])
        seat_rows.change_seat(scene.connection, seat, role=role or found.role, state=state or found.state)
        if role and found.respondent_id is not None:
            seat_rows.change_respondent_role(scene.connection, found.respondent_id, role)
        if scene.room.shows_votes and not scene.frame.confidential:
            scene.show()
        rows.change_workshop(scene.connection, scene.workshop.id)


def add_entry(installation: Installation, key: AssessmentKey, kind: str, text: str) -> None:
    """Note a decision, or park a matter for later."""
    problems = []
    if kind not in (DECISION, PARKED):
        problems.append(Problem("must be one of {names}", {"names": f"{DECISION}, {PARKED}"}, path="kind"))
    if not text:
        problems.append(Problem("must not be empty", path="text"))
    if len(text) > MAX_ENTRY:
        problems.append(Problem("is longer than {max_length} characters", {"max_length": MAX_ENTRY}, path="text"))
    if problems:
        raise Invalid(problems)
    with _changing(installation, key, f"{kind}_noted") as scene:
        item = scene.room.round.item if scene.room.round else None
        entry_rows.add_entry(scene.connection, scene.workshop.id, kind, scene.now, text=text, item=item)


def close_entry(installation: Installation, key: AssessmentKey, id_: int, *, is_closed: bool) -> None:
    """Something parked is dealt with, or is not after all. Raises NotFound."""
    with _changing(installation, key, "parked_closed", entry=id_, closed=is_closed) as scene:
        entry_rows.close_entry(scene.connection, scene.workshop.id, id_, scene.now if is_closed else None)


def take_part(installation: Installation, key: AssessmentKey, role: str | None) -> None:
    """The facilitator votes too, in this role; None: no longer, nor in the round that is open."""
    with _changing(installation, key, "facilitator_votes", role=role) as scene:
        token = facilitator_token(installation, scene.workshop, key)
        if role is None:
            place = seat_rows.find_place(scene.connection, token)
            if place is not None and place.workshop_id == scene.workshop.id:
                seat_rows.change_seat(scene.connection, place.seat.id, state=LEFT)
                _withdraw(scene, token)
            rows.change_workshop(scene.connection, scene.workshop.id)
            return
        if role not in questionnaires_of(scene.connection, scene.frame.digests)[0].role_name:
            raise Invalid([Problem("Please choose your role.", {}, path="role")])
        person = vote_rows.find_voter(scene.connection, token)
        if person is None and not scene.frame.confidential:
            person = assessment_rows.add_respondent(
                scene.connection, scene.frame.id, role, scene.now, link=token, name=key.actor.name
            )
        elif person is not None and not scene.frame.confidential:
            seat_rows.change_respondent_role(scene.connection, person, role)
        values = {"role": role, "name": key.actor.name, "language": "", "is_facilitator": True}
        values |= {"respondent_id": None if scene.frame.confidential else person}
        seat = seat_rows.take_seat(scene.connection, scene.workshop.id, token, values, scene.kept_time)
        seat_rows.change_seat(scene.connection, seat, role=role)
        rows.change_workshop(scene.connection, scene.workshop.id)


def _withdraw(scene: _Scene, token: str) -> None:
    """Take the vote of an own link out of the round on the screen, as long as it is open."""
    current = scene.room.round
    person = vote_rows.find_voter(scene.connection, token)
    if person is not None and current is not None and current.state == OPEN:
        vote_rows.withdraw(scene.connection, scene.workshop.id, current.number, person)


def _active_frame(connection: Connection, key: AssessmentKey) -> Frame:
    frame = assessment_rows.find_frame(connection, key)
    if not frame.is_active:
        raise Conflict("the assessment is closed, or its engagement archived")
    return frame
