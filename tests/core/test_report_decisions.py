"""What a report says of what people decided on the roadmap."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from assess.core.decisions import DONE, RUNNING, STOPPED, Adoption, Decision, OwnInitiative
from assess.core.questionnaire import LANGUAGES, Lift, Questionnaire
from assess.core.report.values import Sheet
from tests.reports import report_of

OWN = OwnInitiative("own-1", "Ask our largest client", "sales", date(2026, 12, 1), date(2027, 1, 29), lifts=(Lift("s1.2", 4),))


def sheets(mini: Questionnaire, language: str = "en", **decided: Any) -> dict[str, Sheet]:
    plan = report_of(mini, language, **decided).plan
    assert plan is not None
    return {sheet.action: sheet for sheet in plan.sheets}


def test_a_name_status_and_notes_stand_on_the_sheet(mini: Questionnaire) -> None:
    decided = Adoption({"a-one": Decision("Mei\nLin", status=RUNNING, notes="begun")})
    sheet = sheets(mini, adoption=decided)["a-one"]
    assert (sheet.owner, sheet.status, sheet.status_text, sheet.notes) == ("Mei Lin", RUNNING, "Under way", "begun")
    assert sheets(mini)["a-one"].status_text == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_own_initiative_says_what_it_knows_and_nothing_else(mini: Questionnaire, language: str) -> None:
    content = report_of(mini, language, adoption=Adoption({}, (OWN,)))
    assert content.plan is not None
    sheet = next(one for one in content.plan.sheets if one.action == "own-1")
    assert (sheet.title, sheet.why, sheet.how, sheet.kpi) == ("Ask our largest client", "–", ("–",), "–")
    assert (sheet.start.iso, sheet.end.iso, sheet.lifts[0].item) == ("2026-12-01", "2027-01-29", "s1.2")
    tree = content.governance.tree if content.governance else None
    measures = [m.kpi for branch in tree.branches for m in branch.measures] if tree else []
    assert "–" not in measures


def test_what_was_left_out_is_named_and_so_is_that_it_is_needed(mini: Questionnaire) -> None:
    decided = Adoption({"a-one": Decision(is_left_out=True, notes="next year")})
    content = report_of(mini, adoption=decided)
    assert content.plan is not None
    assert [(term.name, term.text) for term in content.plan.left_out] == [("Do a-one", "next year")]
    (needy,) = content.plan.sheets
    assert needy.needs == ()
    assert needy.needs_text == "Do a-one (left out by decision)"


@pytest.mark.parametrize("status", [DONE, STOPPED])
def test_first_moves_are_those_still_to_be_made(mini: Questionnaire, status: str) -> None:
    moves = report_of(mini, adoption=Adoption({"a-one": Decision(status=status)})).summary.moves
    assert [move.action for move in moves] == ["a-two"]


def test_leaving_everything_out_leaves_a_report(mini: Questionnaire) -> None:
    decided = Adoption({id_: Decision(is_left_out=True) for id_ in ("a-one", "a-two")})
    content = report_of(mini, adoption=decided)
    assert content.summary.moves == ()
    assert content.plan is None or content.plan.sheets == ()
