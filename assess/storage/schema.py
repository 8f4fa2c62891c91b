"""The schema's version: bring a database up to date, and refuse to work on one that is not."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from assess.core.errors import Invalid, Problem
from assess.storage import wakeups
from assess.storage.engine import Storage

_ADVISORY_LOCK = 0x6B616D


def upgrade(storage: Storage) -> tuple[str | None, str]:
    """Bring the schema to the newest revision; returns the one before and after. Raises Invalid on a newer one."""
    with storage.writing() as connection:
        if not storage.is_sqlite:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
        before = revision(connection)
        _refuse_unknown(before)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        if not storage.is_sqlite:
            wakeups.install(connection)
        after = revision(connection)
    return before, after or ""


def require_current(storage: Storage) -> None:
    """Raise Invalid, with the command to run, unless the schema is exactly the one this program was written for."""
    with storage.reading() as connection:
        found = revision(connection)
        _refuse_unknown(found)
        is_current = found == newest() and (storage.is_sqlite or wakeups.is_current(connection))
    if not is_current:
        raise Invalid([Problem("the database has an older schema; run: kam-assess db upgrade")])


def is_empty(storage: Storage) -> bool:
    """Whether nothing has been made in the database yet."""
    with storage.reading() as connection:
        return not inspect(connection).get_table_names()


def newest() -> str:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return head or ""


def revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_unknown(found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        message = "the database was made by a newer version of kam-assess (schema {revision}); install that version"
        raise Invalid([Problem(message, {"revision": found})])


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config
