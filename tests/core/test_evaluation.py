from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from assess.core.answers import Organisation
from assess.core.benchmark import Peer
from assess.core.evaluation import evaluate
from tests.core.builders import action, alone, plain, questionnaire

CORE = questionnaire(plain("a", 1), actions=(action("x", ("a1", 4)),), profiles={"starting": {"a": 3}})
MODULE = questionnaire(plain("m", 1), id_="m", kind="module", actions=(action("y", ("m1", 4)),))


def test_one_evaluation_scores_flags_and_plans_core_and_modules():
    found = evaluate(CORE, (MODULE,), alone({"a1": 2, "m1": 3}))
    assert (found.scorecard.claimed.score, found.module_scorecards[0].claimed.score) == (2, 3)
    assert [one.action for one in found.roadmap.initiatives] == ["x", "y"]
    assert set(found.action) == {"x", "y"}
    assert found.roadmap.targets == {"a": 4, "m": 4}


def test_without_peers_there_is_no_comparison_and_with_none_an_empty_one():
    assert evaluate(CORE, (), alone({"a1": 2})).comparison is None
    assert evaluate(CORE, (), alone({"a1": 2}), peers=()).comparison.n == 0


def test_the_plan_starts_on_the_next_monday_unless_told_otherwise():
    assert evaluate(CORE, (), alone({"a1": 2})).roadmap.start == date(2026, 11, 23)
    assert evaluate(CORE, (), alone({"a1": 2}), start=date(2027, 2, 3)).roadmap.start == date(2027, 2, 3)


def test_peers_are_looked_for_in_the_organisations_own_segments_unless_others_are_chosen():
    own = replace(alone({"a1": 2}), organisation=Organisation("Acme", "it", "eu", "1-9"))
    peers = [Peer(f"o{n}", "q", "1.0.0", date(2026, 1, 1), {"a": Fraction(3)}, "it", "eu", "1-9") for n in range(5)]
    assert evaluate(CORE, (), own, peers=peers).comparison.group == {"industry": "it", "region": "eu", "size": "1-9"}
    assert evaluate(CORE, (), own, peers=peers, segments={"region": "eu"}).comparison.group == {"region": "eu"}
    assert evaluate(CORE, (), own, peers=peers, segments={}).comparison.group == {}


def test_the_chosen_profile_sets_the_targets():
    assert evaluate(CORE, (), alone({"a1": 3}, profile="starting")).roadmap.initiatives == ()
