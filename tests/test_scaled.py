"""The worker on PostgreSQL: told at once, finds what nobody told it, and leaves nothing behind."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from threading import Event, Thread
from time import monotonic

import pytest
from procrastinate import App
from sqlalchemy import text

from assess import jobs, scaled
from assess.config import read_settings
from assess.core.errors import Invalid
from assess.storage import documents as document_rows
from assess.storage import engine, schema, wakeups
from assess.storage.engine import Storage
from assess.usecases import documents
from assess.usecases.documents import DocumentView
from assess.usecases.installation import Installation, open_installation
from tests.databases import empty_database, free_port, temporary_database

SAMPLE = "sample-advanced"
LONG = 3600.0
SECRET = "a-secret-for-tests-only-0123456789"


@pytest.fixture
def installation(prepared_postgresql: Storage, tmp_path: Path) -> Iterator[Installation]:
    empty_database(prepared_postgresql)
    url = prepared_postgresql.url.render_as_string(hide_password=False)
    environment = {"KAM_DATA_DIR": str(tmp_path), "KAM_DATABASE_URL": url, "KAM_SECRET_KEY": SECRET}
    opened = open_installation(read_settings(environment))
    yield opened
    opened.storage.close()


@pytest.fixture(autouse=True)
def only_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker looks by itself, and the document is not the point."""
    monkeypatch.setattr(scaled, "SWEEP_SECONDS", LONG)
    monkeypatch.setattr(scaled, "LOOK_SECONDS", LONG)
    monkeypatch.setattr(jobs, "_make_in_child", lambda *_: b"made")


@contextmanager
def worker(installation: Installation, *, listens: bool = True) -> Iterator[Event]:
    """One that works beside the test, which begins when the worker can be told; asked to stop, it has to end."""
    stop = Event()
    thread = Thread(target=scaled.run_scaled_worker, args=(installation, stop))
    thread.start()
    try:
        if listens:
            wait_until(lambda: is_heard(installation))
        yield stop
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def ask(installation: Installation, language: str = "en") -> DocumentView:
    return documents.request_document(installation, SAMPLE, fmt="json", style="full", language=language)


def state(installation: Installation, id_: str) -> str:
    return documents.find_document(installation, SAMPLE, id_).state


def waiting(installation: Installation) -> list[str]:
    """The rows that workers are told of."""
    with installation.storage.reading() as connection:
        return list(connection.scalars(text("SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")))


def is_heard(installation: Installation) -> bool:
    """Whether a worker listens: what is told before goes unheard until it looks by itself."""
    listeners = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'LISTEN %'")
    with installation.storage.reading() as connection:
        return bool(connection.scalar(listeners))


def wait_until(holds: Callable[[], bool]) -> None:
    ends = monotonic() + 30
    while not holds():
        assert monotonic() < ends
        Event().wait(0.05)


def untold(installation: Installation) -> Installation:
    """The same one, of a web process that dies before it can tell anybody."""
    return replace(installation, enqueue=lambda _: None)


def test_a_worker_is_told_at_once_and_keeps_no_record_of_what_is_done(installation: Installation) -> None:
    with worker(installation):
        asked = [ask(installation, language).id for language in ("en", "zh-Hant", "zh-Hans")]
        wait_until(lambda: {state(installation, id_) for id_ in asked} == {"done"})
    with installation.storage.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert connection.scalar(text("SELECT count(*) FROM procrastinate_workers")) == 0


def test_a_wake_up_that_got_lost_is_made_up_for(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaled, "SWEEP_SECONDS", 1.0)
    with worker(installation):
        first = ask(installation)
        wait_until(lambda: state(installation, first.id) == "done")
        lost = ask(untold(installation), "zh-Hant")
        wait_until(lambda: state(installation, lost.id) == "done")


def test_a_sweep_that_fails_is_not_the_last(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sweep, tries = scaled.sweep, iter((ZeroDivisionError, OSError))

    async def failing(app: App, of: Installation) -> None:
        for error in tries:
            raise error
        await sweep(app, of)

    monkeypatch.setattr(scaled, "SWEEP_SECONDS", 1.0)
    monkeypatch.setattr(scaled, "sweep", failing)
    asked = ask(untold(installation))
    with worker(installation):
        wait_until(lambda: state(installation, asked.id) == "done")
    assert caplog.text.count("the sweep failed") == 2


def test_what_a_dead_worker_held_is_made_by_the_next_that_starts(installation: Installation) -> None:
    asked = ask(untold(installation))
    with installation.storage.writing() as connection:
        held = document_rows.claim_next(connection, installation.clock() - timedelta(minutes=2))
        connection.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour')"))
        columns = "(queue_name, task_name, status, worker_id) SELECT 'assess', 'work', 'doing', id FROM procrastinate_workers"
        connection.execute(text(f"INSERT INTO procrastinate_jobs {columns}"))
    assert held is not None
    with worker(installation):
        wait_until(lambda: state(installation, asked.id) == "done")
        with installation.storage.reading() as connection:
            assert document_rows.find_document(connection, SAMPLE, asked.id).attempt == 2
    with installation.storage.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0, "nor is its job left"


def test_a_row_is_announced_once_however_often_it_is_told(installation: Installation) -> None:
    asked = ask(installation)
    for _ in range(3):
        installation.enqueue(asked.id)
    assert waiting(installation) == [asked.id]
    with installation.storage.reading() as connection:
        assert wakeups.unannounced(connection, installation.clock()) == ()


def test_a_worker_that_stops_puts_its_document_back_and_tells_the_others(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Event()

    def make(_kind: object, _installation: object, _claim: object, stop: Event, _limits: object) -> None:
        begun.set()
        assert stop.wait(30)

    monkeypatch.setattr(jobs, "_make_in_child", make)
    with worker(installation):
        asked = ask(installation)
        assert begun.wait(30)
    assert state(installation, asked.id) == "queued"
    assert waiting(installation) == [asked.id]


def test_without_a_database_a_worker_waits_and_still_stops(
    installation: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    nowhere = Storage(f"postgresql://kam@127.0.0.1:{free_port()}/nowhere")
    with caplog.at_level(logging.WARNING), worker(replace(installation, storage=nowhere), listens=False):
        wakeups.wake(nowhere, "a" * 32)
        assert "will find it by themselves" in caplog.text
    nowhere.close()


def test_an_extra_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "find_spec", lambda name: None if name == "procrastinate" else find_spec(name))
    with pytest.raises(Invalid, match=r"KAM_DATABASE_URL.*\(procrastinate\).*kam-assess\[postgres\]"):
        Storage("postgresql://kam@127.0.0.1/nowhere")


# --- Its tables ---


def test_tables_of_another_version_are_made_anew(postgresql: str) -> None:
    with temporary_database(postgresql) as url:
        storage = Storage(url)
        schema.upgrade(storage)
        wakeups.wake(storage, "a" * 32)
        with storage.writing() as connection:
            connection.execute(text("ALTER TABLE procrastinate_jobs DROP COLUMN priority CASCADE"))
            connection.execute(text("COMMENT ON TABLE procrastinate_jobs IS 'of kam-assess before'"))
        with pytest.raises(Invalid, match="kam-assess db upgrade"):
            schema.require_current(storage)
        schema.upgrade(storage)
        schema.require_current(storage)
        wakeups.wake(storage, "b" * 32)
        with storage.reading() as connection:
            assert connection.scalars(text("SELECT args ->> 'row' FROM procrastinate_jobs")).all() == ["b" * 32]
        storage.close()


def test_tables_of_another_program_are_left_alone(postgresql: str) -> None:
    with temporary_database(postgresql) as url:
        storage = Storage(url)
        with storage.writing() as connection:
            connection.execute(text("CREATE TABLE procrastinate_jobs (id integer)"))
        with pytest.raises(Invalid, match="give kam-assess one of its own"):
            schema.upgrade(storage)
        with storage.reading() as connection:
            tables = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        assert tables == ["procrastinate_jobs"]
        storage.close()
