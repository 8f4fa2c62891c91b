"""The room's pages by themselves: whom a link lets in, what the wall and the desk say of the votes, what a phone is sent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import uuid4

import pytest
from flask import Flask

from assess.core.answers import Consensus
from assess.usecases import engagements, rooms, workshops
from assess.usecases.installation import Installation
from tests.staff import become_admin, invite_one, respond, start_run
from tests.usecases.stages import Stage
from tests.web.cast import sign_in
from tests.web.conftest import Person

QUEUE = re.compile(r'data-queue="([^"]+)"')
SAVE = re.compile(r'data-save="([^"]+)"')


@dataclass
class Room(Stage):
    """The same with its pages, and somebody's browser."""

    app: Flask
    address: str
    browser: Person


def open_room(app: Flask, installation: Installation, *, confidential: bool = False) -> Room:
    ada = become_admin(installation, f"ada-{uuid4().hex[:8]}@example.org")
    run = start_run(installation, ada, "kam-seven-steps-short", confidential=confidential)
    key = engagements.key_to(installation, ada, run.code)
    workshops.start_workshop(installation, key)
    address = f"/engagements/{run.engagement}/assessments/{run.code}/workshop/"
    return Room(installation, ada, key, run.code, app, address, Person(app.test_client(), installation))


@pytest.fixture
def room(app: Flask, installation: Installation) -> Room:
    return open_room(app, installation)


def test_an_own_link_leads_into_every_workshop(room: Room) -> None:
    own = respond(room.installation, invite_one(room.installation, room.ada, room.key.code), "kam", 2, "s1.1")
    seen = []
    for _ in range(2):
        assert "Join the workshop" in room.browser.get(f"/w/{own}/").text
        assert room.browser.post(f"/w/{own}/enter").status_code == 303
        room.take()
        page = room.browser.get(f"/w/{own}/").text
        seen.append((QUEUE.findall(page), SAVE.findall(page)))
        assert 'id="ballot"' in page
        workshops.end_workshop(room.installation, room.key)
        assert "The workshop has ended" in room.browser.get(f"/w/{own}/").text
        workshops.start_workshop(room.installation, room.key)
    assert seen[0][0] != seen[1][0], "what is not sent yet is kept for each workshop apart"
    assert seen[0][1] != seen[1][1]


def test_a_ballot_of_a_workshop_that_is_over_is_not_taken_in_the_next(room: Room) -> None:
    own = respond(room.installation, invite_one(room.installation, room.ada, room.key.code), "kam", 2, "s1.1")
    room.browser.post(f"/w/{own}/enter")
    room.take()
    old = room.browser.get(f"/w/{own}/").text
    workshops.end_workshop(room.installation, room.key)
    workshops.start_workshop(room.installation, room.key)
    room.browser.post(f"/w/{own}/enter")
    room.take()
    for page, status in ((old, 403), (room.browser.get(f"/w/{own}/").text, 200)):
        (save,) = SAVE.findall(page)
        csrf = re.findall(r'data-csrf="([^"]+)"', page)[0]
        sent = {"key": str(uuid4()), "base": 0, "answer": {"level": 5}}
        answer = room.browser.client.post(save.replace("ITEM", "1"), json=sent, headers={"X-CSRFToken": csrf})
        assert answer.status_code == status, answer.text
        workshop = re.findall(r'name="workshop" value="(\d+)"', page)[0]
        form = {"csrf_token": csrf, "round": "1", "workshop": workshop, "choice": "4"}
        room.browser.client.post(f"/w/{own}/vote", data=form)
        shown = room.browser.get(f"/w/{own}/").text
        assert ("Your vote is in." if status == 200 else "came too late") in shown
    assert room.desk.stamp
    assert room.desk.stamp.voted == 1


def test_by_name_the_wall_and_the_desk_say_how_many_of_how_many_answered(room: Room) -> None:
    first, second, *_ = [room.join() for _ in range(3)]
    room.take()
    room.vote(first, 3)
    room.vote(second, 3)
    rooms.leave(room.installation, second)
    desk = sign_in(room.app, room.installation, room.ada.email)
    for page in (room.browser.get(f"/show/{room.desk.projector_token}/").text, desk.get(room.address).text):
        assert "2 of 3 answered" in page
    live = desk.get(f"{room.address}live").json
    assert live
    assert (live["voted"], live["present"], live["people"]) == (2, 2, 3)


def test_in_confidence_votes_and_people_are_counted_apart(app: Flask, installation: Installation) -> None:
    room = open_room(app, installation, confidential=True)
    first, *_ = [room.join() for _ in range(3)]
    room.take()
    room.vote(first, 3)
    rooms.leave(installation, first)
    desk = sign_in(app, installation, room.ada.email)
    for page in (room.browser.get(f"/show/{room.desk.projector_token}/").text, desk.get(room.address).text):
        assert "Votes: 1 · people in the room: 2" in page
        assert "answered</" not in page


def test_a_timer_runs_in_a_break_on_the_wall_and_on_the_phones_too(room: Room) -> None:
    wall, phone = f"/show/{room.desk.projector_token}/", f"/w/{room.join()}/"
    for minutes in (5, None):
        workshops.set_timer(room.installation, room.key, minutes)
        for address in (wall, phone):
            sent = room.browser.get(f"{address}live?rev=&in=en").json
            assert sent
            assert (sent["timer_ms"] is None) == (minutes is None)
            for html in (room.browser.get(address).text, sent["html"]):
                assert bool(re.search(r'role="timer" data-left="\d+".*[45]:\d\d</span>', html)) == bool(minutes)


def test_no_reason_in_the_room_asks_for_a_comment_that_nobody_can_write(room: Room) -> None:
    own = room.join()
    room.take()
    assert ">Another reason</option>" in room.browser.get(f"/w/{own}/").text
    room.reveal()
    workshops.decide_item(room.installation, room.key, Consensus(None, "other", "See the comment.", ""))
    for address in (f"/w/{own}/", f"/show/{room.desk.projector_token}/"):
        page = room.browser.get(address).text
        assert "Does not apply: Another reason<" in page


def test_the_wall_says_what_its_signs_mean_and_why_roles_are_not_shown(app: Flask, installation: Installation) -> None:
    room = open_room(app, installation, confidential=True)
    people = room.room_of(*["kam"] * 4, *["sales"] * 3, *["finance"] * 2)
    room.take()
    for own in people:
        room.vote(own, 3)
    assert room.reveal().hidden == 2, "the three of sales, too: else the two of finance could be worked out"
    for address in (f"/w/{people[0]}/", f"/show/{room.desk.projector_token}/"):
        page = room.browser.get(address).text
        assert "2 roles are not shown: too few votes, or a small group could be worked out from them." in page
        assert "<b>?</b> I don’t know" in page
        assert "<b>–</b> Does not apply to us" in page


def test_a_phone_is_told_its_corrected_role(room: Room) -> None:
    own = room.join("kam")
    page = room.browser.get(f"/w/{own}/").text
    assert page.count("You vote as: Key account manager") == 1
    (seat,) = room.desk.seats
    workshops.correct_seat(room.installation, room.key, seat.id, role="executive")
    sent = room.browser.get(f"/w/{own}/live?rev=&in=en").json
    assert sent
    assert "You vote as: Executive" in sent["html"]
    assert "Leave the room" in sent["html"]
