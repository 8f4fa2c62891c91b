"""Roles a level apart: who is named, and what the pattern is called."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from assess.content.document import read_file
from assess.content.library import Library
from assess.core.evaluation import evaluate
from assess.core.questionnaire import Questionnaire
from assess.core.report import ReportContent
from assess.core.report.apart import DIFFER, OPTIMISM, SILO, role_apart
from assess.core.scoring import DimensionScore, RoleScore, score
from assess.resources import SAMPLES
from tests.reports import assessment, people, report, report_of

BARE: dict[str, Any] = {"consensus": {}, "evidence": {}}


@pytest.fixture(scope="module")
def scored(mini: Questionnaire) -> DimensionScore:
    return score(mini, assessment(mini)).dimensions[0]


def of(scored: DimensionScore, **means: float | None) -> DimensionScore:
    """The dimension with these means of its roles; None where a role is hidden."""
    roles = {r: RoleScore(None, None) if m is None else RoleScore(Fraction(str(m)), 3) for r, m in means.items()}
    return replace(scored, roles=roles)


@pytest.mark.parametrize(
    ("means", "kind", "role"),
    [
        ({"executive": 4, "sales": 3, "kam": 2.5}, OPTIMISM, "executive"),
        ({"executive": 4.3, "finance": 4, "kam": 3.9, "operations": 2.8}, SILO, "operations"),
        ({"executive": 2, "finance": 2.1, "kam": 2, "sales": 3.2}, SILO, "sales"),
        ({"executive": 1.5, "finance": 3, "kam": 2.9}, SILO, "executive"),
        ({"executive": 2.83, "finance": 1.67, "kam": 1.75, "operations": 1.33, "sales": 1.92}, OPTIMISM, "executive"),
        ({"executive": 2.33, "finance": 1.5, "kam": 1.67, "operations": 1.2, "sales": 1.73}, DIFFER, "executive"),
        ({"executive": 4, "operations": 1, "kam": 2.5}, OPTIMISM, "executive"),
        ({"operations": 1, "kam": 2.5, "sales": 4}, DIFFER, "sales"),
        ({"sales": 3, "kam": 2}, DIFFER, "sales"),
        ({"executive": 3, "kam": 2}, OPTIMISM, "executive"),
        ({"executive": 2, "kam": 3}, DIFFER, "kam"),
    ],
)
def test_the_role_that_stands_apart_is_named(scored: DimensionScore, means: dict[str, float], kind: str, role: str) -> None:
    found = role_apart(of(scored, **means))
    assert found is not None
    assert (found.kind, found.role) == (kind, role)


@pytest.mark.parametrize("means", [{}, {"sales": 3}, {"sales": 3, "kam": 2.01}, {"executive": 5, "kam": None}])
def test_roles_less_than_a_level_apart_are_not_mentioned(scored: DimensionScore, means: dict[str, float | None]) -> None:
    assert role_apart(of(scored, **means)) is None


def test_a_hidden_role_takes_no_part(scored: DimensionScore) -> None:
    found = role_apart(of(scored, executive=5, sales=3, operations=1.9, kam=None))
    assert found is not None
    assert (found.kind, found.other) == (OPTIMISM, Fraction(3))


def test_a_confidential_report_names_no_hidden_role_as_apart(mini: Questionnaire) -> None:
    named = people(mini, {"executive1": 5, "sales1": 2, "sales2": 2, "sales3": 2, "kam1": 3, "kam2": 3, "kam3": 3})
    content = report_of(mini, confidential=True, respondents=named, **BARE)
    assert content.perceptions is not None
    assert not any("executive" in sentence for sentence in content.perceptions.gaps)


def sample(name: str) -> ReportContent:
    return report(evaluate(*Library(()).read_answers(read_file(SAMPLES / f"{name}.answers.yaml"))))


def test_the_advanced_sample_has_operations_apart_everywhere_it_is_told() -> None:
    content = sample("advanced")
    assert content.perceptions is not None
    (sentence,) = content.perceptions.gaps
    assert sentence.startswith("Operations and supply chain rates Step 1")
    assert sentence.endswith("known as a silo gap.")
    assert content.steps[0].roles_title.startswith("Operations and supply chain rates this step")
    risks = [point.text for point in content.summary.risks if point.anchor == "perceptions"]
    assert all(text.startswith("A silo gap: Operations") for text in risks)


def test_the_beginner_sample_shows_leadership_optimism_in_the_first_two_steps_only() -> None:
    perceptions = sample("beginner").perceptions
    assert perceptions is not None
    optimism = [sentence for sentence in perceptions.gaps if "leadership optimism" in sentence]
    assert sorted(sentence.split(" (")[0].rsplit(" ", 1)[-1] for sentence in optimism) == ["1", "2"]
    assert all("no single one stands apart" in sentence for sentence in perceptions.gaps if sentence not in optimism)
