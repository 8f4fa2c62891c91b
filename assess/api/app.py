"""Put the API beside the pages of an app."""

from __future__ import annotations

from flask import Flask, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter, IntegerConverter
from werkzeug.wrappers import Response as AnyResponse

from assess.api import answers, assessments, documents, engagements, front, questionnaires, roadmaps
from assess.api.operations import blueprint
from assess.api.problems import show_http, show_refusal
from assess.core.errors import AssessError

ROOMS = (front, engagements, assessments, answers, roadmaps, documents, questionnaires)
"""Their operations are on the blueprint once they are imported."""


class _Hex32(BaseConverter):
    regex = "[0-9a-f]{32}"


class _Hex16(BaseConverter):
    regex = "[0-9a-f]{16}"


class _Small(IntegerConverter):
    regex = "[1-9][0-9]{0,8}"


class _Slug(BaseConverter):
    regex = "(?=.{1,80}$)[a-z0-9]+(?:[._-][a-z0-9]+)*"


def init_api(app: Flask) -> None:
    """Ids that can't be are not found before anything is looked up."""
    app.url_map.converters.update(hex32=_Hex32, hex16=_Hex16, small=_Small, slug=_Slug)
    app.before_request(_refuse_unknown)
    app.register_blueprint(blueprint)


def _refuse_unknown() -> AnyResponse | None:
    """An address below /api that leads nowhere is refused as programs expect, not with a page."""
    error = request.routing_exception
    if isinstance(error, HTTPException) and request.path.startswith("/api/"):
        return show_http(error)
    return None


blueprint.register_error_handler(AssessError, show_refusal)
blueprint.register_error_handler(HTTPException, show_http)
