"""Pages behind links, open pages and the API: every rule, verb and actor, with ids of the own and of another workspace.

The addresses of signed-in staff are played in test_guards.py; between the two files no rule of the service is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from assess.api.operations import OPERATIONS
from assess.application import create_application
from assess.core.staff import Actor
from assess.storage import documents as document_rows
from assess.usecases import documents, engagements, invitations, snapshots, tokens
from assess.usecases.installation import Installation, open_installation
from assess.web import guards
from assess.web.guards import BY_LINK, BY_TOKEN, OPEN, REPLY, SAFE, TEAM, policy_of
from tests.staff import CHEAP, Run
from tests.web.addresses import with_choices
from tests.web.cast import SECRET, Cast, assemble
from tests.web.conftest import Person, settings_in
from tests.web.test_guards import STAFF_POLICIES

ACTORS = ("anonymous", "respondent", "foreign respondent", "client lead", "consultant", "admin")
STAFF = ACTORS[3:]
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
REFUSED = (400, 404, 409, 415, 422)
ONLY_SHOWN = frozenset({"assessments.step", "accounts.columns"})
"""Staff never answer, and there is no file whose columns could be chosen: whatever is sent, a page is shown."""
LAST = (
    "archive_engagement", "unarchive_engagement", "close_assessment", "reopen_assessment",
    "delete_engagement", "restore_engagement",
)  # fmt: skip
"""Operations after which others find nothing, each followed by the one that undoes it."""
LEAD_MAY_NOT = {"list_invitations", "read_answers"}
API = {one.name: one for one in OPERATIONS}


@dataclass(frozen=True)
class Ids:
    """What of one workspace an address can name."""

    run: Run
    reply: str
    document: str
    invitation: int
    snapshot: str

    def of(self, place: str) -> str:
        known = {
            "engagement": self.run.engagement, "assessment": self.run.code, "document": self.document, "id_": self.document,
            "invitation": self.invitation, "questionnaire": "kam-seven-steps-short", "schema": "kam-answers.schema.json",
            "filename": "site.css", "number": 1, "dimension": "s1", "item": "s1.1",
        }  # fmt: skip
        return str(known.get(place, "x"))


@dataclass(frozen=True)
class World:
    app: Flask
    installation: Installation
    cast: Cast
    own: Ids
    foreign: Ids
    tokens: dict[str, str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    settings = settings_in(tmp_path_factory.mktemp("matrix"), api_per_minute=100_000)
    opened = replace(open_installation(settings), passwords=CHEAP)
    app = create_application(settings, opened)
    app.testing = True
    cast = assemble(app, opened)
    own = furnish(opened, cast.ada, cast.run, cast.reply)
    foreign = furnish(opened, cast.otto, cast.foreign_run, cast.foreign_reply)
    made = {name: token_of(opened, cast, name) for name in STAFF}
    yield World(app, opened, cast, own, foreign, made)
    opened.storage.close()


def furnish(installation: Installation, actor: Actor, run: Run, reply: str) -> Ids:
    key = engagements.key_to(installation, actor, run.code)
    document = documents.request_document(installation, key, fmt="json", style="full", language="en").id
    with installation.storage.writing() as connection:
        claim = document_rows.claim_next(connection, installation.clock())
        assert claim
        assert document_rows.finish(connection, claim, SECRET.encode(), installation.clock())
    snapshot = snapshots.close(installation, key)
    snapshots.reopen(installation, key)
    invited = invitations.list_invitations(installation, key)[0].id
    return Ids(run, reply, document, invited, snapshot)


def token_of(installation: Installation, cast: Cast, name: str) -> str:
    """A token with every scope of the person whose browser that is."""
    session = cast.actors[name].client.get_cookie("kam_lan")
    assert session
    from assess.usecases.people import current_session

    found = current_session(installation, session.value)
    assert found
    return tokens.add_token(installation, found[1], name="matrix", scopes=tokens.SCOPES, days=1)[1]


def path_of(rule: Rule, ids: Ids, token: str = "made-up") -> str:
    places = with_choices(rule.rule)
    return re.sub(r"<(?:[^<>:]+:)?(\w+)>", lambda found: token if found[1] == "token" else ids.of(found[1]), places)


def verbs(rule: Rule) -> list[str]:
    """HEAD is left to a test of its own: it is GET without a body."""
    return [verb for verb in VERBS if verb in (rule.methods or ()) and verb != "HEAD"]


def rules(world: World, *policies: str) -> list[Rule]:
    return [rule for rule in world.app.url_map.iter_rules() if policy_of(rule.endpoint) in policies]


def ask(world: World, actor: str, verb: str, path: str, **options: Any) -> TestResponse:
    answer = world.cast.actors[actor].client.open(path, method=verb, buffered=True, **options)
    assert answer.status_code < 500 or path == "/ready", (actor, verb, path)  # there is no worker here
    return answer


def test_between_this_file_and_the_other_no_rule_is_left_out(world: World) -> None:
    played = {rule.endpoint for rule in rules(world, OPEN, BY_LINK, BY_TOKEN, *STAFF_POLICIES)}
    assert played == {rule.endpoint for rule in world.app.url_map.iter_rules()}
    assert len(list(world.app.url_map.iter_rules())) > 140


def test_a_verb_that_an_address_does_not_take_is_refused_for_everybody(world: World) -> None:
    """Before anybody is asked who they are: the routing decides, so it is asked directly."""
    adapter = world.app.url_map.bind("localhost")
    refused = 0
    for rule in world.app.url_map.iter_rules():
        path = path_of(rule, world.own)
        taken = {
            verb
            for other in world.app.url_map.iter_rules()
            if path_of(other, world.own) == path
            for verb in other.methods or ()
        }
        for verb in (*VERBS, "TRACE", "CONNECT"):
            if verb not in taken:
                with pytest.raises(MethodNotAllowed):
                    adapter.match(path, verb)
                refused += 1
    assert refused > 800


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_team_addresses(world: World, actor: str, whose: str) -> None:
    ids: Ids = getattr(world, whose)
    for rule in rules(world, BY_LINK):
        path = path_of(rule, ids, f"team-{ids.run.code}")
        for verb in verbs(rule):
            answer = ask(world, actor, verb, path)
            place = (actor, verb, path, answer.status_code)
            if TEAM not in guards.LINK_USES.get(rule.endpoint, ()):
                assert answer.status_code == 404, place
            elif actor not in STAFF:
                assert answer.status_code == 303, place
                assert answer.headers["Location"].startswith("/sign-in"), place
            elif verb not in SAFE and actor == "client lead" and rule.endpoint not in guards.FOR_LOOKERS:
                assert answer.status_code == 403, place
            elif whose == "foreign":
                assert answer.status_code == 404, place
            elif verb in SAFE or rule.endpoint in ONLY_SHOWN:
                assert answer.status_code in (200, 303, 404), place
            else:
                assert answer.status_code in REFUSED, place  # a form without its token changes nothing
            if whose == "foreign" or actor not in STAFF:
                assert SECRET not in answer.text, place


@pytest.mark.parametrize("actor", ACTORS)
def test_ids_of_another_workspace_behind_an_own_address(world: World, actor: str) -> None:
    """The assessment is one's own, the document in the address is not."""
    mixed = replace(world.own, document=world.foreign.document, snapshot=world.foreign.snapshot)
    for rule in rules(world, BY_LINK):
        if rule.endpoint.startswith("documents.") and "id_" in rule.arguments:
            for verb in verbs(rule):
                answer = ask(world, actor, verb, path_of(rule, mixed, f"team-{mixed.run.code}"))
                wanted = 303 if actor not in STAFF else 404
                assert answer.status_code == wanted, (actor, verb, rule.rule)
                assert SECRET not in answer.text


@pytest.mark.parametrize("actor", ["anonymous", "foreign respondent", "admin"])
def test_a_respondents_link_opens_what_is_the_respondents_and_nothing_else(world: World, actor: str) -> None:
    """Whoever holds it, signed in or not: the link is the key, and a session adds nothing to it."""
    for rule in rules(world, BY_LINK):
        path = path_of(rule, world.own, world.own.reply)
        for verb in verbs(rule):
            answer = ask(world, actor, verb, path)
            if REPLY not in guards.LINK_USES.get(rule.endpoint, ()):
                assert answer.status_code == 404, (actor, verb, path)
            elif verb not in SAFE:
                assert answer.status_code in (400, 403, 404, 409, 415), (actor, verb, path)
            assert SECRET not in answer.text


@pytest.mark.parametrize("actor", ["anonymous", "admin"])
@pytest.mark.parametrize("token", ["reply-" + "x" * 43, "team-0123456789abcdef"])
def test_links_that_were_made_up_open_nothing(world: World, actor: str, token: str) -> None:
    for rule in rules(world, BY_LINK):
        verb = verbs(rule)[0]
        answer = ask(world, actor, verb, path_of(rule, world.foreign, token))
        assert answer.status_code in (303, 400, 403, 404, 415), (actor, verb, rule.rule)
        assert answer.status_code != 303 or answer.headers["Location"].startswith("/sign-in"), rule.rule
        assert SECRET not in answer.text


@pytest.mark.parametrize("actor", ACTORS)
def test_open_addresses_show_nobody_elses(world: World, actor: str) -> None:
    for rule in rules(world, OPEN):
        for verb in verbs(rule):
            answer = ask(world, actor, verb, path_of(rule, world.foreign))
            assert SECRET not in answer.text, (actor, rule.rule)
            if "token" in rule.arguments:
                assert answer.status_code == 404, (actor, verb, rule.rule)
            elif verb not in SAFE:
                assert answer.status_code == 400, (actor, verb, rule.rule)


def test_head_answers_as_get_does_without_a_body(world: World) -> None:
    for rule in rules(world, OPEN, BY_LINK, *STAFF_POLICIES):
        if "HEAD" in (rule.methods or ()):
            path = path_of(rule, world.own, f"team-{world.own.run.code}")
            got, headed = (ask(world, "admin", verb, path) for verb in ("GET", "HEAD"))
            assert headed.status_code == got.status_code, path
            assert headed.data == b"", path


def by_name(rule: Rule) -> str:
    return rule.endpoint.removeprefix("api.")


def api_rules(world: World) -> list[Rule]:
    def place(rule: Rule) -> int:
        return LAST.index(by_name(rule)) if by_name(rule) in LAST else -1

    return sorted(rules(world, BY_TOKEN), key=place)


@pytest.mark.parametrize("actor", ACTORS)
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_the_api(world: World, actor: str, whose: str) -> None:
    """Staff with their token; the others with what they have, a cookie or a link, which opens nothing here."""
    ids: Ids = getattr(world, whose)
    token = world.tokens.get(actor, world.own.reply if "respondent" in actor else "")
    known = {"Authorization": f"Bearer {token}"}
    for rule in api_rules(world):
        one, path = API[by_name(rule)], path_of(rule, ids)
        names_an_id = bool(rule.arguments - {"questionnaire", "schema"})
        for verb in verbs(rule):
            body = {"json": {}} if one.takes else {}
            headers = known | ({"If-Match": '"1"'} if one.matches else {})
            suffix = f"?earlier={ids.snapshot}" if one.name == "compare" else ""
            answer = ask(world, actor, verb, path + suffix, headers=headers, **body)
            place = (actor, verb, path, answer.status_code)
            if one.scope is None:
                assert answer.status_code == 200, place
            elif actor not in STAFF:
                assert answer.status_code == 401, place
            elif whose == "foreign" and names_an_id:
                assert answer.status_code in ((403, 404, 422) if one.takes or actor == "client lead" else (404,)), place
            elif actor == "client lead" and (one.scope == "write" or one.name in LEAD_MAY_NOT):
                assert answer.status_code in (400, 403, 404, 422), place
            else:
                assert answer.status_code not in (401, 403), place
            if whose == "foreign" or actor not in STAFF:
                assert SECRET not in answer.text, place
    assert_nothing_foreign_changed(world)


def assert_nothing_foreign_changed(world: World) -> None:
    key = engagements.key_to(world.installation, world.cast.otto, world.foreign.run.code)
    assert invitations.list_invitations(world.installation, key)[0].id == world.foreign.invitation
    assert documents.find_document(world.installation, key, world.foreign.document).state == "done"


FOREIGN_PAGES = (
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"},
    {"Origin": "null"}, {"Origin": "http://[::1"}, {"Origin": "http://localhost.evil.example"},
)  # fmt: skip


def test_every_unsafe_address_of_a_browser_refuses_other_sites(world: World) -> None:
    """With a token of the form that is right, so that only the page it comes from is wrong. The API takes no cookies."""
    person = world.cast.actors["admin"]
    sent = {"csrf_token": person.csrf()}
    unsafe = [(rule, verb) for rule in rules(world, OPEN, BY_LINK, *STAFF_POLICIES) for verb in set(verbs(rule)) - SAFE]
    assert len(unsafe) > 60
    for number, (rule, verb) in enumerate(unsafe):
        path = path_of(rule, world.own, world.own.reply)
        headers = FOREIGN_PAGES[number % len(FOREIGN_PAGES)]
        answer = person.client.open(path, method=verb, data=sent, headers=headers)
        assert answer.status_code == 403, (verb, path, headers)
    for headers in FOREIGN_PAGES:
        assert person.client.post("/start", data=sent, headers=headers).status_code == 403, headers
    for headers in ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, {"Origin": "http://localhost"}, {}):
        assert person.client.post("/start", data=sent, headers=headers).status_code == 422, headers


def test_every_unsafe_address_of_a_browser_refuses_a_form_without_its_token(world: World) -> None:
    """Also one that carries the token of another browser."""
    stranger = Person(world.app.test_client(), world.installation)
    for given, token in (({}, world.own.reply), ({"csrf_token": stranger.csrf()}, f"team-{world.own.run.code}")):
        for rule in rules(world, OPEN, BY_LINK, *STAFF_POLICIES):
            for verb in set(verbs(rule)) - SAFE:
                path = path_of(rule, world.own, token)
                answer = world.cast.actors["admin"].client.open(path, method=verb, data=given)
                is_shown = rule.endpoint in ONLY_SHOWN and "team-" in path
                assert answer.status_code in (REFUSED if not is_shown else (200, 303)), (verb, path)
