"""How far apart people are."""

from __future__ import annotations

from assess.core.report.values import Disputed
from assess.render.charts.canvas import Look, box, picture, stroke, words


def distribution(disputed: Disputed, look: Look) -> str:
    """How many rated each level, with the counts on the columns."""
    width, height, base = 250.0, 92.0, 74.0
    highest, slot, colours = max([1, *disputed.counts]), width / 5, look.palette
    body = [stroke(0, base, width, base, colours.muted, 1)]
    for place, count in enumerate(disputed.counts):
        tall = 52 * count / highest
        x = slot * place + slot / 2
        body.append(box(x - 15, base - tall, 30, tall, colours.tints[place + 1], colours.accent_dark if count else "none"))
        body.append(words(x, base - tall - 4, str(count), anchor="middle", bold=count > 0, fill="" if count else colours.muted))
        body.append(words(x, base + 14, str(place + 1), anchor="middle", fill=colours.muted))
    return picture(width, height, body, look, disputed.title, disputed.chart_text)
