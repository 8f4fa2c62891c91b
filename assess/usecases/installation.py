"""What every use case works with: the settings, the database, the questionnaires, the clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from assess.config import Settings, own_secret_key
from assess.content.library import Library
from assess.core.errors import AssessError, Failed
from assess.storage import schema
from assess.storage.engine import Storage
from assess.storage.wakeups import wake
from assess.usecases.passwords import Passwords


def utc_now() -> datetime:
    return datetime.now(UTC)


def nothing_to_wake(_row: str) -> None:
    """The embedded worker looks at the rows itself."""


@dataclass(frozen=True)
class Installation:
    """enqueue is told the id of each row that waits for a worker, after it is committed."""

    settings: Settings
    storage: Storage
    library: Library
    clock: Callable[[], datetime] = utc_now
    enqueue: Callable[[str], None] = nothing_to_wake
    passwords: Passwords = field(default_factory=Passwords)


def open_installation(settings: Settings) -> Installation:
    """Open the database of these settings, made on the first start.

    Raises Invalid on a wrong schema, Failed when it can't be opened.
    """
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        secret = settings.secret_key or own_secret_key(settings.data_dir)
    except OSError as error:
        raise Failed(f"{settings.data_dir} cannot be used as the data folder: {error.strerror or error}") from error
    storage = Storage(settings.database_url)
    try:
        if schema.is_empty(storage):
            schema.upgrade(storage)
        schema.require_current(storage)
    except AssessError:
        storage.close()
        raise
    installation = Installation(replace(settings, secret_key=secret), storage, Library(settings.questionnaires))
    return installation if storage.is_sqlite else replace(installation, enqueue=partial(wake, storage))
