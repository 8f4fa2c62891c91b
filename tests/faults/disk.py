"""A disk that is full, one that takes no write any more, and a database that another program locks."""

from __future__ import annotations

import resource
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlencode

from assess.storage.engine import sqlite_driver
from tests.faults.killing import Forked, Stage, report, stage
from tests.faults.nursery import Nursery
from tests.faults.people import Writer, invite, open_all, together
from tests.faults.table import Table

FULL, UNAVAILABLE = 507, 503


@contextmanager
def small_disk(folder: Path, mebibytes: int = 8) -> Iterator[Path]:
    """A disk of its own in memory. Raises PermissionError where this user may not mount one."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=700", "tmpfs", str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise PermissionError(done.stderr.strip())
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)


def can_mount(folder: Path) -> bool:
    folder.mkdir(exist_ok=True)
    with suppress(PermissionError, FileNotFoundError), small_disk(folder, 1):
        return True
    return False


def fill(folder: Path) -> Path:
    """A file that takes the last byte of the disk."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as stream, suppress(OSError):
        while stream.write(bytes(4096)):
            pass
    return filler


async def save_ten(writer: Writer) -> None:
    """Ten saves; an edit that is refused is tried again each time."""
    for _ in range(10):
        await writer.save()


async def _page_and_form(writer: Writer) -> tuple[int, int, bool, bool]:
    """Statuses of a page that is read and of a form that is sent, and whether its answer still holds what was typed."""
    typed = "what Rosa typed & <b>meant</b>"
    read, _, _ = await writer.phone.ask("GET", f"/a/{writer.token}/")
    fields = {"csrf_token": writer.phone.csrf, "q_s1.1": "2", "q_s1.1__comment": typed, "q_s1.1__shown": "0.none"}
    status, head, page = await writer.phone.ask(
        "POST", f"/a/{writer.token}/step/s1", urlencode(fields).encode(), Content_Type="application/x-www-form-urlencoded"
    )
    held = b"what Rosa typed &amp; &lt;b&gt;meant&lt;/b&gt;" in page
    return read, status, held, "retry-after" in head or status < 500


def _refused_disk(
    table: Table, place: Stage, server: Forked, *, scenario: str, seed: int, block: Iterator[None], expected: int
) -> None:
    """Save; then the disk takes nothing: every save is refused, pages can be read; then it does again, without a restart."""
    server.start()
    writers = invite(place.installation, place.port, 4, seed)
    last = invite(place.installation, place.port, 1, seed)[0]
    open_all([*writers, last])
    together(writers, save_ten)
    before = sum(len(writer.acknowledged) for writer in writers)
    next(block)
    together(writers, save_ten)
    ((read, sent, held, says_when),) = together([last], _page_and_form)
    with suppress(StopIteration):
        next(block)
    told = sum((writer.statuses for writer in writers), start=type(writers[0].statuses)())
    table.add(scenario, "saves acknowledged before", before)
    table.add(scenario, f"saves refused with {expected}", told[expected])
    table.add(
        scenario, "saves answered otherwise than 200, 503, 507", sum(told.values()) - told[200] - told[503] - told[507], 0
    )
    table.add(scenario, "no save was refused", int(not told[expected]), 0)
    table.add(scenario, "pages that could not be read meanwhile", int(read != 200), 0)
    table.add(scenario, "forms refused without 503 and Retry-After", int(sent != 503 or not says_when), 0)
    table.add(scenario, "forms that lost what was typed", int(not held), 0)
    together(writers, _all_through)
    table.add(scenario, "saves refused after there was room again", sum(writer.pending is not None for writer in writers), 0)
    report(table, place, scenario, writers)
    server.kill()


async def _all_through(writer: Writer) -> None:
    """Five saves, unless one is refused."""
    for _ in range(5):
        if await writer.save() != 200:
            return


def full_disk(table: Table, folder: Path, nursery: Nursery, seed: int) -> None:
    """ENOSPC while people save."""
    folder.mkdir(exist_ok=True)
    with small_disk(folder) as disk, stage(disk) as place:

        def block() -> Iterator[None]:
            filler = fill(disk)
            yield
            filler.unlink()

        server = Forked(nursery, place)
        _refused_disk(table, place, server, scenario="disk full", seed=seed, block=block(), expected=FULL)


def stuck_disk(table: Table, folder: Path, nursery: Nursery, seed: int) -> None:
    """A disk that refuses every write, as one does that the kernel has set to read-only."""
    with stage(folder) as place:
        server = Forked(nursery, place)

        def block() -> Iterator[None]:
            before = resource.prlimit(server.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (0, before[1]))
            yield
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, before)

        _refused_disk(table, place, server, scenario="disk refuses writes", seed=seed, block=block(), expected=UNAVAILABLE)


def locked(
    table: Table, folder: Path, nursery: Nursery, seed: int, *, seconds: float, patience: float, people: int = 6
) -> None:
    """Another program holds the write lock that long; the product waits for its `patience` (0: as it is) before it gives up."""
    scenario = f"database locked {seconds:g} s"
    with stage(folder) as place:
        server = Forked(nursery, place)
        server.start(busy_seconds=patience)
        writers = invite(place.installation, place.port, 6, seed)
        open_all(writers)
        together(writers, save_ten)
        held = Event()
        locker = Thread(target=_hold, args=(place.installation.storage.url.database or "", seconds, held))
        locker.start()
        held.wait(30)
        ends = time.monotonic() + seconds
        together(writers, lambda writer: writer.go_on(ends))
        locker.join()
        refused = sum(writer.statuses[UNAVAILABLE] for writer in writers)
        is_patient = seconds < (patience or 10)
        table.add(scenario, "saves refused with 503 and Retry-After", refused, 0 if is_patient else None)
        if not is_patient:
            table.add(scenario, "no save was refused", int(refused == 0), 0)
        table.add(scenario, "seconds the slowest save took", round(max(writer.slowest for writer in writers), 1))
        report(table, place, scenario, writers)
        server.kill()


def _hold(database: str, seconds: float, held: Event) -> None:
    with closing(sqlite_driver().connect(database, isolation_level=None, timeout=10)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        held.set()
        time.sleep(seconds)
        connection.execute("ROLLBACK")
