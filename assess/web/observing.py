"""Every request has an id: in its answer's head, on error pages and in each line of the log. What was answered is counted."""

from __future__ import annotations

import logging
import re
import secrets
from time import perf_counter

from flask import Flask, Response, current_app, g, request

from assess.logs import kind_of, places_of, request_id
from assess.web.metrics import Metrics

HEADER = "X-Request-Id"
QUIET = frozenset(
    {
        "static", "service.health", "service.ready", "service.metrics",
        "rooms.live", "rooms.projector_live", "workshops.live", "documents.state", "accounts.state",
    }
)  # fmt: skip
"""What is asked for again and again is told in the log only when it goes wrong."""
_KNOWN = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = logging.getLogger("assess.access")
errors = logging.getLogger("assess.errors")


class ObservedFlask(Flask):
    """An app that tells of an exception where it happened, never what was asked or written."""

    def log_exception(self, exc_info: object) -> None:
        error = exc_info[1] if isinstance(exc_info, tuple) else exc_info
        if not isinstance(error, BaseException):
            return
        fields = {"endpoint": _endpoint(), "where": places_of(error)}
        errors.error("failed: %s", kind_of(error), extra={"fields": fields})


def init_observing(app: Flask) -> None:
    """To be called first: its ear is the first to hear of a request and the last to let it go."""
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)
    app.jinja_env.globals["reference"] = reference


def reference() -> str:
    """The id of this request, made at the first look."""
    known = request_id.get()
    if not known:
        given = request.headers.get(HEADER, "") if current_app.config["KAM_PROXY_HOPS"] else ""
        known = given if _KNOWN.fullmatch(given) else secrets.token_hex(8)
        request_id.set(known)
    return known


def _begin() -> None:
    g.began = perf_counter()
    request_id.set("")
    reference()


def _end(response: Response) -> Response:
    response.headers[HEADER] = reference()
    seconds = perf_counter() - g.get("began", perf_counter())
    endpoint, status = _endpoint(), response.status_code
    metrics: Metrics | None = current_app.extensions.get("kam_metrics")
    if metrics is not None:
        metrics.answered(endpoint, request.method, status, seconds)
    level = logging.WARNING if status >= 500 else logging.DEBUG if endpoint in QUIET else logging.INFO
    if log.isEnabledFor(level):
        fields = {"endpoint": endpoint, "method": request.method, "status": status, "ms": round(seconds * 1000, 1)}
        log.log(level, "answered", extra={"fields": fields})
    return response


def _forget(_error: BaseException | None) -> None:
    request_id.set("")


def _endpoint() -> str:
    """The name of what was asked for; `none` for an address that leads nowhere."""
    return request.endpoint or "none"
