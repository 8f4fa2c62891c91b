"""Health, readiness, metrics, the reference of a request: what programs and those who run an installation are told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from assess.core.errors import Invalid
from assess.storage import workers
from assess.usecases.installation import Installation, open_installation
from assess.web import metrics as metrics_module
from assess.web.app import create_app
from assess.web.guards import policy_of
from tests.web.conftest import Person, settings_in
from tests.web.pages import ask_document
from tests.web.test_headers import assert_headers

TOKEN = "a-token-for-prometheus-0123456789"
ASKED = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of its own, with metrics."""
    made = open_installation(settings_in(tmp_path_factory.mktemp("service"), metrics_token=TOKEN))
    yield made
    made.storage.close()


@pytest.fixture(scope="module")
def measured(opened: Installation) -> Flask:
    return create_app(opened.settings, opened)


def beat(installation: Installation, worker: str, *, ago: timedelta = timedelta()) -> None:
    with installation.storage.writing() as connection:
        workers.note_beat(connection, worker, installation.clock() - ago)


def forget(installation: Installation, *names: str) -> None:
    with installation.storage.writing() as connection:
        for name in names:
            workers.forget_worker(connection, name)


def numbers(client: FlaskClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    answer = client.get("/metrics", headers=ASKED)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {(one.name, frozenset(one.labels.items())): one.value for family in families for one in family.samples}


def of(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str) -> float:
    return found.get((name, frozenset(labels.items())), 0.0)


def test_health_says_only_that_the_process_lives(measured: Flask, opened: Installation) -> None:
    with patch.object(type(opened.storage), "reading", side_effect=AssertionError("health looks at nothing")):
        answer = measured.test_client().get("/health")
    assert answer.json == {"status": "ok"}
    assert_headers(answer)


def test_ready_needs_database_schema_and_a_worker_seen_within_a_minute(measured: Flask, opened: Installation) -> None:
    client = measured.test_client()
    without = client.get("/ready")
    assert (without.status_code, without.json["worker"]) == (503, "not seen lately")
    assert client.get("/ready?worker=no").status_code == 200
    beat(opened, "w1", ago=timedelta(seconds=61))
    assert client.get("/ready").status_code == 503
    beat(opened, "w2")
    assert client.get("/ready").json == {"status": "ready", "database": "ok", "schema": "ok", "worker": "ok"}
    forget(opened, "w1", "w2")
    beat(opened, "ahead", ago=timedelta(days=-1))
    assert client.get("/ready").status_code == 503, "a clock that jumped back must not let a dead worker live for a day"
    forget(opened, "ahead")


def test_ready_refuses_another_schema(tmp_path: Path) -> None:
    installation = open_installation(settings_in(tmp_path))
    app = create_app(installation.settings, installation)
    with installation.storage.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    answer = app.test_client().get("/ready?worker=no")
    assert (answer.status_code, answer.json["schema"]) == (503, "not of this version")
    installation.storage.close()


@pytest.mark.parametrize("damage", [b"", b"this is no database" * 1000], ids=["tables gone", "not a database"])
def test_ready_says_so_when_the_database_cannot_be_used(tmp_path: Path, damage: bytes) -> None:
    app = create_app(settings_in(tmp_path))
    app.extensions["kam_assess"].storage.close()
    for file in tmp_path.glob("kam.sqlite3-*"):
        file.unlink()
    (tmp_path / "kam.sqlite3").write_bytes(damage)
    answer = app.test_client().get("/ready")
    assert app.test_client().get("/health").status_code == 200
    app.extensions["kam_assess"].storage.close()
    assert answer.status_code == 503
    assert answer.json["status"] == "not ready"
    assert_headers(answer)


def test_beats_are_updated_in_place_and_forgotten_after_a_day(opened: Installation) -> None:
    beat(opened, "old", ago=timedelta(days=2))
    beat(opened, "new")
    beat(opened, "new")
    with opened.storage.reading() as connection:
        assert len(workers.load_beats(connection)) == 1
    forget(opened, "new")


def test_metrics_are_for_who_knows_the_token(measured: Flask, app: Flask) -> None:
    client = measured.test_client()
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer ä"}):
        answer = client.get("/metrics", headers=headers)
        assert answer.status_code == 401
        assert "kam_requests" not in answer.text
    assert client.get("/metrics", headers=ASKED).status_code == 200
    assert app.test_client().get("/metrics", headers=ASKED).status_code == 404, "without a token in the settings there are none"


def test_metrics_without_their_library_refuse_the_start(opened: Installation) -> None:
    with patch.object(metrics_module, "find_spec", return_value=None), pytest.raises(Invalid, match="needs the extra metrics"):
        create_app(opened.settings, opened)


def test_requests_and_saves_are_counted_by_endpoint_and_outcome(measured: Flask, opened: Installation) -> None:
    rosa = Person(measured.test_client(), opened)
    link = rosa.start()
    before = numbers(rosa.client)
    headers = {"X-CSRFToken": rosa.csrf(f"{link}step/s1")}
    key = "9b2d6f0e-4a3c-4d1b-8e2f-0123456789ab"
    body = {"key": key, "base": 0, "answer": {"level": 2}}
    assert rosa.client.post(f"{link}answers/s1.1", json=body, headers=headers).status_code == 200
    late = body | {"key": key.replace("9b", "9c")}
    assert rosa.client.post(f"{link}answers/s1.1", json=late | {"answer": {"level": 3}}, headers=headers).status_code == 409
    assert rosa.client.post(f"{link}answers/s1.1", json={}, headers=headers).status_code == 422
    rosa.get("/nowhere")
    after = numbers(rosa.client)

    def more(name: str, **labels: str) -> float:
        return of(after, name, **labels) - of(before, name, **labels)

    assert more("kam_requests_total", endpoint="saving.save", method="POST", status="200") == 1
    assert more("kam_requests_total", endpoint="none", method="GET", status="404") == 1
    assert more("kam_request_seconds_count", endpoint="saving.save") == 3
    for outcome in ("saved", "conflict", "refused"):
        assert more("kam_save_seconds_count", what="answer", outcome=outcome) == 1


def test_the_queue_the_workers_and_the_database_are_told_as_the_database_knows_them(
    measured: Flask, opened: Installation
) -> None:
    rosa = Person(measured.test_client(), opened)
    rosa.start()
    rosa.answer_all()
    ask_document(rosa, fmt="json")
    beat(opened, "w", ago=timedelta(seconds=5))
    found = numbers(rosa.client)
    assert of(found, "kam_database_up") == 1
    assert of(found, "kam_jobs", kind="document", state="queued") == 1
    assert of(found, "kam_jobs", kind="release", state="queued") == 0
    assert of(found, "kam_workers") == 1
    assert 5 <= of(found, "kam_worker_beat_seconds") < 120
    later = replace(opened, clock=lambda: opened.clock() + timedelta(seconds=90))
    found = numbers(create_app(opened.settings, later).test_client())
    assert of(found, "kam_queue_oldest_seconds", kind="document") >= 90
    assert of(found, "kam_workers") == 0
    forget(opened, "w")


def test_metrics_name_endpoints_and_never_addresses_or_people(measured: Flask, opened: Installation) -> None:
    rosa = Person(measured.test_client(), opened)
    link = rosa.start(name="Canary Corp")
    rosa.get(f"{link}result")
    text_ = rosa.client.get("/metrics", headers=ASKED).text
    assert link.split("/")[2] not in text_
    assert "Canary" not in text_
    endpoints = set(re.findall(r'endpoint="([^"]+)"', text_)) - {"none"}
    assert {name for name in endpoints if policy_of(name) is None} == set()


def test_an_error_of_the_database_is_counted(measured: Flask, opened: Installation) -> None:
    before = numbers(measured.test_client())
    with pytest.raises(Exception, match="no such table"), opened.storage.reading() as connection:
        connection.execute(text("SELECT * FROM nothing_of_the_kind"))
    after = numbers(measured.test_client())
    assert of(after, "kam_database_errors_total", kind="OperationalError") == 1 + of(
        before, "kam_database_errors_total", kind="OperationalError"
    )


def test_every_answer_carries_a_reference_and_error_pages_show_it(measured: Flask) -> None:
    client = measured.test_client()
    seen = {
        client.get(path, buffered=True).headers["X-Request-Id"] for path in ("/", "/nowhere", "/health", "/static/site.css")
    }
    assert len(seen) == 4
    page = client.get("/nowhere", headers={"X-Request-Id": "chosen-by-a-stranger"})
    assert re.fullmatch("[0-9a-f]{16}", page.headers["X-Request-Id"])
    assert page.headers["X-Request-Id"] in page.text


def test_a_proxy_may_choose_the_reference(opened: Installation) -> None:
    settings = replace(opened.settings, proxy_hops=1)
    behind = create_app(settings, replace(opened, settings=settings)).test_client()
    page = behind.get("/nowhere", headers={"X-Request-Id": "proxy-0123.4567"})
    assert page.headers["X-Request-Id"] == "proxy-0123.4567"
    assert "proxy-0123.4567" in page.text
    for evil in ("<script>alert(1)</script>", "short", "x" * 65):
        page = behind.get("/nowhere", headers={"X-Request-Id": evil})
        assert evil not in page.headers["X-Request-Id"]
