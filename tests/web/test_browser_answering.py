"""Answering in a real browser: saved as it is given, kept while there is no network, never twice, never over another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect

from assess.core.answers import Answer, Evidence
from assess.usecases import assessments
from assess.usecases.installation import Installation
from tests.web.conftest import Person
from tests.web.test_browser import DESK, PHONE, address, assert_fits, browser, serious_in_both_themes, visit
from tests.web.test_saving import Script, events

__all__ = ["address", "browser"]

pytestmark = pytest.mark.browser

OFFLINE = "ERR_INTERNET_DISCONNECTED"
WITHOUT_NETWORK = "() => { window.fetch = () => Promise.reject(new TypeError('no network')); }"
"""For a page about to be closed: what it sends in parting may outlive it, and with it the browser's pretence to be offline."""
SAVED = {"en": "Everything is saved.", "zh-Hant": "全部已儲存。", "zh-Hans": "全部已保存。"}
KEPT = {"en": "Kept on this device", "zh-Hant": "保留在這部裝置", "zh-Hans": "保留在此设备"}


def item(page: Page, id_: str) -> Any:
    return page.locator(f'[data-item="{id_}"]')


def choose(page: Page, id_: str, level: int) -> None:
    item(page, id_).locator("label.card").nth(level - 1).click()


def note(page: Page, id_: str, words: str) -> None:
    """Type a comment and leave the field."""
    details = item(page, id_).locator("details.notes")
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    area = details.locator("textarea").nth(1)
    area.fill(words)
    area.blur()


def state(page: Page) -> Any:
    return page.locator("#outbox .outbox-text")


def history(person: Person) -> list[tuple[str, int | None, str]]:
    return [(id_, content and content["level"], content["comment"] if content else "") for id_, _, content in events(person)]


def test_an_answer_is_saved_without_any_button(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=PHONE) as page:
        page.goto(f"{link}step/s1")
        choose(page, "s1.1", 4)
        expect(item(page, "s1.1").locator(".save-state")).to_have_text("Saved")
        expect(state(page)).to_have_text("Everything is saved.")
        note(page, "s1.1", "two\nlines")
        expect(state(page)).to_have_text("Everything is saved.")
        page.locator("button[value=leave]").click()
        page.wait_for_url(f"**{link}")
        page.get_by_text("1 of 42 answered").wait_for()
    assert rosa.answers == {"s1.1": Answer(level=4, comment="two\nlines")}


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_ten_edits_without_network_each_arrive_once(browser: Browser, address: str, rosa: Person, language: str) -> None:
    link = rosa.start()
    with visit(browser, address, expected=OFFLINE, viewport=PHONE, locale=language) as page:
        page.goto(f"{link}step/s1?lang={language}")
        page.context.set_offline(True)
        for number in range(1, 6):
            choose(page, f"s1.{number}", number)
        choose(page, "s1.1", 5)
        note(page, "s1.2", "first")
        choose(page, "s1.2", 3)
        note(page, "s1.3", "註")
        choose(page, "s1.1", 2)
        expect(state(page)).to_contain_text(KEPT[language])
        expect(page.locator("#step-progress")).to_contain_text("5")
        assert rosa.answers == {}
        page.context.set_offline(False)
        expect(state(page)).to_have_text(SAVED[language], timeout=20_000)
    assert sorted(history(rosa)) == sorted([
        ("s1.1", 1, ""), ("s1.1", 5, ""), ("s1.1", 2, ""), ("s1.2", 2, ""), ("s1.2", 2, "first"), ("s1.2", 3, "first"),
        ("s1.3", 3, ""), ("s1.3", 3, "註"), ("s1.4", 4, ""), ("s1.5", 5, ""),
    ])  # fmt: skip
    assert rosa.answers["s1.1"] == Answer(level=2)
    assert rosa.answers["s1.2"] == Answer(level=3, comment="first")


def test_what_was_entered_without_network_survives_a_reload(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, expected=OFFLINE, viewport=PHONE) as page:
        page.goto(f"{link}step/s1")
        page.context.set_offline(True)
        choose(page, "s1.1", 4)
        note(page, "s1.1", "kept")
        with pytest.raises(Exception, match=OFFLINE):
            page.reload()
        page.context.set_offline(False)
        page.goto(f"{link}step/s1")
        expect(state(page)).to_have_text("Everything is saved.")
        assert page.locator("#q_s1\\.1-4").is_checked()
        choose(page, "s1.1", 5)
        expect(state(page)).to_have_text("Everything is saved.")
    assert history(rosa) == [("s1.1", 4, ""), ("s1.1", 4, "kept"), ("s1.1", 5, "kept")]


def test_a_closed_tab_s_answers_are_sent_by_another_page_of_the_same_assessment_only(
    browser: Browser, address: str, rosa: Person, app: Flask, installation: Installation
) -> None:
    link = rosa.start()
    other = Person(app.test_client(), installation)
    other.start()
    with visit(browser, address, expected=OFFLINE, viewport=PHONE) as page:
        tab = page.context.new_page()
        tab.goto(f"{link}step/s1")
        page.context.set_offline(True)
        choose(tab, "s1.1", 4)
        choose(tab, "s1.2", 3)
        expect(state(tab)).to_contain_text(KEPT["en"])
        tab.evaluate(WITHOUT_NETWORK)
        tab.close()
        page.context.set_offline(False)
        page.goto(f"{other.link}step/s1")
        choose(page, "s1.3", 2)
        expect(state(page)).to_have_text("Everything is saved.")
        assert not page.locator("#q_s1\\.1-4").is_checked()
        assert (rosa.answers, other.answers) == ({}, {"s1.3": Answer(level=2)})
        page.goto(link)
        expect(state(page)).to_have_text("Everything is saved.")
        assert page.evaluate("Object.keys(localStorage).filter((name) => localStorage[name].includes('patch'))") == []
        assert rosa.link.split("/")[2] not in page.evaluate("JSON.stringify(localStorage)")
    assert history(rosa) == [("s1.1", 4, ""), ("s1.2", 3, "")]


def test_an_answer_whose_acknowledgement_was_lost_counts_once(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    lost: list[str] = []

    def lose_the_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().text())
        route.abort()

    with visit(browser, address, expected="ERR_FAILED", viewport=DESK) as page:
        page.route("**/answers/*", lose_the_first)
        page.goto(f"{link}step/s1")
        choose(page, "s1.1", 4)
        expect(state(page)).to_have_text("Everything is saved.")
    assert lost
    assert history(rosa) == [("s1.1", 4, "")]


def test_a_server_that_cant_save_now_is_tried_again(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    refusals = [503, 507]

    def refuse(route: Route) -> None:
        if refusals:
            status = refusals.pop() if len(refusals) > 1 else refusals[0]
            route.fulfill(status=status, json={"message": "x"}, headers={"Retry-After": "0"})
        else:
            route.continue_()

    with visit(browser, address, expected="status of 50", viewport=DESK) as page:
        page.route("**/answers/*", refuse)
        page.goto(f"{link}step/s1")
        choose(page, "s1.1", 4)
        expect(state(page)).to_contain_text("The server can’t save right now")
        page.wait_for_event("response", lambda response: response.status == 503)
        expect(state(page)).to_contain_text("The server can’t save right now")
        refusals.clear()
        expect(state(page)).to_have_text("Everything is saved.")
    assert history(rosa) == [("s1.1", 4, "")]


@pytest.mark.parametrize(
    ("keep", "ends"), [("mine", Answer(level=2, comment="mine")), ("theirs", Answer(level=5, comment="theirs"))]
)
def test_two_devices_collide_and_the_person_chooses(
    browser: Browser, address: str, rosa: Person, keep: str, ends: Answer
) -> None:
    link = rosa.start()
    with visit(browser, address, expected="status of 409", viewport=PHONE) as page:
        page.goto(f"{link}step/s1")
        Script(rosa).save("s1.1", {"level": 5, "comment": "theirs"})
        choose(page, "s1.1", 2)
        panel = page.locator(".conflict")
        expect(panel).to_contain_text("This answer was changed elsewhere in the meantime")
        expect(panel.locator(".theirs")).to_contain_text("5 Optimising")
        expect(panel).to_contain_text("theirs")
        expect(state(page)).to_contain_text("Changed elsewhere in the meantime, please decide: 1")
        note(page, "s1.1", "mine")
        assert rosa.answers["s1.1"].level == 5
        assert serious_in_both_themes(page) == []
        assert_fits(page)
        page.reload()
        assert page.locator("#q_s1\\.1-2").is_checked()
        page.locator(f"[data-keep={keep}]").click()
        expect(panel).to_have_count(0)
        choose(page, "s1.2", 1)
        expect(state(page)).to_have_text("Everything is saved.")
        assert item(page, "s1.1").locator("textarea").nth(1).input_value() == ends.comment
    assert rosa.answers["s1.1"] == ends


def test_two_windows_of_one_browser_collide_too(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, expected="status of 409", viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        second = page.context.new_page()
        second.goto(f"{link}step/s1")
        choose(page, "s1.1", 4)
        expect(state(page)).to_have_text("Everything is saved.")
        choose(second, "s1.1", 2)
        second.locator(".conflict").wait_for()
        assert rosa.answers["s1.1"].level == 4
        second.locator("[data-keep=mine]").click()
        expect(state(second)).to_have_text("Everything is saved.")
    assert history(rosa) == [("s1.1", 4, ""), ("s1.1", 2, "")]


def test_two_who_type_the_same_way_at_once_are_asked_nothing(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        Script(rosa).save("s1.1", {"level": 4})
        choose(page, "s1.1", 4)
        expect(state(page)).to_have_text("Everything is saved.")
        assert page.locator(".conflict").count() == 0


def leave_by_address(page: Page) -> None:
    page.goto("/")


def leave_by_closing(page: Page) -> None:
    page.close(run_before_unload=True)


@pytest.mark.parametrize("leave", [leave_by_address, leave_by_closing])
def test_leaving_in_the_middle_of_a_word_loses_nothing(
    browser: Browser, address: str, rosa: Person, leave: Callable[[Page], None]
) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        tab = page.context.new_page()
        tab.goto(f"{link}step/s1")
        choose(tab, "s1.1", 4)
        item(tab, "s1.1").locator("details.notes summary").click()
        item(tab, "s1.1").locator("textarea").nth(1).press_sequentially("unfinish")
        leave(tab)
        page.goto(link)
        for _ in range(400):
            if rosa.answers == {"s1.1": Answer(level=4, comment="unfinish")}:
                break
            page.wait_for_timeout(50)
    assert rosa.answers == {"s1.1": Answer(level=4, comment="unfinish")}


def test_a_note_without_a_level_waits_on_the_device_and_is_asked_about(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        note(page, "s1.1", "only a note")
        page.locator("button[value=next]").click()
        expect(item(page, "s1.1").locator(".save-state")).to_contain_text("Please choose a level")
        page.reload()
        assert item(page, "s1.1").locator("textarea").nth(1).input_value() == "only a note"
        choose(page, "s1.1", 3)
        expect(state(page)).to_have_text("Everything is saved.")
    assert history(rosa) == [("s1.1", 3, "only a note")]


def test_not_applicable_is_saved_with_its_reason_and_clearing_can_be_undone(
    browser: Browser, address: str, rosa: Person
) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        here = item(page, "s1.1")
        here.get_by_text("Does not apply to us").click()
        expect(here.locator(".save-state")).to_contain_text("Please say why")
        here.locator("select").select_option("constraint")
        expect(state(page)).to_have_text("Everything is saved.")
        assert rosa.answers == {"s1.1": Answer(not_applicable="constraint")}
        here.get_by_text("Clear this answer").click()
        expect(here.locator(".save-state")).to_contain_text("Cleared.")
        expect(page.locator("#step-progress")).to_have_text("0 of 6 answered")
        assert rosa.answers == {}
        here.get_by_role("button", name="Undo").click()
        expect(here.locator(".save-state")).to_have_text("Saved")
    assert rosa.answers == {"s1.1": Answer(not_applicable="constraint")}


def test_keys_move_between_items_and_choose(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.goto(f"{link}step/s1")
        for key in ("j", "4", "J", "2", "k", "5", "k", "j", "j", "1"):
            page.keyboard.press(key)
        expect(state(page)).to_have_text("Everything is saved.")
    assert {id_: answer.level for id_, answer in rosa.answers.items()} == {"s1.1": 5, "s1.2": 2, "s1.3": 1}


def test_a_browser_that_keeps_nothing_still_saves(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, viewport=DESK) as page:
        page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('refused'); } })")
        page.goto(f"{link}step/s1")
        choose(page, "s1.1", 4)
        expect(state(page)).to_have_text("Everything is saved.")
    assert history(rosa) == [("s1.1", 4, "")]


def test_without_script_a_collision_is_shown_and_solved_by_the_form(browser: Browser, address: str, rosa: Person) -> None:
    link = rosa.start()
    with visit(browser, address, expected="status of 409", viewport=PHONE, java_script_enabled=False) as page:
        page.goto(f"{link}step/s1")
        Script(rosa).save("s1.1", {"level": 5})
        choose(page, "s1.1", 2)
        page.locator("button[value=next]").click()
        page.get_by_text("This answer was changed elsewhere in the meantime").wait_for()
        assert page.locator("#q_s1\\.1-2").is_checked()
        page.get_by_text("Keep what is entered here").click()
        page.locator("button[value=next]").click()
        page.wait_for_url("**/step/s2")
    assert rosa.answers["s1.1"].level == 2


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh-Hant", PHONE), ("zh-Hans", PHONE)])
def test_the_pages_beside_the_answers_can_be_used_by_everybody(
    browser: Browser, address: str, rosa: Person, language: str, size: Any
) -> None:
    link = rosa.start(name="Acme", modules=["early-warning"])  # type: ignore[arg-type]
    entry = Evidence("charter", "https://intranet.example/charter", date(2020, 1, 31))
    assessments.keep_evidence(rosa.installation, link.split("/")[2], "s1.1", (entry,))
    findings = []
    with visit(browser, address, viewport=size) as page:
        page.goto(f"/?lang={language}")
        for path in ("/start", "/start/file", f"{link}evidence", f"{link}evidence/s1.1", f"{link}targets", f"{link}modules"):
            page.goto(path)
            page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
            findings += serious_in_both_themes(page)
            assert_fits(page)
            page.set_viewport_size({"width": 320, "height": 740})
            assert_fits(page)
            page.set_viewport_size(size)
    assert findings == []
