"""A room of phones against a running server, and a server that is killed in the middle of it.

    python -m tests.bench.workshop --engine sqlite --people 200 --minutes 10 --kills 100 --seed 1

Every figure that issue 6 names is measured and printed beside what is asked for. Load and server share the machine's cores.
The server is `kam-assess serve` on SQLite, gunicorn with two processes as in `deploy/` on PostgreSQL, without a proxy;
`--processes N` makes it N processes on either, 0 `serve`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import select

from assess.config import read_settings
from assess.core.workshop import LIVE
from assess.storage.links import AssessmentKey
from assess.storage.tables import vote
from assess.usecases import desks, engagements, workshops
from assess.usecases.installation import Installation, open_installation
from tests.databases import free_port, postgresql_server
from tests.staff import CHEAP, become_admin, start_run

GUNICORN = Path(__file__).parents[2] / "deploy" / "gunicorn.conf.py"
ITEM = "s1.1"
ROLES = ("executive", "champion", "sales", "kam", "operations", "finance")
TOKEN = re.compile(rb'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Options:
    """What is run; seconds is how long the phones poll and vote, hurry how many times faster than people they do everything."""

    database: str = "sqlite"
    people: int = 200
    seconds: float = 600
    kills: int = 100
    stalled: int = 40
    edits: int = 10
    offline: float = 60
    processes: int = 0
    seed: int = 1
    hurry: float = 1


@dataclass
class Times:
    """Milliseconds of every request of one kind."""

    name: str
    all: list[float] = field(default_factory=list)

    def at(self, share: float) -> float:
        """The time that this share of the requests stayed within; 0 without any."""
        return sorted(self.all)[min(len(self.all) - 1, int(share * len(self.all)))] if self.all else 0.0


@dataclass
class Figures:
    """What came out, by name, with what is asked for (None: only told)."""

    rows: list[tuple[str, float, float | None, str]] = field(default_factory=list)

    def add(self, name: str, value: float, at_most: float | None, unit: str = "") -> None:
        self.rows.append((name, value, at_most, unit))
        self._show(*self.rows[-1])

    @property
    def missed(self) -> list[str]:
        return [name for name, value, limit, _ in self.rows if limit is not None and value > limit]

    @staticmethod
    def _show(name: str, value: float, limit: float | None, unit: str) -> None:
        wanted = "" if limit is None else f"(at most {limit:g}{' MISSED' if value > limit else ''})"
        sys.stdout.write(f"{name:<62}{value:>10.1f} {unit:<4} {wanted}\n")
        sys.stdout.flush()


class Phone:
    """One browser: a connection that stays, a cookie jar, a seat, and the votes that were acknowledged."""

    def __init__(self, port: int, chance: random.Random) -> None:
        self.port, self.chance = port, chance
        self.cookies: dict[str, str] = {}
        self.link, self.csrf, self.rev = "", "", ""
        self.acknowledged: dict[str, int] = {}
        self.failed: list[str] = []
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One request; a connection that was closed meanwhile is opened once more. Raises OSError."""
        for attempt in (1, 2):
            fresh = self._streams is None
            try:
                return await asyncio.wait_for(self._ask(method, path, body, headers), 30)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.close()
                if fresh or attempt == 2 or isinstance(error, TimeoutError):
                    raise ConnectionError(str(error)) from error
        raise AssertionError

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept-Language: en"]
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        lines += [f"Content-Length: {len(body)}", "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *rest = head.split("\r\n")
        found = dict(line.lower().split(": ", 1) for line in rest if ": " in line)
        for name, value in re.findall(r"(?im)^set-cookie: ([^=]+)=([^;]*)", head):
            self.cookies[name] = value
        status = int(first.split()[1])
        content = b"" if status == 204 else await reader.readexactly(int(found.get("content-length", "0")))
        if found.get("connection") == "close":
            self.close()
        return status, {**found, "location": _location(head)}, content

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None

    async def join(self, join_path: str) -> None:
        """From the QR code to the seat: the page, the form, the room."""
        _, _, page = await self.ask("GET", join_path)
        form = {"csrf_token": _csrf(page), "name": "", "role": self.chance.choice(ROLES)}
        status, headers, page = await self.ask(
            "POST", join_path, urlencode(form).encode(), Content_Type="application/x-www-form-urlencoded"
        )
        if status != 303:
            raise ConnectionError(f"join: {status}")
        self.link = headers["location"]
        status, _, page = await self.ask("GET", self.link)
        if status != 200:
            raise ConnectionError(f"room: {status}")
        self.csrf = _csrf(page)

    async def poll(self) -> int:
        status, _, content = await self.ask("GET", f"{self.link}live?rev={self.rev}&in=en")
        if status == 200:
            self.rev = json.loads(content)["rev"]
        return status

    async def vote(self, number: int, key: str | None = None, level: int | None = None) -> int:
        """One edit; the same key may be sent again. An acknowledged one is remembered."""
        key = key or str(UUID(int=self.chance.getrandbits(128), version=4))
        level = level or self.chance.randint(1, 5)
        body = json.dumps({"key": key, "base": 0, "answer": {"level": level}}).encode()
        headers = {"Content_Type": "application/json", "X_CSRFToken": self.csrf, "Sec_Fetch_Site": "same-origin"}
        status, _, content = await self.ask("POST", f"{self.link}votes/{number}", body, **headers)
        if status == 200:
            self.acknowledged[key] = level
        else:
            self.failed.append(f"vote: {status} {content[:80]!r}")
        return status


def _location(head: str) -> str:
    found = re.search(r"(?im)^location: (\S+)", head)
    return "" if found is None else re.sub(r"^https?://[^/]+", "", found[1])


def _csrf(page: bytes) -> str:
    found = TOKEN.search(page)
    if found is None:
        raise ConnectionError("a page without a form")
    return found[1].decode()


@dataclass
class Server:
    """The server's process; the only one that is ever killed, with its own children."""

    port: int
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Seconds until it answers."""
        began = time.perf_counter()
        self.process = subprocess.Popen(
            self.command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        while time.perf_counter() < began + 60:
            try:
                asyncio.run(_health(self.port))
            except (OSError, asyncio.IncompleteReadError):
                time.sleep(0.02)
            else:
                return time.perf_counter() - began
        raise TimeoutError("the server did not start")

    def kill(self) -> None:
        """Without a word to it, with everything it started."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    @property
    def megabytes(self) -> float:
        """Resident memory of the largest web process, without the document worker."""
        assert self.process is not None
        mine = [self.process.pid]
        if "gunicorn" in self.command:
            children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            mine += [int(child) for child in children]
        return max(_resident(pid) for pid in mine)


def _resident(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


async def _health(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


@dataclass
class Stage:
    """A server with an open workshop on it."""

    server: Server
    installation: Installation
    key: AssessmentKey
    join_path: str
    wall_path: str

    def take(self) -> int:
        workshops.take_item(self.installation, self.key, ITEM, LIVE)
        return desks.open_desk(self.installation, self.key).room.last

    @property
    def stored(self) -> dict[str, int]:
        """Key -> level of every vote in the database. Raises AssertionError when a key is there twice."""
        with self.installation.storage.reading() as connection:
            rows = connection.execute(select(vote.c.key, vote.c.level)).all()
        found = {row.key: row.level for row in rows}
        assert len(found) == len(rows)
        return found


@contextmanager
def open_stage(options: Options) -> Iterator[Stage]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kam-room-"))
        port = free_port()
        environment = {"KAM_DATA_DIR": folder, "KAM_HOST": "127.0.0.1", "KAM_PORT": str(port), "KAM_PROXY_HOPS": "0"}
        if options.database == "postgresql":
            environment["KAM_DATABASE_URL"] = stack.enter_context(postgresql_server())
        installation = replace(open_installation(read_settings(environment)), passwords=CHEAP)
        ada = become_admin(installation)
        run = start_run(installation, ada, "kam-seven-steps-short")
        key = engagements.key_to(installation, ada, run.code)
        workshops.start_workshop(installation, key)
        desk = desks.open_desk(installation, key)
        processes = {"WEB_CONCURRENCY": str(options.processes)} if options.processes else {}
        server = Server(port, _command(options), {**os.environ, **environment, **processes})
        stack.callback(installation.storage.close)
        stack.callback(server.stop)
        server.start()
        yield Stage(server, installation, key, f"/join/{desk.join_token}", f"/show/{desk.projector_token}/")


def _command(options: Options) -> list[str]:
    if not options.processes:
        return [sys.executable, "-m", "assess.cli.main", "serve"]
    return [sys.executable, "-m", "gunicorn", "-c", str(GUNICORN)]


async def timed(times: Times, what: AsyncIterator[int] | asyncio.Future[int]) -> int:
    began = time.perf_counter()
    status: int = await what  # type: ignore[misc]
    times.all.append(1000 * (time.perf_counter() - began))
    return status


async def join_all(stage: Stage, options: Options, figures: Figures) -> list[Phone]:
    """Everybody joins, spread over a minute as a room does (less where the run is short)."""
    phones = [Phone(stage.server.port, random.Random(f"{options.seed} {number}")) for number in range(options.people)]
    spread, began = min(50.0, options.people / 4) / options.hurry, time.perf_counter()

    async def one(number: int, phone: Phone) -> None:
        await asyncio.sleep(spread * number / len(phones))
        try:
            await phone.join(stage.join_path)
        except OSError as error:
            phone.failed.append(str(error))

    await asyncio.gather(*(one(number, phone) for number, phone in enumerate(phones)))
    figures.add(f"{options.people} joins", time.perf_counter() - began, 60, "s")
    figures.add("joins that failed", sum(bool(phone.failed) for phone in phones), 0)
    return [phone for phone in phones if phone.link]


async def work(phones: list[Phone], number: int, options: Options, *, again: int = 0) -> tuple[Times, Times, int]:
    """Poll every two seconds and vote every five; returns the times of votes and polls, and how many requests failed.

    again: at most a minute, otherwise by chance than the first time.
    """
    saves, polls, failed = Times("vote"), Times("poll"), [0]
    seed = options.seed + again
    ends = time.perf_counter() + (min(options.seconds, 60.0) if again else options.seconds)

    async def every(phone: Phone, pause: float, act: str, chance: random.Random) -> None:
        await asyncio.sleep(pause * chance.random())
        while time.perf_counter() < ends:
            try:
                if act == "poll":
                    status = await timed(polls, phone.poll())  # type: ignore[arg-type]
                else:
                    status = await timed(saves, phone.vote(number))  # type: ignore[arg-type]
                failed[0] += status not in (200, 204)
            except OSError as error:
                failed[0] += 1
                phone.failed.append(str(error))
            await asyncio.sleep(pause * (0.8 + 0.4 * chance.random()))

    tasks, followers = [], []
    for place, phone in enumerate(phones):
        follower = Phone(phone.port, phone.chance)
        followers.append(follower)
        follower.link, follower.cookies = phone.link, dict(phone.cookies)
        tasks.append(every(follower, 2 / options.hurry, "poll", random.Random(f"{seed} poll {place}")))
        tasks.append(every(phone, 5 / options.hurry, "vote", random.Random(f"{seed} vote {place}")))
    await asyncio.gather(*tasks)
    for follower in followers:
        follower.close()
    return saves, polls, failed[0]


async def herd(phones: list[Phone], number: int) -> tuple[float, int]:
    """Everybody votes in the same second: seconds until all are in, and how many failed."""
    began = time.perf_counter()

    async def one(place: int, phone: Phone) -> int:
        await asyncio.sleep(place / len(phones))
        return await phone.vote(number)

    statuses = await asyncio.gather(*(one(place, phone) for place, phone in enumerate(phones)), return_exceptions=True)
    return time.perf_counter() - began, sum(status != 200 for status in statuses)


async def wall_delay(stage: Stage, phone: Phone, number: int, hurry: float) -> float:
    """Seconds from a first vote until a projector that asks every two seconds shows one more."""
    wall = Phone(stage.server.port, phone.chance)
    address = f"{stage.wall_path}live?in=en&rev="
    _, _, content = await wall.ask("GET", address)
    before = json.loads(content)["rev"]
    await phone.vote(number)
    began = time.perf_counter()
    await asyncio.sleep(2.4 / hurry * phone.chance.random())
    for _ in range(10):
        status, _, _ = await wall.ask("GET", address + before)
        if status == 200:
            break
        await asyncio.sleep(2 / hurry * (0.8 + 0.4 * phone.chance.random()))
    wall.close()
    return time.perf_counter() - began


@asynccontextmanager
async def stalled(port: int, number: int) -> AsyncIterator[None]:
    """Connections that began a request and say nothing more: half with half a head, half with half a body."""
    opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(number)]
    for place, (_, writer) in enumerate(opened):
        half_head = b"POST /join HTTP/1.1\r\nHost: localhost\r\nContent-Le"
        half_body = b"POST /join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ncode="
        writer.write(half_body if place % 2 else half_head)
        await writer.drain()
    try:
        yield
    finally:
        for _, writer in opened:
            writer.close()


async def go_offline(phones: list[Phone], number: int, options: Options) -> tuple[int, list[str]]:
    """Every phone is away, makes edits, and comes back; an answer that got lost on the way makes it send again.

    Returns how many failed, and the keys of all edits.
    """
    edits = [[str(UUID(int=phone.chance.getrandbits(128), version=4)) for _ in range(options.edits)] for phone in phones]
    for phone in phones:
        phone.close()
    await asyncio.sleep(options.offline)

    async def come_back(phone: Phone, keys: list[str]) -> int:
        failed = 0
        for key in keys:
            level = phone.chance.randint(1, 5)
            for _ in range(phone.chance.choice((1, 1, 2))):
                failed += await phone.vote(number, key, level) != 200
            await asyncio.sleep(0.1)
        return failed

    failed = await asyncio.gather(*(come_back(phone, keys) for phone, keys in zip(phones, edits, strict=True)))
    return sum(failed), [key for keys in edits for key in keys]


def kill_again_and_again(stage: Stage, phones: list[Phone], number: int, options: Options) -> tuple[float, int]:
    """kill -9 in the middle of writing; returns the longest time to come back and how many acknowledged votes are lost."""
    chance, longest = random.Random(f"{options.seed} kill"), 0.0

    async def write(seconds: float) -> None:
        ends = time.perf_counter() + seconds

        async def one(phone: Phone) -> None:
            while time.perf_counter() < ends + 1:
                try:
                    await phone.vote(number)
                except OSError:
                    return

        async def strike() -> None:
            await asyncio.sleep(seconds)
            stage.server.kill()

        await asyncio.gather(strike(), *(one(phone) for phone in phones[:24]))
        for phone in phones:
            phone.close()

    for _ in range(options.kills):
        asyncio.run(write(0.2 + 0.4 * chance.random()))
        longest = max(longest, stage.server.start())
    stored = stage.stored
    return longest, sum(stored.get(key) != level for phone in phones for key, level in phone.acknowledged.items())


def measure(stage: Stage, options: Options) -> Figures:
    figures = Figures()

    async def live() -> list[Phone]:
        phones = await join_all(stage, options, figures)
        number = stage.take()
        figures.add("results on the wall after a vote", await wall_delay(stage, phones[0], number, options.hurry), 4, "s")
        saves, polls, failed = await work(phones, number, options)
        figures.add(f"requests that failed in {options.seconds:g} s", failed, 0)
        figures.add(f"votes sent ({len(saves.all) / options.seconds:.0f}/s)", len(saves.all), None)
        figures.add("a vote, p95", saves.at(0.95), 200, "ms")
        figures.add("a vote, p99", saves.at(0.99), 1000, "ms")
        figures.add("a poll, p95", polls.at(0.95), 100, "ms")
        figures.add("web process, resident", stage.server.megabytes, 300, "MB")
        seconds, refused = await herd(phones, number)
        figures.add(f"{len(phones)} votes within one second, all in after", seconds, 3, "s")
        figures.add("of these refused", refused, 0)
        calm, _, _ = await work(phones, number, options, again=1)
        async with stalled(stage.server.port, options.stalled):
            slow, _, failed = await work(phones, number, options, again=2)
        ratio = slow.at(0.95) / calm.at(0.95) if calm.at(0.95) else 0.0
        figures.add(f"p95 of a vote with {options.stalled} stalled connections, times that without", ratio, 2)
        figures.add("requests that failed beside them", failed, 0)
        failed, edits = await go_offline(phones, number, options)
        figures.add(f"edits of phones offline for {options.offline:g} s that failed", failed, 0)
        figures.add("of these missing (one that is there twice ends the run)", len(set(edits) - stage.stored.keys()), 0)
        for phone in phones:
            phone.close()
        return phones

    phones = asyncio.run(live())
    stored = stage.stored
    lost = sum(key not in stored for phone in phones for key in phone.acknowledged)
    figures.add("acknowledged votes lost", lost, 0)
    if options.kills:
        number = desks.open_desk(stage.installation, stage.key).room.last
        longest, lost = kill_again_and_again(stage, phones, number, options)
        figures.add(f"acknowledged votes lost in {options.kills} kills", lost, 0)
        figures.add("longest time to come back", longest, 5, "s")
    return figures


def read_options() -> Options:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--engine", "--database", dest="database", choices=("sqlite", "postgresql", "postgres"), default="sqlite"
    )
    parser.add_argument("--minutes", type=float, help="the same as --seconds, for long runs")
    parser.add_argument("--processes", type=int, help="web processes under gunicorn, 0: kam-assess serve")
    for name, kind in (
        ("people", int), ("seconds", float), ("kills", int), ("stalled", int), ("edits", int), ("offline", float),
        ("seed", int), ("hurry", float),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=kind, default=getattr(Options, name))
    given = vars(parser.parse_args())
    minutes = given.pop("minutes")
    if minutes is not None:
        given["seconds"] = 60 * minutes
    given["database"] = {"postgres": "postgresql"}.get(given["database"], given["database"])
    if given["processes"] is None:
        given["processes"] = 2 if given["database"] == "postgresql" else 0
    return Options(**given)


def main() -> None:
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # so that the server is stopped with it
    options = read_options()
    sys.stdout.write(f"{options}\n")
    with open_stage(options) as stage:
        figures = measure(stage, options)
    if figures.missed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
