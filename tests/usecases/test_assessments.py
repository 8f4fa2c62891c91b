"""What a company does with its own assessment."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assess.content.document import parse
from assess.content.library import Library
from assess.core.answers import Answer, Organisation
from assess.core.errors import Invalid, NotAllowed, NotFound
from assess.usecases import answers, assessments
from assess.usecases.installation import Installation
from tests.usecases.conftest import VECTORS, Clock

ACME = Organisation("Acme 關鍵", "machinery", "eu", "50-249")


def start(installation: Installation) -> str:
    return assessments.start(installation, questionnaire="mini", role="kam", language="zh-Hans", organisation=ACME)


def test_a_new_assessment_opens_by_its_private_link(installation: Installation) -> None:
    token = start(installation)
    opened = assessments.open_by_link(installation, token)
    assert len(token) >= 43
    assert (opened.assessment.organisation, opened.language, opened.read_only) == (ACME, "zh-Hans", False)
    assert opened.respondent is not None
    assert opened.respondent.role == "kam"
    assert opened.assessment.date == date(2026, 11, 21)


def test_a_link_that_nobody_was_given_opens_nothing(installation: Installation) -> None:
    start(installation)
    for token in ("", "x", "sample-", "sample-nothing", "sample-../../etc/passwd", "a" * 10_000, "\ud800"):
        with pytest.raises(NotFound):
            assessments.open_by_link(installation, token)


@pytest.mark.parametrize(
    ("field", "value"), [("questionnaire", "nothing"), ("role", "boss"), ("language", "de"), ("questionnaire", "../mini")]
)
def test_starting_with_something_unknown_is_refused(installation: Installation, field: str, value: str) -> None:
    given = {"questionnaire": "mini", "role": "kam", "language": "en"} | {field: value}
    with pytest.raises((Invalid, NotFound)):
        assessments.start(installation, organisation=ACME, **given)


def test_saved_answers_stay_and_unnamed_ones_are_untouched(installation: Installation, clock: Clock) -> None:
    token = start(installation)
    answers.save_answers(installation, token, {"s1.1": Answer(level=3), "s1.2": Answer(dont_know=True)})
    clock.advance(days=1)
    answers.save_answers(installation, token, {"s1.2": None, "s1.3": Answer(not_applicable="other", comment="why")})
    opened = assessments.open_by_link(installation, token)
    assert opened.respondent is not None
    assert opened.respondent.answers == {"s1.1": Answer(level=3), "s1.3": Answer(not_applicable="other", comment="why")}
    assert opened.assessment.date == date(2026, 11, 22)


def test_saving_the_same_again_changes_nothing(installation: Installation, clock: Clock) -> None:
    token = start(installation)
    answers.save_answers(installation, token, {"s1.1": Answer(level=3)})
    clock.advance(days=1)
    answers.save_answers(installation, token, {"s1.1": Answer(level=3)})
    assert assessments.open_by_link(installation, token).assessment.date == date(2026, 11, 21)


@pytest.mark.parametrize(
    "given",
    [
        {"s9.9": Answer(level=3)},
        {"s1.1": Answer(level=0)},
        {"s1.1": Answer(level=6)},
        {"s1.1": Answer()},
        {"s1.1": Answer(level=3, dont_know=True)},
        {"s1.1": Answer(not_applicable="because")},
        {"s1.1": Answer(level=3, comment="x" * 5_001)},
    ],
)
def test_answers_that_cant_be_are_refused_and_nothing_of_the_page_is_lost_or_half_saved(
    installation: Installation, given: dict[str, Answer]
) -> None:
    token = start(installation)
    answers.save_answers(installation, token, {"s1.1": Answer(level=2)})
    with pytest.raises(Invalid):
        answers.save_answers(installation, token, {"s1.4": Answer(level=5), **given})
    opened = assessments.open_by_link(installation, token)
    assert opened.respondent is not None
    assert opened.respondent.answers == {"s1.1": Answer(level=2)}


def test_an_assessment_keeps_the_questionnaire_it_was_opened_with(installation: Installation, tmp_path: Path) -> None:
    own = tmp_path / "own"
    shutil.copytree(VECTORS / "mini", own / "mini")
    here = replace(installation, library=Library((own,)))
    token = start(here)
    before = assessments.open_by_link(here, token).questionnaire
    file = own / "mini" / "questionnaire.yaml"
    file.write_text(file.read_text().replace("version: 1.0.0", "version: 2.0.0"))
    assert assessments.open_by_link(here, token).questionnaire == before
    assert assessments.open_by_link(here, start(here)).questionnaire.version == "2.0.0"


def test_the_description_can_be_changed(installation: Installation) -> None:
    token = start(installation)
    assessments.describe(installation, token, organisation=Organisation("New"), role="sales")
    opened = assessments.open_by_link(installation, token)
    assert opened.assessment.organisation == Organisation("New")
    assert opened.respondent is not None
    assert opened.respondent.role == "sales"
    with pytest.raises(Invalid):
        assessments.describe(installation, token, organisation=ACME, role="boss")


def test_the_plan_can_be_chosen(installation: Installation) -> None:
    token = start(installation)
    answers.save_answers(installation, token, {"s1.1": Answer(level=3)})
    assessments.choose_plan(installation, token, profile=None, start=date(2027, 3, 1), capacity=2)
    plan = assessments.evaluate_open(assessments.open_by_link(installation, token)).roadmap
    assert (plan.start, plan.capacity) == (date(2027, 3, 1), 2)
    for wrong in ({"profile": "nothing", "capacity": 4}, {"profile": None, "capacity": 0}, {"profile": None, "capacity": 21}):
        with pytest.raises(Invalid):
            assessments.choose_plan(installation, token, start=None, **wrong)  # type: ignore[arg-type]


def test_erased_means_gone(installation: Installation) -> None:
    token, other = start(installation), start(installation)
    assessments.erase(installation, token)
    with pytest.raises(NotFound):
        assessments.open_by_link(installation, token)
    assessments.open_by_link(installation, other)


def test_the_answers_can_be_taken_along_and_give_the_same_score(installation: Installation) -> None:
    token = start(installation)
    given = {"s1.1": Answer(level=4, evidence="charter"), "s1.2": Answer(level=2), "s2.1": Answer(dont_know=True, comment="?")}
    answers.save_answers(installation, token, given)
    opened = assessments.open_by_link(installation, token)
    document = parse(assessments.export_answers(opened).encode(), "export.yaml")
    _, _, again = Library((VECTORS,)).read_answers(document)
    assert again.respondents[0].answers == given
    assert again.respondents[0].id == "r1"
    assert again.organisation == ACME


@pytest.mark.parametrize("name", ["beginner", "advanced"])
def test_samples_can_be_looked_at_but_not_changed(installation: Installation, name: str) -> None:
    token = f"sample-{name}"
    opened = assessments.open_by_link(installation, token)
    assert opened.read_only
    assert opened.assessment.sample
    assert assessments.evaluate_open(opened).scorecard.claimed.level is not None
    for change in (
        lambda: answers.save_answers(installation, token, {"s1.1": Answer(level=1)}),
        lambda: assessments.describe(installation, token, organisation=ACME, role="kam"),
        lambda: assessments.choose_plan(installation, token, profile=None, start=None, capacity=4),
        lambda: assessments.erase(installation, token),
    ):
        with pytest.raises(NotAllowed):
            change()
