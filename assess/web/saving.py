"""One answer at a time, as the page's script sends it: JSON in, JSON out, acknowledged only when it is safe on disk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, request, session
from flask_wtf.csrf import generate_csrf, validate_csrf
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, UnsupportedMediaType
from wtforms import ValidationError

from assess.core.answers import NOT_APPLICABLE_REASONS, Answer
from assess.core.errors import AssessError, Conflict, Failed, Full, Invalid, NotAllowed, NotFound, Problem
from assess.usecases import answers
from assess.usecases.answers import AnswerConflict, Patch
from assess.web import pace
from assess.web.answering import MAX_COMMENT, MAX_EVIDENCE, shown_as
from assess.web.errors import EXPLANATIONS
from assess.web.forms import clean_text
from assess.web.languages import gettext
from assess.web.messages import problem_text
from assess.web.opening import installation

blueprint = Blueprint("saving", __name__, url_prefix="/a/<token>")

MAX_BODY = 16 * 1024
LARGEST_VERSION = 2**31 - 1
_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")
_KEY = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_CHOICES = ("level", "dont_know", "not_applicable")
_TEXTS = {"evidence": MAX_EVIDENCE, "comment": MAX_COMMENT}
_STATUSES: dict[type[AssessError], int] = {
    NotFound: 404,
    NotAllowed: 403,
    Conflict: 409,
    Invalid: 422,
    Full: 507,
    Failed: 503,
}


@dataclass(frozen=True)
class Sent:
    """What the script sent: the key of the edit, the version it is based on, and what is to change."""

    key: str
    base: int
    patch: Patch


@blueprint.post("/answers/<item>")
def save(token: str, item: str) -> Response:
    refuse_foreign_pages()
    if not _ID.fullmatch(item):
        raise NotFound(f"there is no item {item}")
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    request.max_content_length = MAX_BODY
    body = request.get_data(cache=False)
    check_csrf()
    sent = read_sent(body)
    if not pace.saves.allows(token, installation().settings.saves_per_second):
        return later()
    stored = answers.save_answer(installation(), token, item, sent.patch, base=sent.base, key=sent.key)
    return jsonify(version=stored.version, answer=_out(stored.given), shown=shown_as(stored.version, stored.given))


def later() -> Response:
    """For somebody who sends faster than people can: nothing was kept, and the page tries again by itself."""
    response = jsonify(message=gettext("Too many requests in a short time"))
    response.status_code = 429
    response.headers["Retry-After"] = "1"
    return response


def refuse_foreign_pages() -> None:
    """Browsers say from whose page a request comes; ours only. Raises Forbidden."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None and site != "same-origin":
        raise Forbidden
    if origin is not None and origin.partition("://")[2] != request.host:
        raise Forbidden


def check_csrf() -> None:
    """Raises BadRequest, whose answer carries a fresh token: a page of ours may try again, a foreign one can't read it."""
    try:
        _accept(str(current_app.secret_key), session.get("csrf_token", ""), request.headers.get("X-CSRFToken"))
    except ValidationError:
        raise BadRequest("csrf") from None


@lru_cache(maxsize=8192)
def _accept(_secret: str, _kept: str, sent: str | None) -> None:
    """What was accepted once is accepted again without new signatures: tokens have no end, and refusals are not remembered."""
    validate_csrf(sent)


def read_sent(body: bytes) -> Sent:
    """Raises Invalid with everything that is wrong."""
    data = _read_json(body)
    problems = list(_problems(data))
    if problems:
        raise Invalid(problems)
    return Sent(data["key"].lower(), data["base"], _patch(data["answer"]))


def _read_json(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body.decode(), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Invalid([Problem("is not valid JSON: {reason}", {"reason": reason})]) from None
    if not isinstance(data, dict):
        raise Invalid([Problem("must be a mapping")])
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise ValueError("a key is given twice")
    return values


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _problems(data: dict[str, Any]) -> Iterator[Problem]:
    yield from (Problem("is missing", path=name) for name in ("key", "base", "answer") if name not in data)
    yield from (Problem("is not a known key", path=name) for name in data if name not in ("key", "base", "answer"))
    key, base = data.get("key", ""), data.get("base", 0)
    if "key" in data and not (isinstance(key, str) and _KEY.fullmatch(key)):
        yield Problem("must be a UUID", path="key")
    if not _is_whole(base, 0, LARGEST_VERSION):
        yield Problem("must be a whole number from 0 to {largest}", {"largest": LARGEST_VERSION}, path="base")
    answer = data.get("answer")
    if isinstance(answer, dict):
        yield from _answer_problems(answer)
    elif answer is not None:
        yield Problem("must be a mapping", path="answer")


def _answer_problems(answer: dict[str, Any]) -> Iterator[Problem]:
    yield from (Problem("is not a known key", path=name) for name in answer if name not in (*_CHOICES, *_TEXTS))
    if not answer:
        yield Problem("must not be empty", path="answer")
    if sum(name in answer for name in _CHOICES) > 1:
        yield Problem("needs exactly one of level, dont_know and not_applicable", path="answer")
    if "level" in answer and not _is_whole(answer["level"], 1, 5):
        yield Problem("must be a level from 1 to 5", path="level")
    if "dont_know" in answer and answer["dont_know"] is not True:
        yield Problem("must be one of {names}", {"names": "true"}, path="dont_know")
    if "not_applicable" in answer and answer["not_applicable"] not in NOT_APPLICABLE_REASONS:
        yield Problem("must be one of {names}", {"names": ", ".join(NOT_APPLICABLE_REASONS)}, path="not_applicable")
    for name, limit in _TEXTS.items():
        text = answer.get(name, "")
        if not isinstance(text, str):
            yield Problem("must be text", path=name)
        elif len(clean_text(text)) > limit:
            yield Problem("is longer than {max_length} characters", {"max_length": limit}, path=name)


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _patch(answer: dict[str, Any] | None) -> Patch:
    if answer is None:
        return Patch(clears=True)
    return Patch(
        level=answer.get("level"),
        dont_know=answer.get("dont_know", False),
        not_applicable=answer.get("not_applicable"),
        evidence=_text(answer, "evidence"),
        comment=_text(answer, "comment"),
    )


def _text(answer: dict[str, Any], name: str) -> str | None:
    return clean_text(answer[name]) if name in answer else None


def _out(given: Answer | None) -> dict[str, object] | None:
    if given is None:
        return None
    return {name: getattr(given, name) for name in (*_CHOICES, *_TEXTS)}


@blueprint.errorhandler(AssessError)
def refuse(error: AssessError) -> Response:
    status = next(_STATUSES[kind] for kind in type(error).__mro__ if kind in _STATUSES)
    content: dict[str, Any] = {"message": str(EXPLANATIONS[503 if status == 507 else status].title)}
    if isinstance(error, Invalid):
        content["problems"] = [{"path": each.path, "message": problem_text(each)} for each in error.problems]
    if isinstance(error, AnswerConflict):
        stored = error.stored
        content |= {"version": stored.version, "answer": _out(stored.given), "shown": shown_as(stored.version, stored.given)}
    response = jsonify(content)
    response.status_code = status
    if isinstance(error, Failed):
        response.headers["Retry-After"] = "60" if status == 507 else "5"
    return response


@blueprint.errorhandler(HTTPException)
def refuse_request(error: HTTPException) -> Response:
    code = error.code or 400
    content = {"message": str(EXPLANATIONS.get(code, EXPLANATIONS[400]).title)}
    if isinstance(error, Forbidden):
        content["message"] = gettext("Answers are only taken from this site’s own pages.")
    if error.description == "csrf":
        content["csrf_token"] = generate_csrf()
    response = jsonify(content)
    response.status_code = code
    return response


def queue_name(token: str) -> str:
    """Under which name a browser keeps what is not sent yet: one for each assessment, and no way back to its link."""
    return sha256(f"answers kept on this device for {token}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def init_saving(app: Flask) -> None:
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(queue_name=queue_name, csrf_value=generate_csrf)
