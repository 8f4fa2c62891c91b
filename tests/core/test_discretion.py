"""What may be shown of an evaluation that people answered in confidence: cases by hand."""

from __future__ import annotations

from typing import Any

import pytest

from assess.core.answers import Answer, Consensus
from assess.core.discretion import Discretion
from assess.core.evaluation import Evaluation, evaluate
from assess.core.outputs import progress_json, roadmap_json, scorecard_json
from assess.core.progress import compare_runs
from assess.core.quality import CONTRADICTORY, DISAGREEMENT, INTEGRITY, VISIBILITY, Flag
from assess.core.shown_outputs import shown_progress, shown_roadmap, shown_scorecard
from tests.core.builders import DK, NA, action, assessed, person, plain, questionnaire

L1, L3, L4 = (Answer(level=level) for level in (1, 3, 4))
CORE = questionnaire(plain("a", 4), plain("b", 1), actions=(action("lift", ("a1", 4)), action("other", ("b1", 4))))


def run(*a1: Answer, confidential: bool = True, **options: Any) -> Evaluation:
    """Three people rate a2 to a4 and b1 with 3; these answer a1."""
    rest = dict.fromkeys(("a2", "a3", "a4", "b1"), L3)
    people = [person(f"r{place}", "kam", {**rest, **({"a1": a1[place]} if place < len(a1) else {})}) for place in range(3)]
    return evaluate(CORE, (), assessed(*people, confidential=confidential, **options))


@pytest.mark.parametrize(
    ("a1", "hides_score", "hides_counts"),
    [
        ((L1, DK), True, True),
        ((L1, L1, DK), True, False),
        ((L1, L1, L1), False, False),
        ((DK, DK), False, True),
        ((NA,), True, True),
        ((NA, NA, NA), False, False),
        ((), False, True),
    ],
)
def test_what_few_answers_hide(a1: tuple[Answer, ...], hides_score: bool, hides_counts: bool) -> None:
    found = Discretion(run(*a1))
    assert (found.hides_score("a1"), found.hides_counts("a1")) == (hides_score, hides_counts)


def test_what_the_room_agreed_on_is_shown_however_few_had_rated_it() -> None:
    found = Discretion(run(L1, consensus={"a1": Consensus(2)}))
    assert "a1" in found.hidden
    assert not found.hides_score("a1")


def test_without_confidentiality_nothing_is_hidden() -> None:
    evaluation = run(L1, DK, confidential=False)
    found = Discretion(evaluation)
    assert not found.hidden
    assert not any(found.hides_score(id_) or found.hides_counts(id_) for id_ in CORE.item_ids)
    assert not any(map(found.hides_flag, evaluation.flags))
    assert shown_scorecard(evaluation) == scorecard_json(
        evaluation.scorecard, evaluation.module_scorecards, evaluation.flags, evaluation.without_flagged
    )
    assert shown_roadmap(evaluation) == roadmap_json(evaluation.roadmap, CORE)
    progress = compare_runs(evaluation, evaluation)
    assert shown_progress(progress) == progress_json(progress)


@pytest.mark.parametrize(
    ("kind", "a1", "is_hidden"),
    [
        (VISIBILITY, (L1, DK), True),
        (VISIBILITY, (L1, DK, DK), False),
        (DISAGREEMENT, (L1, DK, DK), True),
        (CONTRADICTORY, (L1, DK, DK), True),
        (INTEGRITY, (L1, DK), False),
    ],
)
def test_findings_about_hidden_items_are_hidden(kind: str, a1: tuple[Answer, ...], is_hidden: bool) -> None:
    flag = Flag(kind, value=1, limit=1, items=("a1",))  # type: ignore[arg-type]  # only its kind and items count
    assert Discretion(run(*a1)).hides_flag(flag) is is_hidden


def test_readers_get_null_for_hidden_items() -> None:
    """a1 has one rating, so a2, the next smallest, is hidden too."""
    card = shown_scorecard(run(L1, DK))
    first, second, third, *_ = card["items"]
    assert first == {
        "id": "a1",
        "status": "hidden",
        **dict.fromkeys(("score", "source", "evidenced", "n", "dont_know", "not_applicable", "median", "min", "max")),
        "agreement": dict.fromkeys(("ad_m", "r_wg", "a_wg", "flag")),
    }
    assert second == {**first, "id": "a2"}
    assert (third["score"], third["n"], third["min"]) == (3.0, 3, 3)
    assert [flag for flag in card["flags"] if "a1" in flag["items"]] == []


def test_of_an_agreed_item_the_score_stays_and_the_votes_before_do_not() -> None:
    item = shown_scorecard(run(L1, DK, consensus={"a1": Consensus(2)}))["items"][0]
    assert (item["score"], item["source"], item["status"]) == (2.0, "consensus", "scored")
    assert (item["n"], item["dont_know"], item["agreement"]["ad_m"]) == (None, None, None)


def test_the_plan_does_not_say_from_where_a_hidden_item_is_lifted_nor_how_urgent_that_makes_it() -> None:
    plan = {one["action"]: one for one in shown_roadmap(run(L1, DK))["initiatives"]}
    assert plan["lift"]["lifts"] == [{"item": "a1", "from": None, "to": 4}]
    assert plan["lift"]["priority"] is None
    assert plan["other"]["lifts"][0]["from"] == 3
    assert plan["other"]["priority"] is not None


def test_a_comparison_says_nothing_of_an_item_hidden_in_either_run() -> None:
    few, many = run(L1, DK), run(L4, L4, L4)
    item = shown_progress(compare_runs(few, many))["items"][0]
    assert (item["from"], item["to"], item["change"], item["causes"]) == (None, 4.0, None, None)
    assert item["evidenced"] == {"from": None, "to": 3.0}
    assert not item["rise_without_evidence"]
