from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assess.config import read_settings
from assess.usecases.installation import Installation, open_installation
from tests.staff import CHEAP
from tests.usecases.stages import Stage, open_stage

VECTORS = Path(__file__).parent.parent / "vectors"


class Clock:
    """A clock that moves only when told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def installation(tmp_path: Path, database_url: str, clock: Clock) -> Iterator[Installation]:
    settings = read_settings({"KAM_DATA_DIR": str(tmp_path / "data"), "KAM_DATABASE_URL": database_url})
    opened = open_installation(replace(settings, questionnaires=(VECTORS,)))
    yield replace(opened, clock=clock, passwords=CHEAP)
    opened.storage.close()


@pytest.fixture
def stage(installation: Installation) -> Stage:
    return open_stage(installation)


@pytest.fixture
def secret(installation: Installation) -> Stage:
    return open_stage(installation, confidential=True)
