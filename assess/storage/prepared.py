"""Statements of the hot path, compiled once: SQLAlchemy's own way costs more than the database does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Dialect, Executable


@dataclass(frozen=True)
class Prepared:
    """SQL for one dialect, and the values that stand in the statement itself.

    names: of the places in their order, None where the places have names. statement is kept so that its id stays its own.
    """

    sql: str
    fixed: Mapping[str, Any]
    names: tuple[str, ...] | None
    statement: Executable


def run(connection: Connection, statement: Executable, values: Mapping[str, Any]) -> CursorResult[Any]:
    """Execute a statement made of bindparams. Rows come as the driver gives them: from SQLite, times as text."""
    prepared = _prepare(statement, connection.dialect)
    given: dict[str, Any] = {**prepared.fixed, **values}
    for name, value in given.items():
        if isinstance(value, datetime):
            given[name] = _stamp(value, connection.dialect.name)
    if prepared.names is None:
        return connection.exec_driver_sql(prepared.sql, given)
    return connection.exec_driver_sql(prepared.sql, tuple(given[name] for name in prepared.names))


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
