"""Then and now: one dumbbell per step, for the claimed and for the evidenced score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from assess.core.colours import Palette
from assess.core.report.values import ChangeRow, Figure
from assess.render.charts.canvas import LINE, Look, at, diamond, dot, legend, picture, scale, stroke, words, wrap

Mark = Callable[[float, float, bool], str]
"""Draws the mark of one end at x/y; the flag says that it is today's, which is filled."""


def dumbbells(rows: Sequence[ChangeRow], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Two lines per step from the earlier score to today's. names: claimed, evidenced, last time, this time."""
    width, left, top, row_height = 640.0, 200.0, 22.0, 40
    span, bottom, colours = width - left - 62, top + row_height * len(rows), look.palette
    claimed, evidenced = _claimed(colours), _evidenced(colours)
    body = scale(left, span, top, bottom, colours)
    for place, row in enumerate(rows):
        y = top + row_height * place + row_height / 2
        lines = wrap(f"{row.number} {row.title}".strip(), left - 14)[:2]
        body.extend(words(0, y + 4 + (n - (len(lines) - 1) / 2) * LINE, line) for n, line in enumerate(lines))
        body.extend(_line(row.before, row.after, left, span, y - 8, colours.accent, claimed))
        body.extend(_line(row.evidenced_before, row.evidenced_after, left, span, y + 8, colours.accent_dark, evidenced, "4 3"))
        body.append(words(width, y - 4, row.change.text, anchor="end", bold=True))
        body.append(words(width, y + 12, row.evidenced_change.text, anchor="end", fill=colours.muted))
        body.append(stroke(0, y + row_height / 2, width, y + row_height / 2, colours.faint, 1))
    marks = [
        (stroke(0, -4, 22, -4, colours.accent, 2.4), 22, names[0]),
        (stroke(0, -4, 22, -4, colours.accent_dark, 1.8, "4 3"), 22, names[1]),
        (claimed(5, -4, False) + evidenced(18, -4, False), 24, names[2]),
        (claimed(5, -4, True) + evidenced(18, -4, True), 24, names[3]),
    ]
    key, tall = legend(marks, width, bottom + 18)
    return picture(width, bottom + 12 + tall, [*body, *key], look, title, description)


def _claimed(colours: Palette) -> Mark:
    return lambda x, y, now: dot(x, y, 4.6, colours.accent if now else "#ffffff", colours.accent)


def _evidenced(colours: Palette) -> Mark:
    return lambda x, y, now: diamond(x, y, 5, colours.accent_dark if now else "#ffffff", colours.accent_dark)


def _line(
    before: Figure, after: Figure, left: float, span: float, y: float, colour: str, mark: Mark, dash: str = ""
) -> list[str]:
    """From then to now; what is missing is not drawn. Where nothing changed, only today's mark is seen."""
    ends = [(at(figure.value, left, span), now) for figure, now in ((before, False), (after, True)) if figure.value is not None]
    body = [stroke(ends[0][0], y, ends[1][0], y, colour, 2.4 if not dash else 1.8, dash)] if len(ends) == 2 else []
    return body + [mark(x, y, now) for x, now in ends]
