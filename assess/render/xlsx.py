"""The report as a workbook: every score, item and initiative as a table to filter, the roadmap ready as a tracker."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from xlsxwriter import Workbook

from assess.core.colours import Palette
from assess.core.report.values import ReportContent
from assess.render.office import AUTHOR, property_text
from assess.render.xlsx_sheets import SHEETS, about
from assess.render.xlsx_values import LongText, Sheet, cell_name, put, row_height, sheet_name

OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
PAPER_CODES = {"a4": 9, "letter": 1}
PAGE_CHARACTERS = 190
"""How many characters side by side a landscape page shows before the print gets too small."""
LONG_WIDTHS = (10, 10, 110)


def render_xlsx(content: ReportContent) -> bytes:
    """An .xlsx whose sheets hold the numbers and texts of the report; no cell is ever a formula or a link."""
    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    looks = _looks(workbook, content.brand.palette)
    taken: set[str] = set()
    cut: list[LongText] = []
    for sheet in _sheets(content):
        cut += _write(workbook, sheet, looks, content, sheet_name(sheet.name, taken))
    if cut:
        _write(workbook, _long_texts(content, cut), looks, content, sheet_name(content.labels["sheet_long"], taken))
    _describe(workbook, content)
    workbook.close()
    return out.getvalue()


def _sheets(content: ReportContent) -> Iterator[Sheet]:
    """Those with rows, in the order of the report; how it was made comes last."""
    for make in SHEETS:
        yield from (sheet for sheet in make(content) if sheet.rows)
    yield about(content)


def _long_texts(content: ReportContent, cut: Sequence[LongText]) -> Sheet:
    """What is longer than a cell, in parts, with the cell it belongs to."""
    labels = content.labels
    rows = [(long.where, place, piece) for long in cut for place, piece in enumerate(long.parts, start=1)]
    return Sheet(labels["sheet_long"], (labels["cell"], labels["part"], labels["text"]), LONG_WIDTHS, tuple(rows))


def _looks(workbook: Workbook, palette: Palette) -> Mapping[str, Any]:
    """The cell formats; numbers get theirs when their decimals are known."""
    text = {"text_wrap": True, "valign": "top", "font_name": "Arial", "font_size": 10}
    head = {**text, "bold": True, "font_color": palette.on_band, "bg_color": palette.band, "valign": "vcenter"}
    return {
        "text": workbook.add_format(text),
        "strong": workbook.add_format({**text, "bold": True}),
        "head": workbook.add_format(head),
        "title": workbook.add_format(
            {**text, "bold": True, "font_size": 14, "font_color": palette.accent_dark, "text_wrap": False}
        ),
        "base": text,
        "made": {},
        "workbook": workbook,
    }


def _write(workbook: Workbook, sheet: Sheet, looks: Mapping[str, Any], content: ReportContent, name: str) -> list[LongText]:
    """One sheet: head row, rows, filter, print set-up. Returns the texts that had to be cut."""
    page = workbook.add_worksheet(name)
    cut: list[LongText] = []
    for column, (title, width) in enumerate(zip(sheet.columns, sheet.widths, strict=True)):
        page.set_column(column, column, width)
        page.write_string(0, column, title, looks["head"])
    page.set_row(0, row_height(sheet.columns, sheet.widths))
    for row, values in enumerate(sheet.rows, start=1):
        page.set_row(row, row_height(values, sheet.widths))
        for column, value in enumerate(values):
            long = put(page, row, column, value, looks, content.labels["cut_here"])
            if long:
                cut.append(LongText(cell_name(name, row, column), long))
    page.freeze_panes(1, sheet.fixed)
    if sheet.columns and not sheet.is_plain:
        page.autofilter(0, 0, len(sheet.rows), len(sheet.columns) - 1)
    for column, choices in sheet.choices.items():
        page.data_validation(1, column, len(sheet.rows), column, {"validate": "list", "source": list(choices)})
    _set_print(page, content, name, sheet)
    return cut


def _set_print(page: Any, content: ReportContent, name: str, sheet: Sheet) -> None:
    """Landscape, as many pages wide as it takes to stay readable, head row and fixed columns on every page."""
    page.set_landscape()
    page.set_paper(PAPER_CODES[content.paper])
    page.fit_to_pages(math.ceil(sum(sheet.widths) / PAGE_CHARACTERS), 0)
    page.repeat_rows(0)
    if sheet.fixed:
        page.repeat_columns(0, sheet.fixed - 1)
    page.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
    labels = content.labels
    pages = f"{labels['page_before']}&P{labels['page_between']}&N{labels['page_after']}"
    page.set_footer(f"&L{_code_free(name)} · {_code_free(content.cover.date.text)}&R{pages}")


def _code_free(text: str) -> str:
    """A text that a footer prints as it is: there, & begins a code."""
    return text.replace("&", "&&")


def _describe(workbook: Workbook, content: ReportContent) -> None:
    workbook.set_properties(
        {
            "title": property_text(f"{content.cover.client} – {content.cover.title}"),
            "subject": property_text(content.summary.heading.finding),
            "author": property_text(content.brand.name) or AUTHOR,
            "keywords": property_text(", ".join(content.cover.keywords)),
            "created": datetime.fromisoformat(content.cover.date.iso),
        }
    )
