"""A workshop from the open room to the result, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from uuid import uuid4

import pytest
from sqlalchemy import select

from assess.core.answers import Consensus
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound
from assess.core.scoring import score
from assess.core.staff import Actor
from assess.core.workshop import CAMPS, DECIDED, LIVE, LOBBY, PREWORK, REVEALED, TOO_FEW, VOTING, Ballot, Tally
from assess.storage.links import AssessmentKey
from assess.storage.tables import metadata, respondent, seat, vote
from assess.usecases import answers, assessments, desks, engagements, rooms, workshops
from assess.usecases.answers import Patch
from assess.usecases.installation import Installation
from assess.usecases.rooms import TooMany
from tests.staff import become_admin, invite_one, join, respond, start_run, work
from tests.usecases.conftest import Clock

ROLES = ("executive", "kam", "kam", "kam", "sales", "sales")


@dataclass
class Stage:
    """A room that is open, and whom it belongs to."""

    installation: Installation
    ada: Actor
    key: AssessmentKey
    code: str

    @property
    def desk(self) -> desks.Desk:
        return desks.open_desk(self.installation, self.key)

    def join(self, role: str = "kam", name: str = "", address: str = "10.0.0.1") -> str:
        return rooms.join(self.installation, self.desk.join_token, name=name, role=role, language="en", address=address)

    def room_of(self, *roles: str) -> list[str]:
        return [self.join(role) for role in roles]

    def take(self, item: str = "s1.1", source: str = LIVE) -> int:
        workshops.take_item(self.installation, self.key, item, source)
        number = self.desk.room.last
        assert number
        return number

    def vote(self, own: str, level: int | None, number: int | None = None, key: str | None = None) -> int:
        ballot = Ballot("", level, dont_know=level is None)
        return rooms.cast(self.installation, own, number or self.desk.room.last, ballot, key=key or str(uuid4()))

    def reveal(self) -> Tally:
        workshops.reveal_votes(self.installation, self.key)
        found = self.desk.current
        assert found
        assert found.result
        return found.result

    def phone(self, own: str) -> rooms.Phone:
        return rooms.open_phone(self.installation, own)

    @property
    def wall(self) -> rooms.Projected:
        return rooms.open_projector(self.installation, self.desk.projector_token)

    @property
    def assessment(self) -> assessments.OpenAssessment:
        return assessments.open_by_link(self.installation, self.key)


def open_stage(installation: Installation, **options: object) -> Stage:
    ada = become_admin(installation)
    run = start_run(installation, ada, **options)  # type: ignore[arg-type]
    key = engagements.key_to(installation, ada, run.code)
    workshops.start_workshop(installation, key)
    return Stage(installation, ada, key, run.code)


@pytest.fixture
def stage(installation: Installation) -> Stage:
    return open_stage(installation)


@pytest.fixture
def secret(installation: Installation) -> Stage:
    return open_stage(installation, confidential=True)


def test_a_whole_workshop_ends_in_the_score(stage: Stage) -> None:
    people = stage.room_of("executive", "kam", "kam", "sales")
    assert stage.wall.stamp.present == 4
    stage.take("s1.1")
    for person, level in zip(people, (5, 1, 1, 5), strict=True):
        stage.vote(person, level)
    shown = stage.reveal()
    assert shown.count
    assert (shown.count.levels, shown.words) == ((2, 0, 0, 0, 2), CAMPS)
    assert shown.roles["kam"].levels == (2, 0, 0, 0, 0)
    workshops.vote_again(stage.installation, stage.key)
    for person in people:
        stage.vote(person, 2)
    stage.reveal()
    agreed = Consensus(level=2, rationale="No charter yet.", dissent="Sales sees a 3.")
    workshops.decide_item(stage.installation, stage.key, agreed)
    assert stage.assessment.assessment.consensus == {"s1.1": agreed}
    stage.take("s1.2")
    stage.vote(people[0], 4)
    workshops.end_workshop(stage.installation, stage.key)
    found = score(stage.assessment.questionnaire, stage.assessment.assessment)
    assert (found.item["s1.1"].score, found.item["s1.1"].source) == (Fraction(2), "consensus")
    assert found.item["s1.1"].ratings == (2, 2, 2, 2)
    assert (found.item["s1.2"].score, found.item["s1.2"].source) == (Fraction(4), "panel")
    log = [(entry.item, entry.level, entry.text, entry.dissent) for entry in stage.desk.entries]
    assert log == [("s1.1", 2, "No charter yet.", "Sales sees a 3.")]


def test_nobody_is_told_anything_of_the_votes_before_the_reveal(stage: Stage) -> None:
    people = stage.room_of(*ROLES)
    stage.take()
    for person in people[:4]:
        stage.vote(person, 3)
    assert (stage.wall.stamp.voted, stage.wall.stamp.present) == (4, 6)
    assert stage.wall.scene.result is None
    assert stage.phone(people[5]).scene.result is None
    assert stage.phone(people[5]).ballot is None
    assert stage.desk.current
    assert stage.desk.current.result is None
    assert stage.assessment.assessment.answers_to("s1.1") == ()
    stage.reveal()
    assert (
        stage.wall.scene.result == stage.phone(people[5]).scene.result == stage.desk.current.result or stage.wall.scene.result
    )


def test_the_last_vote_of_a_person_counts_and_every_vote_is_kept(stage: Stage) -> None:
    people = stage.room_of("kam", "kam", "kam")
    stage.take()
    for level in (1, 2, 3):
        stage.vote(people[0], level)
    stage.vote(people[1], None)
    assert stage.phone(people[0]).ballot == Ballot("kam", 3)
    shown = stage.reveal()
    assert shown.count
    assert (shown.n, shown.count.levels, shown.count.dont_know) == (2, (0, 0, 1, 0, 0), 1)
    with stage.installation.storage.reading() as connection:
        assert len(connection.execute(select(vote.c.id)).all()) == 4


def test_the_same_vote_sent_again_and_again_is_one(stage: Stage) -> None:
    (person,) = stage.room_of("kam")
    number, key = stage.take(), str(uuid4())
    assert len({stage.vote(person, 3, number, key) for _ in range(50)}) == 1
    with pytest.raises(Invalid):
        stage.vote(person, 4, number, key)
    with stage.installation.storage.reading() as connection:
        assert len(connection.execute(select(vote.c.id)).all()) == 1


def test_a_late_vote_by_name_is_an_answer_but_not_in_what_was_shown(stage: Stage) -> None:
    people = stage.room_of("kam", "kam", "kam")
    number = stage.take()
    stage.vote(people[0], 2)
    stage.vote(people[1], 2)
    shown = stage.reveal()
    stage.vote(people[2], 5, number)
    assert stage.desk.current
    assert stage.desk.current.result == shown
    assert stage.desk.late == 1
    workshops.decide_item(stage.installation, stage.key, Consensus(level=2))
    levels = sorted(answer.level or 0 for _, answer in stage.assessment.assessment.answers_to("s1.1"))
    assert levels == [2, 2, 5]


def test_a_late_vote_in_confidence_is_refused_because_it_could_be_subtracted(secret: Stage) -> None:
    people = secret.room_of("kam", "kam", "kam", "kam")
    number = secret.take()
    for person in people[:3]:
        secret.vote(person, 2)
    secret.reveal()
    with pytest.raises(NotAllowed):
        secret.vote(people[3], 5, number)


def test_a_reset_discards_the_votes_of_the_round(stage: Stage) -> None:
    people = stage.room_of("kam", "kam")
    first = stage.take()
    stage.vote(people[0], 5)
    workshops.reset_round(stage.installation, stage.key)
    assert stage.desk.room.phase == VOTING
    with pytest.raises(NotAllowed):
        stage.vote(people[1], 5, first)
    stage.vote(people[1], 1)
    workshops.end_workshop(stage.installation, stage.key)
    assert [answer.level for _, answer in stage.assessment.assessment.answers_to("s1.1")] == [1]


def test_pre_work_is_the_vote_of_those_who_answered_until_they_vote_otherwise(stage: Stage) -> None:
    links = [
        respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code, name), "kam", level, "s1.1", "s1.2")
        for name, level in (("Rosa", 1), ("Ron", 1), ("Rita", 5), ("Raj", 5))
    ]
    assert [line.item.id for line in stage.desk.agenda][:2] == ["s1.1", "s1.2"]
    assert stage.desk.agenda[0].words == CAMPS
    number = stage.take("s1.1", PREWORK)
    assert (stage.wall.stamp.voted, stage.wall.scene.result) == (4, None)
    rooms.join_by_link(stage.installation, links[0])
    assert stage.phone(links[0]).ballot == Ballot("kam", 1)
    stage.vote(links[0], 4, number)
    (newcomer,) = stage.room_of("sales")
    stage.vote(newcomer, 4)
    shown = stage.reveal()
    assert shown.count
    assert shown.count.levels == (1, 0, 0, 2, 2)
    workshops.take_item(stage.installation, stage.key, "s1.1", LIVE)
    assert stage.desk.room.round
    assert stage.desk.room.round.source == LIVE
    assert stage.wall.stamp.voted == 0


def test_a_personal_link_recovers_the_seat_and_two_devices_are_one_person(stage: Stage) -> None:
    own = stage.join("kam", "Rosa")
    number = stage.take()
    stage.vote(own, 3)
    assert stage.phone(own).ballot == Ballot("kam", 3)
    assert stage.phone(own).seat.name == "Rosa"
    assert rooms.is_seated_by(stage.installation, stage.desk.join_token, own)
    stage.vote(own, 4, number)
    assert (stage.wall.stamp.voted, stage.wall.stamp.present) == (1, 1)


def test_leaving_and_coming_back(stage: Stage) -> None:
    own = stage.join()
    rooms.leave(stage.installation, own)
    assert stage.wall.stamp.present == 0
    rooms.join_by_link(stage.installation, own)
    assert stage.wall.stamp.present == 1


def test_a_wrong_role_is_corrected_and_counts_at_once(stage: Stage) -> None:
    own = stage.join("kam")
    stage.take()
    stage.vote(own, 3)
    (found,) = stage.desk.seats
    before = stage.phone(own).stamp
    workshops.correct_seat(stage.installation, stage.key, found.id, role="executive")
    assert rooms.open_changed_phone(stage.installation, own, before)
    stage.vote(own, 3)
    assert set(stage.reveal().roles) == {"executive"}
    with pytest.raises(Invalid):
        workshops.correct_seat(stage.installation, stage.key, found.id, role="emperor")
    with pytest.raises(NotFound):
        workshops.correct_seat(stage.installation, stage.key, "x", role="kam")


def test_who_is_taken_out_votes_no_more_and_is_not_counted(stage: Stage) -> None:
    own, other = stage.room_of("kam", "sales")
    stage.take()
    stage.vote(own, 5)
    stage.vote(other, 2)
    mine = next(one for one in stage.desk.seats if one.role == "kam")
    workshops.correct_seat(stage.installation, stage.key, mine.id, state="removed")
    with pytest.raises(NotAllowed):
        stage.vote(own, 4)
    with pytest.raises(NotAllowed):
        rooms.join_by_link(stage.installation, own)
    assert stage.reveal().n == 1
    workshops.correct_seat(stage.installation, stage.key, mine.id, state="present")
    workshops.vote_again(stage.installation, stage.key)
    stage.vote(own, 4)


def test_a_locked_room_lets_nobody_in_and_keeps_who_is_in(stage: Stage) -> None:
    own = stage.join()
    workshops.lock_room(stage.installation, stage.key, is_locked=True)
    with pytest.raises(NotAllowed):
        stage.join()
    stage.take()
    stage.vote(own, 3)
    workshops.lock_room(stage.installation, stage.key, is_locked=False)
    stage.join()


def test_a_new_code_stops_the_old_ways_in_and_nobody_in_the_room(stage: Stage) -> None:
    own, before = stage.join(), stage.desk
    assert rooms.find_by_code(stage.installation, before.code.lower(), "a") == before.join_token
    workshops.renew_code(stage.installation, stage.key)
    with pytest.raises(NotFound):
        rooms.find_by_code(stage.installation, before.code, "a")
    with pytest.raises(NotFound):
        rooms.open_way(stage.installation, before.join_token)
    with pytest.raises(NotFound):
        rooms.open_projector(stage.installation, before.projector_token)
    stage.take()
    stage.vote(own, 3)


def test_codes_can_not_be_searched_through_and_a_room_behind_one_address_gets_in(stage: Stage, clock: Clock) -> None:
    for _ in range(rooms.WRONG_PER_ADDRESS):
        with pytest.raises(NotFound):
            rooms.find_by_code(stage.installation, "00000000", "10.0.0.9")
    with pytest.raises(TooMany):
        rooms.find_by_code(stage.installation, stage.desk.code, "10.0.0.9")
    assert rooms.find_by_code(stage.installation, stage.desk.code, "10.0.0.1")
    clock.advance(minutes=2)
    code, several = stage.desk.code, 2 * rooms.WRONG_PER_ADDRESS
    for _ in range(several):
        join_token = rooms.find_by_code(stage.installation, code, "10.0.0.9")
        rooms.join(stage.installation, join_token, name="", role="kam", language="en", address="10.0.0.9")
    assert stage.wall.stamp.present == several


def test_tries_that_were_refused_keep_the_door_shut_no_longer(stage: Stage, clock: Clock) -> None:
    for _ in range(rooms.WRONG_PER_ADDRESS):
        with pytest.raises(NotFound):
            rooms.find_by_code(stage.installation, "00000000", "10.0.0.9")
    for _ in range(13):
        clock.advance(seconds=4)
        for _ in range(rooms.WRONG_ALTOGETHER // 10):
            with pytest.raises(TooMany):
                rooms.find_by_code(stage.installation, stage.desk.code, "10.0.0.9")
        assert rooms.find_by_code(stage.installation, stage.desk.code, "10.0.0.1"), "others get in all the time"
    clock.advance(seconds=8)
    assert rooms.find_by_code(stage.installation, stage.desk.code, "10.0.0.9")


def test_code_links_and_own_links_are_stored_as_hashes_only(stage: Stage) -> None:
    own, desk = stage.join("kam", "Rosa"), stage.desk
    stage.take()
    stage.vote(own, 3)
    with stage.installation.storage.reading() as connection:
        everything = "".join(str(connection.execute(select(table)).all()) for table in metadata.sorted_tables)
    for secret in (own, own.removeprefix("reply-"), desk.code, desk.join_token, desk.projector_token):
        assert secret not in everything


def test_in_confidence_nothing_stored_leads_from_a_seat_to_a_vote(secret: Stage) -> None:
    people = [secret.join("kam", f"Person {number}") for number in range(5)]
    secret.take()
    for level, person in enumerate(reversed(people), 1):
        secret.vote(person, level)
    with secret.installation.storage.reading() as connection:
        seats = connection.execute(select(seat)).mappings().all()
        voters = connection.execute(select(respondent)).mappings().all()
        votes = connection.execute(select(vote)).mappings().all()
    assert all(row["respondent_id"] is None for row in seats)
    assert len(voters) == len(votes) == 5
    assert {row["name"] for row in voters} == {""}
    assert len({row["joined_at"] for row in seats} | {row["created_at"] for row in voters}) == 1
    one, other = ({str(value) for row in rows for value in row.values()} for rows in (seats, [*voters, *votes]))
    shared = one & other
    assert shared <= {"kam", "None", "True", "False", "en", "", "1", str(seats[0]["joined_at"])}


def test_in_confidence_groups_under_three_are_hidden_on_every_screen(secret: Stage) -> None:
    people = secret.room_of("kam", "kam", "kam", "sales", "sales", "sales", "executive")
    secret.take()
    for person, level in zip(people, (1, 2, 3, 4, 4, 4, 5), strict=True):
        secret.vote(person, level)
    shown = secret.reveal()
    assert set(shown.roles) == {"sales"} or set(shown.roles) == {"kam"}
    assert shown.hidden == 2
    assert secret.wall.scene.result == shown


def test_in_confidence_nothing_is_shown_of_two(secret: Stage) -> None:
    people = secret.room_of("kam", "sales")
    secret.take()
    for person in people:
        secret.vote(person, 5)
    shown = secret.reveal()
    assert (shown.n, shown.count, shown.roles, shown.words) == (2, None, {}, TOO_FEW)


def test_in_confidence_a_corrected_role_counts_from_the_next_vote(secret: Stage) -> None:
    people = secret.room_of("kam", "kam", "kam", "kam")
    secret.take()
    for person in people:
        secret.vote(person, 2)
    for found in secret.desk.seats:
        workshops.correct_seat(secret.installation, secret.key, found.id, role="sales")
    assert set(secret.reveal().roles) == {"kam"}
    workshops.vote_again(secret.installation, secret.key)
    for person in people:
        secret.vote(person, 2)
    assert set(secret.reveal().roles) == {"sales"}
    workshops.end_workshop(secret.installation, secret.key)
    assert {person.role for person in secret.assessment.assessment.respondents} == {"sales"}
    assert len(secret.assessment.assessment.answers_to("s1.1")) == 4


def test_the_facilitator_votes_or_not(stage: Stage) -> None:
    assert stage.desk.own_seat is None
    workshops.take_part(stage.installation, stage.key, "executive")
    own = stage.desk.own_seat
    assert own
    stage.take()
    stage.vote(own, 4)
    assert stage.wall.stamp.voted == 1
    workshops.take_part(stage.installation, stage.key, None)
    assert stage.desk.own_seat is None
    assert stage.wall.stamp.present == 0
    workshops.take_part(stage.installation, stage.key, "kam")
    assert stage.desk.own_seat == own
    assert stage.phone(own).seat.role == "kam"


def test_consensus_needs_a_level_or_a_reason_and_can_be_corrected(stage: Stage) -> None:
    stage.take()
    stage.reveal()
    for wrong in (Consensus(), Consensus(level=6), Consensus(level=3, not_applicable="other"), Consensus(not_applicable="x")):
        with pytest.raises(Invalid):
            workshops.decide_item(stage.installation, stage.key, wrong)
    workshops.decide_item(stage.installation, stage.key, Consensus(level=3))
    workshops.decide_item(stage.installation, stage.key, Consensus(not_applicable="out_of_scope"))
    assert stage.assessment.assessment.consensus["s1.1"] == Consensus(not_applicable="out_of_scope")
    assert [entry.level for entry in stage.desk.entries] == [3, None]
    assert stage.desk.room.phase == DECIDED


def test_the_room_can_not_be_in_two_places(stage: Stage) -> None:
    with pytest.raises(Conflict):
        workshops.reveal_votes(stage.installation, stage.key)
    with pytest.raises(Conflict):
        workshops.start_workshop(stage.installation, stage.key)
    with pytest.raises(NotFound):
        stage.take("nowhere")
    stage.take()
    workshops.leave_item(stage.installation, stage.key)
    assert stage.desk.room.phase == LOBBY
    workshops.end_workshop(stage.installation, stage.key)
    with pytest.raises(Conflict):
        workshops.take_item(stage.installation, stage.key, "s1.1", LIVE)
    workshops.start_workshop(stage.installation, stage.key)
    assert stage.desk.room.phase == LOBBY


def test_timer_parking_lot_and_log(stage: Stage, clock: Clock) -> None:
    workshops.set_timer(stage.installation, stage.key, 5)
    assert stage.desk.workshop
    assert stage.desk.workshop.timer_ends
    assert (stage.desk.workshop.timer_ends - clock()).total_seconds() == 300
    workshops.set_timer(stage.installation, stage.key, None)
    assert stage.desk.workshop.timer_ends is None
    workshops.add_entry(stage.installation, stage.key, "parked", "Pricing of spare parts")
    workshops.add_entry(stage.installation, stage.key, "decision", "We meet again in June")
    parked, decided = stage.desk.entries
    workshops.close_entry(stage.installation, stage.key, parked.id, is_closed=True)
    assert stage.desk.entries[0].closed_at == clock()
    with pytest.raises(NotFound):
        workshops.close_entry(stage.installation, stage.key, decided.id, is_closed=True)
    with pytest.raises(Invalid):
        workshops.add_entry(stage.installation, stage.key, "parked", "")


def test_a_client_lead_has_no_desk(stage: Stage) -> None:
    opened = engagements.open_assessment(stage.installation, stage.ada, stage.code)[1]
    lea = join(stage.installation, stage.ada, "lea@example.org", "client_lead", opened.engagement.id)
    key = engagements.key_to(stage.installation, lea, stage.code)
    for act in (desks.open_desk, workshops.reveal_votes, workshops.end_workshop, desks.desk_stamp):
        with pytest.raises(NotAllowed):
            act(stage.installation, key)


def test_an_archived_engagement_closes_every_door(stage: Stage) -> None:
    own, desk = stage.join(), stage.desk
    stage.take()
    opened = engagements.open_assessment(stage.installation, stage.ada, stage.code)[1]
    engagements.archive_engagement(stage.installation, stage.ada, opened.engagement.id, archived=True)
    for gone in (
        lambda: rooms.find_by_code(stage.installation, desk.code, "a"),
        lambda: rooms.open_way(stage.installation, desk.join_token),
        lambda: rooms.open_projector(stage.installation, desk.projector_token),
        lambda: rooms.open_changed_phone(stage.installation, own, ""),
        lambda: rooms.cast(stage.installation, own, 1, Ballot("", 3), key=str(uuid4())),
    ):
        with pytest.raises(NotFound):
            gone()
    with pytest.raises(Conflict):
        workshops.reveal_votes(stage.installation, stage.key)


def test_notes_given_before_stay_with_the_vote(stage: Stage) -> None:
    own = respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code), "kam", 2, "s1.1")
    answers.save_answer(stage.installation, own, "s1.1", Patch(evidence="charter", comment="draft"), base=1, key=str(uuid4()))
    rooms.join_by_link(stage.installation, own)
    stage.take()
    stage.vote(own, 4)
    stage.reveal()
    assert stage.desk.room.phase == REVEALED
    workshops.decide_item(stage.installation, stage.key, Consensus(level=3))
    ((_, given),) = stage.assessment.assessment.answers_to("s1.1")
    assert (given.level, given.evidence, given.comment) == (4, "charter", "draft")


def test_only_who_has_a_seat_votes(stage: Stage) -> None:
    own = respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code), "kam", 2, "s1.1")
    number = stage.take()
    for stranger in (own, "reply-nobody"):
        with pytest.raises(NotFound):
            stage.vote(stranger, 3, number)
    rooms.join_by_link(stage.installation, own)
    stage.vote(own, 3, number)
    with pytest.raises(NotFound):
        stage.vote(own, 3, 99)


def renewed(stage: Stage) -> None:
    """The room is closed, and another one opened."""
    workshops.end_workshop(stage.installation, stage.key)
    workshops.start_workshop(stage.installation, stage.key)


def levels_of(stage: Stage, item: str = "s1.1") -> list[int]:
    return sorted(answer.level or 0 for _, answer in stage.assessment.assessment.answers_to(item))


def test_the_mode_stays_once_somebody_joined_the_room_in_confidence(secret: Stage) -> None:
    engagement = engagements.open_assessment(secret.installation, secret.ada, secret.code)[1].engagement.id
    assert not engagements.open_engagement(secret.installation, secret.ada, engagement).has_people
    secret.join("kam", "Rosa")
    assert engagements.open_engagement(secret.installation, secret.ada, engagement).has_people
    with pytest.raises(Invalid):
        engagements.change_engagement(secret.installation, secret.ada, engagement, work(confidential=False))


def test_answers_given_before_start_rounds_of_a_second_workshop_too(stage: Stage) -> None:
    respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code), "kam", 2, "s1.1")
    stage.take("s1.1", PREWORK)
    renewed(stage)
    stage.take("s1.1", PREWORK)
    assert stage.reveal().n == 1


def test_an_answer_changed_after_it_was_copied_stays_and_a_vote_counts(stage: Stage) -> None:
    rosa, ron = (
        respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code, name), "kam", 2, "s1.1")
        for name in ("Rosa", "Ron")
    )
    stage.take("s1.1", PREWORK)
    rooms.join_by_link(stage.installation, ron)
    stage.vote(ron, 5)
    answers.save_answer(stage.installation, rosa, "s1.1", Patch(level=4), base=1, key=str(uuid4()))
    stage.reveal()
    workshops.decide_item(stage.installation, stage.key, Consensus(level=3))
    assert levels_of(stage) == [4, 5]
    workshops.end_workshop(stage.installation, stage.key)
    assert levels_of(stage) == [4, 5]


def test_votes_of_those_who_do_not_vote_again_become_answers(stage: Stage) -> None:
    people = stage.room_of("kam", "kam", "kam")
    stage.take()
    for person in people:
        stage.vote(person, 2)
    stage.reveal()
    workshops.vote_again(stage.installation, stage.key)
    stage.vote(people[0], 5)
    workshops.end_workshop(stage.installation, stage.key)
    assert levels_of(stage) == [2, 2, 5]


def test_what_was_settled_is_not_settled_again(stage: Stage) -> None:
    own = stage.join("kam", "Rosa")
    stage.take()
    stage.vote(own, 2)
    stage.reveal()
    workshops.decide_item(stage.installation, stage.key, Consensus(level=2))
    answers.save_answer(stage.installation, own, "s1.1", Patch(level=4), base=1, key=str(uuid4()))
    workshops.end_workshop(stage.installation, stage.key)
    assert levels_of(stage) == [4]


def voted_in_the_second_round(stage: Stage) -> tuple[str, int]:
    """The link of somebody who voted 4 in the second round of an item and not in the first, and the number of the first."""
    own = stage.join("kam", "Rosa")
    first = stage.take()
    stage.reveal()
    workshops.vote_again(stage.installation, stage.key)
    stage.vote(own, 4)
    return own, first


def test_a_late_vote_of_an_earlier_round_leaves_the_answer_of_a_later_one(stage: Stage) -> None:
    own, first = voted_in_the_second_round(stage)
    stage.reveal()
    workshops.decide_item(stage.installation, stage.key, Consensus(level=4))
    stage.vote(own, 1, first)
    assert levels_of(stage) == [4]
    workshops.end_workshop(stage.installation, stage.key)
    assert levels_of(stage) == [4]
    with stage.installation.storage.reading() as connection:
        assert len(connection.execute(select(vote.c.id)).all()) == 2


def test_a_late_vote_counts_where_the_later_round_was_discarded(stage: Stage) -> None:
    own, first = voted_in_the_second_round(stage)
    workshops.reset_round(stage.installation, stage.key)
    stage.vote(own, 1, first)
    assert levels_of(stage) == [1]


def test_by_name_a_corrected_role_counts_without_another_vote(stage: Stage) -> None:
    own = stage.join("kam")
    stage.take()
    stage.vote(own, 3)
    (found,) = stage.desk.seats
    workshops.correct_seat(stage.installation, stage.key, found.id, role="executive")
    assert set(stage.reveal().roles) == {"executive"}


def test_a_facilitator_who_votes_in_another_role_has_that_role(stage: Stage) -> None:
    workshops.take_part(stage.installation, stage.key, "executive")
    own = stage.desk.own_seat
    assert own
    stage.take()
    stage.vote(own, 4)
    workshops.take_part(stage.installation, stage.key, None)
    workshops.take_part(stage.installation, stage.key, "kam")
    assert [person.role for person in stage.assessment.assessment.respondents] == ["kam"]
    assert set(stage.reveal().roles) == {"kam"}


def test_a_vote_of_a_workshop_that_is_over_is_not_taken_in_the_next(stage: Stage) -> None:
    own = respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code), "kam", 2, "s1.1")
    rooms.join_by_link(stage.installation, own)
    number, before = stage.take(), stage.phone(own).workshop
    renewed(stage)
    rooms.join_by_link(stage.installation, own)
    assert stage.take() == number
    ballot = Ballot("", 5)
    with pytest.raises(NotAllowed):
        rooms.cast(stage.installation, own, number, ballot, key=str(uuid4()), workshop=before)
    rooms.cast(stage.installation, own, number, ballot, key=str(uuid4()), workshop=stage.phone(own).workshop)
    assert stage.phone(own).ballot == Ballot("kam", 5)


def numbers_of(stage: Stage) -> tuple[int, int]:
    return stage.wall.stamp.voted, stage.wall.stamp.people


def test_by_name_everybody_who_could_have_voted_is_counted_once(stage: Stage) -> None:
    rosa, ron = (
        respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code, name), "kam", 2, "s1.1")
        for name in ("Rosa", "Ron")
    )
    people = stage.room_of("kam", "kam", "executive")
    stage.take("s1.1", PREWORK)
    assert numbers_of(stage) == (2, 5), "two voted by what they answered before, three are present"
    rooms.join_by_link(stage.installation, rosa)
    assert numbers_of(stage) == (2, 5)
    stage.vote(people[2], 3)
    before = stage.wall.stamp.text
    rooms.leave(stage.installation, people[2])
    assert numbers_of(stage) == (3, 5)
    assert stage.wall.stamp.text != before, "the desk shows who is in the room"
    rooms.leave(stage.installation, people[1])
    assert numbers_of(stage) == (3, 4)
    gone = next(one for one in stage.desk.seats if one.role == "executive")
    workshops.correct_seat(stage.installation, stage.key, gone.id, state="removed")
    assert numbers_of(stage) == (2, 3)
    assert stage.reveal().n == 2
    with pytest.raises(NotFound):
        stage.phone(ron)


def test_in_confidence_votes_are_not_held_against_those_present(secret: Stage) -> None:
    people = secret.room_of("kam", "kam", "kam")
    secret.take()
    secret.vote(people[0], 3)
    rooms.leave(secret.installation, people[0])
    assert numbers_of(secret) == (1, 2)
