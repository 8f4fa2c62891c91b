"""Fixtures of the whole suite."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import Questionnaire
from assess.storage import schema
from assess.storage.engine import Storage
from tests.databases import empty_database, postgresql_server, temporary_database

settings.register_profile("suite", deadline=None)  # a busy machine is no failure
settings.load_profile("suite")

VECTORS = Path(__file__).parent / "vectors"


@pytest.fixture(scope="session")
def mini() -> Questionnaire:
    """The three-dimension questionnaire of the worked vectors."""
    return load_folder(VECTORS / "mini")


DATABASES = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for `database_url` runs on both databases, unless it is marked `one_database`."""
    if "database_url" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("one_database") is None
        metafunc.parametrize("database_url", DATABASES if both else DATABASES[:1], indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A server of our own: the URL of an empty database on it."""
    with postgresql_server() as url:
        yield url


@pytest.fixture(scope="session")
def prepared_postgresql(postgresql: str) -> Iterator[Storage]:
    """A database with the schema, which every test finds empty."""
    with temporary_database(postgresql) as url:
        storage = Storage(url)
        schema.upgrade(storage)
        yield storage
        storage.close()


@pytest.fixture(scope="session")
def prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with the schema and nothing else, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "prepared.sqlite3"
    storage = Storage(f"sqlite:///{path}")
    schema.upgrade(storage)
    storage.close()
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the schema and nothing else."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('prepared_sqlite'), tmp_path / 'kam.sqlite3')}"
    prepared: Storage = request.getfixturevalue("prepared_postgresql")
    empty_database(prepared)
    return prepared.url.render_as_string(hide_password=False)
