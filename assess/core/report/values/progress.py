"""Since last time."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Day, Figure, Heading, LevelMark, Term


@dataclass(frozen=True)
class ChangeRow:
    """A step, or the programme (number ""), then and now. Differences have a sign; no value where they can't be compared.

    is_unproven says that the claimed score rose and the evidenced one did not; causes are sentences, cause_text all of them.
    """

    id: str
    number: str
    title: str
    before: Figure
    after: Figure
    change: Figure
    evidenced_before: Figure
    evidenced_after: Figure
    evidenced_change: Figure
    level_before: LevelMark
    level_after: LevelMark
    causes: tuple[str, ...]
    is_unproven: bool


@dataclass(frozen=True)
class ItemChangeRow:
    """An item whose claimed score rose although nothing proves it."""

    id: str
    text: str
    before: Figure
    after: Figure
    change: Figure
    cause: str


@dataclass(frozen=True)
class PastInitiative:
    """An initiative of the earlier plan that was to be finished by now, and whether the items it lifts got there."""

    action: str
    title: str
    owner: str
    end: Day
    is_reached: bool
    state: str


@dataclass(frozen=True)
class Progress:
    """Since last time. is_comparable is False across major versions of the questionnaire: then there is no difference."""

    heading: Heading
    is_comparable: bool
    facts: tuple[Term, ...]
    chart_title: str
    chart_text: str
    overall: ChangeRow
    rows: tuple[ChangeRow, ...]
    modules: tuple[ChangeRow, ...]
    cause_note: str
    unproven: tuple[ItemChangeRow, ...]
    unproven_note: str
    initiatives: tuple[PastInitiative, ...]
    initiatives_note: str
    notes: tuple[str, ...]
