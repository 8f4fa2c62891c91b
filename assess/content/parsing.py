"""From a document to a validated spec: every problem at once, each with its line, in words people understand."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from assess.content.document import CONTROL, Document, WrittenFloat, WrittenInteger
from assess.core.errors import Invalid, Problem

LATEST_DAY = date(2999, 12, 31)  # a plan runs for years after it, and the calendar ends with 9999
MAX_TEXT = 20_000
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")

_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "mapping_type": "must be a mapping",
    "literal_error": "must be one of {expected}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_unicode": "holds half of a character",
    "string_too_short": "must not be empty",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "needs at least {min_length} entries",
    "too_long": "has more than {max_length} entries",
    "string_pattern_mismatch": "must be a slug: small ASCII letters, digits, and . _ - between them",
}


class Spec(BaseModel):
    """What a file may hold: strict, nothing unknown."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


def wrong(message: str, **params: Any) -> PydanticCustomError:
    """The error a validator raises: an English message with {placeholders}."""
    return PydanticCustomError("kam", message, {**params, "template": message})


def as_text(value: Any) -> Any:
    """A number or word that YAML would resolve stays text where text is wanted."""
    if isinstance(value, (WrittenInteger, WrittenFloat)):
        return value.written
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _no_control_characters(value: str) -> str:
    if found := CONTROL.search(value):
        raise wrong("holds the control character U+{code}", code=f"{ord(found.group()):04X}")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise wrong("must not be empty")
    return value


def is_day(text: str) -> bool:
    """Whether the text is a day of the calendar, written as 2026-11-21."""
    try:
        return bool(_DATE.match(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _as_date(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not _DATE.match(value):
        raise wrong("must be a date such as 2026-11-21")
    if not is_day(value):
        raise wrong("is not a day of the calendar")
    return date.fromisoformat(value)


# The constraints stand next to str: behind a validator the JSON Schema would lose them.
Words = Annotated[str, Field(max_length=MAX_TEXT), BeforeValidator(as_text), AfterValidator(_no_control_characters)]
FilledWords = Annotated[
    str,
    Field(min_length=1, max_length=MAX_TEXT),
    BeforeValidator(as_text),
    AfterValidator(_no_control_characters),
    AfterValidator(_not_blank),
]
Slug = Annotated[str, Field(pattern=r"^[a-z0-9]+([._-][a-z0-9]+)*$", max_length=80), BeforeValidator(as_text)]
Day = Annotated[date, BeforeValidator(_as_date)]


def _not_too_late(day: date) -> date:
    if day > LATEST_DAY:
        raise wrong("must be at most {le}", le=LATEST_DAY.isoformat())
    return day


PlanDay = Annotated[Day, AfterValidator(_not_too_late)]
"""A day that something can follow on."""

S = TypeVar("S", bound=Spec)


def validate(spec: type[S], document: Document) -> S:
    """The document as a spec. Raises Invalid naming every problem with its line."""
    try:
        return spec.model_validate(document.data)
    except ValidationError as error:
        raise Invalid(_problems(document, error)) from None


def _problems(document: Document, error: ValidationError) -> list[Problem]:
    return by_line(_problem(document, detail) for detail in error.errors(include_url=False))


def by_line(problems: Iterable[Problem]) -> list[Problem]:
    """In the order of the file they are in."""
    return sorted(problems, key=lambda problem: problem.line or 0)


def _problem(document: Document, detail: ErrorDetails) -> Problem:
    params: dict[str, Any] = dict(detail.get("ctx", {}))
    unknown = detail["msg"].replace("{", "{{").replace("}", "}}")
    message = str(params.pop("template", _MESSAGES.get(detail["type"], unknown)))
    return document.problem(tuple(detail["loc"]), message, **params)
