"""The accounts: Lorenz curve, concentration by year, tiers and ladder as bars, share against growth, change of rank."""

from __future__ import annotations

import math
from collections.abc import Sequence

from assess.core.colours import Palette
from assess.core.report.values import ConcentrationRow, CurvePoint, Figure, RankRow, Wallet, WalletRow
from assess.render.charts.canvas import Look, box, diamond, dot, legend, picture, stroke, wide, words, wrap

WIDTH = 640.0
NAMED = 12
"""Accounts named in a chart at most."""


def lorenz(points: Sequence[CurvePoint], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Share of revenue over share of accounts, largest first. names: accounts axis, revenue axis, line of equal shares."""
    accounts, revenue, equal = names
    left, top, side, height, colours = 52.0, 14.0, 560.0, 230.0, look.palette
    body = []
    for step in range(5):
        x, y = left + side * step / 4, top + height * (1 - step / 4)
        body += [stroke(x, top, x, top + height, colours.rule, 0.7), stroke(left, y, left + side, y, colours.rule, 0.7)]
        body.append(words(x, top + height + 15, f"{25 * step}%", anchor="middle", fill=colours.muted, size=10.5))
        body.append(words(left - 6, y + 4, f"{25 * step}%", anchor="end", fill=colours.muted, size=10.5))
    body.append(stroke(left, top + height, left + side, top, colours.muted, 1.2, "5 4"))
    corners = [(left + side * point.accounts, top + height * (1 - point.revenue)) for point in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)
    area = f"{left:.1f},{top + height:.1f} {path} {left + side:.1f},{top + height:.1f}"
    body.append(f'<polygon points="{area}" fill="{colours.accent_soft}" fill-opacity="0.45"/>')
    body.append(f'<polyline points="{path}" fill="none" stroke="{colours.accent}" stroke-width="2.4"/>')
    body.append(words(left + side, top + height + 30, accounts, anchor="end", fill=colours.muted, size=10.5))
    marks = [
        (stroke(0, -4, 22, -4, colours.accent, 2.4), 22, revenue),
        (stroke(0, -4, 22, -4, colours.muted, 1.2, "5 4"), 22, equal),
    ]
    key, tall = legend(marks, WIDTH * 0.7, top + height + 34)
    return picture(WIDTH, top + height + 26 + tall, [*body, *key], look, title, description)


def by_year(rows: Sequence[ConcentrationRow], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Share of the ten largest (wide bar) and of the largest (narrow bar) per year. names: largest, ten largest."""
    left, top, row_height, colours = 70.0, 8.0, 34.0, look.palette
    span, bottom = WIDTH - left - 60, top + row_height * len(rows)
    body = []
    for quarter in range(5):
        x = left + span * quarter / 4
        body.append(stroke(x, top, x, bottom, colours.rule, 0.7))
        body.append(words(x, bottom + 14, f"{25 * quarter}%", anchor="middle", fill=colours.muted, size=10.5))
    for place, row in enumerate(rows):
        y = top + row_height * (place + 0.5)
        body.append(words(0, y + 4, row.title))
        if row.ten.value is not None:
            body.append(box(left, y - 10, span * row.ten.value, 20, colours.accent_soft, colours.accent))
        if row.largest.value is not None:
            body.append(box(left, y - 4, span * row.largest.value, 8, colours.accent_dark))
        shown = row.ten if row.ten.value is not None else row.largest
        body.append(words(WIDTH, y + 4, shown.text, anchor="end", bold=True))
    largest, ten = names
    marks = [
        (box(0, -11, 22, 13, colours.accent_soft, colours.accent), 22, ten),
        (box(0, -8, 22, 7, colours.accent_dark), 22, largest),
    ]
    key, tall = legend(marks, WIDTH, bottom + 32)
    return picture(WIDTH, bottom + 26 + tall, [*body, *key], look, title, description)


Bar = tuple[str, Figure, Figure]
"""Name, number of accounts, share 0..1."""


def bars(rows: Sequence[Bar], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Number of accounts at the left of each bar, its share as length. names: number, share."""
    left, top, row_height, colours = 190.0, 22.0, 27.0, look.palette
    span = WIDTH - left - 130
    number, share = names
    body = [
        words(left - 12, top - 8, number, anchor="end", fill=colours.muted, size=10.5),
        words(left, top - 8, share, fill=colours.muted, size=10.5),
    ]
    most = max([row[2].value or 0 for row in rows], default=0) or 1
    for place, (name, count, part) in enumerate(rows):
        y = top + row_height * (place + 0.5)
        body += [words(0, y + 4, name), words(left - 12, y + 4, count.text, anchor="end", bold=True)]
        long = span * (part.value or 0) / most
        body.append(box(left, y - 8, long, 16, colours.accent_soft, colours.accent if long else "none"))
        body.append(words(left + long + 6, y + 4, part.text))
    body.append(stroke(left, top, left, top + row_height * len(rows), colours.muted, 1))
    return picture(WIDTH, top + row_height * len(rows) + 6, body, look, title, description)


def share_growth(part: Wallet, names: Sequence[str], look: Look) -> str:
    """Bubbles of revenue: share of wallet to the right, relative growth upwards. names: both axes, key and other account."""
    share, growth, key_account, other = names
    left, top, width, height, colours = 62.0, 24.0, 560.0, 300.0, look.palette
    low, high = _extent([row.growth.value or 0 for row in part.rows])
    limit = min(1.0, part.limit.value or 0)
    across = max(1.0, *(min(row.share.value or 0, 1.5) for row in part.rows))
    x_limit, y_zero = left + width * limit / across, top + height * high / (high - low)
    body = [box(left, top, width, height, "none", colours.rule)]
    body += [stroke(x_limit, top, x_limit, top + height, colours.muted, 1.2, "5 4")]
    body += [stroke(left, y_zero, left + width, y_zero, colours.muted, 1.2, "5 4")]
    body += _corners(part, (left, top, width, height), colours)
    most = max((row.revenue.value or 0 for row in part.rows), default=0) or 1
    placed = []
    for row in sorted(part.rows, key=lambda row: -(row.revenue.value or 0)):
        x = left + width * min(row.share.value or 0, across) / across
        y = top + height * (high - (row.growth.value or 0)) / (high - low)
        r = 5 + 17 * math.sqrt(max(row.revenue.value or 0, 0) / most)
        placed.append((row, x, y, r))
        body.append(_bubble(row, x, y, r, colours))
    body += _bubble_names(placed, (left, top, width, height))
    body += _axes(share, growth, (low, high, across), (left, top, width, height), colours)
    marks = [
        (_mark(True, colours), 14, key_account),
        (_mark(False, colours), 14, other),
    ]
    key, tall = legend(marks, WIDTH, top + height + 50)
    return picture(WIDTH, top + height + 44 + tall, [*body, *key], look, part.title, part.text)


def _extent(values: Sequence[float]) -> tuple[float, float]:
    """A growth axis around zero, with some air, at least five points each way."""
    return min(-0.05, min(values, default=0) * 1.15), max(0.05, max(values, default=0) * 1.15)


def _bubble(row: WalletRow, x: float, y: float, r: float, colours: Palette) -> str:
    """Key accounts are filled and have a thicker edge, so that grey print tells them too."""
    fill, edge, width = (colours.accent, colours.accent_dark, 2) if row.is_key else (colours.faint, colours.muted, 1)
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{fill}" fill-opacity="0.55" '
        f'stroke="{edge}" stroke-width="{width}"/>'
    )


def _mark(is_key: bool, colours: Palette) -> str:
    fill, edge, width = (colours.accent, colours.accent_dark, 2) if is_key else (colours.faint, colours.muted, 1)
    return f'<circle cx="7" cy="-4" r="6" fill="{fill}" fill-opacity="0.55" stroke="{edge}" stroke-width="{width}"/>'


def _corners(part: Wallet, frame: tuple[float, float, float, float], colours: Palette) -> list[str]:
    """The name of each quadrant in its corner."""
    left, top, width, height = frame
    defend, accelerate, erosion, reposition = (term.name for term in part.quadrants)
    return [
        words(left + 6, top + 15, accelerate, fill=colours.muted, bold=True),
        words(left + width - 6, top + 15, defend, anchor="end", fill=colours.muted, bold=True),
        words(left + 6, top + height - 7, reposition, fill=colours.muted, bold=True),
        words(left + width - 6, top + height - 7, erosion, anchor="end", fill=colours.warm, bold=True),
    ]


Placed = tuple[WalletRow, float, float, float]
"""A row with the centre and radius of its bubble."""
Span = tuple[float, float, float, float]


def _bubble_names(placed: Sequence[Placed], frame: Span) -> list[str]:
    """Names beside, above or below the bubbles of the largest, where they cover no bubble and no other name."""
    body: list[str] = []
    taken = [(x - r, y - r, x + r, y + r) for _, x, y, r in placed]
    for place, (row, x, y, r) in enumerate(placed[:NAMED]):
        name = wrap(row.name, 150, 10.5)[0]
        long = wide(name, 10.5)
        others = [span for number, span in enumerate(taken) if number != place]
        starts = ((x + r + 4, y + 4), (x - r - 4 - long, y + 4), (x - long / 2, y - r - 4), (x - long / 2, y + r + 12))
        for start, base in starts:
            span = (start, base - 9, start + long, base + 2)
            if _inside(span, frame) and not any(_overlap(span, other) for other in others):
                taken.append(span)
                body.append(words(start, base, name, size=10.5))
                break
    return body


def _inside(span: Span, frame: Span) -> bool:
    left, top, width, height = frame
    return span[0] >= left and span[1] >= top and span[2] <= left + width and span[3] <= top + height


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _axes(
    share: str, growth: str, extent: tuple[float, float, float], frame: tuple[float, float, float, float], colours: Palette
) -> list[str]:
    low, high, across = extent
    left, top, width, height = frame
    body = []
    for step in range(5):
        body.append(
            words(
                left + width * step / 4,
                top + height + 15,
                f"{25 * step * across:.0f}%",
                anchor="middle",
                fill=colours.muted,
                size=10.5,
            )
        )
        value = high - (high - low) * step / 4
        body.append(
            words(left - 6, top + height * step / 4 + 4, f"{100 * value:+.0f}", anchor="end", fill=colours.muted, size=10.5)
        )
    body.append(words(left + width, top + height + 31, share, anchor="end", fill=colours.muted, size=10.5))
    body.append(words(0, top - 12, growth, fill=colours.muted, size=10.5))
    return body


def rank_shift(rows: Sequence[RankRow], names: Sequence[str], look: Look, title: str, description: str) -> str:
    """Lines from the rank by revenue to that by contribution. names: by revenue, by contribution, loses money."""
    shown, colours = rows[:NAMED], look.palette
    left, right, top, step = 250.0, 470.0, 30.0, 22.0
    revenue, contribution, loses = names
    ends = _even_places([row.contribution_rank for row in shown])
    body = [
        words(left, 14, revenue, anchor="end", bold=True, fill=colours.accent_dark),
        words(right, 14, contribution, bold=True, fill=colours.accent_dark),
    ]
    for place, (row, end) in enumerate(zip(shown, ends, strict=True)):
        y1, y2 = top + step * (place + 0.5), top + step * (end + 0.5)
        falls = row.contribution_rank > row.revenue_rank
        colour = colours.warm if row.is_unprofitable else colours.accent if not falls else colours.muted
        body.append(stroke(left + 26, y1, right - 34, y2, colour, 2 if row.is_unprofitable else 1.5, "5 3" if falls else ""))
        body += [dot(left + 26, y1, 3.4, colour, colour), _end_mark(row, right - 34, y2, colour)]
        name = wrap(row.name, left - 24, 10.5)[0]
        body += [
            words(left - 16, y1 + 4, name, anchor="end", size=10.5),
            words(left + 18, y1 + 4, str(row.revenue_rank), anchor="end", bold=True),
        ]
        body += [
            words(right - 6, y2 + 4, str(row.contribution_rank), anchor="end", bold=True),
            words(right + 4, y2 + 4, row.contribution.text, size=10.5),
        ]
    marks = [(diamond(6, -4, 5, colours.warm, "#ffffff"), 12, loses)]
    key, tall = legend(marks, WIDTH, top + step * len(shown) + 18)
    return picture(WIDTH, top + step * len(shown) + 12 + tall, [*body, *key], look, title, description)


def _even_places(ranks: Sequence[int]) -> list[int]:
    """Ranks as places 0, 1, 2 ... among those shown, so that far ranks fit in."""
    order = sorted(ranks)
    return [order.index(rank) for rank in ranks]


def _end_mark(row: RankRow, x: float, y: float, colour: str) -> str:
    return diamond(x, y, 5, colour, "#ffffff") if row.is_unprofitable else dot(x, y, 3.4, colour, colour)
