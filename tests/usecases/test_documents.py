"""Documents: asked for by people, made by the worker, exactly once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import Connection, update

from assess import jobs
from assess.core.answers import Answer, Organisation
from assess.core.errors import Failed, Full, Invalid, NotFound
from assess.jobs import Limits, work_once
from assess.storage.documents import Claim
from assess.storage.engine import Storage
from assess.storage.tables import document
from assess.usecases import answers, assessments, documents
from assess.usecases.documents import DocumentView
from assess.usecases.installation import Installation
from tests.usecases.conftest import Clock

ORGANISATION = Organisation("Acme & Söhne / 關鍵")


@pytest.fixture
def token(installation: Installation) -> str:
    started = assessments.start(installation, questionnaire="mini", role="kam", language="en", organisation=ORGANISATION)
    answers.save_answers(installation, started, {"s1.1": Answer(level=4), "s1.2": Answer(level=2, comment="評語")})
    return started


def ask(installation: Installation, token: str, fmt: str = "json", language: str = "en") -> DocumentView:
    return documents.request_document(installation, token, fmt=fmt, style="full", language=language)


def work(installation: Installation, limits: Limits | None = None) -> bool:
    return work_once(installation, Event(), limits or Limits())


def test_a_document_is_made_and_fetched(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    assert asked.state == "queued"
    with pytest.raises(NotFound):
        documents.document_bytes(installation, token, asked.id)
    assert work(installation)
    assert not work(installation)
    made = documents.find_document(installation, token, asked.id)
    content = documents.document_bytes(installation, token, asked.id)
    assert (made.state, made.size, made.error) == ("done", len(content), None)
    assert made.filename == "KAM-Acme-Söhne-關鍵-2026-11-21.json"
    assert json.loads(content)["schema"] == "kam-report/1"


def test_the_same_content_asked_for_again_is_the_same_document(installation: Installation, token: str) -> None:
    first = ask(installation, token)
    assert ask(installation, token).id == first.id
    work(installation)
    assert ask(installation, token).id == first.id
    assert ask(installation, token, language="zh-Hant").id != first.id
    answers.save_answers(installation, token, {"s1.3": Answer(level=1)})
    assert ask(installation, token).id != first.id
    assert len(documents.list_documents(installation, token)) == 3


def test_a_document_shows_the_answers_as_they_were_when_it_was_asked_for(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    answers.save_answers(installation, token, {"s1.2": Answer(level=5, comment="changed afterwards")})
    work(installation)
    content = documents.document_bytes(installation, token, asked.id).decode()
    assert "評語" in content
    assert "changed afterwards" not in content


def test_nobody_else_reaches_a_document(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    work(installation)
    other = assessments.start(installation, questionnaire="mini", role="kam", language="en", organisation=Organisation())
    for stranger in (other, "unknown", "sample-beginner"):
        for reach in (documents.find_document, documents.document_bytes, documents.retry_document):
            with pytest.raises(NotFound):
                reach(installation, stranger, asked.id)
    assert documents.list_documents(installation, other) == ()
    with pytest.raises(NotFound):
        documents.list_documents(installation, "unknown")


@pytest.mark.one_database
@pytest.mark.parametrize("wrong", [{"fmt": "exe"}, {"style": "none"}, {"language": "de"}])
def test_an_unknown_wish_is_refused(installation: Installation, token: str, wrong: dict[str, str]) -> None:
    wish = {"fmt": "json", "style": "full", "language": "en"} | wrong
    with pytest.raises(Invalid):
        documents.request_document(installation, token, **wish)


@pytest.mark.one_database
def test_a_sample_gives_documents_that_say_so(installation: Installation) -> None:
    asked = ask(installation, "sample-advanced")
    work(installation)
    content = json.loads(documents.document_bytes(installation, "sample-advanced", asked.id))
    assert "sample" in json.dumps(content["cover"]).lower()


def test_one_that_takes_too_long_fails_with_the_reason_and_can_be_tried_again(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    work(installation, Limits(wall_seconds=0))
    failed = documents.find_document(installation, token, asked.id)
    assert (failed.state, failed.error) == ("failed", jobs.TOO_LONG)
    assert documents.retry_document(installation, token, asked.id).state == "queued"
    work(installation)
    assert documents.find_document(installation, token, asked.id).state == "done"


@pytest.mark.one_database
def test_one_that_needs_too_much_processor_time_fails_with_the_reason(installation: Installation) -> None:
    wanted = documents.request_document(installation, "sample-beginner", fmt="pdf", style="full", language="en")
    work(installation, Limits(cpu_seconds=1))
    failed = documents.find_document(installation, "sample-beginner", wanted.id)
    assert (failed.state, failed.error) == ("failed", jobs.TOO_LONG)


@pytest.mark.one_database
def test_one_that_needs_too_much_memory_fails_with_the_reason(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    work(installation, Limits(memory_bytes=40 * 1024 * 1024))
    failed = documents.find_document(installation, token, asked.id)
    assert failed.state == "failed"
    assert failed.error


@pytest.mark.one_database
def test_one_that_cant_be_read_fails_and_the_worker_goes_on(installation: Installation, token: str) -> None:
    broken, sound = ask(installation, token), ask(installation, token, language="zh-Hans")
    with installation.storage.writing() as connection:
        connection.execute(update(document).where(document.c.id == broken.id).values(request="{}"))
    work(installation)
    work(installation)
    states = {each.id: each.state for each in documents.list_documents(installation, token)}
    assert states == {broken.id: "failed", sound.id: "done"}


def test_a_worker_told_to_stop_puts_the_document_back(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    stop = Event()
    stop.set()
    assert work_once(installation, stop, Limits())
    assert documents.find_document(installation, token, asked.id).state == "queued"
    assert work(installation)


@pytest.mark.one_database
def test_a_killed_worker_s_document_is_made_by_the_next(installation: Installation, token: str, clock: Clock) -> None:
    asked = ask(installation, token)
    settings = installation.settings
    environment = os.environ | {"KAM_DATA_DIR": str(settings.data_dir), "KAM_DATABASE_URL": settings.database_url}
    worker = subprocess.Popen([sys.executable, "-m", "assess.cli.main", "worker"], env=environment, stderr=subprocess.PIPE)
    for _ in range(600):
        if documents.find_document(installation, token, asked.id).state == "running":
            break
        time.sleep(0.05)
    os.kill(worker.pid, signal.SIGKILL)
    worker.communicate()
    left = documents.find_document(installation, token, asked.id)
    assert left.state == "running"
    with installation.storage.writing() as connection:
        connection.execute(update(document).values(lease_until=clock()))
    clock.advance(seconds=1)
    assert work(installation)
    assert documents.find_document(installation, token, asked.id).state == "done"


@pytest.mark.one_database
@pytest.mark.parametrize(("refusal", "state"), [(Failed, "done"), (Full, "running")])
def test_what_was_made_outlasts_a_database_that_starts_anew(
    installation: Installation, token: str, monkeypatch: pytest.MonkeyPatch, refusal: type[Failed], state: str
) -> None:
    asked, storage, writes = ask(installation, token), installation.storage, 0

    @contextmanager
    def writing() -> Iterator[Connection]:
        nonlocal writes
        writes += 1
        if writes in (2, 3):
            raise refusal("the database could not take the write")
        with Storage.writing(storage) as connection:
            yield connection

    monkeypatch.setattr(storage, "writing", writing)
    monkeypatch.setattr(jobs, "_make_in_child", lambda *_: b"made")
    monkeypatch.setattr(jobs, "IDLE_SECONDS", 0)
    if refusal is Failed:
        assert work(installation)
    else:
        with pytest.raises(Full):
            work(installation)
    assert documents.find_document(installation, token, asked.id).state == state


@pytest.mark.one_database
def test_a_heartbeat_that_reaches_no_database_ends_no_work(installation: Installation, tmp_path: Path) -> None:
    nowhere = Storage(f"sqlite:///{tmp_path / 'missing' / 'kam.sqlite3'}")
    claim = Claim("a" * 32, 1, 1, "json", "full", "en", "{}")
    assert jobs._beat(jobs.KINDS[jobs.DOCUMENT], replace(installation, storage=nowhere), claim, None)
    assert not jobs._beat(jobs.KINDS[jobs.DOCUMENT], installation, claim, None), "a row that is gone ends it"


def test_erasing_an_assessment_erases_its_documents(installation: Installation, token: str) -> None:
    asked = ask(installation, token)
    work(installation)
    assessments.erase(installation, token)
    with pytest.raises(NotFound):
        documents.document_bytes(installation, token, asked.id)
