"""Closing, assessing again, comparing, on screen."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import Person


@pytest.fixture
def lea(rosa: Person) -> Person:
    rosa.start(name="Acme")
    rosa.answer_all("2")
    return rosa


def closed(person: Person) -> None:
    assert person.post(f"{person.link}history/close").status_code == 303


def test_a_closed_assessment_says_so_on_every_page_and_takes_nothing(lea: Person) -> None:
    closed(lea)
    for page in ("", "step/s1", "result", "plan/", "history/"):
        assert "nothing in it changes any more" in lea.get(f"{lea.link}{page}").text
    assert '<input type="radio"' not in lea.get(f"{lea.link}step/s1").text
    assert lea.post(f"{lea.link}step/s1", {"q_s1.1": "5"}).status_code == 403
    assert lea.answers["s1.1"].level == 2


def test_it_can_be_opened_again(lea: Person) -> None:
    closed(lea)
    assert lea.post(f"{lea.link}history/reopen").status_code == 303
    assert lea.post(f"{lea.link}step/s1", {"q_s1.1": "5"}).status_code == 303


def test_nothing_answered_is_said_plainly(rosa: Person) -> None:
    rosa.start()
    answer = rosa.post(f"{rosa.link}history/close")
    assert answer.status_code == 422
    assert "no question has a level" in answer.text


@pytest.mark.parametrize(("copy", "answered"), [("yes", 42), ("no", 0)])
def test_the_next_assessment_has_a_link_of_its_own_and_shows_what_changed(lea: Person, copy: str, answered: int) -> None:
    closed(lea)
    first = lea.link
    answer = lea.post(f"{lea.link}history/again", {"copy": copy})
    assert answer.status_code == 303
    lea.link = answer.headers["Location"]
    assert lea.link != first
    assert len(lea.answers) == answered
    lea.answer_all("4")
    page = lea.get(f"{lea.link}history/").text
    snapshot = re.search(r'<option value="([0-9a-f]{32})"', page)
    assert snapshot
    compared = lea.get(f"{lea.link}history/compare?earlier={snapshot[1]}&later=now").text
    assert "2.0 → 4.0" in compared
    assert "<svg" in compared
    assert "No cause found" in compared


def test_comparing_the_wrong_way_round_or_with_nothing_is_said(lea: Person) -> None:
    closed(lea)
    assert lea.get(f"{lea.link}history/compare").status_code == 404
    assert lea.get(f"{lea.link}history/compare?earlier={'0' * 32}").status_code == 404


def test_a_sample_has_no_history(otto: Person) -> None:
    assert "Nothing yet" in otto.get("/a/sample-beginner/history/").text
    assert otto.post("/a/sample-beginner/history/close").status_code == 403


def test_a_stale_form_is_told_to_press_again(lea: Person) -> None:
    answer = lea.post(f"{lea.link}history/close", {"csrf_token": "old"})
    assert answer.status_code == 400
    assert "press the button once more" in answer.text
