"""Every address that shows a page, met once on a phone: usable by everybody in light and dark, and nothing sticks out.

The other browser tests look at pages in more languages, sizes and states; this one sees to it that none is forgotten.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Browser
from waitress.server import create_server

from assess.config import SignInProvider
from assess.content.library import thaw
from assess.usecases import benchmarks, desks, engagements, invitations, peer_rows, people, rooms, workshops
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from tests.staff import CHEAP, PASSWORD
from tests.web.accounts import accounts_file, measure
from tests.web.cast import CORE, Cast, assemble
from tests.web.conftest import Person, settings_in
from tests.web.pages import ask_document, make_document
from tests.web.test_browser import PHONE, assert_fits, browser, serious_in_both_themes, visit

pytestmark = pytest.mark.browser
__all__ = ["browser"]

NO_PAGE = {
    "accounts.columns", "accounts.decide", "accounts.figures", "accounts.state", "accounts.upload", "assessments.answers_file",
    "assessments.plan", "audit.export", "documents.ask", "documents.download", "documents.retry", "documents.state",
    "engagements.export", "front.robots", "oidc.callback", "oidc.start", "questionnaires.take", "roadmap.table", "rooms.live",
    "rooms.projector_live", "service.health", "service.metrics", "service.ready", "static", "workshops.live",
}  # fmt: skip
"""Addresses that lead on, give a file or answer a script."""
LOOKED_AT_ELSEWHERE = {"accounts.index", "assessments.result", "assessments.step", "front.front", "front.start"}
"""Long pages that test_browser and test_browser_accounts look at in several states already."""
MODULE = "early-warning"
PROVIDER = SignInProvider("https://id.example.org", "kam", "secret", "Acme ID")


@pytest.fixture
def place(tmp_path: Any) -> Iterator[tuple[str, Cast, Person]]:
    """An installation that has everything there is to look at, behind waitress on loopback; its people; a self-assessment."""
    opened = open_installation(replace(settings_in(tmp_path), provider=PROVIDER))
    installation = replace(opened, passwords=CHEAP)
    app = create_app(installation.settings, installation)
    app.testing = True
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}", assemble(app, installation), Person(app.test_client(), installation)
    server.close()
    thread.join(1)
    installation.storage.close()


def self_assessment(rosa: Person) -> dict[str, str]:
    """What one answered and measured assessment has to show, by endpoint."""
    rosa.start(name="Acme", modules=["early-warning"])  # type: ignore[arg-type]
    rosa.answer_all("2")
    measure(rosa, accounts_file(12))
    document = ask_document(rosa)
    make_document(rosa.installation, content=b"%PDF-1.7")
    planned = {"title": "Ours", "owner_role": "sales", "start": "2027-01-04", "last_day": "2027-01-29", "effort": "2"}
    assert rosa.post(f"{rosa.link}plan/own", {**planned, "item": "s1.1", "to": "4"}).status_code == 303
    action = rosa.get(f"{rosa.link}result").text.split(f"{rosa.link}plan/a-")[1].split('"')[0]
    own = re.search(r"row-(own-\w+)", rosa.get(f"{rosa.link}plan/").text)
    assert own
    link = rosa.link
    return {
        "assessments.overview": link,
        "assessments.step": f"{link}step/s1",
        "assessments.result": f"{link}result",
        "assessments.description": f"{link}description",
        "assessments.erase": f"{link}erase",
        "accounts.index": f"{link}accounts/",
        "accounts.delete": f"{link}accounts/delete",
        "brands.of_assessment": f"{link}brand",
        "documents.show": document,
        "history.index": f"{link}history/",
        "register.evidence": f"{link}evidence",
        "register.evidence_of": f"{link}evidence/s1.1",
        "register.modules": f"{link}modules",
        "register.targets": f"{link}targets",
        "roadmap.show": f"{link}plan/",
        "roadmap.initiative": f"{link}plan/a-{action}",
        "roadmap.own": f"{link}plan/own/{own[1]}",
    }


def compared(rosa: Person) -> str:
    """The address of a comparison of a closed assessment with the one that follows it."""
    assert rosa.post(f"{rosa.link}history/close").status_code == 303
    again = rosa.post(f"{rosa.link}history/again", {"copy": "yes"})
    link = again.headers["Location"]
    earlier = re.search(r'<option value="([0-9a-f]{32})"', rosa.get(f"{link}history/").text)
    assert earlier
    return f"{link}history/compare?earlier={earlier[1]}&later=now"


def everything(cast: Cast, rosa: Person) -> dict[str, str]:
    """Endpoint -> an address that shows it; the admin of the cast may open all of them."""
    installation, run = rosa.installation, cast.run
    key = engagements.key_to(installation, cast.ada, run.code)
    workshops.start_workshop(installation, key)
    workshops.take_item(installation, key, "s1.1", "live")
    room = desks.open_desk(installation, key)
    phone = rooms.join(installation, room.join_token, name="Kim", role="kam", language="zh-Hans", address="a")
    make_pool(installation)
    at = f"/engagements/{run.engagement}/"
    of = f"{at}assessments/{run.code}/"
    setup = people.invite_member(
        installation, cast.ada, email="new@example.org", name="New", role="consultant", engagement=None
    )
    invited = invitations.list_invitations(installation, key)[0].id
    pages = self_assessment(rosa)
    return {
        "front.front": "/",
        "front.start": "/start",
        "front.start_from_file": "/start/file",
        **pages,
        "history.compare": compared(rosa),
        "questionnaires.shelf": "/questionnaires/",
        "questionnaires.show": f"/questionnaires/{MODULE}",
        "questionnaires.actions": f"/questionnaires/{MODULE}/actions",
        "engagements.index": "/engagements/",
        "engagements.new": "/engagements/new",
        "engagements.show": at,
        "engagements.change": f"{at}change",
        "engagements.delete": f"{at}delete",
        "engagements.new_assessment": f"{at}assessments/new",
        "engagements.assessment": of,
        "brands.of_engagement": f"{at}brand",
        "invitations.accept": f"/i/{cast.invite}",
        "invitations.sheet": f"{of}invitations/{invited}/sheet",
        "workshops.desk": f"{of}workshop/",
        "workshops.guide": f"{of}workshop/guide",
        "rooms.code": "/join",
        "rooms.join": f"/join/{room.join_token}",
        "rooms.show": f"/w/{phone}/",
        "rooms.projector": f"/show/{room.projector_token}/",
        "people.index": "/people/",
        "people.member": f"/people/{cast.member}",
        "audit.index": "/audit/",
        "benchmarks.index": "/benchmarks/",
        "benchmarks.sources": "/benchmarks/sources",
        "staff.account": "/account",
        "tokens.index": "/account/tokens",
        "staff.set_up": f"/setup/{setup.token}",
        "staff.sign_in": "/sign-in",
        "oidc.failed": "/sign-in/oidc/callback?state=foreign",
    }


def make_pool(installation: Installation) -> None:
    """Six peers of the short form, released."""
    core = thaw(installation.library.frozen(CORE))
    steps = [dimension.id for dimension in core.dimensions]
    lines = [
        f"O{n},{core.id},1.0.0,2026-01-01,machinery,eu,50-249," + ",".join([str(1 + n % 5)] * len(steps)) for n in range(6)
    ]
    header = ",".join(["organisation,questionnaire,version,completed_on,industry,region,size", *steps])
    peer_rows.import_rows_of(installation, "\n".join([header, *lines]).encode(), "peers.csv", "peers.csv", core)
    benchmarks.make_release(installation, core.id, core.major)


@pytest.mark.timeout(900)
def test_every_page_can_be_used_by_everybody(browser: Browser, place: tuple[str, Cast, Person]) -> None:
    address, cast, rosa = place
    pages = everything(cast, rosa)
    shown = {rule.endpoint for rule in rosa.client.application.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert shown - NO_PAGE == set(pages), "show a new page here, or say in NO_PAGE that it is none"
    assert not set(pages) & NO_PAGE
    session = people.sign_in(rosa.installation, email=cast.ada.email, password=PASSWORD, address="a", browser="b").token
    findings: dict[str, list[str]] = {}
    with visit(browser, address, expected="status of 4", viewport=PHONE, locale="zh-CN") as page:
        for endpoint, path in pages.items():
            page.context.clear_cookies()
            if endpoint not in ("staff.sign_in", "staff.set_up", "rooms.show", "invitations.accept"):
                page.context.add_cookies([{"name": "kam_lan", "value": str(session), "url": address}])
            answer = page.goto(path)
            assert answer is not None
            assert answer.status == (400 if endpoint == "oidc.failed" else 200), (endpoint, page.url, answer.status)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            if endpoint not in LOOKED_AT_ELSEWHERE:
                findings[endpoint] = serious_in_both_themes(page)
            if endpoint != "rooms.projector":
                assert_fits(page)
    assert {endpoint: found for endpoint, found in findings.items() if found} == {}
