"""Error pages: what happened, what was kept, what to do, in the reader's language."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Flask, Response, make_response, render_template, request
from werkzeug.exceptions import Conflict as ConflictStatus
from werkzeug.exceptions import (
    Forbidden,
    HTTPException,
    InternalServerError,
    RequestEntityTooLarge,
    ServiceUnavailable,
    TooManyRequests,
    UnprocessableEntity,
)
from werkzeug.exceptions import NotFound as NotFoundStatus

from assess.core.errors import AssessError, Conflict, Failed, Invalid, NotAllowed, NotFound, TooOften
from assess.web.languages import gettext
from assess.web.languages import lazy_gettext as _l
from assess.web.messages import problem_text

log = logging.getLogger(__name__)

STATUSES: dict[type[AssessError], type[HTTPException]] = {
    NotFound: NotFoundStatus,
    NotAllowed: Forbidden,
    TooOften: TooManyRequests,
    Conflict: ConflictStatus,
    Invalid: UnprocessableEntity,
    Failed: ServiceUnavailable,
}


PASSWORDS = frozenset({"password", "current", "new"})
"""The fields of all forms that hold one."""


@dataclass(frozen=True)
class Explanation:
    """Three short texts: what happened, what was kept, what to do."""

    title: object
    kept: object
    advice: object


_KEPT = _l("Everything saved before is still there.")
_BACK = _l("Go back with your browser’s back button; most browsers still show what you typed. Then try again.")
EXPLANATIONS = {
    400: Explanation(_l("The request was incomplete or could not be read"), _KEPT, _BACK),
    403: Explanation(
        _l("This can’t be changed"),
        _l("Nothing was changed."),
        _l(
            "Samples can only be looked at. Start your own assessment to enter answers. "
            "A closed assessment takes changes again once it is reopened. "
            "If you are signed in, your role does not allow it: ask an admin of the workspace."
        ),
    ),
    404: Explanation(
        _l("There is no such page"),
        _l("Nothing was changed. Your answers, if there are any, are kept."),
        _l(
            "Check that the private link is complete: it is long, and e-mail programs sometimes cut it. "
            "An erased assessment can’t be opened any more."
        ),
    ),
    405: Explanation(
        _l("This address can’t be used that way"),
        _l("Nothing was changed."),
        _l("Go back to the page before and use its buttons."),
    ),
    409: Explanation(
        _l("Somebody changed the same thing in the meantime"),
        _KEPT,
        _l("Open the page again to see the newer version, then make your change."),
    ),
    413: Explanation(
        _l("That was too much text at once"),
        _l("What you saved before is still there; this page was not saved."),
        _l("Go back with your browser’s back button, shorten the long texts and save again."),
    ),
    422: Explanation(_l("Some of the entries can’t be used"), _KEPT, _BACK),
    429: Explanation(_l("Too many requests in a short time"), _KEPT, _l("Wait a minute, then try again.")),
    500: Explanation(
        _l("Something went wrong on our side"),
        _KEPT,
        _l("Go back and try again. If it happens again, tell the person who runs this installation when it happened."),
    ),
    503: Explanation(
        _l("This is not possible right now"),
        _KEPT,
        _l("Try again in a few minutes. If it happens again, tell the person who runs this installation."),
    ),
}


def _explain(code: int) -> Explanation:
    """What a person needs to know about a status."""
    limit, size = request.max_content_length, request.content_length
    if code == RequestEntityTooLarge.code and request.mimetype == "multipart/form-data" and limit and (size or 0) > limit:
        advice = gettext(
            "At most %(limit)s MB can be sent here at once. Go back with your browser’s back button and choose a smaller file.",
            limit=limit // 1024**2,
        )
        return Explanation(gettext("This file is too large"), EXPLANATIONS[code].kept, advice)
    return EXPLANATIONS.get(code) or EXPLANATIONS[500 if code >= 500 else 400]


def init_errors(app: Flask) -> None:
    app.register_error_handler(HTTPException, _show_http)
    app.register_error_handler(AssessError, _show_refusal)
    app.after_request(_say_when)


def _show_refusal(error: AssessError) -> Response:
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), InternalServerError)
    problems = [problem_text(problem) for problem in error.problems] if isinstance(error, Invalid) else []
    if isinstance(error, Failed):
        log.warning("not possible: %s", error)
    return _page(status(), problems)


def _show_http(error: HTTPException) -> Response:
    if error.response is not None or (error.code or 500) < 400:
        return make_response(error.get_response())
    return _page(error)


def _page(error: HTTPException, problems: list[str] | None = None) -> Response:
    code = error.code or 500
    page = render_template(
        "errors/error.html",
        code=code,
        explanation=_explain(code),
        problems=problems or [],
        path=request.path,
        sent=_sent() if code >= 500 else [],
    )
    response = make_response(page, code)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _say_when(response: Response) -> Response:
    """Whoever is asked to wait is told how long, pages that come back with what was typed included."""
    if response.status_code in (429, 503):
        response.headers.setdefault("Retry-After", "60")
    return response


def _sent() -> list[tuple[str, str]]:
    """The form that could not be taken, name by name, so that it can be sent again as it was typed.

    Nothing where the page can't hold it: files, which browsers let nobody fill in, and passwords, which it must not show.
    """
    if request.method != "POST" or request.files:
        return []
    fields = list(request.form.items(multi=True))
    return [] if {name for name, _ in fields} & PASSWORDS else fields
