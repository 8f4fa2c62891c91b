"""Deciding on a roadmap: nothing that people decided is lost by planning anew, and nobody overwrites anybody unseen."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assess.core.adoption import BEFORE_NEED
from assess.core.answers import Answer, Organisation
from assess.core.decisions import RUNNING, Decision, OwnInitiative
from assess.core.errors import Conflict, Invalid, NotAllowed, NotFound
from assess.core.questionnaire import Lift
from assess.core.roadmap import Initiative
from assess.storage import plans as plan_rows
from assess.usecases import answers, assessments, plans
from assess.usecases.installation import Installation

OWN = OwnInitiative("", "Ask our largest client", "sales", date(2027, 2, 1), date(2027, 2, 26), lifts=(Lift("s1.3", 4),))


@pytest.fixture
def token(installation: Installation) -> str:
    """An assessment with every item at level 2."""
    token = assessments.start(
        installation, questionnaire="kam-seven-steps", role="sales", language="en", organisation=Organisation("Acme")
    )
    core = assessments.open_by_link(installation, token).questionnaire
    answers.save_answers(installation, token, {item.id: Answer(level=2) for item in core.items})
    return token


def opened(installation: Installation, token: str) -> assessments.OpenAssessment:
    return assessments.open_by_link(installation, token)


def planned(installation: Installation, token: str) -> dict[str, Initiative]:
    roadmap = assessments.evaluate_open(opened(installation, token)).roadmap
    return {initiative.action: initiative for initiative in roadmap.initiatives}


def test_a_decision_outlives_new_answers_and_a_new_plan(installation: Installation, token: str) -> None:
    action = next(iter(planned(installation, token)))
    plans.decide(installation, token, action, Decision("Mei Lin", date(2027, 3, 1), status=RUNNING, notes="begun"), 0)
    answers.save_answers(installation, token, {"s1.1": Answer(level=5)})
    assessments.choose_plan(installation, token, profile=None, start=date(2027, 1, 11), capacity=2)
    kept = planned(installation, token)[action]
    assert (kept.owner, kept.start, kept.status, kept.notes) == ("Mei Lin", date(2027, 3, 1), RUNNING, "begun")


def test_of_two_who_decide_at_once_the_second_is_told(installation: Installation, token: str) -> None:
    action = next(iter(planned(installation, token)))
    plans.decide(installation, token, action, Decision("Ann"), 0)
    with pytest.raises(Conflict):
        plans.decide(installation, token, action, Decision("Bob"), 0)
    assert planned(installation, token)[action].owner == "Ann"
    assert opened(installation, token).decision_versions == {action: 1}
    plans.decide(installation, token, action, Decision("Bob"), 1)
    assert planned(installation, token)[action].owner == "Bob"


def test_own_initiatives_are_added_changed_and_removed(installation: Installation, token: str) -> None:
    id_ = plans.keep_own(installation, token, OWN, None)
    assert planned(installation, token)[id_].start == OWN.start
    changed = replace(OWN, id=id_, title="Ask our two largest clients")
    plans.keep_own(installation, token, changed, opened(installation, token).own_versions[id_])
    assert opened(installation, token).assessment.adoption.own == (changed,)
    with pytest.raises(Conflict):
        plans.keep_own(installation, token, changed, 1)
    plans.decide(installation, token, id_, Decision("Otto"), 0)
    plans.remove_own(installation, token, id_)
    assert id_ not in planned(installation, token)
    assert opened(installation, token).assessment.adoption.decisions == {}
    with pytest.raises(NotFound):
        plans.remove_own(installation, token, id_)


def test_leaving_out_can_be_tried_kept_and_taken_back(installation: Installation, token: str) -> None:
    before = planned(installation, token)
    action = next(iter(before))
    plans.decide(installation, token, action, Decision("Ann"), 0)
    tried = plans.what_if(opened(installation, token), [action])
    today, then = ([p.measured.overall.score for p in one.roadmap.projection] for one in (tried.today, tried.then))
    assert all(less <= full for less, full in zip(then, today, strict=True))
    assert then != today
    assert planned(installation, token).keys() == before.keys()
    plans.leave_out(installation, token, [action, "gone"])
    assert action not in planned(installation, token)
    plans.leave_out(installation, token, [])
    assert planned(installation, token)[action].owner == "Ann"


def test_leaving_out_on_a_plan_that_somebody_changed_at_the_same_moment_is_refused(
    installation: Installation, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = next(iter(planned(installation, token)))
    monkeypatch.setattr(plan_rows, "put_decision", lambda *_: False)
    with pytest.raises(Conflict):
        plans.leave_out(installation, token, [action])


def test_what_does_not_fit_together_is_said(installation: Installation, token: str) -> None:
    needy = next(one for one in planned(installation, token).values() if one.requires)
    start = planned(installation, token)[needy.requires[0]].start
    plans.decide(installation, token, needy.action, Decision(start=start), 0)
    found = plans.what_if(opened(installation, token), None).clashes
    assert (BEFORE_NEED, needy.action) in {(clash.kind, clash.action) for clash in found}


@pytest.mark.parametrize(
    ("decision", "path"),
    [
        (Decision("x" * 201), "owner"),
        (Decision(notes="x" * 5001), "notes"),
        (Decision(status="asleep"), "status"),
        (Decision(start=date(2027, 2, 2), last_day=date(2027, 2, 1)), "last_day"),
        (Decision(start=date(1066, 1, 1)), "start"),
    ],
)
def test_wrong_decisions_are_refused_with_their_place(
    installation: Installation, token: str, decision: Decision, path: str
) -> None:
    action = next(iter(planned(installation, token)))
    with pytest.raises(Invalid) as raised:
        plans.decide(installation, token, action, decision, 0)
    assert [problem.path for problem in raised.value.problems] == [path]


def test_everything_wrong_with_an_own_initiative_is_named_at_once(installation: Installation, token: str) -> None:
    wrong = OwnInitiative("", " ", "king", date(2027, 2, 2), date(2027, 2, 1), 9, "x" * 5001, (Lift("s9.9", 7),))
    with pytest.raises(Invalid) as raised:
        plans.keep_own(installation, token, wrong, None)
    paths = {problem.path for problem in raised.value.problems}
    assert paths == {"title", "owner_role", "effort", "done_when", "last_day", "lifts"}


def test_a_sample_is_not_changed_and_unknown_actions_are_not_found(installation: Installation, token: str) -> None:
    with pytest.raises(NotAllowed):
        plans.decide(installation, "sample-beginner", "x", Decision(), 0)
    with pytest.raises(NotFound):
        plans.decide(installation, token, "no-such-action", Decision(), 0)
