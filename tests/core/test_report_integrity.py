"""Integrity alerts in the report: first among the risks, outside every score."""

from __future__ import annotations

import pytest

from assess.content.document import parse
from assess.content.library import Library
from assess.core.evaluation import evaluate
from tests.reports import report

FILE = """
schema: kam-answers/1
questionnaire: kam-seven-steps
modules: [relationships-integrity]
date: 2026-11-21
respondents:
- id: r1
  role: kam
  answers: {ri.1: 4, ri.2: 4, ri.3: 4, ri.4: 4, ri.5: LEVEL, ri.6: 4, s1.1: 1, s1.2: 5, s1.3: 5, s1.4: 5, s1.5: 5}
"""


@pytest.mark.parametrize(
    ("language", "word"), [("en", "Integrity alert ri.5"), ("zh-Hant", "誠信警示ri.5"), ("zh-Hans", "诚信警示ri.5")]
)
def test_an_integrity_alert_is_the_first_risk_and_leaves_the_score_alone(language: str, word: str) -> None:
    found = {}
    for level in (1, 3):
        text = FILE.replace("LEVEL", str(level))
        found[level] = report(evaluate(*Library().read_answers(parse(text.encode(), "a.yaml"))), language)
    assert found[1].summary.risks[0].title.startswith(word)
    assert not found[3].summary.risks[0].title.startswith(word)
    assert found[1].summary.score == found[3].summary.score
