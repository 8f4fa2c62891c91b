"""The screens in a real browser: with a mouse and a keyboard, with and without JavaScript, small and large, light and dark."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # ships no types
from flask import Flask
from playwright.sync_api import Browser, Page, expect, sync_playwright
from waitress.server import create_server

from assess.core.answers import Answer
from assess.web.languages import OWN_NAMES
from tests.web.conftest import Person
from tests.web.pages import ask_document, make_document

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000
"""Milliseconds to wait for what must come: a busy machine is no failure."""
expect.set_options(timeout=PATIENCE)
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
START = {"en": "Start the assessment", "zh-Hant": "開始評估", "zh-Hans": "开始评估"}
GO_ON = {"en": "Save and go on", "zh-Hant": "儲存並繼續", "zh-Hans": "保存并继续"}
STICKING_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter((each) => each.getBoundingClientRect().right > width);
  const named = (each) => `${each.tagName}.${each.getAttribute("class")} ${each.textContent.trim().slice(0, 40)}`;
  return ["page", ...wide.map(named)];
}"""
LEVEL = {"en": "Level 3", "zh-Hant": "第3級", "zh-Hans": "3级"}


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    """The app behind waitress on loopback."""
    server: Any = create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    thread.join(1)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@contextmanager
def visit(browser: Browser, address: str, expected: str = "nothing", **options: Any) -> Iterator[Page]:
    """A fresh browser window; anything on its console that is not expected, or from a foreign server, is a failure."""
    context = browser.new_context(base_url=address, reduced_motion="reduce", **options)
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(address) else complaints.append(request.url))
    yield page
    context.close()
    assert [complaint for complaint in complaints if expected not in complaint] == []


def assert_fits(page: Page) -> None:
    """Nothing sticks out of the window."""
    assert page.evaluate(STICKING_OUT) == [], page.url


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh-Hant", PHONE), ("zh-Hans", PHONE)])
def test_a_whole_self_assessment(browser: Browser, address: str, language: str, size: Any, script: bool) -> None:
    with visit(browser, address, viewport=size, locale=language, java_script_enabled=script) as page:
        page.goto("/")
        page.get_by_role("link", name=START[language]).click()
        page.locator("#role").select_option("executive")
        page.locator("#name").fill("Acme 關鍵")
        with page.expect_navigation():
            page.locator("#start .button.primary").click()
        with page.expect_navigation():
            page.locator("main .button.primary").first.click()
        for _ in range(7):
            for item in page.locator("fieldset.item").all():
                if script:
                    item.locator("input").first.focus()
                    page.keyboard.press("3")
                else:
                    item.locator("label.card").nth(2).click()
            with page.expect_navigation():
                page.locator("button[value=next]").click()
        assert page.url.endswith("/result")
        assert page.locator(".big-level").inner_text().startswith(LEVEL[language])
        assert page.locator("html").get_attribute("lang") == language


def test_the_private_link_comes_back_to_everything(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=PHONE, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.goto("/start")
        page.locator("#role").select_option("kam")
        page.locator("#start .button.primary").click()
        page.locator("#copy-link").click()
        page.get_by_text("Copied").wait_for()
        link = page.evaluate("navigator.clipboard.readText()")
        page.goto(f"{link}step/s1")
        page.locator("fieldset.item").first.locator("label.card").nth(3).click()
        page.get_by_text("Evidence and comment").first.click()
        page.locator("textarea").nth(1).fill("two\nlines")
        with page.expect_navigation():
            page.locator("button[value=leave]").click()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        assert page.locator("textarea").nth(1).input_value() == "two\nlines"
        assert page.locator("input[value='4']").first.is_checked()


def test_keys_choose_levels_and_progress_follows(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        page.locator("fieldset.item input").first.focus()
        page.keyboard.press("4")
        assert page.locator("#q_s1\\.1-4").is_checked()
        assert page.locator("#step-progress").inner_text() == "1 of 6 answered"
        page.get_by_text("Evidence and comment").first.click()
        page.locator("textarea").first.focus()
        page.keyboard.type("12345")
        assert page.locator("#q_s1\\.1-4").is_checked()
        assert page.locator("textarea").first.input_value() == "12345"
        page.locator("#answers button[value=leave]").click()
        page.wait_for_url(f"**{link}")
    assert rosa.answers["s1.1"] == Answer(level=4, evidence="12345")


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
@pytest.mark.parametrize("step", ["s1", "s2", "s7"])
def test_the_buttons_of_a_step_stand_in_one_row(browser: Browser, address: str, rosa: Person, language: str, step: str) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/{step}?lang={language}")
        tops = {button.bounding_box()["y"] for button in page.locator(".actions.sticky button").all()}  # type: ignore[index]
        assert len(tops) == 1
        assert page.locator(".actions.sticky").bounding_box()["height"] < 70  # type: ignore[index]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_the_language_can_be_switched_in_the_middle_of_typing(
    browser: Browser, address: str, rosa: Person, script: bool
) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=PHONE, java_script_enabled=script) as page:
        page.goto(f"{link}step/s2")
        page.locator("label.card").nth(1).click()
        page.locator("details.notes summary").first.click()
        page.locator("textarea").nth(1).fill("typed before switching")
        for language in ("zh-Hant", "zh-Hans", "en"):
            page.get_by_role("button", name=OWN_NAMES[language]).click()
            page.locator(f"html[lang={language}]").wait_for()
            assert page.locator("textarea").nth(1).input_value() == "typed before switching"
            assert page.locator("input[value='2']").first.is_checked()


def test_return_in_a_text_field_sends_the_form_and_switches_no_language(browser: Browser, address: str) -> None:
    with visit(browser, address, viewport=DESK) as page:
        page.goto("/start")
        page.locator("#role").select_option("kam")
        page.locator("#name").fill("Acme")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("/a/"))
        assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_a_report_appears_by_itself(browser: Browser, address: str, rosa: Person, script: bool) -> None:
    link = rosa.start(name="Acme 關鍵")
    rosa.post(f"{link}step/s1", {f"q_s1.{n}": "3" for n in range(1, 7)})
    with visit(browser, address, viewport=PHONE, java_script_enabled=script) as page:
        page.goto(f"{link}result")
        page.get_by_role("button", name="Make the report").click()
        page.get_by_text("Your report is being made").wait_for()
        make_document(rosa.installation, content=b"%PDF-1.7 made")
        page.get_by_text("Your report is ready").wait_for()
        if script:
            expect(page.locator("#download")).to_be_focused()
        with page.expect_download() as download:
            page.locator("#download").click()
        assert "Acme-關鍵" in download.value.suggested_filename
        assert download.value.path().read_bytes() == b"%PDF-1.7 made"


def test_an_expired_page_is_saved_at_the_second_press(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, expected="status of 400", viewport=DESK, java_script_enabled=False) as page:
        page.goto(f"{link}step/s1")
        page.locator("label.card").first.click()
        page.context.clear_cookies(name="kam_form")
        page.locator("#answers button.primary").click()
        page.get_by_text("press the button once more").wait_for()
        page.locator("#answers button.primary").click()
        page.get_by_text("1 answer saved.").wait_for()


def serious_in_both_themes(page: Page) -> list[str]:
    """What axe finds serious or critical: by all rules in light; in dark by contrast, the only one that depends on it."""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    found = Axe().run(page).response["violations"]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    found += page.evaluate("axe.run({ runOnly: ['color-contrast'] })")["violations"]
    return [
        f"{page.url} {rule['id']}: {[node['html'][:120] for node in rule['nodes']][:3]}"
        for rule in found
        if rule["impact"] in ("serious", "critical")
    ]


def test_the_check_itself_finds_bad_contrast(browser: Browser, address: str) -> None:
    with visit(browser, address) as page:
        page.goto("/start")
        page.evaluate(
            "document.querySelector('h1').style.color = matchMedia('(prefers-color-scheme: dark)').matches ? '#222' : '#ddd'"
        )
        assert "color-contrast" in serious_in_both_themes(page)[0]


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh-Hant", PHONE)])
def test_every_page_can_be_used_by_everybody(browser: Browser, address: str, rosa: Person, language: str, size: Any) -> None:
    link = rosa.start(name="Acme")
    rosa.post(f"{link}step/s1", {f"q_s1.{n}": "2" for n in range(1, 7)})
    rosa.post(f"{link}step/s2", {"q_s2.1": "not_applicable", "q_s2.1__reason": "other", "q_s2.1__comment": "x"})
    ready, failed = (ask_document(rosa, language=each) for each in ("en", "zh-Hant"))
    make_document(rosa.installation, content=b"%PDF-1.7")
    make_document(rosa.installation, reason="crashed")
    action = rosa.get(f"{link}result").text.split(f"{link}plan/a-")[1].split('"')[0]
    paths = ["/", link, f"{link}step/s1", f"{link}result", "/a/sample-beginner/step/s2"]
    if size == DESK:
        paths += [
            "/start", f"{link}step/s2", f"{link}plan/a-{action}", f"{link}description", f"{link}erase", ready, failed,
            "/a/sample-beginner/", "/a/sample-advanced/result", "/nowhere",
        ]  # fmt: skip
    findings = []
    with visit(browser, address, expected="status of 404", viewport=size, locale=language) as page:
        page.goto(f"/?lang={language}")
        for path in paths:
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            findings += serious_in_both_themes(page)
            assert_fits(page)
            page.set_viewport_size({"width": 320, "height": 740})
            assert_fits(page)
            page.set_viewport_size(size)
    assert findings == []
