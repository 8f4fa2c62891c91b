"""Charts as SVG text: pure functions of a report's values, one module for each page they stand on.

Colour is never the only carrier: series differ in shape and line too, and every mark stands beside its number or in the
table below. The finding is the caption in the page; title and description put it and the data into the picture for
screen readers.
"""

from assess.core.colours import Palette
from assess.render.charts.accounts import Bar, bars, by_year, lorenz, rank_shift, share_growth
from assess.render.charts.canvas import Look, wrap
from assess.render.charts.gantt import gantt, gantt_parts
from assess.render.charts.peers import bands
from assess.render.charts.perceptions import distribution
from assess.render.charts.profile import radar, steps
from assess.render.charts.progress import dumbbells
from assess.render.charts.step import items, roles

__all__ = [
    "Bar",
    "Look",
    "Palette",
    "bands",
    "bars",
    "by_year",
    "distribution",
    "dumbbells",
    "gantt",
    "gantt_parts",
    "items",
    "lorenz",
    "radar",
    "rank_shift",
    "roles",
    "share_growth",
    "steps",
    "wrap",
]
