"""The profile and a page for each step."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Figure, Heading, LevelMark, Term


@dataclass(frozen=True)
class ProfileRow:
    """gap is target minus claimed score, never below 0; peer has no value where no peer figure may be shown."""

    id: str
    number: str
    title: str
    level: LevelMark
    claimed: Figure
    evidenced: Figure
    target: Figure
    gap: Figure
    peer: Figure


@dataclass(frozen=True)
class Profile:
    """The steps side by side. A radar needs three scored steps: is_radar says whether there are."""

    heading: Heading
    is_radar: bool
    has_peers: bool
    chart_title: str
    chart_text: str
    rows: tuple[ProfileRow, ...]
    modules: tuple[ProfileRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class ItemRow:
    """One item on the page of its step. now and next are descriptors; None where there is no score to show (note says why)."""

    id: str
    text: str
    is_gate: bool
    caps: bool
    score: Figure
    evidenced: Figure
    level: int | None
    lowest: int | None
    highest: int | None
    basis: str
    agreement: str
    now: Term | None
    next: Term | None
    note: str
    evidence: tuple[str, ...]
    evidence_note: str
    wanted: tuple[str, ...]


@dataclass(frozen=True)
class RoleMark:
    """The mean rating of one role in a step; no value where the group is hidden."""

    role: str
    name: str
    score: Figure
    count: str
    hidden: bool


@dataclass(frozen=True)
class StepPage:
    """One dimension. module names its module, "" for the core; is_scored says whether any item has a score to show."""

    heading: Heading
    id: str
    module: str
    purpose: str
    claimed: LevelMark
    evidenced: LevelMark
    score: Figure
    score_evidenced: Figure
    target: Figure
    facts: tuple[Term, ...]
    cap: str
    chart_title: str
    chart_text: str
    is_scored: bool
    items: tuple[ItemRow, ...]
    roles: tuple[RoleMark, ...]
    roles_title: str
    roles_text: str
    roles_note: str
