"""Error pages say what happened, what was kept and what to do, in the reader's language."""

from __future__ import annotations

import io
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask, abort
from werkzeug.datastructures import MultiDict

from assess.core.errors import AssessError, Conflict, Failed, Invalid, NotAllowed, NotFound, Problem
from assess.storage.engine import Storage
from assess.usecases.installation import Installation
from assess.web.app import create_app
from assess.web.errors import EXPLANATIONS
from assess.web.guards import OPEN, POLICIES
from assess.web.languages import use_language
from tests.web.conftest import Person
from tests.web.test_headers import assert_headers

CODES = sorted(EXPLANATIONS)


@pytest.fixture(scope="module")
def failing(installation: Installation) -> Iterator[Flask]:
    """The app with a page for every failure, which everybody may open."""
    app = create_app(installation.settings, installation)

    @app.get("/fail/<int:code>")
    def fail(code: int) -> str:
        abort(code)

    @app.route("/raise/<name>", methods=["GET", "POST"])
    def refuse(name: str) -> str:
        raise ERRORS[name]

    with patch.dict(POLICIES, {"fail": OPEN, "refuse": OPEN}):
        yield app


ERRORS: dict[str, Exception] = {
    "missing": NotFound("secret detail"),
    "forbidden": NotAllowed("secret detail"),
    "conflict": Conflict("secret detail"),
    "failed": Failed("secret detail"),
    "invalid": Invalid([Problem("is not a module"), Problem("{id} is used twice", {"id": "<b>x</b>"})]),
    "unknown": AssessError("secret detail"),
    "crash": ZeroDivisionError("secret detail"),
}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize(("language", "way_out"), [("en", "front page"), ("zh-Hant", "前往首頁"), ("zh-Hans", "前往首页")])
def test_every_status_has_a_page_in_every_language(failing: Flask, code: int, language: str, way_out: str) -> None:
    page = failing.test_client().get(f"/fail/{code}?lang={language}")
    assert page.status_code == code
    assert_headers(page)
    assert way_out in page.text
    assert f'<html lang="{language}">' in page.text
    with failing.test_request_context("/"):
        use_language(language)
        explanation = EXPLANATIONS[code]
        assert all(str(text) in page.text for text in (explanation.title, explanation.kept, explanation.advice))


@pytest.mark.parametrize("code", [401, 406, 410, 415, 418, 451, 501, 502])
def test_a_status_without_own_words_still_has_a_page(failing: Flask, code: int) -> None:
    page = failing.test_client().get(f"/fail/{code}")
    assert page.status_code == code
    assert "<h1>" in page.text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("missing", 404), ("forbidden", 403), ("conflict", 409), ("failed", 503), ("invalid", 422),
        ("unknown", 500), ("crash", 500),
    ],
)  # fmt: skip
def test_every_refusal_has_its_status_and_gives_nothing_away(failing: Flask, name: str, code: int) -> None:
    page = failing.test_client().get(f"/raise/{name}")
    assert page.status_code == code
    assert_headers(page)
    assert "secret detail" not in page.text


def test_problems_are_listed_in_the_readers_language(failing: Flask) -> None:
    page = failing.test_client().get("/raise/invalid?lang=zh-Hans").text
    assert "&lt;b&gt;x&lt;/b&gt; 用了两次" in page


def test_who_is_asked_to_wait_is_told_how_long(failing: Flask) -> None:
    for code in (429, 503):
        assert failing.test_client().get(f"/fail/{code}").headers["Retry-After"] == "60"


def test_too_much_at_once_is_refused_and_nothing_is_lost(rosa: Person) -> None:
    link = rosa.start()
    rosa.post(f"{link}step/s1", {"q_s1.1": "4"})
    before = rosa.answers
    page = rosa.post(f"{link}step/s1", {"q_s1.1__comment": "x" * 1_100_000})
    assert page.status_code == 413
    assert "this page was not saved" in page.text
    assert rosa.answers == before
    many = rosa.client.post(f"{link}step/s1", data={f"f{n}": "x" for n in range(700)}, content_type="multipart/form-data")
    assert many.status_code == 413


class Fields(HTMLParser):
    """The hidden fields of a page's forms, in their order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "input" and given.get("type") == "hidden":
            self.sent.append((given["name"] or "", given["value"] or ""))


def test_what_was_typed_survives_a_database_that_is_away_and_can_be_sent_again(
    rosa: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = rosa.start()
    typed = {"csrf_token": rosa.csrf(), "q_s1.1": "4", "q_s1.1__comment": 'line one\nline two <b>"bold"</b> & 關鍵'}

    def away(_storage: object) -> object:
        raise Failed("the database could not be read: secret detail")

    with monkeypatch.context() as patched:
        patched.setattr(Storage, "reading", away)
        page = rosa.client.post(f"{link}step/s1", data=typed)
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert_headers(page)
    assert "<b>" not in page.text
    assert "Send it again" in page.text
    assert f'action="{link}step/s1"' in page.text
    again = rosa.client.post(f"{link}step/s1", data=dict(Fields(page.text).sent))
    assert again.status_code == 303
    assert rosa.answers["s1.1"].comment == typed["q_s1.1__comment"]


@pytest.mark.parametrize(
    ("form", "kept"),
    [
        ({"a": ["1", "2"], "b": ["<i>"]}, [("a", "1"), ("a", "2"), ("b", "<i>")]),
        ({"email": ["ada@example.org"], "password": ["a long secret one"]}, []),
        ({"a": ["1"], "file": [(io.BytesIO(b"x"), "x.csv")]}, []),
    ],
)
def test_a_page_holds_what_was_sent_but_no_password_and_no_file(
    failing: Flask, form: dict[str, list[Any]], kept: list[tuple[str, str]]
) -> None:
    page = failing.test_client().post("/raise/failed", data=MultiDict(form))
    assert page.status_code == 503
    assert Fields(page.text).sent == kept
    assert "a long secret" not in page.text


def test_a_wrong_verb_says_which_are_right(rosa: Person) -> None:
    answer = rosa.client.delete("/start")
    assert answer.status_code == 405
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_robots_stay_out_of_assessments(otto: Person) -> None:
    assert "Disallow: /a/" in otto.get("/robots.txt").text
