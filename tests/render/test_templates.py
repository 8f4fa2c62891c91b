"""A style's templates: what they lack comes from full, what they may not do they can't, what is wrong has its line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from assess.content.questionnaires import load_folder
from assess.core.brand import Brand, Logo
from assess.core.colours import palette
from assess.core.errors import Invalid
from assess.core.report import ReportContent
from assess.render.documents import render
from assess.render.html import page_for_print, render_html
from assess.resources import REPORTS
from tests.render.test_images import picture
from tests.reports import report_of

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return replace(report_of(load_folder(VECTORS / "mini")), style="own", sections=("summary",))


def own(tmp_path: Path, **files: str) -> tuple[Path, ...]:
    """A folder of styles with one, `own`; __ in a name stands for a slash."""
    for name, text in files.items():
        path = tmp_path / "own" / name.replace("__", "/").replace("_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return (tmp_path, REPORTS)


def html_of(content: ReportContent, folders: tuple[Path, ...]) -> str:
    return render_html(content, folders).decode()


def test_what_a_style_lacks_comes_from_full(tmp_path: Path, content: ReportContent) -> None:
    assert content.summary.heading.finding in html_of(content, own(tmp_path))


def test_a_template_of_the_same_name_takes_its_place_and_may_hold_the_shipped_one(
    tmp_path: Path, content: ReportContent
) -> None:
    folders = own(
        tmp_path, sections__summary_html='<p id="mine">{{ report.cover.client }}</p>{% include "full/sections/summary.html" %}'
    )
    html = html_of(content, folders)
    assert '<p id="mine">Acme</p>' in html
    assert content.summary.heading.finding in html


def test_a_frame_of_its_own_fills_the_blocks_of_the_shipped_one(tmp_path: Path, content: ReportContent) -> None:
    html = html_of(
        content, own(tmp_path, report_html='{% extends "full/report.html" %}{% block cover %}No cover{% endblock %}')
    )
    assert "No cover" in html
    assert 'class="cover"' not in html


def test_an_own_sheet_comes_after_all_others_and_names_colours_of_the_brand(tmp_path: Path, content: ReportContent) -> None:
    branded = replace(content, brand=Brand(primary="#7b1fa2").figures)
    folders = own(tmp_path, style_css="h1 { color: var(--accent) } /* mine */")
    screen, paper = html_of(branded, folders), page_for_print(branded, folders).html
    assert screen.index("/* mine */") > screen.index("The same report in a browser")
    assert "--accent: #7b1fa2" in screen
    assert "h1 { color: #7b1fa2 } /* mine */" in paper
    assert "var(--" not in paper


def test_no_colour_of_the_product_is_left_when_a_brand_has_its_own(content: ReportContent) -> None:
    full = replace(report_of(load_folder(VECTORS / "mini")), brand=Brand(primary="#7b1fa2", second="#2e7d32").figures)
    page = page_for_print(full, (REPORTS,))
    everything = page.html + "".join(svg.decode() for name, svg in page.assets.items() if name.endswith(".svg"))
    plain, made = palette(), palette("#7b1fa2", "#2e7d32")
    for name in ("accent", "accent_dark", "accent_soft", "warm", "warm_dark"):
        assert getattr(plain, name) not in everything, name
        assert getattr(made, name) in everything, name


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("fine\n{% if %}", 2),
        ("\n\n{{ report.cover.nothing }}", 3),
        ("{{ unknown }}", 1),
        ("\n{% include 'sections/none.html' %}", 2),
        ("\n{{ report.steps[99].heading }}", 2),
        ("\n{{ 1 / 0 }}", 2),
        ("{{ report.cover.client | nofilter }}", 1),
        ("\n{{ chart.bands(report.cover) }}", 2),
    ],
)
def test_a_broken_template_is_named_with_file_and_line(
    tmp_path: Path, content: ReportContent, template: str, line: int
) -> None:
    with pytest.raises(Invalid) as caught:
        html_of(content, own(tmp_path, sections__summary_html=template))
    (problem,) = caught.value.problems
    assert problem.file.endswith("own/sections/summary.html")
    assert problem.line == line


def test_every_template_that_can_t_be_read_is_named_at_once(tmp_path: Path, content: ReportContent) -> None:
    folders = own(
        tmp_path,
        sections__summary_html="{% if %}",
        sections__cover_html="\n{{ }",
        report_html="{% extends 'full/report.html' %}",
    )
    with pytest.raises(Invalid) as caught:
        html_of(content, folders)
    assert len(caught.value.problems) == 2


def test_an_unknown_colour_is_named_with_its_line(tmp_path: Path, content: ReportContent) -> None:
    with pytest.raises(Invalid, match=r"own/style\.css:2: there is no colour --accnt"):
        html_of(content, own(tmp_path, style_css="h1 { margin: 0 }\nh2 { color: var(--accnt) }"))


@pytest.mark.parametrize(
    "attack",
    [
        "{{ report.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{{ chart.logo.__func__.__globals__ }}",
        "{{ chart._place('x', 'y', 'z') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ '{0.__class__}'.format(report) }}",
        "{{ report | attr('__class__') }}",
        "{% include '/etc/passwd' %}",
        "{% include '../../../../../../etc/passwd' %}",
        "{{ report.sections.append('x') }}",
        "{{ chart.assets.update({'asset:x': 'y'}) }}",
        "{% for n in range(10000000) %}{% endfor %}",
    ],
)
def test_a_template_can_reach_neither_python_nor_files(tmp_path: Path, content: ReportContent, attack: str) -> None:
    with pytest.raises(Invalid):
        page_for_print(content, own(tmp_path, sections__summary_html=attack))


def test_what_a_style_fetches_from_outside_never_arrives(tmp_path: Path, content: ReportContent) -> None:
    folders = own(tmp_path, style_css="body { background: url(file:///etc/passwd) } @import 'http://localhost:9/x.css';")
    assert b"root:x:0" not in render(content, "pdf", folders)


def test_links_lead_only_to_what_the_style_holds(tmp_path: Path, content: ReportContent) -> None:
    folders = own(tmp_path, sections__summary_html='<p id="here"></p><a href="#here">yes</a><a href="#step-s1">no</a>')
    html = html_of(content, folders)
    assert '<a href="#here">yes</a>' in html
    assert "<a>no</a>" in html


def test_logos_stand_on_the_cover_with_their_words_in_every_format(content: ReportContent) -> None:
    from assess.render.images import make_logo

    logo = make_logo(picture(), "Northwind Advisory")
    brand = Brand(name="Northwind", footer="Leeds; } body {", facilitator=logo)
    branded = replace(content, style="full", brand=brand.figures)
    screen = render(branded, "html", (REPORTS,), brand.pictures).decode()
    assert 'alt="Northwind Advisory"' in screen
    assert "data:image/png;base64," in screen
    page = page_for_print(branded, (REPORTS,), brand.pictures)
    assert page.assets[f"asset:logo/{logo.sha256}.png"] == logo.png
    assert logo.sha256 in render(branded, "json").decode()
    assert render(branded, "pdf", (REPORTS,), brand.pictures).startswith(b"%PDF")


def test_a_report_without_logos_has_no_place_for_them(content: ReportContent) -> None:
    assert 'class="logos"' not in html_of(replace(content, style="full"), (REPORTS,))


def test_a_logo_that_can_t_be_seen_on_white_gets_a_dark_ground(content: ReportContent) -> None:
    logo = Logo(picture(), 60, 20, "White", is_light=True)
    brand = Brand(client=logo)
    html = render_html(replace(content, style="full", brand=brand.figures), (REPORTS,), brand.pictures).decode()
    assert 'class="logo plate"' in html
