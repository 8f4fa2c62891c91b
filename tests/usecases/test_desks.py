"""The facilitator's desk: presses that come late or twice, what its agenda tells, what a correction changes."""

from __future__ import annotations

from uuid import uuid4

import pytest

from assess.core.answers import Consensus
from assess.core.errors import Conflict, Invalid
from assess.core.workshop import LIVE, PREWORK, Ballot
from assess.storage.workshop_entries import DECISION, PARKED
from assess.usecases import rooms, workshops
from tests.staff import invite_one, respond
from tests.usecases.stages import Stage, renewed


def answered(stage: Stage, role: str, level: int, *items: str) -> str:
    """Somebody who has answered before the workshop."""
    return respond(stage.installation, invite_one(stage.installation, stage.ada, stage.code), role, level, *items)


def take_what_three_answered(stage: Stage) -> None:
    for level in (1, 2, 4):
        answered(stage, "kam", level, "s1.1")
    stage.take("s1.1", PREWORK)


def test_a_press_on_an_older_standing_of_the_room_changes_nothing(stage: Stage) -> None:
    stage.take("s1.1")
    stage.vote(stage.join(), 2)
    stage.reveal()
    seen = stage.desk.room.mark
    stage.take("s1.2")
    installation, key = stage.installation, stage.key
    for press in (
        lambda: workshops.decide_item(installation, key, Consensus(level=2, rationale="Of s1.1"), seen=seen),
        lambda: workshops.reveal_votes(installation, key, seen=seen),
        lambda: workshops.vote_again(installation, key, seen=seen),
        lambda: workshops.reset_round(installation, key, seen=seen),
        lambda: workshops.leave_item(installation, key, seen=seen),
        lambda: workshops.take_item(installation, key, "s1.1", LIVE, seen=seen),
        lambda: workshops.end_workshop(installation, key, seen=seen),
    ):
        with pytest.raises(Conflict):
            press()
    assert stage.desk.room.round
    assert (stage.desk.room.round.item, stage.desk.room.phase) == ("s1.2", "voting")
    assert stage.assessment.assessment.consensus == {}
    assert stage.desk.entries == ()
    workshops.reveal_votes(installation, key, seen=stage.desk.room.mark)


def test_what_is_pressed_twice_is_noted_once(stage: Stage) -> None:
    stage.take()
    stage.vote(stage.join(), 2)
    stage.reveal()
    for _ in range(2):
        workshops.decide_item(stage.installation, stage.key, Consensus(level=2, rationale="Why"))
        workshops.add_entry(stage.installation, stage.key, PARKED, "Spare parts")
    assert [entry.text for entry in stage.desk.entries] == ["Why", "Spare parts"]
    workshops.decide_item(stage.installation, stage.key, Consensus(level=3, rationale="Why"))
    workshops.add_entry(stage.installation, stage.key, DECISION, "Spare parts")
    (parked,) = (entry for entry in stage.desk.entries if entry.kind == PARKED)
    workshops.close_entry(stage.installation, stage.key, parked.id, is_closed=True)
    workshops.add_entry(stage.installation, stage.key, PARKED, "Spare parts")
    assert len(stage.desk.entries) == 5


def test_one_form_gives_one_seat_however_often_it_is_sent(stage: Stage) -> None:
    def join(press: str, name: str = "Rosa", role: str = "kam") -> str:
        said = {"name": name, "role": role, "language": "en", "address": "10.0.0.1"}
        return rooms.join(stage.installation, stage.desk.join_token, press=press, **said)

    press = uuid4().hex
    assert join(press) == join(press)
    assert len(stage.desk.seats) == 1
    others = {join(press, name="Ron"), join(press, role="sales"), join(uuid4().hex), join(""), join("")}
    assert len(others) == 5
    assert len(stage.desk.seats) == 6


def test_in_confidence_answers_are_not_taken_over_again_with_one_vote_more(secret: Stage) -> None:
    """The others' votes would be the same again: what is different would be the new one's."""
    take_what_three_answered(secret)
    assert secret.reveal().count
    for again in (secret, secret):
        assert not next(line for line in again.desk.agenda if line.item.id == "s1.1").from_answers
        with pytest.raises(Invalid):
            secret.take("s1.1", PREWORK)
        renewed(secret)
    secret.take("s1.2", LIVE)
    secret.take("s1.1", LIVE)
    secret.vote(secret.join("sales"), 3)
    assert secret.reveal().n == 1


def test_in_confidence_a_round_begun_anew_after_the_reveal_is_voted_on_from_scratch(secret: Stage) -> None:
    take_what_three_answered(secret)
    workshops.reset_round(secret.installation, secret.key)
    assert secret.desk.room.round
    assert secret.desk.room.round.source == PREWORK
    secret.reveal()
    workshops.reset_round(secret.installation, secret.key)
    assert secret.desk.room.round.source == LIVE
    assert secret.reveal().n == 0


def test_by_name_answers_are_taken_over_as_often_as_wanted(stage: Stage) -> None:
    answered(stage, "kam", 1, "s1.1")
    for _ in range(2):
        stage.take("s1.1", PREWORK)
        assert stage.reveal().n == 1
        assert next(line for line in stage.desk.agenda if line.item.id == "s1.1").from_answers


def test_the_place_on_the_agenda_tells_nothing_that_is_hidden(secret: Stage) -> None:
    order = [line.item.id for line in secret.desk.agenda]
    answered(secret, "kam", 1, order[-1])
    answered(secret, "sales", 5, order[-1])
    assert [line.item.id for line in secret.desk.agenda] == order
    answered(secret, "sales", 5, order[-1])
    assert secret.desk.agenda[0].item.id == order[-1]


def test_who_facilitates_and_votes_no_more_takes_the_open_vote_along(stage: Stage) -> None:
    stage.take("s1.1")
    for own in stage.room_of("kam", "kam"):
        stage.vote(own, 1)
    workshops.take_part(stage.installation, stage.key, "executive")
    own = stage.desk.own_seat
    assert own
    stage.vote(own, 5)
    workshops.take_part(stage.installation, stage.key, None)
    shown = stage.reveal()
    assert shown.count
    assert shown.count.levels == (2, 0, 0, 0, 0)


def test_a_vote_that_was_revealed_stays_when_its_facilitator_votes_no_more(secret: Stage) -> None:
    secret.take("s1.1")
    for own in secret.room_of("kam", "kam"):
        secret.vote(own, 1)
    workshops.take_part(secret.installation, secret.key, "kam")
    own = secret.desk.own_seat
    assert own
    secret.vote(own, 5)
    shown = secret.reveal()
    workshops.take_part(secret.installation, secret.key, None)
    assert secret.wall.scene.result == shown
    workshops.end_workshop(secret.installation, secret.key)
    assert len(secret.assessment.assessment.answers_to("s1.1")) == 3


def test_by_name_a_correction_counts_in_what_is_revealed_already(stage: Stage) -> None:
    first, second = stage.room_of("kam", "sales")
    stage.take()
    stage.vote(first, 1)
    stage.vote(second, 5)
    assert set(stage.reveal().roles) == {"kam", "sales"}
    seats = {seat.role: seat.id for seat in stage.desk.seats}
    workshops.correct_seat(stage.installation, stage.key, seats["kam"], role="executive")
    shown = stage.wall.scene.result
    assert shown
    assert set(shown.roles) == {"executive", "sales"}
    workshops.correct_seat(stage.installation, stage.key, seats["sales"], state="removed")
    shown = stage.wall.scene.result
    assert shown
    assert (shown.n, set(shown.roles)) == (1, {"executive"})
    assert stage.phone(first).ballot == Ballot("kam", 1), "the phone's own vote stays as it was cast"


def test_in_confidence_a_correction_changes_nothing_that_is_revealed(secret: Stage) -> None:
    people = secret.room_of("kam", "kam", "kam")
    secret.take()
    for own in people:
        secret.vote(own, 2)
    shown = secret.reveal()
    workshops.correct_seat(secret.installation, secret.key, secret.desk.seats[0].id, role="sales")
    assert secret.wall.scene.result == shown
