"""A short workshop in real browsers: a facilitator, a wall, eight phones in three languages, one of them without network."""

from __future__ import annotations

import re
from contextlib import ExitStack
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from assess.core.answers import NOT_APPLICABLE_REASONS, Consensus
from assess.core.workshop import Ballot
from assess.usecases import desks, engagements, people, rooms, workshops
from assess.usecases.assessments import open_by_link
from assess.wording import negotiate
from tests.staff import PASSWORD, become_admin, invite_one, respond, start_run
from tests.web.test_browser import DESK, PHONE, assert_fits, browser, serious_in_both_themes, visit
from tests.web.test_browser_staff import Served, served

__all__ = ["browser", "served"]  # fixtures
pytestmark = pytest.mark.browser

WALL = {"width": 1920, "height": 1080}
SMALL_WALL = {"width": 1280, "height": 720}
ROLES = ("executive", "executive", "kam", "kam", "kam", "sales", "sales", "finance")
LOCALES = ("en", "zh-TW", "zh-CN", "en", "zh-TW", "zh-CN", "en", "zh-TW")
AGREED = {"en": "Level 2: Scoping", "zh-Hant": "第 2 級：探索界定", "zh-Hans": "第 2 级：探索界定"}
CUT = "ERR_INTERNET_DISCONNECTED"


class Room:
    """An engagement with its room, and the addresses that its people use."""

    def __init__(self, served: Served, **options: Any) -> None:
        self.installation = served.installation
        self.ada = become_admin(served.installation)
        self.run = start_run(served.installation, self.ada, "kam-seven-steps-short", client="Acme 關鍵", **options)
        self.key = engagements.key_to(served.installation, self.ada, self.run.code)
        self.address = f"/engagements/{self.run.engagement}/assessments/{self.run.code}/workshop/"

    @property
    def desk(self) -> desks.Desk:
        return desks.open_desk(self.installation, self.key)

    def sign_in(self, page: Page, address: str) -> None:
        found = people.sign_in(self.installation, email=self.ada.email, password=PASSWORD, address="a", browser="b")
        assert found.token
        page.context.add_cookies([{"name": "kam_lan", "value": found.token, "url": address}])


def join_by_code(page: Page, code: str, role: str, name: str = "") -> None:
    page.goto("/join")
    page.locator("#code").fill(code.lower())
    page.locator("#code-form .button.primary").click()
    page.locator("#name").fill(name)
    page.locator("#role").select_option(role)
    page.locator("#join .button.primary").click()
    page.wait_for_url("**/w/reply-*/")


def take_seat(page: Page, room: Room, role: str, name: str, locale: str) -> None:
    """The same by the shortest way: three people have shown that the long one works."""
    person = {"name": name, "role": role, "language": negotiate(locale, "en"), "address": "10.0.0.1"}
    own = rooms.join(room.installation, room.desk.join_token, **person)
    page.goto(f"/w/{own}/")


def vote(page: Page, level: int) -> None:
    page.locator("#ballot label.card").nth(level - 1).click()


def has_arrived(page: Page) -> None:
    page.wait_for_selector("#vote-state[data-state=saved]:not([hidden])")


def hears_nothing_more(page: Page) -> None:
    """The phone asks on, and is told that nothing has changed."""
    page.route("**/live?*", lambda route: route.fulfill(status=204))
    page.wait_for_event("request", lambda request: "/live?" in request.url)


SMALLEST = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const sizes = [];
  while (texts.nextNode()) {
    const inside = texts.currentNode.parentElement;
    const isSeen = inside.checkVisibility() && !inside.closest(".hidden-text, script, noscript");
    if (isSeen && texts.currentNode.data.trim()) sizes.push(parseFloat(getComputedStyle(inside).fontSize));
  }
  return Math.min(...sizes);
}"""


def is_readable_from_afar(page: Page, smallest: float = 40) -> None:
    """Nothing on the wall sticks out of it, or is too small to be read when it is shrunk to a tenth."""
    assert page.evaluate(
        "document.documentElement.scrollHeight <= innerHeight && document.documentElement.scrollWidth <= innerWidth"
    )
    assert page.evaluate(SMALLEST) >= smallest


def test_a_whole_workshop_with_eight_phones_and_a_lost_connection(browser: Browser, served: Served) -> None:
    room = Room(served)
    with ExitStack() as stack:
        desk = stack.enter_context(visit(browser, served.address, viewport=DESK, locale="en"))
        desk.on("dialog", lambda dialog: dialog.accept())
        room.sign_in(desk, served.address)
        desk.goto(room.address)
        desk.get_by_role("button", name="Open the room").click()
        code, projector = room.desk.code, room.desk.projector_token
        wall = stack.enter_context(visit(browser, served.address, viewport=WALL))
        wall.goto(f"/show/{projector}/?in=en")
        wall.get_by_text(f"{code[:4]}-{code[4:]}").wait_for()
        phones = []
        for place, (role, locale) in enumerate(zip(ROLES, LOCALES, strict=True)):
            phone = stack.enter_context(visit(browser, served.address, CUT, viewport=PHONE, locale=locale))
            if place < 3:
                join_by_code(phone, code, role, f"Person {place}")
            else:
                take_seat(phone, room, role, f"Person {place}", locale)
            phones.append(phone)
        wall.get_by_text("8 people are in").wait_for()
        desk.get_by_text("8 people are in").first.wait_for()
        desk.get_by_role("button", name="Open for votes").first.click()

        for phone in phones:
            phone.wait_for_selector("#ballot")
        texts = {re.sub(r"\s", "", phone.locator("h1").inner_text())[:6] for phone in phones[:3]}
        assert len(texts) == 3, "each phone shows the question in its own language"
        phones[7].context.set_offline(True)
        for phone, level in zip(phones[:7], (5, 5, 1, 1, 1, 3, 3), strict=True):
            vote(phone, level)
            has_arrived(phone)
        for level in (5, 4, 2):
            vote(phones[7], level)
        phones[7].wait_for_selector("#vote-state[data-state=offline]")
        wall.get_by_text("7 of 8 answered").wait_for()
        assert not re.search(r"camps|apart|table", wall.locator("main").inner_html())
        phones[7].context.set_offline(False)
        has_arrived(phones[7])
        wall.get_by_text("8 of 8 answered").wait_for()
        is_readable_from_afar(wall)

        desk.get_by_role("button", name="Reveal the votes").click()
        wall.get_by_text("Two camps").wait_for()
        cells = wall.locator("tr.all td").all_inner_texts()
        assert cells == ["3", "1", "2", "", "2", "", ""], "the offline phone counts once, with its last vote"
        is_readable_from_afar(wall)
        phones[1].get_by_text("分成兩派").wait_for()
        phones[2].get_by_text("分成两派").wait_for()
        for phone in phones:
            assert_fits(phone)
        desk.get_by_role("button", name="Vote again").click()
        for phone in phones:
            phone.wait_for_selector("#ballot[data-round='2']")
            vote(phone, 2)
            has_arrived(phone)
        phones[3].reload()
        assert phones[3].locator("#ballot input[type=radio][value='2']").is_checked()
        second = phones[3].context.new_page()
        second.goto(phones[3].url)
        assert second.locator("#ballot input[type=radio][value='2']").is_checked()
        second.close()
        desk.get_by_role("button", name="Reveal the votes").click()
        desk.locator("input[name=level][value='2']").check()
        desk.locator("#rationale").fill("No funded plan yet.")
        desk.locator("#dissent").fill("One executive sees a 3.")
        desk.locator("#decide .button.primary").click()
        wall.get_by_text("Level 2: Scoping").wait_for()
        is_readable_from_afar(wall)
        phones[0].get_by_text("One executive sees a 3.").wait_for()
        phones[6].locator("form[action$=leave] button").click()
        phones[6].get_by_role("button", name="Come back").click()
        phones[6].get_by_text("The room agreed").wait_for()
        desk.locator("#parked-text").fill("Spare parts")
        desk.get_by_role("button", name="Park it").click()
        desk.locator("#parked .log").get_by_text("Spare parts").wait_for()
        desk.get_by_role("button", name="End the workshop").click()
        wall.get_by_text("Thank you!").wait_for()
        with desk.expect_navigation():
            desk.get_by_role("link", name="See the result").click()
    found = open_by_link(served.installation, room.key).assessment
    item = next(iter(found.consensus))
    assert (found.consensus[item].level, found.consensus[item].dissent) == (2, "One executive sees a 3.")
    assert sorted(person.role for person in found.respondents) == sorted(ROLES)
    assert [answer.level for _, answer in found.answers_to(item)] == [2] * 8


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("zh-Hant", PHONE), ("zh-Hans", PHONE)])
def test_every_page_of_a_workshop_can_be_used_by_everybody(browser: Browser, served: Served, language: str, size: Any) -> None:
    """Nothing sticks out in any language; what a screen reader and weak eyes need is the same in all of them."""
    room = Room(served, confidential=language == "zh-Hant")
    workshops.start_workshop(served.installation, room.key)
    findings: list[str] = []

    def look(page: Page) -> None:
        nonlocal findings
        if language == "en":
            findings += serious_in_both_themes(page)
        assert_fits(page)

    with visit(browser, served.address, viewport=size, locale=language) as page:
        room.sign_in(page, served.address)
        page.goto("/join")
        look(page)
        page.goto(f"/join/{room.desk.join_token}")
        look(page)
        page.locator("#role").select_option("kam")
        page.locator("#join .button.primary").click()
        page.wait_for_url("**/w/reply-*/")
        look(page)
        phone = page.url
        for is_revealed in (False, True):
            if is_revealed:
                workshops.reveal_votes(served.installation, room.key)
            else:
                workshops.take_item(served.installation, room.key, "s1.1", "live")
            for path in (phone, room.address, f"{room.address}guide"):
                page.goto(path)
                look(page)
        page.set_viewport_size(WALL)
        page.goto(f"/show/{room.desk.projector_token}/?in={language}")
        is_readable_from_afar(page)
        if language == "en":
            findings += serious_in_both_themes(page)
        workshops.vote_again(served.installation, room.key)
        everybody_votes(room)
        workshops.reveal_votes(served.installation, room.key)
        page.reload()
        is_readable_from_afar(page)
        workshops.decide_item(served.installation, room.key, Consensus(2, None, "No plan.", ""))
        page.reload()
        is_readable_from_afar(page)
        page.get_by_text(AGREED[language]).wait_for()
    assert findings == []


def everybody_votes(room: Room) -> None:
    """Three of every role: the fullest wall there is."""
    roles = [role.id for role in room.desk.assessment.questionnaire.roles] * 3
    for place, role in enumerate(roles):
        person = {"name": "", "role": role, "language": "en", "address": "10.0.0.1"}
        own = rooms.join(room.installation, room.desk.join_token, **person)
        rooms.cast(room.installation, own, room.desk.room.last, Ballot("", 1 + place % 5), key=own[-36:])


COVERED = """() => {
  const timer = document.querySelector(".timer").getBoundingClientRect();
  const texts = [...document.querySelectorAll("h1, h2, th, td, .wall-consensus, .wall-address, .wall-code, .wall-count")];
  return texts.map((text) => [text.textContent, text.getBoundingClientRect()]).filter(([, box]) =>
    box.left < timer.right && timer.left < box.right && box.top < timer.bottom && timer.top < box.bottom).map(([text]) => text);
}"""


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_whatever_the_room_agreed_on_the_wall_holds_it_with_nine_roles_and_a_timer(
    browser: Browser, served: Served, language: str
) -> None:
    room = Room(served)
    workshops.start_workshop(served.installation, room.key)
    with visit(browser, served.address, viewport=WALL) as wall:

        def look() -> None:
            workshops.set_timer(served.installation, room.key, 120)
            for size in (WALL, SMALL_WALL):
                wall.set_viewport_size(size)
                wall.goto(f"/show/{room.desk.projector_token}/?in={language}")
                is_readable_from_afar(wall, 40 * size["width"] / WALL["width"])
                assert wall.evaluate(COVERED) == []

        look()
        workshops.take_item(served.installation, room.key, longest_item(room, language), "live")
        everybody_votes(room)
        workshops.reveal_votes(served.installation, room.key)
        look()
        assert wall.locator("tbody tr").count() == 10
        for level, reason in ((2, None), *((None, reason) for reason in NOT_APPLICABLE_REASONS)):
            workshops.decide_item(served.installation, room.key, Consensus(level, reason, "why " * 500, "else " * 400))
            look()


def longest_item(room: Room, language: str) -> str:
    core, *_ = room.desk.assessment.questionnaires
    items = [item for dimension in core.dimensions for item in dimension.items]
    return max(items, key=lambda item: len(item.text.of(language))).id


def test_windows_of_one_person_show_one_vote(browser: Browser, served: Served) -> None:
    room = Room(served)
    workshops.start_workshop(served.installation, room.key)
    workshops.take_item(served.installation, room.key, "s1.1", "live")
    with visit(browser, served.address, viewport=PHONE) as first, visit(browser, served.address, viewport=PHONE) as device:
        take_seat(first, room, "kam", "", "en")
        second = first.context.new_page()
        second.goto(first.url)
        for page, other, level in ((second, first, 2), (first, second, 4)):
            vote(page, level)
            other.wait_for_selector(f"#ballot input[value='{level}']:checked")
            has_arrived(other)
        device.goto(first.url)
        vote(device, 5)
        has_arrived(device)
        first.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        first.wait_for_selector("#ballot input[value='5']:checked")


def test_a_refusal_does_not_stand_above_the_next_question(browser: Browser, served: Served) -> None:
    room = Room(served, confidential=True)
    workshops.start_workshop(served.installation, room.key)
    with visit(browser, served.address, "status of 403", viewport=PHONE) as phone:
        take_seat(phone, room, "kam", "", "en")
        workshops.take_item(served.installation, room.key, "s1.1", "live")
        phone.wait_for_selector("#ballot")
        hears_nothing_more(phone)
        workshops.reveal_votes(served.installation, room.key)
        vote(phone, 5)
        phone.locator("#late").wait_for()
        phone.unroute("**/live?*")
        phone.wait_for_selector("#ballot", state="detached")
        assert phone.locator("#late").is_visible()
        workshops.vote_again(served.installation, room.key)
        phone.wait_for_selector("#ballot[data-round='2']")
        assert phone.locator("#late").is_hidden()


def test_a_refused_vote_is_taken_back_on_the_phone(browser: Browser, served: Served) -> None:
    """While the phone has not heard of the reveal yet."""
    room = Room(served, confidential=True)
    workshops.start_workshop(served.installation, room.key)
    with (
        visit(browser, served.address, "status of 403", viewport=PHONE) as first,
        visit(browser, served.address, "status of 403", viewport=PHONE) as second,
    ):
        for phone in (first, second):
            take_seat(phone, room, "kam", "", "en")
        workshops.take_item(served.installation, room.key, "s1.1", "live")
        for phone in (first, second):
            phone.wait_for_selector("#ballot")
            hears_nothing_more(phone)
        vote(first, 2)
        has_arrived(first)
        workshops.reveal_votes(served.installation, room.key)
        for phone in (first, second):
            vote(phone, 5)
            phone.locator("#late").wait_for()
        assert first.locator("#ballot input[value='2']").is_checked()
        has_arrived(first)
        assert second.locator("#ballot input:checked").count() == 0
        assert second.locator("#vote-state").is_hidden()


def test_a_phone_follows_its_own_link_into_the_next_workshop(browser: Browser, served: Served) -> None:
    room = Room(served)
    workshops.start_workshop(served.installation, room.key)
    with visit(browser, served.address, viewport=PHONE) as phone, visit(browser, served.address, viewport=DESK) as tab:
        own = respond(served.installation, invite_one(served.installation, room.ada, room.run.code), "kam", 2, "s1.1")
        rooms.join_by_link(served.installation, own)
        phone.goto(f"/w/{own}/")
        phone.get_by_text("You are in").wait_for()
        workshops.end_workshop(served.installation, room.key)
        phone.get_by_text("The workshop has ended").wait_for()
        workshops.start_workshop(served.installation, room.key)
        tab.goto(f"/w/{own}/")
        tab.get_by_role("button", name="Join").click()
        workshops.take_item(served.installation, room.key, "s1.1", "live")
        phone.evaluate("dispatchEvent(new Event('online'))")
        phone.wait_for_selector("#ballot")
        vote(phone, 4)
        has_arrived(phone)
    assert room.desk.stamp
    assert room.desk.stamp.voted == 1


def test_a_phone_and_a_desk_without_a_script(browser: Browser, served: Served) -> None:
    room = Room(served)
    with (
        visit(browser, served.address, "status of 422", viewport=DESK, java_script_enabled=False) as desk,
        visit(browser, served.address, viewport=PHONE, java_script_enabled=False) as phone,
    ):
        room.sign_in(desk, served.address)
        desk.goto(room.address)
        with desk.expect_navigation():
            desk.get_by_role("button", name="Open the room").click()
        join_by_code(phone, room.desk.code, "kam")
        with desk.expect_navigation():
            desk.get_by_role("button", name="Open for votes").first.click()
        phone.reload()
        vote(phone, 4)
        phone.get_by_role("button", name="Vote").click()
        phone.get_by_text("Your vote is in.").first.wait_for()
        desk.reload()
        desk.get_by_text("1 of 1 answered").wait_for()
        with desk.expect_navigation():
            desk.get_by_role("button", name="Reveal the votes").click()
        desk.locator("#decide .button.primary").click()
        desk.get_by_text("Please choose the level the room agreed on.").wait_for()
        desk.locator("input[name=level][value='4']").check()
        with desk.expect_navigation():
            desk.locator("#decide .button.primary").click()
        phone.reload()
        phone.get_by_text("Level 4: Embedding").wait_for()


def test_what_is_typed_at_the_desk_outlives_other_presses_and_people_who_come(browser: Browser, served: Served) -> None:
    room = Room(served)
    workshops.start_workshop(served.installation, room.key)
    workshops.take_item(served.installation, room.key, "s1.1", "live")
    everybody_votes(room)
    workshops.reveal_votes(served.installation, room.key)
    with visit(browser, served.address, viewport=DESK) as desk:
        desk.on("dialog", lambda dialog: dialog.accept())
        room.sign_in(desk, served.address)
        desk.goto(room.address)
        desk.locator("input[name=level][value='2']").check()
        desk.locator("#rationale").fill("No funded plan yet.")
        desk.locator("#parked-text").fill("Spare parts")
        desk.get_by_role("button", name="Park it").click()
        desk.locator("#parked .log").get_by_text("Spare parts").wait_for()
        desk.get_by_text("Correct roles, take people out").click()
        with desk.expect_navigation():
            rooms.join(room.installation, room.desk.join_token, name="Ron", role="kam", language="en", address="10.0.0.1")
        expect(desk.locator(".seats")).to_be_visible()
        expect(desk.get_by_text("Correct roles, take people out")).to_be_focused()
        expect(desk.locator("input[name=level][value='2']")).to_be_checked()
        expect(desk.locator("#rationale")).to_have_value("No funded plan yet.")
        expect(desk.locator("#parked-text")).to_have_value("")
        desk.get_by_role("button", name="Record", exact=True).dblclick()
        desk.get_by_text("Correct the consensus").wait_for()
        expect(desk.locator("#rationale")).to_have_value("No funded plan yet.")
        desk.reload()
        desk.get_by_role("button", name="Vote again").click()
        desk.get_by_role("button", name="Reveal the votes").click()
        expect(desk.locator("#rationale")).to_have_value("No funded plan yet.")
        desk.locator("#rationale").fill("A draft of this round")
        desk.get_by_role("button", name="Take it off the wall").click()
        workshops.take_item(served.installation, room.key, "s2.1", "live")
        workshops.reveal_votes(served.installation, room.key)
        desk.goto(room.address)
        expect(desk.locator("#rationale")).to_have_value("")
    assert [(entry.kind, entry.text) for entry in room.desk.entries] == [
        ("parked", "Spare parts"),
        ("decision", "No funded plan yet."),
    ]
