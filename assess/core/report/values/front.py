"""The pages before the profile: cover, page one, how to read the report."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Day, Figure, Heading, LevelMark, Term


@dataclass(frozen=True)
class Cover:
    """Who, what, when; confidentiality and sample are empty where they do not apply."""

    client: str
    title: str
    programme: str
    date: Day
    confidentiality: str
    sample: str
    sample_note: str
    facts: tuple[Term, ...]
    keywords: tuple[str, ...]


@dataclass(frozen=True)
class Rung:
    """One level of the ladder, and whether the programme stands on it as claimed and as evidenced."""

    level: int
    name: str
    claimed: bool
    evidenced: bool


@dataclass(frozen=True)
class Point:
    """A strength or a risk: one sentence and what it rests on."""

    title: str
    text: str
    anchor: str


@dataclass(frozen=True)
class Move:
    """An initiative as page one shows it; end is its last day, as everywhere in a report."""

    number: int
    action: str
    title: str
    owner: str
    start: Day
    end: Day


@dataclass(frozen=True)
class Summary:
    """Page one: the level in words, both indices, what holds the next level back, strengths, risks, first moves."""

    heading: Heading
    claimed: LevelMark
    evidenced: LevelMark
    meaning: str
    score: Figure
    score_evidenced: Figure
    index: Figure
    index_evidenced: Figure
    assurance: str
    ladder: tuple[Rung, ...]
    ladder_text: str
    constraint_title: str
    constraint: tuple[str, ...]
    strengths: tuple[Point, ...]
    strengths_note: str
    risks: tuple[Point, ...]
    risks_note: str
    moves: tuple[Move, ...]
    moves_note: str


@dataclass(frozen=True)
class LevelRow:
    level: int
    name: str
    scores: str
    summary: str


@dataclass(frozen=True)
class RoleCount:
    """How many people of a role answered; invited and rate are empty where nobody noted who was asked."""

    role: str
    name: str
    count: str
    invited: str
    rate: str


@dataclass(frozen=True)
class Reading:
    """How to read the report: scale, rules, who answered, what is suppressed, what is absent and why."""

    heading: Heading
    levels: tuple[LevelRow, ...]
    rules: tuple[Term, ...]
    roles: tuple[RoleCount, ...]
    roles_note: str
    has_rates: bool
    facts: tuple[Term, ...]
    suppressions: tuple[str, ...]
    absent: tuple[Term, ...]
