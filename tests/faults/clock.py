"""A clock that jumps in the middle of everything, through the installation's own clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assess.storage import documents as document_rows
from assess.usecases import documents, people
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from tests.faults.people import compare, invite
from tests.faults.table import Table
from tests.staff import CHEAP, PASSWORD, become_admin
from tests.web.conftest import Person, settings_in

JUMPS = (timedelta(days=1), timedelta(days=-1), timedelta(hours=-1), timedelta(days=-1), timedelta(days=1), timedelta(hours=1))


@dataclass
class Clock:
    now: datetime = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


@contextmanager
def clocked(folder: Path) -> Iterator[tuple[Clock, Installation]]:
    clock = Clock()
    opened = open_installation(settings_in(folder, saves_per_second=0))
    yield clock, replace(opened, passwords=CHEAP, clock=clock)
    opened.storage.close()


def jump(table: Table, folder: Path, seed: int, edits: int = 20) -> None:
    """Answers, sessions, throttling and documents across jumps of a day and an hour, both ways."""
    scenario = "clock jumps"
    with clocked(folder) as (clock, installation):
        app = create_app(installation.settings, installation)
        (writer,) = invite(installation, 0, 1, seed)
        rosa = Person(app.test_client(), installation, link=f"/a/{writer.token}/")
        headers = {"X-CSRFToken": rosa.csrf(f"{rosa.link}step/s1")}
        sent = refused = 0
        for step in (timedelta(0), *JUMPS):
            clock.now += step
            for _ in range(edits):
                edit = writer._new()
                body = {"key": edit.key, "base": edit.base, "answer": {"level": edit.level}}
                response = rosa.client.post(f"{rosa.link}answers/{edit.item}", data=json.dumps(body), headers=headers,
                                            content_type="application/json")  # fmt: skip
                sent += 1
                if response.status_code == 200 and response.json is not None:
                    writer.acknowledged[edit.key] = edit
                    writer.versions[edit.item] = response.json["version"]
                refused += response.status_code != 200
        found = compare(installation, [writer])
        table.add(scenario, "edits sent, each of them acknowledged", sent)
        table.add(scenario, "edits refused", refused, 0)
        table.add(scenario, "acknowledged edits lost", found.lost, 0)
        table.add(scenario, "answers in the wrong order", found.unsound + found.twice, 0)
        table.add(scenario, "sessions that came back to life", _sessions(installation, clock), 0)
        table.add(scenario, "people locked out", _lockouts(installation, clock), 0)
        table.add(scenario, "documents that wait for a dead worker", _stuck(installation, clock, writer.token), 0)


def sign_in(installation: Installation, password: str) -> people.SignIn:
    return people.sign_in(installation, email="ada@example.org", password=password, address="127.0.0.1", browser="test")


def _sessions(installation: Installation, clock: Clock) -> int:
    """A session that was closed stays closed whatever the clock says; how many times one was open again."""
    ada = become_admin(installation)
    opened = sign_in(installation, PASSWORD).token
    assert opened is not None
    found = people.current_session(installation, opened)
    assert found is not None
    people.sign_out_everywhere(installation, ada)
    alive = 0
    for step in JUMPS:
        clock.now += step
        alive += people.current_session(installation, opened) is not None
    return alive


def _lockouts(installation: Installation, clock: Clock) -> int:
    """Somebody who mistyped too often is not locked out for a day because the clock was set back."""
    for _ in range(people.TRIES_PER_PERSON + 1):
        sign_in(installation, "wrong")
    assert sign_in(installation, PASSWORD).is_throttled
    clock.now -= timedelta(days=1)
    locked = 0
    for _ in range(3):
        locked += people.sign_in(
            installation, email="ada@example.org", password=PASSWORD, address="a", browser="b"
        ).is_throttled
        clock.now += timedelta(minutes=20)
    return locked


def _stuck(installation: Installation, clock: Clock, token: str) -> int:
    """A worker takes a document and dies; the clock is set back; whether no other worker ever takes it over."""
    for day, language in ((-1, "en"), (1, "zh-Hant")):
        documents.request_document(installation, token, fmt="json", style="full", language=language)
        with installation.storage.writing() as connection:
            assert document_rows.claim_next(connection, clock()) is not None
        clock.now += timedelta(days=day)
        with installation.storage.writing() as connection:
            again = document_rows.claim_next(connection, clock())
            if again is None:
                return 1
            assert document_rows.finish(connection, again, b"{}", clock())
    return 0
