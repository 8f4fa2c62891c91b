"""One report in every format: the key figures of every step, item and initiative read back from each are the same."""

from __future__ import annotations

import io
import json
import re
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from docx.oxml.ns import qn
from icalendar import Calendar
from lxml import html as lxml_html
from python_calamine import CalamineWorkbook

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import LANGUAGES
from assess.core.report import ReportContent
from assess.render.documents import FORMATS, render
from tests.render.office_files import deck, document, flat, rows_of, slide_tables, text_of, whole

VECTORS = Path(__file__).parent.parent / "vectors"
Steps = dict[str, tuple[str, str, str, str]]
Items = dict[str, tuple[str, str]]
Initiatives = dict[str, tuple[str, str, str]]


@pytest.fixture(scope="module")
def contents() -> dict[str, ReportContent]:
    mini = load_folder(VECTORS / "mini")
    return {language: whole(mini, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def files(contents: dict[str, ReportContent]) -> dict[str, dict[str, bytes]]:
    return {language: {fmt: render(content, fmt) for fmt in FORMATS} for language, content in contents.items()}


def steps_said(content: ReportContent) -> Steps:
    """Title -> claimed, evidenced, target, gap as printed."""
    assert content.profile is not None
    return {r.title: (r.claimed.text, r.evidenced.text, r.target.text, r.gap.text) for r in content.profile.rows}


def items_said(content: ReportContent) -> Items:
    """Id -> score and evidenced score as printed."""
    return {item.id: (item.score.text, item.evidenced.text) for page in content.steps for item in page.items}


def initiatives_said(content: ReportContent) -> Initiatives:
    """Number and title -> owner, first and last day."""
    assert content.plan is not None
    return {f"{s.number} {s.title}": (s.owner, s.start.iso, s.end.iso) for s in content.plan.sheets}


def day(content: ReportContent, short: str) -> str:
    """The ISO day of a printed one."""
    assert content.plan is not None
    days = {each.short: each.iso for s in content.plan.sheets for each in (s.start, s.end)}
    return days[flat(short)]


def meta(content: ReportContent, said: str) -> tuple[str, str]:
    """Score and evidenced score out of the line under an item."""
    score, evidenced = (re.escape(content.labels[name]) for name in ("score", "evidenced"))
    found = re.search(rf"{score} ?(\S+) · {evidenced} ?(\S+)", flat(said))
    assert found is not None, said
    return found[1], found[2]


class TestJson:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_figures(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        data, content = json.loads(files[language]["json"]), contents[language]
        names = ("claimed", "evidenced", "target", "gap")
        assert {r["title"]: tuple(r[n]["text"] for n in names) for r in data["profile"]["rows"]} == steps_said(content)
        items = {i["id"]: (i["score"]["text"], i["evidenced"]["text"]) for page in data["steps"] for i in page["items"]}
        assert items == items_said(content)
        found = {
            f"{s['number']} {s['title']}": (s["owner"], s["start"]["iso"], s["end"]["iso"]) for s in data["plan"]["sheets"]
        }
        assert found == initiatives_said(content)


class TestHtml:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_figures(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        page, content = lxml_html.fromstring(files[language]["html"].decode()), contents[language]
        rows = [[flat(c.text_content()) for c in row] for row in page.xpath("//table[contains(@class, 'profile')]/tbody/tr")]
        assert {r[1]: (r[3], r[4], r[5], r[6]) for r in rows} == steps_said(content)
        items = page.xpath("//div[@class='item']")
        found = {i.get("id").removeprefix("item-"): meta(content, i.xpath("p[@class='meta']")[0].text_content()) for i in items}
        assert found == items_said(content)
        initiatives = {}
        for row in page.xpath("//table[contains(@class, 'plan')]/tbody/tr[td]"):
            texts = [flat(c.text_content()) for c in row]
            title = flat(row.xpath("th/a")[0].text_content())
            initiatives[f"{texts[0]} {title}"] = (texts[2], day(content, texts[3]), day(content, texts[4]))
        assert initiatives == initiatives_said(content)


class TestPdf:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_figures(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        done = subprocess.run(["pdftotext", "-layout", "-", "-"], input=files[language]["pdf"], capture_output=True, check=True)
        said, content = flat(done.stdout.decode()), contents[language]
        for title, figures in steps_said(content).items():
            level = r"[^.]{1,40}?"
            assert re.search(rf"{re.escape(title)}{level}{r'[ ]+'.join(map(re.escape, figures))}", said), (title, figures)
        labels = content.labels
        for id_, (score, evidenced) in items_said(content).items():
            assert re.search(
                rf"{re.escape(id_)} .{{0,400}}?{labels['score']} ?{score} · {labels['evidenced']} ?{evidenced}", said
            ), id_
        assert content.plan is not None
        for sheet in content.plan.sheets:
            days = rf"{sheet.start.short} +{sheet.end.short}"
            row = rf"{sheet.number} +{re.escape(sheet.title)}.{{0,60}}?{re.escape(sheet.owner)} +{days}"
            assert re.search(row, said), sheet.title


class TestDocx:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_figures(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        made, content = document(files[language]["docx"]), contents[language]
        assert content.profile is not None
        table = self.table(made, content.profile.heading.title)
        assert {r[1]: (r[3], r[4], r[5], r[6]) for r in table[1:]} == steps_said(content)
        items, paragraphs = {}, made.paragraphs
        for place, each in enumerate(paragraphs):
            id_ = each.text.split(" ")[0]
            if each.style.name == "Heading 3" and id_ in items_said(content) and paragraphs[place + 1].style.name == "KAM Meta":
                items[id_] = meta(content, paragraphs[place + 1].text)
        assert items == items_said(content)
        found = {}
        for row in self.table(made, content.labels["initiatives"])[1:]:
            if len(row) == 7:
                title = next(title for title in initiatives_said(content) if f"{row[0]} {row[1]}".startswith(title))
                found[title] = (row[2], day(content, row[3]), day(content, row[4]))
        assert found == initiatives_said(content)

    def table(self, made: Any, caption: str) -> list[list[str]]:
        tables = made.element.body.iter(qn("w:tbl"))
        return rows_of(next(t for t in tables if t.find(f"{qn('w:tblPr')}/{qn('w:tblCaption')}").get(qn("w:val")) == caption))


class TestPptx:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_figures(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        made, content = deck(files[language]["pptx"]), contents[language]
        assert content.profile is not None
        assert content.plan is not None
        tables = {slide.shapes.title.text: slide_tables(slide) for slide in made.slides}
        rows = tables[content.profile.heading.finding][0][1:]
        assert {r[0].split(" ", 1)[1]: (r[2], r[3], r[4], r[5]) for r in rows} == steps_said(content)
        moves = {
            f"{r[0]} {r[1]}": (r[2], day(content, r[3]), day(content, r[4])) for r in tables[content.plan.chart_title][0][1:]
        }
        assert moves == initiatives_said(content)
        shown = next(slide for slide in made.slides if slide.shapes.title.text == content.summary.heading.finding)
        texts = [shape.text_frame.text for shape in shown.shapes if shape.has_text_frame]
        assert {content.summary.index.text, content.summary.index_evidenced.text} <= set(texts)


class TestXlsx:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_figures(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        content = contents[language]
        steps = self.sheet(files[language]["xlsx"], content, "sheet_steps")
        labels = content.labels
        names = [labels[name] for name in ("score_claimed", "score_evidenced", "target", "gap")]
        titles = {page.heading.title: page.id for page in content.steps}
        by_id = {} if content.profile is None else {r.id: r.title for r in content.profile.rows}
        found = {by_id[titles[row[labels["step"]]]]: tuple(row[name] for name in names) for row in steps}
        assert found == {title: tuple(map(self.number, figures)) for title, figures in steps_said(content).items()}
        items = self.sheet(files[language]["xlsx"], content, "sheet_items")
        assert {row[labels["item"]]: (row[labels["score"]], row[labels["evidenced"]]) for row in items} == {
            id_: (self.number(score), self.number(evidenced)) for id_, (score, evidenced) in items_said(content).items()
        }
        rows = self.sheet(files[language]["xlsx"], content, "sheet_roadmap")
        plan = {}
        for row in rows:
            said = f"{int(row[labels['number']])} {row[labels['initiative']]}"
            title = next(title for title in initiatives_said(content) if said.startswith(title))
            plan[title] = (row[labels["owner"]], row[labels["start"]].isoformat(), row[labels["end"]].isoformat())
        assert plan == initiatives_said(content)

    def sheet(self, made: bytes, content: ReportContent, label: str) -> list[dict[str, Any]]:
        head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(made)).get_sheet_by_name(content.labels[label]).to_python()
        return [dict(zip(map(str, head), row, strict=True)) for row in rows]

    def number(self, text: str) -> float | str:
        """A printed number as a number; what says that there is none stays text."""
        return float(text) if re.fullmatch(r"-?[0-9.]+", text) else text


class TestIcs:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_days(self, contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]], language: str) -> None:
        events = Calendar.from_ical(files[language]["ics"]).walk("VEVENT")
        found = {str(e["SUMMARY"]): (e.decoded("DTSTART"), e.decoded("DTEND") - timedelta(days=1)) for e in events}
        for title, (_, start, end) in initiatives_said(contents[language]).items():
            assert found[title] == (date.fromisoformat(start), date.fromisoformat(end))


def test_every_text_of_the_word_document_is_one_of_the_report(
    contents: dict[str, ReportContent], files: dict[str, dict[str, bytes]]
) -> None:
    """No renderer adds a number: every number in the document stands in the report's data."""
    said = "\n".join(text_of(p) for p in document(files["en"]["docx"]).element.body.iter(qn("w:p")))
    known = set(re.findall(r"\d+(?:\.\d+)?", files["en"]["json"].decode()))
    assert set(re.findall(r"\d+\.\d+", said)) <= known
