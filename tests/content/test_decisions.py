"""The roadmap part of an answers file."""

from __future__ import annotations

from datetime import date

import pytest

from assess.content.answers import dump_answers
from assess.content.document import parse
from assess.content.library import Library
from assess.core.answers import Assessment
from assess.core.decisions import Adoption, Decision, OwnInitiative
from assess.core.errors import Invalid
from assess.core.questionnaire import Lift

HEAD = "schema: kam-answers/1\nquestionnaire: kam-seven-steps\ndate: 2026-11-21\nrespondents: []\n"
FULL = """roadmap:
  initiatives:
    {action}: {{owner: Mei Lin, start: 2027-01-11, last_day: 2027-02-05, status: running, notes: "begun: 1st", left_out: true}}
    own-1: {{status: done}}
  own:
  - id: own-1
    title: Ask our largest client
    owner_role: sales
    start: 2027-01-04
    last_day: 2027-01-29
    effort: 2
    done_when: They answered
    lifts: [{{item: s1.1, to: 4}}]
"""


def action_id() -> str:
    return Library().questionnaire("kam-seven-steps").actions[0].id


def read(text: str) -> Assessment:
    return Library().read_answers(parse((HEAD + text).encode(), "a.yaml"))[2]


def problems(text: str) -> list[str]:
    with pytest.raises(Invalid) as raised:
        read(text)
    return [str(problem) for problem in raised.value.problems]


def test_every_decision_is_read_and_written_back() -> None:
    assessment = read(FULL.format(action=action_id()))
    first, last = date(2027, 1, 11), date(2027, 2, 5)
    assert assessment.adoption == Adoption(
        {
            action_id(): Decision("Mei Lin", first, last, "running", "begun: 1st", True),
            "own-1": Decision(status="done"),
        },
        (
            OwnInitiative(
                "own-1",
                "Ask our largest client",
                "sales",
                date(2027, 1, 4),
                date(2027, 1, 29),
                2,
                "They answered",
                (Lift("s1.1", 4),),
            ),
        ),
    )
    assert Library().read_answers(parse(dump_answers(assessment).encode(), "b.yaml"))[2] == assessment


def test_a_file_without_decisions_has_no_such_part() -> None:
    assert "roadmap" not in dump_answers(read(""))


def test_everything_unknown_is_named_with_its_line() -> None:
    found = problems(FULL.format(action="no-such").replace("sales", "king").replace("s1.1", "s9.9"))
    assert [line.split(": ", 1)[0] for line in found] == ["a.yaml:7", "a.yaml:12", "a.yaml:17"]
    assert "there is no action no-such" in found[0]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2027-02-05", "2027-01-10", "the last day must not be before the start"),
        ("2027-01-29", "2027-01-03", "the last day must not be before the start"),
        ("running", "asleep", "must be one of"),
        ("2027-01-11", "9999-12-31", "must be at most 2999-12-31"),
        ("id: own-1", "id: mine", "the id of an own initiative begins with own-"),
        ("effort: 2", "effort: 9", "must be at most 5"),
        ("to: 4", "to: true", "must be a whole number"),
    ],
)
def test_wrong_decisions_are_refused(old: str, new: str, said: str) -> None:
    assert any(said in line for line in problems(FULL.format(action=action_id()).replace(old, new)))


def test_an_own_initiative_that_is_there_twice_is_refused() -> None:
    text = FULL.format(action=action_id())
    again = text[text.index("  - id: own-1") :]
    assert any("the own initiative own-1 is there twice" in line for line in problems(text + again))


@pytest.mark.parametrize("part", ["roadmap: 7", "roadmap: {own: 7}", "roadmap: {own: [7], initiatives: [x]}", "roadmap: null"])
def test_a_part_of_the_wrong_kind_is_said_plainly(part: str) -> None:
    assert problems(part)
