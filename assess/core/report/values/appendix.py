"""Everything behind the pages."""

from __future__ import annotations

from dataclasses import dataclass

from assess.core.report.values.basics import Figure, Heading, Term


@dataclass(frozen=True)
class ItemDetail:
    """counts are the ratings at level 1 to 5, empty where hidden."""

    id: str
    text: str
    counts: tuple[int, ...]
    ratings: str
    dont_know: str
    not_applicable: str
    score: Figure
    ad_m: Figure
    r_wg: Figure
    a_wg: Figure
    hidden: bool


@dataclass(frozen=True)
class Remark:
    """Comments on one item; in a confidential report without roles."""

    id: str
    text: str
    comments: tuple[Term, ...]


@dataclass(frozen=True)
class EvidenceRow:
    id: str
    text: str
    url: str
    where: str
    state: str
    counts: bool


@dataclass(frozen=True)
class InapplicableRow:
    id: str
    text: str
    reason: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class FlagRow:
    name: str
    about: str
    detail: str


@dataclass(frozen=True)
class Appendix:
    """Everything behind the pages: answers, comments, evidence, flags, method, sources, limits, fingerprints."""

    heading: Heading
    items: tuple[ItemDetail, ...]
    remarks: tuple[Remark, ...]
    remarks_note: str
    evidence: tuple[EvidenceRow, ...]
    evidence_note: str
    inapplicable: tuple[InapplicableRow, ...]
    inapplicable_note: str
    flags: tuple[FlagRow, ...]
    flags_note: str
    flags_effect: str
    method: tuple[Term, ...]
    limits: tuple[str, ...]
    sources: tuple[Term, ...]
    fingerprints: tuple[Term, ...]
