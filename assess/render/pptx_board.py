"""What slides are drawn with: boxes of measured text, native tables, pictures with their alternative text, notes."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.util import Inches, Pt

from assess.core.colours import Palette
from assess.render.office import clean, line
from assess.render.pictures import Picture
from assess.render.pptx_fit import LINE_HEIGHT, cut_to_lines, fit, lines, wide

WIDTH, HEIGHT = 13.333, 7.5
MARGIN = 0.6
INNER = WIDTH - 2 * MARGIN
TOP, BOTTOM = 1.62, 6.85
"""Where the body of a slide begins and ends, in inches."""
PAD = 0.06
BODY_SIZES = (18.0, 16.0, 14.0, 13.0, 12.0, 11.0)
TABLE_SIZES = (14.0, 13.0, 12.0, 11.0, 10.0)
TABLE_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""PowerPoint's No Style, No Grid: the lines are drawn here, for programs differ in what they know of the others."""
CELL_LINES = 4
POINTS = 72


@dataclass(frozen=True)
class Box:
    """A place on a slide, in inches."""

    left: float
    top: float
    width: float
    height: float

    @property
    def room(self) -> tuple[float, float]:
        """What text can take of it, in points."""
        return (self.width - 2 * PAD) * POINTS, (self.height - 2 * PAD) * POINTS

    @property
    def emu(self) -> tuple[Inches, Inches, Inches, Inches]:
        return Inches(self.left), Inches(self.top), Inches(self.width), Inches(self.height)


BODY = Box(MARGIN, TOP, INNER, BOTTOM - TOP)


@dataclass(frozen=True)
class Line:
    """A paragraph: text, whether it is bold, its colour ("" that of the text), its size as a share of the others'."""

    text: str
    bold: bool = False
    colour: str = ""
    bullet: bool = False


@dataclass(frozen=True)
class Field:
    """A cell of a table; fill "" for none."""

    text: str
    fill: str = ""
    colour: str = ""
    bold: bool = False
    centred: bool = False


@dataclass(frozen=True)
class Grid:
    """A table: titles, shares of the width, rows; `centred` are columns of numbers."""

    titles: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[Field]]
    centred: frozenset[int] = field(default_factory=frozenset)


def rgb(colour: str) -> RGBColor:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return RGBColor(red, green, blue)  # type: ignore[no-untyped-call]  # python-pptx leaves it untyped


def fits(said: Sequence[Line], box: Box, language: str, sizes: Sequence[float] = BODY_SIZES) -> float:
    """The largest size at which the text fits the box; the smallest where none does."""
    return fit([each.text for each in said], box.room, sizes, language, bold=any(each.bold for each in said))[0]


def write(
    slide: Any,
    box: Box,
    said: Sequence[Line],
    language: str,
    *,
    sizes: Sequence[float] = BODY_SIZES,
    fill: str = "",
    name: str = "",
    centred: bool = False,
) -> None:
    """Text in a box, as large as fits."""
    shown = [each for each in said if each.text]
    bold = any(each.bold for each in shown)
    texts = [("• " if each.bullet else "") + clean(each.text) for each in shown]
    size, texts = fit(texts, box.room, sizes, language, bold=bold)
    shape = slide.shapes.add_textbox(*box.emu)
    if name:
        shape.name = line(name)[:60]
    frame = shape.text_frame
    _still(frame)
    if fill:
        shape.fill.solid()
        shape.fill.fore_color.rgb = rgb(fill)
    for place, (text, each) in enumerate(zip(texts, shown, strict=False)):
        paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
        if place:
            paragraph.space_before = Pt(round(size * 0.4))
        if centred:
            paragraph.alignment = PP_ALIGN.CENTER
        put(paragraph, text, size, bold=each.bold, colour=each.colour)


def _still(frame: Any, pad: float = PAD) -> None:
    """A frame that wraps, keeps its size and has small margins."""
    frame.word_wrap = True
    frame.auto_size = None
    for side in ("margin_left", "margin_right", "margin_top", "margin_bottom"):
        setattr(frame, side, Inches(pad))


def put(paragraph: Any, text: str, size: float, *, bold: bool = False, colour: str = "") -> None:
    """The text as runs of a paragraph; line feeds become breaks."""
    for place, part in enumerate(clean(text).split("\n")):
        if place:
            paragraph.add_line_break()
        run = paragraph.add_run()
        run.text = part.replace("\t", " ")
        run.font.size = Pt(size)
        run.font.bold = bold
        if colour:
            run.font.color.rgb = rgb(colour)


def picture(slide: Any, box: Box, drawn: Picture) -> None:
    """The picture as large as the box allows, near its top, with its alternative text."""
    share = min(box.width / drawn.width, box.height / drawn.height)
    wide, tall = drawn.width * share, drawn.height * share
    left, top = box.left + (box.width - wide) / 2, box.top + min(0.3, (box.height - tall) / 2)
    shape = slide.shapes.add_picture(io.BytesIO(drawn.png), Inches(left), Inches(top), Inches(wide), Inches(tall))
    shape.name = line(drawn.title)[:60] or "Picture"
    described = shape._element.nvPicPr.cNvPr  # noqa: SLF001 - python-pptx has no other way to the alternative text
    described.set("descr", line(drawn.alternative))
    described.set("title", line(drawn.title))


def table(slide: Any, box: Box, grid: Grid, palette: Palette, language: str, *, name: str, more: str = "") -> None:
    """A native table at the largest size at which all rows fit.

    Where they don't even at the smallest, the last rows give way to `more` with their number.
    """
    size, rows, heights = _fitted(grid, box, language, more)
    shape = slide.shapes.add_table(len(rows) + 1, len(grid.titles), *box.emu[:3], Inches(sum(heights) / POINTS))
    shape.name = line(name)[:60]
    shape._element.nvGraphicFramePr.cNvPr.set("descr", line(name))  # noqa: SLF001 - no other way to the alternative text
    made = shape.table
    made.horz_banding = False
    shape._element.graphic.graphicData.tbl.tblPr.find(  # noqa: SLF001 - no other way to the style of a table
        "{http://schemas.openxmlformats.org/drawingml/2006/main}tableStyleId"
    ).text = TABLE_STYLE
    widths = [width / sum(grid.widths) * box.width for width in grid.widths]
    for column, width in zip(made.columns, widths, strict=True):
        column.width = Inches(width)
    for row, tall in zip(made.rows, heights, strict=True):
        row.height = Pt(tall)
    titles = [Field(title, bold=True, colour=palette.accent_dark) for title in grid.titles]
    for row, fields in enumerate([titles, *rows]):
        for column, each in enumerate(fields):
            cell = made.cell(row, column)
            _fill_cell(cell, each, size, centred=each.centred or column in grid.centred)
            _underline(cell, palette.hairline if row else palette.accent, 0.75 if row else 1.75)


def _fill_cell(cell: Any, each: Field, size: float, *, centred: bool) -> None:
    cell.margin_left = cell.margin_right = Inches(PAD)
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    if each.fill:
        cell.fill.solid()
        cell.fill.fore_color.rgb = rgb(each.fill)
    paragraph = cell.text_frame.paragraphs[0]
    if centred:
        paragraph.alignment = PP_ALIGN.CENTER
    put(paragraph, each.text, size, bold=each.bold, colour=each.colour)


def _underline(cell: Any, colour: str, width: float) -> None:
    """A line below the cell."""
    rule = etree.fromstring(
        f'<a:lnB xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" w="{Pt(width)}" cap="flat" cmpd="sng">'
        f'<a:solidFill><a:srgbClr val="{colour.removeprefix("#").upper()}"/></a:solidFill></a:lnB>'
    )
    cell._tc.get_or_add_tcPr().insert(0, rule)  # noqa: SLF001 - python-pptx knows no borders


def _fitted(grid: Grid, box: Box, language: str, more: str) -> tuple[float, list[Sequence[Field]], list[float]]:
    """Size in points, the rows that fit, the height of each row with the head in points."""
    for size in TABLE_SIZES:
        heights = [_row_height(row, grid, box, size, language) for row in (_titles(grid), *grid.rows)]
        if sum(heights) <= box.height * POINTS and not _breaks_words(grid, box, size):
            return size, list(grid.rows), heights
    size = TABLE_SIZES[-1]
    rows: list[Sequence[Field]] = [
        [_trimmed(each, column, grid, box, size) for column, each in enumerate(row)] for row in grid.rows
    ]
    kept, heights = len(rows), [_row_height(row, grid, box, size, language) for row in (_titles(grid), *rows)]
    last = size * LINE_HEIGHT[language] + 6
    while kept and sum(heights[: kept + 1]) + (last if kept < len(rows) else 0) > box.height * POINTS:
        kept -= 1
    if kept == len(rows):
        return size, rows, heights
    note = f"+{len(rows) - kept}" + (f" · {more}" if more else "")
    fields = [Field(note if column == min(1, len(grid.titles) - 1) else "") for column in range(len(grid.titles))]
    return size, [*rows[:kept], fields], [*heights[: kept + 1], last]


def _breaks_words(grid: Grid, box: Box, size: float) -> bool:
    """Whether a word of up to 24 letters would not stand in one line of its column."""
    return any(
        wide(word, size, bold=each.bold) > _column(grid, box, column)
        for row in (_titles(grid), *grid.rows)
        for column, each in enumerate(row)
        for word in re.findall(r"[^\s\u2e80-\U0010ffff]{1,24}", each.text)
    )


def _titles(grid: Grid) -> list[Field]:
    return [Field(title, bold=True) for title in grid.titles]


def _column(grid: Grid, box: Box, column: int) -> float:
    """Points that text has in a column."""
    return (grid.widths[column] / sum(grid.widths) * box.width - 2 * PAD) * POINTS


def _row_height(row: Sequence[Field], grid: Grid, box: Box, size: float, language: str) -> float:
    rows = max(lines(clean(each.text), size, _column(grid, box, n), bold=each.bold) for n, each in enumerate(row))
    return rows * size * LINE_HEIGHT[language] + 6


def _trimmed(each: Field, column: int, grid: Grid, box: Box, size: float) -> Field:
    text = cut_to_lines(clean(each.text), CELL_LINES, size, _column(grid, box, column), bold=each.bold)
    return Field(text, each.fill, each.colour, each.bold, each.centred)
