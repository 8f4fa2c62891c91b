"""The report as HTML: for the screen one self-contained file, for the page setter with its pictures as assets."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as quoted
from pathlib import Path

from markupsafe import Markup

from assess.core.brand import fit_logo
from assess.core.report.values import Benchmark as BenchmarkPart
from assess.core.report.values import (
    Concentration,
    Disputed,
    LogoMark,
    Plan,
    Profile,
    Profit,
    Progress,
    ReportContent,
    StageLadder,
    StepPage,
    Tiers,
    Wallet,
)
from assess.render import charts, fonts
from assess.render.charts import Look
from assess.render.templates import fill, style_sheets

PRINT_STYLES, SCREEN_STYLES = ("look.css", "print.css"), ("look.css", "screen.css")


@dataclass(frozen=True)
class Page:
    """An HTML text and what it refers to, address -> bytes."""

    html: str
    assets: Mapping[str, bytes] = field(default_factory=dict)


def render_html(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes] | None = None) -> bytes:
    """One file without any outside reference: styles and pictures are in it, fonts are those of the system.

    pictures: sha256 -> PNG of each logo.
    """
    look = Look(fonts.SCREEN_STACKS[content.language], content.language, content.brand.palette)
    css = style_sheets(content.style, folders, SCREEN_STYLES, content.brand.palette, variables=True)
    css += f":root {{ font-family: {look.font} }}"
    return fonts.harmless(_fill(content, folders, "screen", css, Charts(content, look, None, pictures or {}))).encode()


def page_for_print(content: ReportContent, folders: Sequence[Path], pictures: Mapping[str, bytes] | None = None) -> Page:
    """What the page setter gets: every character in our fonts, charts, logos and fonts as assets."""
    look = Look(fonts.family(content.language), content.language, content.brand.palette)
    drawn: dict[str, bytes] = {}
    css = style_sheets(content.style, folders, PRINT_STYLES, content.brand.palette, variables=False)
    html = fonts.printable(_fill(content, folders, "print", css, Charts(content, look, drawn, pictures or {})))
    charts_text = "".join(svg.decode() for svg in drawn.values())
    families = fonts.needed_families(content.language, html + charts_text)
    html = html.replace("/*FONTS*/", fonts.face_rules(families) + _font_rules(content.language, families), 1)
    given, needed = (quoted(font).encode() for font in (look.font, fonts.family(content.language, families)))
    charts = {address: svg.replace(given, needed) for address, svg in drawn.items()}
    logos = {_logo_address(key): png for key, png in (pictures or {}).items()}
    return Page(html, {**charts, **logos, **fonts.face_assets(families)})


def _logo_address(sha256: str) -> str:
    return f"asset:logo/{sha256}.png"


def _font_rules(language: str, families: tuple[str, ...]) -> str:
    """Only the families the text needs: each one named is asked for every run of text, loaded or not.

    Families don't reach the margin boxes by inheritance, so the page is told too.
    """
    font = fonts.family(language, families)
    rules = f"@page {{ font-family: {font} }} :root {{ font-family: {font} }}"
    english = fonts.family("en", families)
    return rules if english == font else f"{rules} :lang(en) {{ font-family: {english} }}"


def _fill(content: ReportContent, folders: Sequence[Path], medium: str, css: str, drawing: Charts) -> str:
    values = {
        "report": content,
        "labels": content.labels,
        "medium": medium,
        "css": Markup(css),  # noqa: S704 - style sheets of an installation
        "chart": drawing,
    }
    return fill(content.style, folders, values)


@dataclass(frozen=True)
class Charts:
    """Draws the charts of one report: as assets when there is somewhere to put them, else inline."""

    content: ReportContent
    look: Look
    assets: dict[str, bytes] | None = None
    pictures: Mapping[str, bytes] = field(default_factory=dict)

    def logo(self, mark: LogoMark, width: float, height: float) -> Markup:
        """The logo in a field of that many mm; on screen its bytes are in the page."""
        wide, tall = fit_logo(mark, width, height)
        inside = f"data:image/png;base64,{b64encode(self.pictures[mark.sha256]).decode('ascii')}"
        address = inside if self.assets is None else _logo_address(mark.sha256)
        size = f"width: {wide:g}mm; height: {tall:g}mm"
        plate = " plate" if mark.is_light else ""
        return Markup('<img class="logo{}" src="{}" alt="{}" style="{}">').format(plate, address, mark.text, size)

    def profile(self, part: Profile) -> Markup:
        return self._profile(charts.radar if part.is_radar else charts.steps, part)

    def _profile(self, draw: Callable[..., str], part: Profile) -> Markup:
        labels = self.content.labels
        series = [("target", labels["target"]), ("evidenced", labels["evidenced"]), ("claimed", labels["claimed"])]
        if part.has_peers:
            series.insert(1, ("peer", labels["peer_median"]))
        return self._place(
            draw(part.rows, series, self.look, part.chart_title, part.chart_text), part.chart_title, part.chart_text
        )

    def steps(self, part: Profile) -> Markup:
        """The profile as bars, where there is less room than a radar takes."""
        return self._profile(charts.steps, part)

    def items(self, page: StepPage) -> Markup:
        names = [self.content.labels[name] for name in ("claimed", "evidenced", "range", "target", "gate")]
        svg = charts.items(page.items, page.target.value, names, self.look, page.chart_title, page.chart_text)
        return self._place(svg, page.chart_title, page.chart_text)

    def roles(self, page: StepPage) -> Markup:
        svg = charts.roles(page.roles, self.look, page.roles_title, page.roles_text)
        return self._place(svg, page.roles_title, page.roles_text)

    def distribution(self, disputed: Disputed) -> Markup:
        return self._place(charts.distribution(disputed, self.look), disputed.title, disputed.chart_text)

    def bands(self, part: BenchmarkPart) -> Markup:
        names = [self.content.labels[name] for name in ("tails", "quartiles", "median", "own")]
        svg = charts.bands(part.rows, names, self.look, part.chart_title, part.chart_text)
        return self._place(svg, part.chart_title, part.chart_text)

    def dumbbells(self, part: Progress) -> Markup:
        names = [*(self.content.labels[name] for name in ("claimed", "evidenced")), *(fact.name for fact in part.facts[:2])]
        svg = charts.dumbbells(part.rows, names, self.look, part.chart_title, part.chart_text)
        return self._place(svg, part.chart_title, part.chart_text)

    def lorenz(self, part: Concentration) -> Markup:
        names = self._names("accounts_share", "revenue_share", "equal_shares")
        svg = charts.lorenz(part.curve, names, self.look, part.curve_title, part.curve_text)
        return self._place(svg, part.curve_title, part.curve_text)

    def by_year(self, part: Concentration) -> Markup:
        svg = charts.by_year(part.rows[:-1], self._names("largest", "ten_largest"), self.look, part.title, part.text)
        return self._place(svg, part.title, part.text)

    def tiers(self, part: Tiers) -> Markup:
        rows = [(row.name, row.accounts, row.share) for row in part.rows]
        return self._bars(rows, self._names("account_count", "revenue_share"), part.title, part.text)

    def ladder(self, part: StageLadder) -> Markup:
        rows = [(f"{row.stage}  {row.name}", row.accounts, row.share) for row in part.rows]
        return self._bars(rows, self._names("account_count", "accounts_share"), part.title, part.text)

    def _bars(self, rows: Sequence[charts.Bar], names: Sequence[str], title: str, text: str) -> Markup:
        return self._place(charts.bars(rows, names, self.look, title, text), title, text)

    def share_growth(self, part: Wallet) -> Markup:
        names = self._names("share_of_wallet", "relative_growth", "key_account", "other_account")
        return self._place(charts.share_growth(part, names, self.look), part.title, part.text)

    def rank_shift(self, part: Profit) -> Markup:
        names = self._names("revenue_rank", "contribution_rank", "unprofitable")
        return self._place(charts.rank_shift(part.rows, names, self.look, part.title, part.text), part.title, part.text)

    def _names(self, *labels: str) -> list[str]:
        return [self.content.labels[label] for label in labels]

    def gantt(self, plan: Plan) -> list[Markup]:
        """As many charts as the plan needs, each fit for a page."""
        names = [self.content.labels[name] for name in ("initiative", "quick_win", "enabler", "depends")]
        title, text = plan.chart_title, plan.chart_text
        return [
            self._place(charts.gantt(plan, sheets, names, self.look, title, text), title, text)
            for sheets in charts.gantt_parts(plan.sheets)
        ]

    def _place(self, svg: str, title: str, text: str) -> Markup:
        if self.assets is None:
            return Markup(svg)  # noqa: S704 - drawn by charts, which escapes every text
        address = f"asset:chart/{len(self.assets) + 1}.svg"
        self.assets[address] = fonts.printable(svg).encode()
        return Markup('<img class="chart" src="{}" alt="{}">').format(address, f"{title}. {text}")
