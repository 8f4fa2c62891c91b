"""Who works on a data folder: any number of servers and workers, or one that restores it, never both.

A lock on a file, which the operating system lets go of however a process ends.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from assess.core.errors import Failed, Invalid, Problem

LOCK_FILE = ".in-use"
_STAYING: list[AbstractContextManager[None]] = []


@contextmanager
def in_use(data_dir: Path) -> Iterator[None]:
    """For as long as a server or worker runs. Raises Invalid while the folder is being restored."""
    with _locked(data_dir, fcntl.LOCK_SH, "is being restored at this moment; try again when that has ended"):
        yield


def stay(data_dir: Path) -> None:
    """The same until this process ends, for a server whose end nobody tells us. Raises Invalid."""
    staying = in_use(data_dir)
    staying.__enter__()
    _STAYING.append(staying)


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """For what nobody may see half-done. Raises Invalid while a server or worker runs on the folder."""
    with _locked(data_dir, fcntl.LOCK_EX, "is in use by a server or worker of kam-assess; stop it first"):
        yield


@contextmanager
def _locked(data_dir: Path, mode: int, refusal: str) -> Iterator[None]:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise Failed(f"{data_dir} cannot be used as the data folder: {error.strerror or error}") from error
    try:
        try:
            fcntl.flock(handle, mode | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Invalid([Problem(refusal, {}, str(data_dir))]) from None
        yield
    finally:
        os.close(handle)
