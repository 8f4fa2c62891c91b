"""What is written down: one event a line, with the request's id, and nothing that leads to a person."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from assess.application import create_application
from assess.logs import JSON, TEXT, JsonLines, TextLines, kind_of, places_of, set_up_logs, without_private
from assess.storage.documents import claim_next
from assess.usecases import people
from assess.usecases.installation import Installation, open_installation
from assess.web.guards import OPEN, POLICIES
from tests.staff import CHEAP, PASSWORD
from tests.web.cast import Cast, assemble
from tests.web.conftest import Person, settings_in
from tests.web.pages import ask_document

CANARY = "canary-7d1f"
EMAIL = f"{CANARY}@example.org"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What is logged, as JSON lines, at every level."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers, root.level
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root.handlers, root.level = [handler], logging.DEBUG
    yield stream
    root.handlers, root.level = handlers, level


def events(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("Exception on /a/reply-Xy_9-z/step/s1 [GET]", "Exception on /a/…/step/s1 [GET]"),
        ("GET /i/AbC?x=1 and /join/KM4, /show/zz/live", "GET /i/…?x=1 and /join/…, /show/…/live"),
        ("/setup/abc\nand /w/tok/", "/setup/…\nand /w/…/"),
        ("mail to rosa.o'neil+kam@mail.example.org now", "mail to …@… now"),
        ("with reply-3f9A and kam_abcdefghijklmnopqrstuvwxyz", "with reply-… and kam_…"),
        ("kam_lan, kam-assess, /api/v1/engagements stay", "kam_lan, kam-assess, /api/v1/engagements stay"),
    ],
)
def test_links_addresses_and_tokens_are_struck_out(given: str, told: str) -> None:
    assert without_private(given) == told


def broken() -> BaseException:
    try:
        try:
            {}[CANARY]
        except KeyError as error:
            raise ValueError(f"not {CANARY}") from error
    except ValueError as error:
        return error


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
def test_of_an_exception_the_kind_and_the_place_are_told_and_not_what_it_says(
    form: logging.Formatter, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = broken()
    record = logging.LogRecord("x", logging.ERROR, "", 0, "it broke", None, (type(error), error, error.__traceback__))
    told = form.format(record)
    assert CANARY not in told
    assert "ValueError from KeyError" in told
    assert "tests/test_logs.py" in told
    assert "broken" in told
    monkeypatch.setenv("KAM_DEBUG", "1")
    assert CANARY in form.format(record), "for the time of looking for a fault everything is told"


def test_the_kind_of_a_systems_error_says_what_the_system_said() -> None:
    assert kind_of(PermissionError(13, "Permission denied", f"/{CANARY}")) == "PermissionError (Permission denied)"
    assert places_of(ValueError("never raised")) == []


@pytest.mark.parametrize("form", [TEXT, JSON])
def test_the_format_is_a_setting(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    set_up_logs(form)
    logging.getLogger("assess.test").info("hello %s", "there", extra={"fields": {"count": 3}})
    root.handlers, root.level = handlers, level
    told = capsys.readouterr().err
    if form == TEXT:
        assert told.endswith(" INFO assess.test: hello there count=3\n")
    else:
        event = json.loads(told)
        assert {name: event[name] for name in ("level", "logger", "event", "count")} == {
            "level": "INFO", "logger": "assess.test", "event": "hello there", "count": 3,
        }  # fmt: skip
        assert event["at"].endswith("Z")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, installation: Installation) -> Flask:
    """Pages and API together, with a page that fails over what somebody wrote."""
    app = create_application(installation.settings, installation)

    @app.post("/fail/<token>")
    def fail(token: str) -> str:
        raise ValueError(f"what {token} of {EMAIL} wrote")

    return app


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    opened = open_installation(settings_in(tmp_path_factory.mktemp("logs")))
    yield replace(opened, passwords=CHEAP)
    opened.storage.close()


@pytest.fixture(scope="module")
def cast(app: Flask, installation: Installation) -> Cast:
    return assemble(app, installation)


def journey(app: Flask, cast: Cast, installation: Installation) -> list[str]:
    """Answer, save, fail, sign in wrongly and rightly, invite, call the API; returns every secret that was in play."""
    rosa = Person(app.test_client(), installation)
    link = rosa.start(name=f"{CANARY} Corp")
    rosa.post(f"{link}step/s1", {"q_s1.1": "2", "q_s1.1__comment": f"{CANARY} said so"})
    headers = {"X-CSRFToken": rosa.csrf(f"{link}step/s2"), "User-Agent": CANARY}
    sent = {"key": "9b2d6f0e-4a3c-4d1b-8e2f-0123456789ab", "base": 0, "answer": {"level": 2, "comment": CANARY}}
    assert rosa.client.post(f"{link}answers/s2.1", json=sent, headers=headers).status_code == 200
    rosa.client.post(f"{link}answers/s2.1", json={CANARY: CANARY}, headers=headers)
    rosa.get(f"{link}result?{CANARY}={CANARY}")
    rosa.get(f"/{CANARY}")
    ask_document(rosa, fmt="json")
    with installation.storage.writing() as connection:
        assert claim_next(connection, installation.clock())
    assert rosa.client.post(f"/fail/{CANARY}").status_code == 500
    rosa.post("/sign-in", {"email": EMAIL, "password": f"{CANARY} wrong password"})
    ada = cast.actors["admin"]
    rosa.post("/sign-in", {"email": cast.ada.email, "password": PASSWORD})
    ada.post("/people/", {"email": EMAIL, "name": CANARY, "role": "consultant"})
    ada.post(
        f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/invitations", {"names": CANARY, "kind": "personal"}
    )
    ada.get(f"/i/{cast.invite}")
    for token in ("kam_" + CANARY * 3, ""):
        app.test_client().get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    session = ada.client.get_cookie("kam_lan")
    assert session is not None
    return [CANARY, link.split("/")[2], cast.reply, cast.invite, cast.ada.email, PASSWORD, session.value, cast.run.code]


def test_a_journey_leaves_nothing_of_anybody_in_the_log(
    app: Flask, cast: Cast, installation: Installation, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(POLICIES, "fail", OPEN)
    secrets = journey(app, cast, installation)
    told = lines.getvalue()
    assert [secret for secret in secrets if secret in told] == []
    written = events(lines)
    answered = [event for event in written if event["logger"] == "assess.access"]
    assert {event["endpoint"] for event in answered} > {"saving.save", "staff.sign_in", "api.me", "none", "fail"}
    assert all(event["request"] and "ms" in event for event in answered)
    (failed,) = [event for event in written if event["logger"] == "assess.errors"]
    assert failed["event"] == "failed: ValueError"
    assert str(failed["where"][-1]).endswith(" fail")  # type: ignore[index]
    assert failed["request"] in {event["request"] for event in answered if event["status"] == 500}


def test_the_database_never_tells_what_a_statement_was_about(installation: Installation, lines: io.StringIO) -> None:
    try:
        with installation.storage.writing() as connection:
            connection.execute(text("INSERT INTO nowhere VALUES (:it)"), {"it": CANARY})
    except Exception:
        logging.getLogger("x").exception("could not write")
    assert "could not write" in lines.getvalue()
    assert CANARY not in lines.getvalue()


def test_a_refused_sign_in_is_counted_without_its_address(installation: Installation, lines: io.StringIO) -> None:
    people.sign_in(installation, email=EMAIL, password=CANARY, address="192.0.2.7", browser=CANARY)
    assert CANARY not in lines.getvalue()
    assert "192.0.2.7" not in lines.getvalue()
