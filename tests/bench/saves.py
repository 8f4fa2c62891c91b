"""A save over HTTP against a bare Flask route with the same SQL: gunicorn 2 x 8, SQLite with full synchronisation, one run.

The bare route trusts its caller: no link, no login, no CSRF token, no check of what is sent; one connection for each thread,
the writers queued by the same lock. Both sides are asked by the same clients in turn.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from assess.config import read_settings
from assess.core.answers import Organisation
from assess.usecases import assessments, documents
from assess.usecases.answers import Patch, save_answer
from assess.usecases.installation import Installation, open_installation
from tests.bench.measuring import Row
from tests.databases import free_port

CLIENTS, SECONDS, ROUNDS, ALONE = 50, 4.0, 3, 300
ITEMS = [f"s{step}.{number}" for step in range(1, 8) for number in range(1, 7)]
_TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')


@dataclass
class Client:
    """One person with a connection: the address to save to, what to send along, and the versions of the answers."""

    link: str
    respondent: int
    headers: dict[str, str] = field(default_factory=dict)
    versions: dict[str, int] = field(default_factory=dict)
    sent: int = 0

    def next_request(self, host: str) -> tuple[str, bytes]:
        item = ITEMS[self.sent % len(ITEMS)]
        self.sent += 1
        base = self.versions.get(item, 0)
        answer = {"level": 1 + self.sent % 5, "comment": f"edit {self.sent}"}
        body = json.dumps({"key": str(uuid4()), "base": base, "answer": answer, "respondent": self.respondent}).encode()
        if self.headers:
            body = json.dumps({"key": str(uuid4()), "base": base, "answer": answer}).encode()
        lines = [f"POST {self.link}answers/{item} HTTP/1.1", f"Host: {host}", "Content-Type: application/json"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return item, "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body


@dataclass(frozen=True)
class Side:
    """A running server and the people who save to it."""

    port: int
    clients: list[Client]


@contextmanager
def gunicorn(app: str, folder: Path) -> Iterator[int]:
    """The app behind gunicorn on a free loopback port; only the process started here is ended."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "2", "--threads", "8", "--keep-alive", "15"]
    command += ["--no-control-socket", "--log-level", "error", "-b", f"127.0.0.1:{port}", app]
    environment = {**os.environ, "KAM_DATA_DIR": str(folder), "KAM_SAVES_PER_SECOND": "0"}
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield port
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


def _wait_for(port: int) -> None:
    for _ in range(300):
        try:
            asyncio.run(_exchange_once(port, b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError("the server did not start")


async def _exchange_once(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    return answer


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> tuple[int, bytes]:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
    return int(head[9:12]), await reader.readexactly(length)


async def _save_until(side: Side, client: Client, is_over: Callable[[], bool], times: list[float]) -> None:
    host = f"127.0.0.1:{side.port}"
    reader, writer = await asyncio.open_connection("127.0.0.1", side.port)
    while not is_over():
        item, request = client.next_request(host)
        began = time.perf_counter()
        status, body = await _exchange(reader, writer, request)
        times.append(1000 * (time.perf_counter() - began))
        if status != 200:
            raise RuntimeError(f"{status}: {body[:200]!r}")
        client.versions[item] = json.loads(body)["version"]
    writer.close()


def crowd(side: Side) -> float:
    """Saves per second with every client at work."""
    times: list[float] = []
    ends = time.perf_counter() + SECONDS

    async def work() -> None:
        saving: list[Awaitable[None]] = [
            _save_until(side, client, lambda: time.perf_counter() > ends, times) for client in side.clients
        ]
        await asyncio.gather(*saving)

    asyncio.run(work())
    return len(times) / SECONDS


def alone(side: Side, saves: int = ALONE) -> float:
    """The 95th percentile of one client's saves, in milliseconds."""
    times: list[float] = []
    asyncio.run(_save_until(side, side.clients[0], lambda: len(times) >= saves, times))
    return statistics.quantiles(times, n=20)[-1]


def people(installation: Installation) -> list[Client]:
    clients = []
    for _ in range(CLIENTS):
        token = assessments.start(
            installation, questionnaire="kam-seven-steps", role="kam", language="en", organisation=Organisation("Bench")
        )
        respondent = assessments.open_by_link(installation, token).respondent
        assert respondent is not None
        clients.append(Client(f"/a/{token}/", int(respondent.id[1:])))
    return clients


def fetch_tokens(side: Side) -> None:
    """Open each person's page once, for the cookie and the CSRF token that their saves carry."""
    for client in side.clients:
        request = f"GET {client.link}step/s1 HTTP/1.1\r\nHost: 127.0.0.1:{side.port}\r\nConnection: close\r\n\r\n"
        page = asyncio.run(_exchange_once(side.port, request.encode()))
        cookie = re.search(rb"(?i)set-cookie: (kam_form=[^;]+)", page)
        token = _TOKEN.search(page)
        assert cookie
        assert token
        client.headers = {"Cookie": cookie[1].decode(), "X-CSRFToken": token[1].decode()}
        client.headers |= {"Origin": f"http://127.0.0.1:{side.port}", "Sec-Fetch-Site": "same-origin"}


@contextmanager
def rendering(installation: Installation, folder: Path) -> Iterator[None]:
    """Two document workers with more reports to make than they can finish."""
    sample = [f"sample-{name}" for name in assessments.sample_names()]
    tokens = [assessments.start(
        installation, questionnaire="kam-seven-steps", role="kam", language="en", organisation=Organisation(f"Report {n}")
    ) for n in range(10)]  # fmt: skip
    for token in tokens:
        for item in ITEMS:
            save_answer(installation, token, item, Patch(level=2), base=0, key=str(uuid4()))
    for token in (*sample, *tokens):
        for language in ("en", "zh-Hant", "zh-Hans"):
            documents.request_document(installation, token, fmt="pdf", style="full", language=language)
    command = [sys.executable, "-m", "assess.cli.main", "worker"]
    environment = {**os.environ, "KAM_DATA_DIR": str(folder), "KAM_SAVES_PER_SECOND": "0"}
    workers = [subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) for _ in range(2)]
    time.sleep(5)
    try:
        yield
    finally:
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        for worker in workers:
            worker.wait(60)


@dataclass(frozen=True)
class Figures:
    """Saves a second with 50 clients, ours and bare in each round; p95 in ms at one client: ours, bare, with reports."""

    crowds: list[tuple[float, float]]
    alone: float
    bare_alone: float
    while_rendering: float

    @property
    def ratio(self) -> float:
        return statistics.median(ours / bare for ours, bare in self.crowds)


def measure_saves() -> Figures:
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kam-bench-"))) for _ in range(2)]
        installations = [open_installation(read_settings({"KAM_DATA_DIR": str(folder)})) for folder in folders]
        groups = [people(installation) for installation in installations]
        apps = ["tests.bench.apps:ours()", "tests.bench.apps:bare()"]
        ports = [stack.enter_context(gunicorn(app, folder)) for app, folder in zip(apps, folders, strict=True)]
        ours, bare = (Side(port, clients) for port, clients in zip(ports, groups, strict=True))
        fetch_tokens(ours)
        alone(ours, 50), alone(bare, 50)
        singles = alone(ours), alone(bare)
        crowds = [(crowd(ours), crowd(bare)) for _ in range(ROUNDS)]
        with rendering(installations[0], folders[0]):
            busy = alone(ours)
        for installation in installations:
            installation.storage.close()
    return Figures(crowds, singles[0], singles[1], busy)


def rows() -> list[Row]:
    """For the table of `make bench`: milliseconds between two saves of the crowd, and p95 of one client."""
    figures = measure_saves()
    ours, bare = (1000 / statistics.median(side) for side in zip(*figures.crowds, strict=True))
    ratios = [first / second for first, second in figures.crowds]
    slower, alone_ratio = figures.while_rendering / figures.alone, figures.alone / figures.bare_alone
    return [
        Row(f"saves, {CLIENTS} clients (throughput)", ours, bare, ratios, "bare Flask, same SQL", 0.4, at_least=True),
        Row("a save, one client (p95, <= 10 ms)", figures.alone, figures.bare_alone, [alone_ratio], "bare Flask, same SQL"),
        Row("a save while two reports render (p95)", figures.while_rendering, figures.alone, [slower], "alone", 2.0),
    ]


def main() -> None:
    figures = measure_saves()
    out = sys.stdout
    for ours, bare in figures.crowds:
        out.write(f"saves per second, {CLIENTS} clients: ours {ours:7.0f}   bare {bare:7.0f}   ratio {ours / bare:.2f}\n")
    out.write(f"median ratio {figures.ratio:.2f} (at least 0.40 wanted)\n")
    out.write(f"p95 at one client: ours {figures.alone:.1f} ms (at most 10 wanted), bare {figures.bare_alone:.1f} ms\n")
    slower = figures.while_rendering / figures.alone
    out.write(f"p95 while two reports render: {figures.while_rendering:.1f} ms, {slower:.1f} times (at most 2 wanted)\n")


if __name__ == "__main__":
    main()
