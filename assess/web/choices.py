"""Closed lists a person chooses from: id -> words. The ids are what is stored and compared with peers."""

from __future__ import annotations

from assess.core.decisions import DONE, PLANNED, RUNNING, STOPPED
from assess.core.quality import (
    CONTRADICTORY,
    HASTE,
    HIGH_WITHOUT_EVIDENCE,
    NO_NUMBERS,
    STRAIGHT_LINE,
)
from assess.web.languages import lazy_gettext as _l

INDUSTRIES = {
    "automotive": _l("Automotive"),
    "chemicals": _l("Chemicals and materials"),
    "construction": _l("Construction and building products"),
    "consumer-goods": _l("Consumer goods"),
    "electronics": _l("Electronics and semiconductors"),
    "energy-utilities": _l("Energy and utilities"),
    "financial-services": _l("Banking and insurance"),
    "food-beverage": _l("Food and beverage"),
    "health-pharma": _l("Health, pharmaceuticals and medical technology"),
    "it-software": _l("IT and software"),
    "logistics": _l("Logistics and transport"),
    "machinery": _l("Machinery and plant engineering"),
    "media-telecoms": _l("Media and telecommunications"),
    "packaging": _l("Packaging and paper"),
    "professional-services": _l("Consulting and professional services"),
    "retail-wholesale": _l("Retail and wholesale"),
    "other": _l("Another industry"),
}
REGIONS = {
    "africa": _l("Africa"),
    "china": _l("Mainland China"),
    "eu": _l("Europe"),
    "hong-kong-macao": _l("Hong Kong and Macao"),
    "japan-korea": _l("Japan and Korea"),
    "latin-america": _l("Latin America"),
    "middle-east": _l("Middle East"),
    "north-america": _l("North America"),
    "oceania": _l("Oceania"),
    "south-asia": _l("South Asia"),
    "southeast-asia": _l("Southeast Asia"),
    "taiwan": _l("Taiwan"),
    "worldwide": _l("Worldwide"),
}
SIZES = {
    "1-49": _l("1 to 49 people"),
    "50-249": _l("50 to 249 people"),
    "250-999": _l("250 to 999 people"),
    "1000-4999": _l("1,000 to 4,999 people"),
    "5000+": _l("5,000 people or more"),
}
REASONS = {
    "out_of_scope": _l("Outside what our programme is meant to do"),
    "business_priority": _l("Deliberately not a priority for our business"),
    "constraint": _l("A rule, law or contract prevents it"),
    "other": _l("Another reason (please say which in the comment)"),
}
SHORT_REASONS = {**REASONS, "other": _l("Another reason")}
"""Where nobody can comment: in a workshop's room."""
FORMATS = {
    "pdf": _l("PDF: to print and pass on"),
    "html": _l("Web page (HTML): one file that opens in any browser"),
    "docx": _l("Word document (DOCX): to edit and add to"),
    "pptx": _l("Slides (PPTX): for the board meeting"),
    "xlsx": _l("Workbook (XLSX): all numbers, and the roadmap to keep up to date"),
    "ics": _l("Calendar (ICS): the roadmap's dates for your calendar"),
    "json": _l("Data (JSON): for other programs"),
}
HORIZONS = {
    "mobilise": _l("Mobilise: the first 30 days"),
    "quick_wins": _l("Quick wins: days 31 to 90"),
    "introduce": _l("Introduce: months 4 to 12"),
    "embed": _l("Embed: the second year"),
    "optimise": _l("Optimise: the third year"),
    "later": _l("Later than three years"),
}
EFFORTS = {
    1: _l("hours of one person"),
    2: _l("days of a few people"),
    3: _l("weeks of a small team"),
    4: _l("months across functions"),
    5: _l("a programme of its own"),
}
STATUS_NAMES = {
    PLANNED: _l("Planned"),
    RUNNING: _l("Running"),
    DONE: _l("Done"),
    STOPPED: _l("Stopped"),
}
FLAGS = {
    STRAIGHT_LINE: _l(
        "The same level was chosen many times in a row. "
        "That can be right; it can also mean that the answers were given quickly."
    ),
    NO_NUMBERS: _l("More than four in ten answers are “don’t know” or “not applicable”. The picture rests on the rest."),
    HASTE: _l("The answers were given very quickly."),
    HIGH_WITHOUT_EVIDENCE: _l("Every answer is high, yet hardly any names evidence. Expect the question “how do you know?”"),
    CONTRADICTORY: _l("Two answers that should go together are at least two levels apart."),
}
FAILURES = {
    "stopped": _l("It was begun several times and stopped each time before it was finished."),
    "too_long": _l("It took too long."),
    "too_large": _l("It needed more memory than is allowed."),
    "crashed": _l("The program that makes reports stopped unexpectedly."),
}
