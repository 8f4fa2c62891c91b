from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from assess.storage.engine import Storage
from tests.databases import temporary_database


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """A database with nothing in it, on either engine."""
    if request.param == "sqlite":
        yield from _opened(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    else:
        with temporary_database(request.getfixturevalue("postgresql")) as url:
            yield from _opened(url)


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    """A database with the schema and nothing else, on either engine."""
    yield from _opened(database_url)


def _opened(url: str) -> Iterator[Storage]:
    storage = Storage(url)
    yield storage
    storage.close()
