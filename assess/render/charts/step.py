"""One step: its items, and how the roles see it."""

from __future__ import annotations

from collections.abc import Sequence

from assess.core.report.values import ItemRow, RoleMark
from assess.render.charts.canvas import Look, at, box, diamond, dot, legend, picture, scale, stroke, words, wrap

ITEMS_WIDTH, ROLES_WIDTH = 390.0, 250.0


def items(rows: Sequence[ItemRow], target: float | None, names: Sequence[str], look: Look, title: str, description: str) -> str:
    """One bar per item: score, evidenced mark, range of ratings, target. names: those four and the must-have."""
    width, left, top, row_height = ITEMS_WIDTH, 56.0, 22.0, 22
    span, bottom, colours = width - left - 72, top + row_height * len(rows), look.palette
    body = scale(left, span, top, bottom, colours)
    if target is not None:
        body.append(stroke(at(target, left, span), top, at(target, left, span), bottom, colours.warm, 1.6, "4 3"))
    for place, row in enumerate(rows):
        y = top + row_height * place + row_height / 2
        body.append(words(0, y + 4, row.id, bold=row.is_gate))
        if row.is_gate:
            body.append(diamond(44, y, 4, colours.accent_dark, colours.accent_dark))
        if row.score.value is None:
            body.append(words(left + 8, y + 4, row.score.text, fill=colours.muted))
            continue
        body.append(box(left, y - 5, max(2, at(row.score.value, 0, span)), 10, colours.accent_soft, colours.accent))
        if row.lowest is not None and row.highest is not None:
            body.append(stroke(at(row.lowest, left, span), y, at(row.highest, left, span), y, colours.ink, 1.2))
            body.extend(
                stroke(at(v, left, span), y - 4, at(v, left, span), y + 4, colours.ink, 1.2) for v in (row.lowest, row.highest)
            )
        if row.evidenced.value is not None:
            body.append(diamond(at(row.evidenced.value, left, span), y, 4.4, "#ffffff", colours.accent_dark))
        body.append(words(width - 34, y + 4, row.score.text, anchor="end", bold=True))
        body.append(words(width, y + 4, row.evidenced.text, anchor="end", fill=colours.muted))
    marks = [
        (box(0, -9, 18, 9, colours.accent_soft, colours.accent), 18, names[0]),
        (diamond(5, -4, 4.4, "#ffffff", colours.accent_dark), 10, names[1]),
        (stroke(0, -4, 18, -4, colours.ink, 1.2), 18, names[2]),
        (stroke(0, -4, 18, -4, colours.warm, 1.6, "4 3"), 18, names[3]),
        (diamond(5, -4, 4, colours.accent_dark, colours.accent_dark), 10, names[4]),
    ]
    key, tall = legend(marks, width, bottom + 18)
    return picture(width, bottom + 12 + tall, [*body, *key], look, title, description)


def roles(rows: Sequence[RoleMark], look: Look, title: str, description: str) -> str:
    """One dot per role on the scale of levels; a hidden role says so."""
    width, left, top = ROLES_WIDTH, 106.0, 22.0
    labels = [wrap(row.name, left - 8, 10.5) for row in rows]
    heights = [max(22, 6 + 12 * len(lines)) for lines in labels]
    span, bottom, colours = width - left - 34, top + sum(heights), look.palette
    body = scale(left, span, top, bottom, colours)
    for place, (row, lines) in enumerate(zip(rows, labels, strict=True)):
        y = top + sum(heights[:place]) + heights[place] / 2
        body.extend(words(0, y + 4 + (n - (len(lines) - 1) / 2) * 12, line, size=10.5) for n, line in enumerate(lines))
        if row.score.value is None:
            body.append(words(left + 8, y + 4, row.score.text, fill=colours.muted, size=10.5))
            continue
        body.append(stroke(left, y, at(row.score.value, left, span), y, colours.accent_soft, 1.4))
        body.append(dot(at(row.score.value, left, span), y, 4.4, colours.accent, colours.accent))
        body.append(words(width, y + 4, row.score.text, anchor="end", bold=True))
    return picture(width, bottom + 4, body, look, title, description)
