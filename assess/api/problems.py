"""Refusals as application/problem+json (RFC 9457), every problem with its place, in the language of Accept-Language."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Response, current_app, request
from werkzeug.exceptions import HTTPException

from assess.core.errors import AssessError, Conflict, Failed, Invalid, NotAllowed, NotFound, Problem, TooOften
from assess.wording import in_language, negotiate, teller

MEDIA_TYPE = "application/problem+json"
STATUSES: dict[type[AssessError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    TooOften: 429,
    Conflict: 409,
    Invalid: 422,
    Failed: 503,
}


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a message for translation where it is shown."""
    return message


TITLES = {
    400: N_("The request was incomplete or could not be read"),
    401: N_("A valid token is needed"),
    403: N_("This token or its owner’s role may not do this"),
    404: N_("There is nothing at this address"),
    405: N_("This address can’t be used that way"),
    406: N_("It can’t be given in any of the forms asked for"),
    409: N_("It can’t be done as things stand"),
    412: N_("Somebody changed the same thing in the meantime"),
    413: N_("That was too much at once"),
    415: N_("The body is not in a form this address takes"),
    422: N_("Some of the entries can’t be used"),
    428: N_("It must be said which version the change is for: send If-Match"),
    429: N_("Too many requests in a short time"),
    500: N_("Something went wrong on our side"),
    503: N_("This is not possible right now"),
}
DETAILS = (
    N_("a client lead can look, not change"),
    N_("as many people as fit answer already"),
    N_("only a closed assessment is assessed again"),
    N_("people answer this assessment through links; a file can’t take the place of their answers"),
    N_("single answers are not shown here"),
    N_("the assessment is closed"),
    N_("the document is not done"),
    N_("the engagement is active"),
    N_("the engagement is archived"),
    N_("the engagement is deleted"),
    N_("the token lacks a scope"),
    N_("this invitation was revoked already"),
    N_("this role may look only"),
    N_("this role sees results only"),
)
"""What refusals of use cases say, listed so that it is translated."""
PROBLEMS = (
    N_("Please say what the token is for."),
    N_("is another client than the engagement’s, {name}"),
    N_("is another questionnaire than the assessment’s, {name}"),
    N_("is given twice"),
    N_("is not kept in an assessment of an engagement; leave it out"),
    N_("must be as in the engagement: {value}"),
    N_("must be the modules of the assessment: {names}"),
    N_("must have 1 to {max_length} visible ASCII characters"),
    N_("was used for another request"),
)


def language() -> str:
    """The language of this answer."""
    default: str = current_app.config["KAM_DEFAULT_LANGUAGE"]
    return negotiate(request.headers.get("Accept-Language", ""), default)


def refuse(
    status: int, problems: Sequence[Problem] = (), detail: str = "", headers: Mapping[str, str] = MappingProxyType({})
) -> Response:
    """A refusal."""
    chosen = language()
    tell = teller(chosen)
    content: dict[str, Any] = {"type": "about:blank", "title": tell(TITLES.get(status, TITLES[400])), "status": status}
    if detail:
        content["detail"] = tell(detail)
    if problems:
        said = [in_language(problem, tell) for problem in problems]
        content["problems"] = [{"path": one.path, "line": one.line or None, "message": one.text} for one in said]
    response = Response(json.dumps(content, ensure_ascii=False), status, content_type=MEDIA_TYPE)
    response.content_language.add(chosen)
    response.headers.update(headers)
    if status in (429, 503):
        response.headers.setdefault("Retry-After", "60")
    return response


def show_refusal(error: AssessError) -> Response:
    """What a use case said no to. Of what is not there, or does not work, no more than that is told."""
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
    if isinstance(error, Invalid):
        return refuse(status, error.problems)
    return refuse(status, detail=str(error) if status in (403, 409) else "")


def show_http(error: HTTPException) -> Response:
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return refuse(error.code or 500, headers=headers)
