"""The pages of staff and of those they invite, as a browser without script sees them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask

from assess.usecases import people
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from tests.staff import CHEAP, PASSWORD
from tests.web.cast import Cast, assemble, sign_in
from tests.web.conftest import Person, settings_in
from tests.web.pages import EVIL, ask_document, make_document
from tests.web.test_headers import assert_headers, parse

LINK = re.compile(r'value="http://localhost(/i/[^"]+)"')


@pytest.fixture(scope="module")
def cast(app: Flask, installation: Installation) -> Cast:
    return assemble(app, installation)


@pytest.fixture
def admin(cast: Cast) -> Person:
    return cast.actors["admin"]


def test_from_the_first_link_to_the_list_of_engagements(tmp_path: Any) -> None:
    installation = replace(open_installation(settings_in(tmp_path)), passwords=CHEAP)
    app = create_app(installation.settings, installation)
    app.testing = True
    ada = Person(app.test_client(), installation)
    link = f"/setup/{people.first_start(installation)}"
    page = ada.post(link, {"email": "x", "password": "short", "kind": "consultancy"})
    assert page.status_code == 422
    for text in (
        "Please give an e-mail address.",
        "The password needs at least 15 characters.",
        "Please give the workspace a name.",
    ):
        assert text in page.text
    given = {"email": "ada@example.org", "password": PASSWORD, "kind": "company", "name": "Ada", "workspace": "Acme"}
    assert ada.post(link, given).headers["Location"] == "/sign-in"
    assert ada.get(link).status_code == 404
    answer = ada.post("/sign-in?next=/people/", {"email": "ADA@example.org ", "password": PASSWORD})
    assert answer.headers["Location"] == "/people/"
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("kam_lan")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Add demo data" in ada.get("/engagements/").text
    installation.storage.close()


def test_over_https_the_cookie_is_bound_to_the_host(app: Flask, cast: Cast) -> None:
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    form = {"csrf_token": token[1], "email": cast.ada.email, "password": PASSWORD}
    answer = client.post("/sign-in", data=form, base_url="https://localhost", headers={"Referer": "https://localhost/sign-in"})
    (cookie,) = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("__Host-kam=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@pytest.mark.parametrize("after", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", ""])
def test_signing_in_leads_to_pages_of_this_server_only(app: Flask, installation: Installation, cast: Cast, after: str) -> None:
    person = Person(app.test_client(), installation)
    answer = person.client.post(
        "/sign-in", query_string={"next": after},
        data={"csrf_token": person.csrf("/sign-in"), "email": cast.ada.email, "password": PASSWORD},
    )  # fmt: skip
    assert answer.headers["Location"] == "/engagements/"


def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(app: Flask, installation: Installation, cast: Cast) -> None:
    person = Person(app.test_client(), installation)
    pages = []
    for email in (cast.ada.email, "nobody@example.org"):
        page = person.post("/sign-in", {"email": email, "password": "wrong"})
        assert page.status_code == 422
        pages.append(re.sub(r'value="[^"]*"|nonce="[^"]*"', "", page.text))
    assert pages[0] == pages[1]


def test_after_five_wrong_tries_the_door_stays_shut(app: Flask, installation: Installation) -> None:
    cast = assemble(app, installation)
    person = Person(app.test_client(), installation)
    for _ in range(4):
        person.post("/sign-in", {"email": cast.ada.email, "password": "wrong"})
    statuses = [person.post("/sign-in", {"email": cast.ada.email, "password": PASSWORD}).status_code for _ in range(1)]
    assert statuses == [303]
    for _ in range(5):
        person.post("/sign-in", {"email": cast.otto.email, "password": "wrong"})
    answer = person.post("/sign-in", {"email": cast.otto.email, "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"


def test_signing_out_here_and_everywhere(app: Flask, installation: Installation, cast: Cast) -> None:
    here, there = (sign_in(app, installation, cast.ada.email) for _ in range(2))
    cookie = here.client.get_cookie("kam_lan")
    assert here.post("/sign-out").headers["Location"] == "/sign-in"
    assert cookie
    here.client.set_cookie("kam_lan", cookie.value)
    assert here.get("/engagements/").status_code == 303
    assert there.get("/engagements/").status_code == 200
    third = sign_in(app, installation, cast.ada.email)
    there.post("/account/sign-out-everywhere")
    assert third.get("/engagements/").status_code == 303
    cast.actors["admin"].client.set_cookie(
        "kam_lan", sign_in(app, installation, cast.ada.email).client.get_cookie("kam_lan").value
    )  # type: ignore[union-attr]


def test_the_password_is_changed_on_the_account_page(app: Flask, installation: Installation) -> None:
    ada = assemble(app, installation).actors["admin"]
    refused = ada.post("/account/password", {"current": "wrong", "new": "short"})
    assert refused.status_code == 422
    assert "This is not your present password." in refused.text
    assert "The password needs at least 15 characters." in refused.text
    assert "short" not in re.sub(r"<[^>]*>", "", refused.text).replace("shortened", "")
    assert ada.post("/account/password", {"current": PASSWORD, "new": "a new long password"}).status_code == 303
    assert ada.get("/account").status_code == 200


def test_an_engagement_from_the_form_to_the_archive_and_back(admin: Person) -> None:
    wrong = admin.post("/engagements/new", {"client": "", "language": "xx", "mode": "attributed"})
    assert wrong.status_code == 422
    assert "Please name the client." in wrong.text or "Please choose one of the options." in wrong.text
    made = admin.post("/engagements/new", {"client": "Gamma 關鍵", "language": "zh-Hant", "mode": "confidential"})
    page = made.headers["Location"]
    assert "Gamma 關鍵" in admin.get("/engagements/?q=gamma").text
    assert admin.post(f"{page}change", {"client": "Delta", "language": "en", "mode": "attributed"}).status_code == 303
    assert "Delta" in admin.get(page).text
    admin.post(f"{page}archive", {"archived": "yes"})
    assert "Delta" not in admin.get("/engagements/").text
    assert "Delta" in admin.get("/engagements/?state=archived").text
    admin.post(f"{page}archive", {"archived": "no"})
    assert "Delta" in admin.get(f"{page}delete").text
    admin.post(f"{page}delete")
    assert "Delta" not in admin.get("/engagements/").text
    assert "Delta" in admin.get("/engagements/?state=deleted").text
    admin.post(f"{page}restore")
    assert "Delta" in admin.get("/engagements/").text
    archive = admin.get(f"{page}export.zip")
    assert archive.mimetype == "application/zip"
    assert archive.data.startswith(b"PK")


def invite(admin: Person, cast: Cast, **form: Any) -> list[str]:
    page = f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/"
    given = {"kind": "personal", "names": "Rosa\n", "role": "", "language": "en", **form}
    before = set(LINK.findall(admin.get(page).text))
    answer = admin.post(f"{page}invitations", given)
    assert answer.status_code == 303, answer.text
    return [link.replace("&amp;", "&") for link in LINK.findall(admin.get(page).text) if link not in before]


def test_an_invited_person_answers_and_the_result_shows_it(app: Flask, cast: Cast, admin: Person) -> None:
    (link,) = invite(admin, cast, names="Rita", language="zh-Hant")
    rita = Person(app.test_client(), admin.installation)
    page = rita.get(link)
    assert '<html lang="zh-Hant">' in page.text
    assert rita.post(link, {"role": ""}).status_code == 422
    own = rita.post(link, {"role": "kam"}).headers["Location"]
    assert rita.get(link).headers["Location"] == own
    assert rita.post(f"{own}step/s1", {"q_s1.1": "4"}).status_code == 303
    assert rita.post(f"{own}description", {"role": "sales"}).status_code == 303
    people_page = admin.get(f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/").text
    assert "1 of 14 answered" in people_page
    assert "Rita" in people_page
    assert "Result: Acme" in admin.get(f"/a/team-{cast.run.code}/result").text


def test_a_revoked_link_opens_nothing_any_more(app: Flask, cast: Cast, admin: Person) -> None:
    (link,) = invite(admin, cast, names="Rolf")
    rolf = Person(app.test_client(), admin.installation)
    own = rolf.post(link, {"role": "kam"}).headers["Location"]
    page = admin.get(f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/").text
    row = page[page.index("Rolf") :]
    revoke = re.search(r'action="(/engagements/[^"]+/revoke)"', row)
    assert revoke
    assert admin.post(revoke[1]).status_code == 303
    assert rolf.get(link).status_code == 404
    assert rolf.get(own).status_code == 404
    assert rolf.get(f"{own}step/s1").status_code == 404
    assert admin.post(revoke[1]).status_code == 409


def test_the_sheet_carries_the_link_as_a_picture_of_its_own(cast: Cast, admin: Person) -> None:
    (link,) = invite(admin, cast, kind="group", names="Plant 2")
    page = admin.get(f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/").text
    sheet = re.search(r'href="(/engagements/[^"]+/sheet)"', page[page.index("Plant 2") :])
    assert sheet
    shown = admin.get(sheet[1])
    assert link.split("?")[0] in shown.text
    assert "<svg" in shown.text
    assert parse(shown).forbidden == []


def test_mistakes_in_the_invitation_form_come_back_with_what_was_typed(cast: Cast, admin: Person) -> None:
    page = f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/invitations"
    answer = admin.post(page, {"kind": "personal", "names": " ", "role": "boss", "language": "en"})
    assert answer.status_code == 422
    long = admin.post(page, {"kind": "personal", "names": f"Rosa\n{'x' * 200}", "role": "", "language": "en"})
    assert long.status_code == 422
    assert "is longer than 120 characters" in long.text
    assert "Rosa" in long.text


def test_in_confidence_the_link_works_once_and_the_browser_finds_back(app: Flask, installation: Installation) -> None:
    admin = assemble(app, installation).actors["admin"]
    page = admin.post("/engagements/new", {"client": "Hush", "language": "en", "mode": "confidential"}).headers["Location"]
    run = admin.post(f"{page}assessments/new", {"questionnaire": "kam-seven-steps-short", "profile": ""}).headers["Location"]
    admin.post(f"{run}invitations", {"kind": "personal", "names": "Rosa", "role": "kam", "language": "en"})
    (link,) = [each.replace("&amp;", "&") for each in LINK.findall(admin.get(run).text)]
    rosa = Person(app.test_client(), installation)
    assert "Your answers are confidential" in rosa.get(link).text
    own = rosa.post(link).headers["Location"]
    assert rosa.get(link).headers["Location"] == own
    stranger = Person(app.test_client(), installation)
    assert "This invitation was used already" in stranger.get(link).text
    assert stranger.post(link).status_code == 409
    rosa.post(f"{own}step/s1", {"q_s1.1": "5"})
    shown = admin.get(run).text
    assert LINK.findall(shown) == []
    assert "1 of 14 answered" not in shown
    code = run.rstrip("/").split("/")[-1]
    assert "results are shown once three people have answered" in admin.get(f"/a/team-{code}/result").text
    assert admin.get(f"/a/team-{code}/answers.yaml").status_code == 404


def test_people_are_invited_and_set_up_by_their_link(app: Flask, cast: Cast, admin: Person) -> None:
    mark = cast.run.code
    wrong = admin.post("/people/", {"email": "x", "role": "client_lead", "engagement": ""})
    assert wrong.status_code == 422
    assert "Please choose the engagement this person leads." in wrong.text
    page = admin.post("/people/", {"email": f"eve-{mark}@example.org", "name": "Eve", "role": "consultant", "engagement": ""})
    link = re.search(r'value="http://localhost(/setup/[^"]+)"', page.text)
    assert link
    eve = Person(app.test_client(), admin.installation)
    assert eve.post(link[1], {"name": "Eve", "password": PASSWORD}).status_code == 303
    assert (
        admin.post("/people/", {"email": f"eve-{mark}@example.org", "role": "consultant", "engagement": ""}).status_code == 409
    )
    assert "Eve" in admin.get("/people/").text


def test_the_log_is_shown_and_can_be_taken_along(admin: Person) -> None:
    assert "the chain is whole" in admin.get("/audit/").text
    entries = [json.loads(line) for line in admin.get("/audit/audit.jsonl").text.splitlines()]
    names = ("workspace_id", "number", "at", "actor", "action", "object", "digest", "previous")
    previous = "0" * 64
    for entry in entries:
        assert entry["previous"] == previous
        parts = json.dumps([entry[name] for name in names], ensure_ascii=False)
        assert entry["hash"] == sha256(parts.encode()).hexdigest()
        previous = entry["hash"]


def test_demo_data_comes_and_goes_with_a_click(app: Flask, installation: Installation) -> None:
    admin = assemble(app, installation).actors["admin"]
    page = admin.post("/engagements/demo/add").headers["Location"]
    assert "Demo data." in admin.get(page).text
    result = re.search(r"/a/team-[0-9a-f]+/result", admin.get(page).text)
    assert result
    assert "Demo data." in admin.get(result[0]).text
    assert admin.post("/engagements/demo/remove").status_code == 303
    assert "Demo data." not in admin.get("/engagements/").text
    assert admin.get(page).status_code == 404


def test_a_report_of_everybodys_answers(cast: Cast, admin: Person) -> None:
    admin.link = f"/a/team-{cast.run.code}/"
    address = ask_document(admin, fmt="json")
    make_document(admin.installation, content=b"{}")
    assert admin.get(f"{address}/file").data == b"{}"
    lea = cast.actors["client lead"]
    assert lea.get(address).status_code == 200
    assert cast.actors["foreign admin"].get(address).status_code == 404
    plain = Person(admin.client.application.test_client(), admin.installation)
    assert plain.get(f"{address}/file").headers["Location"].startswith("/sign-in")


def staff_pages(cast: Cast, admin: Person, language: str) -> dict[str, Any]:
    """Every page of staff with evil texts in it."""
    page = admin.post("/engagements/new", {"client": EVIL, "title": EVIL, "language": "en", "mode": "attributed"}).headers[
        "Location"
    ]
    run = admin.post(f"{page}assessments/new", {"questionnaire": "kam-seven-steps-short", "profile": ""}).headers["Location"]
    admin.post(f"{run}invitations", {"kind": "group", "names": EVIL, "role": "", "language": language})
    shown = admin.get(run)
    link, sheet = LINK.search(shown.text), re.search(r'href="([^"]+/sheet)"', shown.text)
    assert link
    assert sheet
    code = run.rstrip("/").split("/")[-1]
    stranger = Person(admin.client.application.test_client(), admin.installation, headers=admin.headers)
    accept = link[1].replace("&amp;", "&").split("?")[0]
    joined = stranger.post(accept, {"role": "kam", "name": EVIL}).headers["Location"]
    paths = [
        "/engagements/", "/engagements/?q=nothing%3Cscript%3E", "/engagements/?state=archived", "/engagements/new", page,
        f"{page}change",
        f"{page}delete", f"{page}assessments/new", run, sheet[1], "/people/", f"/people/{cast.member}", "/account", "/audit/",
        f"/a/team-{code}/result", f"/a/team-{code}/step/s1",
    ]  # fmt: skip
    pages: dict[str, Any] = {path: admin.get(path) for path in paths}
    pages |= {"accept": stranger.get(accept), "overview": stranger.get(joined), "thanks": stranger.get(f"{joined}result")}
    pages["role"] = stranger.get(f"{joined}description")
    pages["sign-in"] = stranger.get("/sign-in")
    pages["sign-in, wrong"] = stranger.post("/sign-in", {"email": EVIL, "password": EVIL})
    pages["form, wrong"] = admin.post("/engagements/new", {"client": EVIL * 20, "title": EVIL, "language": EVIL, "mode": EVIL})
    pages["invite, wrong"] = admin.post(f"{run}invitations", {"kind": EVIL, "names": EVIL * 20, "role": EVIL, "language": EVIL})
    pages["member, wrong"] = admin.post("/people/", {"email": EVIL, "name": EVIL, "role": EVIL, "engagement": EVIL})
    return pages


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_every_page_of_staff_is_sound_in_every_language(app: Flask, installation: Installation, language: str) -> None:
    cast = assemble(app, installation)
    admin = cast.actors["admin"]
    admin.headers = {"Accept-Language": language}
    for name, page in staff_pages(cast, admin, language).items():
        assert_headers(page)
        assert page.status_code in (200, 422), name
        found = parse(page)
        assert found.forbidden == [], name
        assert EVIL not in page.text, name
        assert "<script>" not in page.text, name
        assert len(found.ids) == len(set(found.ids)), name
        assert found.headings.count(1) == 1, name
        assert all(after <= before + 1 for before, after in zip(found.headings, found.headings[1:], strict=False)), name
        assert {target[1:] for target in found.targets} <= {*found.ids, ""}, name
        assert f'<html lang="{language}">' in page.text, name
        assert "None" not in re.sub(r"<[^>]*>", "", page.text).replace("None of its", ""), name
        own = [address for address in found.addresses if address.startswith("/static/")]
        assert len(page.data) + sum(len(admin.client.get(address, buffered=True).data) for address in own) < 150_000, name
