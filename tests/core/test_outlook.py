"""The board's second page: what begins when, where it leads, and what only the board can settle."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from assess.content.styles import load_style
from assess.core.evaluation import evaluate
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report import ReportContent
from assess.core.report.values import Outlook
from tests.reports import assessment, report, rich


def brief(mini: Questionnaire, language: str = "en", **changes: object) -> ReportContent:
    return report(evaluate(rich(mini), (), assessment(mini, **changes)), language, style=load_style("brief"))


def outlook(mini: Questionnaire, language: str = "en", **changes: object) -> Outlook:
    found = brief(mini, language, **changes).outlook
    assert found is not None
    return found


def decisions(found: Outlook) -> dict[str, str]:
    return {term.name: term.text for term in found.decisions}


def test_the_brief_holds_two_sections(mini: Questionnaire) -> None:
    content = brief(mini)
    assert content.sections == ("summary", "outlook")
    assert content.plan is None
    assert content.profile is None


def test_the_full_report_does_not_repeat_it(mini: Questionnaire) -> None:
    assert report(evaluate(rich(mini), (), assessment(mini))).outlook is None


def test_each_horizon_names_what_begins_and_where_the_programme_then_stands(mini: Questionnaire) -> None:
    found = outlook(mini)
    (stage,) = found.stages
    assert [sheet.title for sheet in stage.sheets] == ["Do a-one", "Do a-two"]
    assert stage.more == ""
    assert stage.level is not None
    assert stage.end is not None


def test_owners_and_capacity_come_from_the_plan(mini: Questionnaire) -> None:
    said = decisions(outlook(mini))
    assert "of the first 90 days need people who answer for them" in said["Put names to the owners"]
    assert "23 November 2026" in said["Release the capacity"]
    assert "up to 1 initiative runs at one time" in said["Release the capacity"]


def test_one_target_is_said_as_one_and_several_as_a_span(mini: Questionnaire) -> None:
    assert "Level 4 in every step" in decisions(outlook(mini))["Confirm the target"]
    spread = outlook(mini, targets={"s2": Fraction(2)})
    assert "Between level 2 and level 4" in decisions(spread)["Confirm the targets"]


def test_evidence_is_asked_for_only_where_it_changes_the_index(mini: Questionnaire) -> None:
    found = brief(mini)
    differs = found.summary.index.text != found.summary.index_evidenced.text
    assert ("Ask for the evidence" in decisions(outlook(mini))) is differs


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_answers_there_is_one_decision_and_a_reason_for_each_gap(mini: Questionnaire, language: str) -> None:
    found = outlook(mini, language, respondents=(), consensus={}, evidence={})
    assert len(found.decisions) == 1
    assert found.profile is None
    assert found.profile_note
    assert not found.stages
    assert found.stages_note


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_heading_counts_the_decisions(mini: Questionnaire, language: str) -> None:
    found = outlook(mini, language)
    assert str(len(found.decisions)) in found.heading.finding


def test_a_horizon_that_names_not_all_says_how_many_more(mini: Questionnaire) -> None:
    known = rich(mini)
    many = tuple(replace(known.actions[0], id=f"a-{n}", requires=()) for n in range(6))
    found = report(evaluate(replace(known, actions=many), (), assessment(mini), capacity=6), style=load_style("brief")).outlook
    assert found is not None
    assert sum(len(stage.sheets) for stage in found.stages) < 6
    assert any("more" in stage.more for stage in found.stages)
