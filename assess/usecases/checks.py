"""Look an installation over: database, schema, everything kept with a hash, and the keys beside it. Nothing is changed."""

from __future__ import annotations

import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DatabaseError

from assess.config import Settings
from assess.content.backup_files import DATA, DATABASE, Manifest, unpack_backup
from assess.core.errors import Failed, Invalid, Problem
from assess.storage import checks, schema
from assess.storage.engine import Storage
from assess.usecases import benchmark_keys as keys
from assess.usecases.backups import prepare_copy

OK, WARNING, WRONG, SKIPPED = "ok", "warning", "wrong", "skipped"
NAMES = ("engine", "pages", "references", "schema", *checks.CHECKS_OF_CONTENT, "keys")


@dataclass(frozen=True)
class Finding:
    """What one check of NAMES found; problems is empty where all is well or nothing could be looked at."""

    name: str
    state: str
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Report:
    """revision: None where there is no schema. is_sound: nothing is wrong; warnings are allowed."""

    engine: str
    revision: str | None
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        return all(finding.state != WRONG for finding in self.findings)


def check_installation(settings: Settings) -> Report:
    """Every check on the installation of these settings; servers and workers may go on. Raises Invalid without a database."""
    storage = Storage(settings.database_url)
    try:
        _require_file(storage)
        return _check(settings, storage)
    finally:
        storage.close()


def drill(settings: Settings, backup: Path) -> tuple[Manifest, Report]:
    """Restore a backup into a folder of its own, look over what comes out, and throw it away.

    Raises Invalid where the backup can't be restored, Full without room.
    """
    with tempfile.TemporaryDirectory(prefix="kam-drill-") as folder:
        manifest = unpack_backup(backup, Path(folder))
        prepare_copy(Path(folder) / DATABASE, manifest, backup)
        data_dir = Path(folder) / DATA
        data_dir.mkdir(mode=0o700, exist_ok=True)
        url = f"sqlite:///{Path(folder) / DATABASE}"
        given = settings.secret_key if not manifest.keeps_key else ""
        return manifest, check_installation(replace(settings, data_dir=data_dir, database_url=url, secret_key=given))


def _require_file(storage: Storage) -> None:
    database = Path(storage.url.database or "")
    if storage.is_sqlite and not database.is_file():
        raise Invalid([Problem("there is no such database; check KAM_DATA_DIR and KAM_DATABASE_URL", {}, str(database))])


def _check(settings: Settings, storage: Storage) -> Report:
    engine = checks.engine_facts(storage)
    findings = [_engine(engine)]
    try:
        with storage.reading() as connection:
            if not storage.is_sqlite:
                connection.execute(text("SET LOCAL statement_timeout = 0"))
            revision = schema.revision(connection)
            findings += _database(connection, revision)
    except (DatabaseError, Failed) as error:
        revision = None
        reason = error.orig if isinstance(error, DatabaseError) else error
        findings.append(Finding("pages", WRONG, (Problem("cannot be read: {reason}", {"reason": reason}),)))
    seen = {finding.name for finding in findings}
    findings += [Finding(name, SKIPPED) for name in NAMES if name not in seen and name != "keys"]
    return Report(engine.name, revision, (*findings, _keys(settings, storage)))


def _engine(engine: checks.EngineFacts) -> Finding:
    if engine.is_sound:
        return Finding("engine", OK)
    message = "{engine} can lose writes in its fast journal, so the slow one is used; install the package pysqlite3"
    return Finding("engine", WARNING, (Problem(message, {"engine": engine.name}),))


def _database(connection: Connection, revision: str | None) -> Iterator[Finding]:
    pages = checks.broken_pages(connection)
    yield _listed("pages", pages, "the database is damaged: {place}")
    if pages:
        return
    yield _listed("references", checks.broken_references(connection) if revision else [], _MESSAGES["references"])
    found = _schema(revision)
    yield found
    if found.state == OK:
        for name, check in checks.CHECKS_OF_CONTENT.items():
            yield _listed(name, check(connection), _MESSAGES[name])


_MESSAGES = {
    "references": "refers to a row that is not there: {place}",
    "tables": "is not as the program made it: {place}",
    "audit": "the audit log was changed or cut: {place}",
    "documents": "a document is not as it was kept: {place}",
    "questionnaires": "a frozen questionnaire is not as it was kept: {place}",
    "snapshots": "a snapshot is not as it was kept: {place}",
    "brands": "a brand is not as it was kept: {place}",
}


def _listed(name: str, places: list[str], message: str) -> Finding:
    problems = [Problem(message, {"place": place}) for place in places[: checks.MOST]]
    if len(places) > checks.MOST:
        problems.append(Problem("and {count} more problems", {"count": len(places) - checks.MOST}))
    return Finding(name, WRONG if problems else OK, tuple(problems))


def _schema(revision: str | None) -> Finding:
    if revision == schema.newest():
        return Finding("schema", OK)
    if revision is None:
        return Finding("schema", WRONG, (Problem("there is nothing in the database yet"),))
    if revision in schema.known_revisions():
        return Finding("schema", WRONG, (Problem("the database has an older schema; run: kam-assess db upgrade"),))
    message = "the database was made by a newer version of kam-assess (schema {revision}); install that version"
    return Finding("schema", WRONG, (Problem(message, {"revision": revision}),))


def _keys(settings: Settings, storage: Storage) -> Finding:
    """Keys that can't be read are wrong; those that others could read are a warning."""
    wrong = [*_unreadable_keys(settings)]
    if wrong:
        return Finding("keys", WRONG, tuple(wrong))
    open_ = [
        Problem("can be read by other users of the machine; run: chmod go= {path}", {"path": path}, str(path))
        for path in _secret_places(settings, storage)
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    return Finding("keys", WARNING if open_ else OK, tuple(open_))


def _secret_places(settings: Settings, storage: Storage) -> tuple[Path, ...]:
    """Files with secrets. A database inside a folder of its user only is as safe as the folder."""
    folder = settings.data_dir / keys.FOLDER
    places = (settings.data_dir / "secret-key", folder / keys.SIGNING_KEY, folder / keys.NAME_SECRET)
    database = Path(storage.url.database or "")
    is_open = storage.is_sqlite and stat.S_IMODE(database.parent.stat().st_mode) & 0o077
    return (*places, database) if is_open else places


def _unreadable_keys(settings: Settings) -> Iterator[Problem]:
    folder, secret = settings.data_dir / keys.FOLDER, settings.data_dir / "secret-key"
    if not settings.secret_key and (problem := _key_problem(secret, is_base64=False)):
        yield problem
    for path in (folder / keys.SIGNING_KEY, folder / keys.NAME_SECRET):
        if path.exists() and (problem := _key_problem(path, is_base64=True)):
            yield problem
    trusted = {f"{key.fingerprint}.json" for key in keys.trusted_keys(settings.data_dir)}
    for path in sorted((folder / keys.TRUSTED).glob("*.json")):
        if path.name not in trusted:
            yield Problem("is no key that is trusted: its content does not fit its name", {}, str(path))


def _key_problem(path: Path, *, is_base64: bool) -> Problem | None:
    try:
        content = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        return Problem("cannot be read: {reason}", {"reason": getattr(error, "strerror", None) or error}, str(path))
    is_key = keys.decoded(content) is not None if is_base64 else len(content) >= 32
    return None if is_key else Problem("is damaged: restore it from a backup", {}, str(path))
