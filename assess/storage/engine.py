"""The one place that knows the database drivers.

SQLite before 3.51.3 can lose committed writes in WAL mode (its WAL-reset defect, fixed in 3.51.3 and backported to 3.50.7 and
3.44.6), so a bundled newer one is used where there is one, and the rollback journal otherwise.
"""

from __future__ import annotations

import errno
import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from threading import Lock, local
from time import monotonic, sleep
from types import ModuleType
from typing import IO, Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

from assess.core.errors import Failed, Full, Invalid, Problem

BUSY_TIMEOUT_MS = 10_000
TURN_SECONDS = 10.0
"""How long a writer waits for its turn; people are told to try again rather than kept waiting behind a stuck one."""
_LONGEST_PAUSE = 0.02
UNAVAILABLE = (OperationalError, InterfaceError, InternalError, NoConnection)
"""How the drivers and the pool say that the database is away, locked, full or read-only."""
_PRAGMAS = (
    f"busy_timeout={BUSY_TIMEOUT_MS}",
    "synchronous=FULL",
    "foreign_keys=ON",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "mmap_size=0",
    "journal_size_limit=67108864",
)


class Storage:
    """Three engines on one database: writers take the write lock at once, readers and lookers can't write."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except ArgumentError:
            raise Invalid([Problem("is not a database URL", {}, "KAM_DATABASE_URL")]) from None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._writer, self._reader, self._looker = _sqlite(self.url.database or "") if self.is_sqlite else _postgresql(url)
        self._lock = Lock() if self.is_sqlite else None
        self._lock_file = Path(f"{self.url.database}.lock") if self.is_sqlite else None
        self._of_thread = local()

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that is committed at the end; writers wait for each other instead of failing.

        Within another one of this thread it is a part of it: committed with it, and undone alone when it fails. Raises Failed
        when the database can't take the write (full or read-only disk, locked too long): nothing was written.
        """
        try:
            if self._open is not None:
                with self._open.begin_nested():
                    yield self._open
                return
            with self._turn(), self._writer.begin() as connection, self._opened(connection):
                yield connection
        except UNAVAILABLE as error:
            reason = _reason(error)
            refusal = Full if is_full(getattr(error, "orig", None)) else Failed
            raise refusal(f"the database could not take the write: {reason}") from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the data, what the thread is writing included."""
        try:
            with nullcontext(self._open) if self._open is not None else self._reader.begin() as connection:
                yield connection
        except UNAVAILABLE as error:
            raise Failed(f"the database could not be read: {_reason(error)}") from error

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """For one single statement that reads, without a transaction around it: the cheapest look there is."""
        try:
            with nullcontext(self._open) if self._open is not None else self._looker.connect() as connection:
                yield connection
        except UNAVAILABLE as error:
            raise Failed(f"the database could not be read: {_reason(error)}") from error

    @property
    def _open(self) -> Connection | None:
        """The connection of this thread's transaction that writes; None outside of one."""
        return getattr(self._of_thread, "connection", None)

    @contextmanager
    def _opened(self, connection: Connection) -> Iterator[None]:
        self._of_thread.connection = connection
        try:
            yield
        finally:
            self._of_thread.connection = None

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """One writer at a time: those of this process queue at a lock, those of other processes at a locked file, rather than
        in SQLite's sleeping busy handler. Raises Failed after TURN_SECONDS without a turn."""
        if self._lock is None or self._lock_file is None:
            yield
            return
        ends = monotonic() + TURN_SECONDS
        if not self._lock.acquire(timeout=TURN_SECONDS):
            raise Failed("the database could not take the write: too many others are writing")
        try:
            with _open_lock(self._lock_file) as stream:
                _lock(stream, ends)
                yield
        finally:
            self._lock.release()

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()
        self._looker.dispose()


def _open_lock(path: Path) -> IO[str]:
    try:
        return path.open("a")
    except OSError as error:
        refusal = Full if error.errno in (errno.ENOSPC, errno.EDQUOT) else Failed
        raise refusal(f"the database could not take the write: {error}") from error


def _lock(stream: IO[str], ends: float) -> None:
    """Take the lock of the file, asking again and again because a thread that waits for it in the kernel can't give up."""
    pause = 0.0005
    while True:
        try:
            return fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > ends:
                raise Failed("the database could not take the write: another process is writing") from None
        except OSError as error:
            raise Failed(f"the database could not take the write: {error}") from error
        sleep(pause)
        pause = min(1.5 * pause, _LONGEST_PAUSE)


def _reason(error: Exception) -> object:
    """What the driver said, without the statement and its values, which are people's."""
    return getattr(error, "orig", None) or "all connections are in use"


def is_full(error: BaseException | None) -> bool:
    """Whether the disk or the quota is full, as SQLite and PostgreSQL (53100: disk full) say it."""
    return "is full" in str(error) or getattr(error, "sqlstate", "") == "53100"


def sqlite_driver() -> ModuleType:
    """The DB-API module to use: the standard library's where its SQLite is sound, else the bundled newer one."""
    if wal_is_sound(sqlite3.sqlite_version_info):
        return sqlite3
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3
    driver: ModuleType = dbapi2
    return driver


def wal_is_sound(version: tuple[int, ...]) -> bool:
    """Whether WAL mode of this SQLite is free of the WAL-reset defect."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _sqlite(path: str) -> tuple[Engine, Engine, Engine]:
    driver = sqlite_driver()
    journal = "WAL" if wal_is_sound(driver.sqlite_version_info) else "DELETE"
    engines = []
    for begin in ("BEGIN IMMEDIATE", "BEGIN", ""):
        engine = create_engine(f"sqlite:///{path}", module=driver, pool_size=16, max_overflow=16, hide_parameters=True)
        _prepare_sqlite(engine, begin, journal)
        engines.append(engine)
    writer, reader, looker = engines
    return writer, reader, looker


def _prepare_sqlite(engine: Engine, begin: str, journal: str) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in (*_PRAGMAS, f"journal_mode={journal}"):
            connection.execute(f"PRAGMA {pragma}")
        if begin != "BEGIN IMMEDIATE":
            connection.execute("PRAGMA query_only=ON")

    if begin:

        @event.listens_for(engine, "begin")
        def on_begin(connection: Connection) -> None:
            connection.exec_driver_sql(begin)


def _postgresql(url: str) -> tuple[Engine, Engine, Engine]:
    missing = [name for name in ("psycopg", "procrastinate") if find_spec(name) is None]
    if missing:
        message = "PostgreSQL needs packages that are not installed ({missing}): pip install 'kam-assess[postgres]'"
        raise Invalid([Problem(message, {"missing": ", ".join(missing)}, "KAM_DATABASE_URL")])
    options = "-c statement_timeout=10s -c lock_timeout=3s -c idle_in_transaction_session_timeout=30s"
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=8,
        max_overflow=4,
        pool_timeout=10,
        pool_pre_ping=True,
        hide_parameters=True,
        pool_recycle=1800,
        connect_args={"connect_timeout": 5, "options": options},
    )
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine, reader, engine.execution_options(isolation_level="AUTOCOMMIT")
