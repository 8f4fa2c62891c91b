"""The schema's version: bring a database up to date, and refuse to work on one that is not.

Alembic is loaded only to change a schema: to find that nothing has to be done, every start of the server reads one row.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DatabaseError

from assess.core.errors import Failed, Invalid, Problem
from assess.storage import wakeups
from assess.storage.engine import Storage

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_LOCK = 0x6B616D


def upgrade(storage: Storage, to: str = "head") -> tuple[str | None, str]:
    """Bring the schema to a revision, the newest unless told; returns the one before and after. Raises Invalid on a newer."""
    with storage.writing() as connection:
        return upgrade_on(connection, to)


def upgrade_on(connection: Connection, to: str = "head") -> tuple[str | None, str]:
    """The same inside a transaction that is under way, which on PostgreSQL may take its time from then on."""
    from alembic import command

    if connection.dialect.name == "postgresql":
        for limit, value in (("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0"), ("lock_timeout", "60s")):
            connection.execute(text(f"SET LOCAL {limit} = '{value}'"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})"))
    before = revision(connection)
    _refuse_unknown(before)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, to)
    if connection.dialect.name == "postgresql" and to == "head":
        wakeups.install(connection)
    return before, revision(connection) or ""


def require_current(storage: Storage) -> None:
    """Raise Invalid, with the command to run, unless the schema is exactly the one this program was written for."""
    with storage.reading() as connection:
        found = revision(connection)
        _refuse_unknown(found)
        is_current = found == newest() and (storage.is_sqlite or wakeups.is_current(connection))
    if not is_current:
        raise Invalid([Problem("the database has an older schema; run: kam-assess db upgrade")])


def found_revision(storage: Storage) -> str | None:
    """The revision of the database; None where nothing was made in it yet. Raises Failed where it is damaged."""
    try:
        with storage.reading() as connection:
            return revision(connection)
    except DatabaseError as error:
        raise Failed(f"the database could not be read: {error.orig}") from error


def is_empty(storage: Storage) -> bool:
    """Whether nothing has been made in the database yet."""
    with storage.reading() as connection:
        return not inspect(connection).get_table_names()


def newest() -> str:
    """The revision this program was written for."""
    return known_revisions()[-1]


def known_revisions() -> tuple[str, ...]:
    """Every revision, the oldest first: its file is named after it."""
    return tuple(sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def revision(connection: Connection) -> str | None:
    """As Alembic keeps it in its one-row table; None in a database without."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def _refuse_unknown(found: str | None) -> None:
    if found is not None and found not in known_revisions():
        message = "the database was made by a newer version of kam-assess (schema {revision}); install that version"
        raise Invalid([Problem(message, {"revision": found})])


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
