"""Wake-ups for the workers on PostgreSQL: Procrastinate's tables, beside ours, say when to look; our rows say what to do.

A wake-up may get lost or come twice. That is harmless: a worker takes rows by lease and fence, and `unannounced` finds the rows
that nobody is told of. So these tables are never backed up, and can be made anew at any time.
"""

from __future__ import annotations

import logging
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from assess.core.errors import Failed, Invalid, Problem
from assess.storage import queue
from assess.storage.engine import Storage
from assess.storage.tables import account_reading, document, release_order

QUEUE, TASK = "assess", "work"
PREFIX = "procrastinate_"
"""Of all its tables."""
_JOBS = "procrastinate_jobs"
_WORKED_ON = (document, account_reading, release_order)

log = logging.getLogger("assess.wakeups")


def wake(storage: Storage, id_: str) -> None:
    """Tell the workers of a row that waits. That it waits stays true where this fails: a worker finds it at its next sweep."""
    from procrastinate import App, SyncPsycopgConnector
    from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

    try:
        with storage.writing() as connection:
            app = App(connector=SyncPsycopgConnector())
            job = app.configure_task(TASK, queue=QUEUE, queueing_lock=id_, connection=_driver(connection))
            job.defer(row=id_)
    except AlreadyEnqueued:
        pass
    except (ConnectorException, Failed) as error:
        log.warning("the workers could not be told of %s and will find it by themselves: %s", id_, error)


def unannounced(connection: Connection, now: datetime) -> tuple[str, ...]:
    """Rows that wait, or whose worker is gone, without a wake-up on its way; the oldest of each kind first."""
    told = set(connection.scalars(text(f"SELECT queueing_lock FROM {_JOBS} WHERE status = 'todo'")))  # noqa: S608 - our own word
    waiting = (id_ for table in _WORKED_ON for id_ in queue.list_waiting(connection, table, now))
    return tuple(id_ for id_ in waiting if id_ not in told)


# The tables


def install(connection: Connection) -> None:
    """Make Procrastinate's tables, or bring them up to the version that is installed here. Raises Invalid on a newer one.

    The name of the last of its migrations stands in the comment of its main table, as it keeps no such record itself.
    """
    found, known = _version(connection), _migrations()
    if found is None:
        _run(connection, _folder() / "schema.sql")
    for path in known:
        if found is not None and path.stem > found:
            _run(connection, path)
    connection.execute(text(f"COMMENT ON TABLE {_JOBS} IS '{known[-1].stem}'"))


def is_current(connection: Connection) -> bool:
    """Whether `install` has nothing to do. Raises Invalid on a newer version, or on tables that are not ours."""
    return _version(connection) == _migrations()[-1].stem


def _version(connection: Connection) -> str | None:
    """None where there are no tables."""
    if not inspect(connection).has_table(_JOBS):
        return None
    found: str | None = connection.scalar(text(f"SELECT obj_description('{_JOBS}'::regclass)"))
    if found is None:
        raise Invalid([Problem("another program keeps its jobs in this database; give kam-assess one of its own")])
    if found > _migrations()[-1].stem:
        message = "the database was made with a newer version of {package}; install that version"
        raise Invalid([Problem(message, {"package": "procrastinate"})])
    return found


def _migrations() -> list[Path]:
    """In the order they are to run."""
    return sorted((_folder() / "migrations").glob("*.sql"))


def _folder() -> Path:
    """Where the library's SQL is; found without loading the library, which takes half a second."""
    spec = find_spec("procrastinate")
    return Path(str(spec and spec.origin)).parent / "sql"


def _run(connection: Connection, path: Path) -> None:
    """Run a whole file in the transaction under way; no parameters, so the driver takes many statements and lets % be."""
    _driver(connection).execute(path.read_text(encoding="utf-8"))


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
