"""The roadmap as a calendar: one all-day event for each initiative, a review at the end of each horizon, the meetings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from icalendar import Calendar, Event

from assess import __version__
from assess.core.report.values import Day, Occasion, ProjectionRow, ReportContent, Sheet
from assess.render.office import clean, colon, line

DOMAIN = "kam-assess"


def render_ics(content: ReportContent) -> bytes:
    """An .ics (RFC 5545) that calendars import. The same answers give events with the same UIDs in every language."""
    calendar = Calendar()
    calendar.add("prodid", f"-//kam-assess//{__version__}//{content.language.upper()}")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", line(f"{content.cover.client} – {content.cover.title}"))
    for event in _events(content):
        calendar.add_component(event)
    return bytes(calendar.to_ical(sorted=False))


def _events(content: ReportContent) -> Iterator[Event]:
    plan = content.plan
    if plan is not None:
        yield from (_initiative(content, sheet) for sheet in plan.sheets)
        if content.governance is None:
            yield from (_review(content, row) for row in plan.projection)
    if content.governance is not None:
        yield from (_occasion(content, place, entry) for place, entry in enumerate(content.governance.calendar))


def _initiative(content: ReportContent, sheet: Sheet) -> Event:
    told = [
        _said(content, "owner", sheet.owner),
        _said(content, "done_when", sheet.done_when),
        _said(content, "kpi", " ".join(filter(None, (sheet.kpi, sheet.measure)))),
        _said(content, "effort", sheet.effort_text),
        _said(content, "needs", sheet.needs_text),
        _said(content, "why", sheet.why),
        *([_said(content, "notes", sheet.notes)] if sheet.notes else []),
    ]
    event = _event(content, f"initiative/{sheet.action}", f"{sheet.number} {sheet.title}", told, sheet.start, sheet.end)
    event.add("categories", [line(sheet.horizon_name)])
    return event


def _review(content: ReportContent, row: ProjectionRow) -> Event:
    """Where the programme should stand when a horizon ends."""
    labels = content.labels
    level = row.level.name if row.level.level is None else f"{row.level.level} {row.level.name}"
    figures = (
        (labels["finished"], str(row.finished)),
        (labels["index"], row.index.text),
        (labels["score"], row.score.text),
        (labels["level"], level),
    )
    told = [labels["expected"], *(f"{name}{colon(content.language)}{text}" for name, text in figures)]
    return _event(content, f"review/{row.horizon}", _said(content, "review", row.name), told, row.end, row.end)


def _occasion(content: ReportContent, place: int, entry: Occasion) -> Event:
    told = [entry.text, *(f"{due.number} {due.title}" for due in entry.due)]
    return _event(content, f"{entry.kind}/{entry.day.iso}/{place}", entry.name, told, entry.day, entry.day)


def _said(content: ReportContent, label: str, text: str) -> str:
    return f"{content.labels[label]}{colon(content.language)}{text}"


def _event(content: ReportContent, key: str, title: str, told: list[str], start: Day, end: Day) -> Event:
    """All-day from start to end, both included; the end that is written is the day after."""
    event = Event()
    event.add("uid", f"{_uid(content, key)}@{DOMAIN}")
    event.add("dtstamp", datetime.combine(date.fromisoformat(content.cover.date.iso), time(), UTC))
    event.add("dtstart", date.fromisoformat(start.iso))
    event.add("dtend", date.fromisoformat(end.iso) + timedelta(days=1))
    event.add("summary", line(title))
    event.add("description", clean("\n".join(text for text in told if text)))
    event.add("transp", "TRANSPARENT")
    return event


def _uid(content: ReportContent, key: str) -> str:
    """From the fingerprints of the answers and the questionnaires and what the event is for."""
    prints = "\n".join(term.text for term in content.appendix.fingerprints)
    return sha256(f"{prints}\n{key}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
