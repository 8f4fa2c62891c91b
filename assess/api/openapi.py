"""The OpenAPI 3.1 description, made from the operations and their models: what is described is what runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema

from assess import __version__
from assess.api.forms import Problem
from assess.api.operations import OPERATIONS, PREFIX, Operation
from assess.api.problems import MEDIA_TYPE, TITLES
from assess.content.schemas import schemas

_PLACE = re.compile(r"<(\w+):(\w+)>")
_REF = "#/components/schemas/"
PLACES: dict[str, dict[str, Any]] = {
    "hex32": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    "hex16": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
    "small": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
    "slug": {"type": "string", "pattern": "^[a-z0-9]+([._-][a-z0-9]+)*$", "maxLength": 80},
}
"""Converters of addresses, as schemas."""
HEADERS: dict[str, Any] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "The same key again within a day creates nothing and gives the same answer.",
        "schema": {"type": "string", "pattern": "^[!-~]{1,100}$"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the version the change is for.",
        "schema": {"type": "string", "pattern": '^"[0-9]{1,9}"$'},
        "example": '"0"',
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "An ETag: 304 when nothing has changed since.",
        "schema": {"type": "string"},
    },
}
INTRODUCTION = """\
Everything staff do on screen with engagements, for programs: the same permissions, the same JSON forms as the command line.
Send `Authorization: Bearer kam_…`; tokens are made on the account page or with `kam-assess token add`. A token works in one
workspace, in the role its owner has at that moment, and within its scopes: `read`, `write` (which includes reading),
`documents`. Ids of other workspaces are not found. Messages follow `Accept-Language` (en, zh-Hant, zh-Hans)."""


class _Untitled(GenerateJsonSchema):
    """Property names speak for themselves."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the name and shape are pydantic's
        return False


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(_PLACE.sub(r"{\2}", one.path), {})[one.method.lower()] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "kam-assess",
            "version": __version__,
            "summary": "Assess the maturity of key account management programmes",
            "description": INTRODUCTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": PREFIX}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in dict.fromkeys(one.tag for one in OPERATIONS)],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "kam_…"}},
            "schemas": _components(),
            "responses": {str(code): _refusal(code) for code in (*_EVERY, 403, 404, 406, 409, 412, 413, 415, 428, 429)},
        },
    }


def written() -> str:
    """The document as it is published."""
    return json.dumps(described(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _components() -> dict[str, Any]:
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(Problem, "serialization")]
    for one in OPERATIONS:
        if one.body is not None:
            models.append((one.body, "validation"))
        if isinstance(one.result, type):
            models.append((one.result, "serialization"))
    _, made = models_json_schema(models, by_alias=True, ref_template=_REF + "{model}", schema_generator=_Untitled)
    return dict(made["$defs"]) | _answers_file()


def _answers_file() -> dict[str, Any]:
    """The published schema of answers files, its parts under names of their own."""
    schema = json.loads(json.dumps(schemas()["kam-answers.schema.json"]).replace("#/$defs/", f"{_REF}Answers."))
    parts = {f"Answers.{name}": part for name, part in schema.pop("$defs").items()}
    schema.pop("$schema")
    return {"AnswersFile": schema} | parts


def _operation(one: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.summary,
        "parameters": list(_parameters(one)),
        "responses": dict(_responses(one)),
    }
    if one.description:
        described["description"] = one.description
    if one.scope is None:
        described["security"] = []
    else:
        described["x-scope"] = one.scope
    if one.takes:
        described["requestBody"] = {"required": True, "content": dict(_taken(one))}
    return described


def _taken(one: Operation) -> Iterator[tuple[str, Any]]:
    for kind in one.takes:
        if one.body is not None:
            content: dict[str, Any] = {"schema": {"$ref": _REF + one.body.__name__}}
            examples = dict(one.body.model_config).get("json_schema_extra")
            if isinstance(examples, dict):
                content["example"] = examples["examples"][0]
            yield kind, content
        elif kind == "application/json":
            yield kind, {"schema": {"$ref": f"{_REF}AnswersFile"}, "example": _EXAMPLE}
        else:
            yield kind, {"schema": {"type": "string", "description": "an answers file as YAML"}}


_EXAMPLE = {
    "schema": "kam-answers/1",
    "questionnaire": "kam-seven-steps-short",
    "organisation": {"name": "Acme"},
    "date": "2026-11-21",
    "respondents": [{"id": "r1", "role": "kam", "answers": {"s1.1": 3, "s1.2": "dont_know"}}],
}


def _parameters(one: Operation) -> Iterator[dict[str, Any]]:
    for kind, name in _PLACE.findall(one.path):
        yield {"name": name, "in": "path", "required": True, "schema": PLACES[kind]}
    if one.query is not None:
        schema = one.query.model_json_schema(schema_generator=_Untitled)
        for name, part in schema["properties"].items():
            yield {"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": part}
    if one.creates:
        yield HEADERS["Idempotency-Key"]
    if one.matches:
        yield HEADERS["If-Match"]
    if one.method == "GET":
        yield HEADERS["If-None-Match"]


_EVERY = (400, 401, 422, 503)
"""400 also for a request that no server could read."""


def _responses(one: Operation) -> Iterator[tuple[str, Any]]:
    yield str(one.status), _result(one)
    if one.method == "GET":
        yield "304", {"description": "Nothing has changed since the version of If-None-Match"}
    codes = {400, 422, 503, *one.refusals}
    if one.scope is not None:
        codes |= {401, 403, 429}
    if "<" in one.path:
        codes.add(404)
    if one.takes:
        codes |= {413, 415}
    if one.creates:
        codes.add(409)
    if one.matches:
        codes |= {412, 428}
    if one.method == "GET":
        codes.add(406)
    for code in sorted(codes):
        yield str(code), {"$ref": f"#/components/responses/{code}"}


def _result(one: Operation) -> dict[str, Any]:
    if one.status == 204:
        return {"description": "Done"}
    headers: dict[str, Any] = {}
    if one.method == "GET" or one.matches:
        headers["ETag"] = {"schema": {"type": "string"}, "description": "the version of what is shown"}
    if one.status == 201 and one.creates and one.name != "invite":
        headers["Location"] = {"schema": {"type": "string"}, "description": "the address of what was made"}
    content = {kind: {"schema": _schema(one, kind)} for kind in one.gives}
    return {"description": "As asked", "content": content} | ({"headers": headers} if headers else {})


def _schema(one: Operation, kind: str) -> dict[str, Any]:
    if isinstance(one.result, type):
        return {"$ref": _REF + one.result.__name__}
    if one.result == "kam-answers" and kind == "application/json":
        return {"$ref": f"{_REF}AnswersFile"}
    if one.result in ("schema", "openapi") or kind == "application/json":
        return {"type": "object"}
    return {"type": "string"} if kind == "application/yaml" else {}


def _refusal(code: int) -> dict[str, Any]:
    headers = {
        401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
        429: {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"}},
        503: {"Retry-After": {"schema": {"type": "integer"}, "description": "seconds to wait"}},
    }
    example = {"type": "about:blank", "title": TITLES[code], "status": code}
    if code == 422:
        example["problems"] = [{"path": "organisation.name", "line": 1, "message": "must not be empty"}]
    content = {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}, "example": example}}
    return {"description": TITLES[code], "content": content} | ({"headers": headers[code]} if code in headers else {})
