"""The calendar: what stands on which days, and that every calendar program takes it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from assess.content.questionnaires import load_folder
from assess.core.questionnaire import LANGUAGES, Questionnaire
from assess.core.report import ReportContent
from assess.render.documents import render
from tests.render.office_files import empty, hostile, whole

VECTORS = Path(__file__).parent.parent / "vectors"


@pytest.fixture(scope="module")
def mini() -> Questionnaire:
    return load_folder(VECTORS / "mini")


@pytest.fixture(scope="module")
def contents(mini: Questionnaire) -> dict[str, ReportContent]:
    return {language: whole(mini, language) for language in LANGUAGES}


def events(content: ReportContent) -> list[Any]:
    return list(Calendar.from_ical(render(content, "ics")).walk("VEVENT"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_initiative_is_an_all_day_event(contents: dict[str, ReportContent], language: str) -> None:
    plan = contents[language].plan
    assert plan is not None
    found = {str(event["SUMMARY"]): event for event in events(contents[language])}
    for sheet in plan.sheets:
        event = found[f"{sheet.number} {sheet.title}"]
        assert event.decoded("DTSTART") == date.fromisoformat(sheet.start.iso)
        assert event.decoded("DTEND") == date.fromisoformat(sheet.end.iso) + timedelta(days=1)
        assert sheet.owner in event["DESCRIPTION"]
        assert sheet.done_when in event["DESCRIPTION"]


def test_the_dates_of_governance_are_in_it(contents: dict[str, ReportContent]) -> None:
    content = contents["en"]
    assert content.plan is not None
    days = {(event.decoded("DTSTART").isoformat(), str(event["SUMMARY"])) for event in events(content)}
    if content.governance is None:
        assert {row.end.iso for row in content.plan.projection} <= {day for day, _ in days}
    else:
        assert {(row.day.iso, row.name) for row in content.governance.calendar} <= days


def test_events_are_the_same_ones_in_every_language_and_all_different(contents: dict[str, ReportContent]) -> None:
    ids = [[str(event["UID"]) for event in events(content)] for content in contents.values()]
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == len(ids[0])


@pytest.mark.parametrize("language", LANGUAGES)
def test_lines_are_folded_at_75_bytes_between_characters(mini: Questionnaire, language: str) -> None:
    made = render(hostile(mini, language), "ics")
    assert made.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in made.replace(b"\r\n", b"")
    for line in made.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()


def test_no_clock_and_no_method(contents: dict[str, ReportContent]) -> None:
    made = render(contents["en"], "ics")
    assert made == render(contents["en"], "ics")
    assert b"METHOD" not in made
    stamps = {line for line in made.split(b"\r\n") if line.startswith(b"DTSTAMP")}
    assert stamps == {b"DTSTAMP:20261121T000000Z"}


def test_a_report_without_a_plan_is_a_calendar_all_the_same(mini: Questionnaire) -> None:
    made = render(empty(mini), "ics")
    assert made.startswith(b"BEGIN:VCALENDAR\r\n")
    assert Calendar.from_ical(made)["PRODID"].startswith("-//kam-assess//")
