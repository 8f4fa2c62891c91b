"""The place a database is restored to: whether it is free, and how what stands there gives way."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from assess.core.errors import Failed, Full
from assess.storage import portable, schema
from assess.storage.engine import Storage, is_full, sqlite_driver

_OTHERS = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""


def files_of(database: Path) -> tuple[Path, ...]:
    """A SQLite file with those that belong to it."""
    return tuple(database.with_name(database.name + ending) for ending in ("", "-wal", "-shm", "-journal"))


def is_in_use(storage: Storage) -> bool:
    """Whether somebody else has the database open: on SQLite in WAL mode and on PostgreSQL, even one who does nothing."""
    if not storage.is_sqlite:
        with storage.reading() as connection:
            return bool(connection.scalar(text(_OTHERS)))
    database = Path(storage.url.database or "")
    if not database.is_file():
        return False
    try:
        with closing(sqlite_driver().connect(str(database), timeout=0.2, isolation_level=None)) as connection:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
    except sqlite_driver().Error as error:
        return "locked" in str(error)  # anything else is damage, which must not stand in the way of restoring
    return False


def is_free(storage: Storage) -> bool:
    """Whether there is no database, or one without any table."""
    if storage.is_sqlite:
        database = Path(storage.url.database or "")
        return not database.exists() or database.stat().st_size == 0
    return schema.is_empty(storage)


def fill_postgresql(storage: Storage, copy: Path, aside: str) -> str | None:
    """Make the tables and fill them from a copy of the newest schema, in one transaction.

    Tables that are there move to the schema `aside`, which is returned; None where there are none. Raises Failed, Full.
    """
    try:
        with storage.engine.begin() as connection:
            for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.execute(text(f"SET LOCAL {limit} = 0"))
            is_moved = bool(inspect(connection).get_table_names())
            if is_moved:
                _move_aside(connection, aside)
            schema.upgrade_on(connection)
            portable.copy_into(copy, connection)
    except DBAPIError as error:
        refusal = Full if is_full(error.orig) else Failed
        raise refusal(f"the database could not be filled; everything is as it was: {error.orig}") from error
    return f"schema {aside}" if is_moved else None


def _move_aside(connection: Connection, aside: str) -> None:
    """Give the schema with everything in it another name, and make an empty one of the old name."""
    quote = connection.dialect.identifier_preparer.quote
    name = connection.scalar(text("SELECT current_schema()")) or "public"
    connection.execute(text(f"ALTER SCHEMA {quote(name)} RENAME TO {quote(aside)}"))
    connection.execute(text(f"CREATE SCHEMA {quote(name)}"))
