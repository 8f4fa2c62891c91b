"""What those who run an installation ask of it: whether it can work, what waits, when a worker was last seen."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from datetime import timedelta
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from assess.core.errors import AssessError, Failed, Invalid
from assess.storage import schema, workers
from assess.storage.workers import Queue
from assess.usecases.installation import Installation

log = logging.getLogger(__name__)

BEAT_SECONDS = 15.0
SEEN_LATELY = timedelta(seconds=60)
OK, UNREADABLE, OTHER_SCHEMA, NOT_SEEN, UNKNOWN = "ok", "cannot be read", "not of this version", "not seen lately", "unknown"


@dataclass(frozen=True)
class Readiness:
    """Each in a few words, OK when all is well."""

    database: str
    schema: str
    worker: str

    @property
    def takes_answers(self) -> bool:
        return self.database == self.schema == OK

    @property
    def makes_documents(self) -> bool:
        return self.takes_answers and self.worker == OK


@dataclass(frozen=True)
class Work:
    """Queues by kind of work; beats: seconds since each known worker was seen, the latest first."""

    queues: dict[str, Queue]
    beats: tuple[float, ...]


def readiness(installation: Installation) -> Readiness:
    """Looks at the database; never raises for what is wrong with it."""
    try:
        schema.require_current(installation.storage)
        beats = look_at_work(installation).beats
    except Invalid:
        return Readiness(OK, OTHER_SCHEMA, UNKNOWN)
    except (Failed, SQLAlchemyError) as error:
        log.warning("not ready: %s", type(error.__cause__ or error).__name__)
        return Readiness(UNREADABLE, UNKNOWN, UNKNOWN)
    is_seen = any(abs(seconds) <= SEEN_LATELY.total_seconds() for seconds in beats)
    return Readiness(OK, OK, OK if is_seen else NOT_SEEN)


def look_at_work(installation: Installation) -> Work:
    """Raises Failed."""
    now = installation.clock()
    with installation.storage.reading() as connection:
        queues, seen = workers.load_queues(connection), workers.load_beats(connection)
    return Work(queues, tuple((now - moment).total_seconds() for moment in seen))


def keep_beating(installation: Installation, stop: Event) -> None:
    """Say every BEAT_SECONDS that this worker lives, until told to stop; a database that is away is waited for."""
    worker = secrets.token_hex(16)
    while True:
        _try(installation, worker)
        if stop.wait(BEAT_SECONDS):
            break
    _try(installation, worker, is_last=True)


def _try(installation: Installation, worker: str, *, is_last: bool = False) -> None:
    try:
        with installation.storage.writing() as connection:
            if is_last:
                workers.forget_worker(connection, worker)
            else:
                workers.note_beat(connection, worker, installation.clock())
    except (AssessError, SQLAlchemyError) as error:
        log.warning("this worker could not say that it lives: %s", type(error.__cause__ or error).__name__)
