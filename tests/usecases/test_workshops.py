"""A workshop from the open room to the result, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from fractions import Fraction
from uuid import uuid4

import pytest
from sqlalchemy import select

from assess.core.answers import Consensus
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound
from assess.core.scoring import score
from assess.core.workshop import CAMPS, DECIDED, LIVE, LOBBY, Ballot
from assess.storage.tables import metadata
from assess.usecases import desks, engagements, rooms, workshops
from assess.usecases.rooms import TooMany
from tests.staff import join, work
from tests.usecases.conftest import Clock
from tests.usecases.stages import Stage

ROLES = ("executive", "kam", "kam", "kam", "sales", "sales")


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


def test_the_mode_stays_once_somebody_joined_the_room_in_confidence(secret: Stage) -> None:
    engagement = engagements.open_assessment(secret.installation, secret.ada, secret.code)[1].engagement.id
    assert not engagements.open_engagement(secret.installation, secret.ada, engagement).has_people
    secret.join("kam", "Rosa")
    assert engagements.open_engagement(secret.installation, secret.ada, engagement).has_people
    with pytest.raises(Invalid):
        engagements.change_engagement(secret.installation, secret.ada, engagement, work(confidential=False))
