"""Quantile bands of the peer group."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.colours import Palette
from assess.core.report.values import BandRow
from assess.render.charts.canvas import Look, at, box, diamond, legend, picture, scale, stroke, words, wrap


def bands(rows: Sequence[BandRow], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Quantile bands per step with the own mark. names: tails, quartiles, median, own."""
    width, left, top, row_height = 640.0, 210.0, 22.0, 30
    span, bottom, colours = width - left - 50, top + row_height * len(rows), look.palette
    body = scale(left, span, top, bottom, colours)
    for place, row in enumerate(rows):
        y = top + row_height * place + row_height / 2
        lines = wrap(f"{row.number} {row.title}".strip(), left - 14)[:2]
        body.extend(words(0, y + 4 + (n - (len(lines) - 1) / 2) * 13, line) for n, line in enumerate(lines))
        body.extend(_band(row, left, span, y, colours))
        body.append(words(width, y + 4, row.own.text, anchor="end", bold=True))
    tails, quartiles, median, own = names
    marks = [
        (box(0, -7, 22, 6, colours.faint, colours.muted), 22, tails),
        (box(0, -10, 22, 12, colours.accent_soft, colours.accent), 22, quartiles),
        (stroke(4, -12, 4, 3, colours.accent_dark, 2.4), 8, median),
        (diamond(6, -4, 6, colours.warm, "#ffffff"), 12, own),
    ]
    key, tall = legend(marks, width, bottom + 20)
    return picture(width, bottom + 14 + tall, [*body, *key], look, title, description)


def _band(row: BandRow, left: float, span: float, y: float, colours: Palette) -> list[str]:
    body = []
    if row.p10.value is not None and row.p90.value is not None:
        start, end = at(row.p10.value, left, span), at(row.p90.value, left, span)
        body.append(box(start, y - 3, end - start, 6, colours.faint, colours.muted))
    if row.q1.value is not None and row.q3.value is not None:
        start, end = at(row.q1.value, left, span), at(row.q3.value, left, span)
        body.append(box(start, y - 7, end - start, 14, colours.accent_soft, colours.accent))
    if row.median.value is not None:
        x = at(row.median.value, left, span)
        body.append(stroke(x, y - 9, x, y + 9, colours.accent_dark, 2.4))
    if row.own.value is not None:
        body.append(diamond(at(row.own.value, left, span), y, 6, colours.warm, "#ffffff"))
    return body
