"""Accounts, roles, engagements, invitations and the audit log, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import io
import json
import re
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from assess import jobs
from assess.core.answers import Answer
from assess.core.errors import Conflict, Failed, Invalid, NotAllowed, NotFound
from assess.core.staff import Actor
from assess.storage import audit as audit_rows
from assess.storage import people as people_rows
from assess.storage import tokens as token_rows
from assess.storage.links import AssessmentKey
from assess.storage.tables import audit_entry, invitation, person, rate_count, respondent, setup_link, staff_session
from assess.usecases import answers, assessments, audit, demo, documents, engagements, invitations, people, sweeping, tokens
from assess.usecases.installation import Installation
from tests.staff import CHEAP, PASSWORD, Run, become_admin, invite_one, join, respond, signed_in, start_run, work
from tests.usecases.conftest import Clock


@pytest.fixture
def ada(installation: Installation) -> Actor:
    return become_admin(installation)


@pytest.fixture
def otto(installation: Installation, ada: Actor) -> Actor:
    """The admin of another workspace."""
    return become_admin(installation, "otto@example.net", "Otto Ltd")


def entries(installation: Installation, actor: Actor) -> list[str]:
    return [entry.action for entry in audit.export_log(installation, actor)]


def try_sign_in(installation: Installation, password: str = PASSWORD, email: str = "ada@example.org", address: str = "1.2.3.4"):
    return people.sign_in(installation, email=email, password=password, address=address, browser="test")


def test_the_first_start_gives_one_link_that_makes_the_first_admin(installation: Installation) -> None:
    token = people.first_start(installation)
    assert token
    assert people.open_setup(installation, token).is_first
    given = {"name": "Ada", "workspace": "Ada & Co", "kind": "consultancy", "password": PASSWORD}
    people.finish_setup(installation, token, email=" Ada@Example.org ", **given)
    actor = signed_in(installation, "ada@example.org")
    assert (actor.role, actor.workspace, actor.name) == ("admin", "Ada & Co", "Ada")
    assert people.first_start(installation) is None
    with pytest.raises(NotFound):
        people.finish_setup(installation, token, email="otto@example.net", **given)


def test_of_two_first_links_only_the_first_used_one_counts(installation: Installation) -> None:
    first, second = people.first_start(installation), people.first_start(installation)
    assert first
    assert second
    given = {"name": "Ada", "workspace": "Ada & Co", "kind": "company", "password": PASSWORD}
    people.finish_setup(installation, second, email="ada@example.org", **given)
    with pytest.raises(NotFound):
        people.open_setup(installation, first)


def test_everything_wrong_with_a_set_up_is_said_at_once(installation: Installation) -> None:
    token = people.first_start(installation) or ""
    with pytest.raises(Invalid) as error:
        people.finish_setup(installation, token, email="nobody", password="short", workspace=" ", kind="bank")
    assert [problem.path for problem in error.value.problems] == ["email", "password", "workspace", "kind"]


@pytest.mark.parametrize("password", ["a" * 20, "ada@example.org", "fourteen chars", "x" * 257])
def test_short_and_easily_guessed_passwords_are_refused(installation: Installation, ada: Actor, password: str) -> None:
    token = people.reset_user(installation, "ada@example.org")
    with pytest.raises(Invalid):
        people.finish_setup(installation, token, password=password)


@pytest.mark.parametrize("password", ["fifteen letters", "關鍵客戶管理成熟度評估工具組，十五字以上", " spaces at both ends "])
def test_any_long_password_will_do(installation: Installation, ada: Actor, password: str) -> None:
    people.finish_setup(installation, people.reset_user(installation, "ada@example.org"), password=password)
    assert try_sign_in(installation, password).token


def test_a_set_up_link_ends_after_three_days(installation: Installation, ada: Actor, clock: Clock) -> None:
    token = people.reset_user(installation, "ada@example.org")
    clock.advance(hours=73)
    with pytest.raises(NotFound):
        people.open_setup(installation, token)


def test_passwords_links_and_sessions_are_kept_as_hashes_only(installation: Installation, ada: Actor) -> None:
    token = try_sign_in(installation).token
    link = people.reset_user(installation, "ada@example.org")
    with installation.storage.reading() as connection:
        stored = [str(row) for table in (person, staff_session, setup_link) for row in connection.execute(select(table))]
    assert not [row for row in stored if PASSWORD in row or str(token) in row or link in row]
    assert any("$argon2id$" in row for row in stored)


def test_the_sixth_try_in_a_quarter_of_an_hour_is_refused_even_with_the_right_password(
    installation: Installation, ada: Actor, clock: Clock
) -> None:
    for _ in range(5):
        result = try_sign_in(installation, "wrong wrong wrong")
        assert (result.token, result.is_throttled) == (None, False)
    assert try_sign_in(installation).is_throttled
    clock.advance(minutes=17)
    assert try_sign_in(installation).token


def test_unknown_addresses_are_throttled_alike(installation: Installation, ada: Actor) -> None:
    results = [try_sign_in(installation, email="nobody@example.org") for _ in range(6)]
    assert [result.is_throttled for result in results] == [False] * 5 + [True]


def test_one_address_may_try_fifty_times(installation: Installation, ada: Actor) -> None:
    results = [try_sign_in(installation, email=f"p{n}@example.org") for n in range(50)]
    assert not any(result.is_throttled for result in results)
    assert try_sign_in(installation, email="another@example.org").is_throttled
    assert not try_sign_in(installation, email="another@example.org", address="5.6.7.8").is_throttled


def test_a_throttled_address_makes_no_more_counts(installation: Installation, ada: Actor) -> None:
    before = len(counts(installation))
    for n in range(60):
        try_sign_in(installation, email=f"p{n}@example.org")
    assert len(counts(installation)) == before + people.TRIES_PER_ADDRESS + 1


def test_counts_are_forgotten_once_their_time_is_over(installation: Installation, ada: Actor, clock: Clock) -> None:
    for n in range(9):
        try_sign_in(installation, email=f"p{n}@example.org")
    clock.advance(minutes=10)
    try_sign_in(installation, email="late@example.org")
    clock.advance(minutes=6)
    sweeping.sweep(installation)
    assert len(counts(installation)) == 2, "of the late one and of their address"
    clock.advance(minutes=11)
    sweeping.sweep(installation)
    assert counts(installation) == []


def test_everything_that_is_counted_is_forgotten_in_time() -> None:
    source = "".join(path.read_text() for path in Path(people.__file__).parent.glob("*.py"))
    assert set(re.findall(r'count_attempt\(connection, "([^"]+)"', source)) | {"api"} == sweeping.COUNTED.keys()


def counts(installation: Installation) -> list[str]:
    with installation.storage.reading() as connection:
        return list(connection.scalars(select(rate_count.c.bucket)))


def test_a_whole_office_can_sign_in_from_one_address(installation: Installation, ada: Actor) -> None:
    assert all(try_sign_in(installation).token for _ in range(60))


def test_somebody_unknown_is_checked_against_a_password_too(installation: Installation, ada: Actor) -> None:
    asked: list[str | None] = []

    class Watched(type(CHEAP)):  # type: ignore[misc]
        def is_right(self, stored: str | None, password: str) -> bool:
            asked.append(stored)
            return super().is_right(stored, password)

    watched = replace(installation, passwords=Watched(CHEAP.hasher))
    assert try_sign_in(watched, email="nobody@example.org").token is None
    assert asked == [None]
    assert not CHEAP.is_right(None, "the password of nobody at all")


def test_a_session_ends_after_half_a_day_alone_and_after_a_week(installation: Installation, ada: Actor, clock: Clock) -> None:
    token = try_sign_in(installation).token or ""
    for _ in range(15):
        clock.advance(hours=11)
        assert people.current_session(installation, token)
    clock.advance(hours=11)
    assert people.current_session(installation, token) is None
    token = try_sign_in(installation).token or ""
    clock.advance(hours=13)
    assert people.current_session(installation, token) is None
    clock.advance(hours=-26)
    assert people.current_session(installation, token) is None


def test_signing_out_everywhere_ends_every_session(installation: Installation, ada: Actor) -> None:
    tokens = [try_sign_in(installation).token or "" for _ in range(3)]
    people.sign_out_everywhere(installation, ada)
    assert [people.current_session(installation, token) for token in tokens] == [None] * 3


def test_a_new_password_ends_the_other_sessions(installation: Installation, ada: Actor) -> None:
    here, there = (try_sign_in(installation).token or "" for _ in range(2))
    session, actor = people.current_session(installation, here) or pytest.fail("no session")
    new = "another long password"
    with pytest.raises(Invalid, match="present password"):
        people.change_password(installation, actor, session.token_hash, current="wrong", new=new)
    people.change_password(installation, actor, session.token_hash, current=PASSWORD, new=new)
    assert people.current_session(installation, here)
    assert people.current_session(installation, there) is None
    assert try_sign_in(installation, new).token


def test_a_new_role_and_a_removal_count_with_the_next_request(installation: Installation, ada: Actor) -> None:
    carl = join(installation, ada, "carl@example.org", "consultant")
    token = try_sign_in(installation, email="carl@example.org").token or ""
    people.change_role(installation, ada, carl.person_id, role="admin", engagement=None)
    _, now = people.current_session(installation, token) or pytest.fail("no session")
    assert now.role == "admin"
    people.remove_member(installation, ada, carl.person_id)
    assert people.current_session(installation, token) is None
    assert try_sign_in(installation, email="carl@example.org").token is None


def test_the_last_admin_stays(installation: Installation, ada: Actor) -> None:
    with pytest.raises(NotAllowed):
        people.remove_member(installation, ada, ada.person_id)
    with pytest.raises(NotAllowed):
        people.change_role(installation, ada, ada.person_id, role="consultant", engagement=None)
    people.invite_member(installation, ada, email="eve@example.org", name="", role="admin", engagement=None)
    with pytest.raises(NotAllowed):
        people.remove_member(installation, ada, ada.person_id)


def test_an_admin_can_give_no_new_password_to_somebody_who_has_one(installation: Installation, ada: Actor, otto: Actor) -> None:
    people.invite_member(installation, otto, email="ada@example.org", name="", role="consultant", engagement=None)
    with pytest.raises(NotAllowed):
        people.renew_setup_link(installation, otto, ada.person_id)
    with pytest.raises(Conflict):
        people.invite_member(installation, otto, email="ada@example.org", name="", role="admin", engagement=None)


def test_an_admin_gets_no_link_to_become_somebody_of_another_workspace(
    installation: Installation, ada: Actor, otto: Actor
) -> None:
    invited = people.invite_member(installation, ada, email="eve@example.org", name="", role="admin", engagement=None)
    again = people.invite_member(installation, otto, email="eve@example.org", name="", role="consultant", engagement=None)
    assert (again.person_id, again.token) == (invited.person_id, None)
    for admin in (otto, ada):
        with pytest.raises(NotAllowed):
            people.renew_setup_link(installation, admin, invited.person_id)
    assert invited.token
    people.finish_setup(installation, invited.token, password=PASSWORD)
    assert signed_in(installation, "eve@example.org").workspace_id == ada.workspace_id


def test_an_admin_gets_no_link_to_become_somebody_who_signs_in_through_the_provider(
    installation: Installation, ada: Actor, otto: Actor
) -> None:
    eve = people.invite_member(
        installation, ada, email="eve@example.org", name="", role="consultant", engagement=None
    ).person_id
    with installation.storage.reading() as connection:
        found = people_rows.find_person(connection, eve)
    assert people.open_session(installation, found, "1.2.3.4", "test", installation.clock())
    people.remove_member(installation, ada, eve)
    invited = people.invite_member(installation, otto, email="eve@example.org", name="", role="consultant", engagement=None)
    assert invited.token is None


def test_who_was_removed_before_setting_up_gets_a_link_of_the_next_workspace(
    installation: Installation, ada: Actor, otto: Actor
) -> None:
    eve = people.invite_member(installation, ada, email="eve@example.org", name="", role="consultant", engagement=None)
    people.remove_member(installation, ada, eve.person_id)
    invited = people.invite_member(installation, otto, email="eve@example.org", name="", role="consultant", engagement=None)
    assert invited.token
    assert people.renew_setup_link(installation, otto, eve.person_id)


def test_the_console_makes_an_admin_where_there_is_none(installation: Installation) -> None:
    def add(email: str, role: str | None = None, workspace: str = "Our practice") -> dict[str, str]:
        people.finish_setup(
            installation,
            people.add_user(installation, email=email, name="", workspace=workspace, kind="consultancy", role=role),
            password=PASSWORD,
        )
        admin = signed_in(installation, "ada@example.org")
        return {one.email: one.role for one in people.list_members(installation, admin)}

    assert add("ada@example.org") == {"ada@example.org": "admin"}
    assert add("carl@example.org") == {"ada@example.org": "admin", "carl@example.org": "consultant"}
    assert add("eve@example.org", "admin")["eve@example.org"] == "admin"
    assert add("ada@example.org", workspace="") == {
        "ada@example.org": "admin", "carl@example.org": "consultant", "eve@example.org": "admin",
    }  # fmt: skip


def test_somebody_in_two_workspaces_works_in_one_at_a_time(installation: Installation, ada: Actor, otto: Actor) -> None:
    people.invite_member(installation, otto, email="ada@example.org", name="", role="consultant", engagement=None)
    token = try_sign_in(installation).token or ""
    session, actor = people.current_session(installation, token) or pytest.fail("no session")
    run = start_run(installation, actor)
    people.switch_workspace(installation, actor, session.token_hash, otto.workspace_id)
    _, there = people.current_session(installation, token) or pytest.fail("no session")
    assert (there.workspace, there.role) == ("Otto Ltd", "consultant")
    with pytest.raises(NotFound):
        engagements.open_engagement(installation, there, run.engagement)
    with pytest.raises(NotFound):
        people.switch_workspace(installation, otto, session.token_hash, ada.workspace_id)


def test_engagements_are_found_by_client_and_title_and_stay_in_their_workspace(
    installation: Installation, ada: Actor, otto: Actor
) -> None:
    engagements.create_engagement(installation, ada, work("Acme 關鍵", title="Spring"))
    engagements.create_engagement(installation, ada, work("Brück 100%", title="Autumn"))
    engagements.create_engagement(installation, otto, work("Acme of Otto"))

    def found(search: str = "") -> set[str]:
        return {one.organisation.name for one in engagements.list_engagements(installation, ada, search=search)}

    assert found() == {"Acme 關鍵", "Brück 100%"}
    assert found("acme") == {"Acme 關鍵"}
    assert found("AUTUMN 100%") == {"Brück 100%"}
    assert found("%") == {"Brück 100%"}
    assert found("otto") == set()


def test_another_workspace_sees_nothing(installation: Installation, ada: Actor, otto: Actor) -> None:
    run = start_run(installation, ada)
    tries: list[Any] = [
        lambda: engagements.open_engagement(installation, otto, run.engagement),
        lambda: engagements.change_engagement(installation, otto, run.engagement, work()),
        lambda: engagements.archive_engagement(installation, otto, run.engagement, archived=True),
        lambda: engagements.delete_engagement(installation, otto, run.engagement),
        lambda: engagements.restore_engagement(installation, otto, run.engagement),
        lambda: engagements.export_engagement(installation, otto, run.engagement),
        lambda: engagements.start_assessment(installation, otto, run.engagement, questionnaire="mini"),
        lambda: engagements.key_to(installation, otto, run.code),
        lambda: assessments.open_by_link(installation, AssessmentKey(run.code, otto)),
        lambda: invitations.list_invitations(installation, AssessmentKey(run.code, otto)),
        lambda: people.find_member(installation, otto, ada.person_id),
        lambda: people.remove_member(installation, otto, ada.person_id),
        lambda: people.invite_member(
            installation, otto, email="x@example.net", name="", role="client_lead", engagement=run.engagement
        ),
    ]
    for attempt in tries:
        with pytest.raises(NotFound):
            attempt()
    assert len(entries(installation, otto)) == 3


def test_a_text_that_looks_like_a_key_opens_nothing(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada)
    key = engagements.key_to(installation, ada, run.code)
    assert assessments.open_by_link(installation, key).staff == ada
    document = documents.request_document(installation, key, fmt="json", style="full", language="en")
    with pytest.raises(NotFound):
        assessments.open_by_link(installation, str(key)[:])
    with pytest.raises(NotFound):
        documents.find_document(installation, f"team-{run.code}", document.id)


def test_a_client_lead_sees_one_engagement_and_changes_nothing(installation: Installation, ada: Actor) -> None:
    run, other = start_run(installation, ada), start_run(installation, ada, client="Other")
    lea = join(installation, ada, "lea@example.org", "client_lead", run.engagement)
    assert [one.id for one in engagements.list_engagements(installation, lea)] == [run.engagement]
    with pytest.raises(NotFound):
        engagements.open_engagement(installation, lea, other.engagement)
    key = engagements.key_to(installation, lea, run.code)
    tries: list[Any] = [
        lambda: invitations.list_invitations(installation, key),
        lambda: invitations.invite(installation, key, kind="group", names=["x"], role=None, language="en"),
        lambda: assessments.choose_plan(installation, key, profile=None, start=None, capacity=1),
        lambda: engagements.change_engagement(installation, lea, run.engagement, work()),
        lambda: engagements.export_engagement(installation, lea, run.engagement),
        lambda: people.list_members(installation, lea),
        lambda: audit.show_log(installation, lea),
        lambda: demo.add_demo(installation, lea),
    ]
    for attempt in tries:
        with pytest.raises(NotAllowed):
            attempt()
    with pytest.raises(NotFound):
        assessments.export_answers(assessments.open_by_link(installation, key))


def test_deleting_stops_links_at_once_and_can_be_undone_for_thirty_days(
    installation: Installation, ada: Actor, clock: Clock
) -> None:
    run = start_run(installation, ada)
    invite = invite_one(installation, ada, run.code)
    own = respond(installation, invite, "kam", 3, "s1.1")
    engagements.delete_engagement(installation, ada, run.engagement)
    for token in (own, engagements_key(run, ada)):
        with pytest.raises(NotFound):
            assessments.open_by_link(installation, token)
    with pytest.raises(NotFound):
        invitations.open_invitation(installation, invite)
    clock.advance(days=29)
    engagements.restore_engagement(installation, ada, run.engagement)
    assert assessments.open_by_link(installation, own).respondent
    engagements.delete_engagement(installation, ada, run.engagement)
    clock.advance(days=31)
    assert engagements.purge(installation) == 1
    with pytest.raises(NotFound):
        engagements.open_engagement(installation, ada, run.engagement)
    with installation.storage.reading() as connection:
        assert connection.execute(select(respondent)).all() == []


def test_a_worker_erases_what_was_deleted_long_ago_even_when_nobody_looks(
    installation: Installation, ada: Actor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = start_run(installation, ada)
    respond(installation, invite_one(installation, ada, run.code), "kam", 3, "s1.1")
    engagements.delete_engagement(installation, ada, run.engagement)
    clock.advance(days=31)
    stop = Event()

    def sweep_once(swept: Installation) -> None:
        sweeping.sweep(swept)
        stop.set()

    monkeypatch.setattr(jobs, "sweep", sweep_once)
    jobs.run_worker(installation, stop)
    with installation.storage.reading() as connection:
        assert connection.execute(select(respondent)).all() == []


def engagements_key(run: Run, actor: Actor) -> AssessmentKey:
    return AssessmentKey(run.code, actor)


def test_an_archived_engagement_shows_results_but_takes_no_answers(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada)
    own = respond(installation, invite_one(installation, ada, run.code), "kam", 3, "s1.1")
    engagements.archive_engagement(installation, ada, run.engagement, archived=True)
    with pytest.raises(NotFound):
        answers.save_answer(installation, own, "s1.1", answers.Patch(level=4), base=1, key=str(uuid4()))
    opened = assessments.open_by_link(installation, engagements_key(run, ada))
    assert [dict(one.answers)["s1.1"].level for one in opened.assessment.respondents] == [3]
    with pytest.raises(Conflict):
        engagements.change_engagement(installation, ada, run.engagement, work())


def test_the_mode_stays_once_somebody_was_invited(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada)
    engagements.change_engagement(installation, ada, run.engagement, work("Acme", confidential=True))
    invite_one(installation, ada, run.code)
    with pytest.raises(Invalid, match="confidential"):
        engagements.change_engagement(installation, ada, run.engagement, work("Acme", confidential=False))
    assert assessments.open_by_link(installation, engagements_key(run, ada)).assessment.confidential


def test_an_assessment_keeps_its_questionnaire_and_target(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada)
    with pytest.raises(Invalid, match="profile"):
        engagements.start_assessment(installation, ada, run.engagement, questionnaire="mini", profile="nowhere")
    with pytest.raises(NotFound):
        engagements.start_assessment(installation, ada, run.engagement, questionnaire="nothing")
    opened = assessments.open_by_link(installation, engagements_key(run, ada))
    assert opened.questionnaire.id == "mini"
    assert opened.assessment.organisation.name == "Acme"


def test_everybody_s_answers_make_the_result_and_nobody_sees_anothers(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada)
    owns = [respond(installation, invite_one(installation, ada, run.code), "kam", level, "s1.1") for level in (1, 3, 5)]
    opened = assessments.open_by_link(installation, engagements_key(run, ada))
    assert [one.answers["s1.1"].level for one in opened.assessment.respondents] == [1, 3, 5]
    assert assessments.evaluate_open(opened).scorecard.item["s1.1"].score == 3
    for own, level in zip(owns, (1, 3, 5), strict=True):
        mine = assessments.open_by_link(installation, own)
        assert mine.is_reply
        assert [one.answers["s1.1"].level for one in mine.assessment.respondents] == [level]
        for attempt in (
            lambda own=own: assessments.choose_plan(installation, own, profile=None, start=None, capacity=1),
            lambda own=own: assessments.erase(installation, own),
            lambda own=own: documents.request_document(installation, own, fmt="json", style="full", language="en"),
        ):
            with pytest.raises(NotAllowed):
                attempt()


def test_a_personal_link_by_name_finds_back_and_is_revoked_with_what_hangs_on_it(
    installation: Installation, ada: Actor
) -> None:
    run = start_run(installation, ada)
    invite = invite_one(installation, ada, run.code, "Rosa", "kam")
    own = respond(installation, invite, "", 2, "s1.1", "s1.2")
    assert invitations.open_invitation(installation, invite).reply_token == own
    with pytest.raises(Conflict):
        invitations.accept(installation, invite, name="", role="kam", language="en")
    key = engagements.key_to(installation, ada, run.code)
    (view,) = invitations.list_invitations(installation, key)
    assert (view.state, view.answered, view.name, view.role) == ("opened", 2, "Rosa", "kam")
    invitations.revoke(installation, key, view.id)
    for attempt in (
        lambda: assessments.open_by_link(installation, own),
        lambda: answers.save_answer(installation, own, "s1.1", answers.Patch(level=4), base=1, key=str(uuid4())),
        lambda: answers.save_answers(installation, own, {"s1.1": Answer(level=4)}),
        lambda: invitations.open_invitation(installation, invite),
    ):
        with pytest.raises(NotFound):
            attempt()
    (view,) = invitations.list_invitations(installation, key)
    assert (view.state, view.link_token) == ("revoked", None)
    opened = assessments.open_by_link(installation, key)
    assert opened.assessment.respondents[0].answers["s1.1"].level == 2


@pytest.mark.parametrize("confidential", [True, False])
def test_a_group_link_takes_many_and_each_can_be_revoked_alone(
    installation: Installation, ada: Actor, confidential: bool
) -> None:
    run = start_run(installation, ada, confidential=confidential)
    key = engagements.key_to(installation, ada, run.code)
    (made,) = invitations.invite(installation, key, kind="group", names=["Plant"], role=None, language="zh-Hant")
    link = invitations.find_invitation(installation, key, made).link_token or ""
    owns = [invitations.accept(installation, link, name=f"P{n}", role="kam", language="zh-Hant") for n in range(3)]
    assert len(set(owns)) == 3
    group, *seats = invitations.list_invitations(installation, key)
    assert (group.kind, group.state, len(seats)) == ("group", "opened", 3)
    assert [seat.name for seat in seats] == (["", "", ""] if confidential else ["P0", "P1", "P2"])
    invitations.revoke(installation, key, seats[1].id)
    works = [_opens(installation, own) for own in owns]
    assert works == [True, False, True]
    invitations.revoke(installation, key, made)
    with pytest.raises(NotFound):
        invitations.accept(installation, link, name="late", role="kam", language="en")
    assert _opens(installation, owns[0])


def _opens(installation: Installation, own: str) -> bool:
    try:
        return assessments.open_by_link(installation, own).respondent is not None
    except NotFound:
        return False


def test_in_confidence_nothing_stored_leads_from_a_person_to_answers(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada, confidential=True)
    invites = [invite_one(installation, ada, run.code, name, "kam") for name in ("Rosa", "Ron", "Ria")]
    owns = [
        respond(installation, invite, "", level, "s1.1") for invite, level in zip(reversed(invites), (1, 2, 3), strict=True)
    ]
    key = engagements.key_to(installation, ada, run.code)
    views = invitations.list_invitations(installation, key)
    assert [(view.answered, view.link_token) for view in views] == [(None, None)] * 3
    assert [invitations.open_invitation(installation, invite).reply_token for invite in invites] == [None] * 3
    with installation.storage.reading() as connection:
        people_rows = connection.execute(select(respondent)).mappings().all()
        invited = connection.execute(select(invitation)).mappings().all()
    assert {row["name"] for row in people_rows} == {""}
    assert {row["created_at"].strftime("%H:%M:%S") for row in people_rows} == {"00:00:00"}
    assert {row["respondent_id"] for row in invited} == {None}
    known = {
        str(value) for row in people_rows for name, value in row.items() if name not in ("role", "language", "assessment_id")
    }
    there = {
        str(value) for row in invited for name, value in row.items() if name not in ("role", "language", "assessment_id", "id")
    }
    assert known & there <= {"", "None"}
    invitations.revoke(installation, key, views[2].id)
    assert [_opens(installation, own) for own in owns] == [False, True, True]


def test_in_confidence_staff_see_nothing_of_fewer_than_three(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada, confidential=True)
    key = engagements.key_to(installation, ada, run.code)
    for count, level in enumerate((2, 3, 4), start=1):
        respond(installation, invite_one(installation, ada, run.code, f"P{count}"), "kam", level, "s1.1")
        opened = assessments.open_by_link(installation, key)
        assert opened.withheld == (count < 3)
        assert len(opened.assessment.respondents) == (0 if count < 3 else 3)
        with pytest.raises(NotFound):
            assessments.export_answers(opened)


@pytest.mark.parametrize("confidential", [True, False])
def test_the_export_holds_everything_but_no_single_answers_given_in_confidence(
    installation: Installation, ada: Actor, confidential: bool
) -> None:
    run = start_run(installation, ada, confidential=confidential)
    for level in (2, 3, 4):
        respond(installation, invite_one(installation, ada, run.code), "kam", level, "s1.1", "s1.2")
    with zipfile.ZipFile(io.BytesIO(engagements.export_engagement(installation, ada, run.engagement))) as archive:
        names = set(archive.namelist())
        card = json.loads(archive.read(f"assessments/{run.code}/scorecard.json"))
        everything = b"".join(archive.read(name) for name in names if "questionnaires/" not in name)
    assert (f"assessments/{run.code}/answers.yaml" in names) != confidential
    assert "engagement.json" in names
    assert any(name.endswith("questionnaire.yaml") for name in names)
    assert next(item for item in card["items"] if item["id"] == "s1.1")["score"] == 3
    assert b"link" not in everything


def test_the_export_says_nothing_of_an_item_that_two_people_answered_in_confidence(
    installation: Installation, ada: Actor
) -> None:
    run = start_run(installation, ada, confidential=True)
    for level in (2, 3, 4):
        own = respond(installation, invite_one(installation, ada, run.code), "kam", level, "s1.2", "s1.3", "s3.1")
        given = {2: Answer(level=1), 3: Answer(dont_know=True)}.get(level)
        if given:
            answers.save_answers(installation, own, {"s1.1": given})
    with zipfile.ZipFile(io.BytesIO(engagements.export_engagement(installation, ada, run.engagement))) as archive:
        card = json.loads(archive.read(f"assessments/{run.code}/scorecard.json"))
        plan = json.loads(archive.read(f"assessments/{run.code}/roadmap.json"))
    item = next(item for item in card["items"] if item["id"] == "s1.1")
    assert {item[name] for name in ("score", "evidenced", "n", "dont_know", "not_applicable")} == {None}
    assert not [flag for flag in card["flags"] if "s1.1" in flag["items"]]
    assert all(lift["from"] is None for one in plan["initiatives"] for lift in one["lifts"] if lift["item"] == "s1.1")


def test_the_demo_data_is_marked_and_goes_in_one_go(installation: Installation, ada: Actor) -> None:
    kept = start_run(installation, ada)
    id_ = demo.add_demo(installation, ada)
    work_ = engagements.open_engagement(installation, ada, id_)
    opened = assessments.open_by_link(installation, AssessmentKey(work_.assessments[0].code, ada))
    assert work_.engagement.sample
    assert opened.assessment.sample
    assert len(opened.assessment.respondents) > 5
    with pytest.raises(Conflict):
        demo.add_demo(installation, ada)
    demo.remove_demo(installation, ada)
    assert [one.id for one in engagements.list_engagements(installation, ada)] == [kept.engagement]


def test_each_change_by_staff_is_one_entry_of_the_log(installation: Installation, ada: Actor) -> None:
    run = start_run(installation, ada)
    key = engagements.key_to(installation, ada, run.code)
    carl = join(installation, ada, "carl@example.org", "consultant")
    invited = invitations.invite(installation, key, kind="group", names=["x"], role=None, language="en")
    session = people.sessions_of(installation, ada)[0].token_hash
    changes: dict[str, Any] = {
        "engagement.changed": lambda: engagements.change_engagement(installation, ada, run.engagement, work()),
        "engagement.archived": lambda: engagements.archive_engagement(installation, ada, run.engagement, archived=True),
        "engagement.unarchived": lambda: engagements.archive_engagement(installation, ada, run.engagement, archived=False),
        "engagement.deleted": lambda: engagements.delete_engagement(installation, ada, run.engagement),
        "engagement.restored": lambda: engagements.restore_engagement(installation, ada, run.engagement),
        "engagement.created": lambda: engagements.create_engagement(installation, ada, work()),
        "assessment.started": lambda: engagements.start_assessment(installation, ada, run.engagement, questionnaire="mini"),
        "assessment.planned": lambda: assessments.choose_plan(installation, key, profile=None, start=None, capacity=2),
        "assessment.targets_set": lambda: assessments.choose_targets(installation, key, {}),
        "assessment.modules_chosen": lambda: assessments.choose_modules(installation, key, []),
        "assessment.evidence_kept": lambda: assessments.keep_evidence(installation, key, "s1.1", []),
        "document.requested": lambda: documents.request_document(installation, key, fmt="json", style="full", language="en"),
        "invitation.made": lambda: invitations.invite(
            installation, key, kind="personal", names=["a", "b"], role=None, language="en"
        ),
        "invitation.revoked": lambda: invitations.revoke(installation, key, invited[0]),
        "person.invited": lambda: people.invite_member(
            installation, ada, email="new@example.org", name="", role="consultant", engagement=None
        ),
        "person.role_changed": lambda: people.change_role(installation, ada, carl.person_id, role="admin", engagement=None),
        "person.removed": lambda: people.remove_member(installation, ada, carl.person_id),
        "person.password_changed": lambda: people.change_password(
            installation, ada, session, current=PASSWORD, new="a new long password"
        ),
        "session.closed": lambda: people.sign_out(installation, ada, session),
        "session.all_closed": lambda: people.sign_out_everywhere(installation, ada),
        "demo.added": lambda: demo.add_demo(installation, ada),
        "demo.removed": lambda: demo.remove_demo(installation, ada),
    }
    for action, change in changes.items():
        before = entries(installation, ada)
        change()
        assert entries(installation, ada) == [*before, action]
    page = audit.show_log(installation, ada)
    assert page.broken is None
    assert page.total == len(entries(installation, ada))


def test_the_log_can_be_neither_changed_nor_emptied(installation: Installation, ada: Actor) -> None:
    for statement in ("UPDATE audit_entry SET actor = 'nobody'", "DELETE FROM audit_entry"):
        with pytest.raises(DBAPIError, match="append-only"), installation.storage.writing() as connection:
            connection.execute(text(statement))
    assert len(entries(installation, ada)) == 3


def test_every_change_of_a_character_in_the_log_is_found(installation: Installation, ada: Actor) -> None:
    for _ in range(3):
        start_run(installation, ada)
    log = audit.export_log(installation, ada)
    assert audit_rows.first_broken(log) is None
    for place, entry in enumerate(log):
        for name in ("actor", "action", "object", "digest", "previous", "hash"):
            value = getattr(entry, name)
            changed = replace(entry, **{name: ("0" if value[0] != "0" else "1") + value[1:]})
            assert audit_rows.first_broken((*log[:place], changed, *log[place + 1 :])) is not None
    assert audit_rows.first_broken((log[0], *log[2:])) == 2


def test_two_workspaces_have_a_log_each(installation: Installation, ada: Actor, otto: Actor) -> None:
    start_run(installation, ada)
    with installation.storage.reading() as connection:
        chains = {row.workspace_id for row in connection.execute(select(audit_entry.c.workspace_id))}
    assert chains == {ada.workspace_id, otto.workspace_id}
    assert audit.export_log(installation, otto)[0].previous == audit_rows.BEGINNING


def caller_of(installation: Installation, actor: Actor) -> tokens.Caller:
    _, token = tokens.add_token(installation, actor, name="script", scopes=["write"], days=1)
    caller = tokens.authenticate(installation, token)
    assert caller
    return caller


def test_what_is_created_once_and_its_receipt_are_there_together_or_not_at_all(
    installation: Installation, ada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    caller = caller_of(installation, ada)

    def create() -> str:
        made: str = tokens.create_once(
            installation, caller, "key", b"acme", lambda: engagements.create_engagement(installation, ada, work("Acme"))
        )
        return made

    def full(*_: object) -> None:
        raise Failed("the disk is full")

    monkeypatch.setattr(token_rows, "keep_receipt", full)
    with pytest.raises(Failed):
        create()
    assert engagements.list_engagements(installation, ada) == ()
    monkeypatch.undo()
    made = create()
    assert create() == made
    assert [one.id for one in engagements.list_engagements(installation, ada)] == [made]


def test_one_key_used_many_times_at_once_creates_once(installation: Installation, ada: Actor) -> None:
    caller = caller_of(installation, ada)

    def create(_: int) -> str:
        made: str = tokens.create_once(
            installation, caller, "key", b"acme", lambda: engagements.create_engagement(installation, ada, work("Acme"))
        )
        return made

    with ThreadPoolExecutor(6) as pool:
        made = set(pool.map(create, range(6)))
    assert {one.id for one in engagements.list_engagements(installation, ada)} == made
    assert len(made) == 1


def test_a_key_whose_request_was_cut_off_long_ago_can_be_used(installation: Installation, ada: Actor) -> None:
    caller = caller_of(installation, ada)
    with installation.storage.writing() as connection:
        fingerprint = sha256(b"acme").hexdigest()
        token_rows.reserve(connection, caller.token.id, "key", fingerprint, installation.clock(), installation.clock())
    assert tokens.create_once(installation, caller, "key", b"acme", lambda: "made") == "made"
    assert tokens.create_once(installation, caller, "key", b"acme", lambda: "again") == "made"
