"""Two web servers and two workers on one PostgreSQL, each with a data folder of its own: a whole journey between them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from sqlalchemy import select, text, update

from assess.config import read_settings
from assess.storage.tables import answer, answer_event, document, vote
from assess.usecases import people
from assess.usecases.installation import Installation, open_installation
from tests.databases import free_port, temporary_database
from tests.staff import PASSWORD

ROOT = Path(__file__).parents[2]
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
SECRET = "one-secret-for-all-machines-0123456789"
PATIENCE = 120.0
"""Seconds; a bound for a test that hangs, no measure."""


@dataclass
class Machine:
    """One process of the installation, with a data folder that no other one sees."""

    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, env=os.environ | self.environment, cwd=ROOT, start_new_session=True)

    def kill(self) -> None:
        """As when the power fails: without a word, and with whatever it started."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


@dataclass
class Site:
    """The addresses of both web servers, both workers, and a look into their database."""

    urls: tuple[str, str]
    webs: list[Machine]
    workers: list[Machine]
    installation: Installation

    def rows(self, statement: Any) -> list[Any]:
        with self.installation.storage.reading() as connection:
            return list(connection.execute(statement).all())


@dataclass
class Browser:
    """Somebody whose every request may reach the other server, as behind a proxy that takes turns."""

    urls: tuple[str, str]
    session: requests.Session = field(default_factory=requests.Session)
    turn: int = 0

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        self.turn += 1
        url = self.urls[self.turn % 2] + re.sub(r"^https?://[^/]+", "", path)
        return self.session.request(method, url, allow_redirects=False, timeout=30, **options)

    def get(self, path: str) -> str:
        answered = self.ask("GET", path)
        assert answered.status_code == 200, (path, answered.status_code)
        return answered.text

    def csrf(self, page: str) -> str:
        found = CSRF.search(self.get(page))
        assert found, f"no form on {page}"
        return found[1]

    def post(self, path: str, page: str = "", **data: str) -> requests.Response:
        """Fetch the form from one server and send it to the other."""
        sent = {"csrf_token": self.csrf(page or path), **data}
        return self.ask("POST", path, data=sent)

    def follow(self, path: str, page: str = "", **data: str) -> str:
        """Where a form that was taken leads to."""
        answered = self.post(path, page, **data)
        assert answered.status_code == 303, (path, answered.status_code, re.sub(r"\s+", " ", answered.text)[:2000])
        return re.sub(r"^https?://[^/]+", "", answered.headers["Location"])


def wait_until(holds: Callable[[], bool], what: str) -> None:
    ends = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < ends, what
        time.sleep(0.1)


@pytest.fixture(scope="module")
def site(postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with ExitStack() as stack:
        database = stack.enter_context(temporary_database(postgresql))
        shared = {"KAM_DATABASE_URL": database, "KAM_SECRET_KEY": SECRET, "WEB_CONCURRENCY": "1"}

        def settings(name: str, **more: str) -> dict[str, str]:
            return {**shared, "KAM_DATA_DIR": str(tmp_path_factory.mktemp(name)), **more}

        installation = open_installation(read_settings(settings("console")))
        stack.callback(installation.storage.close)
        ports = free_port(), free_port()
        gunicorn = [sys.executable, "-m", "gunicorn", "-c", str(ROOT / "deploy" / "gunicorn.conf.py")]
        webs = [Machine(gunicorn, settings("web", KAM_HOST="127.0.0.1", KAM_PORT=str(port))) for port in ports]
        workers = [Machine([sys.executable, "-m", "assess.cli.main", "worker"], settings("worker")) for _ in range(2)]
        for machine in (*webs, *workers):
            machine.start()
            stack.callback(_end, machine)
        urls = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
        for url in urls:
            wait_until(lambda url=url: _answers(url), f"{url} does not answer")
        yield Site(urls, webs, workers, installation)


def _end(machine: Machine) -> None:
    if machine.process is not None and machine.process.poll() is None:
        machine.kill()


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=30).status_code == 200
    except requests.RequestException:
        return False


@pytest.fixture(scope="module")
def ada(site: Site) -> Browser:
    """From the first set-up link to a session, which either server knows."""
    browser = Browser(site.urls)
    token = people.first_start(site.installation)
    given = {"email": "ada@example.org", "password": PASSWORD, "kind": "consultancy", "name": "Ada", "workspace": "Ada & Co"}
    assert browser.follow(f"/setup/{token}", **given) == "/sign-in"
    assert browser.follow("/sign-in", email="ada@example.org", password=PASSWORD) == "/engagements/"
    for _ in range(2):
        assert "Add demo data" in browser.get("/engagements/")
    return browser


@pytest.fixture(scope="module")
def run(ada: Browser) -> str:
    """The page of an assessment of a client."""
    engagement = ada.follow("/engagements/new", client="Acme", language="en", mode="attributed")
    return ada.follow(f"{engagement}assessments/new", questionnaire="kam-seven-steps-short", profile="")


def save(browser: Browser, link: str, item: str, key: str, base: int, level: int) -> requests.Response:
    headers = {"X-CSRFToken": browser.csrf(f"{link}step/s1"), "Sec-Fetch-Site": "same-origin"}
    body = {"key": key, "base": base, "answer": {"level": level}}
    return browser.ask("POST", f"{link}answers/{item}", json=body, headers=headers)


def test_an_invitation_is_accepted_and_answered_on_either_server(site: Site, ada: Browser, run: str) -> None:
    page = ada.follow(f"{run}invitations", run, kind="personal", names="Rosa", role="kam", language="en")
    invited = re.search(r'value="https?://[^/]+(/i/[^"]+)"', ada.get(page))
    assert invited
    rosa = Browser(site.urls)
    own = rosa.follow(invited[1], role="kam")
    key = str(uuid4())
    assert save(rosa, own, "s1.1", key, 0, 4).json()["version"] == 1
    rosa.turn += 1
    assert save(rosa, own, "s1.1", key, 0, 4).json()["version"] == 1, "the same edit, sent to the other server"
    assert save(rosa, own, "s1.1", str(uuid4()), 1, 5).json()["version"] == 2
    assert save(rosa, own, "s1.1", str(uuid4()), 1, 2).status_code == 409, "based on what is no longer there"
    for step in ("s2", "s3"):
        rosa.follow(f"{own}step/{step}", **{f"q_{step}.1": "3"})
    kept = {row.item: row.level for row in site.rows(select(answer.c.item, answer.c.level))}
    assert kept == {"s1.1": 5, "s2.1": 3, "s3.1": 3}
    assert len(site.rows(select(answer_event.c.key).where(answer_event.c.key == key))) == 1


def test_a_room_votes_on_either_server(site: Site, ada: Browser, run: str) -> None:
    page = f"{run}workshop/"
    ada.follow(f"{page}start", page)
    code = re.search(r'class="join-code">([^<]+)<', ada.get(page))
    assert code, "no code to join with"
    seats = [Browser(site.urls, turn=turn) for turn in range(2)]
    rooms = [seat.follow(seat.follow("/join", code=code[1]), name="", role="kam") for seat in seats]
    ada.follow(f"{page}act", page, do="take", item="s1.1", source="live")
    for seat, room in zip(seats, rooms, strict=True):
        shown = seat.get(room)
        number = re.search(r'name="round" value="(\d+)"', shown)
        assert number, "no question on the phone"
        seat.follow(f"{room}vote", room, round=number[1], choice="4")
    assert [row.level for row in site.rows(select(vote.c.level))] == [4, 4]


def test_five_wrong_passwords_count_wherever_they_were_tried(site: Site, ada: Browser) -> None:
    otto = Browser(site.urls)
    tries = [otto.post("/sign-in", email="carl@example.org", password="wrong").status_code for _ in range(6)]
    assert tries == [422] * 5 + [429]


def test_a_worker_killed_in_mid_document_leaves_none_out_and_makes_none_twice(site: Site, ada: Browser, run: str) -> None:
    asked = ask_reports(ada, run, "docx", "en", "zh-Hant")
    wait_until(lambda: _states(site, *asked) == ["running", "running"], "the two workers don't share the work")
    site.workers[0].kill()
    wait_until(lambda: sorted(_states(site, *asked)) == ["done", "running"], "the living worker does not end its report")
    with site.installation.storage.writing() as connection:
        held = document.c.state == "running"
        connection.execute(update(document).where(held).values(lease_until=document.c.requested_at))
    site.workers[0].start()
    wait_until(lambda: _states(site, *asked) == ["done", "done"], "the report of the dead worker is forgotten")
    made = site.rows(select(document.c.attempt, document.c.fence, document.c.content).where(document.c.id.in_(asked)))
    assert sorted((row.attempt, row.fence) for row in made) == [(1, 1), (2, 2)]
    assert all(row.content.startswith(b"PK") for row in made)
    assert set(ask_reports(ada, run, "docx", "en", "zh-Hant")) == set(asked), "the same content is the same document"


def test_a_report_asked_of_one_server_is_fetched_from_the_other(site: Site, ada: Browser, run: str) -> None:
    (id_,) = ask_reports(ada, run, "json")
    wait_until(lambda: _states(site, id_) == ["done"], "the report is not made")
    files = [ada.ask("GET", f"{_documents(run)}/{id_}/file") for _ in range(2)]
    assert [each.status_code for each in files] == [200, 200]
    assert files[0].content == files[1].content
    assert files[0].json()["schema"] == "kam-report/1"


def test_all_of_them_end_when_asked_and_no_wake_up_is_left(site: Site, ada: Browser) -> None:
    assert [machine.stop() for machine in (*site.workers, *site.webs)] == [0, 0, 0, 0]
    assert site.rows(text("SELECT * FROM procrastinate_jobs WHERE status = 'todo'")) == []


def _documents(run: str) -> str:
    return f"/a/team-{run.strip('/').rsplit('/', 1)[1]}/documents"


def ask_reports(browser: Browser, run: str, fmt: str, *languages: str) -> list[str]:
    """Their ids."""
    page = _documents(run)
    result = page.removesuffix("documents") + "result"
    return [
        browser.follow(page, result, fmt=fmt, style="full", language=language).rsplit("/", 1)[1]
        for language in languages or ("en",)
    ]


def _states(site: Site, *ids: str) -> list[str]:
    found = dict(site.rows(select(document.c.id, document.c.state)))
    return [found[id_] for id_ in ids]
