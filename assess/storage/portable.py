"""A whole database as one SQLite file, and back: the form in which an installation is kept and moved.

One form for both engines: a copy can be checked without a server, needs no client programs of a fitting version, and can go
from a laptop's SQLite to PostgreSQL. A copy is one moment: SQLite's online backup runs inside the reading transaction that
counts the rows, PostgreSQL is read in one REPEATABLE READ transaction. Tables that no migration of ours makes on SQLite, such
as those of a queue that lives in PostgreSQL, are left out: the rows of documents are the truth of the queue.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    NullPool,
    Table,
    column,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, OperationalError
from sqlalchemy.schema import sort_tables

from assess.core.errors import Failed, Full
from assess.storage import schema
from assess.storage.engine import Storage, is_full, sqlite_driver

VERSION_TABLE = "alembic_version"
_BATCH, _BATCH_WITH_BYTES = 500, 10


@dataclass(frozen=True)
class Contents:
    """revision of the schema; engine as people name it; tables: name -> number of rows."""

    revision: str
    engine: str
    tables: Mapping[str, int]


def copy_out(storage: Storage, path: Path) -> Contents:
    """Write the database as it is at this moment to a new SQLite file at `path`, while others go on writing.

    Raises Failed when the copy does not hold what was read, Full when there is no room for it.
    """
    try:
        contents = _from_sqlite(storage, path) if storage.is_sqlite else _from_postgresql(storage, path)
        with open_copy(path) as connection:
            counted = _counts(connection, contents.tables)
    except DatabaseError as error:
        raise _refusal("the copy of the database could not be written", error) from error
    except sqlite_driver().Error as error:
        raise _refusal("the copy of the database could not be written", error) from error
    if counted != contents.tables:
        differences = _differences(contents.tables, counted)
        raise Failed(f"the copy of the database does not hold the rows that were read: {differences}")
    return contents


def contents_of(path: Path) -> Contents:
    """What a copy holds. Raises Failed where the file is no sound SQLite database with a schema of ours."""
    try:
        with open_copy(path) as connection:
            problems = integrity_problems(connection)
            if problems:
                raise Failed(f"the database of the copy is damaged: {'; '.join(problems)}")
            revision = schema.revision(connection)
            names = _table_names(connection)
            if revision is None:
                raise Failed("the database of the copy is not one of kam-assess")
            return Contents(revision, engine_name(connection), _counts(connection, names))
    except DatabaseError as error:
        raise Failed(f"the database of the copy is damaged: {error.orig}") from error


def integrity_problems(connection: Connection) -> list[str]:
    """What SQLite finds wrong with its file and with the references between rows; at most a hundred of each."""
    found = [str(line) for line in connection.exec_driver_sql("PRAGMA integrity_check(100)").scalars() if line != "ok"]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(100)
    return found + [f"{row[0]}: row {row[1]} refers to a row of {row[2]} that is not there" for row in broken]


@contextmanager
def open_copy(path: Path) -> Iterator[Connection]:
    """A copy, to read; nothing of it is changed and no file is made beside it."""
    url = URL.create("sqlite", database=f"file:{_quoted(path)}", query={"mode": "ro", "uri": "true"})
    engine = create_engine(url, module=sqlite_driver(), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_into(path: Path, connection: Connection) -> None:
    """Fill the empty tables of a PostgreSQL database, inside its transaction, with the rows of a copy of the same schema.

    Raises Failed where a row can't be taken or the numbers of rows differ at the end.
    """
    with open_copy(path) as source:
        tables = _sorted_tables(source)
        for one in tables:
            try:
                for rows in _batches(source, one):
                    connection.execute(insert(_bare(one)), rows)
            except (DataError, IntegrityError) as error:
                raise Failed(f"the rows of {one.name} do not fit into this database: {error.orig}") from error
            _count_on(connection, one)
        names = [one.name for one in tables]
        expected, counted = _counts(source, names), _counts(connection, names)
    if expected != counted:
        raise Failed(f"the database does not hold the rows of the copy: {_differences(expected, counted)}")


def settle(path: Path) -> None:
    """Bring all that belongs to a SQLite file into it, so that it can be moved alone. Raises Failed while it is in use."""
    try:
        with closing(sqlite_driver().connect(str(path), timeout=1, isolation_level=None)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
    except sqlite_driver().Error as error:
        raise Failed(f"{path} is in use or damaged: {error}") from error
    if mode != "delete":
        raise Failed(f"{path} is in use")


def _from_sqlite(storage: Storage, path: Path) -> Contents:
    """SQLite copies from the snapshot of a transaction that is already open on the connection, so the counts are of it too."""
    with storage.reading() as connection:
        contents = _contents(connection, _table_names(connection))
        source: Any = connection.connection.driver_connection
        with closing(sqlite_driver().connect(str(path))) as target:
            source.backup(target)
    settle(path)
    return contents


def _from_postgresql(storage: Storage, path: Path) -> Contents:
    with storage.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection, connection.begin():
        _without_limits(connection)
        connection.execute(text("SET TRANSACTION READ ONLY"))
        revision = schema.revision(connection)
        if revision is None:
            raise Failed("there is nothing in the database yet")
        _make_empty(path, revision)
        with _filling(path) as target:
            tables = _sorted_tables(target)
            for one in tables:
                for rows in _batches(connection, one):
                    target.execute(insert(one), rows)
        return _contents(connection, [one.name for one in tables])


def _make_empty(path: Path, revision: str) -> None:
    """A SQLite database with the tables of a revision and nothing in them."""
    storage = Storage(f"sqlite:///{path}")
    try:
        schema.upgrade(storage, revision)
    finally:
        storage.close()
        Path(f"{path}.lock").unlink(missing_ok=True)
    settle(path)


@contextmanager
def _filling(path: Path) -> Iterator[Connection]:
    """One transaction on a copy, without regard to the order of references: they are checked at the end."""
    engine = create_engine(URL.create("sqlite", database=str(path)), module=sqlite_driver(), poolclass=NullPool)
    _begin_plainly(engine)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _begin_plainly(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")


def _sorted_tables(copy: Connection) -> list[Table]:
    """The tables of a SQLite copy, those that are referred to first, with their columns as they are in the file."""
    found = MetaData()
    found.reflect(copy)
    return [one for one in sort_tables(found.tables.values()) if one.name != VERSION_TABLE]


def _batches(connection: Connection, one: Table) -> Iterator[list[dict[str, Any]]]:
    """All rows of a table by and by, with the values of Python: a day, a time, a claim are more than text and number."""
    has_bytes = any(isinstance(each.type, LargeBinary) for each in one.columns)
    size = _BATCH_WITH_BYTES if has_bytes else _BATCH
    columns = one.columns if connection.dialect.name == "sqlite" else _bare(one).columns
    rows = connection.execute(select(*columns).execution_options(yield_per=size))
    for some in rows.mappings().partitions(size):
        yield [dict(row) for row in some]


def _bare(one: Table) -> Any:
    """The table without types: PostgreSQL's driver takes and gives the values of Python itself."""
    return table(one.name, *(column(each.name) for each in one.columns))


def _count_on(connection: Connection, one: Table) -> None:
    """Let PostgreSQL's own numbering go on after the highest number that was brought."""
    keys: list[Column[Any]] = list(one.primary_key.columns)
    if len(keys) != 1:
        return
    name, key = one.name, keys[0].name
    sequence = connection.scalar(text("SELECT pg_get_serial_sequence(quote_ident(:table), :key)"), {"table": name, "key": key})
    if sequence is None:
        return
    highest = connection.scalar(select(func.max(column(key))).select_from(table(name)))
    if highest is not None:
        statement = text("SELECT setval(CAST(:sequence AS regclass), :highest)")
        connection.execute(statement, {"sequence": sequence, "highest": highest})


def _contents(connection: Connection, names: Iterable[str]) -> Contents:
    return Contents(schema.revision(connection) or "", engine_name(connection), _counts(connection, names))


def _table_names(connection: Connection) -> list[str]:
    return [name for name in inspect(connection).get_table_names() if name != VERSION_TABLE]


def _counts(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    counted = {name: connection.scalar(select(func.count()).select_from(table(name))) for name in names}
    return {name: counted[name] or 0 for name in sorted(counted)}


def engine_name(connection: Connection) -> str:
    version = connection.dialect.server_version_info or ()
    return f"{connection.dialect.name} {'.'.join(str(part) for part in version)}".strip()


def _without_limits(connection: Connection) -> None:
    """A copy takes as long as it takes; the limits of PostgreSQL connections are for pages."""
    for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))


def _refusal(what: str, error: DatabaseError | Exception) -> Failed:
    cause = error.orig if isinstance(error, OperationalError) else error
    return Full(f"{what}: {_NO_SPACE}") if is_full(cause) else Failed(f"{what}: {cause}")


def _differences(expected: Mapping[str, int], counted: Mapping[str, int]) -> str:
    differing = [name for name in expected if counted.get(name) != expected[name]]
    return ", ".join(f"{name} {counted.get(name, 0)} of {expected[name]}" for name in differing)


def _quoted(path: Path) -> str:
    """The path inside a `file:` address of SQLite."""
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


_NO_SPACE = f"[Errno {errno.ENOSPC}] no space left on the device"
