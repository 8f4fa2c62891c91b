"""The benchmark's cost at 10,000, 100,000 and 1,000,000 organisations: one pass to a release, and one comparison from it."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from fractions import Fraction

from assess.config import read_settings
from assess.content.exchange import pack_bins
from assess.content.library import thaw
from assess.core.answers import Answer, Assessment, Organisation, Respondent
from assess.core.release import OVERALL
from assess.core.scoring import score
from assess.storage import peers as rows
from assess.storage.peers import PeerIn
from assess.usecases import benchmarks
from assess.usecases.installation import Installation, open_installation

SIZES = (10_000, 100_000, 1_000_000)
SEGMENTS = ([f"industry {n}" for n in range(10)], [f"region {n}" for n in range(6)], [f"size {n}" for n in range(5)])
ASKED = {"industry": "industry 3", "region": "region 2", "size": "size 1"}


def made_up(count: int, steps: int) -> Iterator[PeerIn]:
    """Rows as an import stores them; figures of no real organisation."""
    chance = random.Random(11)
    day = date(2026, 1, 1)
    for number in range(count):
        bins = [min(400, max(0, int(chance.gauss(190, 80)))) for _ in range(steps)]
        industry, region, size = (chance.choice(values) for values in SEGMENTS)
        yield PeerIn(number.to_bytes(16, "big"), "1.0.0", day, industry, region, size, "{}", pack_bins(bins))


def fill(installation: Installation, count: int) -> None:
    core = thaw(installation.library.frozen("kam-seven-steps"))
    steps = [OVERALL, *(dimension.id for dimension in core.dimensions)]
    now = datetime.now(UTC)
    with installation.storage.writing() as connection:
        state = rows.own_release(connection, core.id, core.major, steps)
        source = rows.add_source(connection, state.id, rows.FILE, "made up", "made up", now)
        rows.add_rows(connection, state.id, source or 0, made_up(count, len(steps)), now)


def run(count: int) -> dict[str, float]:
    """In a process of its own, so that the memory is its own."""
    with tempfile.TemporaryDirectory(prefix="kam-bench-") as folder:
        environment = {**os.environ, "KAM_DATA_DIR": folder}
        for part in ("fill", "release", "compare"):
            command = [sys.executable, "-m", "tests.bench.pool", part, str(count)]
            done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=900)
            if part == "release":
                found = json.loads(done.stdout)
            elif part == "compare":
                found |= json.loads(done.stdout)
    return found


def release() -> dict[str, float]:
    installation = open_installation(read_settings())
    began, cpu = time.perf_counter(), time.process_time()
    made = benchmarks.make_release(installation, "kam-seven-steps", 1)
    return {
        "groups": made.groups,
        "release_s": time.perf_counter() - began,
        "release_cpu_s": time.process_time() - cpu,
        "release_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def compare() -> dict[str, float]:
    installation = open_installation(read_settings())
    core = thaw(installation.library.frozen("kam-seven-steps"))
    answers = {item: Answer(3) for item in core.item_ids}
    person = Respondent("r1", "executive", answers)
    card = score(core, Assessment(core.id, Organisation("Acme"), date(2026, 6, 1), (person,)))
    taken = []
    for _ in range(51):
        began = time.process_time()
        found = benchmarks.compare_here(installation, core, card, ASKED)
        taken.append(1000 * (time.process_time() - began))
    if found.overall.median is None or not Fraction(1) <= found.overall.median <= 5:
        raise AssertionError("nothing was compared with")
    if "pandas" in sys.modules or "numpy" in sys.modules:
        raise AssertionError("a comparison loads no data library")
    return {
        "compare_ms": sorted(taken)[len(taken) // 2],
        "compare_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def report() -> None:
    """The table of `make bench`."""
    out = sys.stdout
    out.write(
        f"{'organisations':>14} {'groups':>7} {'release s':>10} {'cpu s':>7} {'MiB':>6} {'comparison ms':>14} {'MiB':>6}\n"
    )
    for count in SIZES:
        at = run(count)
        out.write(
            f"{count:14,} {at['groups']:7.0f} {at['release_s']:10.1f} {at['release_cpu_s']:7.1f} {at['release_mib']:6.0f}"
            f" {at['compare_ms']:14.2f} {at['compare_mib']:6.0f}\n"
        )
        out.flush()


if __name__ == "__main__":
    if sys.argv[1:2] == ["fill"]:
        fill(open_installation(read_settings()), int(sys.argv[2]))
    elif sys.argv[1:2] == ["release"]:
        sys.stdout.write(json.dumps(release()))
    elif sys.argv[1:2] == ["compare"]:
        sys.stdout.write(json.dumps(compare()))
    else:
        report()
