"""Who may do what with a token; other workspaces' ids; answers in and out; versions; limits; what is refused, and how."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from assess.api.operations import OPERATIONS, Operation
from assess.api.outputs import ProgressOut, RoadmapOut, ScorecardOut
from assess.application import create_application
from assess.storage.audit import load_entries
from assess.usecases import people, tokens
from assess.web.guards import policy_of
from tests.api.conftest import ANSWERS, PREFIX, SECRET, Ids, Program, World, build_world, furnish, open_in, token_for
from tests.databases import postgresql_server, temporary_database
from tests.staff import start_run

_PLACE = re.compile(r"<\w+:(\w+)>")
BODIES: dict[str, Any] = {
    "create_engagement": {"organisation": {"name": "New"}},
    "change_engagement": {"title": "Renamed"},
    "start_assessment": {"questionnaire": "mini"},
    "choose_plan": {"capacity": 3},
    "invite": {"names": ["Rosa"]},
    "put_answers": yaml.safe_load(ANSWERS.replace("2026-11-01", '"2026-11-01"')),
    "put_decision": {"owner": "Dana"},
    "add_own_initiative": {"title": "P", "owner_role": "kam", "start": "2027-01-11", "last_day": "2027-01-12"},
    "put_own_initiative": {"title": "Q", "owner_role": "kam", "start": "2027-01-11", "last_day": "2027-01-12"},
    "request_document": {"format": "json"},
}
LEAD_MAY_NOT = {"list_invitations", "read_answers"}
OPEN = {"health", "openapi"}
BY_NAME = {one.name: one for one in OPERATIONS}


def path_of(one: Operation, ids: Ids) -> str:
    path = _PLACE.sub(lambda found: ids.of(found[1]), one.path)
    return f"{path}?earlier={ids.snapshot}" if one.name == "compare" else path


def ask(program: Program, one: Operation, ids: Ids) -> Any:
    headers = {"If-Match": '"1"'} if one.matches else {}
    body = {"json": BODIES.get(one.name, {})} if one.takes else {}
    return program.send(one.method, path_of(one, ids), headers=headers, **body)


def names_something(one: Operation) -> bool:
    return "hex" in one.path


def test_every_operation_that_takes_a_body_has_an_example_here() -> None:
    assert {one.name for one in OPERATIONS if one.takes} == set(BODIES)


def test_every_address_of_the_service_has_a_policy(world: World) -> None:
    assert {rule.endpoint for rule in world.app.url_map.iter_rules() if policy_of(rule.endpoint) is None} == set()


def test_without_a_token_with_a_wrong_an_expired_or_a_revoked_one_nothing_is_told(world: World) -> None:
    id_, revoked = tokens.add_token(world.installation, world.ada, name="x", scopes=["read"], days=1)
    tokens.revoke_token(world.installation, world.ada, id_)
    late = replace(world.installation, clock=lambda: world.installation.clock() - timedelta(days=3))
    expired = tokens.add_token(late, world.ada, name="x", scopes=["read"], days=1)[1]
    for token in ("", "kam_", "kam_wrong", revoked, expired, world.own.engagement, "kam_\xff\xfe"):
        program = Program(world.app.test_client(), token)
        for one in OPERATIONS:
            if one.name in OPEN:
                continue
            answer = ask(program, one, world.own)
            assert answer.status_code == 401, (token, one.name)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.content_type == "application/problem+json"


def test_the_cookie_of_a_session_opens_nothing(world: World) -> None:
    client = world.app.test_client()
    signed_in = people.sign_in(
        world.installation, email=world.ada.email, password="correct horse battery staple", address="x", browser="x"
    )
    client.set_cookie("kam_lan", signed_in.token or "")
    assert client.get("/engagements/").status_code == 200
    assert client.get(f"{PREFIX}/engagements").status_code == 401


@pytest.mark.parametrize("scope", tokens.SCOPES)
def test_a_token_works_within_its_scopes_only(world: World, scope: str) -> None:
    program = world.program(world.ada, scope)
    for one in OPERATIONS:
        allowed = one.scope in (None, scope) or (one.scope == "read" and scope == "write")
        if allowed:
            continue
        answer = ask(program, one, world.own)
        assert answer.status_code == 403, (scope, one.name)
        assert f'scope="{one.scope}"' in answer.headers["WWW-Authenticate"]


def test_a_client_lead_looks_at_one_engagement_and_changes_nothing(world: World) -> None:
    lea = world.program(world.lea)
    for one in OPERATIONS:
        answer = ask(lea, one, world.own)
        if (one.scope == "write" and one.method != "GET") or one.name in LEAD_MAY_NOT:
            assert answer.status_code == 403, (one.name, answer.text)
        else:
            assert answer.status_code in (200, 201, 409), (one.name, answer.text)
        if names_something(one):
            assert ask(lea, one, world.other).status_code in (403, 404), one.name
            assert one.scope == "write" or ask(lea, one, world.other).status_code == 404, one.name
    found = lea.get("/engagements").json["engagements"]
    assert [one["id"] for one in found] == [world.own.engagement]


@pytest.mark.parametrize("who", ["ada", "carl"])
def test_another_workspaces_ids_are_never_found(world: World, who: str) -> None:
    program = world.program(getattr(world, who))
    for one in OPERATIONS:
        if not names_something(one):
            continue
        answer = ask(program, one, world.foreign)
        assert answer.status_code == 404, (one.name, answer.text)
        assert SECRET not in answer.text
        for place in _PLACE.findall(one.path):
            if place in ("action", "initiative") and world.own.of(place) == world.foreign.of(place):
                continue
            mixed = replace(world.own, **{place if place != "action" else "initiative": world.foreign.of(place)})
            answer = ask(program, one, mixed)
            assert answer.status_code == 404, (one.name, place, answer.text)
            assert SECRET not in answer.text
    assert SECRET not in program.get("/engagements").text
    assert SECRET not in program.get(f"/engagements?search={SECRET}").text


@pytest.mark.parametrize("who", ["ada", "carl"])
def test_admins_and_consultants_may_do_everything(world: World, who: str) -> None:
    actor = getattr(world, who)
    program = world.program(actor)
    ids = furnish(world.installation, actor, "Fresh")
    last = {"close_assessment": 1, "reopen_assessment": 2, "revoke_invitation": 3, "remove_own_initiative": 3}
    order = sorted(
        OPERATIONS, key=lambda one: last.get(one.name, 9 if "engagement" in one.name and one.scope == "write" else 0)
    )
    for one in order:
        if one.name in ("read_file", "delete_engagement", "restore_engagement", "archive_engagement", "unarchive_engagement"):
            continue
        expected = {412} if one.name == "put_decision" else {one.status}
        answer = ask(program, one, ids)
        if one.name in ("read_decision", "put_own_initiative") and answer.status_code != 200:
            assert answer.status_code in (404, 412), (one.name, answer.text)  # put_answers took the own initiative out
            continue
        if one.name == "remove_own_initiative":
            expected |= {404}
        if one.name == "put_decision":
            expected |= {404}
        assert answer.status_code in expected, (one.name, answer.text)
    for name, status in (("archive", 200), ("archive", 409), ("unarchive", 200)):
        assert program.post(f"/engagements/{ids.engagement}/{name}").status_code == status
    assert program.send("DELETE", f"/engagements/{ids.engagement}").status_code == 204
    assert program.get(f"/assessments/{ids.assessment}").status_code == 404
    assert program.post(f"/engagements/{ids.engagement}/restore").status_code == 200
    assert program.get(f"/assessments/{ids.assessment}").status_code == 200


def test_who_is_removed_from_the_workspace_is_out_at_once_and_stays_out(tmp_path: Path) -> None:
    opened = open_in(tmp_path)
    world = build_world(opened)
    carl = world.program(world.carl)
    assert carl.get("/me").json["role"] == "consultant"
    people.remove_member(world.installation, world.ada, world.carl.person_id)
    assert carl.get("/me").status_code == 401
    people.invite_member(world.installation, world.ada, email=world.carl.email, name="", role="consultant", engagement=None)
    assert carl.get("/me").status_code == 401
    opened.storage.close()


def test_changes_stand_in_the_audit_log_with_the_name_of_the_token(world: World, ada: Program) -> None:
    assert ada.post("/engagements", {"organisation": {"name": "Logged"}}).status_code == 201
    with world.installation.storage.reading() as connection:
        entry = load_entries(connection, world.ada.workspace_id, limit=1)[0]
    assert (entry.action, entry.actor) == ("engagement.created", "ada@example.org (token test)")


def test_a_token_is_stored_as_a_hash_only(world: World) -> None:
    token = token_for(world.installation, world.ada)
    world.installation.storage.close()
    stored = b"".join(path.read_bytes() for path in world.installation.settings.data_dir.glob("kam.sqlite3*"))
    assert token.encode() not in stored


# --- Answers, results, decisions ---


def test_an_answers_file_comes_back_as_it_was_put_in_either_form(world: World, ada: Program) -> None:
    run = start_run(world.installation, world.ada, client="Round")
    address = f"/assessments/{run.code}/answers"
    given = {
        **BODIES["put_answers"],
        "version": "1.0.0",
        "organisation": {"name": "Round", "industry": "machinery", "region": "eu", "size": "50-249"},
        "evidence": {"s1.1": [{"text": "charter", "url": "https://example.org", "expires": "2027-06-30"}]},
        "targets": {"s1": 4, "s2": 3.5},
        "consensus": {
            "s1.1": {"level": 3, "rationale": "The budget stands.", "dissent": "Sales sees a 2."},
            "s2.1": {"not_applicable": "out_of_scope", "rationale": "No such accounts."},
        },
        "roadmap": {
            "own": [{"id": "own-1", "title": "P", "owner_role": "kam", "start": "2027-01-11", "last_day": "2027-01-12"}]
        },
    }
    assert ada.put(address, given).json == {"respondents": 2, "answers": 5}
    first = ada.get(address)
    same = {**first.json, "roadmap": {"own": [{**first.json["roadmap"]["own"][0], "id": "own-1"}]}}
    same["roadmap"]["own"][0].pop("effort")
    assert same == given
    assert ada.put(address, first.json).status_code == 200
    assert ada.get(address).data == first.data
    text = ada.get(address, headers={"Accept": "application/yaml"})
    assert text.content_type == "application/yaml"
    assert ada.send("PUT", address, data=text.data, content_type="application/yaml").status_code == 200
    assert ada.get(address).data == first.data


def test_everything_that_keeps_a_file_out_is_said_at_once_with_its_line_and_nothing_changes(world: World, ada: Program) -> None:
    address = f"/assessments/{world.other.assessment}/answers"
    before = ada.get(address).data
    wrong = ANSWERS.replace("s1.2:", "s9.9:").replace("role: executive", "role: nobody")
    wrong += "organisation: {name: Somebody else}\nconfidential: true\ninvited: {kam: 3}\n"
    answer = ada.send("PUT", address, data=wrong, content_type="application/yaml")
    assert answer.status_code == 422
    found = {(one["path"], one["line"]) for one in answer.json["problems"]}
    assert found == {
        ("organisation.name", 7),
        ("confidential", 8),
        ("invited", 9),
        ("respondents[r1].answers.s9.9", 5),
        ("respondents[r2].role", 6),
    }
    chinese = ada.send("PUT", address, data="- 1", content_type="application/yaml", headers={"Accept-Language": "zh-TW"})
    assert (chinese.status_code, chinese.headers["Content-Language"]) == (422, "zh-Hant")
    assert chinese.json["title"] == "部分輸入內容無法使用"
    assert ada.get(address).data == before


def test_a_file_never_takes_the_place_of_what_people_answer(world: World, ada: Program) -> None:
    from tests.staff import invite_one, respond

    run = start_run(world.installation, world.ada, client="Linked")
    respond(world.installation, invite_one(world.installation, world.ada, run.code), "kam", 3, "s1.1")
    assert ada.put(f"/assessments/{run.code}/answers", BODIES["put_answers"]).status_code == 409
    assert ada.get(f"/assessments/{run.code}/answers").json["respondents"][0]["answers"] == {"s1.1": 3}


def test_nobody_reads_single_answers_given_in_confidence(world: World, ada: Program) -> None:
    run = start_run(world.installation, world.ada, client="Quiet", confidential=True)
    given = {**BODIES["put_answers"], "confidential": True}
    given["respondents"] = [{"id": f"r{n}", "role": "kam", "answers": {"s1.1": n}} for n in (1, 3, 5)]
    assert ada.put(f"/assessments/{run.code}/answers", given).status_code == 200
    for kind in ("application/json", "application/yaml"):
        assert ada.get(f"/assessments/{run.code}/answers", headers={"Accept": kind}).status_code == 403
    card = ada.get(f"/assessments/{run.code}/scorecard").json
    assert card["items"][0]["score"] == 3.0
    given["respondents"] = given["respondents"][:2]
    assert ada.put(f"/assessments/{run.code}/answers", given).status_code == 200
    assert ada.get(f"/assessments/{run.code}/scorecard").json["overall"]["score"] is None


def test_results_of_items_that_two_people_answered_in_confidence_are_null(world: World, ada: Program) -> None:
    run = start_run(world.installation, world.ada, client="Hushed", confidential=True)
    said = [{"s1.1": 1}, {"s1.1": "dont_know"}, {}]
    rest = dict.fromkeys(("s1.2", "s1.3", "s2.1", "s3.1", "s3.2"), 3)
    given = {**BODIES["put_answers"], "confidential": True}
    given["respondents"] = [{"id": f"r{n}", "role": "kam", "answers": {**rest, **own}} for n, own in enumerate(said)]
    base = f"/assessments/{run.code}"
    assert ada.put(f"{base}/answers", given).status_code == 200
    card = ada.get(f"{base}/scorecard").json
    assert ScorecardOut.model_validate(card).schema_ == "kam-scorecard/1"
    items = {item["id"]: item for item in card["items"]}
    figures = ("score", "evidenced", "source", "n", "dont_know", "not_applicable", "median", "min", "max")
    assert [items["s1.1"][figure] for figure in figures] == [None] * len(figures)
    assert (items["s1.1"]["status"], items["s3.1"]["score"]) == ("hidden", 3.0)
    assert [flag for flag in card["flags"] if "s1.1" in flag["items"]] == []
    plan = ada.get(f"{base}/roadmap").json
    assert RoadmapOut.model_validate(plan).schema_ == "kam-roadmap/1"
    starts = {lift["item"]: lift["from"] for one in plan["initiatives"] for lift in one["lifts"]}
    assert starts.get("s1.1") is None
    snapshot = ada.post(f"{base}/close").json["id"]
    compared = ada.get(f"{base}/comparison?earlier={snapshot}").json
    assert ProgressOut.model_validate(compared).items[0] == {
        "id": "s1.1",
        "from": None,
        "to": None,
        "change": None,
        "evidenced": {"from": None, "to": None},
        "rise_without_evidence": False,
        "causes": None,
    }


def test_results_have_the_forms_that_are_described(world: World, ada: Program) -> None:
    base = f"/assessments/{world.other.assessment}"
    assert ScorecardOut.model_validate(ada.get(f"{base}/scorecard").json).schema_ == "kam-scorecard/1"
    assert RoadmapOut.model_validate(ada.get(f"{base}/roadmap").json).schema_ == "kam-roadmap/1"
    compared = ada.get(f"{base}/comparison?earlier={world.other.snapshot}").json
    assert ProgressOut.model_validate(compared).overall["change"] == 0


def test_a_decision_names_the_version_it_is_for(world: World, ada: Program) -> None:
    address = f"/assessments/{world.other.assessment}/decisions/{world.other.initiative}"
    assert ada.get(address).headers["ETag"] == '"0"'
    assert ada.put(address, {"owner": "A"}).status_code == 428
    first = ada.put(address, {"owner": "A"}, headers={"If-Match": '"0"'})
    assert (first.status_code, first.headers["ETag"], first.json["version"]) == (200, '"1"', 1)
    for stale in ('"0"', '"2"', "*", '"x"', '"99999999999999999999"'):
        assert ada.put(address, {"owner": "B"}, headers={"If-Match": stale}).status_code == 412, stale
    assert ada.get(address).json["owner"] == "A"


def test_what_has_not_changed_is_not_sent_again(ada: Program) -> None:
    first = ada.get("/questionnaires/mini")
    again = ada.get("/questionnaires/mini", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


# --- The same request twice, pages, limits ---


def test_the_same_key_creates_once(world: World, ada: Program) -> None:
    key = {"Idempotency-Key": "order-1"}
    made = [ada.post("/engagements", {"organisation": {"name": "Once"}}, headers=key) for _ in range(3)]
    assert len({answer.json["id"] for answer in made}) == 1
    assert [answer.status_code for answer in made] == [201, 201, 201]
    other = ada.post("/engagements", {"organisation": {"name": "Twice"}}, headers=key)
    assert (other.status_code, other.json["problems"][0]["path"]) == (422, "Idempotency-Key")
    assert ada.get("/engagements?search=once").json["total"] == 1
    assert world.program(world.ada).post("/engagements", {"organisation": {"name": "Once"}}, headers=key).status_code == 201
    assert ada.get("/engagements?search=once").json["total"] == 2, "keys are of one token"


def test_a_refused_request_does_not_use_its_key_up(world: World, ada: Program) -> None:
    key, address = {"Idempotency-Key": "order-2"}, f"/engagements/{world.other.engagement}/assessments"
    assert ada.post(address, {"questionnaire": "mini", "profile": "nope"}, headers=key).status_code == 422
    assert ada.post(address, {"questionnaire": "mini"}, headers=key).status_code == 201


@pytest.mark.parametrize("key", ["", "with blank", "x" * 101])
def test_an_idempotency_key_is_short_and_visible(ada: Program, key: str) -> None:
    answer = ada.post("/engagements", {"organisation": {"name": "K"}}, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


def test_pages_follow_each_other(world: World) -> None:
    ada = world.program(world.ada)
    total = ada.get("/engagements").json["total"]
    address, seen = "/engagements?per_page=2", []
    for _ in range(total):
        page = ada.get(address)
        seen += [one["id"] for one in page.json["engagements"]]
        if "Link" not in page.headers:
            break
        address = page.headers["Link"].partition(">")[0].removeprefix(f"<{PREFIX}")
    assert len(seen) == len(set(seen)) == total > 2


def test_a_token_that_calls_too_often_waits_and_others_do_not(world: World) -> None:
    installation = replace(world.installation, settings=replace(world.installation.settings, api_per_minute=3))
    client = create_application(installation.settings, installation).test_client()
    hasty, other = (Program(client, token_for(world.installation, world.ada)) for _ in range(2))
    assert [hasty.get("/me").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert hasty.get("/me").headers["Retry-After"] == "60"
    assert other.get("/me").status_code == 200


# --- Bad input ---

BAD_BODIES = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"3",
    b'"x"',
    b"a: b",
    b"\x00",
    b"\xff\xfe{\x00}\x00",
    b"\x80",
    b'{"organisation": {"name": "\\u0000"}}',
    b'{"organisation": {"name": "\\ud800"}}',
    b'{"organisation": {"name": "a", "name": "b"}}',
    b'{"organisation": {"name": NaN}}',
    b'{"organisation": {"name": 7}}',
    b'{"organisation": {"name": "' + b"x" * 300 + b'"}}',
    b'{"organisation": {"name": "a", "industry": "' + b"x" * 81 + b'"}}',
    b'{"organisation": {"name": "a"}, "id": "mine"}',
    b"[" * 5000,
    b'{"a":' * 2000 + b"1" + b"}" * 2000,
)


@pytest.mark.parametrize("body", BAD_BODIES, ids=lambda body: repr(body[:40]))
def test_a_body_that_cannot_be_is_refused_with_the_reason(ada: Program, body: bytes) -> None:
    answer = ada.send("POST", "/engagements", data=body, content_type="application/json")
    assert answer.status_code in (400, 422), answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["problems"][0]["message"]


@pytest.mark.parametrize(
    ("method", "path", "options", "status"),
    [
        ("POST", "/engagements", {"data": "x=1", "content_type": "application/x-www-form-urlencoded"}, 415),
        ("POST", "/engagements", {"data": "{}", "content_type": "text/plain"}, 415),
        ("POST", "/engagements", {"data": "{}"}, 415),
        ("POST", "/engagements", {"data": b"x" * (64 * 1024 + 1), "content_type": "application/json"}, 413),
        ("GET", "/engagements", {"headers": {"Accept": "text/html"}}, 406),
        ("GET", "/engagements?page=0", {}, 422),
        ("GET", "/engagements?page=1&page=2", {}, 422),
        ("GET", "/engagements?colour=red", {}, 422),
        ("GET", "/engagements?search=%00", {}, 422),
        ("GET", "/engagements?search=%ff%fe", {}, 200),
        ("GET", "/engagements/%00", {}, 404),
        ("GET", f"/engagements/{'0' * 32}", {}, 404),
        ("GET", "/assessments/ABCDEF0123456789", {}, 404),
        ("DELETE", f"/assessments/{'0' * 16}/invitations/99999999999999999999", {}, 404),
        ("GET", "/questionnaires/..%2fetc", {}, 404),
        ("GET", "/schemas/passwd", {}, 404),
        ("GET", "/nothing", {}, 404),
        ("GET", "/engagements/", {}, 404),
        ("DELETE", "/engagements", {}, 405),
        ("OPTIONS", "/engagements", {}, 405),
        ("TRACE", "/engagements", {}, 405),
    ],
)
def test_refusals_are_problems_with_the_right_status(ada: Program, method: str, path: str, options: Any, status: int) -> None:
    answer = ada.send(method, path, **options)
    assert answer.status_code == status, answer.text
    assert status == 200 or answer.content_type == "application/problem+json"
    assert status == 200 or answer.json["status"] == status
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_answers_file_of_two_mebibytes_is_the_largest(world: World, ada: Program) -> None:
    address = f"/assessments/{world.other.assessment}/answers"
    large = ANSWERS.encode() + b"#" * (2 * 1024 * 1024)
    assert ada.send("PUT", address, data=large, content_type="application/yaml").status_code == 413
    fits = ANSWERS.encode() + b"#" * (1900 * 1024)
    assert ada.send("PUT", address, data=fits, content_type="application/yaml").status_code == 200


def test_an_unreadable_database_is_said_as_503(tmp_path: Path) -> None:
    opened = open_in(tmp_path)
    world = build_world(opened)
    ada = world.program(world.ada)
    with opened.storage.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE engagement RENAME TO elsewhere")
    answer = ada.get("/engagements")
    assert answer.status_code == 503
    assert answer.content_type == "application/problem+json"
    assert "elsewhere" not in answer.text
    opened.storage.close()


# --- The other database ---


@pytest.fixture(scope="module")
def on_postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with postgresql_server() as server, temporary_database(server) as url:
        opened = open_in(tmp_path_factory.mktemp("api-pg"), database_url=url)
        yield build_world(opened)
        opened.storage.close()


def test_postgresql_behaves_the_same(on_postgresql: World) -> None:
    world = on_postgresql
    test_another_workspaces_ids_are_never_found(world, "carl")
    test_an_answers_file_comes_back_as_it_was_put_in_either_form(world, world.program(world.ada))
    test_the_same_key_creates_once(world, world.program(world.ada))
    test_a_decision_names_the_version_it_is_for(world, world.program(world.ada))
    for body in BAD_BODIES:
        test_a_body_that_cannot_be_is_refused_with_the_reason(world.program(world.ada), body)
