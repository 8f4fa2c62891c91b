"""How an assessment compares, on its result page: the report's own benchmark with its chart, and the groups to choose from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from markupsafe import Markup

from assess.content.phrases import load_phrases
from assess.core.evaluation import Evaluation
from assess.core.release import Cell
from assess.core.report.comparison import benchmark
from assess.core.report.compose import SECTIONS
from assess.core.report.setting import Setting
from assess.core.report.values import Benchmark
from assess.core.report.words import Words
from assess.render import charts
from assess.render.charts import Look
from assess.render.formats import formats_of
from assess.usecases.comparisons import Peers
from assess.web.choices import INDUSTRIES, REGIONS, SIZES
from assess.web.languages import current_language, gettext

MARKS = ("tails", "quartiles", "median", "own", "peers", "place")


@dataclass(frozen=True)
class PeersView:
    """said is the report's section (None: neither peers nor published figures), chart empty without figures.

    labels name the columns; groups are (key, words); is_made_up: a sample, which is not compared with real organisations.
    """

    said: Benchmark | None
    chart: Markup
    labels: dict[str, str]
    groups: tuple[tuple[str, str], ...]
    chosen: str
    waits: bool
    is_made_up: bool


def view_peers(evaluation: Evaluation, peers: Peers | None) -> PeersView:
    """Everything the page shows of the peers, in the current language."""
    language = current_language()
    words = Words(language, load_phrases().in_language(language), formats_of(language))
    compared = replace(evaluation, comparison=None if peers is None else peers.comparison)
    said = benchmark(Setting(compared, words, dict.fromkeys(SECTIONS, "")))
    labels = {name: words.say(f"label.{name}") for name in MARKS}
    return PeersView(
        said=said,
        chart=_chart(said, [labels[name] for name in MARKS[:4]]) if said is not None and said.rows else Markup(),
        labels=labels,
        groups=() if peers is None else tuple((key, group_name(cell)) for key, cell in peers.offered),
        chosen="" if peers is None else peers.chosen,
        waits=peers is not None and peers.waits,
        is_made_up=peers is None,
    )


def group_name(cell: Cell) -> str:
    """A group in words; segments that people typed in files stay as they were typed."""
    known = (INDUSTRIES, REGIONS, SIZES)
    words = [str(names.get(value, value)) for value, names in zip(cell, known, strict=True) if value is not None]
    return " · ".join(words) if words else gettext("All organisations")


def _chart(said: Benchmark, names: list[str]) -> Markup:
    svg = charts.bands(said.rows, names, Look("inherit", current_language()), said.chart_title, said.chart_text)
    return Markup(svg)  # noqa: S704 - drawn by charts, which escapes every text
