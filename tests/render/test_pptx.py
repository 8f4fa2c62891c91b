"""The slides: how many, what they say, that nothing overflows, languages, bytes."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.util import Pt

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report import ReportContent
from assess.render.documents import render
from assess.render.pptx_fit import ELLIPSIS, cut, fit, height, lines
from tests.render.office_files import HOSTILE, deck, empty, hostile, part, slide_tables, whole

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="module")
def mini() -> Questionnaire:
    return load_folder(VECTORS / "mini")


@pytest.fixture(scope="module")
def contents(mini: Questionnaire) -> dict[str, ReportContent]:
    return {language: whole(mini, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def files(contents: dict[str, ReportContent]) -> dict[str, bytes]:
    return {language: render(content, "pptx") for language, content in contents.items()}


def titles(content: bytes) -> list[str]:
    return [slide.shapes.title.text for slide in deck(content).slides]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_meeting_gets_eight_to_twelve_slides_of_sixteen_by_nine(files: dict[str, bytes], language: str) -> None:
    made = deck(files[language])
    assert 8 <= len(made.slides) <= 12
    assert round(made.slide_width / made.slide_height, 2) == 1.78


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_is_a_finding_of_the_report(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    content = contents[language]
    found = titles(files[language])
    assert content.profile is not None
    assert content.perceptions is not None
    assert content.benchmark is not None
    assert content.plan is not None
    assert found[0] == content.cover.title
    for heading in (content.summary, content.profile, content.perceptions, content.benchmark, content.plan, content.reading):
        assert heading.heading.finding in found
    assert len(set(found)) == len(found)
    assert all(found)


def test_the_notes_say_where_the_numbers_come_from(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    content = contents["en"]
    notes = [slide.notes_slide.notes_text_frame.text for slide in deck(files["en"]).slides]
    assert all(content.labels["numbers_from"] in text for text in notes[1:])
    assert all(content.cover.date.text in text for text in notes[1:])
    assert all(term.text in notes[0] for term in content.cover.facts)


@pytest.mark.parametrize("language", LANGUAGES)
def test_slides_are_numbered_and_have_a_footer(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    for slide in list(deck(files[language]).slides)[1:]:
        kinds = {shape.placeholder_format.type: shape for shape in slide.placeholders}
        assert contents[language].cover.client in kinds[PP_PLACEHOLDER.FOOTER].text
        assert contents[language].cover.sample in kinds[PP_PLACEHOLDER.FOOTER].text
        assert kinds[PP_PLACEHOLDER.SLIDE_NUMBER]._element.find(f".//{qn('a:fld')}").get("type") == "slidenum"


@pytest.mark.parametrize("language", LANGUAGES)
def test_pictures_say_what_they_show_and_tables_what_they_hold(files: dict[str, bytes], language: str) -> None:
    pictures = 0
    for slide in deck(files[language]).slides:
        for shape in slide.shapes:
            if shape.shape_type == MSO_SHAPE_TYPE.PICTURE:
                pictures += 1
                assert len(shape._element.nvPicPr.cNvPr.get("descr")) > 20
            if shape.has_table:
                assert shape.table.first_row
                assert shape._element.nvGraphicFramePr.cNvPr.get("descr")
    assert pictures >= 3


def inside(content: bytes) -> None:
    """Every box lies on the slide, and every text in its box by our measure."""
    made = deck(content)
    language = {"en-GB": "en", "zh-TW": "zh-Hant", "zh-CN": "zh-Hans"}[made.core_properties.language]
    for slide in made.slides:
        for shape in slide.shapes:
            assert shape.left >= 0
            assert shape.top >= 0
            assert shape.left + shape.width <= made.slide_width + 10
            assert shape.top + shape.height <= made.slide_height + 10
            if shape.has_text_frame and shape.text_frame.text:
                texts = [p.text.replace("\v", "\n") for p in shape.text_frame.paragraphs]
                runs = [run for p in shape.text_frame.paragraphs for run in p.runs]
                if not runs or runs[0].font.size is None:
                    continue
                room = (shape.width - shape.text_frame.margin_left - shape.text_frame.margin_right) / Pt(1)
                bold = any(run.font.bold for run in runs)
                needed = height(texts, runs[0].font.size.pt, room, language, bold=bold)
                assert needed <= shape.height / Pt(1) + 1, (texts, needed)
            if shape.has_table:
                assert sum(row.height for row in shape.table.rows) <= made.slide_height - shape.top


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_overflows(files: dict[str, bytes], language: str) -> None:
    inside(files[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_people_write_stays_inside_and_stays_text(mini: Questionnaire, language: str) -> None:
    made = render(hostile(mini, language), "pptx")
    inside(made)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
        relations = b"".join(package.read(name) for name in package.namelist() if name.endswith(".rels"))
    assert b"passwd" not in relations
    assert b"hyperlink" not in relations
    assert ELLIPSIS in "".join(shape.text_frame.text for shape in deck(made).slides[0].shapes if shape.has_text_frame)


def test_the_heat_map_is_a_native_table_with_its_numbers(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    said = contents["en"].perceptions
    assert said is not None
    slide = next(slide for slide in deck(files["en"]).slides if slide.shapes.title.text == said.heading.finding)
    rows = slide_tables(slide)[0][1:]
    assert [[text.split("\v")[0].split("\n")[0] for text in row[1:]] for row in rows] == [
        [cell.score.text for cell in row.cells] for row in said.rows
    ]


def test_a_report_of_nothing_makes_the_slides_it_can(mini: Questionnaire) -> None:
    content = empty(mini)
    made = render(content, "pptx")
    assert content.summary.heading.finding in titles(made)
    assert len(deck(made).slides) >= 4
    inside(made)


@pytest.mark.parametrize("language", LANGUAGES)
def test_language_and_fonts_are_those_of_the_report(files: dict[str, bytes], language: str) -> None:
    theme = next(part(files[language], name) for name in names(files[language]) if name.startswith("ppt/theme/theme1"))
    assert ("Microsoft YaHei" in theme) == (language == "zh-Hans")
    assert 'typeface="Arial"' in theme
    tag = {"en": "en-GB", "zh-Hant": "zh-TW", "zh-Hans": "zh-CN"}[language]
    slide = etree.fromstring(part(files[language], "ppt/slides/slide2.xml").encode())
    assert {look.get("lang") for look in slide.iter(qn("a:rPr"))} == {tag}


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.namelist()


def test_only_the_layouts_that_are_used_come_along(files: dict[str, bytes]) -> None:
    assert len([name for name in names(files["en"]) if name.startswith("ppt/slideLayouts/slideLayout")]) == 2
    assert not [name for name in names(files["en"]) if "thumbnail" in name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_report_gives_the_same_bytes(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    assert render(contents[language], "pptx") == files[language]
    properties = deck(files[language]).core_properties
    assert properties.created.date().isoformat() == "2026-11-21"


def test_a_brand_colours_the_theme(contents: dict[str, ReportContent]) -> None:
    content = contents["en"]
    palette = replace(content.brand.palette, accent="#123456", band="#0a1b2c")
    made = render(replace(content, brand=replace(content.brand, palette=palette)), "pptx")
    assert "123456" in part(made, "ppt/theme/theme1.xml")
    assert "0A1B2C" in part(made, "ppt/slides/slide1.xml")


def test_a_line_holds_as_many_words_as_fit() -> None:
    assert lines("one two", 10, 1000) == 1
    assert lines("one two", 10, 30) == 2
    assert lines("長" * 10, 10, 50) == 2
    assert lines("W" * 100, 10, 100) > 5
    assert lines("a\nb", 10, 1000) == 2


def test_text_is_as_large_as_it_can_be_and_cut_only_at_the_end() -> None:
    assert fit(["short"], (500, 100), (20, 10), "en") == (20, ["short"])
    size, texts = fit(["word " * 400, "kept"], (200, 60), (20, 10), "en")
    assert size == 10
    assert texts[0].endswith(ELLIPSIS)
    assert texts[1] == "kept"
    assert height(texts, 10, 200, "en") <= 60
    assert cut("one two three", 9) == f"one two{ELLIPSIS}"


def test_short_texts_of_many_lines_are_left_out_when_they_do_not_fit() -> None:
    _, texts = fit(["1\n2\n3\n4"] * 5, (180.0, 70.0), (14.0, 10.0), "zh-Hans")
    assert texts == ["1\n2\n3\n4"]


@given(st.lists(st.text(max_size=300), min_size=1, max_size=5))
def test_fitted_text_always_fits(texts: list[str]) -> None:
    size, shown = fit(texts, (180.0, 70.0), (14.0, 10.0), "zh-Hans")
    assert height(shown, size, 180, "zh-Hans") <= 70.0


def test_the_worst_texts_are_cut_in_little_time() -> None:
    size, texts = fit([HOSTILE] * 6, (300.0, 200.0), (18.0, 11.0), "en")
    assert height(texts, size, 300, "en") <= 200
