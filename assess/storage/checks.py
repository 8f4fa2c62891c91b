"""Whether a database is what it should be: the file, the references, the schema, and everything that is kept with a hash.

Each check gives a list of places that are wrong, as short as a name or number; an empty one means that all is well.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Result, Select, func, inspect, select, text
from sqlalchemy.exc import DatabaseError

from assess.storage import audit, portable, snapshots
from assess.storage.audit import Entry
from assess.storage.engine import Storage, sqlite_driver, wal_is_sound
from assess.storage.queue import DONE
from assess.storage.tables import audit_entry, brand, document, metadata, questionnaire_copy, snapshot

MOST = 20
"""How many places of one kind are named."""
_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'",
    "postgresql": "SELECT tgname FROM pg_trigger WHERE tgrelid = 'audit_entry'::regclass AND tgenabled <> 'D'",
}
_GUARDS = {"sqlite": {"audit_entry_no_UPDATE", "audit_entry_no_DELETE"}, "postgresql": {"audit_entry_append_only"}}
_NOT_VALID = """
SELECT 'index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace
UNION ALL
SELECT 'constraint ' || conname FROM pg_constraint WHERE NOT convalidated AND connamespace = current_schema()::regnamespace
"""
_BAD_PAGES = "SELECT coalesce(checksum_failures, 0) FROM pg_stat_database WHERE datname = current_database()"


@dataclass(frozen=True)
class EngineFacts:
    """is_sound: False for a SQLite whose faster journal can lose committed writes, so that the slower one is used."""

    name: str
    is_sound: bool


def engine_facts(storage: Storage) -> EngineFacts:
    if storage.is_sqlite:
        driver = sqlite_driver()
        return EngineFacts(f"sqlite {driver.sqlite_version}", wal_is_sound(driver.sqlite_version_info))
    with storage.reading() as connection:
        return EngineFacts(portable.engine_name(connection), True)


def broken_pages(connection: Connection) -> list[str]:
    """What is wrong with the stored bytes: SQLite checks its file; on PostgreSQL every value of every row is read."""
    if connection.dialect.name == "sqlite":
        return [str(line) for line in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars() if line != "ok"]
    found = [str(name) for name in connection.scalars(text(_NOT_VALID))]
    if failures := connection.scalar(text(_BAD_PAGES)):
        found.append(f"{failures} pages with a wrong checksum since the statistics were reset")
    for name in inspect(connection).get_table_names():
        quoted = connection.dialect.identifier_preparer.quote(name)
        try:
            with connection.begin_nested():
                statement = f"SELECT count(*), sum(length(CAST({quoted}.* AS text))) FROM {quoted}"  # noqa: S608 - names of tables
                connection.execute(text(statement))
        except DatabaseError as error:
            found.append(f"{name}: {error.orig}")
    return found


def broken_references(connection: Connection) -> list[str]:
    """Rows that refer to a row that is not there."""
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(MOST)
        return [f"{row[0]} -> {row[2]}, row {row[1]}" for row in broken]
    found = []
    for table in metadata.sorted_tables:
        for key in table.foreign_key_constraints:
            other = key.referred_table.alias("referred")
            joined = [other.c[element.column.name] == element.parent for element in key.elements]
            refers = [column.is_not(None) for column in key.columns]
            statement = select(func.count()).select_from(table).where(*refers, ~select(other).where(*joined).exists())
            if count := connection.scalar(statement):
                found.append(f"{table.name} -> {key.referred_table.name}, {count} rows")
    return found


def differences_from_code(connection: Connection) -> list[str]:
    """Where tables, columns, indexes or keys are not those of the program. Only for the newest schema."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    context = MigrationContext.configure(connection, opts={"compare_type": True, "include_object": _is_ours})
    return [_said(difference) for difference in compare_metadata(context, metadata)]


def broken_audit(connection: Connection) -> list[str]:
    """The first entry of each workspace that does not fit its chain, and guards of the log that are gone."""
    engine = connection.dialect.name
    missing = _GUARDS[engine] - set(connection.scalars(text(_TRIGGERS[engine])))
    rows = _streamed(connection, select(audit_entry).order_by(audit_entry.c.workspace_id, audit_entry.c.number))
    found = []
    for workspace, entries in groupby((Entry(**row) for row in rows.mappings()), lambda entry: entry.workspace_id):
        number = audit.first_broken(tuple(entries))
        if number is not None:
            found.append(f"workspace {workspace}, entry {number}")
    return [*found, *(f"trigger {name} is missing" for name in sorted(missing))]


def broken_documents(connection: Connection) -> list[str]:
    """Documents whose request has not the hash it was kept with, or whose bytes are not as many as they were."""
    found = []
    for row in _streamed(connection, select(document).order_by(document.c.id)):
        digest = sha256(json.dumps([row.request, row.fmt, row.style, row.language]).encode()).hexdigest()
        if digest != row.content_hash:
            found.append(f"{row.id}: request")
        elif row.state == DONE and (row.content is None or len(row.content) != row.size):
            found.append(f"{row.id}: content")
    return found


def broken_questionnaires(connection: Connection) -> list[str]:
    """Frozen questionnaires whose files have not the digest they are kept under."""
    rows = _streamed(connection, select(questionnaire_copy).order_by(questionnaire_copy.c.digest, questionnaire_copy.c.name))
    return [name for name, files in groupby(rows, lambda row: row.digest) if _digest_of_files(files) != name]


def broken_snapshots(connection: Connection) -> list[str]:
    """Snapshots of which a part has not the hash it was kept with."""
    found = []
    for row in _streamed(connection, select(snapshot).order_by(snapshot.c.id)):
        parts = {"answers": row.request, "scorecard": row.scorecard, "roadmap": row.roadmap, **_questionnaires_of(row.request)}
        wrong = [part for part, kept in parts.items() if snapshots.digest(kept) != getattr(row, f"{part}_hash")]
        found += [f"{row.id}: {', '.join(wrong)}"] if wrong else []
    return found


def broken_brands(connection: Connection) -> list[str]:
    rows = _streamed(connection, select(brand).order_by(brand.c.digest))
    return [row.digest for row in rows if sha256(row.content.encode()).hexdigest() != row.digest]


CHECKS_OF_CONTENT: Mapping[str, Callable[[Connection], list[str]]] = {
    "tables": differences_from_code,
    "audit": broken_audit,
    "documents": broken_documents,
    "questionnaires": broken_questionnaires,
    "snapshots": broken_snapshots,
    "brands": broken_brands,
}
"""Checks that make sense on the newest schema only."""


def _streamed(connection: Connection, statement: Select[Any]) -> Result[Any]:
    """Rows by and by: some carry a whole document."""
    return connection.execute(statement.execution_options(yield_per=10))


def _is_ours(_object: Any, name: str | None, kind: str, is_in_database: bool, other: Any) -> bool:
    """Tables that only the database has belong to others, such as a queue, and their indexes with them."""
    if kind == "table" and is_in_database and other is None:
        return name in metadata.tables
    return True


def _said(difference: Any) -> str:
    """One difference in a few words: what would have to be done, and to what."""
    first = difference[0] if isinstance(difference, list) else difference
    words = [str(getattr(part, "name", part)) for part in first if isinstance(part, str) or getattr(part, "name", None)]
    return " ".join(words)


def _digest_of_files(rows: Iterator[Any]) -> str:
    digest = sha256()
    for row in rows:
        digest.update(f"{row.name}\0{len(row.content)}\0".encode() + bytes(row.content))
    return digest.hexdigest()


def _questionnaires_of(request: str) -> dict[str, str]:
    try:
        return {"questionnaire": json.dumps(tuple(json.loads(request)["questionnaires"]))}
    except (ValueError, LookupError, TypeError):
        return {}
