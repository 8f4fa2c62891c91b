"""What was answered: ratings of respondents, consensus, evidence, targets of one assessment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property

from assess.core.decisions import NOTHING_DECIDED, Adoption

NOT_APPLICABLE_REASONS = ("out_of_scope", "business_priority", "constraint", "other")


@dataclass(frozen=True)
class Answer:
    """One respondent's answer to one item: exactly one of level (1..5), dont_know, not_applicable (a reason code).

    seconds is the time taken to answer, None where it is not known.
    """

    level: int | None = None
    dont_know: bool = False
    not_applicable: str | None = None
    evidence: str = ""
    comment: str = ""
    seconds: float | None = None


@dataclass(frozen=True)
class Respondent:
    id: str
    role: str
    answers: Mapping[str, Answer]


@dataclass(frozen=True)
class Consensus:
    """What the room agreed on for one item: a level, or not applicable with a reason code."""

    level: int | None = None
    not_applicable: str | None = None
    rationale: str = ""
    dissent: str = ""


@dataclass(frozen=True)
class Evidence:
    """An entry of the evidence register; expires is the last day it counts, None = does not expire."""

    text: str = ""
    url: str = ""
    expires: date | None = None

    def counts_on(self, day: date) -> bool:
        """Whether there is something in it and it has not expired on that day."""
        return bool(self.text.strip() or self.url.strip()) and (self.expires is None or day <= self.expires)


@dataclass(frozen=True)
class Organisation:
    name: str = ""
    industry: str = ""
    region: str = ""
    size: str = ""


@dataclass(frozen=True)
class Assessment:
    """One run of one questionnaire version for one organisation.

    targets holds what was set by hand (dimension id -> level); profile names a preset of the questionnaire.
    sample marks made-up data, which every output says. invited says how many people of each role were asked; empty where
    nobody noted it. adoption is what people decided on the roadmap.
    """

    questionnaire: str
    organisation: Organisation
    date: date
    respondents: tuple[Respondent, ...]
    modules: tuple[str, ...] = ()
    confidential: bool = False
    consensus: Mapping[str, Consensus] = field(default_factory=dict)
    evidence: Mapping[str, tuple[Evidence, ...]] = field(default_factory=dict)
    targets: Mapping[str, Fraction] = field(default_factory=dict)
    profile: str | None = None
    version: str | None = None
    sample: bool = False
    invited: Mapping[str, int] = field(default_factory=dict)
    adoption: Adoption = NOTHING_DECIDED

    @cached_property
    def ratings(self) -> Mapping[str, tuple[tuple[Respondent, Answer], ...]]:
        """Item id -> every answer given to it with its respondent, in the order of the respondents."""
        collected: dict[str, list[tuple[Respondent, Answer]]] = {}
        for respondent in self.respondents:
            for item, answer in respondent.answers.items():
                collected.setdefault(item, []).append((respondent, answer))
        return {item: tuple(answers) for item, answers in collected.items()}

    def answers_to(self, item: str) -> tuple[tuple[Respondent, Answer], ...]:
        return self.ratings.get(item, ())

    def has_evidence(self, item: str) -> bool:
        """Whether the item is evidenced on the assessment's date: on an answer or in the register."""
        return any(answer.evidence.strip() for _, answer in self.answers_to(item)) or any(
            entry.counts_on(self.date) for entry in self.evidence.get(item, ())
        )
