"""Backups made while people save, restored to another place and compared."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Thread

from assess.config import read_settings
from assess.usecases.backups import make_backup
from assess.usecases.backups import restore as restore_backup
from assess.usecases.installation import open_installation
from tests.faults.killing import Forked, Stage
from tests.faults.people import Edit, Writer, compare, invite, open_all, together
from tests.faults.table import Table


def backup_under_load(
    table: Table, place: Stage, server: Forked, folder: Path, *, scenario: str, rounds: int, people: int, seed: int
) -> None:
    """Every backup holds at least what was acknowledged when it began, and is sound; nobody's save is refused for it."""
    server.start()
    writers = invite(place.installation, place.port, people, seed)
    open_all(writers)
    copies: list[tuple[Path, list[dict[str, Edit]]]] = []
    maker = Thread(target=_make_copies, args=(place, folder, rounds, writers, copies))
    maker.start()
    together(writers, lambda writer: _save_while(writer, maker))
    maker.join()
    server.kill()
    lost = unsound = stored = 0
    for number, (file, acknowledged) in enumerate(copies):
        environment = {"KAM_DATA_DIR": str(folder / f"restored-{number}")}
        restore_backup(read_settings(environment), file)
        restored = open_installation(read_settings(environment))
        pairs = zip(writers, acknowledged, strict=True)
        then = [Writer(one.token, (), one.chance, one.phone, acknowledged=known) for one, known in pairs]
        found = compare(restored, then)
        lost, unsound, stored = lost + found.lost, unsound + found.unsound + found.twice, found.stored
        restored.storage.close()
    refused = sum(times for writer in writers for status, times in writer.statuses.items() if status != 200)
    table.add(scenario, "backups made, restored and compared", len(copies))
    table.add(scenario, "backups that could not be made", rounds - len(copies), 0)
    table.add(scenario, "edits in the last of them", stored)
    table.add(scenario, "edits acknowledged before a backup and not in it", lost, 0)
    table.add(scenario, "versions, answers or files that are not sound", unsound, 0)
    table.add(scenario, "saves refused meanwhile", refused, 0)


def _make_copies(
    place: Stage, folder: Path, rounds: int, writers: list[Writer], copies: list[tuple[Path, list[dict[str, Edit]]]]
) -> None:
    for number in range(rounds):
        time.sleep(0.5)
        acknowledged = [dict(writer.acknowledged) for writer in writers]
        file = make_backup(read_settings(place.environment), folder / f"copy-{number}.kam").path
        copies.append((file, acknowledged))


async def _save_while(writer: Writer, maker: Thread) -> None:
    while maker.is_alive():
        await writer.go_on(time.monotonic() + 0.2)
