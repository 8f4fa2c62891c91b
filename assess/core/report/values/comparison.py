"""The peer group and published figures."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Figure, Heading, Term


@dataclass(frozen=True)
class BandRow:
    """One step among the peers; what the number of peers does not allow has no value."""

    id: str
    number: str
    title: str
    own: Figure
    median: Figure
    q1: Figure
    q3: Figure
    p10: Figure
    p90: Figure
    peers: str
    place: str


@dataclass(frozen=True)
class Reference:
    """A published figure beside a step or an item; url is empty where there is none.

    source is who published it, when and from how many; citation the same in full. grade is A, B or C, grade_text as printed.
    """

    id: str
    about: str
    value: str
    text: str
    source: str
    citation: str
    url: str
    basis: str
    grade: str
    grade_text: str


@dataclass(frozen=True)
class Benchmark:
    """The peer group and the published reference points, side by side, never blended. rows is empty where reason says why."""

    heading: Heading
    reason: str
    facts: tuple[Term, ...]
    rows: tuple[BandRow, ...]
    chart_title: str
    chart_text: str
    notes: tuple[str, ...]
    references: tuple[Reference, ...]
    references_note: str
