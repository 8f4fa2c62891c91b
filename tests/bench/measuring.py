"""How things are measured: in one process, in turn with a floor, by processor time, as ratios; absolute times judge nothing."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

RUNS = 5


@dataclass(frozen=True)
class Row:
    """One line of the table: ours against a floor, in milliseconds and as a ratio with its spread.

    limit is what the ratio must not pass (at_least: not fall below); None judges nothing.
    """

    name: str
    ours: float
    floor: float
    ratios: list[float]
    floor_name: str
    limit: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        middle = statistics.median(self.ratios)
        holds = middle >= self.limit if self.at_least else middle <= self.limit
        return f"{'ok' if holds else 'MISSED'} {'>=' if self.at_least else '<='} {self.limit:g}"


def measure(
    name: str,
    ours: Callable[[], object],
    floor: Callable[[], object],
    floor_name: str,
    runs: int = RUNS,
    limit: float | None = None,
    per: tuple[float, float] = (1, 1),
) -> Row:
    """Run both in turn, after one warm-up each. per divides the times of both sides, by their pages for instance."""
    ours(), floor()
    pairs = [(cpu_ms(ours) / per[0], cpu_ms(floor) / per[1]) for _ in range(runs)]
    return Row(
        name,
        statistics.median(first for first, _ in pairs),
        statistics.median(second for _, second in pairs),
        [first / second for first, second in pairs],
        floor_name,
        limit,
    )


def cpu_ms(what: Callable[[], object]) -> float:
    began = time.process_time()
    what()
    return 1000 * (time.process_time() - began)


def show(rows: Iterable[Row]) -> None:
    out = sys.stdout
    out.write(f"{'what':44} {'ours ms':>10} {'floor ms':>10} {'ratio':>7} {'min':>6} {'max':>6}  {'':14} floor\n")
    for row in rows:
        middle = statistics.median(row.ratios)
        out.write(
            f"{row.name:44} {row.ours:10.1f} {row.floor:10.1f} {middle:7.2f} {min(row.ratios):6.2f} {max(row.ratios):6.2f}"
        )
        out.write(f"  {row.verdict:14} {row.floor_name}\n")
        out.flush()
