"""What every part of a report is made of: figures, days, terms, marks, headings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A number for drawing and sorting (None where there is none) and the same as it is printed."""

    value: float | None
    text: str


@dataclass(frozen=True)
class Day:
    """A calendar day as ISO 8601, as a sentence and as a table prints it."""

    iso: str
    text: str
    short: str


@dataclass(frozen=True)
class Term:
    """A name and what is said under it."""

    name: str
    text: str


@dataclass(frozen=True)
class LevelMark:
    """A level 1..5 with its name; level is None and name says why where there is no level."""

    level: int | None
    name: str
    text: str


@dataclass(frozen=True)
class Heading:
    """id is the anchor, number the place in the report, title for the contents, finding the sentence that heads the page."""

    id: str
    number: str
    title: str
    finding: str
