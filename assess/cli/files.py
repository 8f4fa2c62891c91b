"""Write result files: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from assess.core.errors import Invalid, Problem


def write_file(path: Path, content: bytes) -> None:
    """Put the content in place of the file; when that fails the old file stays as it was. Raises Invalid."""
    temporary: str | None = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except OSError as error:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)
        reason = error.strerror or str(error)
        raise Invalid([Problem("cannot be written: {reason}", {"reason": reason}, str(path))]) from error


def require_writable(path: Path) -> None:
    """Find out before the work whether the file could be written. Raises Invalid."""
    if path.is_dir():
        raise Invalid([Problem("is a folder, not a file", {}, str(path))])
    if not path.parent.is_dir():
        raise Invalid([Problem("cannot be written: there is no folder {folder}", {"folder": path.parent}, str(path))])
    if not os.access(path.parent, os.W_OK):
        raise Invalid([Problem("cannot be written: the folder {folder} is read-only", {"folder": path.parent}, str(path))])


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
