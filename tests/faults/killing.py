"""kill -9 of the web process while people save, and of the worker in the middle of a document."""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from threading import Thread

from sqlalchemy import select

from assess.config import read_settings
from assess.core.answers import Organisation
from assess.core.questionnaire import LANGUAGES
from assess.storage.queue import DONE, FAILED, MAX_ATTEMPTS, QUEUED, RUNNING
from assess.storage.tables import document
from assess.usecases import assessments, documents
from assess.usecases.installation import Installation, open_installation
from tests.bench.workshop import Server
from tests.databases import free_port
from tests.faults.nursery import Nursery, kill
from tests.faults.people import QUESTIONNAIRE, Writer, compare, invite, open_all, together
from tests.faults.table import Table
from tests.staff import CHEAP

CHEAP_FORMATS = ("json", "ics", "xlsx")
LEASE = 1.0
"""In seconds: what is asked for is that a dead worker's document is taken over, not that it takes a minute."""


@dataclass
class Stage:
    """An installation that this process looks into, and where its servers find it."""

    environment: Mapping[str, str]
    installation: Installation
    port: int

    @property
    def is_up(self) -> bool:
        return is_answered(self.port)


@contextmanager
def stage(folder: Path, database_url: str = "") -> Iterator[Stage]:
    environment = {"KAM_DATA_DIR": str(folder), "KAM_SAVES_PER_SECOND": "0"}
    if database_url:
        environment["KAM_DATABASE_URL"] = database_url
    installation = replace(open_installation(read_settings(environment)), passwords=CHEAP)
    yield Stage(environment, installation, free_port())
    installation.storage.close()


async def _ask_health(port: int) -> bool:
    reader, writer = await asyncio.wait_for(asyncio.open_connection("127.0.0.1", port), 5)
    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return line.startswith(b"HTTP/1.1 200")


def is_answered(port: int) -> bool:
    try:
        return asyncio.run(_ask_health(port))
    except (OSError, TimeoutError):
        return False


def wait_until(is_so: Callable[[], bool], seconds: float = 30, pause: float = 0.02) -> float:
    """Seconds until it is so. Raises AssertionError when it doesn't become so in time."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds, "waited in vain"
        time.sleep(pause)
    return time.monotonic() - began


@dataclass
class Forked:
    """A web process from the nursery."""

    nursery: Nursery
    stage: Stage
    pid: int = 0

    def start(self, **how: float) -> float:
        self.pid = self.nursery.start("web", self.stage.environment, port=self.stage.port, **how)
        return wait_until(lambda: self.stage.is_up)

    def kill(self) -> None:
        kill(self.pid)


def whole_command(stage: Stage) -> Server:
    """`kam-assess serve` with its worker, as people start it."""
    command = [sys.executable, "-m", "assess.cli.main", "serve", "--port", str(stage.port)]
    return Server(stage.port, command, {**os.environ, **stage.environment})


def kill_web(
    table: Table,
    stage: Stage,
    server: Forked | Server,
    *,
    scenario: str,
    kills: int,
    people: int,
    seed: int,
    seconds: float = 0.5,
) -> list[Writer]:
    """Kill the server in mid-write, again and again; everybody sends again what was not answered."""
    chance, longest = random.Random(f"{seed} kill web"), server.start()
    writers = invite(stage.installation, stage.port, people, seed)
    open_all(writers)

    def acknowledged() -> int:
        return sum(len(writer.acknowledged) for writer in writers)

    def strike(saves: int) -> None:
        """Once so many more are acknowledged, while others are under way."""
        enough = acknowledged() + saves
        wait_until(lambda: acknowledged() >= enough, pause=0.002)
        time.sleep(0.02 * chance.random())
        server.kill()

    for _ in range(kills):
        killer = Thread(target=strike, args=(chance.randint(1, 2 * people),))
        killer.start()
        together(writers, _until_gone)
        killer.join()
        longest = max(longest, server.start())
    together(writers, Writer.settle)
    table.add(scenario, f"seconds to be back after {kills} kills, longest", round(longest, 2), 5 if kills > 50 else None)
    report(table, stage, scenario, writers)
    server.kill()
    return writers


async def _until_gone(writer: Writer) -> None:
    """Save until the server is gone."""
    while True:
        try:
            await writer.save()
        except OSError:
            return


def report(table: Table, stage: Stage, scenario: str, writers: Sequence[Writer]) -> None:
    found = compare(stage.installation, writers)
    table.add(scenario, "edits acknowledged", found.acknowledged)
    table.add(scenario, "edits stored", found.stored)
    table.add(scenario, "acknowledged edits lost", found.lost, 0)
    table.add(scenario, "edits there twice", found.twice, 0)
    table.add(scenario, "versions, answers or files that are not sound", found.unsound, 0)
    table.add(scenario, "edits still without an answer", sum(writer.pending is not None for writer in writers), 0)


@dataclass(frozen=True)
class Wanted:
    token: str
    id: str


def ask_for_documents(stage: Stage, number: int, pdfs: int) -> list[Wanted]:
    """Different documents: every one has its own client."""
    found = []
    for place in range(number):
        organisation = Organisation(f"Client {place}")
        token = assessments.start(
            stage.installation, questionnaire=QUESTIONNAIRE, role="kam", language="en", organisation=organisation
        )
        fmt = "pdf" if place < pdfs else CHEAP_FORMATS[place % len(CHEAP_FORMATS)]
        made = documents.request_document(
            stage.installation, token, fmt=fmt, style="brief" if fmt == "pdf" else "full", language=LANGUAGES[place % 3]
        )
        found.append(Wanted(token, made.id))
    return found


def kill_worker(
    table: Table,
    stage: Stage,
    nursery: Nursery,
    *,
    scenario: str,
    kills: int,
    number: int,
    pdfs: int,
    seed: int,
    lease: float = 1,
) -> None:
    """Kill the worker while a document is running; another takes over; all end, none is made anew once it is done."""
    chance = random.Random(f"{seed} kill worker")
    wanted = ask_for_documents(stage, number, pdfs)
    first: dict[str, str] = {}
    struck = again = 0
    while struck < kills:
        if not _count(stage, QUEUED, RUNNING):
            wanted += ask_for_documents(stage, number, 0)
            again += 1
            assert again < 1000, "the documents end too fast to be killed"
        worker = nursery.start("worker", stage.environment, lease=LEASE)
        try:
            wait_until(lambda: bool(_count(stage, RUNNING)) or not _count(stage, QUEUED))
            time.sleep(0.15 * chance.random())
            struck += bool(_count(stage, RUNNING))
        finally:
            kill(worker)
        _note_done(stage, first)
        wait_until(lambda: not _fresh_leases(stage), pause=0.1)
    worker = nursery.start("worker", stage.environment, lease=LEASE)
    try:
        wait_until(lambda: not _count(stage, QUEUED, RUNNING), 300, 0.1)
    finally:
        kill(worker)
    _judge(table, stage, scenario, wanted, first, struck)


def _judge(table: Table, stage: Stage, scenario: str, wanted: list[Wanted], first: dict[str, str], struck: int) -> None:
    views = [documents.find_document(stage.installation, one.token, one.id) for one in wanted]
    with stage.installation.storage.reading() as connection:
        rows = connection.execute(select(document.c.id, document.c.content, document.c.attempt)).all()
    content = {row.id: bytes(row.content) for row in rows if row.content is not None}
    done = [view for view in views if view.state == DONE]
    table.add(scenario, "workers killed in the middle of a document", struck)
    table.add(scenario, "documents asked for", len(wanted))
    table.add(scenario, "documents done", len(done))
    table.add(scenario, "documents failed, with a reason", sum(view.state == FAILED and bool(view.error) for view in views))
    silent = sum(view.state != DONE and not (view.state == FAILED and view.error) for view in views)
    table.add(scenario, "documents that neither are done nor say why", silent, 0)
    table.add(scenario, "documents there twice", len(rows) - len({row.id for row in rows}) + abs(len(rows) - len(wanted)), 0)
    table.add(scenario, "done documents made anew", sum(_print(content[id_]) != seen for id_, seen in first.items()), 0)
    table.add(scenario, "done documents that can't be read", sum(not _reads(content[view.id], view.fmt) for view in done), 0)
    table.add(scenario, "begun more often than allowed", sum(row.attempt > MAX_ATTEMPTS for row in rows), 0)


def _count(stage: Stage, *states: str) -> int:
    with stage.installation.storage.reading() as connection:
        return len(connection.execute(select(document.c.id).where(document.c.state.in_(states))).all())


def _fresh_leases(stage: Stage) -> bool:
    """Whether a dead worker still holds a document."""
    now = stage.installation.clock()
    with stage.installation.storage.reading() as connection:
        ends = connection.scalars(select(document.c.lease_until).where(document.c.state == RUNNING)).all()
    assert all((end - now).total_seconds() <= LEASE for end in ends)
    return any(end > now for end in ends)


def _note_done(stage: Stage, first: dict[str, str]) -> None:
    with stage.installation.storage.reading() as connection:
        rows = connection.execute(select(document.c.id, document.c.content).where(document.c.state == DONE)).all()
    for row in rows:
        first.setdefault(row.id, _print(bytes(row.content)))


def _print(content: bytes) -> str:
    return sha256(content).hexdigest()


def _reads(content: bytes, fmt: str) -> bool:
    if fmt == "json":
        return "schema" in json.loads(content)
    if fmt == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return book.testzip() is None
    return content.startswith({"pdf": b"%PDF-", "ics": b"BEGIN:VCALENDAR"}[fmt])
