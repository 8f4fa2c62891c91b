"""The page setter is hastened: the same pages with and without, and nothing is left behind."""

from __future__ import annotations

import io
import logging
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageChops

from assess.content.questionnaires import load_folder
from assess.render import haste, pdf
from assess.render.html import Page, page_for_print
from assess.resources import REPORTS
from tests.reports import assessment, peers, report_of

VECTORS = Path(__file__).parent.parent / "vectors"


@contextmanager
def as_it_comes() -> Iterator[bool]:
    yield False


@pytest.fixture(scope="module", params=["en", "zh-Hant"])
def page(request: pytest.FixtureRequest) -> Page:
    small = load_folder(VECTORS / "mini")
    changed = {"respondents": assessment(small).respondents, "sample": True}
    return page_for_print(report_of(small, request.param, given=peers(12), **changed), (REPORTS,))


def pictures(document: bytes, folder: Path) -> list[Image.Image]:
    folder.mkdir()
    subprocess.run(["pdftoppm", "-gray", "-r", "50", "-", str(folder / "p")], input=document, check=True)
    return [Image.open(path) for path in sorted(folder.iterdir())]


def test_the_pages_are_those_of_the_library_as_it_comes(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Labels in charts may move by a fraction of a point: set as words, they have the font's own spacing."""
    caplog.set_level(logging.WARNING, "weasyprint")
    fast = pdf.set_pages(pdf.load_weasyprint(), page)
    monkeypatch.setattr(haste, "hastened", as_it_comes)
    slow = pdf.set_pages(pdf.load_weasyprint(), page)
    assert not caplog.records
    ours, theirs = pictures(fast, tmp_path / "fast"), pictures(slow, tmp_path / "slow")
    assert len(ours) == len(theirs) > 5
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        dark = sum(ImageChops.difference(one, other).histogram()[96:])
        assert dark < 0.002 * one.width * one.height, f"page {number}: {dark} pixels differ"
    assert len(fast) < len(slow)


def test_a_label_in_a_chart_is_one_string_that_can_be_found() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="300" height="60" font-family="KAM Latin" lang="en">'
    texts = [
        f'<text x="150" y="{20 * n}" text-anchor="{side}">Word</text>' for n, side in enumerate(("start", "middle", "end"), 1)
    ]
    html = '<html lang="en"><title>t</title><style>/*f*/</style><p><img src="asset:c.svg" alt="chart">'
    from assess.render import fonts

    page = Page(
        html.replace("/*f*/", fonts.face_rules((fonts.LATIN,))),
        {"asset:c.svg": (svg + "".join(texts) + "</svg>").encode(), **fonts.face_assets((fonts.LATIN,))},
    )
    with pikepdf.open(io.BytesIO(pdf.set_pages(pdf.load_weasyprint(), page))) as document:
        drawn = document.pages[0].Contents.read_bytes()
    places = [float(x) for x in re.findall(rb"1 0 0 -1 ([0-9.]+) [0-9.]+ Tm", drawn)]
    assert len(places) == 3
    start, middle, end = places
    assert start == 150
    assert start - middle == pytest.approx((start - end) / 2)
    assert 25 < start - end < 60


def test_the_replacements_hold_only_inside() -> None:
    pdf.load_weasyprint()
    from weasyprint.text.line_break import Layout

    before = Layout.setup
    with haste.hastened() as is_on:
        assert is_on
        assert Layout.setup is not before
    assert Layout.setup is before


def test_another_version_is_left_as_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(haste.VERSIONS, "weasyprint", "69.0")
    with haste.hastened() as is_on:
        assert not is_on


def test_the_replacements_are_for_the_locked_versions() -> None:
    assert haste.is_known(), "WeasyPrint or pydyf is newer: read assess/render/haste against it, then name its version there"
