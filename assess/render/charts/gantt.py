"""The roadmap on the time axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assess.core.colours import Palette
from assess.core.report.values import Plan, Sheet
from assess.render.charts.canvas import Look, box, diamond, legend, picture, stroke, wide, words, wrap

GANTT_SIZE, GANTT_LINE = 11.2, 12.4
LEAST_LABELS, MOST_LABELS = 180.0, 330.0
"""Width of the names: as much as the longest of the plan takes on one line, within these."""
FIRST_HEIGHT, FURTHER_HEIGHT = 560.0, 770.0
"""Height of the rows of the first chart, which stands under the head of its section, and of each further one.

On A4 and on Letter they fill a page; the text is 8.6 pt there.
"""


def gantt_parts(sheets: Sequence[Sheet]) -> list[list[Sheet]]:
    """The initiatives cut into charts that fit a page each."""
    labels = _labels_width(sheets)
    parts: list[list[Sheet]] = [[]]
    used = 0.0
    for sheet in sheets:
        tall = _gantt_row(sheet, labels)[1]
        if parts[-1] and used + tall > (FURTHER_HEIGHT if len(parts) > 1 else FIRST_HEIGHT):
            parts.append([])
            used = 0.0
        parts[-1].append(sheet)
        used += tall
    return parts


def _labels_width(sheets: Sequence[Sheet]) -> float:
    longest = max((wide(f"{sheet.number}  {sheet.title}", GANTT_SIZE) for sheet in sheets), default=0)
    return min(MOST_LABELS, max(LEAST_LABELS, longest + 16))


def _gantt_row(sheet: Sheet, labels: float) -> tuple[list[str], float]:
    lines = wrap(f"{sheet.number}  {sheet.title}", labels - 12, GANTT_SIZE)[:3]
    return lines, max(17, 4.6 + GANTT_LINE * len(lines))


def gantt(plan: Plan, sheets: Sequence[Sheet], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Initiatives on the time axis, with arrows from what must come first. names: initiative, quick win, enabler, needs."""
    width, left, colours = 640.0, _labels_width(plan.sheets), look.palette
    span = width - left - 8
    laid = [_gantt_row(sheet, left) for sheet in sheets]
    labels, heights = [lines for lines, _ in laid], [tall for _, tall in laid]
    tops = [46 + sum(heights[:place]) for place in range(len(sheets))]
    bottom = 46 + sum(heights)
    per_week = span / max(plan.weeks, 1)
    middle = {s.number: t + h / 2 for s, t, h in zip(sheets, tops, heights, strict=True)}
    body = _calendar(plan, left, per_week, bottom, colours)
    body.extend(_arrows(sheets, middle, left, per_week, colours.link))
    for sheet, lines, top, height in zip(sheets, labels, tops, heights, strict=True):
        y = middle[sheet.number]
        body.append(stroke(0, top + height, width, top + height, colours.faint, 0.8))
        body.extend(
            words(0, y + 4 + (n - (len(lines) - 1) / 2) * GANTT_LINE, line, size=GANTT_SIZE) for n, line in enumerate(lines)
        )
        x, long = left + sheet.start_week * per_week, (sheet.end_week - sheet.start_week) * per_week
        body.append(
            box(x, y - 5, max(long, 3), 10, colours.accent if sheet.is_quick_win else colours.accent_soft, colours.accent_dark)
        )
        if sheet.is_enabler:
            body.append(diamond(x + min(long, 8) / 2, y, 3.4, "#ffffff", colours.accent_dark))
    initiative, quick_win, enabler, needs = names
    marks = [
        (box(0, -9, 20, 10, colours.accent_soft, colours.accent_dark), 20, initiative),
        (box(0, -9, 20, 10, colours.accent, colours.accent_dark), 20, quick_win),
        (diamond(5, -4, 3.8, "#ffffff", colours.accent_dark), 10, enabler),
        (stroke(0, -4, 20, -4, colours.link, 1), 20, needs),
    ]
    key, tall = legend(marks, width, bottom + 18)
    return picture(width, bottom + 12 + tall, [*body, *key], look, title, description)


def _calendar(plan: Plan, left: float, per_week: float, bottom: float, colours: Palette) -> list[str]:
    """Months above, horizons as alternating stretches behind."""
    body = []
    for place, span in enumerate(plan.spans):
        start, end = left + span.start_week * per_week, left + min(span.end_week, plan.weeks) * per_week
        if place % 2 == 0:
            body.append(box(start, 18, end - start, bottom - 18, colours.faint))
        if end - start >= wide(span.name, GANTT_SIZE) * 1.1:
            body.append(
                words((start + end) / 2, 12, span.name, anchor="middle", bold=True, size=GANTT_SIZE, fill=colours.accent_dark)
            )
    for tick in plan.ticks:
        x = left + float(tick.name) * per_week
        body.append(stroke(x, 34, x, bottom, colours.rule, 0.7))
        anchor = "end" if x > left + plan.weeks * per_week - 16 else "middle"
        body.append(words(x, 30, tick.text, anchor=anchor, fill=colours.muted, size=GANTT_SIZE))
    return body


def _arrows(sheets: Sequence[Sheet], middle: Mapping[int, float], left: float, per_week: float, colour: str) -> list[str]:
    """From the end of each needed initiative of this chart to the start of the one that needs it."""
    ends = {sheet.number: left + sheet.end_week * per_week for sheet in sheets}
    return [
        _arrow((ends[need], middle[need]), (left + sheet.start_week * per_week, middle[sheet.number]), colour)
        for sheet in sheets
        for need in sheet.needs
        if need in ends
    ]


def _arrow(start: tuple[float, float], end: tuple[float, float], colour: str) -> str:
    """Along the row of what is needed, then down (or up) onto the bar that needs it."""
    x, y = max(start[0], end[0]) + 3, end[1] + (-5 if end[1] > start[1] else 5)
    back = -4 if end[1] > start[1] else 4
    return (
        f'<path d="M{start[0]:.1f},{start[1]:.1f} H{x:.1f} V{y:.1f}" fill="none" stroke="{colour}" stroke-width="0.7"/>'
        f'<polygon points="{x - 2.4:.1f},{y + back:.1f} {x + 2.4:.1f},{y + back:.1f} {x:.1f},{y:.1f}" fill="{colour}"/>'
    )
