"""Write the database of each released schema that has none yet: python -m tests.schemas (make schema-fixtures).

Each is kept as its engine dumps it, with rows in every table it had, made by the migrations of that revision alone. A file that
is there is never written again: it shows what people's databases hold, also when a migration is changed by mistake later.
"""

from __future__ import annotations

import gzip
import re
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Column, MetaData, Table, insert, inspect, select

from assess.storage import portable, schema
from assess.storage.engine import Storage
from assess.storage.tables import metadata
from tests.databases import postgresql_programs, postgresql_server, temporary_database
from tests.schemas.filling import fill

FOLDER = Path(__file__).parent
ENGINES = ("sqlite", "postgresql")
STAFF_SINCE = "0003"
_NOISE = re.compile(r"^(?:--.*|SET .*;|\\.*|)\n", re.MULTILINE)


def fixture_path(revision: str, engine: str) -> Path:
    return FOLDER / f"{revision}.{engine}.sql.gz"


def released() -> tuple[str, ...]:
    """The revisions whose databases are kept."""
    return tuple(sorted({path.name.split(".")[0] for path in FOLDER.glob("*.sql.gz")}))


def write_missing() -> Iterator[Path]:
    """Write what is missing; yields what was written."""
    missing = [one for one in schema.known_revisions() if not all(fixture_path(one, engine).exists() for engine in ENGINES)]
    if not missing:
        return
    with tempfile.TemporaryDirectory(prefix="kam-schemas-") as folder, postgresql_server() as server:
        installation = fill(Path(folder) / "data")
        with installation.storage.reading() as connection:
            rows = {
                one.name: [dict(row) for row in connection.execute(select(one)).mappings()] for one in metadata.sorted_tables
            }
        installation.storage.close()
        for revision in missing:
            copy = Path(folder) / f"{revision}.sqlite3"
            _write_copy(copy, revision, rows)
            yield _keep(fixture_path(revision, "sqlite"), _dump_sqlite(copy))
            with temporary_database(server) as url:
                _fill_postgresql(url, copy, revision)
                yield _keep(fixture_path(revision, "postgresql"), _dump_postgresql(url))


def _write_copy(path: Path, revision: str, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """A SQLite database of the revision, with those of the rows and of their columns that it has a place for."""
    storage = Storage(f"sqlite:///{path}")
    schema.upgrade(storage, revision)
    there = inspect(storage.engine)
    columns = {name: {column["name"] for column in there.get_columns(name)} for name in there.get_table_names()}
    kept = _kept({name: rows[name] for name in rows if name in columns}, revision)
    with storage.writing() as connection:
        for table in (one for one in metadata.sorted_tables if kept.get(one.name)):
            some = [{name: value for name, value in row.items() if name in columns[table.name]} for row in kept[table.name]]
            connection.execute(insert(_narrowed(table, columns[table.name])), some)
    storage.close()
    portable.settle(path)


def _kept(rows: Mapping[str, list[dict[str, Any]]], revision: str) -> dict[str, list[dict[str, Any]]]:
    """Without what could not be before there was staff, and without rows that refer to what is gone."""
    kept = dict(rows)
    if revision < STAFF_SINCE:
        kept["assessment"] = [row for row in rows["assessment"] if row["engagement_id"] is None]
    for table in (one for one in metadata.sorted_tables if one.name in kept):
        for key in table.foreign_key_constraints:
            if key.referred_table.name in kept:
                names = [(element.parent.name, element.column.name) for element in key.elements]
                there = {tuple(row[to] for _, to in names) for row in kept[key.referred_table.name]}
                refer = [(tuple(row[of] for of, _ in names), row) for row in kept[table.name]]
                kept[table.name] = [row for values, row in refer if None in values or values in there]
    return kept


def _narrowed(table: Table, columns: set[str]) -> Table:
    return Table(table.name, MetaData(), *(Column(one.name, one.type) for one in table.columns if one.name in columns))


def _fill_postgresql(url: str, copy: Path, revision: str) -> None:
    storage = Storage(url)
    schema.upgrade(storage, revision)
    with storage.writing() as connection:
        portable.copy_into(copy, connection)
    storage.close()


def _dump_sqlite(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:  # the bundled newer driver has no iterdump
        return "\n".join(connection.iterdump()) + "\n"


def _dump_postgresql(url: str) -> str:
    """Without what only another version of the server or psql would understand."""
    program = postgresql_programs() / "pg_dump"
    command = [str(program), "--inserts", "--no-owner", "--no-privileges", f"--dbname={url}"]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    return _NOISE.sub("", dumped)


def _keep(path: Path, dump: str) -> Path:
    path.write_bytes(gzip.compress(dump.encode(), mtime=0))
    return path


if __name__ == "__main__":
    for written in write_missing():
        print(written.relative_to(FOLDER.parent.parent))  # noqa: T201 - a program for the console
