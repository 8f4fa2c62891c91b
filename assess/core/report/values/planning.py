"""The roadmap, and the board's second page that shows it in short."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Day, Figure, Heading, LevelMark, Term
from assess.core.report.values.steps import Profile


@dataclass(frozen=True)
class Lifted:
    item: str
    text: str
    start: Figure
    to: int


@dataclass(frozen=True)
class Sheet:
    """One initiative. number is its place in the plan, end its last day, needs the numbers of what must be finished first.

    owner is a name where people gave one, else a role; status one of core.decisions.STATUSES, status_text as printed, ""
    where work has not begun.
    """

    number: int
    action: str
    title: str
    horizon: str
    horizon_name: str
    kind: str
    is_quick_win: bool
    is_enabler: bool
    owner: str
    start: Day
    end: Day
    start_week: int
    end_week: int
    duration: str
    effort: int
    effort_text: str
    priority: Figure
    why: str
    how: tuple[str, ...]
    done_when: str
    kpi: str
    measure: str
    needs: tuple[int, ...]
    needs_text: str
    raci: tuple[Term, ...]
    lifts: tuple[Lifted, ...]
    status: str
    status_text: str
    notes: str


@dataclass(frozen=True)
class Span:
    """A horizon on the time axis: weeks from 0, its name, and its number of initiatives."""

    horizon: str
    name: str
    period: str
    start_week: float
    end_week: float
    count: int


@dataclass(frozen=True)
class ProjectionRow:
    """Where the programme stands after its last day `end`, if all that was finished by then is effective."""

    horizon: str
    name: str
    end: Day
    finished: int
    score: Figure
    index: Figure
    level: LevelMark
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """The roadmap. reason says why there are no initiatives; lists name what the plan does not reach."""

    heading: Heading
    reason: str
    intro: str
    start: Day
    weeks: int
    spans: tuple[Span, ...]
    sheets: tuple[Sheet, ...]
    chart_title: str
    chart_text: str
    ticks: tuple[Term, ...]
    projection: tuple[ProjectionRow, ...]
    projection_columns: tuple[str, ...]
    projection_title: str
    projection_note: str
    no_action: tuple[Term, ...]
    unanswered: tuple[Term, ...]
    left_out: tuple[Term, ...]


@dataclass(frozen=True)
class Stage:
    """A horizon as the board sees it: the first initiatives that begin in it, and where the programme stands at its end.

    more says how many are not named, "" for none; end and level are None where nothing is projected.
    """

    horizon: str
    name: str
    period: str
    sheets: tuple[Sheet, ...]
    more: str
    end: Day | None
    index: Figure
    level: LevelMark | None


@dataclass(frozen=True)
class Outlook:
    """The board's second page: profile, the plan by horizon, next decisions. The notes say why a part is missing."""

    heading: Heading
    profile: Profile | None
    profile_note: str
    stages: tuple[Stage, ...]
    stages_title: str
    stages_note: str
    decisions: tuple[Term, ...]
