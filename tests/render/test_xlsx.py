"""The workbook: sheets, cells that stay what they are, the tracker, bytes."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report import ReportContent
from assess.core.report.values import Figure, Remark, Term
from assess.render.documents import render
from assess.render.office import UNSEEN
from assess.render.xlsx_values import LONG, parts, printed_number, sheet_name, units
from tests.render.office_files import FORMULAS, LONG_COMMENT, empty, hostile, part, whole

VECTORS = Path(__file__).parent.parent / "vectors"
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def mini() -> Questionnaire:
    return load_folder(VECTORS / "mini")


@pytest.fixture(scope="module")
def contents(mini: Questionnaire) -> dict[str, ReportContent]:
    return {language: whole(mini, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def files(contents: dict[str, ReportContent]) -> dict[str, bytes]:
    return {language: render(content, "xlsx") for language, content in contents.items()}


def sheet(content: bytes, name: str) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_name(name).to_python()


def sheet_names(content: bytes) -> list[str]:
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).sheet_names


def sheets_xml(content: bytes) -> list[Any]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        names = [name for name in package.namelist() if name.startswith("xl/worksheets/sheet")]
        return [etree.fromstring(package.read(name)) for name in names]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sheets_and_columns_are_in_the_language(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    labels = contents[language].labels
    wanted = [
        "sheet_summary",
        "sheet_steps",
        "sheet_items",
        "sheet_roadmap",
        "sheet_benchmark",
        "sheet_evidence",
        "sheet_comments",
    ]
    assert [name for name in wanted if labels[name] not in sheet_names(files[language])] == []
    assert sheet_names(files[language])[-1] == labels["sheet_about"]
    head = sheet(files[language], labels["sheet_roadmap"])[0]
    assert head[:7] == [labels[name] for name in ("number", "initiative", "owner", "start", "end", "status", "notes")]


def test_the_roadmap_is_a_tracker_with_real_dates(contents: dict[str, ReportContent], files: dict[str, bytes]) -> None:
    plan, labels = contents["en"].plan, contents["en"].labels
    assert plan is not None
    rows = sheet(files["en"], labels["sheet_roadmap"])[1:]
    assert [(row[0], row[3], row[4], row[5], row[6]) for row in rows] == [
        (float(s.number), date.fromisoformat(s.start.iso), date.fromisoformat(s.end.iso), labels["status_open"], "")
        for s in plan.sheets
    ]
    place = sheet_names(files["en"]).index(labels["sheet_roadmap"]) + 1
    page = etree.fromstring(part(files["en"], f"xl/worksheets/sheet{place}.xml").encode())
    rule = page.find(f".//{MAIN}dataValidation")
    assert rule.get("type") == "list"
    assert rule.find(f"{MAIN}formula1").text == '"Not started,Under way,Done,Dropped"'


def test_heads_are_frozen_filtered_and_repeated_on_paper(files: dict[str, bytes]) -> None:
    pages = sheets_xml(files["en"])
    for page in pages:
        pane = page.find(f".//{MAIN}pane")
        assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
        assert page.find(f"{MAIN}pageSetup").get("orientation") == "landscape"
        assert page.find(f"{MAIN}pageSetup").get("fitToHeight") == "0"
        assert not [row for row in page.iter(f"{MAIN}row", f"{MAIN}col") if row.get("hidden")]
    assert sum(page.find(f"{MAIN}autoFilter") is not None for page in pages) == len(pages) - 1
    assert part(files["en"], "xl/workbook.xml").count("_xlnm.Print_Titles") == len(pages)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_cell_is_a_formula_or_a_link_whatever_people_write(mini: Questionnaire, language: str) -> None:
    content = hostile(mini, language)
    made = render(content, "xlsx")
    for page in sheets_xml(made):
        assert not list(page.iter(f"{MAIN}f", f"{MAIN}hyperlink"))
    assert UNSEEN in str(sheet(made, content.labels["sheet_summary"]))


def test_five_hundred_formulas_come_back_as_text(contents: dict[str, ReportContent]) -> None:
    content = contents["en"]
    texts = [f"{formula}{number}" for number in range(50) for formula in FORMULAS]
    remarks = tuple(Remark(f"s1.{n}", text, (Term(text, text),)) for n, text in enumerate(texts))
    made = render(replace(content, appendix=replace(content.appendix, remarks=remarks)), "xlsx")
    rows = sheet(made, content.labels["sheet_comments"])[1:]
    assert [row[1:] for row in rows] == [[text, text, text] for text in texts]
    assert len(texts) == 500
    assert not [cell for page in sheets_xml(made) for cell in page.iter(f"{MAIN}f", f"{MAIN}hyperlink")]


def test_a_text_longer_than_a_cell_is_cut_with_a_mark_and_whole_elsewhere(mini: Questionnaire) -> None:
    content = hostile(mini)
    made = render(content, "xlsx")
    labels = content.labels
    short = next(row[3] for row in sheet(made, labels["sheet_comments"]) if str(row[3]).startswith("🎉🎉"))
    assert short.endswith(labels["cut_here"])
    assert units(short) <= LONG
    rows = [row for row in sheet(made, labels["sheet_long"])[1:] if str(row[0]).startswith(labels["sheet_comments"])]
    assert "".join(row[2] for row in rows) == LONG_COMMENT
    assert [row[1] for row in rows] == [float(n) for n in range(1, len(rows) + 1)]


def test_no_empty_sheets(mini: Questionnaire) -> None:
    content = empty(mini)
    made = render(content, "xlsx")
    assert content.labels["sheet_comments"] not in sheet_names(made)
    assert all(len(sheet(made, name)) > 1 for name in sheet_names(made))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_report_gives_the_same_bytes(
    contents: dict[str, ReportContent], files: dict[str, bytes], language: str
) -> None:
    assert render(contents[language], "xlsx") == files[language]
    with zipfile.ZipFile(io.BytesIO(files[language])) as package:
        assert {entry.date_time for entry in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert "2026-11-21T00:00:00Z" in part(files[language], "docProps/core.xml")


@pytest.mark.parametrize(
    ("figure", "written"),
    [
        (Figure(3.4499999999, "3.5"), (3.5, "#,##0.0")),
        (Figure(47.2, "47"), (47.0, "#,##0")),
        (Figure(1234567.0, "1,234,567"), (1234567.0, "#,##0")),
        (Figure(0.123, "12%"), (0.12, "0%")),
        (Figure(-0.25, "-0.3"), (-0.3, "#,##0.0")),
        (Figure(-0.25, "−0.3"), (-0.3, "#,##0.0")),
        (Figure(2.5, "about 2.5"), (2.5, "General")),
    ],
)
def test_numbers_are_those_the_report_prints(figure: Figure, written: tuple[float, str]) -> None:
    assert printed_number(figure) == written


def test_parts_join_to_the_whole_and_cut_no_character() -> None:
    text = "a🎉" * 100
    pieces = parts(text, 7)
    assert "".join(pieces) == text
    assert max(units(piece) for piece in pieces) <= 7


def test_sheet_names_are_those_a_workbook_takes() -> None:
    taken: set[str] = set()
    assert sheet_name("A/B:[C]*?" + "x" * 40, taken) == "A B  C   " + "x" * 22
    assert sheet_name("Items", taken) == "Items"
    assert sheet_name("items", taken) == "items 2"
    assert sheet_name("''", taken) == "-"
    assert not re.search(r"[\[\]:*?/\\]", "".join(taken))
