"""Every page measured: nothing outside, nothing cut, no heading at its foot, no page nearly empty but at a chapter's end."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from assess.core.brand import Brand, Logo
from assess.core.questionnaire import LANGUAGES
from assess.resources import REPORTS
from assess.usecases.reports import compose_report
from tests.render.edges import EDGES, sample
from tests.render.paper import Sheet, sheets_of
from tests.render.test_images import picture

SAMPLES = ("beginner", "advanced")
FULL = [("beginner", "zh-Hans", "letter"), ("advanced", "en", "a4")]
QUARTER = 0.25


@cache
def pages(what: str, style: str, language: str, paper: str) -> list[Sheet]:
    evaluation = EDGES[what]() if what in EDGES else sample(what)
    return sheets_of(compose_report(evaluation, style=style, language=language, paper=paper))


def check(sheets: list[Sheet]) -> None:
    for sheet in sheets:
        assert not sheet.outside, (sheet.number, sheet.outside[:3])
        assert not sheet.too_wide, (sheet.number, sheet.too_wide[:3])
        assert sheet.last is not None, f"page {sheet.number} is empty"
        assert not sheet.last.is_heading, (sheet.number, sheet.last.text)
    for sheet, following in pairwise(sheets):
        assert sheet.fill >= QUARTER or following.begins, (sheet.number, round(sheet.fill, 2))


@pytest.mark.parametrize(("what", "language", "paper"), FULL)
def test_the_full_report_of_the_samples_fills_its_pages(what: str, language: str, paper: str) -> None:
    check(pages(what, "full", language, paper))


@pytest.mark.parametrize("what", EDGES)
def test_the_full_report_holds_at_the_edges(what: str) -> None:
    check(pages(what, "full", "zh-Hans" if what == "crowd" else "en", "letter"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", [*SAMPLES, *EDGES])
def test_the_brief_is_two_pages_whatever_was_answered(what: str, language: str) -> None:
    sheets = pages(what, "brief", language, "letter" if language == "en" else "a4")
    assert len(sheets) == 2
    check(sheets)


@pytest.mark.parametrize(("what", "language"), [("advanced", "zh-Hant"), ("nothing", "en")])
def test_the_roadmap_alone_fills_its_pages(what: str, language: str) -> None:
    check(pages(what, "roadmap", language, "a4"))


@pytest.mark.parametrize("what", SAMPLES)
def test_steps_of_six_items_take_two_pages_on_both_papers(what: str) -> None:
    for asked, language, paper in FULL:
        if asked == what:
            sheets = pages(what, "full", language, paper)
            starts = [s.number for s in sheets if any("item" in c for m in s.marks for _, c in m.around) and s.begins]
            assert all(after - before == 2 for before, after in pairwise(starts[:7]))


@pytest.mark.parametrize("size", [(16, 16), (1024, 1024), (1024, 5), (5, 1024), (1024, 400)])
def test_logos_of_every_shape_leave_cover_and_brief_as_they_are(size: tuple[int, int]) -> None:
    logo = Logo(picture(size), *size, "Logo")
    brand = Brand(name="N" * 120, footer="F" * 120, facilitator=logo, client=logo)
    for style, count in (("brief", 2), ("roadmap", None)):
        content = compose_report(EDGES["one step"](), style=style, language="en", brand=brand)
        sheets = sheets_of(content, (REPORTS,), brand.pictures)
        assert count in (None, len(sheets))
        check(sheets)


def test_the_measure_itself_finds_what_is_wrong() -> None:
    sheet = pages("nothing", "brief", "en", "a4")[0]
    assert 0.2 < sheet.fill < 1
    assert any(mark.is_heading for mark in sheet.marks)
    narrow = Sheet(1, sheet.left, sheet.left + 40, sheet.top, sheet.bottom, sheet.marks, (), ())
    assert narrow.outside
