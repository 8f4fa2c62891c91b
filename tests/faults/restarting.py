"""A PostgreSQL that is restarted, or stopped at once as if the machine had failed, while people save."""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from tests.databases import as_unprivileged, free_port, postgresql_programs
from tests.faults.killing import Forked, Stage, report
from tests.faults.people import Writer, invite, open_all, together
from tests.faults.table import Table

FAST, IMMEDIATE = "fast", "immediate"


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL server of our own on loopback that can be stopped and started again."""

    control: Sequence[str]
    options: str
    log: str
    url: str

    def start(self) -> None:
        command = [*self.control, "-l", self.log, "-o", self.options, "start"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=120)

    def stop(self, mode: str) -> None:
        subprocess.run([*self.control, "-m", mode, "stop"], check=True, stdout=subprocess.DEVNULL, timeout=120)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """As `postgresql_server`, with what is committed kept through a crash."""
    programs, port = postgresql_programs(), free_port()
    with tempfile.TemporaryDirectory(prefix="kam-pg-") as folder:
        as_user, data = as_unprivileged(Path(folder)), f"{folder}/data"
        initdb = [str(programs / "initdb"), "-D", data, "-U", "kam", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run([*as_user, *initdb], check=True, capture_output=True, timeout=120)
        found = Cluster(
            control=[*as_user, str(programs / "pg_ctl"), "-D", data, "-w"],
            options=f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder}",
            log=f"{folder}/log",
            url=f"postgresql://kam@127.0.0.1:{port}/postgres",
        )
        found.start()
        try:
            yield found
        finally:
            found.stop(IMMEDIATE)


@dataclass
class Outage:
    """When the database went and came back, by the clock that never jumps."""

    began: float
    back: float


def restart(
    table: Table, place: Stage, server: Forked, database: Cluster, *, mode: str, times: int, people: int, seed: int
) -> None:
    """Restart the database under load; the web process finds it again by itself."""
    scenario = f"PostgreSQL, {mode} restart"
    server.start()
    writers = invite(place.installation, place.port, people, seed)
    open_all(writers)
    outages: list[Outage] = []
    driver = Thread(target=_drive, args=(database, mode, times, random.Random(f"{seed} {mode}"), outages))
    driver.start()
    together(writers, lambda writer: _save_while(writer, driver))
    driver.join()
    together(writers, Writer.settle)
    table.add(scenario, "restarts", len(outages))
    table.add(scenario, "saves refused or cut off", sum(len(writer.failed_at) for writer in writers))
    away = [outage.back - outage.began for outage in outages]
    table.add(scenario, "seconds the database was away, longest", round(max(away), 2))
    following = [*(outage.began for outage in outages[1:]), time.monotonic()]
    late = [_recovery(outage.back, until, writers) for outage, until in zip(outages, following, strict=True)]
    table.add(scenario, "seconds from its return to the last failed save", round(max(late), 2), 5)
    strays = sum(not _is_near(at, outages) for writer in writers for at in writer.failed_at)
    table.add(scenario, "saves that failed at other times", strays, 0)
    report(table, place, scenario, writers)
    server.kill()


def _drive(database: Cluster, mode: str, times: int, chance: random.Random, outages: list[Outage]) -> None:
    for _ in range(times):
        time.sleep(0.5 + chance.random())
        began = time.monotonic()
        database.stop(mode)
        database.start()
        outages.append(Outage(began, time.monotonic()))
    time.sleep(1)


async def _save_while(writer: Writer, driver: Thread) -> None:
    while driver.is_alive():
        await writer.go_on(time.monotonic() + 0.2)


def _recovery(back: float, until: float, writers: Sequence[Writer]) -> float:
    """Seconds from the database's return to the last save that failed before it went again; 0 where none did."""
    return max((at - back for writer in writers for at in writer.failed_at if back < at < until), default=0.0)


def _is_near(at: float, outages: Sequence[Outage]) -> bool:
    return any(outage.began - 1 <= at <= outage.back + 15 for outage in outages)
