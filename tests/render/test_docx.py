"""The Word report: structure, words, links, languages, bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from docx.oxml.ns import qn
from lxml import etree

from assess.content.questionnaires import load_folder
from assess.core.colours import Palette
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report import ReportContent
from assess.core.report.compose import SECTIONS as COMPOSED
from assess.render.documents import render
from assess.render.docx_sections import SECTIONS
from assess.render.docx_xml import bookmark
from assess.render.office import UNSEEN, clean
from tests.render.office_files import document, empty, flat, hostile, part, rows_of, text_of, whole

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="module")
def mini() -> Questionnaire:
    return load_folder(VECTORS / "mini")


@pytest.fixture(scope="module")
def contents(mini: Questionnaire) -> dict[str, ReportContent]:
    return {language: whole(mini, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def files(contents: dict[str, ReportContent]) -> dict[str, bytes]:
    return {language: render(content, "docx") for language, content in contents.items()}


def body(content: bytes) -> Any:
    return document(content).element.body


def headings(content: bytes, level: int) -> list[str]:
    return [p.text for p in document(content).paragraphs if p.style.name == f"Heading {level}"]


def test_every_section_a_report_can_have_is_written() -> None:
    assert set(SECTIONS) >= set(COMPOSED)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sections_are_headings_in_the_order_of_the_report(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    wanted = [f"{entry.number} {entry.title}" for entry in contents[language].contents if entry.depth == 1]
    assert headings(files[language], 1) == wanted
    pages = [f"{page.heading.number} {page.heading.title}" for page in contents[language].steps]
    assert [heading for heading in headings(files[language], 2) if heading in pages] == pages


def test_every_item_and_every_initiative_is_a_heading_to_go_to(
    contents: dict[str, ReportContent], files: dict[str, bytes]
) -> None:
    content, found = contents["en"], headings(files["en"], 3)
    assert [f"{item.id} {item.text}" for page in content.steps for item in page.items] == found[
        : sum(len(p.items) for p in content.steps)
    ]
    assert content.plan is not None
    assert all(f"{sheet.number} {sheet.title}" in found for sheet in content.plan.sheets)


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_the_paper_says_stands_in_the_document(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    content, said = contents[language], flat("\n".join(text_of(p) for p in body(files[language]).iter(qn("w:p"))))
    assert content.plan is not None
    assert content.profile is not None
    assert content.benchmark is not None
    wanted = [
        content.cover.client,
        content.summary.heading.finding,
        *content.summary.constraint,
        *(point.text for point in (*content.summary.strengths, *content.summary.risks)),
        *(term.text for term in content.reading.rules),
        *content.profile.notes,
        *(page.cap for page in content.steps),
        *(item.text for page in content.steps for item in page.items),
        *(item.next.text for page in content.steps for item in page.items if item.next),
        *(row.place for row in content.benchmark.rows),
        *(sheet.done_when for sheet in content.plan.sheets),
        *(comment.text for remark in content.appendix.remarks for comment in remark.comments),
        *(term.text for term in content.appendix.method),
        *(term.text for term in content.appendix.fingerprints),
    ]
    assert [text for text in wanted if flat(text) not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_says_what_it_shows(contents: dict[str, ReportContent], files: dict[str, bytes], language: str) -> None:
    pictures = list(body(files[language]).iter(qn("wp:docPr")))
    assert len(pictures) >= 1 + len(contents[language].steps)
    assert all(len(each.get("descr")) > 20 for each in pictures)
    profile = contents[language].profile
    assert profile is not None
    assert f"{profile.chart_title}. {profile.chart_text}" in {each.get("descr") for each in pictures}
    assert len({each.get("id") for each in pictures}) == len(pictures)


def test_data_tables_repeat_their_head_and_say_what_they_hold(files: dict[str, bytes]) -> None:
    tables = list(body(files["en"]).iter(qn("w:tbl")))
    for table in tables:
        rules = table.find(qn("w:tblPr"))
        assert rules.find(qn("w:tblCaption")).get(qn("w:val"))
        assert rules.find(qn("w:tblStyle")).get(qn("w:val")) == "KAMTable"
        marked = [row.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.findall(qn("w:tr"))]
        assert marked == sorted(marked, reverse=True)
        assert (rules.find(qn("w:tblLook")).get(qn("w:firstRow")) == "1") == marked[0]
    assert sum(rules.find(qn("w:tblLook")).get(qn("w:firstRow")) == "1" for rules in body(files["en"]).iter(qn("w:tblPr"))) > 8


def test_columns_of_every_row_fill_the_grid(files: dict[str, bytes]) -> None:
    for table in body(files["en"]).iter(qn("w:tbl")):
        columns = len(table.find(qn("w:tblGrid")))
        for row in table.findall(qn("w:tr")):
            spans = [cell.find(f"{qn('w:tcPr')}/{qn('w:gridSpan')}") for cell in row.findall(qn("w:tc"))]
            assert sum(1 if span is None else int(span.get(qn("w:val"))) for span in spans) == columns


def test_space_is_never_an_empty_paragraph_and_tables_never_touch(files: dict[str, bytes]) -> None:
    children = list(body(files["en"]))
    for each in children:
        shows = each.find(f".//{qn('w:drawing')}") is not None
        assert each.tag != qn("w:p") or text_of(each).strip() or shows, etree.tostring(each)
    assert not any(one.tag == two.tag == qn("w:tbl") for one, two in pairwise(children))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_leads_somewhere(files: dict[str, bytes], language: str) -> None:
    names = [mark.get(qn("w:name")) for mark in body(files[language]).iter(qn("w:bookmarkStart"))]
    assert len(set(names)) == len(names)
    assert all(len(name) <= 40 and re.fullmatch(r"[A-Za-z]\w*", name) for name in names)
    links = {link.get(qn("w:anchor")) for link in body(files[language]).iter(qn("w:hyperlink"))}
    assert bookmark("item-s1.1") in names
    assert len(links) > 10
    assert links <= set(names)


def test_the_contents_are_a_field_filled_with_links(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    code = [found.text.strip() for found in body(files["en"]).iter(qn("w:instrText"))]
    assert code == [r'TOC \o "1-2" \h \z \u']
    entries = [p.text for p in document(files["en"]).paragraphs if p.style.name.startswith("toc ")]
    assert entries == [f"{entry.number}\t{entry.title}" for entry in contents["en"].contents]
    kinds = [found.get(qn("w:fldCharType")) for found in body(files["en"]).iter(qn("w:fldChar"))]
    assert kinds == ["begin", "separate", "end"]


def test_pages_are_numbered_by_fields(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    section = document(files["en"]).sections[0]
    codes = [each.get(qn("w:instr")).strip() for each in section.footer._element.iter(qn("w:fldSimple"))]
    assert codes == ["PAGE", "NUMPAGES"]
    assert contents["en"].cover.client in text_of(section.header._element)
    assert contents["en"].cover.sample in text_of(section.footer._element)


@pytest.mark.parametrize(
    ("language", "east_asian", "tag"),
    [
        ("en", "Microsoft JhengHei", "zh-TW"),
        ("zh-Hant", "Microsoft JhengHei", "zh-TW"),
        ("zh-Hans", "Microsoft YaHei", "zh-CN"),
    ],
)
def test_chinese_is_set_in_the_fonts_of_its_region(files: dict[str, bytes], language: str, east_asian: str, tag: str) -> None:
    defaults = document(files[language]).styles.element.find(qn("w:docDefaults"))
    fonts, said = defaults.find(f".//{qn('w:rFonts')}"), defaults.find(f".//{qn('w:lang')}")
    assert fonts.get(qn("w:eastAsia")) == east_asian
    assert said.get(qn("w:eastAsia")) == tag
    assert len(list(document(files[language]).styles.element.iter(qn("w:rFonts")))) == 1
    assert (
        document(files[language]).core_properties.language == {"en": "en-GB", "zh-Hant": "zh-TW", "zh-Hans": "zh-CN"}[language]
    )


def test_styles_are_named_and_built_on_those_of_word(files: dict[str, bytes]) -> None:
    styles = {style.name: style for style in document(files["en"]).styles}
    assert {"KAM Title", "KAM Finding", "KAM Table", "KAM Cell", "KAM Constraint"} <= set(styles)
    assert styles["KAM Title"].base_style.name == "Title"
    used = {p.find(f"{qn('w:pPr')}/{qn('w:pStyle')}") for p in body(files["en"]).iter(qn("w:p"))} - {None}
    assert {mark.get(qn("w:val")) for mark in used} <= {style.style_id for style in styles.values()}
    assert not list(body(files["en"]).iter(qn("w:sz"), qn("w:jc"), qn("w:color")))


def test_lists_of_steps_begin_at_one_each(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    plan = contents["en"].plan
    assert plan is not None
    numbers = {mark.get(qn("w:val")) for mark in body(files["en"]).iter(qn("w:numId"))}
    assert len(numbers) >= len([sheet for sheet in plan.sheets if len(sheet.how) > 1])


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_report_gives_the_same_bytes_and_no_clock(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    assert render(contents[language], "docx") == files[language]
    with zipfile.ZipFile(io.BytesIO(files[language])) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    properties = document(files[language]).core_properties
    assert properties.created.date().isoformat() == properties.modified.date().isoformat() == "2026-11-21"
    assert properties.title.endswith(contents[language].cover.title)
    assert properties.author == "kam-assess"


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_people_write_stays_text(mini: Questionnaire, language: str) -> None:
    content = hostile(mini, language)
    made = render(content, "docx")
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        for name in package.namelist():
            if name.endswith((".xml", ".rels")):
                etree.fromstring(package.read(name))
    said = "\n".join(text_of(p) for p in body(made).iter(qn("w:p")))
    assert UNSEEN in said
    assert "=cmd|' /C calc'!A0" in said
    assert "W" * 10_000 in said
    assert not set("\u202e\u200f\x00\x07") & set(said)
    assert clean(content.appendix.remarks[0].comments[0].text) in said
    assert "passwd" not in part(made, "word/_rels/document.xml.rels")
    assert len(document(made).core_properties.title) <= 255


def test_a_report_of_nothing_is_a_document_too(mini: Questionnaire) -> None:
    content = empty(mini)
    assert content.profile is None
    made = render(content, "docx")
    assert headings(made, 1) == [f"{entry.number} {entry.title}" for entry in content.contents if entry.depth == 1]


def test_the_heat_map_is_a_table_with_its_numbers(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    said = contents["en"].perceptions
    assert said is not None
    table = next(
        t
        for t in body(files["en"]).iter(qn("w:tbl"))
        if t.find(f"{qn('w:tblPr')}/{qn('w:tblCaption')}").get(qn("w:val")) == said.heat_title
    )
    shown = [[flat(text) for text in row[1:]] for row in rows_of(table)[1:]]
    assert shown == [[flat(f"{cell.score.text} {cell.count}") for cell in row.cells] for row in said.rows]


def test_the_colours_are_those_of_the_brand(contents: dict[str, ReportContent]) -> None:
    content = contents["en"]
    palette = Palette(accent="#123456", accent_dark="#0a1b2c")
    made = render(replace(content, brand=replace(content.brand, palette=palette)), "docx")
    assert "123456" in part(made, "word/styles.xml")
    assert "0E6377" not in part(made, "word/styles.xml")


def test_letter_paper_is_letter_paper(contents: dict[str, ReportContent]) -> None:
    section = document(render(replace(contents["en"], paper="letter"), "docx")).sections[0]
    assert (round(section.page_width.inches, 1), round(section.page_height.inches, 1)) == (8.5, 11.0)


def test_a_report_of_few_sections_needs_no_contents(contents: dict[str, ReportContent]) -> None:
    made = render(replace(contents["en"], sections=("summary", "reading")), "docx")
    assert not list(body(made).iter(qn("w:instrText")))
    names = {mark.get(qn("w:name")) for mark in body(made).iter(qn("w:bookmarkStart"))}
    assert {link.get(qn("w:anchor")) for link in body(made).iter(qn("w:hyperlink"))} <= names
