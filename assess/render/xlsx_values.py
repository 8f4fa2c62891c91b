"""Cells of the workbook: texts that stay texts, numbers as they are printed, days as days."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from assess.core.report.values import Day, Figure
from assess.render.office import clean, line

TALLEST = 409.0
"""The height of a row at most, in points."""
LONG = 32_767
"""What a cell holds at most, counted as Excel counts: in UTF-16 units."""

Value = str | int | Figure | Day | None
_PRINTED = re.compile(r"[-−+]?[0-9][0-9,]*(?:\.([0-9]+))?(%?)")


@dataclass(frozen=True)
class Sheet:
    """A sheet: columns with their widths in characters, rows of values; `fixed` columns stay when scrolling sideways.

    choices: column -> the values it offers. A plain sheet is to be read, not filtered.
    """

    name: str
    columns: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[Value]]
    fixed: int = 0
    is_plain: bool = False
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class LongText:
    """A text longer than a cell: where it belongs and all of it in parts."""

    where: str
    parts: tuple[str, ...]


def put(page: Any, row: int, column: int, value: Value, looks: Mapping[str, Any], mark: str) -> tuple[str, ...]:
    """Write one value. Returns the whole text in parts where the cell could hold only the start of it."""
    if value is None:
        page.write_blank(row, column, None, looks["text"])
    elif isinstance(value, Day):
        page.write_datetime(row, column, datetime.fromisoformat(value.iso), number_look(looks, "yyyy-mm-dd"))
    elif isinstance(value, int):
        page.write_number(row, column, value, number_look(looks, "0"))
    elif isinstance(value, Figure) and value.value is not None:
        number, shape = printed_number(value)
        page.write_number(row, column, number, number_look(looks, shape))
    else:
        return _put_text(page, row, column, value if isinstance(value, str) else value.text, looks, mark)
    return ()


def _put_text(page: Any, row: int, column: int, text: str, looks: Mapping[str, Any], mark: str) -> tuple[str, ...]:
    shown = clean(text)
    if units(shown) <= LONG:
        page.write_string(row, column, shown, looks["text"])
        return ()
    whole = parts(shown, LONG)
    page.write_string(row, column, parts(shown, LONG - units(mark) - 1)[0] + "\n" + mark, looks["text"])
    return whole


def printed_number(figure: Figure) -> tuple[float, str]:
    """The number as the report prints it, rounded once and for all, and the number format that shows it so."""
    found = _PRINTED.fullmatch(figure.text)
    if found is None or figure.value is None:
        return figure.value or 0.0, "General"
    digits = figure.text.replace(",", "").replace("−", "-").rstrip("%")
    places = "." + "0" * len(found[1]) if found[1] else ""
    if found[2]:
        return round(float(digits) / 100, 6), f"0{places}%"
    return float(digits), f"#,##0{places}"


def number_look(looks: Mapping[str, Any], shape: str) -> Any:
    """The format of numbers of that shape, made once."""
    made = looks["made"]
    if shape not in made:
        made[shape] = looks["workbook"].add_format({**looks["base"], "num_format": shape, "align": "right"})
    return made[shape]


def row_height(values: Sequence[Value], widths: Sequence[float]) -> float:
    """Points for the longest text of a row: not every program finds the height by itself."""
    lines = max(
        (_lines(value, width) for value, width in zip(values, widths, strict=True) if isinstance(value, str)), default=1
    )
    return min(TALLEST, 4 + 13.5 * lines)


def _lines(text: str, width: float) -> int:
    """How many lines a text takes in a column of that many digits; a Han character counts two."""
    return sum(
        max(1, math.ceil(sum(2 if ord(char) > 0x2E7F else 1.05 for char in piece) / (width - 1)))
        for piece in text[:9000].split("\n")
    )


def units(text: str) -> int:
    return len(text) + sum(ord(char) > 0xFFFF for char in text)


def parts(text: str, limit: int) -> tuple[str, ...]:
    """The text in pieces of at most that many UTF-16 units, no character cut in two."""
    pieces, piece, used = [], 0, 0
    for place, char in enumerate(text):
        size = 2 if ord(char) > 0xFFFF else 1
        if used + size > limit:
            pieces.append(text[piece:place])
            piece, used = place, 0
        used += size
    return (*pieces, text[piece:])


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes: at most 31 characters, none of []:*?/\\, no quotation mark at an end, no name twice."""
    base = re.sub(r"[\[\]:*?/\\]", " ", line(wanted)).strip(" '")[:31] or "-"
    name, place = base, 2
    while name.casefold() in taken:
        name = f"{base[:27]} {place}"
        place += 1
    taken.add(name.casefold())
    return name


def cell_name(sheet: str, row: int, column: int) -> str:
    return f"{sheet}!{xl_rowcol_to_cell(row, column)}"
