"""The roadmap on screen: decide, move, add, leave out, try, take along."""

from __future__ import annotations

import csv
import io
import re

import pytest

from assess.core.decisions import Decision
from assess.usecases import plans
from tests.web.conftest import Person
from tests.web.pages import EVIL


@pytest.fixture
def lea(rosa: Person) -> Person:
    """Somebody with a plan."""
    rosa.start(name="Acme")
    rosa.answer_all("2")
    return rosa


def actions(person: Person) -> list[str]:
    return re.findall(r'<tr id="row-([^"]+)"', person.get(f"{person.link}plan/").text)


def row(person: Person, action: str) -> str:
    page = person.get(f"{person.link}plan/").text
    found = re.search(rf'<tr id="row-{re.escape(action)}".*?</tr>', page, re.DOTALL)
    assert found
    return found[0]


def test_a_decision_stands_in_the_plan_and_in_the_answers_file(lea: Person) -> None:
    action = actions(lea)[0]
    data = {"owner": EVIL, "start": "2027-03-01", "last_day": "2027-03-31", "status": "running", "notes": "begun", "base": "0"}
    assert lea.post(f"{lea.link}plan/{action}", data).status_code == 303
    shown = row(lea, action)
    assert "&lt;script&gt;" in shown
    assert "1 Mar 2027" in shown
    assert "31 Mar 2027" in shown
    assert "Running" in shown
    exported = lea.get(f"{lea.link}answers.yaml").text
    assert "roadmap:" in exported
    assert "begun" in exported


def test_of_two_pages_the_second_is_shown_both_decisions_and_can_keep_its_own(lea: Person) -> None:
    action = actions(lea)[0]
    assert lea.post(f"{lea.link}plan/{action}", {"owner": "Ann", "status": "planned", "base": "0"}).status_code == 303
    late = lea.post(f"{lea.link}plan/{action}", {"owner": "Bob", "status": "planned", "base": "0"})
    assert late.status_code == 409
    assert "Ann" in late.text
    assert 'value="Bob"' in late.text
    base = re.search(r'name="base" value="(\d+)"', late.text)
    assert base
    lea.post(f"{lea.link}plan/{action}", {"owner": "Bob", "status": "planned", "base": base[1]})
    assert "Bob" in row(lea, action)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"start": "soon"}, "start"),
        ({"start": "2027-03-02", "last_day": "2027-03-01"}, "last_day"),
        ({"status": "asleep"}, "status"),
        ({"owner": "x" * 201}, "owner"),
    ],
)
def test_mistakes_are_said_at_their_field_and_nothing_typed_is_lost(lea: Person, data: dict[str, str], field: str) -> None:
    action = actions(lea)[0]
    answer = lea.post(f"{lea.link}plan/{action}", {"status": "planned", "notes": "keep me", "base": "0", **data})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert "keep me" in answer.text


def test_a_bar_is_moved_and_the_rest_of_the_decision_stays(lea: Person) -> None:
    action = actions(lea)[0]
    lea.post(f"{lea.link}plan/{action}", {"owner": "Ann", "status": "running", "base": "0"})
    moved = lea.post(f"{lea.link}plan/{action}/move", {"start": "2027-05-03", "last_day": "2027-05-30", "base": "1"})
    assert moved.json == {"start": "2027-05-03", "last_day": "2027-05-30"}
    assert "Ann" in row(lea, action)
    assert "3 May 2027" in row(lea, action)
    stale = lea.post(f"{lea.link}plan/{action}/move", {"start": "2027-05-03", "last_day": "2027-05-30", "base": "1"})
    assert stale.status_code == 409
    assert lea.post(f"{lea.link}plan/{action}/move", {"start": "x", "base": "2"}).status_code == 422


def test_leaving_out_is_tried_without_keeping_and_kept_when_asked(lea: Person) -> None:
    first = actions(lea)[0]
    trial = lea.get(f"{lea.link}plan/?try=1&without={first}").text
    assert "What would be without 1 initiative" in trial
    assert 'class="out"' not in row(lea, first)
    assert lea.post(f"{lea.link}plan/without/keep", {"without": [first]}).status_code == 303
    assert 'class="out"' in row(lea, first)
    assert lea.get(f"{lea.link}plan/{first}").status_code == 200
    lea.post(f"{lea.link}plan/without/keep", {})
    assert 'class="out"' not in row(lea, first)


def test_an_own_initiative_is_added_changed_and_removed(lea: Person) -> None:
    data = {
        "title": "=Ask our largest client",
        "owner_role": "sales",
        "start": "2027-01-04",
        "last_day": "2027-01-29",
        "effort": "2",
        "item": "s1.1",
        "to": "4",
    }
    assert lea.post(f"{lea.link}plan/own", data).status_code == 303
    own = next(id_ for id_ in actions(lea) if id_.startswith("own-"))
    assert "Ask our largest client" in row(lea, own)
    page = lea.get(f"{lea.link}plan/own/{own}").text
    assert 'value="2027-01-29"' in page
    changed = lea.post(f"{lea.link}plan/own/{own}", {**data, "title": "Ask two clients", "base": "1"})
    assert changed.status_code == 303
    assert lea.post(f"{lea.link}plan/own/{own}", {**data, "base": "1"}).status_code == 409
    assert lea.post(f"{lea.link}plan/own/{own}/remove").status_code == 303
    assert own not in actions(lea)


def test_an_own_initiative_needs_a_title_and_dates(lea: Person) -> None:
    answer = lea.post(f"{lea.link}plan/own", {"owner_role": "sales", "effort": "2", "to": "3"})
    assert answer.status_code == 422
    assert {"title", "start", "last_day"} <= set(re.findall(r'href="#(\w+)"', answer.text))


def test_the_table_has_every_initiative_and_no_live_formula(lea: Person) -> None:
    action = actions(lea)[0]
    lea.post(f"{lea.link}plan/{action}", {"owner": "=cmd|' /C calc'!A0", "status": "planned", "notes": "@SUM(1)", "base": "0"})
    answer = lea.get(f"{lea.link}plan/table/roadmap.csv")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [one["id"] for one in rows] == actions(lea)
    assert rows[0]["Led by (name)"].startswith("'=")
    assert (rows[0]["Notes"], rows[0]["Status"]) == ("'@SUM(1)", "Planned")


def test_the_table_is_in_the_reader_s_language(lea: Person) -> None:
    text = lea.get(f"{lea.link}plan/table/roadmap.csv?lang=zh-Hans").get_data().decode("utf-8-sig")
    names, first, *_ = csv.reader(io.StringIO(text, newline=""))
    assert names[0] == "id"
    assert not [name for name in names[1:] if name.isascii()]
    assert first[4] == "已规划"


def test_five_hundred_formulas_come_back_as_text(lea: Person) -> None:
    """Whatever starts a formula in a spreadsheet, in both scripts, never stands first in a cell; nothing else is changed."""
    starts = ("=", "+", "-", "@", "\t=", "＝", "＋", "－", "＠", "=HYPERLINK(")
    strings = [f"{start}{number}+cmd|' /C calc'!A0" for number in range(50) for start in starts]
    token, ids = lea.link.split("/")[2], actions(lea)
    size = 2 * len(ids)
    for edits, first in enumerate(range(0, len(strings), size)):
        given = dict(zip(ids, pairs(strings[first : first + size]), strict=False))
        for action, (owner, notes) in given.items():
            plans.decide(lea.installation, token, action, Decision(owner=owner, notes=notes), edits)
        text = lea.get(f"{lea.link}plan/table/roadmap.csv").get_data().decode("utf-8-sig")
        rows = {one["id"]: one for one in csv.DictReader(io.StringIO(text, newline=""))}
        for action, (owner, notes) in given.items():
            assert (rows[action]["Led by (name)"], rows[action]["Notes"]) == (f"'{owner}", f"'{notes}")


def pairs(strings: list[str]) -> list[tuple[str, str]]:
    return list(zip(strings[::2], strings[1::2], strict=True))


def test_a_sample_shows_its_plan_and_can_be_tried_but_not_changed(otto: Person) -> None:
    page = otto.get("/a/sample-beginner/plan/").text
    action = re.findall(r'<tr id="row-([^"]+)"', page)[0]
    assert "Keep the plan" not in page
    assert otto.get(f"/a/sample-beginner/plan/?try=1&without={action}").status_code == 200
    assert otto.post(f"/a/sample-beginner/plan/{action}", {"base": "0"}).status_code == 403
    assert otto.post("/a/sample-beginner/plan/without/keep", {"without": action}).status_code == 403


@pytest.mark.parametrize("address", ["plan/no-such-action", "plan/own/own-99", "plan/own/mine"])
def test_what_is_not_there_is_not_found(lea: Person, address: str) -> None:
    assert lea.get(f"{lea.link}{address}").status_code == 404


def test_an_empty_plan_says_so(rosa: Person) -> None:
    rosa.start()
    assert "There is nothing to plan" in rosa.get(f"{rosa.link}plan/").text
