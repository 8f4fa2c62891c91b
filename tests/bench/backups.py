"""Backups made while people write, restored and compared: `python -m tests.bench.backups [ROUNDS] [SEED]` (make backup-drill).

Each round runs writers that note what was acknowledged, makes a backup in the middle, restores it elsewhere and looks for every
write that was acknowledged before the backup began.
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from threading import Event
from time import monotonic

from sqlalchemy import select

from assess.config import Settings, read_settings
from assess.core.answers import Answer, Assessment, Organisation
from assess.storage import assessments as rows
from assess.storage.engine import Storage
from assess.storage.tables import answer
from assess.usecases.backups import make_backup, restore
from assess.usecases.checks import check_installation
from assess.usecases.installation import open_installation
from tests.databases import postgresql_server, temporary_database

WRITERS = 4
WAIT_SECONDS = 30
PAUSE_SECONDS = 0.005


@dataclass(frozen=True)
class Round:
    """Writes acknowledged before the backup began, and while it was made; how many of the first it lacks; seconds by step."""

    before: int
    during: int
    lost: int
    backup_seconds: float
    restore_seconds: float


def write_and_back_up(settings: Settings, folder: Path, *, rounds: int, seed: int) -> list[Round]:
    """Several rounds on one installation that grows; what is restored is on SQLite, in the folder."""
    installation = open_installation(settings)
    people = [_respondent(installation.storage, number) for number in range(WRITERS)]
    installation.storage.close()
    random = Random(seed)
    return [_round(settings, folder / f"round-{number}", people, number, 5 + random.randrange(40)) for number in range(rounds)]


def _respondent(storage: Storage, number: int) -> int:
    values = Assessment("mini", Organisation("Acme"), datetime.now(UTC).date(), (), version="1.0.0")
    with storage.writing() as connection:
        digest = rows.keep_questionnaire(connection, {"questionnaire.yaml": b"a: 1\n"})
        rows.add_assessment(connection, f"link-{number}", digest, values, "kam", "en", 4, datetime.now(UTC))
        return rows.load_assessment(connection, f"link-{number}").respondent_id


def _round(settings: Settings, folder: Path, people: list[int], number: int, at_least: int) -> Round:
    """One backup, begun when so many writes were acknowledged."""
    acknowledged: list[tuple[int, str]] = []
    reached, stop = Event(), Event()
    folder.mkdir(parents=True)

    def write(person: int) -> None:
        storage = Storage(settings.database_url)
        count = 0
        while not stop.wait(PAUSE_SECONDS):
            item = f"r{number}.{count}"
            with storage.writing() as connection:
                rows.save_answer(connection, person, item, Answer(level=1 + count % 5), datetime.now(UTC))
            acknowledged.append((person, item))
            count += 1
            if len(acknowledged) >= at_least:
                reached.set()
        storage.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [pool.submit(write, person) for person in people]
        try:
            assert reached.wait(WAIT_SECONDS), "the writers could not write"
            before, began = list(acknowledged), monotonic()
            made = make_backup(settings, folder / "backup.zip")
            took, after = monotonic() - began, len(acknowledged)
        finally:
            stop.set()
        for one in writing:
            one.result(WAIT_SECONDS)
    elsewhere = replace(read_settings({"KAM_DATA_DIR": str(folder / "restored")}), secret_key="")
    began = monotonic()
    restore(elsewhere, made.path)
    restored_in = monotonic() - began
    assert check_installation(elsewhere).is_sound
    return Round(len(before), after - len(before), _missing(elsewhere, before), took, restored_in)


def _missing(settings: Settings, acknowledged: list[tuple[int, str]]) -> int:
    storage = Storage(settings.database_url)
    with storage.reading() as connection:
        there = {(row.respondent_id, row.item) for row in connection.execute(select(answer.c.respondent_id, answer.c.item))}
    storage.close()
    return len(set(acknowledged) - there)


def main(arguments: list[str]) -> int:
    """Both databases; 0 when nothing was lost."""
    rounds, seed = (int(given) for given in (*arguments, *("20", "1")[len(arguments) :]))
    lost = 0
    with (
        tempfile.TemporaryDirectory(prefix="kam-drill-") as folder,
        postgresql_server() as server,
        temporary_database(server) as url,
    ):
        for engine, address in (("sqlite", {}), ("postgresql", {"KAM_DATABASE_URL": url})):
            settings = read_settings({"KAM_DATA_DIR": f"{folder}/{engine}", **address})
            found = write_and_back_up(settings, Path(folder) / f"{engine}-rounds", rounds=rounds, seed=seed)
            lost += sum(one.lost for one in found)
            print(f"{engine}: {_told(found)}")  # noqa: T201 - a program for the console
    return 1 if lost else 0


def _told(found: list[Round]) -> str:
    before, during, lost = (sum(getattr(one, name) for one in found) for name in ("before", "during", "lost"))
    slowest = max(one.backup_seconds for one in found), max(one.restore_seconds for one in found)
    return (
        f"{len(found)} backups under load; acknowledged before {before}, while they were made {during}, lost {lost}; "
        f"slowest backup {slowest[0]:.2f} s, slowest restore {slowest[1]:.2f} s"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
