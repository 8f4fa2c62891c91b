"""Closing freezes, assessing again begins where the last one ended, and then can be compared with now."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Connection, func, select, update

from assess.core.answers import Answer, Organisation
from assess.core.decisions import Decision
from assess.core.errors import Invalid, NotAllowed, NotFound
from assess.core.evaluation import Evaluation
from assess.core.progress import Progress, compare_runs
from assess.core.questionnaire import Questionnaire
from assess.storage.tables import assessment as assessment_table
from assess.storage.tables import audit_entry
from assess.storage.tables import snapshot as snapshot_table
from assess.usecases import answers, assessments, plans, snapshots, workshops
from assess.usecases.installation import Installation
from tests.usecases.conftest import Clock
from tests.usecases.stages import Stage


def start(installation: Installation, level: int | None = 2) -> str:
    token = assessments.start(
        installation, questionnaire="kam-seven-steps", role="sales", language="en", organisation=Organisation("Acme")
    )
    if level:
        core = assessments.open_by_link(installation, token).questionnaire
        answers.save_answers(installation, token, {item.id: Answer(level=level) for item in core.items})
    return token


def test_a_closed_assessment_takes_no_more_changes_until_it_is_opened_again(installation: Installation) -> None:
    token = start(installation)
    snapshots.close(installation, token)
    for change in (
        lambda: answers.save_answers(installation, token, {"s1.1": Answer(level=5)}),
        lambda: assessments.choose_plan(installation, token, profile=None, start=None, capacity=2),
        lambda: plans.leave_out(installation, token, []),
        lambda: assessments.describe(installation, token, organisation=Organisation("Other"), role="sales"),
        lambda: snapshots.close(installation, token),
    ):
        with pytest.raises(NotAllowed):
            change()
    snapshots.reopen(installation, token)
    answers.save_answers(installation, token, {"s1.1": Answer(level=5)})
    assert snapshots.history(installation, token)[0].score == 2.0


def test_an_answer_saved_at_the_moment_of_closing_is_in_the_snapshot(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = start(installation)
    look = snapshots.open_by_link

    def look_then_save(installation: Installation, token: str) -> assessments.OpenAssessment:
        opened = look(installation, token)
        answers.save_answers(installation, token, {item.id: Answer(level=4) for item in opened.questionnaire.items})
        return opened

    monkeypatch.setattr(snapshots, "open_by_link", look_then_save)
    snapshots.close(installation, token)
    monkeypatch.undo()
    assert [one.score for one in snapshots.history(installation, token)] == [4.0]


def test_pressed_twice_an_assessment_is_closed_once(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    token = start(installation)
    look, both = snapshots.open_by_link, Barrier(2, timeout=30)

    def look_together(installation: Installation, token: str) -> assessments.OpenAssessment:
        opened = look(installation, token)
        both.wait()
        return opened

    monkeypatch.setattr(snapshots, "open_by_link", look_together)
    with ThreadPoolExecutor(2) as pool:
        errors = [pressed.exception() for pressed in [pool.submit(snapshots.close, installation, token) for _ in range(2)]]
    monkeypatch.undo()
    assert sorted(type(error) for error in errors if error) == [NotAllowed]
    assert len(snapshots.history(installation, token)) == 1


def test_pressed_twice_an_assessment_is_opened_again_once(stage: Stage) -> None:
    own = stage.join()
    stage.take()
    stage.vote(own, 2)
    workshops.end_workshop(stage.installation, stage.key)
    snapshots.close(stage.installation, stage.key)
    for _ in range(2):
        snapshots.reopen(stage.installation, stage.key)
    noted = select(func.count()).where(audit_entry.c.action == "assessment.reopened")
    with stage.installation.storage.reading() as connection:
        assert connection.scalar(noted) == 1


def test_a_page_of_answers_that_comes_at_the_moment_of_closing_is_refused(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = start(installation)
    read = answers.questionnaires_of

    def close_meanwhile(connection: Connection, digests: tuple[str, ...]) -> tuple[Questionnaire, ...]:
        connection.execute(update(assessment_table).values(closed_at=installation.clock()))
        return read(connection, digests)

    monkeypatch.setattr(answers, "questionnaires_of", close_meanwhile)
    with pytest.raises(NotAllowed):
        answers.save_answers(installation, token, {"s1.1": Answer(level=5)})
    opened = assessments.open_by_link(installation, token)
    assert opened.respondent
    assert opened.respondent.answers["s1.1"].level == 2


def test_nothing_answered_is_nothing_to_close(installation: Installation) -> None:
    with pytest.raises(Invalid):
        snapshots.close(installation, start(installation, None))


def test_a_snapshot_that_was_changed_shows(installation: Installation) -> None:
    token = start(installation)
    snapshots.close(installation, token)
    assert snapshots.history(installation, token)[0].is_whole
    with installation.storage.writing() as connection:
        connection.execute(update(snapshot_table).values(scorecard=snapshot_table.c.scorecard + " "))
    assert not snapshots.history(installation, token)[0].is_whole


@pytest.mark.parametrize("copies", [True, False])
def test_the_next_assessment_begins_where_the_last_ended(installation: Installation, clock: Clock, copies: bool) -> None:
    token = start(installation)
    action = assessments.evaluate_open(assessments.open_by_link(installation, token)).roadmap.initiatives[0].action
    plans.decide(installation, token, action, Decision("Mei Lin", status="done"), 0)
    snapshots.close(installation, token)
    clock.advance(days=365)
    again = snapshots.reassess(installation, token, copies_answers=copies)
    opened = assessments.open_by_link(installation, again)
    assert opened.assessment.organisation.name == "Acme"
    assert opened.respondent is not None
    assert opened.respondent.role == "sales"
    assert len(opened.respondent.answers) == (42 if copies else 0)
    assert opened.assessment.adoption.decisions[action].owner == "Mei Lin"
    assert opened.closed_at is None
    assert [one.score for one in snapshots.history(installation, again)] == [2.0]


def changes(evaluation: Evaluation) -> Progress:
    assert evaluation.earlier is not None
    return compare_runs(evaluation.earlier, evaluation)


def test_then_and_now_are_compared(installation: Installation, clock: Clock) -> None:
    token = start(installation)
    earlier = snapshots.close(installation, token)
    clock.advance(days=365)
    again = snapshots.reassess(installation, token, copies_answers=True)
    answers.save_answers(installation, again, {"s1.1": Answer(level=4)})
    progress = changes(snapshots.compare(installation, again, earlier))
    assert [item.id for item in progress.items if item.change] == ["s1.1"]
    assert progress.item["s1.1"].change == 2
    later = snapshots.close(installation, again)
    assert changes(snapshots.compare(installation, again, earlier, later)).item["s1.1"].change == 2


def test_somebody_elses_snapshot_is_not_found(installation: Installation) -> None:
    mine, theirs = start(installation), start(installation)
    foreign = snapshots.close(installation, theirs)
    snapshots.close(installation, mine)
    with pytest.raises(NotFound):
        snapshots.compare(installation, mine, foreign)


def test_erasing_the_first_assessment_ends_the_history(installation: Installation, clock: Clock) -> None:
    token = start(installation)
    snapshots.close(installation, token)
    clock.advance(days=365)
    again = snapshots.reassess(installation, token, copies_answers=True)
    assessments.erase(installation, token)
    assert snapshots.history(installation, again) == ()


def test_only_a_closed_assessment_is_assessed_again(installation: Installation) -> None:
    with pytest.raises(NotAllowed):
        snapshots.reassess(installation, start(installation), copies_answers=True)
    with pytest.raises(NotAllowed):
        snapshots.close(installation, "sample-beginner")
