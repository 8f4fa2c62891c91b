"""Charts as SVG text: pure functions of a report's values.

Colour is never the only carrier: series differ in shape and line too, and every mark stands beside its number or in the
table below. The finding is the caption in the page; `describe` puts it and the data into the picture for screen readers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from assess.core.report.values import BandRow, Disputed, ItemRow, Plan, ProfileRow, RoleMark, Sheet

INK, MUTED, RULE, FAINT = "#1b2a33", "#5a6872", "#c9d1d6", "#eef2f4"
ACCENT, ACCENT_DARK, ACCENT_SOFT = "#0e6377", "#083f4d", "#bcd9df"
WARM, LINK = "#a8480a", "#7d8a92"
TINTS = ("#ffffff", "#e3eff2", "#bcd9df", "#7fb4c0", "#2f7f91", "#083f4d")
"""Cell colours of nothing and of levels 1 to 5: darker is higher, in grey print too."""
SIZE = 11.5
ITEMS_WIDTH, ROLES_WIDTH = 390.0, 250.0
LINE = 14


@dataclass(frozen=True)
class Look:
    """How text is set: the font stack on every svg root, and the language."""

    font: str
    language: str


def wide(text: str, size: float = SIZE) -> float:
    """About how wide a text runs, in px: a Han character takes one em, a Latin one a little over half."""
    return sum(size if ord(char) > 0x2E7F else size * 0.53 for char in text)


def wrap(text: str, width: float, size: float = SIZE) -> list[str]:
    """The text in lines of about that width; Latin breaks between words, Han anywhere."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line and wide(line + piece.rstrip(), size) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece if line else piece.lstrip()
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


def _pieces(text: str) -> list[str]:
    """Unbreakable pieces: words with the space after them, single Han characters with the punctuation after them."""
    pieces: list[str] = []
    for char in text:
        joins = pieces and (
            char in "，。：；、）」』！？,.:;)!?"
            or (char == " " and not pieces[-1].endswith(" "))
            or (ord(char) < 0x2E80 and char != " " and ord(pieces[-1][-1]) < 0x2E80 and not pieces[-1].endswith(" "))
        )
        if joins:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _svg(width: float, height: float, body: Sequence[str], look: Look, title: str, description: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" '
        f'font-family="{escape(look.font)}" font-size="{SIZE}" lang="{look.language}" role="img" fill="{INK}">'
        f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(body)}</svg>"
    )


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", fill: str = INK, bold: bool = False, size: float = SIZE
) -> str:
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size:g}"{weight}>{escape(text)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str = RULE, width: float = 1, dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"{dashes}/>'


def _box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(0, width):.1f}" height="{height:.1f}" fill="{fill}" stroke="{stroke}"/>'


def _diamond(x: float, y: float, r: float, fill: str, stroke: str) -> str:
    points = f"{x:.1f},{y - r:.1f} {x + r:.1f},{y:.1f} {x:.1f},{y + r:.1f} {x - r:.1f},{y:.1f}"
    return f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="1.4"/>'


def _dot(x: float, y: float, r: float, fill: str = ACCENT, stroke: str = ACCENT) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.4"/>'


def _scale(left: float, width: float, top: float, bottom: float) -> list[str]:
    """Grid lines and figures of levels 1 to 5."""
    body = []
    for level in range(1, 6):
        x = left + (level - 1) / 4 * width
        body.append(_line(x, top, x, bottom, RULE, 0.8))
        body.append(_text(x, top - 5, str(level), anchor="middle", fill=MUTED, size=10.5))
    return body


def _at(value: float, left: float, width: float) -> float:
    return left + (value - 1) / 4 * width


def radar(rows: Sequence[ProfileRow], series: Sequence[tuple[str, str]], look: Look, title: str, description: str) -> str:
    """The profile of three steps or more. series: (field of ProfileRow, its name); a step without a score leaves a gap."""
    width, height, radius = 640, 420, 140
    cx, cy = width / 2, 196
    angles = [math.tau * place / len(rows) - math.pi / 2 for place in range(len(rows))]
    body = []
    for level in range(1, 6):
        corners = " ".join(
            f"{cx + _r(level, radius) * math.cos(a):.1f},{cy + _r(level, radius) * math.sin(a):.1f}" for a in angles
        )
        body.append(f'<polygon points="{corners}" fill="none" stroke="{RULE}" stroke-width="0.8"/>')
    for row, angle in zip(rows, angles, strict=True):
        body.append(_line(cx, cy, cx + radius * math.cos(angle), cy + radius * math.sin(angle), RULE, 0.8))
        body.extend(_axis_name(f"{row.number} {row.title}", cx, cy, radius + 14, angle))
    for field, _ in series:
        body.extend(_polygon([getattr(row, field).value for row in rows], angles, (cx, cy), radius, field))
    body.extend(_text(cx + 4, cy - _r(level, radius) + 4, str(level), fill=MUTED, size=10) for level in range(1, 6))
    body.extend(_series_legend(series, width, height - 12))
    return _svg(width, height, body, look, title, description)


def _r(level: float, radius: float) -> float:
    """Level 1 stands a little out of the centre, so that it can be seen."""
    return radius * (0.12 + 0.88 * (level - 1) / 4)


_SERIES_STYLES = {
    "target": (MUTED, 1.4, "2 4", "none"),
    "peer": (WARM, 1.6, "7 4", "none"),
    "evidenced": (ACCENT_DARK, 1.8, "5 3", "none"),
    "claimed": (ACCENT, 2.2, "", ACCENT),
}


def _polygon(
    values: Sequence[float | None], angles: Sequence[float], centre: tuple[float, float], radius: float, field: str
) -> list[str]:
    colour, width, dash, fill = _SERIES_STYLES[field]
    points = [
        None if value is None else (centre[0] + _r(value, radius) * math.cos(a), centre[1] + _r(value, radius) * math.sin(a))
        for value, a in zip(values, angles, strict=True)
    ]
    known = [point for point in points if point is not None]
    body = []
    if len(known) == len(points):
        corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in known)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        body.append(
            f'<polygon points="{corners}" fill="{fill}" fill-opacity="0.12" stroke="{colour}" stroke-width="{width}"{dashes}/>'
        )
    else:
        body.extend(
            _line(*start, *end, colour, width, dash)
            for start, end in zip(points, [*points[1:], points[0]], strict=True)
            if start is not None and end is not None
        )
    return body + [_mark(field, x, y) for x, y in known]


def _mark(field: str, x: float, y: float) -> str:
    if field == "claimed":
        return _dot(x, y, 3.6)
    if field == "evidenced":
        return _diamond(x, y, 4.2, "#ffffff", ACCENT_DARK)
    if field == "peer":
        return _box(x - 3, y - 3, 6, 6, WARM)
    return _dot(x, y, 1.6, MUTED, MUTED)


def _axis_name(name: str, cx: float, cy: float, radius: float, angle: float) -> list[str]:
    x, y = cx + radius * math.cos(angle), cy + radius * math.sin(angle)
    anchor = "middle" if abs(math.cos(angle)) < 0.2 else "start" if math.cos(angle) > 0 else "end"
    lines = wrap(name, 150 if anchor != "middle" else 220)
    lift = (len(lines) - 1) * LINE * (1 - math.sin(angle)) / 2
    return [_text(x, y + 4 + place * LINE - lift, line, anchor=anchor) for place, line in enumerate(lines)]


def _series_legend(series: Sequence[tuple[str, str]], width: float, y: float) -> list[str]:
    total = sum(wide(name) + 54 for _, name in series)
    x, body = (width - total) / 2, []
    for field, name in series:
        colour, stroke, dash, _ = _SERIES_STYLES[field]
        body += [_line(x, y - 4, x + 28, y - 4, colour, stroke, dash), _mark(field, x + 14, y - 4), _text(x + 34, y, name)]
        x += wide(name) + 54
    return body


def steps(rows: Sequence[ProfileRow], series: Sequence[tuple[str, str]], look: Look, title: str, description: str) -> str:
    """The profile as bars, for fewer than three steps."""
    width, left, top, row_height = 640.0, 200.0, 26.0, 34
    span = width - left - 60
    height = top + row_height * len(rows) + 34
    body = _scale(left, span, top, top + row_height * len(rows))
    for place, row in enumerate(rows):
        y = top + row_height * place + row_height / 2
        for n, line in enumerate(wrap(f"{row.number} {row.title}", left - 14)[:2]):
            body.append(_text(0, y + 4 + n * LINE, line))
        if row.claimed.value is None:
            body.append(_text(left + 8, y + 4, row.level.text, fill=MUTED))
            continue
        body.append(_box(left, y - 6, _at(row.claimed.value, 0, span), 12, ACCENT_SOFT, ACCENT))
        body.extend(_mark(f, _at(v, left, span), y) for f, _ in series if (v := getattr(row, f).value) is not None)
        body.append(_text(width, y + 4, row.claimed.text, anchor="end", bold=True))
    body.extend(_series_legend(series, width, height - 8))
    return _svg(width, height, body, look, title, description)


def items(rows: Sequence[ItemRow], target: float | None, names: Sequence[str], look: Look, title: str, description: str) -> str:
    """One bar per item: score, evidenced mark, range of ratings, target. names: those four and the must-have."""
    width, left, top, row_height = ITEMS_WIDTH, 56.0, 22.0, 22
    span, bottom = width - left - 72, top + row_height * len(rows)
    body = _scale(left, span, top, bottom)
    if target is not None:
        body.append(_line(_at(target, left, span), top, _at(target, left, span), bottom, WARM, 1.6, "4 3"))
    for place, row in enumerate(rows):
        y = top + row_height * place + row_height / 2
        body.append(_text(0, y + 4, row.id, bold=row.is_gate))
        if row.is_gate:
            body.append(_diamond(44, y, 4, ACCENT_DARK, ACCENT_DARK))
        if row.score.value is None:
            body.append(_text(left + 8, y + 4, row.score.text, fill=MUTED))
            continue
        body.append(_box(left, y - 5, max(2, _at(row.score.value, 0, span)), 10, ACCENT_SOFT, ACCENT))
        if row.lowest is not None and row.highest is not None:
            body.append(_line(_at(row.lowest, left, span), y, _at(row.highest, left, span), y, INK, 1.2))
            body.extend(
                _line(_at(v, left, span), y - 4, _at(v, left, span), y + 4, INK, 1.2) for v in (row.lowest, row.highest)
            )
        if row.evidenced.value is not None:
            body.append(_diamond(_at(row.evidenced.value, left, span), y, 4.4, "#ffffff", ACCENT_DARK))
        body.append(_text(width - 34, y + 4, row.score.text, anchor="end", bold=True))
        body.append(_text(width, y + 4, row.evidenced.text, anchor="end", fill=MUTED))
    marks = [
        (_box(0, -9, 18, 9, ACCENT_SOFT, ACCENT), 18, names[0]),
        (_diamond(5, -4, 4.4, "#ffffff", ACCENT_DARK), 10, names[1]),
        (_line(0, -4, 18, -4, INK, 1.2), 18, names[2]),
        (_line(0, -4, 18, -4, WARM, 1.6, "4 3"), 18, names[3]),
        (_diamond(5, -4, 4, ACCENT_DARK, ACCENT_DARK), 10, names[4]),
    ]
    legend, tall = _legend(marks, width, bottom + 18)
    return _svg(width, bottom + 12 + tall, [*body, *legend], look, title, description)


def _legend(marks: Sequence[tuple[str, float, str]], width: float, top: float) -> tuple[list[str], float]:
    """Marks with their names, in as many lines as it takes: (drawing at 0/0, its width, name). Returns body and height."""
    x, y, body = 0.0, top, []
    for drawing, size, name in marks:
        needed = size + 6 + wide(name, 10.5) + 14
        if x and x + needed - 14 > width:
            x, y = 0.0, y + 15
        body += [f'<g transform="translate({x:.1f} {y:.1f})">{drawing}</g>', _text(x + size + 6, y, name, size=10.5)]
        x += needed
    return body, y - top + 12


def roles(rows: Sequence[RoleMark], look: Look, title: str, description: str) -> str:
    """One dot per role on the scale of levels; a hidden role says so."""
    width, left, top = ROLES_WIDTH, 106.0, 22.0
    labels = [wrap(row.name, left - 8, 10.5) for row in rows]
    heights = [max(22, 6 + 12 * len(lines)) for lines in labels]
    span, bottom = width - left - 34, top + sum(heights)
    body = _scale(left, span, top, bottom)
    for place, (row, lines) in enumerate(zip(rows, labels, strict=True)):
        y = top + sum(heights[:place]) + heights[place] / 2
        body.extend(_text(0, y + 4 + (n - (len(lines) - 1) / 2) * 12, line, size=10.5) for n, line in enumerate(lines))
        if row.score.value is None:
            body.append(_text(left + 8, y + 4, row.score.text, fill=MUTED, size=10.5))
            continue
        body.append(_line(left, y, _at(row.score.value, left, span), y, ACCENT_SOFT, 1.4))
        body.append(_dot(_at(row.score.value, left, span), y, 4.4))
        body.append(_text(width, y + 4, row.score.text, anchor="end", bold=True))
    return _svg(width, bottom + 4, body, look, title, description)


def distribution(disputed: Disputed, look: Look) -> str:
    """How many rated each level, with the counts on the columns."""
    width, height, base = 250.0, 92.0, 74.0
    highest, slot = max([1, *disputed.counts]), width / 5
    body = [_line(0, base, width, base, MUTED, 1)]
    for place, count in enumerate(disputed.counts):
        tall = 52 * count / highest
        x = slot * place + slot / 2
        body.append(_box(x - 15, base - tall, 30, tall, TINTS[place + 1], ACCENT_DARK if count else "none"))
        body.append(_text(x, base - tall - 4, str(count), anchor="middle", bold=count > 0, fill=INK if count else MUTED))
        body.append(_text(x, base + 14, str(place + 1), anchor="middle", fill=MUTED))
    return _svg(width, height, body, look, disputed.title, disputed.chart_text)


def bands(rows: Sequence[BandRow], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Quantile bands per step with the own mark. names: tails, quartiles, median, own."""
    width, left, top, row_height = 640.0, 210.0, 22.0, 30
    span, bottom = width - left - 50, top + row_height * len(rows)
    body = _scale(left, span, top, bottom)
    for place, row in enumerate(rows):
        y = top + row_height * place + row_height / 2
        lines = wrap(f"{row.number} {row.title}".strip(), left - 14)[:2]
        body.extend(_text(0, y + 4 + (n - (len(lines) - 1) / 2) * 13, line) for n, line in enumerate(lines))
        body.extend(_band(row, left, span, y))
        body.append(_text(width, y + 4, row.own.text, anchor="end", bold=True))
    tails, quartiles, median, own = names
    marks = [
        (_box(0, -7, 22, 6, FAINT, MUTED), 22, tails),
        (_box(0, -10, 22, 12, ACCENT_SOFT, ACCENT), 22, quartiles),
        (_line(4, -12, 4, 3, ACCENT_DARK, 2.4), 8, median),
        (_diamond(6, -4, 6, WARM, "#ffffff"), 12, own),
    ]
    legend, tall = _legend(marks, width, bottom + 20)
    return _svg(width, bottom + 14 + tall, [*body, *legend], look, title, description)


def _band(row: BandRow, left: float, span: float, y: float) -> list[str]:
    body = []
    if row.p10.value is not None and row.p90.value is not None:
        start, end = _at(row.p10.value, left, span), _at(row.p90.value, left, span)
        body.append(_box(start, y - 3, end - start, 6, FAINT, MUTED))
    if row.q1.value is not None and row.q3.value is not None:
        start, end = _at(row.q1.value, left, span), _at(row.q3.value, left, span)
        body.append(_box(start, y - 7, end - start, 14, ACCENT_SOFT, ACCENT))
    if row.median.value is not None:
        x = _at(row.median.value, left, span)
        body.append(_line(x, y - 9, x, y + 9, ACCENT_DARK, 2.4))
    if row.own.value is not None:
        body.append(_diamond(_at(row.own.value, left, span), y, 6, WARM, "#ffffff"))
    return body


GANTT_LABELS, GANTT_SIZE, GANTT_LINE = 300.0, 11.2, 12.4
GANTT_HEIGHT = 680.0
"""Height of the rows of one Gantt chart; a longer plan goes on in a further one. On A4 the text is 8.6 pt."""


def gantt_parts(sheets: Sequence[Sheet]) -> list[list[Sheet]]:
    """The initiatives cut into charts of about equal height that fit a page."""
    total = sum(_gantt_row(sheet)[1] for sheet in sheets)
    share = total / max(1, math.ceil(total / GANTT_HEIGHT))
    parts: list[list[Sheet]] = [[]]
    used = 0.0
    for sheet in sheets:
        tall = _gantt_row(sheet)[1]
        if parts[-1] and used + tall / 2 > share:
            parts.append([])
            used = 0.0
        parts[-1].append(sheet)
        used += tall
    return parts


def _gantt_row(sheet: Sheet) -> tuple[list[str], float]:
    lines = wrap(f"{sheet.number}  {sheet.title}", GANTT_LABELS - 12, GANTT_SIZE)[:3]
    return lines, max(17, 4.6 + GANTT_LINE * len(lines))


def gantt(plan: Plan, sheets: Sequence[Sheet], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Initiatives on the time axis, with arrows from what must come first. names: initiative, quick win, enabler, needs."""
    width, left = 640.0, GANTT_LABELS
    span = width - left - 8
    laid = [_gantt_row(sheet) for sheet in sheets]
    labels, heights = [lines for lines, _ in laid], [tall for _, tall in laid]
    tops = [46 + sum(heights[:place]) for place in range(len(sheets))]
    bottom = 46 + sum(heights)
    per_week = span / max(plan.weeks, 1)
    middle = {s.number: t + h / 2 for s, t, h in zip(sheets, tops, heights, strict=True)}
    body = _calendar(plan, left, per_week, bottom)
    body.extend(_arrows(sheets, middle, left, per_week))
    for sheet, lines, top, height in zip(sheets, labels, tops, heights, strict=True):
        y = middle[sheet.number]
        body.append(_line(0, top + height, width, top + height, FAINT, 0.8))
        body.extend(
            _text(0, y + 4 + (n - (len(lines) - 1) / 2) * GANTT_LINE, line, size=GANTT_SIZE) for n, line in enumerate(lines)
        )
        x, long = left + sheet.start_week * per_week, (sheet.end_week - sheet.start_week) * per_week
        body.append(_box(x, y - 5, max(long, 3), 10, ACCENT if sheet.is_quick_win else ACCENT_SOFT, ACCENT_DARK))
        if sheet.is_enabler:
            body.append(_diamond(x + min(long, 8) / 2, y, 3.4, "#ffffff", ACCENT_DARK))
    initiative, quick_win, enabler, needs = names
    marks = [
        (_box(0, -9, 20, 10, ACCENT_SOFT, ACCENT_DARK), 20, initiative),
        (_box(0, -9, 20, 10, ACCENT, ACCENT_DARK), 20, quick_win),
        (_diamond(5, -4, 3.8, "#ffffff", ACCENT_DARK), 10, enabler),
        (_line(0, -4, 20, -4, LINK, 1), 20, needs),
    ]
    legend, tall = _legend(marks, width, bottom + 18)
    return _svg(width, bottom + 12 + tall, [*body, *legend], look, title, description)


def _calendar(plan: Plan, left: float, per_week: float, bottom: float) -> list[str]:
    """Months above, horizons as alternating stretches behind."""
    body = []
    for place, span in enumerate(plan.spans):
        start, end = left + span.start_week * per_week, left + min(span.end_week, plan.weeks) * per_week
        if place % 2 == 0:
            body.append(_box(start, 18, end - start, bottom - 18, "#f4f7f8"))
        if end - start >= wide(span.name, GANTT_SIZE) * 1.1:
            body.append(_text((start + end) / 2, 12, span.name, anchor="middle", bold=True, size=GANTT_SIZE, fill=ACCENT_DARK))
    for tick in plan.ticks:
        x = left + float(tick.name) * per_week
        body.append(_line(x, 34, x, bottom, RULE, 0.7))
        anchor = "end" if x > left + plan.weeks * per_week - 16 else "middle"
        body.append(_text(x, 30, tick.text, anchor=anchor, fill=MUTED, size=GANTT_SIZE))
    return body


def _arrows(sheets: Sequence[Sheet], middle: Mapping[int, float], left: float, per_week: float) -> list[str]:
    """From the end of each needed initiative of this chart to the start of the one that needs it."""
    ends = {sheet.number: left + sheet.end_week * per_week for sheet in sheets}
    return [
        _arrow((ends[need], middle[need]), (left + sheet.start_week * per_week, middle[sheet.number]))
        for sheet in sheets
        for need in sheet.needs
        if need in ends
    ]


def _arrow(start: tuple[float, float], end: tuple[float, float]) -> str:
    """Along the row of what is needed, then down (or up) onto the bar that needs it."""
    x, y = max(start[0], end[0]) + 3, end[1] + (-5 if end[1] > start[1] else 5)
    back = -4 if end[1] > start[1] else 4
    return (
        f'<path d="M{start[0]:.1f},{start[1]:.1f} H{x:.1f} V{y:.1f}" fill="none" stroke="{LINK}" stroke-width="0.7"/>'
        f'<polygon points="{x - 2.4:.1f},{y + back:.1f} {x + 2.4:.1f},{y + back:.1f} {x:.1f},{y:.1f}" fill="{LINK}"/>'
    )
