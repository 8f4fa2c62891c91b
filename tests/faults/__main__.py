"""Run the campaign and print its table; ends with 1 when something that is asked for is missed.

python -m tests.faults --seed 7 --only web,worker --rounds 0.1
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.databases import postgresql_server, temporary_database
from tests.faults import clock, copying, disk, killing, restarting
from tests.faults.nursery import Nursery
from tests.faults.table import Table


@dataclass(frozen=True)
class Campaign:
    """share: of the whole numbers of rounds, 1 for all of them; every scenario has at least one round."""

    table: Table
    folder: Path
    nursery: Nursery
    seed: int
    share: float

    def times(self, whole: int) -> int:
        return max(1, round(whole * self.share))

    def place(self, name: str) -> Path:
        folder = self.folder / name
        folder.mkdir()
        return folder


def web_on_sqlite(run: Campaign) -> None:
    with killing.stage(run.place("web")) as stage:
        server = killing.Forked(run.nursery, stage)
        killing.kill_web(
            run.table, stage, server, scenario="kill -9 web, SQLite", kills=run.times(100), people=24, seed=run.seed
        )


def web_on_postgresql(run: Campaign) -> None:
    with (
        postgresql_server() as server_url,
        temporary_database(server_url) as url,
        killing.stage(run.place("web-pg"), url) as stage,
    ):
        server = killing.Forked(run.nursery, stage)
        killing.kill_web(
            run.table, stage, server, scenario="kill -9 web, PostgreSQL", kills=run.times(100), people=24, seed=run.seed
        )
        stage.installation.storage.close()


def whole_command(run: Campaign) -> None:
    """`kam-assess serve` from the start of Python on, web and worker killed together."""
    with killing.stage(run.place("serve")) as stage:
        server = killing.whole_command(stage)
        killing.kill_web(
            run.table, stage, server, scenario="kill -9 kam-assess serve", kills=run.times(10), people=24, seed=run.seed
        )


def worker_on_sqlite(run: Campaign) -> None:
    with killing.stage(run.place("worker")) as stage:
        scenario, pdfs = "kill -9 worker, SQLite", run.times(4)
        killing.kill_worker(
            run.table,
            stage,
            run.nursery,
            scenario=scenario,
            kills=run.times(50),
            number=run.times(40),
            pdfs=pdfs,
            seed=run.seed,
        )


def worker_on_postgresql(run: Campaign) -> None:
    with (
        postgresql_server() as server_url,
        temporary_database(server_url) as url,
        killing.stage(run.place("worker-pg"), url) as stage,
    ):
        scenario = "kill -9 worker, PostgreSQL"
        killing.kill_worker(
            run.table, stage, run.nursery, scenario=scenario, kills=run.times(20), number=run.times(20), pdfs=0, seed=run.seed
        )
        stage.installation.storage.close()


def disks(run: Campaign) -> None:
    if disk.can_mount(run.folder / "mount"):
        disk.full_disk(run.table, run.folder / "mount", run.nursery, run.seed)
    else:
        sys.stdout.write("SKIPPED disk full: only root may mount a small disk here\n")
    disk.stuck_disk(run.table, run.place("stuck"), run.nursery, run.seed)


def locks(run: Campaign) -> None:
    """Five seconds, which everybody waits for, and fifteen, after which people are told to try again."""
    for seconds in (5.0, 15.0):
        disk.locked(run.table, run.place(f"locked-{seconds:g}"), run.nursery, run.seed, seconds=seconds, patience=0)


def clocks(run: Campaign) -> None:
    clock.jump(run.table, run.place("clock"), run.seed, edits=run.times(200))


def restarts(run: Campaign) -> None:
    with restarting.cluster() as database, killing.stage(run.place("restarts"), database.url) as stage:
        for mode, whole in ((restarting.FAST, 20), (restarting.IMMEDIATE, 10)):
            server = killing.Forked(run.nursery, stage)
            restarting.restart(run.table, stage, server, database, mode=mode, times=run.times(whole), people=16, seed=run.seed)
        stage.installation.storage.close()


def copies(run: Campaign) -> None:
    folder = run.place("copies")
    with killing.stage(run.place("copied")) as stage:
        server = killing.Forked(run.nursery, stage)
        copying.backup_under_load(
            run.table, stage, server, folder, scenario="backup under load", rounds=run.times(20), people=16, seed=run.seed
        )


SCENARIOS: dict[str, Callable[[Campaign], None]] = {
    "web": web_on_sqlite,
    "web-postgresql": web_on_postgresql,
    "serve": whole_command,
    "worker": worker_on_sqlite,
    "worker-postgresql": worker_on_postgresql,
    "disk": disks,
    "lock": locks,
    "clock": clocks,
    "restart": restarts,
    "backup": copies,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=int(os.environ.get("KAM_FAULTS_SEED") or 1))
    parser.add_argument("--rounds", type=float, default=1.0, help="share of the whole numbers of rounds")
    parser.add_argument("--only", default=",".join(SCENARIOS), help=f"some of {', '.join(SCENARIOS)}")
    options = parser.parse_args()
    table = Table()
    sys.stdout.write(f"seed {options.seed}, rounds {options.rounds:g}\n")
    with tempfile.TemporaryDirectory(prefix="kam-faults-") as folder, Nursery() as nursery:
        run = Campaign(table, Path(folder), nursery, options.seed, options.rounds)
        for name in options.only.split(","):
            SCENARIOS[name](run)
    if table.missed:
        sys.stdout.write("".join(f"MISSED {row.scenario}: {row.what}: {row.value:g}\n" for row in table.missed))
        raise SystemExit(1)


if __name__ == "__main__":
    main()
