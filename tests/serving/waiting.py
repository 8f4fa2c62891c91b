"""A web app that says which process answers, at /wait only when the file that it names is gone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    ends = time.monotonic() + 60
    while environ["PATH_INFO"] == "/wait" and Path(environ["QUERY_STRING"]).exists() and time.monotonic() < ends:
        time.sleep(0.02)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(body)))])
    return [body]
