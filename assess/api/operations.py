"""What an operation of the API is, and how a request becomes one: token, limits, scope, query, body, use case, answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, TypeVar

from flask import Blueprint, Response, current_app, request
from pydantic import BaseModel, ConfigDict
from werkzeug.exceptions import RequestEntityTooLarge

from assess.api.problems import language, refuse
from assess.content.document import Document, Node, parse, parse_json
from assess.content.parsing import Spec, validate
from assess.core.errors import Invalid, Problem
from assess.core.staff import Actor
from assess.usecases import tokens
from assess.usecases.installation import Installation
from assess.usecases.tokens import READ, Caller

PREFIX = "/api/v1"
JSON, YAML = "application/json", "application/yaml"
BODY_LIMIT, FILE_LIMIT = 64 * 1024, 2 * 1024 * 1024
MAX_KEY = 100
_KEY = re.compile(r"[!-~]{1,100}")
F = TypeVar("F", bound=Callable[..., "Reply"])

blueprint = Blueprint("api", __name__, url_prefix=PREFIX)


class Query(Spec):
    """What may follow the ? of an address; everything arrives as text."""

    model_config = ConfigDict(strict=False, extra="forbid", frozen=True)


@dataclass(frozen=True)
class Call:
    """A request as its operation sees it: who asks, and the query and body, valid as far as their specs say.

    body is the parsed document where the operation has no spec for it; version is that of If-Match, None without one.
    """

    installation: Installation
    caller: Caller | None
    language: str
    query: Any = None
    body: Any = None
    raw: bytes = b""
    version: str | None = None
    key: str | None = None

    @property
    def actor(self) -> Actor:
        """Of an operation that needs a token."""
        assert self.caller is not None, "an open operation has no actor"  # noqa: S101 - a mistake of ours
        return self.caller.actor

    def create_once(self, make: Callable[[], Any]) -> Any:
        """The ids make() returns; the same again for the same Idempotency-Key."""
        assert self.caller is not None  # noqa: S101 - a mistake of ours
        place = f"{request.method} {request.path}\n".encode()
        return tokens.create_once(self.installation, self.caller, self.key, place + self.raw, make)


@dataclass(frozen=True)
class Reply:
    """body is JSON-able, or bytes in the media type; None: nothing to say. version becomes the ETag; None: the body's hash."""

    body: Any = None
    status: int = 200
    location: str = ""
    version: str | None = None
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One method of one address. scope None: open to everybody. takes, gives: media types of a body that has no spec.

    result describes the JSON of the answer: a pydantic model, or the name of a published schema.
    """

    method: str
    path: str
    name: str
    tag: str
    summary: str
    description: str
    scope: str | None
    query: type[Query] | None
    body: type[Spec] | None
    takes: tuple[str, ...]
    gives: tuple[str, ...]
    result: type[BaseModel] | str | None
    status: int
    refusals: tuple[int, ...]
    creates: bool
    matches: bool
    limit: int
    per_minute: int | None
    view: Callable[..., Reply]


OPERATIONS: list[Operation] = []


def operation(
    method: str,
    path: str,
    *,
    tag: str,
    summary: str,
    description: str = "",
    scope: str | None = READ,
    query: type[Query] | None = None,
    body: type[Spec] | None = None,
    takes: tuple[str, ...] = (),
    gives: tuple[str, ...] = (JSON,),
    result: type[BaseModel] | str | None = None,
    status: int = 200,
    refusals: tuple[int, ...] = (),
    creates: bool = False,
    matches: bool = False,
    limit: int = BODY_LIMIT,
    per_minute: int | None = None,
) -> Callable[[F], F]:
    """Make a function an operation of the API. creates: takes an Idempotency-Key; matches: needs If-Match."""

    def keep(view: F) -> F:
        one = Operation(
            method=method,
            path=path,
            name=view.__name__,
            tag=tag,
            summary=summary,
            description=description,
            scope=scope,
            query=query,
            body=body,
            takes=takes or ((JSON,) if body else ()),
            gives=gives,
            result=result,
            status=status,
            refusals=refusals,
            creates=creates,
            matches=matches,
            limit=limit,
            per_minute=per_minute,
            view=view,
        )
        OPERATIONS.append(one)
        blueprint.add_url_rule(
            path, view.__name__, _run(one), methods=[method], strict_slashes=True, provide_automatic_options=False
        )
        return view

    return keep


def _run(one: Operation) -> Callable[..., Response]:
    def run(**places: Any) -> Response:
        installation: Installation = current_app.extensions["kam_assess"]
        caller = None
        if one.scope is not None:
            caller = tokens.authenticate(installation, _bearer())
            if caller is None:
                return refuse(401, headers={"WWW-Authenticate": 'Bearer realm="kam-assess"'})
            if (refusal := _refuse_hurry(installation, caller, one)) is not None:
                return refusal
            if not caller.may(one.scope):
                needed = f'Bearer realm="kam-assess", error="insufficient_scope", scope="{one.scope}"'
                return refuse(403, detail="the token lacks a scope", headers={"WWW-Authenticate": needed})
        if one.takes and request.mimetype not in one.takes:
            return refuse(415, headers={"Accept": ", ".join(one.takes)})
        if one.method == "GET" and request.accept_mimetypes and not request.accept_mimetypes.best_match(one.gives):
            return refuse(406)
        if one.matches and not request.headers.get("If-Match"):
            return refuse(428)
        raw = _read_body(one)
        try:
            document = _parse(raw) if one.takes else None
        except Invalid as error:
            return refuse(400, error.problems)
        return _answer(one.view(_call(one, installation, caller, raw, document), **places))

    return run


def _call(one: Operation, installation: Installation, caller: Caller | None, raw: bytes, document: Document | None) -> Call:
    """Raises Invalid with every problem of query and headers, or of the body."""
    problems: list[Problem] = []
    key = request.headers.get("Idempotency-Key") if one.creates else None
    if key is not None and not _KEY.fullmatch(key):
        message = "must have 1 to {max_length} visible ASCII characters"
        problems.append(Problem(message, {"max_length": MAX_KEY}, path="Idempotency-Key"))
    query = None
    try:
        query = _query(one.query or Query)
    except Invalid as error:
        problems += error.problems
    if problems:
        raise Invalid(problems)
    body = validate(one.body, document) if one.body and document else document
    version = request.headers.get("If-Match", "").removeprefix("W/").strip('"') if one.matches else None
    return Call(installation, caller, language(), query, body, raw, version, key)


def _parse(raw: bytes) -> Document:
    """Raises Invalid when it can't be read at all."""
    return parse_json(raw, "") if request.mimetype == JSON else parse(raw, "")


def _query(spec: type[Query]) -> Query:
    given = request.args.to_dict(flat=False)
    twice = [Problem("is given twice", {}, path=name) for name, values in given.items() if len(values) > 1]
    if twice:
        raise Invalid(twice)
    return validate(spec, Document("", Node({name: values[0] for name, values in given.items()}, 0)))


def _bearer() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _refuse_hurry(installation: Installation, caller: Caller, one: Operation) -> Response | None:
    """None as long as the token has not called too often."""
    most = installation.settings.api_per_minute
    called = tokens.count_call(installation, caller)
    if called <= most and one.per_minute is not None:
        called, most = tokens.count_call(installation, caller, f"api:{one.name}"), min(one.per_minute, most)
    return refuse(429, headers={"Retry-After": str(tokens.RATE_SECONDS)}) if called > most else None


def _read_body(one: Operation) -> bytes:
    """Raises RequestEntityTooLarge."""
    if not one.takes:
        return b""
    request.max_content_length = one.limit
    content = request.get_data(cache=False)
    if len(content) > one.limit:
        raise RequestEntityTooLarge
    return content


def _answer(reply: Reply) -> Response:
    if reply.body is None:
        return Response(status=reply.status, headers=dict(reply.headers))
    is_bytes = isinstance(reply.body, bytes)
    content: bytes = reply.body if is_bytes else json.dumps(reply.body, ensure_ascii=False, allow_nan=False).encode()
    response = Response(content, reply.status, content_type=reply.media_type, headers=dict(reply.headers))
    if reply.location:
        response.headers["Location"] = f"{PREFIX}{reply.location}"
        response.autocorrect_location_header = False
    if request.method in ("GET", "HEAD") or reply.version is not None:
        response.set_etag(reply.version or sha256(content).hexdigest()[:32])
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request.environ)
    return response
