"""tiers.yaml and account-rules.yaml: read, checked with lines, kept out of older frozen copies."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from assess.content.questionnaires import load
from assess.core.accounts import TIERS
from assess.core.accounts_claims import FIGURES
from assess.core.questionnaire import Questionnaire
from assess.resources import QUESTIONNAIRES
from tests.content.builders import frozen, lint, mini_files, words


def tiers(**changes: Any) -> dict[str, Any]:
    conditions = {"problem": {"contribution_below": 0}, "diamond": {"revenue_share": 0.1}, "gold": {"revenue": 1000}}
    order = ("problem", "diamond", "gold", "strategic", "potential", "ordinary")
    listed = [{"id": id_, "name": words(id_), "rule": words(), "when": conditions.get(id_, {})} for id_ in order]
    return {"schema": "kam-tiers/1", "years": 2, "high_share": 0.5, "basis": words(), "tiers": listed} | changes


def rule(**changes: Any) -> dict[str, Any]:
    said = words("{claimed} against {measured}")
    base = {"id": "r", "item": "s1.1", "from_level": 4, "figure": "key_accounts", "when": "above", "threshold": 25}
    return {**base, "text": said, "why": words(), "sources": ["none"], **changes}


def rules(*listed: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"schema": "kam-account-rules/1", "rules": list(listed), **changes}


def problems(name: str, content: dict[str, Any]) -> list[str]:
    return [problem.split(": ", 1)[1] for problem in lint({**mini_files(), name: content})]


def loaded(**files: dict[str, Any]) -> Questionnaire:
    names = {"tiers": "tiers.yaml", "rules": "account-rules.yaml"}
    return load(frozen({**mini_files(), **{names[name]: content for name, content in files.items()}}))


def test_thresholds_are_exact_and_in_the_order_they_are_tried() -> None:
    made = loaded(tiers=tiers()).tiers
    assert made is not None
    assert [one.id for one in made.rules.rules] == ["problem", "diamond", "gold", "strategic", "potential", "ordinary"]
    assert made.rules.rules[1].revenue_share == Fraction(1, 10)
    assert (made.rules.years, made.rules.high_share) == (2, Fraction(1, 2))
    assert made.names["gold"].en == "gold"


def test_a_rule_carries_its_citation_from_either_list_of_sources() -> None:
    own = [{"id": "own", "citation": "Own source"}]
    (made,) = loaded(rules=rules(rule(sources=["none", "own"]), sources=own)).account_rules
    assert (made.item, made.from_level, made.threshold, made.when) == ("s1.1", 4, 25, "above")
    assert made.citations[1] == "Own source"


def test_frozen_copies_without_these_files_still_load() -> None:
    made = load(frozen(mini_files()))
    assert (made.tiers, made.account_rules) == (None, ())


def test_the_fingerprint_of_a_questionnaire_is_that_of_its_questions() -> None:
    assert loaded(tiers=tiers()).sha256 == load(frozen(mini_files())).sha256


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (tiers(years=0), "years: must be at least 1"),
        (tiers(high_share=2), "high_share: must be at most 1"),
        (tiers(high_share="half"), "high_share: must be a number"),
        (tiers(sources=["gone"]), "sources[0]: there is no source gone"),
        (tiers(tiers=tiers()["tiers"][:-1]), "tiers: the tier ordinary is missing"),
        (tiers(tiers=[*tiers()["tiers"], tiers()["tiers"][0]]), "tiers[problem].id: problem is used twice"),
        (tiers(tiers=tiers()["tiers"][::-1]), "the last tier takes every account that is left: {}"),
    ],
)
def test_what_is_wrong_with_tiers_is_said(content: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems("tiers.yaml", content))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (rules(rule(item="s9.9")), "rules[r].item: there is no item s9.9"),
        (rules(rule(figure="luck")), "rules[r].figure: there is no figure luck; there are: key_accounts, "),
        (rules(rule(sources=["gone"])), "rules[r].sources[0]: there is no source gone"),
        (rules(rule(sources=[])), "rules[r].sources: needs at least 1 entries"),
        (rules(rule(when="about")), "rules[r].when: must be one of 'above' or 'below'"),
        (rules(rule(from_level=6)), "rules[r].from_level: must be at most 5"),
        (rules(rule(), rule()), "rules[r].id: r is used twice"),
        (rules(rule(text=words("only {claimed}"))), "rules[r].text.en: does not say measured"),
        (rules(rule(text=words("{claimed} {measured} {luck}"))), "asks for luck; there are only claimed, measured, threshold"),
    ],
)
def test_what_is_wrong_with_rules_is_said(content: dict[str, Any], said: str) -> None:
    assert any(said in problem for problem in problems("account-rules.yaml", content))


@pytest.mark.parametrize("id_", ["kam-seven-steps", "kam-seven-steps-short"])
def test_the_shipped_tiers_and_rules_are_whole(id_: str) -> None:
    from assess.content.questionnaires import load_folder

    made = load_folder(QUESTIONNAIRES / id_)
    assert made.tiers is not None
    assert sorted(made.tiers.names) == sorted(TIERS)
    assert made.account_rules
    assert {one.figure for one in made.account_rules} <= FIGURES.keys()
    assert all(one.citations for one in made.account_rules)
