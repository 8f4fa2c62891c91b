"""What the program writes down: one line for each event, as text or JSON, with the request's id and without personal data.

Private links, e-mail addresses and tokens are struck out of every line, and of an exception only its kind and place are
told: what it says may hold what people wrote. KAM_DEBUG=1 tells all, for the time of looking for a fault.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

TEXT, JSON = "text", "json"
FORMATS = (TEXT, JSON)
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request being answered; empty outside of requests."""

_PRIVATE = (
    (re.compile(r"(/(?:a|i|w|join|show|setup)/)[\w%~.-]+"), r"\1…"),
    (re.compile(r"[^\s@<>\"]+@[\w.-]+"), "…@…"),
    (re.compile(r"\b(reply-|team-|kam_(?=\S{20}))[\w-]+"), r"\1…"),
)
_QUIET = ("waitress", "alembic", "procrastinate", "fontTools", "weasyprint", "PIL")
_ROOT = Path(__file__).parent.parent


def set_up_logs(form: str, level: int = logging.INFO) -> None:
    """Write every event of this process to standard error, in one of FORMATS."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if form == JSON else TextLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def without_private(text: str) -> str:
    """The text without what leads to a person."""
    for pattern, rest in _PRIVATE:
        text = pattern.sub(rest, text)
    return text


def kind_of(error: BaseException) -> str:
    """`ValueError`, or `ValueError from KeyError` for one that another led to; of the system's errors their own words too."""
    name = type(error).__name__
    if isinstance(error, OSError) and error.strerror:
        name = f"{name} ({error.strerror})"
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return name if before is None or before is error else f"{name} from {type(before).__name__}"


def places_of(error: BaseException) -> list[str]:
    """Where it happened, the innermost call last: `assess/core/scoring.py:12 score`."""
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]


def _short(filename: str) -> str:
    path = Path(filename)
    if path.is_relative_to(_ROOT) and "site-packages" not in path.parts:
        return str(path.relative_to(_ROOT))
    return "/".join(path.parts[-2:])


class TextLines(logging.Formatter):
    """`2026-11-22T10:00:00.000Z INFO assess.access: answered status=200 [3f9a…]`, indented places below an exception."""

    def format(self, record: logging.LogRecord) -> str:
        event = _event(record)
        where = event.pop("where", ())
        head = f"{event.pop('at')} {event.pop('level')} {event.pop('logger')}: {event.pop('event')}"
        request = event.pop("request", "")
        rest = "".join(f" {name}={value}" for name, value in event.items())
        lines = [f"{head}{rest}" + (f" [{request}]" if request else ""), *(f"    {place}" for place in where)]
        return "\n".join(lines)


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, logger, event, request, then the event's own fields."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(_event(record), ensure_ascii=False, default=str)


def _event(record: logging.LogRecord) -> dict[str, Any]:
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    event: dict[str, Any] = {"at": at, "level": record.levelname, "logger": record.name}
    event["event"] = without_private(record.getMessage().replace("\n", " "))
    if request_id.get():
        event["request"] = request_id.get()
    return event | dict(_fields(record)) | _exception(record)


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    fields: Mapping[str, object] = getattr(record, "fields", {})
    for name, value in fields.items():
        yield name, without_private(value) if isinstance(value, str) else value


def _exception(record: logging.LogRecord) -> dict[str, object]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    if os.environ.get("KAM_DEBUG"):
        return {"error": "".join(traceback.format_exception(error))}
    return {"error": kind_of(error), "where": places_of(error)}
