"""The first lines of a table as they would be read, for people to look at before all of it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assess.content.tables.days import Calendar, NotADay
from assess.content.tables.ledger import Formats, formats_of_columns
from assess.content.tables.mapping import AMOUNTS, Columns
from assess.content.tables.numbers import POINT, NotANumber, read_number
from assess.content.tables.sources import Cell, Table
from assess.core.errors import Problem

LONGEST = 60
"""Characters of a cell that are shown."""


@dataclass(frozen=True)
class Seen:
    """A cell as it is read: its text, a number, a day or a year; and as it stands in the file. problem: why it can't be."""

    value: str | Decimal | date | int
    written: str
    problem: Problem | None = None


@dataclass(frozen=True)
class Preview:
    """rows: (line, cells) by column of the header; notes what the cells leave open."""

    formats: Formats
    notes: tuple[Problem, ...]
    rows: tuple[tuple[int, tuple[Seen, ...]], ...]


def preview_table(table: Table, columns: Columns, *, lines: int, decimal: str | None, dates: str | None) -> Preview:
    """decimal (POINT or COMMA) and dates (dmy, mdy, ymd) override what the columns show."""
    formats, notes = formats_of_columns(table, columns, decimal, dates)
    part_of = {place: part for part, places in columns.places.items() for place in places}
    calendar = Calendar(formats.order)
    rows: list[tuple[int, tuple[Seen, ...]]] = []
    for line, cells in table.rows(lambda _share: None):
        if len(rows) == lines:
            break
        rows.append((line, _seen_row(cells, len(table.header), part_of, formats, calendar)))
    return Preview(formats, notes, tuple(rows))


def _seen_row(
    cells: Sequence[Cell], width: int, part_of: Mapping[int, str], formats: Formats, calendar: Calendar
) -> tuple[Seen, ...]:
    filled = [*cells[:width], *[""] * (width - len(cells))]
    return tuple(_seen(cell, part_of.get(place, ""), place, formats, calendar) for place, cell in enumerate(filled))


def _seen(cell: Cell, part: str, place: int, formats: Formats, calendar: Calendar) -> Seen:
    written = _written(cell)
    try:
        if part in AMOUNTS and written:
            return Seen(read_number(cell, formats.decimals.get(place, POINT)), written)
        if part in ("date", "year") and written:
            return Seen(calendar.read(cell), written)
    except (NotANumber, NotADay) as wrong:
        return Seen(written, written, Problem(wrong.message, wrong.params))
    return Seen(written, written)


def _written(cell: Cell) -> str:
    """A cell as the workbook shows it: its whole numbers are no fractions."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()[:LONGEST]
