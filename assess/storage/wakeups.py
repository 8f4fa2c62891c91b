"""Wake-ups for the workers on PostgreSQL: Procrastinate's tables, beside ours, say when to look; our rows say what to do.

A wake-up may get lost or come twice. That is harmless: a worker takes rows by lease and fence, and `unannounced` finds the rows
that nobody is told of. So these tables are never backed up, and can be made anew at any time.
"""

from __future__ import annotations

import logging
from datetime import datetime
from hashlib import sha256
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
_JOBS, _OURS = "procrastinate_jobs", "of kam-assess "
_WORKED_ON = (document, account_reading, release_order)
_PARTS = (
    (
        "SELECT 'TABLE ' || oid::regclass FROM pg_class"
        " WHERE relkind = 'r' AND relname LIKE :names AND relnamespace = current_schema()::regnamespace"
    ),
    (
        "SELECT 'FUNCTION ' || oid::regprocedure FROM pg_proc"
        " WHERE proname LIKE :names AND pronamespace = current_schema()::regnamespace"
    ),
    (
        "SELECT 'TYPE ' || oid::regtype FROM pg_type"
        " WHERE typtype IN ('c', 'e') AND typname LIKE :names AND typnamespace = current_schema()::regnamespace"
    ),
)
"""What it consists of, in the order in which it can be removed."""

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
    """Make Procrastinate's tables, anew where they are of another version of it. Raises Invalid where they are somebody else's.

    Its own migrations can't be run in one transaction, and what is lost is only who was told of what.
    """
    if is_current(connection):
        return
    _remove(connection)
    # No parameters: so the driver takes many statements at once, and lets % be.
    _driver(connection).execute(_schema())
    connection.execute(text(f"COMMENT ON TABLE {_JOBS} IS '{_wanted()}'"))


def is_current(connection: Connection) -> bool:
    """Whether `install` has nothing to do. Raises Invalid where the tables are somebody else's."""
    return _found(connection) == _wanted()


def _found(connection: Connection) -> str | None:
    """Which version there is, as the comment of its main table says it, for it keeps no record itself; None for no tables."""
    if not inspect(connection).has_table(_JOBS):
        return None
    comment: str | None = connection.scalar(text(f"SELECT obj_description('{_JOBS}'::regclass)"))
    if comment is None or not comment.startswith(_OURS):
        raise Invalid([Problem("another program keeps its jobs in this database; give kam-assess one of its own")])
    return comment


def _wanted() -> str:
    return _OURS + sha256(_schema().encode()).hexdigest()


def _schema() -> str:
    """What the installed library makes; found without loading the library, which takes half a second."""
    spec = find_spec("procrastinate")
    return (Path(str(spec and spec.origin)).parent / "sql" / "schema.sql").read_text(encoding="utf-8")


def _remove(connection: Connection) -> None:
    """Also what is left where only the tables were moved away."""
    for query in _PARTS:
        for part in connection.scalars(text(query), {"names": f"{PREFIX}%"}).all():
            connection.execute(text(f"DROP {part} CASCADE"))


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
