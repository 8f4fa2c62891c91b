"""The campaign of `make faults`, small and with a fixed seed: nothing acknowledged is lost whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import temporary_database
from tests.faults import clock, copying, disk, killing, restarting
from tests.faults.nursery import Nursery
from tests.faults.table import Table

SEED = 20261122


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    with Nursery() as found:
        yield found


@pytest.fixture
def table() -> Iterator[Table]:
    """What was measured; what is missed fails the test, but no time does: the program alone judges those."""
    found = Table(is_shown=False)
    yield found
    assert found.rows
    assert [str(row) for row in found.missed if not row.what.startswith("seconds")] == []


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[killing.Stage]:
    with killing.stage(tmp_path / "data") as found:
        yield found


def test_a_web_process_killed_in_mid_write_loses_nothing(table: Table, nursery: Nursery, stage: killing.Stage) -> None:
    killing.kill_web(table, stage, killing.Forked(nursery, stage), scenario="", kills=3, people=8, seed=SEED)
    assert table.value("edits stored") >= table.value("edits acknowledged") > 8


def test_nor_does_one_on_postgresql(table: Table, nursery: Nursery, postgresql: str, tmp_path: Path) -> None:
    with temporary_database(postgresql) as url, killing.stage(tmp_path / "data", url) as stage:
        killing.kill_web(table, stage, killing.Forked(nursery, stage), scenario="", kills=2, people=8, seed=SEED)
    assert table.value("edits acknowledged") > 8


def test_a_worker_killed_in_the_middle_of_a_document_leaves_none_behind(
    table: Table, nursery: Nursery, stage: killing.Stage
) -> None:
    killing.kill_worker(table, stage, nursery, scenario="", kills=2, number=3, pdfs=0, seed=SEED)
    assert table.value("workers killed in the middle of a document") == 2
    assert table.value("documents done") == table.value("documents asked for")


def test_a_full_disk_is_never_acknowledged_and_recovers_without_a_restart(
    table: Table, nursery: Nursery, tmp_path: Path
) -> None:
    if not disk.can_mount(tmp_path / "small"):
        table.add("", "skipped", 1)
        pytest.skip("only root may mount a small disk; the one that refuses writes is tested all the same")
    disk.full_disk(table, tmp_path / "small", nursery, SEED)


def test_nor_is_a_disk_that_refuses_writes(table: Table, nursery: Nursery, tmp_path: Path) -> None:
    disk.stuck_disk(table, tmp_path / "data", nursery, SEED)


def test_a_database_locked_for_a_while_is_waited_for(table: Table, nursery: Nursery, tmp_path: Path) -> None:
    disk.locked(table, tmp_path / "data", nursery, SEED, seconds=1, patience=20)


def test_one_locked_for_too_long_says_so_and_loses_nothing(table: Table, nursery: Nursery, tmp_path: Path) -> None:
    disk.locked(table, tmp_path / "data", nursery, SEED, seconds=2, patience=0.3)


def test_a_clock_that_jumps_loses_no_answer_opens_no_session_and_locks_nobody_out(table: Table, tmp_path: Path) -> None:
    clock.jump(table, tmp_path, SEED)


def test_a_postgresql_that_is_restarted_is_found_again(table: Table, nursery: Nursery, tmp_path: Path) -> None:
    with restarting.cluster() as database, killing.stage(tmp_path / "data", database.url) as stage:
        for mode in (restarting.FAST, restarting.IMMEDIATE):
            server = killing.Forked(nursery, stage)
            restarting.restart(table, stage, server, database, mode=mode, times=1, people=6, seed=SEED)
        stage.installation.storage.close()
    assert table.value("saves refused or cut off") > 0


def test_a_backup_under_load_holds_what_was_acknowledged(
    table: Table, nursery: Nursery, stage: killing.Stage, tmp_path: Path
) -> None:
    server = killing.Forked(nursery, stage)
    copying.backup_under_load(table, stage, server, tmp_path, scenario="", rounds=1, people=6, seed=SEED)
    assert table.value("edits in the last of them") > 0
