"""Reports for the tests of office files, and readers of what they hold."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import docx
import pptx
from docx.oxml.ns import qn

from assess.core.answers import Answer, Evidence, Organisation
from assess.core.questionnaire import Questionnaire
from assess.core.report import ReportContent
from tests.reports import EVIL, assessment, peers, report_of

HOSTILE = (
    EVIL + " \x00\x07\x1b\x0b\ufffe =cmd|' /C calc'!A0 \u202eabc\u202c \u200f "
    "🎉👩‍👩‍👧 Łódź 關鍵客戶 关键 ]]> &amp; <w:p/> _x000D_ " + "W" * 10_000 + " " + "長" * 2_000
)
LONG_COMMENT = "🎉" * 20_000 + "END"
FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "＝1+1", "\t=1+1", "http://example.com", "12", "{=1}")


def whole(mini: Questionnaire, language: str) -> ReportContent:
    """The small report with peers in it."""
    return report_of(mini, language, given=peers(12), sample=True)


def hostile(mini: Questionnaire, language: str = "en") -> ReportContent:
    """A report with the worst that people can write in every field that is theirs."""
    base = assessment(mini)
    first, *others = base.respondents
    answers = {**first.answers, "s3.1": Answer(level=4, comment=HOSTILE), "s3.2": Answer(level=2, comment=LONG_COMMENT)}
    content = report_of(
        mini,
        language,
        given=peers(12),
        respondents=(type(first)(first.id, first.role, answers), *others),
        organisation=Organisation(HOSTILE),
        evidence={"s1.1": (Evidence(HOSTILE, "file:///etc/passwd"),)},
        sample=True,
    )
    return replace(content, cover=replace(content.cover, client=f"{HOSTILE}\ud800", programme="\udfff"))


def empty(mini: Questionnaire, language: str = "en") -> ReportContent:
    """A report where nobody answered anything."""
    base = assessment(mini)
    silent = tuple(type(each)(each.id, each.role, {}) for each in base.respondents)
    return report_of(mini, language, respondents=silent, consensus={}, evidence={})


def document(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def deck(content: bytes) -> Any:
    return pptx.Presentation(io.BytesIO(content))


def part(content: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return package.read(name).decode()


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def text_of(element: Any) -> str:
    """What a piece of a Word document reads."""
    return "".join(found.text or "" if found.tag == qn("w:t") else "\n" for found in element.iter(qn("w:t"), qn("w:br")))


def rows_of(table: Any) -> list[list[str]]:
    """The cells of a Word table by rows."""
    return [
        ["\n".join(text_of(p) for p in cell.findall(qn("w:p"))) for cell in row.findall(qn("w:tc"))]
        for row in table.findall(qn("w:tr"))
    ]


def slide_tables(slide: Any) -> list[list[list[str]]]:
    return [[[cell.text for cell in row.cells] for row in shape.table.rows] for shape in slide.shapes if shape.has_table]
