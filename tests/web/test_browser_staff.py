"""A consultant's day in a real browser: set up, invite, three people answer, see the result, take the report along."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from assess.core.answers import Answer
from assess.usecases import answers, invitations, people
from assess.usecases.assessments import open_by_link
from assess.usecases.installation import Installation, open_installation
from assess.web.app import create_app
from tests.staff import CHEAP, PASSWORD
from tests.web.cast import assemble
from tests.web.conftest import settings_in
from tests.web.pages import make_document
from tests.web.test_browser import DESK, PATIENCE, PHONE, assert_fits, browser, serious_in_both_themes, visit

__all__ = ["browser"]  # a fixture
pytestmark = pytest.mark.browser


@dataclass
class Served:
    address: str
    installation: Installation
    app: Flask


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Served]:
    """A new installation behind waitress on loopback."""
    installation = replace(open_installation(settings_in(tmp_path)), passwords=CHEAP)
    app = create_app(installation.settings, installation)
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Served(f"http://127.0.0.1:{server.effective_port}", installation, app)
    server.close()
    thread.join(1)
    installation.storage.close()


def set_up(page: Page, served: Served) -> None:
    """From the link on the console to the empty list of engagements."""
    page.goto(f"/setup/{people.first_start(served.installation)}")
    page.locator("#workspace").fill("Ada & Co")
    page.locator("input[value=consultancy]").check()
    page.locator("#name").fill("Ada")
    page.locator("#email").fill("ada@example.org")
    page.locator("#password").fill(PASSWORD)
    page.locator("#set-up .button.primary").click()
    page.locator("#email").fill("ada@example.org")
    page.locator("#password").fill(PASSWORD)
    page.locator("#sign-in .button.primary").click()
    page.wait_for_url("**/engagements/")


def answer(browser: Browser, served: Served, link: str, level: int, script: bool, **options: Any) -> None:
    """Open an invitation and answer the short form with one level."""
    with visit(browser, served.address, java_script_enabled=script, **options) as page:
        page.goto(link)
        page.locator("#accept .button.primary").click()
        page.wait_for_url("**/a/reply-*/")
        assert_fits(page)
        with page.expect_navigation():
            page.locator("main .button.primary").first.click()
        for _ in range(7):
            for item in page.locator("fieldset.item").all():
                item.locator("label.card").nth(level - 1).click()
            with page.expect_navigation():
                page.locator("button[value=next]").click()
        page.wait_for_url("**/result")
        assert page.locator(".big-level").count() == 0


def respond(installation: Installation, link: str, role: str, level: int) -> None:
    """The same without a browser, for those whose way is that of others."""
    token = urlsplit(link).path.rsplit("/", 1)[-1]
    own = invitations.accept(installation, token, name="", role=role, language="en")
    items = open_by_link(installation, own).questionnaire.items
    answers.save_answers(installation, own, {item.id: Answer(level=level) for item in items})


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_consultants_day(browser: Browser, served: Served, script: bool) -> None:
    with visit(browser, served.address, viewport=DESK, locale="en", java_script_enabled=script) as page:
        set_up(page, served)
        page.get_by_role("link", name="New engagement").click()
        page.locator("#client").fill("Acme 關鍵")
        page.locator("#engagement .button.primary").click()
        page.get_by_role("link", name="New assessment").click()
        page.locator("#questionnaire").select_option("kam-seven-steps-short")
        page.locator("#assessment .button.primary").click()
        page.locator("#names").fill("Rosa\nRon")
        page.locator("#role").select_option("kam")
        page.get_by_role("button", name="Make the links").click()
        page.get_by_text("2 links are ready to be sent.").wait_for()
        page.locator("#names").fill("林美玲")
        page.locator("#role").select_option("executive")
        page.locator("#language").select_option("zh-Hant")
        page.get_by_role("button", name="Make the links").click()
        page.get_by_text("1 link is ready to be sent.").wait_for()
        links = [field.input_value() for field in page.locator("input[id^=link-]").all()]
        assert len(links) == 3
        answer(browser, served, links[0], 2, script, viewport=DESK, locale="en")
        respond(served.installation, links[1], "kam", 3)
        if script:
            answer(browser, served, links[2], 4, script, viewport=PHONE, locale="zh-TW")
        else:
            respond(served.installation, links[2], "executive", 4)
        page.reload()
        expect(page.locator(".state")).to_have_text(["14 of 14 answered"] * 3, timeout=PATIENCE)
        page.get_by_role("link", name="See the result").click()
        assert page.locator(".big-level").inner_text().startswith("Level 3")
        page.get_by_role("button", name="Make the report").click()
        page.get_by_text("Your report is being made").wait_for()
        make_document(served.installation, content=b"%PDF-1.7 made")
        page.get_by_text("Your report is ready").wait_for()
        with page.expect_download() as download:
            page.locator("#download").click()
        assert "Acme-關鍵" in download.value.suggested_filename
        page.goto("/audit/")
        page.get_by_text("the chain is whole").wait_for()
        page.goto("/account")
        page.get_by_role("button", name="Sign out", exact=True).click()
        page.get_by_text("You are signed out.").wait_for()


def test_a_password_is_shown_and_hidden_and_a_link_copied(browser: Browser, served: Served) -> None:
    with visit(browser, served.address, viewport=DESK, permissions=["clipboard-read", "clipboard-write"]) as page:
        set_up(page, served)
        page.goto("/account")
        page.locator("#new").fill("secret words of mine")
        show = page.locator("[data-reveal=new]")
        show.click()
        assert page.locator("#new").get_attribute("type") == "text"
        show.click()
        assert page.locator("#new").get_attribute("type") == "password"
        page.goto("/people/")
        page.locator("#email").fill("carl@example.org")
        page.locator("#invite-member .button.primary").click()
        page.get_by_role("button", name="Copy the link").click()
        page.get_by_text("Copied").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("#setup-link").input_value()


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh-Hant", PHONE), ("zh-Hans", PHONE)])
def test_every_page_of_staff_can_be_used_by_everybody(
    browser: Browser,
    served: Served,
    language: str,
    size: Any,
) -> None:
    cast = assemble(served.app, served.installation)
    run = f"/engagements/{cast.run.engagement}/assessments/{cast.run.code}/"
    findings = []
    with visit(browser, served.address, expected="status of 4", viewport=size, locale=language) as page:
        page.goto(f"/sign-in?lang={language}")
        findings += serious_in_both_themes(page)
        page.locator("#email").fill(cast.ada.email)
        page.locator("#password").fill(PASSWORD)
        page.locator("#sign-in .button.primary").click()
        page.wait_for_url("**/engagements/")
        page.goto(run)
        sheet = page.locator("a[href$='/sheet']").first.get_attribute("href")
        paths = ["/engagements/", run, f"/i/{cast.invite}", f"/a/{cast.reply}/"]
        if size == DESK:
            paths += [
                "/engagements/?state=archived", "/engagements/new", f"/engagements/{cast.run.engagement}/",
                f"/engagements/{cast.run.engagement}/delete", f"/engagements/{cast.run.engagement}/assessments/new",
                str(sheet), "/people/", f"/people/{cast.member}", "/account", "/audit/", f"/a/{cast.reply}/result",
                f"/a/{cast.reply}/description", f"/a/team-{cast.run.code}/result",
            ]  # fmt: skip
        for path in paths:
            page.goto(path)
            findings += serious_in_both_themes(page)
            assert_fits(page)
            page.set_viewport_size({"width": 320, "height": 740})
            assert_fits(page)
            page.set_viewport_size(size)
    assert findings == []
