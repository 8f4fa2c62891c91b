"""How many of those asked answered, in 'How to read this report'."""

from __future__ import annotations

from assess.core.questionnaire import Questionnaire
from tests.reports import people, report_of

INVITED = {"executive": 1, "sales": 4, "kam": 3, "operations": 2}


def test_without_a_note_of_who_was_asked_there_is_no_rate(mini: Questionnaire) -> None:
    reading = report_of(mini).reading
    assert not reading.has_rates
    assert {(row.invited, row.rate) for row in reading.roles} == {("", "")}
    assert "Response" not in [fact.name for fact in reading.facts]


def test_the_rate_stands_in_all_and_by_role_with_roles_that_did_not_answer(mini: Questionnaire) -> None:
    reading = report_of(mini, invited=INVITED).reading
    assert reading.has_rates
    assert [(row.role, row.count, row.invited, row.rate) for row in reading.roles] == [
        ("executive", "1", "1", "100%"),
        ("sales", "3", "4", "75%"),
        ("kam", "1", "3", "33%"),
        ("operations", "0", "2", "0%"),
    ]
    assert {fact.name: fact.text for fact in reading.facts}["Response"] == "5 of 10 people asked answered (50%)"


def test_in_confidence_only_roles_that_may_be_shown_have_a_rate(mini: Questionnaire) -> None:
    """Executive and kam have one respondent each: with three hidden in all, sales (3) would be the next to go."""
    crowd = people(mini, {**{f"sales{n}": 3 for n in range(5)}, "kam1": 3, "executive1": 3, "executive2": 3})
    rows = {
        row.role: row
        for row in report_of(
            mini, confidential=True, respondents=crowd, invited={**INVITED, "executive": 2, "sales": 8}
        ).reading.roles
    }
    assert (rows["sales"].count, rows["sales"].rate) == ("5", "63%")
    assert {rows[role].rate for role in ("executive", "kam", "operations")} == {"hidden"}
    assert {rows[role].invited for role in ("executive", "kam", "operations")} == {"hidden"}


def test_a_lone_small_role_takes_the_next_smallest_with_it(mini: Questionnaire) -> None:
    crowd = people(mini, {**{f"sales{n}": 3 for n in range(5)}, **{f"kam{n}": 3 for n in range(4)}, "executive1": 3})
    asked = {"executive": 1, "sales": 8, "kam": 6}
    rows = {row.role: row.rate for row in report_of(mini, confidential=True, respondents=crowd, invited=asked).reading.roles}
    assert rows == {"executive": "hidden", "kam": "hidden", "sales": "63%"}
