"""The steps side by side: a radar, or bars where there are fewer than three."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assess.core.colours import Palette
from assess.core.report.values import ProfileRow
from assess.render.charts.canvas import LINE, Look, at, box, diamond, dot, legend, picture, scale, stroke, wide, words, wrap


def radar(rows: Sequence[ProfileRow], series: Sequence[tuple[str, str]], look: Look, title: str, description: str) -> str:
    """The profile of three steps or more. series: (field of ProfileRow, its name); a step without a score leaves a gap."""
    width, height, radius = 640, 420, 140
    cx, cy, colours = width / 2, 196, look.palette
    angles = [math.tau * place / len(rows) - math.pi / 2 for place in range(len(rows))]
    body = []
    for level in range(1, 6):
        corners = " ".join(
            f"{cx + _r(level, radius) * math.cos(a):.1f},{cy + _r(level, radius) * math.sin(a):.1f}" for a in angles
        )
        body.append(f'<polygon points="{corners}" fill="none" stroke="{colours.rule}" stroke-width="0.8"/>')
    for row, angle in zip(rows, angles, strict=True):
        body.append(stroke(cx, cy, cx + radius * math.cos(angle), cy + radius * math.sin(angle), colours.rule, 0.8))
        body.extend(_axis_name(f"{row.number} {row.title}", cx, cy, radius + 14, angle))
    for field, _ in series:
        body.extend(_polygon([getattr(row, field).value for row in rows], angles, (cx, cy), radius, field, colours))
    body.extend(words(cx + 4, cy - _r(level, radius) + 4, str(level), fill=colours.muted, size=10) for level in range(1, 6))
    body.extend(_series_legend(series, width, height - 12, colours))
    return picture(width, height, body, look, title, description)


def _r(level: float, radius: float) -> float:
    """Level 1 stands a little out of the centre, so that it can be seen."""
    return radius * (0.12 + 0.88 * (level - 1) / 4)


def _series_style(field: str, colours: Palette) -> tuple[str, float, str, str]:
    """Colour, width and dashes of the line, and what fills it."""
    return {
        "target": (colours.muted, 1.4, "2 4", "none"),
        "peer": (colours.warm, 1.6, "7 4", "none"),
        "evidenced": (colours.accent_dark, 1.8, "5 3", "none"),
        "claimed": (colours.accent, 2.2, "", colours.accent),
    }[field]


def _polygon(
    values: Sequence[float | None],
    angles: Sequence[float],
    centre: tuple[float, float],
    radius: float,
    field: str,
    colours: Palette,
) -> list[str]:
    colour, width, dash, fill = _series_style(field, colours)
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
            stroke(*start, *end, colour, width, dash)
            for start, end in zip(points, [*points[1:], points[0]], strict=True)
            if start is not None and end is not None
        )
    return body + [_mark(field, x, y, colours) for x, y in known]


def _mark(field: str, x: float, y: float, colours: Palette) -> str:
    if field == "claimed":
        return dot(x, y, 3.6, colours.accent, colours.accent)
    if field == "evidenced":
        return diamond(x, y, 4.2, "#ffffff", colours.accent_dark)
    if field == "peer":
        return box(x - 3, y - 3, 6, 6, colours.warm)
    return dot(x, y, 1.6, colours.muted, colours.muted)


def _axis_name(name: str, cx: float, cy: float, radius: float, angle: float) -> list[str]:
    x, y = cx + radius * math.cos(angle), cy + radius * math.sin(angle)
    anchor = "middle" if abs(math.cos(angle)) < 0.2 else "start" if math.cos(angle) > 0 else "end"
    lines = wrap(name, 150 if anchor != "middle" else 220)
    lift = (len(lines) - 1) * LINE * (1 - math.sin(angle)) / 2
    return [words(x, y + 4 + place * LINE - lift, line, anchor=anchor) for place, line in enumerate(lines)]


def _series_legend(series: Sequence[tuple[str, str]], width: float, y: float, colours: Palette) -> list[str]:
    total = sum(wide(name) + 54 for _, name in series)
    x, body = (width - total) / 2, []
    for field, name in series:
        colour, thick, dash, _ = _series_style(field, colours)
        line, mark = stroke(x, y - 4, x + 28, y - 4, colour, thick, dash), _mark(field, x + 14, y - 4, colours)
        body += [line, mark, words(x + 34, y, name)]
        x += wide(name) + 54
    return body


STEP_ROW = 26
MARK_WIDTHS = {"claimed": 20, "evidenced": 10, "peer": 8, "target": 6}


def steps(rows: Sequence[ProfileRow], series: Sequence[tuple[str, str]], look: Look, title: str, description: str) -> str:
    """The profile as bars: for fewer than three steps, and where there is less room than a radar takes."""
    width, left, top, colours = 640.0, 216.0, 22.0, look.palette
    span, bottom = width - left - 50, top + STEP_ROW * len(rows)
    body = scale(left, span, top, bottom, colours)
    for place, row in enumerate(rows):
        y = top + STEP_ROW * (place + 0.5)
        lines = wrap(f"{row.number} {row.title}".strip(), left - 12)[:2]
        body.extend(words(0, y + 4 + (n - (len(lines) - 1) / 2) * 12.5, line) for n, line in enumerate(lines))
        if row.claimed.value is None:
            body.append(words(left + 8, y + 4, row.level.text, fill=colours.muted))
            continue
        body.append(box(left, y - 6, max(2, at(row.claimed.value, 0, span)), 12, colours.accent_soft, colours.accent))
        marks = [(f, value) for f, _ in series if f != "claimed" and (value := getattr(row, f).value) is not None]
        body.extend(_bar_mark(field, at(value, left, span), y, colours) for field, value in marks)
        body.append(words(width, y + 4, row.claimed.text, anchor="end", bold=True))
    shown = [(_bar_mark(f, MARK_WIDTHS[f] / 2, -4, colours), MARK_WIDTHS[f], name) for f, name in reversed(series)]
    key, tall = legend(shown, width, bottom + 18)
    return picture(width, bottom + 10 + tall, [*body, *key], look, title, description)


def _bar_mark(field: str, x: float, y: float, colours: Palette) -> str:
    """What a series looks like on a bar; the claimed score is the bar itself."""
    if field == "claimed":
        return box(x - 10, y - 5, 20, 10, colours.accent_soft, colours.accent)
    if field == "target":
        return stroke(x, y - 8, x, y + 8, colours.ink, 2.4)
    return _mark(field, x, y, colours)
