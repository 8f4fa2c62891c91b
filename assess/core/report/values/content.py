"""The whole report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assess.core.brand import Branding
from assess.core.report.values.accounts import Accounts
from assess.core.report.values.appendix import Appendix
from assess.core.report.values.comparison import Benchmark
from assess.core.report.values.front import Cover, Reading, Summary
from assess.core.report.values.governance import Governance
from assess.core.report.values.people import Perceptions
from assess.core.report.values.planning import Outlook, Plan
from assess.core.report.values.progress import Progress
from assess.core.report.values.steps import Profile, StepPage

SCHEMA = "kam-report/1"


@dataclass(frozen=True)
class Entry:
    """A line of the contents; depth 1 is a section, 2 a page of it."""

    id: str
    number: str
    title: str
    depth: int


@dataclass(frozen=True)
class ReportContent:
    """One report. sections names those present, in their order; an absent one is None and reading.absent says why."""

    schema: str
    style: str
    paper: str
    language: str
    sections: tuple[str, ...]
    labels: Mapping[str, str]
    brand: Branding
    contents: tuple[Entry, ...]
    cover: Cover
    summary: Summary
    outlook: Outlook | None
    reading: Reading
    profile: Profile | None
    steps: tuple[StepPage, ...]
    modules: tuple[StepPage, ...]
    perceptions: Perceptions | None
    benchmark: Benchmark | None
    accounts: Accounts | None
    plan: Plan | None
    governance: Governance | None
    progress: Progress | None
    appendix: Appendix
