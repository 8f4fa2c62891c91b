"""The report as HTML: for the screen one self-contained file, for the page setter with its charts as assets."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape as quoted
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from assess.core.errors import NotFound
from assess.core.report.values import Benchmark as BenchmarkPart
from assess.core.report.values import Disputed, Plan, Profile, ReportContent, StepPage
from assess.render import charts, fonts
from assess.render.charts import Look

TEMPLATE = "report.html"
_NUMBER = re.compile("(第?[0-9][0-9.,%]*[級级步個个項项家分人年月日頁页]|第[0-9]+|步[驟骤][0-9]+)")
PRINT_STYLES, SCREEN_STYLES = ("look.css", "print.css"), ("look.css", "screen.css")


@dataclass(frozen=True)
class Page:
    """An HTML text and what it refers to, address -> bytes."""

    html: str
    assets: Mapping[str, bytes] = field(default_factory=dict)


def render_html(content: ReportContent, folders: Sequence[Path]) -> bytes:
    """One file without any outside reference: styles and charts are in it, fonts are those of the system."""
    look = Look(fonts.SCREEN_STACKS[content.language], content.language)
    css = _styles(content, folders, SCREEN_STYLES) + f":root {{ font-family: {look.font} }}"
    return _fill(content, folders, "screen", css, Charts(content, look)).encode()


def page_for_print(content: ReportContent, folders: Sequence[Path]) -> Page:
    """What the page setter gets: every character in our fonts, charts and fonts as assets."""
    look = Look(fonts.family(content.language), content.language)
    drawn: dict[str, bytes] = {}
    css = _styles(content, folders, PRINT_STYLES)
    html = fonts.printable(_fill(content, folders, "print", css, Charts(content, look, drawn)))
    charts_text = "".join(svg.decode() for svg in drawn.values())
    families = fonts.needed_families(content.language, html + charts_text)
    html = html.replace("/*FONTS*/", fonts.face_rules(families) + _font_rules(content.language, families), 1)
    given, needed = (quoted(font).encode() for font in (look.font, fonts.family(content.language, families)))
    charts = {address: svg.replace(given, needed) for address, svg in drawn.items()}
    return Page(html, {**charts, **fonts.face_assets(families)})


def _font_rules(language: str, families: tuple[str, ...]) -> str:
    """Only the families the text needs: each one named is asked for every run of text, loaded or not.

    Families don't reach the margin boxes by inheritance, so the page is told too.
    """
    font = fonts.family(language, families)
    rules = f"@page {{ font-family: {font} }} :root {{ font-family: {font} }}"
    english = fonts.family("en", families)
    return rules if english == font else f"{rules} :lang(en) {{ font-family: {english} }}"


def _fill(content: ReportContent, folders: Sequence[Path], medium: str, css: str, drawing: Charts) -> str:
    environment = Environment(
        loader=FileSystemLoader([str(folder / content.style) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["css_string"] = css_string
    environment.filters["shorten"] = shorten
    environment.filters["keep"] = keep_numbers
    template = environment.get_template(TEMPLATE)
    return template.render(report=content, labels=content.labels, medium=medium, css=Markup(css), chart=drawing)  # noqa: S704 - our own style sheets


def _styles(content: ReportContent, folders: Sequence[Path], names: Sequence[str]) -> str:
    """The style's own sheets, from the first folder that has each."""
    texts = []
    for name in names:
        path = next((folder / content.style / name for folder in folders if (folder / content.style / name).is_file()), None)
        if path is None:
            raise NotFound(f"the report style {content.style} has no {name}")
        texts.append(path.read_text(encoding="utf-8"))
    return "\n".join(texts)


def css_string(text: str) -> Markup:
    """The text as a CSS string that can't end early, whatever stands in it.

    What is not ASCII stays as it is, so that `printable` and `needed_families` see it.
    """
    safe = "".join(char if char.isalnum() or char == " " or ord(char) > 0x7F else f"\\{ord(char):x} " for char in text)
    return Markup(f'"{safe}"')  # noqa: S704 - every ASCII character but letters, digits and spaces is escaped


def keep_numbers(text: str) -> Markup:
    """The text with Chinese numbers and their units, 第3級 or 42項, unbreakable; for headings."""
    return Markup(_NUMBER.sub(r'<span class="keep">\1</span>', str(escape(text))))  # noqa: S704 - escaped before it is marked


def shorten(text: str, width: int) -> str:
    """At most `width` columns, a Han character counting two; used in running headers only."""
    room = width
    for place, char in enumerate(text):
        room -= 2 if ord(char) > 0x2E7F else 1
        if room < 0:
            return text[:place].rstrip() + "…"
    return text


@dataclass(frozen=True)
class Charts:
    """Draws the charts of one report: as assets when there is somewhere to put them, else inline."""

    content: ReportContent
    look: Look
    assets: dict[str, bytes] | None = None

    def profile(self, part: Profile) -> Markup:
        labels = self.content.labels
        series = [("target", labels["target"]), ("evidenced", labels["evidenced"]), ("claimed", labels["claimed"])]
        if part.has_peers:
            series.insert(1, ("peer", labels["peer_median"]))
        draw: Callable[..., str] = charts.radar if part.is_radar else charts.steps
        return self._place(
            draw(part.rows, series, self.look, part.chart_title, part.chart_text), part.chart_title, part.chart_text
        )

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
