"""Statements of the hot path, compiled once: SQLAlchemy's own way costs more than the database does."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Executable
from sqlalchemy.exc import DBAPIError


@dataclass(frozen=True)
class Prepared:
    """SQL for one dialect, and the values that stand in the statement itself.

    names: of the places in their order, None where the places have names. statement is kept so that its id stays its own.
    """

    sql: str
    fixed: Mapping[str, Any]
    names: tuple[str, ...] | None
    statement: Executable


class Rows:
    """All rows of a statement, with what callers need of SQLAlchemy's own result."""

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self.rows, self.rowcount = rows, rowcount

    def one_or_none(self) -> Any:
        """The only row, its values by name."""
        (row,) = self.rows or (None,)
        return row

    def scalar(self) -> Any:
        """The first value of the first row; None without one."""
        return self.rows[0][0] if self.rows else None

    def scalar_one(self) -> Any:
        """The only value of the only row."""
        ((value,),) = self.rows
        return value


def run(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any] | Rows:
    """Execute a statement made of bindparams. Rows come as the driver gives them: from SQLite, times as text."""
    prepared = _prepare(statement, connection.dialect)
    given: dict[str, Any] = {**prepared.fixed, **values}
    for name, value in given.items():
        if isinstance(value, datetime):
            given[name] = _stamp(value, connection.dialect.name)
    if prepared.names is None:
        return connection.exec_driver_sql(prepared.sql, given)
    return _run_on_sqlite(connection, prepared, tuple(given[name] for name in prepared.names))


def _run_on_sqlite(connection: Connection, prepared: Prepared, values: tuple[Any, ...]) -> Rows:
    """Past SQLAlchemy, which takes longer about rows than SQLite; errors are those it would raise."""
    driver = connection.dialect.loaded_dbapi
    cursor = connection.connection.cursor()
    try:
        cursor.execute(prepared.sql, values)
        if cursor.description is None:
            return Rows((), cursor.rowcount)
        row_type = _row_type(tuple(column[0] for column in cursor.description))
        return Rows([row_type(*row) for row in cursor.fetchall()], cursor.rowcount)
    except driver.Error as error:
        raise DBAPIError.instance(prepared.sql, None, error, driver.Error, hide_parameters=True) from error
    finally:
        cursor.close()


@cache
def _row_type(names: tuple[str, ...]) -> Any:
    return namedtuple("Row", names)


def _stamp(time: datetime, dialect: str) -> object:
    """A time as `UtcTime` stores it."""
    naive = time.astimezone(UTC).replace(tzinfo=None)
    return naive.isoformat(" ", "microseconds") if dialect == "sqlite" else naive


def _prepare(statement: Executable, dialect: Dialect) -> Prepared:
    key = (id(statement), dialect.name)
    found = _PREPARED.get(key)
    if found is None:
        compiled: Any = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
        places = compiled.positiontup
        found = Prepared(compiled.string, compiled.params, None if places is None else tuple(places), statement)
        _PREPARED[key] = found
    return found


_PREPARED: dict[tuple[int, str], Prepared] = {}
