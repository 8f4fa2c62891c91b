from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from assess.storage import schema
from assess.storage.engine import Storage
from tests.databases import postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with postgresql_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Storage]:
    """A database with nothing in it, on either engine."""
    if request.param == "sqlite":
        storage = Storage(f"sqlite:///{tmp_path / 'test.sqlite3'}")
    else:
        storage = Storage(_new_database(request.getfixturevalue("postgresql")))
    yield storage
    storage.close()


@pytest.fixture
def storage(empty_storage: Storage) -> Storage:
    schema.upgrade(empty_storage)
    return empty_storage


def _new_database(url: str) -> str:
    name = f"test_{uuid4().hex}"
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return url.rsplit("/", 1)[0] + f"/{name}"
