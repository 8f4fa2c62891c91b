"""The load program of `tests/bench/workshop.py`, small: nothing is lost or refused. Times are judged by the program alone."""

from __future__ import annotations

import pytest

from tests.bench.workshop import Options, measure, open_stage

COUNTS = ("failed", "lost", "refused", "missing")


@pytest.mark.parametrize(("database", "processes"), [("sqlite", 0), ("postgresql", 2)], ids=["sqlite", "postgresql"])
def test_a_small_room_loses_nothing_whatever_happens(database: str, processes: int) -> None:
    options = Options(
        database=database,
        people=12,
        seconds=1.5,
        kills=1 if processes else 2,
        stalled=6,
        edits=5,
        offline=0.3,
        processes=processes,
        seed=3,
        hurry=4,
    )
    with open_stage(options) as stage:
        figures = measure(stage, options)
    counted = {name: value for name, value, limit, _ in figures.rows if limit == 0}
    assert len(counted) >= 8
    assert all(any(word in name for word in COUNTS) for name in counted)
    assert set(counted.values()) == {0}, counted
