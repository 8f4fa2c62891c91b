"""What changed between two runs, and what it goes along with."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.answers import Answer, Assessment
from assess.core.errors import Invalid
from assess.core.evaluation import Evaluation, evaluate
from assess.core.outputs import progress_json
from assess.core.progress import (
    CONSENSUS,
    EVIDENCE,
    EVIDENCE_GONE,
    INITIATIVES,
    RESPONDENTS,
    UNKNOWN,
    Cause,
    Progress,
    compare_runs,
)
from assess.core.questionnaire import Questionnaire
from tests.core.builders import action, agreed, alone, assessed, item, person, plain, proof, questionnaire
from tests.core.builders import dimension as step

LAST_YEAR = date(2025, 11, 17)  # a Monday
ITEMS = ("a1", "a2", "a3", "a4")
Q = questionnaire(plain("a", 4))


def run(assessment: Assessment, core: Questionnaire = Q, **changes: Any) -> Evaluation:
    return evaluate(core, (), replace(assessment, **changes))


def rated(level: int, *, year: int = 0, evidence: str = "", **changes: Any) -> Assessment:
    answer = Answer(level=level, evidence=evidence)
    base = alone(dict.fromkeys(ITEMS, answer))
    return replace(base, date=LAST_YEAR.replace(year=2025 + year), **changes)


def causes(found: Progress, id_: str = "a1") -> tuple[Cause, ...]:
    return found.item[id_].causes


def test_scores_then_and_now_and_their_difference_stand_side_by_side() -> None:
    found = compare_runs(run(rated(2)), run(rated(4, year=1)))
    (change,) = found.steps
    assert [change.before.score, change.after.score, change.claimed] == [2, 4, 2]
    assert [change.evidenced_before.score, change.evidenced_after.score, change.evidenced] == [2, 3, 1]
    assert found.overall.claimed == 2
    assert found.overall.evidenced == 1


def test_a_change_that_nothing_goes_along_with_has_no_cause_found() -> None:
    found = compare_runs(run(rated(2)), run(rated(3, year=1)))
    assert causes(found) == (Cause(UNKNOWN),)
    assert found.steps[0].causes == (Cause(UNKNOWN),)


def test_an_item_that_stayed_has_no_cause_at_all() -> None:
    later = rated(2, year=1, consensus={"a1": agreed(2)})
    assert causes(compare_runs(run(rated(2)), run(later))) == ()


def test_new_evidence_and_evidence_gone_are_causes() -> None:
    bare, proven = rated(4), rated(4, year=1, evidence="minutes")
    assert causes(compare_runs(run(bare), run(proven))) == (Cause(EVIDENCE, ("a1",)),)
    back = replace(bare, date=proven.date + timedelta(days=1))
    assert causes(compare_runs(run(proven), run(back))) == (Cause(EVIDENCE_GONE, ("a1",)),)


def test_evidence_that_ran_out_in_between_is_gone() -> None:
    register = {"a1": proof(expires=date(2026, 6, 30))}
    found = compare_runs(run(rated(5), evidence=register), run(rated(5, year=1), evidence=register))
    assert causes(found) == (Cause(EVIDENCE_GONE, ("a1",)),)
    assert found.item["a1"].evidenced_after == 3


def test_another_agreement_of_the_room_is_a_cause() -> None:
    found = compare_runs(run(rated(2, consensus={"a1": agreed(2)})), run(rated(2, year=1, consensus={"a1": agreed(4)})))
    assert causes(found) == (Cause(CONSENSUS, ("a1",)),)


def test_other_raters_are_a_cause_and_the_same_number_of_each_role_is_not() -> None:
    one = assessed(person("r1", "sales", dict.fromkeys(ITEMS, 2)))
    two = assessed(person("r7", "sales", dict.fromkeys(ITEMS, 3)), person("r8", "kam", dict.fromkeys(ITEMS, 4)))
    same = assessed(person("r7", "sales", dict.fromkeys(ITEMS, 3)))
    assert causes(compare_runs(run(one), run(two))) == (Cause(RESPONDENTS, ("a1",)),)
    assert causes(compare_runs(run(one), run(same))) == (Cause(UNKNOWN),)


def test_an_initiative_of_the_earlier_plan_is_a_cause_where_its_item_got_there() -> None:
    core = questionnaire(plain("a", 4), actions=(action("x", ("a1", 4), weeks=4), action("y", ("a2", 5), weeks=4)))
    found = compare_runs(run(rated(2), core), run(rated(4, year=1), core))
    assert causes(found, "a1") == (Cause(INITIATIVES, ("x",)),)
    assert causes(found, "a2") == (Cause(UNKNOWN),)
    assert {past.action: past.is_reached for past in found.initiatives} == {"x": True, "y": False}
    assert found.steps[0].causes == (Cause(INITIATIVES, ("x",)),)


def test_an_initiative_that_was_not_due_yet_is_no_cause() -> None:
    core = questionnaire(plain("a", 4), actions=(action("x", ("a1", 4), weeks=60),))
    found = compare_runs(run(rated(2), core), run(rated(4, year=1), core))
    assert found.initiatives == ()
    assert causes(found, "a1") == (Cause(UNKNOWN),)


def test_a_due_initiative_whose_items_nobody_rated_now_is_neither_reached_nor_missed() -> None:
    core = questionnaire(plain("a", 4), actions=(action("x", ("a1", 4)),))
    later = alone(dict.fromkeys(ITEMS[1:], 3))
    found = compare_runs(run(rated(2), core), run(later, core))
    assert [past.is_reached for past in found.initiatives] == [None]


def test_a_rise_without_evidence_is_marked_and_a_small_one_is_not() -> None:
    found = compare_runs(run(rated(3)), run(rated(5, year=1)))
    assert found.steps[0].is_unproven_rise
    assert found.item["a1"].is_unproven_rise
    proven = compare_runs(run(rated(3)), run(rated(5, year=1, evidence="x")))
    assert not proven.steps[0].is_unproven_rise
    assert not proven.item["a1"].is_unproven_rise
    many = [person(f"r{n}", "sales", dict.fromkeys(ITEMS, 3)) for n in range(5)]
    one_higher = [person("r0", "sales", dict.fromkeys(ITEMS, 4)), *many[1:]]
    small = compare_runs(run(assessed(*many)), run(assessed(*one_higher)))
    assert small.item["a1"].change == Fraction(1, 5)
    assert not small.item["a1"].is_unproven_rise


def test_ids_without_a_counterpart_are_named() -> None:
    now = questionnaire(step("a", item("a1"), item("a2"), item("a9")), plain("b", 2), version="1.1.0")
    found = compare_runs(run(rated(2)), run(alone({"a1": 3, "a2": 3, "a9": 3, "b1": 3, "b2": 3}), now))
    assert found.is_comparable
    assert (found.unmatched_items.gone, found.unmatched_items.added) == (("a3", "a4"), ("a9", "b1", "b2"))
    assert (found.unmatched_steps.gone, found.unmatched_steps.added) == ((), ("b",))
    assert [change.id for change in found.items] == ["a1", "a2"]
    assert [change.id for change in found.steps] == ["a"]


def test_a_new_major_version_makes_scores_incomparable() -> None:
    found = compare_runs(run(rated(2)), run(rated(3, year=1), replace(Q, version="2.0.0")))
    assert not found.is_comparable
    shown = progress_json(found)
    assert shown["comparable"] is False
    assert shown["overall"]["change"] is None
    assert shown["overall"]["from"]["score"] == 2.0
    assert shown["items"][0]["causes"] is None


def test_modules_of_both_runs_are_compared_apart_and_others_named() -> None:
    module, other = (questionnaire(plain(letter, 2), id_=f"m{letter}", kind="module") for letter in "xy")
    earlier = evaluate(Q, (module,), replace(rated(2), modules=("mx",)))
    answers = {**dict.fromkeys(ITEMS, 2), "x1": 4, "x2": 4, "y1": 2}
    later = evaluate(Q, (module, other), alone(answers))
    found = compare_runs(earlier, later)
    assert [(change.id, change.claimed) for change in found.modules] == [("x", None)]
    assert found.unmatched_modules.added == ("my",)
    assert [change.id for change in found.steps] == ["a"]


def test_other_questionnaires_and_reversed_dates_are_refused_together() -> None:
    with pytest.raises(Invalid) as refused:
        compare_runs(run(rated(2, year=1)), run(rated(2), replace(Q, id="other")))
    assert [str(problem) for problem in refused.value.problems] == [
        "only runs of the same questionnaire can be compared: the earlier one is of q, the later of other",
        "the earlier run is dated 2026-11-17, after the later one of 2025-11-17",
    ]


def test_the_json_form_has_every_number_and_null_where_there_is_none() -> None:
    shown = progress_json(compare_runs(run(rated(2)), run(alone({"a1": 4}))))
    assert shown["schema"] == "kam-progress/1"
    assert shown["dimensions"][0]["to"]["level"] is None
    assert shown["items"][0] == {
        "id": "a1",
        "from": 2.0,
        "to": 4.0,
        "change": 2.0,
        "evidenced": {"from": 2.0, "to": 3.0},
        "rise_without_evidence": True,
        "causes": [{"kind": "unknown", "ids": []}],
    }
    assert shown["items"][1]["change"] is None


@given(st.lists(st.integers(1, 5), min_size=4, max_size=4), st.lists(st.integers(1, 5), min_size=4, max_size=4))
def test_differences_turn_round_with_the_runs_and_vanish_for_the_same_answers(first: list[int], second: list[int]) -> None:
    one, two = (run(alone(dict(zip(ITEMS, levels, strict=True)))) for levels in (first, second))
    forth, back = compare_runs(one, two), compare_runs(two, one)
    assert forth.overall.claimed is not None
    assert back.overall.claimed == -forth.overall.claimed
    same = compare_runs(one, one)
    assert all(change.change == 0 and change.causes == () for change in same.items)
    assert not same.overall.is_unproven_rise
