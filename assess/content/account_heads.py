"""What is kept of an accounts file on its way: the head as it was looked at, what people chose, how it was read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field, TypeAdapter

from assess.content.tables.sources import Progress, Row, Table
from assess.core.errors import Problem

Cell = str | int | float


@dataclass(frozen=True)
class Head:
    """sheets of a workbook, () for text; the first rows with their lines; about as in Table."""

    sheets: tuple[str, ...]
    header: tuple[str, ...]
    header_line: int
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]
    about: Mapping[str, str]
    comma_likely: bool | None

    @property
    def table(self) -> Table:
        """The head as a table of its own."""

        def rows(_progress: Progress) -> Iterator[Row]:
            yield from self.rows

        return Table("", self.header, self.header_line, rows, dict(self.about), self.comma_likely)


@dataclass(frozen=True)
class Choices:
    """What people say about their file. columns: part -> places in the header; groups: account -> name it is counted under.

    sheet "" is the first with data; decimal and dates None leave it to the cells; retention and discount in percent a year,
    lifetime in years, all three or none; is_guessed as long as nobody looked at the columns.
    """

    sheet: str = ""
    columns: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    by_line: bool = False
    decimal: str | None = None
    dates: str | None = None
    hides_names: bool = False
    retention: Annotated[str, Field(max_length=10)] | None = None
    discount: Annotated[str, Field(max_length=10)] | None = None
    lifetime: int | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    is_guessed: bool = False


@dataclass(frozen=True)
class Told:
    """How a file was read: columns by part, decimal marks by column, order of dates (None without), what was put together."""

    columns: Mapping[str, tuple[str, ...]]
    by_line: bool
    decimals: Mapping[str, str]
    dates: str | None
    notes: tuple[Problem, ...]
    left_out: tuple[Problem, ...]
    about: Mapping[str, str]
    groups: Mapping[str, str]


_HEAD, _CHOICES, _TOLD = TypeAdapter(Head), TypeAdapter(Choices), TypeAdapter(Told)


def write(value: Head | Choices | Told) -> str:
    """JSON for the function below that reads it back."""
    return TypeAdapter(type(value)).dump_json(value).decode()


def read_head(text: str) -> Head:
    return _HEAD.validate_json(text)


def read_choices(text: str) -> Choices:
    return _CHOICES.validate_json(text)


def read_told(text: str) -> Told:
    return _TOLD.validate_json(text)
