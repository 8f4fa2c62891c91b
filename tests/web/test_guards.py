"""Who may open what: every address, every verb, every actor; another workspace's ids lead nowhere."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from assess.core.staff import ADMINISTER, CLIENT_LEAD, CONSULTANT, LOOK, PERMISSIONS, WORK
from assess.usecases import audit, engagements, invitations, people
from assess.usecases.installation import Installation
from assess.web import guards
from assess.web.guards import BY_LINK, BY_TOKEN, OPEN, SIGNED_IN, TEAM, policy_of
from tests.web.addresses import with_choices
from tests.web.cast import SECRET, Cast, assemble

ROLE_OF = {"admin": "admin", "consultant": CONSULTANT, "client lead": CLIENT_LEAD, "foreign admin": "admin"}
ACTORS = ("anonymous", "respondent", "foreign respondent", "client lead", "consultant", "admin")
STAFF_POLICIES = (SIGNED_IN, LOOK, WORK, ADMINISTER)


@pytest.fixture(scope="module")
def cast(app: Flask, installation: Installation) -> Cast:
    return assemble(app, installation)


def address(rule: Rule, *, foreign: bool, cast: Cast) -> str:
    """The rule's path with ids of the own or of the other workspace."""
    run = cast.foreign_run if foreign else cast.run
    values: dict[str, Any] = {
        "id_": run.engagement,
        "code": run.code,
        "number": cast.foreign_member if foreign else cast.member,
        "token": cast.foreign_invite if foreign else cast.invite,
        "filename": "site.css",
    }
    if rule.endpoint.startswith("invitations.") and "number" in rule.arguments:
        key = engagements.key_to(cast.actors["admin"].installation, cast.otto if foreign else cast.ada, run.code)
        values["number"] = invitations.list_invitations(cast.actors["admin"].installation, key)[0].id
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values.get(found[1], "x")), with_choices(rule.rule))


def staff_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if policy_of(rule.endpoint) in STAFF_POLICIES]


def test_every_address_has_a_policy(app: Flask) -> None:
    missing = {rule.endpoint for rule in app.url_map.iter_rules() if policy_of(rule.endpoint) is None}
    assert missing == set(), "add it to POLICIES in assess/web/guards.py"
    known = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert set(guards.POLICIES) - known == set()
    assert set(guards.LINK_USES) - known == set()
    assert set(guards.POLICIES.values()) <= {OPEN, BY_LINK, BY_TOKEN, *STAFF_POLICIES}


def test_an_address_without_a_policy_is_shown_to_nobody(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(guards.POLICIES, "people.index")
    assert cast.actors["admin"].get("/people/").status_code == 404


@pytest.mark.parametrize("actor", ACTORS)
def test_every_address_of_staff_for_every_actor_and_verb(app: Flask, cast: Cast, actor: str) -> None:
    client = cast.actors[actor].client
    seen = set()
    for rule in staff_rules(app):
        policy, path = policy_of(rule.endpoint), address(rule, foreign=False, cast=cast)
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
            answer = client.open(path, method=method)
            if method not in (rule.methods or ()):
                assert answer.status_code == 405, (method, path)
                continue
            place = (actor, method, path, answer.status_code)
            seen.add(rule.endpoint)
            if actor not in ROLE_OF:
                assert answer.status_code == 303, place
                assert answer.headers["Location"].startswith("/sign-in"), place
            elif policy != SIGNED_IN and policy not in PERMISSIONS[ROLE_OF[actor]]:
                assert answer.status_code == 403, place
            elif method == "POST":
                assert answer.status_code == 400, place  # a form without its token changes nothing
            else:
                assert answer.status_code == 200, place
    assert seen == {rule.endpoint for rule in staff_rules(app)}


@pytest.mark.parametrize("actor", ["client lead", "consultant", "admin"])
def test_another_workspaces_ids_are_not_found_and_show_nothing(app: Flask, cast: Cast, actor: str) -> None:
    person = cast.actors[actor]
    for rule in staff_rules(app):
        if not rule.arguments:
            continue
        path = address(rule, foreign=True, cast=cast)
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            form = {"csrf_token": person.csrf(), "names": "x", "kind": "personal", "language": "en", "archived": "yes"}
            answer = person.client.open(path, method=method, data=form if method == "POST" else None)
            allowed = policy_of(rule.endpoint) in PERMISSIONS[ROLE_OF[actor]]
            assert answer.status_code == (404 if allowed else 403), (method, path)
            assert SECRET not in answer.text
            assert cast.otto.email not in answer.text


def test_ids_of_two_engagements_cannot_be_mixed(cast: Cast) -> None:
    person = cast.actors["admin"]
    mixed = f"/engagements/{cast.other_run.engagement}/assessments/{cast.run.code}/"
    assert person.get(mixed).status_code == 404
    assert person.post(f"{mixed}invitations", {"names": "x", "kind": "personal", "language": "en"}).status_code == 404


def test_a_client_lead_finds_only_the_own_engagement(cast: Cast) -> None:
    lea = cast.actors["client lead"]
    assert "Beta" not in lea.get("/engagements/").text
    assert lea.get(f"/engagements/{cast.run.engagement}/").status_code == 200
    assert lea.get(f"/engagements/{cast.other_run.engagement}/").status_code == 404
    assert lea.get(f"/a/team-{cast.other_run.code}/result").status_code == 404
    page = lea.get(f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/").text
    assert "Rosa" not in page
    assert "/i/" not in page


LINK_PAGES = ["", "step/s1", "result", "description", "plan", "erase", "documents", "answers.yaml", "plan/x"]


@pytest.mark.parametrize("page", LINK_PAGES)
def test_a_team_address_is_for_the_staff_of_its_workspace(cast: Cast, page: str) -> None:
    for actor, person in cast.actors.items():
        answer = person.get(f"/a/team-{cast.run.code}/{page}")
        if actor == "foreign admin":
            assert answer.status_code == 404, (actor, page)
            assert "Acme" not in answer.text
        elif actor not in ROLE_OF and answer.status_code != 404:
            assert answer.headers["Location"].startswith("/sign-in"), (actor, page)


def test_single_answers_are_for_those_who_may_see_them(cast: Cast) -> None:
    statuses = {actor: cast.actors[actor].get(f"/a/team-{cast.run.code}/answers.yaml").status_code for actor in ROLE_OF}
    assert statuses == {"admin": 200, "consultant": 200, "client lead": 404, "foreign admin": 404}


def test_a_respondent_answers_and_sees_no_results(cast: Cast) -> None:
    rosa = cast.actors["respondent"]
    expected = {"": 200, "step/s1": 200, "result": 200, "description": 200, "answers.yaml": 200, "plan": 404, "erase": 404}
    assert {page: rosa.get(f"{rosa.link}{page}").status_code for page in expected} == expected
    assert "Level" not in re.sub(r"<[^>]*>", "", rosa.get(f"{rosa.link}result").text)
    assert rosa.get(f"{rosa.link}documents").status_code == 404


@pytest.mark.parametrize("kind", ["team-", "reply-", "sample-", ""])
def test_made_up_links_open_nothing(cast: Cast, kind: str) -> None:
    for actor in ("anonymous", "admin"):
        answer = cast.actors[actor].get(f"/a/{kind}{'x' * 43}/")
        assert answer.status_code in (404, 303)
        assert "Acme" not in answer.text


def test_a_form_from_another_site_is_refused(app: Flask, cast: Cast) -> None:
    admin = cast.actors["admin"]
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "same-site"}):
        for rule in staff_rules(app):
            if "POST" in (rule.methods or ()):
                form = {"csrf_token": admin.csrf()}
                path = address(rule, foreign=False, cast=cast)
                assert admin.client.post(path, data=form, headers=headers).status_code == 403, path


def test_a_revoked_role_counts_with_the_next_request(app: Flask, installation: Installation) -> None:
    cast = assemble(app, installation)
    carl = cast.actors["consultant"]
    assert carl.get("/engagements/new").status_code == 200
    people.change_role(installation, cast.ada, cast.member, role="client_lead", engagement=cast.run.engagement)
    assert carl.get("/engagements/new").status_code == 403
    people.remove_member(installation, cast.ada, cast.member)
    assert carl.get("/engagements/").headers["Location"].startswith("/sign-in")


def test_pages_of_staff_are_never_kept(app: Flask, cast: Cast) -> None:
    for rule in staff_rules(app):
        answer = cast.actors["admin"].get(address(rule, foreign=False, cast=cast))
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow" or rule.endpoint == "front.front"


def test_a_client_lead_changes_nothing_behind_a_team_address(app: Flask, cast: Cast) -> None:
    lea = cast.actors["client lead"]
    rules = [rule for rule in app.url_map.iter_rules() if TEAM in guards.LINK_USES.get(rule.endpoint, ())]
    sent = 0
    for rule in rules:
        if "POST" not in (rule.methods or ()) or rule.endpoint in guards.FOR_LOOKERS:
            continue
        path = re.sub(
            r"<(?:\w+:)?(\w+)>", lambda found: "s1" if found[1] != "token" else f"team-{cast.run.code}", with_choices(rule.rule)
        )
        assert lea.post(path).status_code == 403, path
        sent += 1
    assert sent


def test_staff_behind_a_team_address_may_do_what_is_listed_and_leave_one_entry(cast: Cast) -> None:
    admin = cast.actors["admin"]
    link = f"/a/team-{cast.run.code}/"
    before = len(audit.export_log(admin.installation, cast.ada))
    assert admin.post(f"{link}plan", {"profile": "", "start": "2027-01-04", "capacity": "3"}).status_code == 303
    assert len(audit.export_log(admin.installation, cast.ada)) == before + 1
    assert admin.post(f"{link}erase").status_code == 404
    assert admin.post(f"{link}step/s1", {"q_s1.1": "5"}).status_code in (303, 200)
    assert len(audit.export_log(admin.installation, cast.ada)) == before + 1
