"""What a person's entries on a step page do, and above all what they never do."""

from __future__ import annotations

import re
from itertools import product

import pytest
from markupsafe import escape

from assess.core.answers import Answer
from assess.core.errors import Failed
from assess.usecases import answers
from assess.web.answering import answer_form
from assess.web.forms import clean_text
from tests.web.conftest import Person

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7*7 }}",
    "%(name)s %s {0}",
    "' OR 1=1 --",
    "</textarea>",
]


@pytest.fixture
def step(rosa: Person) -> str:
    return f"{rosa.start()}step/s1"


def test_a_level_is_saved_with_its_notes(rosa: Person, step: str) -> None:
    answer = rosa.post(step, {"q_s1.1": "4", "q_s1.1__evidence": "minutes", "q_s1.1__comment": "since May", "then": "stay"})
    assert answer.status_code == 303
    assert rosa.answers == {"s1.1": Answer(level=4, evidence="minutes", comment="since May")}


def test_dont_know_and_not_applicable_are_answers(rosa: Person, step: str) -> None:
    rosa.post(step, {"q_s1.1": "dont_know", "q_s1.2": "not_applicable", "q_s1.2__reason": "constraint"})
    assert rosa.answers == {"s1.1": Answer(dont_know=True), "s1.2": Answer(not_applicable="constraint")}


@pytest.mark.parametrize("data", [{}, {"then": "next"}, {"q_s2.1": "5"}, {"q_s1.9": "5"}, {"unknown": "x" * 1000}])
def test_a_missing_field_means_unchanged(rosa: Person, step: str, data: dict[str, str]) -> None:
    rosa.post(step, {"q_s1.1": "4", "q_s1.1__evidence": "minutes"})
    before = rosa.answers
    assert rosa.post(step, data).status_code == 303
    assert rosa.answers == before


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"", "multipart/form-data; boundary=x"),
        (b"--x\r\nContent-Disposition: form-da", "multipart/form-data; boundary=x"),
        (b"\xff\xfe\x00", "application/x-www-form-urlencoded"),
        (b'{"q_s1.1": null}', "application/json"),
        (b"q_s1.1=&q_s1.1__evidence=", "text/plain"),
    ],
)
def test_a_broken_body_never_clears_an_answer(rosa: Person, step: str, body: bytes, content_type: str) -> None:
    rosa.post(step, {"q_s1.1": "4", "q_s1.1__evidence": "minutes"})
    before = rosa.answers
    answer = rosa.client.post(step, data=body, content_type=content_type)
    assert answer.status_code == 400
    assert rosa.answers == before


def test_clearing_is_a_choice_of_its_own(rosa: Person, step: str) -> None:
    rosa.post(step, {"q_s1.1": "4", "q_s1.2": "3"})
    rosa.post(step, {"q_s1.1": "clear"})
    assert set(rosa.answers) == {"s1.2"}


def test_notes_alone_are_refused_and_kept_on_the_page(rosa: Person, step: str) -> None:
    page = rosa.post(step, {"q_s1.1__comment": "only a note", "q_s1.2": "3"})
    assert page.status_code == 422
    assert "only a note" in page.text
    assert 'href="#q_s1.1"' in page.text
    assert "1 other answer was saved." in page.text
    assert set(rosa.answers) == {"s1.2"}


def test_not_applicable_needs_a_reason(rosa: Person, step: str) -> None:
    page = rosa.post(step, {"q_s1.1": "not_applicable"})
    assert page.status_code == 422
    assert ">1.1: Please say why it does not apply.<" in page.text
    assert rosa.answers == {}


@pytest.mark.parametrize("value", ["0", "6", "-1", "3.0", "４", "level", "true", "1 OR 1", "\x00"])
def test_an_unknown_choice_is_refused(rosa: Person, step: str, value: str) -> None:
    page = rosa.post(step, {"q_s1.1": value})
    assert page.status_code == 422
    assert rosa.answers == {}


def test_too_long_a_text_is_shown_again_with_both_numbers(rosa: Person, step: str) -> None:
    page = rosa.post(step, {"q_s1.1": "3", "q_s1.1__comment": "字" * 2001})
    assert page.status_code == 422
    assert "This text has 2001 characters; at most 2000 fit." in page.text
    assert "字" * 2001 in page.text
    assert rosa.post(step, {"q_s1.1": "3", "q_s1.1__comment": "字" * 2000, "q_s1.1__evidence": "據" * 5000}).status_code == 303


def test_line_ends_and_control_characters_are_made_plain() -> None:
    assert clean_text("  a\r\nb\rc\x00\x1b[0m\u2028d\t ") == "a\nb\nc[0m\nd"
    assert clean_text(None) == ""


def test_saving_what_is_shown_changes_nothing(rosa: Person, step: str) -> None:
    rosa.post(step, {"q_s1.1": "4", "q_s1.1__comment": "a\r\nb"})
    before = rosa.opened.changed_at
    rosa.post(step, {"q_s1.1": "4", "q_s1.1__comment": "a\r\nb"})
    assert rosa.opened.changed_at == before


def shown_by(page: str, item: str) -> str:
    """What the page says about the version of an answer it was made with."""
    found = re.search(rf'name="q_{re.escape(item)}__shown" value="([^"]*)"', page)
    assert found
    return found[1]


def test_an_old_tab_saves_what_was_changed_on_it_and_nothing_else(rosa: Person, step: str) -> None:
    rosa.post(step, {"q_s1.1": "2"})
    shown = shown_by(rosa.get(step).text, "s1.1")
    rosa.post(step, {"q_s1.1": "5"})
    assert rosa.post(step, {"q_s1.1": "2", "q_s1.1__shown": shown, "q_s1.2": "3"}).status_code == 303
    assert rosa.answers["s1.1"].level == 5
    assert rosa.answers["s1.2"].level == 3


@pytest.fixture
def stale(rosa: Person, step: str) -> dict[str, str]:
    """An entry on a page that was made before somebody else answered the item with level 5."""
    rosa.post(step, {"q_s1.1": "2"})
    shown = shown_by(rosa.get(step).text, "s1.1")
    rosa.post(step, {"q_s1.1": "5", "q_s1.1__comment": "theirs"})
    return {"q_s1.1": "4", "q_s1.1__comment": "mine", "q_s1.1__shown": shown}


def test_an_entry_on_a_stale_page_is_kept_on_the_page_beside_the_newer_answer(
    rosa: Person, step: str, stale: dict[str, str]
) -> None:
    page = rosa.post(step, {**stale, "q_s1.2": "3"})
    assert page.status_code == 409
    assert "This answer was changed elsewhere in the meantime" in page.text
    assert '<span class="typed">theirs</span>' in page.text
    assert "mine</textarea>" in page.text
    assert 'id="q_s1.1-4" value="4" checked' in page.text
    assert "1 other answer was saved." in page.text
    assert rosa.answers["s1.1"] == Answer(level=5, comment="theirs")
    assert rosa.answers["s1.2"] == Answer(level=3)


@pytest.mark.parametrize(
    ("keep", "status", "ends"),
    [("mine", 303, Answer(level=4, comment="mine")), ("theirs", 303, Answer(level=5, comment="theirs")),
     ("", 409, Answer(level=5, comment="theirs")), ("both", 409, Answer(level=5, comment="theirs"))],
)  # fmt: skip
def test_the_person_chooses_between_the_two(
    rosa: Person, step: str, stale: dict[str, str], keep: str, status: int, ends: Answer
) -> None:
    shown = shown_by(rosa.post(step, stale).text, "s1.1")
    again = rosa.post(step, {**stale, "q_s1.1__shown": shown, "q_s1.1__keep": keep})
    assert again.status_code == status
    assert rosa.answers["s1.1"] == ends


def test_a_third_value_that_came_meanwhile_is_shown_too(rosa: Person, step: str, stale: dict[str, str]) -> None:
    shown = shown_by(rosa.post(step, stale).text, "s1.1")
    rosa.post(step, {"q_s1.1": "1", "q_s1.1__comment": "a third"})
    page = rosa.post(step, {**stale, "q_s1.1__shown": shown, "q_s1.1__keep": "mine"})
    assert page.status_code == 409
    assert '<span class="typed">a third</span>' in page.text
    assert rosa.answers["s1.1"] == Answer(level=1, comment="a third")


def test_a_page_that_comes_back_with_a_mistake_has_no_conflict_with_itself(rosa: Person, step: str) -> None:
    page = rosa.post(
        step, {"q_s1.1": "4", "q_s1.2__comment": "only a note", "q_s1.1__shown": "0.none", "q_s1.2__shown": "0.none"}
    )
    assert page.status_code == 422
    shown = {f"q_{item}__shown": shown_by(page.text, item) for item in ("s1.1", "s1.2")}
    again = rosa.post(step, {"q_s1.1": "5", "q_s1.2": "2", "q_s1.2__comment": "only a note", **shown})
    assert again.status_code == 303
    assert rosa.answers == {"s1.1": Answer(level=5), "s1.2": Answer(level=2, comment="only a note")}


def test_an_answer_that_was_cleared_elsewhere_is_a_conflict_too(rosa: Person, step: str) -> None:
    rosa.post(step, {"q_s1.1": "2"})
    shown = shown_by(rosa.get(step).text, "s1.1")
    rosa.post(step, {"q_s1.1": "clear"})
    page = rosa.post(step, {"q_s1.1": "4", "q_s1.1__shown": shown})
    assert page.status_code == 409
    assert "No answer: it was cleared." in page.text
    assert rosa.answers == {}


@pytest.mark.parametrize("shown", ["", "x", "9999999999.none", "-1.none", "1", "１.none", "1.none.asks.asks"])
def test_a_page_that_doesnt_say_what_it_was_made_with_overwrites_nothing(rosa: Person, step: str, shown: str) -> None:
    rosa.post(step, {"q_s1.1": "2"})
    assert rosa.post(step, {"q_s1.1": "4", "q_s1.1__shown": shown}).status_code == 409
    assert rosa.answers["s1.1"].level == 2


@pytest.mark.parametrize(
    ("dimension", "then", "ends"),
    [
        ("s1", "next", "step/s2"), ("s1", "back", ""), ("s2", "back", "step/s1"), ("s7", "next", "result"),
        ("s3", "leave", ""), ("s3", "stay", "step/s3"), ("s3", "nonsense", "step/s3"),
    ],
)  # fmt: skip
def test_where_a_button_leads(rosa: Person, dimension: str, then: str, ends: str) -> None:
    link = rosa.start()
    assert rosa.post(f"{link}step/{dimension}", {"then": then}).headers["Location"] == link + ends


def test_a_full_disk_keeps_everything_typed_on_the_page(rosa: Person, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_given: object) -> None:
        raise Failed("the disk is full")

    monkeypatch.setattr(answers, "save_answers", refuse)
    page = rosa.post(step, {"q_s1.1": "4", "q_s1.1__comment": "precious"})
    assert page.status_code == 503
    assert "precious" in page.text
    assert 'value="4" checked' in page.text
    assert "could not be saved right now" in page.text


@pytest.mark.parametrize("token", [None, "", "forged"])
def test_an_old_page_is_shown_again_with_everything_typed(rosa: Person, step: str, token: str | None) -> None:
    data = {"q_s1.1": "4", "q_s1.1__comment": "precious"} | ({} if token is None else {"csrf_token": token})
    page = rosa.client.post(step, data=data)
    assert page.status_code == 400
    assert "precious" in page.text
    assert 'value="4" checked' in page.text
    assert "press the button once more" in page.text
    assert rosa.answers == {}


@pytest.mark.parametrize("evil", EVIL)
def test_evil_text_is_shown_as_text(rosa: Person, evil: str) -> None:
    link = rosa.start(name=evil)
    rosa.post(f"{link}step/s1", {"q_s1.1": "4", "q_s1.1__evidence": evil, "q_s1.1__comment": evil})
    for page, language in product(("", "step/s1", "result", "description", "erase"), ("en", "zh-Hant", "zh-Hans")):
        text = rosa.get(f"{link}{page}?lang={language}").text
        assert "<script>alert" not in text
        assert "<img src=x" not in text
        assert "</textarea></textarea>" not in text
        assert page == "erase" or escape(evil) in text


def test_a_form_is_built_once_per_questionnaire_step_and_language(rosa: Person) -> None:
    rosa.start()
    questionnaire = rosa.opened.questionnaire
    first, second = questionnaire.dimensions[:2]
    built = answer_form(questionnaire, first, 1, "en")
    assert answer_form(questionnaire, first, 1, "en") is built
    assert answer_form(questionnaire, first, 1, "zh-Hans") is not built
    assert answer_form(questionnaire, second, 2, "en") is not built
