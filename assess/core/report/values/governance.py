"""How the plan is steered: meetings, calendar, measures, risks, integrity."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Day, Figure, Heading, LevelMark, Term
from assess.core.report.values.planning import Lifted


@dataclass(frozen=True)
class Meeting:
    """A kind of meeting: how often, who chairs it and who comes by role, what they look at, what they decide."""

    id: str
    name: str
    rhythm: str
    chair: str
    people: str
    input: str
    decision: str


@dataclass(frozen=True)
class Due:
    """An initiative that must be finished by an occasion; number is its place in the plan."""

    number: int
    title: str


@dataclass(frozen=True)
class Occasion:
    """A dated entry of the calendar.

    kind is the id of its Meeting, or "expiry" for evidence that runs out. due is to be finished by that day and was not yet
    due at the occasion before; figures is the day by which the measures have to be in, None where there is no KPI review.
    """

    kind: str
    name: str
    day: Day
    text: str
    due: tuple[Due, ...]
    figures: Day | None


@dataclass(frozen=True)
class Measure:
    """A leaf of the KPI tree: what shows that an initiative works. lifts are the items it moves, from today's score on.

    source is where and how it is measured, owner the role that answers for it, due the last day of the initiative.
    """

    number: int
    initiative: str
    kpi: str
    lifts: tuple[Lifted, ...]
    source: str
    owner: str
    due: Day


@dataclass(frozen=True)
class Branch:
    """A step in the KPI tree; id is "" for initiatives that only clear the way for others. note says why it has no leaf."""

    id: str
    title: str
    baseline: Figure
    level: LevelMark | None
    target: Figure
    measures: tuple[Measure, ...]
    note: str


@dataclass(frozen=True)
class KpiTree:
    """goal in one sentence, then programme index and level today and with every item at its target, then the steps."""

    title: str
    goal: str
    baseline: Figure
    baseline_level: LevelMark
    target: Figure
    target_level: LevelMark
    branches: tuple[Branch, ...]
    note: str


@dataclass(frozen=True)
class Exposure:
    """A risk of this evaluation or plan: what shows it, what it would lead to, and what is done about it."""

    id: str
    title: str
    sign: str
    consequence: str
    counter: str


@dataclass(frozen=True)
class IntegrityItem:
    """An integrity item, outside every score; is_alert says it stands below its limit."""

    id: str
    text: str
    score: Figure
    is_alert: bool
    state: str


@dataclass(frozen=True)
class Integrity:
    """Gifts, hospitality, contact during tenders: outside the score. items is empty where nobody was asked."""

    title: str
    intro: str
    items: tuple[IntegrityItem, ...]
    measure: str
    questions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Governance:
    """How the plan is steered: meetings and calendar, KPI tree (None without a plan), risks, assumptions, integrity note."""

    heading: Heading
    meetings: tuple[Meeting, ...]
    calendar_title: str
    calendar: tuple[Occasion, ...]
    calendar_note: str
    tree: KpiTree | None
    exposures_title: str
    exposures: tuple[Exposure, ...]
    exposures_note: str
    assumptions: tuple[Term, ...]
    integrity: Integrity
