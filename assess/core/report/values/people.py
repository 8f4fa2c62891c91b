"""Who sees what: roles, disputes, decisions of a workshop."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Figure, Heading


@dataclass(frozen=True)
class HeatCell:
    """shade 1..5 is the band of the mean, 0 where nothing is shown."""

    score: Figure
    count: str
    shade: int
    hidden: bool


@dataclass(frozen=True)
class HeatRow:
    role: str
    name: str
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True)
class Disputed:
    """An item people see differently; counts are the ratings at level 1 to 5."""

    id: str
    text: str
    counts: tuple[int, ...]
    dont_know: int
    deviation: Figure
    title: str
    chart_text: str


@dataclass(frozen=True)
class Decision:
    """What the workshop agreed on for an item, beside the mean of what people had answered before."""

    id: str
    text: str
    agreed: str
    before: Figure
    rationale: str
    dissent: str


@dataclass(frozen=True)
class Perceptions:
    """Who sees what: role by step, differences between roles, disputed items, decisions and dissent."""

    heading: Heading
    columns: tuple[str, ...]
    legend: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    heat_title: str
    heat_note: str
    gaps: tuple[str, ...]
    disputed: tuple[Disputed, ...]
    disputed_note: str
    unseen: tuple[str, ...]
    decisions: tuple[Decision, ...]
    decisions_note: str
