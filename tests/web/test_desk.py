"""The desk's pages: nothing typed is lost, a late press does nothing, forms sent twice count once, hints where they help."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from assess.usecases import workshops
from assess.usecases.installation import Installation
from tests.staff import invite_one, respond
from tests.web.cast import sign_in
from tests.web.conftest import Person
from tests.web.test_rooms import Room, open_room, room

__all__ = ["room"]  # fixture

SEEN = re.compile(r'name="seen" value="([^"]+)"')
PRESS = re.compile(r'name="press"[^>]* value="([^"]+)"')


def at_desk(room: Room) -> Person:
    return sign_in(room.app, room.installation, room.ada.email)


def revealed(room: Room, item: str) -> str:
    """The mark of the room with an item revealed."""
    room.take(item)
    room.vote(room.join(), 2)
    room.reveal()
    return room.desk.room.mark


def test_a_consensus_for_a_question_that_has_gone_is_not_recorded_and_not_lost(room: Room) -> None:
    desk = at_desk(room)
    seen = revealed(room, "s1.1")
    assert set(SEEN.findall(desk.get(room.address).text)) == {seen}
    revealed(room, "s2.1")
    typed = {"level": "2", "rationale": "No <charter>.", "dissent": "Sales", "seen": seen}
    answer = desk.post(f"{room.address}decide", typed)
    assert answer.status_code == 409
    assert "this consensus was not recorded" in answer.text
    assert '<p class="typed">No &lt;charter&gt;.</p><p class="typed">Sales</p>' in answer.text
    assert room.assessment.assessment.consensus == {}
    assert desk.post(f"{room.address}decide", {**typed, "seen": room.desk.room.mark}).status_code == 303
    assert set(room.assessment.assessment.consensus) == {"s2.1"}


def test_desk_and_phone_say_what_each_level_means_while_people_talk_about_the_votes(room: Room) -> None:
    desk, own = at_desk(room), room.join()
    room.take("s1.1")
    room.vote(own, 2)
    meant = [text.en for text in room.assessment.item["s1.1"].levels.values()]
    room.reveal()
    for page in (desk.get(room.address).text, room.browser.get(f"/w/{own}/").text):
        assert page.count("What each level means here") == 1
        assert [f"<dd>{text}</dd>" in page for text in meant] == [True] * 5


def test_a_late_press_is_told(room: Room) -> None:
    desk = at_desk(room)
    room.take("s1.1")
    seen = room.desk.room.mark
    room.take("s2.1")
    answer = desk.post(f"{room.address}act", {"do": "reveal", "seen": seen})
    assert "The room has moved on; nothing was changed." in desk.get(answer.headers["Location"]).text
    assert room.desk.room.phase == "voting"


@pytest.mark.parametrize("kind", ["decision", "parked"])
def test_a_note_that_is_too_long_comes_back(room: Room, kind: str) -> None:
    desk = at_desk(room)
    text = "x" * 2001
    answer = desk.post(f"{room.address}notes", {"kind": kind, "text": text})
    assert answer.status_code == 422
    assert f"{text}</textarea>" in answer.text
    assert f'<a href="#{kind}-text">A note can have at most 2000 characters; this one has 2001.</a>' in answer.text
    assert room.desk.entries == ()


def test_joining_twice_with_one_form_is_one_seat(room: Room) -> None:
    page = room.browser.get(f"/join/{room.desk.join_token}").text
    (press,) = PRESS.findall(page)
    form = {"role": "kam", "name": "Rosa", "press": press}
    other = Person(room.app.test_client(), room.installation)
    first, second = (person.post(f"/join/{room.desk.join_token}", form) for person in (room.browser, other))
    assert first.headers["Location"] == second.headers["Location"]
    assert len(room.desk.seats) == 1


def test_who_may_have_answered_before_is_told_to_use_the_own_link(room: Room) -> None:
    way = f"/join/{room.desk.join_token}"
    hint = "Did you get a link of your own"
    assert hint not in room.browser.get(way).text
    respond(room.installation, invite_one(room.installation, room.ada, room.code), "kam", 2, "s1.1")
    assert hint in room.browser.get(way).text


@pytest.mark.parametrize(
    ("host", "is_told"),
    [("localhost:8017", True), ("127.0.0.1", True), ("[::1]:8017", True), ("kam.localhost", True), ("192.168.7.20:8017", False),
     ("kam.example.org", False), ("localhost.example.org", False), ("[::1", False)],
)  # fmt: skip
def test_the_desk_says_when_no_phone_gets_to_its_address(room: Room, host: str, is_told: bool) -> None:
    cookie = at_desk(room).client.get_cookie("kam_lan")
    assert cookie
    client = room.app.test_client(use_cookies=False)
    page = client.get(room.address, headers={"Host": host, "Cookie": f"kam_lan={cookie.value}"}).text
    assert "The way in" in page
    assert ("Phones can’t get here" in page) == is_told


def test_in_confidence_the_desk_offers_answers_once(app: Flask, installation: Installation) -> None:
    room = open_room(app, installation, confidential=True)
    for level in (1, 2, 5):
        respond(installation, invite_one(installation, room.ada, room.code), "kam", level, "s1.1")
    desk = at_desk(room)
    assert "From the answers" in desk.get(room.address).text
    room.take("s1.1", "prework")
    room.reveal()
    workshops.leave_item(installation, room.key)
    page = desk.get(room.address).text
    assert "From the answers" not in page
    assert "Start from the answers" not in page
    answer = desk.post(f"{room.address}act", {"do": "take", "item": "s1.1", "source": "prework", "seen": room.desk.room.mark})
    assert "Vote live instead." in desk.get(answer.headers["Location"]).text
