"""Governance in a report: calendar, KPI tree, risks and assumptions, the note on integrity."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from assess.core.answers import Answer, Assessment, Evidence, Respondent
from assess.core.decisions import DONE, STOPPED
from assess.core.evaluation import Evaluation, evaluate
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report.values import Exposure, Governance
from tests.core.test_report import NOTHING, everything, texts
from tests.reports import action, assessment, people, report, report_of, rich


def governance(mini: Questionnaire, **changes: Any) -> Governance:
    part = report_of(mini, **changes).governance
    assert part is not None
    return part


def steered(evaluation: Evaluation) -> Governance:
    part = report(evaluation).governance
    assert part is not None
    return part


def planned(mini: Questionnaire, *actions: Any, **changes: Any) -> Governance:
    """Governance of the small questionnaire with other actions."""
    return steered(evaluate(replace(mini, actions=actions), (), assessment(mini, **changes)))


def risk(part: Governance, id_: str) -> Exposure | None:
    return next((one for one in part.exposures if one.id == id_), None)


# Calendar


def test_the_calendar_begins_with_the_plan_and_ends_with_a_new_assessment_after_twelve_months(mini: Questionnaire) -> None:
    """The plan: two initiatives of four weeks from Monday 23 November 2026, the second after the first."""
    days = [(one.day.iso, one.kind) for one in governance(mini).calendar]
    assert days == [
        ("2026-11-23", "kickoff"),
        ("2026-12-28", "review"),
        ("2027-01-18", "review"),
        ("2027-11-22", "reassessment"),
    ]


def test_a_review_names_what_must_be_finished_by_then_and_when_figures_are_due(mini: Questionnaire) -> None:
    _, mobilise, closing, _ = governance(mini).calendar
    assert mobilise.name == "Review of the horizon Mobilise"
    assert [(due.number, due.title) for due in mobilise.due] == [(1, "Do a-one")]
    assert mobilise.figures is not None
    assert mobilise.figures.iso == "2026-12-21"
    assert closing.name == "Closing review of the plan"
    assert [due.number for due in closing.due] == [2]
    assert "Projection, if all of it is effective" in closing.text


def test_steering_meetings_come_every_thirteen_weeks_unless_a_review_is_near(mini: Questionnaire) -> None:
    part = planned(mini, action("a-one", "s1.1", 4, weeks=60))
    kinds = [(one.day.iso, one.kind) for one in part.calendar if one.kind in ("steering", "review")]
    assert kinds == [
        ("2026-12-28", "review"),  # the 30 days end on 22 December
        ("2027-02-22", "review"),  # the 90 days, in place of the first quarter's meeting that day
        ("2027-05-24", "steering"),
        ("2027-08-23", "steering"),
        ("2027-11-29", "review"),  # the first year, in place of the meeting of 22 November
        ("2028-01-17", "review"),  # week 60
    ]


def test_every_initiative_is_due_at_one_occasion_only(mini: Questionnaire) -> None:
    actions = [action(f"a-{n}", "s1.1", 4, weeks=3 + 5 * n) for n in range(12)]
    part = planned(mini, *actions)
    due = [one.number for occasion in part.calendar for one in occasion.due]
    assert sorted(due) == list(range(1, 13))


def test_more_than_eight_due_at_once_are_counted_instead_of_listed(mini: Questionnaire) -> None:
    part = steered(
        evaluate(
            replace(mini, actions=tuple(action(f"a-{n}", "s1.1", 4) for n in range(11))), (), assessment(mini), capacity=20
        )
    )
    closing = next(one for one in part.calendar if one.due)
    assert len(closing.due) == 8
    assert "3 more are due by then" in closing.text


def test_a_plan_of_ten_years_lists_meetings_of_three_and_says_how_it_goes_on(mini: Questionnaire) -> None:
    part = planned(mini, *(action(f"a-{n}", "s1.1", 4, weeks=52, requires=(f"a-{n - 1}",) if n else ()) for n in range(10)))
    assert len(part.calendar) <= 22
    assert "From 22 November 2029 the same rhythm goes on until" in part.calendar_note
    assert risk(part, "beyond") is not None


def test_evidence_that_runs_out_stands_in_the_calendar_once_nothing_else_proves_the_item(mini: Questionnaire) -> None:
    register = {
        "s1.2": (Evidence("a", expires=date(2027, 3, 31)), Evidence("b", expires=date(2027, 6, 30))),
        "s1.3": (Evidence("a", expires=date(2027, 6, 30)),),
        "s2.1": (Evidence("a", expires=date(2027, 6, 30)), Evidence("b")),
        "s2.2": (Evidence("a", expires=date(2026, 1, 1)),),
        "s1.1": (Evidence("a", expires=date(2027, 6, 30)),),  # an answer proves it too
    }
    found = [(one.day.iso, one.text) for one in governance(mini, evidence=register).calendar if one.kind == "expiry"]
    assert found == [("2027-06-30", "Last evidence for s1.2 and s1.3.")]


def test_many_expiry_days_are_gathered_by_month(mini: Questionnaire) -> None:
    ids = [item.id for item in mini.items if item.id != "s1.1"]
    register = {id_: (Evidence("a", expires=date(2027, 3 + n // 4, 1 + n)),) for n, id_ in enumerate(ids)}
    found = [one for one in governance(mini, evidence=register).calendar if one.kind == "expiry"]
    assert [one.day.iso for one in found] == ["2027-03-01", "2027-04-05"]
    assert found[0].text.endswith("from this day to the end of the month.")


def test_an_assessment_on_29_february_comes_back_on_the_monday_after_the_28th(mini: Questionnaire) -> None:
    again = [one.day.iso for one in governance(mini, date=date(2028, 2, 29)).calendar if one.kind == "reassessment"]
    assert again == ["2029-03-05"]


def test_meetings_say_who_chairs_and_who_comes_by_role(mini: Questionnaire) -> None:
    meetings = {one.id: one for one in governance(mini).meetings}
    assert list(meetings) == ["kickoff", "board", "figures", "steering", "review", "reassessment"]
    assert (meetings["steering"].chair, meetings["board"].chair) == ("executive", "champion")
    assert all(one.input and one.decision and one.rhythm and one.people for one in meetings.values())
    assert "from 21 December 2026, 2 times" in meetings["board"].rhythm


def test_without_a_plan_there_is_no_steering_but_risks_and_integrity_stay(mini: Questionnaire) -> None:
    part = governance(mini, respondents=people(mini, {"sales1": 5}), **NOTHING)
    assert [one.id for one in part.meetings] == ["reassessment"]
    assert [one.kind for one in part.calendar] == ["reassessment"]
    assert part.tree is None
    assert part.exposures
    assert part.integrity.questions


def test_where_nothing_is_scored_the_section_is_left_out_with_its_reason(mini: Questionnaire) -> None:
    content = report_of(mini, **everything(mini)["nobody"])
    assert content.governance is None
    assert "governance" not in content.sections
    reasons = {term.name: term.text for term in content.reading.absent}
    assert reasons["Governance and risks"].startswith("Nothing has been scored")


# KPI tree


def test_the_tree_goes_from_the_goal_over_the_steps_to_measures_with_baseline_and_target(mini: Questionnaire) -> None:
    tree = governance(mini).tree
    assert tree is not None
    assert "Acme stands at Level 4" in tree.goal
    first, second, third = tree.branches
    (leaf,) = first.measures
    assert (leaf.number, leaf.kpi, leaf.owner, leaf.due.iso) == (1, "Share of accounts", "champion", "2026-12-20")
    assert leaf.source == "From the register, each quarter"
    assert [(one.item, one.to) for one in leaf.lifts] == [("s1.1", 4)]
    assert leaf.lifts[0].start.text == first_score(mini)
    assert second.note == "No initiative of its own; other steps' initiatives may lift it too."
    assert [one.number for one in third.measures] == [2]


def first_score(mini: Questionnaire) -> str:
    found = report_of(mini)
    return next(item.score.text for page in found.steps for item in page.items if item.id == "s1.1")


def test_the_goal_is_where_the_programme_stands_with_every_item_at_its_target(mini: Questionnaire) -> None:
    targets = {dimension.id: Fraction(3) for dimension in mini.dimensions}
    everybody = people(mini, {"sales1": 2})
    part = governance(mini, respondents=everybody, targets=targets, **NOTHING)
    assert part.tree is not None
    assert (part.tree.baseline.text, part.tree.target.text, part.tree.target_level.level) == ("25", "50", 3)


def test_a_long_plan_shows_the_measures_of_its_first_year_and_counts_the_others(mini: Questionnaire) -> None:
    actions = tuple(action(f"a-{n:02}", "s1.1", 4, weeks=13) for n in range(30))
    part = steered(evaluate(replace(mini, actions=actions), (), assessment(mini), capacity=1))
    assert part.tree is not None
    shown = [leaf for branch in part.tree.branches for leaf in branch.measures]
    assert [leaf.number for leaf in shown] == [1, 2, 3, 4, 5]  # they start in weeks 0, 13, 26, 39, 52: day 364
    assert "25 more measures belong to initiatives that start after the first year" in part.tree.note


# Risks


def test_risks_follow_from_stated_rules_each_with_consequence_and_counter_measure(mini: Questionnaire) -> None:
    for name, changes in everything(mini).items():
        part = report_of(mini, **changes).governance
        for one in part.exposures if part else ():
            assert all((one.title, one.sign, one.consequence, one.counter)), (name, one.id)


def test_few_voices_are_a_risk_below_five_people_or_three_roles(mini: Questionnaire) -> None:
    enough = people(mini, {"executive1": 3, "sales1": 3, "sales2": 3, "kam1": 3, "kam2": 3})
    assert risk(governance(mini, respondents=enough), "few_people") is None
    few = risk(governance(mini, respondents=enough[:4]), "few_people")
    assert few is not None
    assert few.sign == "4 people in 3 roles answered."
    two_roles = people(mini, {"executive1": 3, "sales1": 3, "sales2": 3, "sales3": 3, "sales4": 3})
    assert risk(governance(mini, respondents=two_roles), "few_people") is not None


def test_top_management_that_did_not_answer_is_a_risk(mini: Questionnaire) -> None:
    assert risk(governance(mini), "no_executive") is None
    without = tuple(one for one in assessment(mini).respondents if one.role != "executive")
    assert risk(governance(mini, respondents=without), "no_executive") is not None


@pytest.mark.parametrize(("kam", "expected"), [(2, False), (4, True)])
def test_a_response_below_two_thirds_is_a_risk(mini: Questionnaire, kam: int, expected: bool) -> None:
    """Five answered, of seven or nine."""
    part = governance(mini, invited={"executive": 1, "sales": 4, "kam": kam})
    assert (risk(part, "response") is not None) is expected


def test_evidence_that_runs_out_within_a_year_names_what_the_index_falls_to(mini: Questionnaire) -> None:
    """All nine items at 5 with evidence to June: index 100; without it every item counts 3 at most: index 50."""
    register = {item.id: (Evidence("a", expires=date(2027, 6, 30)),) for item in mini.items}
    found = risk(governance(mini, respondents=people(mini, {"sales1": 5}), consensus={}, evidence=register), "lapsing")
    assert found is not None
    assert found.consequence == "If nothing is renewed, the evidenced index falls from 100 to 50."


def test_a_claim_half_a_level_above_its_evidence_is_a_risk(mini: Questionnaire) -> None:
    found = risk(governance(mini, respondents=people(mini, {"sales1": 5}), **NOTHING), "unproven")
    assert found is not None
    assert found.sign.startswith("In 3 steps the claim lies half a level or more above what is evidenced")
    assert risk(governance(mini, respondents=people(mini, {"sales1": 3}), **NOTHING), "unproven") is None


def test_the_initiative_that_most_others_wait_for_is_named(mini: Questionnaire) -> None:
    chain = [action("a-root", "s1.1", 4), *(action(f"a-{n}", "s3.1", 4, requires=("a-root",)) for n in range(3))]
    found = risk(planned(mini, *chain), "bottleneck")
    assert found is not None
    assert found.sign == "3 of 4 initiatives wait, directly or not, for initiative 1: Do a-root."
    assert "20 December 2026" in found.consequence
    assert risk(planned(mini, *chain[:3]), "bottleneck") is None


def test_a_role_that_carries_three_initiatives_at_once_and_weeks_without_room_are_risks(mini: Questionnaire) -> None:
    busy = [action(f"a-{n}", "s1.1", 4) for n in range(4)]
    part = planned(mini, *busy)
    load, full = risk(part, "owner_load"), risk(part, "full")
    assert load is not None
    assert load.sign == "champion owns 4 of 4 initiatives, up to 4 at the same time."
    assert full is not None
    assert full.sign.startswith("In 4 of 4 weeks 4 initiatives run at the same time")
    calm = planned(mini, *busy[:2])
    assert risk(calm, "owner_load") is None
    assert risk(calm, "full") is None


def test_owners_nobody_asked_are_a_risk(mini: Questionnaire) -> None:
    found = risk(governance(mini), "silent_owners")
    assert found is not None
    assert "2 initiatives fall to roles in which nobody answered" in found.sign
    heard = (*assessment(mini).respondents, Respondent("c", "champion", {"s1.1": Answer(level=3)}))
    assert risk(governance(mini, respondents=heard), "silent_owners") is None


def test_steps_without_enough_answers_and_hidden_groups_are_risks(mini: Questionnaire) -> None:
    short = risk(governance(mini, **everything(mini)["one step"]), "insufficient")
    assert short is not None
    assert short.sign == "2 steps have too few answers for a level: Step 2 and Step 3."
    assert risk(governance(mini, confidential=True), "hidden") is not None
    assert risk(governance(mini), "hidden") is None


def test_targets_that_the_plan_does_not_reach_are_a_risk(mini: Questionnaire) -> None:
    found = risk(governance(mini), "unreached")
    assert found is not None
    assert "below target after the whole plan" in found.sign


def test_assumptions_of_the_method_always_stand_and_those_of_a_plan_only_with_one(mini: Questionnaire) -> None:
    with_plan = [term.name for term in governance(mini).assumptions]
    assert with_plan == ["Self-report", "Conventions", "Done and effective", "Capacity", "As of the day"]
    without = governance(mini, respondents=people(mini, {"sales1": 5}), **NOTHING)
    assert [term.name for term in without.assumptions] == ["Self-report", "Conventions", "As of the day"]


# Integrity


def with_integrity(mini: Questionnaire) -> Questionnaire:
    """The small questionnaire whose item s1.3 stands outside the score."""
    first, *others = mini.dimensions
    items = tuple(replace(item, integrity=item.id == "s1.3") for item in first.items)
    return replace(mini, dimensions=(replace(first, items=items), *others))


def judged(mini: Questionnaire, level: int | None) -> Governance:
    core = with_integrity(mini)
    special = {"s1.3": Answer(level=level) if level else Answer(dont_know=True)}
    asked: Assessment = assessment(mini, respondents=people(mini, {"sales1": 3}, sales1=special), **NOTHING)
    return steered(evaluate(core, (), asked))


@pytest.mark.parametrize(
    ("level", "is_alert", "state"),
    [(2, True, "Alert: below level 3"), (3, False, "No alert"), (None, False, "Open: no rating")],
)
def test_an_integrity_item_below_level_three_is_an_alert_outside_the_score(
    mini: Questionnaire, level: int | None, is_alert: bool, state: str
) -> None:
    note = judged(mini, level).integrity
    (item,) = note.items
    assert (item.id, item.is_alert, item.state) == ("s1.3", is_alert, state)
    assert ("1 alert that no score offsets" in note.title) is is_alert
    assert [one.id for one in judged(mini, level).exposures][:1] == ["integrity"] or not is_alert


def test_where_integrity_was_not_asked_the_note_says_so_and_gives_the_questions(mini: Questionnaire) -> None:
    note = governance(mini).integrity
    assert note.items == ()
    assert "not asked this time" in note.title
    assert len(note.questions) == 7
    assert note.measure == ""
    assert note.sources == ()


def test_the_policy_of_the_catalogue_is_named_with_its_day_and_sources(mini: Questionnaire) -> None:
    policy = replace(action("a-integrity-policy", "s1.1", 4), sources=tuple(source.id for source in mini.sources[:1]))
    part = planned(mini, policy)
    assert part.integrity.measure == "In the plan: initiative 1, Do a-integrity-policy, due by 20 December 2026."
    assert part.integrity.sources == tuple(source.citation for source in mini.sources[:1])
    spare = planned(mini, replace(policy, lifts=()))
    assert spare.integrity.measure.startswith("Not in the plan, but in the catalogue")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_governance_is_empty_or_in_another_language(mini: Questionnaire, language: str) -> None:
    part = report_of(mini, language, invited={"executive": 2, "sales": 9, "kam": 9}).governance
    assert part is not None
    assert all(text for one in part.meetings for text in texts(asdict(one)))
    assert all(text for one in part.exposures for text in texts(asdict(one)))
    written = " ".join([part.heading.finding, part.calendar_note, *(one.sign for one in part.exposures)])
    assert ("initiative" in written) is (language == "en")


def test_what_is_done_or_stopped_is_no_longer_steered(mini: Questionnaire) -> None:
    evaluation = evaluate(rich(mini), (), assessment(mini))
    first, second = evaluation.roadmap.initiatives
    for status in (DONE, STOPPED):
        roadmap = replace(evaluation.roadmap, initiatives=(replace(first, status=status), second))
        part = steered(replace(evaluation, roadmap=roadmap))
        assert [due.number for occasion in part.calendar for due in occasion.due] == [2]
    over = replace(evaluation.roadmap, initiatives=(replace(first, status=DONE), replace(second, status=DONE)))
    assert [one.kind for one in steered(replace(evaluation, roadmap=over)).calendar] == ["reassessment"]
