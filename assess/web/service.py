"""What programs ask of the service: does it live, can it work, how does it do."""

from __future__ import annotations

from secrets import compare_digest

from flask import Blueprint, Response, current_app, jsonify, make_response, request
from werkzeug.exceptions import NotFound, Unauthorized

from assess.usecases import monitoring
from assess.web.metrics import Metrics
from assess.web.opening import installation

blueprint = Blueprint("service", __name__)


@blueprint.get("/health")
def health() -> Response:
    """The process lives and answers; nothing else is looked at, so that a database that is away restarts nobody."""
    return jsonify(status="ok")


@blueprint.get("/ready")
def ready() -> Response:
    """Whether pages can be shown and documents made; `?worker=no` asks about pages only, as a proxy wants to know it."""
    found = monitoring.readiness(installation())
    is_ready = found.takes_answers if request.args.get("worker") == "no" else found.makes_documents
    content = {"database": found.database, "schema": found.schema, "worker": found.worker}
    return make_response(jsonify(status="ready" if is_ready else "not ready", **content), 200 if is_ready else 503)


@blueprint.get("/metrics")
def metrics() -> Response:
    """For Prometheus, who knows the token; not there at all without one in the settings."""
    kept: Metrics | None = current_app.extensions.get("kam_metrics")
    if kept is None:
        raise NotFound
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    wanted = installation().settings.metrics_token
    if scheme.lower() != "bearer" or not compare_digest(given.strip().encode(), wanted.encode()):
        raise Unauthorized
    content, media_type = kept.shown()
    return Response(content, content_type=media_type)
