"""'Since last time' in a report."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pytest

from assess.core.answers import Answer, Organisation
from assess.core.errors import Invalid
from assess.core.evaluation import Evaluation, evaluate
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report.appendix import fingerprint
from assess.core.report.values import Progress
from tests.core.test_report import NOTHING, everything, texts
from tests.reports import assessment, people, report, rich

LAST_YEAR = date(2025, 11, 17)


def run(mini: Questionnaire, **changes: Any) -> Evaluation:
    return evaluate(rich(mini), (), assessment(mini, **changes))


def level(mini: Questionnaire, value: int, **changes: Any) -> Evaluation:
    return run(mini, respondents=people(mini, {"sales1": value}), **NOTHING, **changes)


def since(earlier: Evaluation, later: Evaluation, language: str = "en") -> Progress:
    part = report(replace(later, earlier=earlier), language).progress
    assert part is not None
    return part


def test_without_an_earlier_run_the_section_is_left_out_and_the_reason_given(mini: Questionnaire) -> None:
    content = report(run(mini))
    assert content.progress is None
    assert "progress" not in content.sections
    reasons = {term.name: term.text for term in content.reading.absent}
    assert reasons["Since last time"] == "There is no earlier assessment to compare with."


def test_with_one_it_stands_before_the_appendix_and_in_the_contents(mini: Questionnaire) -> None:
    content = report(replace(run(mini), earlier=run(mini, date=LAST_YEAR)))
    assert content.sections[-2:] == ("progress", "appendix")
    assert "Since last time" in [entry.title for entry in content.contents]
    assert "Since last time" not in [term.name for term in content.reading.absent]


def test_the_heading_says_how_the_indices_went(mini: Questionnaire) -> None:
    """Everything at 2 then, at 5 now without evidence: 25 to 100 claimed, 25 to 50 evidenced."""
    part = since(level(mini, 2, date=LAST_YEAR), level(mini, 5))
    assert part.heading.finding == (
        "Since 17 November 2025 the index went from 25 to 100 as claimed, from 25 to 50 as evidenced"
    )
    assert (part.overall.change.text, part.overall.evidenced_change.text) == ("+3.0", "+1.0")
    assert (part.overall.level_before.level, part.overall.level_after.level) == (2, 5)


def test_what_was_compared_stands_with_dates_and_the_fingerprint_of_the_earlier_answers(mini: Questionnaire) -> None:
    earlier = level(mini, 2, date=LAST_YEAR)
    then, now, print_ = since(earlier, level(mini, 5)).facts
    assert then.text == "17 November 2025, version 1.0.0, 1 respondent, 0 items agreed on, 0 with evidence"
    assert now.text.startswith("21 November 2026")
    assert print_.text == fingerprint(earlier.assessment)


def test_differences_have_a_sign_and_none_where_they_print_as_zero(mini: Questionnaire) -> None:
    fell = since(level(mini, 5, date=LAST_YEAR), level(mini, 2))
    assert [row.change.text for row in fell.rows] == ["−3.0", "−3.0", "−3.0"]
    same = since(level(mini, 3, date=LAST_YEAR), level(mini, 3))
    assert same.overall.change.text == "0.0"
    assert same.chart_title == "No step changed"


def test_the_title_of_the_chart_names_the_highest_rise_and_the_deepest_fall(mini: Questionnaire) -> None:
    mixed = people(mini, {"sales1": 3}, sales1={"s1.1": Answer(level=5), "s3.1": Answer(level=1)})
    part = since(level(mini, 3, date=LAST_YEAR), run(mini, respondents=mixed, **NOTHING))
    assert re.fullmatch(r"Step 1 \(One\) rose most, by \d\.\d; Step 3 \(Three\) fell most, by \d\.\d", part.chart_title)
    assert since(level(mini, 2, date=LAST_YEAR), level(mini, 4)).chart_title.endswith("rose most, by 2.0; no step fell")
    assert since(level(mini, 4, date=LAST_YEAR), level(mini, 2)).chart_title.startswith("No step rose; ")


def test_rises_without_evidence_are_marked_and_listed(mini: Questionnaire) -> None:
    part = since(level(mini, 3, date=LAST_YEAR), level(mini, 5))
    assert all(row.is_unproven for row in part.rows)
    assert len(part.unproven) == 9
    assert part.unproven[0].change.text == "+2.0"
    calm = since(level(mini, 3, date=LAST_YEAR), level(mini, 3))
    assert calm.unproven == ()
    assert calm.unproven_note == "No item that can be shown rose without evidence."


def test_initiatives_that_were_due_say_whether_their_items_got_there(mini: Questionnaire) -> None:
    """a-one lifts s1.1 to 4 and is due, a-two lifts s3.1 to 4 and is due; only s1.1 stands there now."""
    now = people(mini, {"sales1": 2}, sales1={"s1.1": Answer(level=4)})
    part = since(level(mini, 2, date=LAST_YEAR), run(mini, respondents=now, **NOTHING))
    assert [(one.title, one.is_reached) for one in part.initiatives] == [("Do a-one", True), ("Do a-two", False)]
    assert part.initiatives_note == "Of 2 initiatives due by now, 1 has every lifted item where it was to be."
    assert part.rows[0].causes == ("Initiative of the earlier plan: Do a-one.",)


def test_confidential_runs_name_no_item_that_is_hidden_in_either(mini: Questionnaire) -> None:
    many = {f"sales{n}": 3 for n in range(4)}
    higher = {f"sales{n}": 5 for n in range(4)}
    few = run(mini, respondents=people(mini, {"sales1": 3}), date=LAST_YEAR, confidential=True, **NOTHING)
    enough = run(mini, respondents=people(mini, many), date=LAST_YEAR, confidential=True, **NOTHING)
    later = run(mini, respondents=people(mini, higher), confidential=True, **NOTHING)
    assert since(few, later).unproven == ()
    assert len(since(enough, later).unproven) == 9
    causes = [cause for row in since(few, later).rows for cause in row.causes]
    assert set(causes) == {"Other or more people gave ratings."}
    assert {one.state for one in since(few, later).initiatives} == {"Not shown: small group"}
    assert {one.state for one in since(enough, later).initiatives} == {"Items stand where they were to be"}


def test_a_new_major_version_shows_both_results_and_no_difference(mini: Questionnaire) -> None:
    new = replace(rich(mini), version="2.0.0")
    part = since(level(mini, 2, date=LAST_YEAR), evaluate(new, (), assessment(mini)))
    assert not part.is_comparable
    assert "new major version" in part.heading.finding
    assert [row.change.value for row in part.rows] == [None, None, None]
    assert [row.change.text for row in part.rows] == ["–", "–", "–"]
    assert part.rows[0].before.text == "2.0"
    assert part.initiatives == ()


def test_another_client_and_another_minor_version_are_said(mini: Questionnaire) -> None:
    old = run(mini, organisation=Organisation("Acme Old"), date=LAST_YEAR)
    later = evaluate(replace(rich(mini), version="1.1.0"), (), assessment(mini))
    assert since(old, later).notes == (
        "The earlier assessment names Acme Old, this one Acme.",
        "The questionnaire went from version 1.0.0 to 1.1.0; items are matched by their ids.",
    )


def test_another_questionnaire_is_refused(mini: Questionnaire) -> None:
    other = evaluate(replace(mini, id="other"), (), assessment(mini, date=LAST_YEAR))
    with pytest.raises(Invalid, match="only runs of the same questionnaire can be compared"):
        report(replace(run(mini), earlier=other))


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_the_two_runs_hold_nothing_is_left_open(mini: Questionnaire, language: str) -> None:
    cases = everything(mini)
    for first, before in cases.items():
        earlier = run(mini, **before, date=LAST_YEAR)
        for second in ("nobody", "one step", "the top", "confidential"):
            part = since(earlier, run(mini, **cases[second]), language)
            bad = [t for t in texts(asdict(part)) if re.search(r"\bNone\b|undefined|\bnan\b|\{[a-z_]+[|}]", t)]
            assert bad == [], (first, second)
