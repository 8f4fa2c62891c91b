"""Charts are text: well formed, described, honest about what is missing."""

from __future__ import annotations

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from assess.core.questionnaire import Questionnaire
from assess.core.report.values import Figure
from assess.render import charts
from assess.render.charts import Look
from tests.reports import EVIL, peers, report_of

LOOK = Look("'KAM Latin', 'KAM TC'", "en")
SVG = "{http://www.w3.org/2000/svg}"
SERIES = [("target", "Target"), ("evidenced", "Evidenced"), ("claimed", "Claimed")]


@pytest.fixture
def drawn(mini: Questionnaire) -> dict[str, str]:
    """Every kind of chart, from one report."""
    content = report_of(mini, given=peers(12))
    assert content.profile
    assert content.perceptions
    assert content.benchmark
    assert content.plan
    page = content.steps[0]
    return {
        "radar": charts.radar(content.profile.rows, SERIES, LOOK, "Finding", "Data"),
        "steps": charts.steps(content.profile.rows, SERIES, LOOK, "Finding", "Data"),
        "items": charts.items(page.items, 4, ["a", "b", "c", "d", "e"], LOOK, "Finding", "Data"),
        "roles": charts.roles(page.roles, LOOK, "Finding", "Data"),
        "distribution": charts.distribution(content.perceptions.disputed[0], LOOK),
        "bands": charts.bands(content.benchmark.rows, ["a", "b", "c", "d"], LOOK, "Finding", "Data"),
        "gantt": charts.gantt(content.plan, content.plan.sheets, ["a", "b", "c", "d"], LOOK, "Finding", "Data"),
    }


def test_every_chart_is_well_formed_named_and_set_in_our_fonts(drawn: dict[str, str]) -> None:
    for name, svg in drawn.items():
        root = ET.fromstring(svg)
        assert root.get("font-family") == LOOK.font, name
        assert root.get("role") == "img", name
        assert root.findtext(f"{SVG}title"), name
        assert root.findtext(f"{SVG}desc"), name


def test_no_chart_draws_a_value_that_is_not_a_number(drawn: dict[str, str]) -> None:
    for name, svg in drawn.items():
        assert "nan" not in svg, name
        assert "None" not in svg, name


def test_charts_are_the_same_for_the_same_values(mini: Questionnaire, drawn: dict[str, str]) -> None:
    content = report_of(mini, given=peers(12))
    assert content.profile
    assert charts.radar(content.profile.rows, SERIES, LOOK, "Finding", "Data") == drawn["radar"]


def test_a_step_without_a_score_leaves_a_gap_in_the_radar_and_a_word_in_the_bars(mini: Questionnaire) -> None:
    content = report_of(mini)
    assert content.profile
    rows = [replace(content.profile.rows[0], claimed=Figure(None, "–")), *content.profile.rows[1:]]
    assert charts.radar(rows, SERIES, LOOK, "t", "d").count('fill-opacity="0.12"') == 2
    assert rows[0].level.text in charts.steps(rows, SERIES, LOOK, "t", "d")


def test_a_hidden_role_is_named_as_hidden(mini: Questionnaire) -> None:
    content = report_of(mini, confidential=True)
    assert "hidden" in charts.roles(content.steps[0].roles, LOOK, "t", "d")


def test_the_arrow_of_a_need_is_drawn(drawn: dict[str, str]) -> None:
    assert drawn["gantt"].count("<path") == 1


def test_text_in_charts_is_escaped(mini: Questionnaire) -> None:
    content = report_of(mini)
    assert content.plan
    sheets = [replace(content.plan.sheets[0], title=EVIL)]
    svg = charts.gantt(content.plan, sheets, ["a", "b", "c", "d"], LOOK, EVIL, EVIL)
    ET.fromstring(svg)
    assert "<script" not in svg


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("short", ["short"]),
        ("two words here", ["two words", "here"]),
        ("關鍵客戶管理的導入，與落實", ["關鍵客戶", "管理的導", "入，與落", "實"]),
        ("", [""]),
    ],
)
def test_text_wraps_between_words_and_anywhere_between_han(text: str, lines: list[str]) -> None:
    assert charts.wrap(text, 55) == lines


def test_a_long_plan_goes_on_in_a_further_chart(mini: Questionnaire) -> None:
    content = report_of(mini)
    assert content.plan
    sheets = [replace(content.plan.sheets[0], number=n) for n in range(1, 81)]
    parts = charts.gantt_parts(sheets)
    assert len(parts) >= 2
    assert [sheet.number for part in parts for sheet in part] == list(range(1, 81))
