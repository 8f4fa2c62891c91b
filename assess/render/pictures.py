"""The charts as pictures for office files: the same drawings as on paper, in our own fonts, at twice their size."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assess.core.colours import Palette
from assess.core.report.values import (
    Benchmark,
    Concentration,
    Disputed,
    Plan,
    Profile,
    Profit,
    Progress,
    ReportContent,
    Sheet,
    StageLadder,
    StepPage,
    Term,
    Tiers,
    Wallet,
)
from assess.render import fonts
from assess.render.charts import Look
from assess.render.html import Charts
from assess.resources import FONTS

SCALE = 2
FILE_FAMILIES = {
    fonts.LATIN: "Noto Sans",
    fonts.SYMBOLS: "Noto Sans Symbols 2",
    fonts.TRADITIONAL: "Noto Sans TC",
    fonts.SIMPLIFIED: "Noto Sans SC",
}
"""Our family -> the name in its files: the rasteriser knows fonts by no other."""
_SIZE = re.compile(r'<svg [^>]*?\bwidth="([0-9.]+)" height="([0-9.]+)"')


@dataclass(frozen=True)
class Picture:
    """A PNG with its size on paper in px of 1/96 inch, the finding it shows and what it shows in words."""

    png: bytes
    width: float
    height: float
    title: str
    text: str

    @property
    def alternative(self) -> str:
        return f"{self.title}. {self.text}" if self.text else self.title


def rasterise(svg: str, language: str, title: str, text: str) -> Picture:
    """The drawing as a picture, with no other font than ours."""
    import resvg_py

    shown = fonts.printable(svg)
    size = _SIZE.search(shown)
    if size is None:
        raise ValueError("the drawing has no size")
    families = fonts.needed_families(language, shown)
    files = dict.fromkeys(str(FONTS / face.file) for face in fonts.FACES if face.family in families)
    png = resvg_py.svg_to_bytes(
        svg_string=shown, font_files=list(files), skip_system_fonts=True, zoom=SCALE, background="#ffffff"
    )
    return Picture(bytes(png), float(size[1]), float(size[2]), title, text)


def file_look(language: str, palette: Palette) -> Look:
    """The look of charts whose fonts are asked for by the names in their files."""
    return Look(", ".join(f"'{FILE_FAMILIES[name]}'" for name in fonts.STACKS[language]), language, palette)


@dataclass(frozen=True)
class Pictures:
    """Draws the charts of one report as pictures."""

    content: ReportContent

    @property
    def charts(self) -> Charts:
        return Charts(self.content, file_look(self.content.language, self.content.brand.palette))

    def profile(self, part: Profile) -> Picture:
        return self._made(self.charts.profile(part), part.chart_title, part.chart_text)

    def steps(self, part: Profile) -> Picture:
        """The profile as bars."""
        return self._made(self.charts.steps(part), part.chart_title, part.chart_text)

    def dumbbells(self, part: Progress) -> Picture:
        return self._made(self.charts.dumbbells(part), part.chart_title, part.chart_text)

    def items(self, page: StepPage) -> Picture:
        return self._made(self.charts.items(page), page.chart_title, page.chart_text)

    def roles(self, page: StepPage) -> Picture:
        return self._made(self.charts.roles(page), page.roles_title, page.roles_text)

    def distribution(self, disputed: Disputed) -> Picture:
        return self._made(self.charts.distribution(disputed), disputed.title, disputed.chart_text)

    def bands(self, part: Benchmark) -> Picture:
        return self._made(self.charts.bands(part), part.chart_title, part.chart_text)

    def gantt(self, plan: Plan) -> list[Picture]:
        """As many as the plan needs, each fit for a page."""
        return [self._made(svg, plan.chart_title, plan.chart_text) for svg in self.charts.gantt(plan)]

    def first_part(self, plan: Plan, sheets: Sequence[Sheet]) -> Picture:
        """The time line of the first initiatives alone, with an axis as long as they are."""
        weeks = max(sheet.end_week for sheet in sheets)
        spans = tuple(span for span in plan.spans if span.start_week < weeks)
        shown = replace(plan, sheets=tuple(sheets), weeks=weeks, spans=spans, ticks=_ticks_within(plan.ticks, weeks))
        return self._made(self.charts.gantt(shown)[0], plan.chart_title, plan.chart_text)

    def lorenz(self, part: Concentration) -> Picture:
        return self._made(self.charts.lorenz(part), part.curve_title, part.curve_text)

    def by_year(self, part: Concentration) -> Picture:
        return self._made(self.charts.by_year(part), part.title, part.text)

    def tiers(self, part: Tiers) -> Picture:
        return self._made(self.charts.tiers(part), part.title, part.text)

    def ladder(self, part: StageLadder) -> Picture:
        return self._made(self.charts.ladder(part), part.title, part.text)

    def share_growth(self, part: Wallet) -> Picture:
        return self._made(self.charts.share_growth(part), part.title, part.text)

    def rank_shift(self, part: Profit) -> Picture:
        return self._made(self.charts.rank_shift(part), part.title, part.text)

    def _made(self, svg: str, title: str, text: str) -> Picture:
        return rasterise(str(svg), self.content.language, title, text)


def _ticks_within(ticks: Sequence[Term], weeks: int) -> tuple[Term, ...]:
    return tuple(tick for tick in ticks if float(tick.name) <= weeks)
