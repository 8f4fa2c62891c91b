"""Fixtures of the whole suite."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import Phase, settings
from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import Questionnaire
from assess.storage import schema
from assess.storage.engine import Storage
from assess.usecases import installation
from tests.databases import empty_database, postgresql_server, temporary_database

# A busy machine is no failure; nobody waits for explanations of failures, which before Python 3.12 cost every example a trace.
settings.register_profile("suite", deadline=None, phases=[phase for phase in Phase if phase is not Phase.explain])
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


@pytest.fixture(scope="session", autouse=True)
def _new_installations_at_once(prepared_sqlite: Path) -> Iterator[None]:
    """A new installation on SQLite gets its schema as it was made once, not by every migration again."""
    source = sqlite3.connect(prepared_sqlite)
    made = [line for line in source.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
    source.close()

    def upgrade(storage: Storage, to: str = "head") -> tuple[str | None, str]:
        if to != "head" or not storage.is_sqlite or not schema.is_empty(storage):
            return schema.upgrade(storage, to)
        with storage.writing() as connection:
            for statement in made:
                connection.exec_driver_sql(statement)
        return None, schema.newest()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(installation, "schema", SimpleNamespace(**vars(schema) | {"upgrade": upgrade}))
        yield


class _Compiled(BytecodeCache):
    """Templates as they were compiled for another application of this process."""

    def __init__(self) -> None:
        self.known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.known:
            bucket.bytecode_from_string(self.known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def _pages_compiled_once() -> Iterator[None]:
    """Hundreds of tests make an application of their own; each page is compiled for the first of them."""
    compiled, original = _Compiled(), Flask.create_jinja_environment

    def create(app: Flask) -> Environment:
        made = original(app)
        made.bytecode_cache = compiled
        return made

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "create_jinja_environment", create)
        yield
