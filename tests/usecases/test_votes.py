"""Votes of a workshop: which count, who is told, what they become; on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import Connection, select

from assess.core.answers import Consensus
from assess.core.errors import Invalid, NotAllowed, NotFound
from assess.core.workshop import CAMPS, LIVE, PREWORK, REVEALED, TOO_FEW, VOTING, Ballot
from assess.storage import votes as vote_rows
from assess.storage.tables import respondent, seat, vote
from assess.usecases import answers, rooms, snapshots, workshops
from assess.usecases.answers import Patch
from tests.staff import invite_one, respond
from tests.usecases.stages import Stage, renewed

ROLES = ("executive", "kam", "kam", "kam", "sales", "sales")


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


def levels_of(stage: Stage, item: str = "s1.1") -> list[int]:
    return sorted(answer.level or 0 for _, answer in stage.assessment.assessment.answers_to(item))


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
    stage.vote(own, 4)
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


def test_a_late_vote_that_meets_the_closing_of_the_assessment_is_refused(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    early, late = stage.room_of("kam", "kam")
    number = stage.take()
    stage.vote(early, 2)
    stage.reveal()
    workshops.decide_item(stage.installation, stage.key, Consensus(level=2))
    look = vote_rows.find_cast

    def look_then_close(connection: Connection, own: str, number: int, key: str) -> vote_rows.Cast:
        found = look(connection, own, number, key)
        snapshots.close(stage.installation, stage.key)
        return found

    monkeypatch.setattr(vote_rows, "find_cast", look_then_close)
    with pytest.raises(NotAllowed, match="closed"):
        stage.vote(late, 5, number)
    monkeypatch.undo()
    assert levels_of(stage) == [2]


def test_an_answer_changed_after_the_vote_stays(stage: Stage) -> None:
    """On the own page, while the item is not settled yet; the round shows the vote."""
    rosa, ron = stage.room_of("kam", "kam")
    stage.take()
    for own in (rosa, ron):
        stage.vote(own, 2)
    answers.save_answer(stage.installation, rosa, "s1.1", Patch(level=4), base=0, key=str(uuid4()))
    shown = stage.reveal()
    assert shown.count
    assert shown.count.levels == (0, 2, 0, 0, 0)
    workshops.end_workshop(stage.installation, stage.key)
    assert levels_of(stage) == [2, 4]


def test_a_vote_after_the_answer_was_changed_counts(stage: Stage) -> None:
    own = stage.join()
    stage.take()
    stage.vote(own, 2)
    answers.save_answer(stage.installation, own, "s1.1", Patch(level=4), base=0, key=str(uuid4()))
    stage.vote(own, 3)
    workshops.end_workshop(stage.installation, stage.key)
    assert levels_of(stage) == [3]
