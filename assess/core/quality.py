"""Signs that answers deserve a second look (method sections 2, 5 and 6). Nothing is ever deleted because of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, groupby
from statistics import median

from assess.core.answers import Answer, Assessment, Respondent
from assess.core.confidentiality import MIN_GROUP
from assess.core.questionnaire import Questionnaire
from assess.core.scoring import Scorecard, score

VISIBILITY_SHARE = Fraction(3, 10)
NO_NUMBER_SHARE = Fraction(4, 10)
EVIDENCE_SHARE = Fraction(2, 10)
HASTE_SECONDS = 2
CONTRADICTION = 2
ROLE_GAP = Fraction(1)
INTEGRITY_LEVEL = Fraction(3)

STRAIGHT_LINE, NO_NUMBERS, HASTE, HIGH_WITHOUT_EVIDENCE, CONTRADICTORY = (
    "straight_line",
    "no_numbers",
    "haste",
    "high_without_evidence",
    "contradiction",
)
VISIBILITY, DISAGREEMENT, ROLE_DIFFERENCE, INTEGRITY = "visibility", "disagreement", "role_gap", "integrity"


@dataclass(frozen=True)
class Flag:
    """One finding about the answers.

    kind is one of the constants above; what it is about stands in respondent, items, dimension, roles (higher role first);
    value is what was measured (a run length, a share 0..1, seconds, levels apart, AD_M, a difference of means, a level) and
    limit its threshold.
    """

    kind: str
    value: Fraction
    limit: Fraction
    respondent: str | None = None
    items: tuple[str, ...] = ()
    dimension: str | None = None
    roles: tuple[str, ...] = ()


def find_flags(questionnaire: Questionnaire, assessment: Assessment, scorecard: Scorecard) -> tuple[Flag, ...]:
    """Every finding: respondents in their order, then items, then dimensions."""
    return (
        *(flag for person in assessment.respondents for flag in _of_respondent(questionnaire, assessment, person)),
        *_of_items(scorecard),
        *_of_roles(scorecard),
    )


def integrity_alerts(questionnaire: Questionnaire, scorecard: Scorecard) -> tuple[Flag, ...]:
    """Integrity items below level 3, which stand outside the score and which no score offsets."""
    return tuple(
        Flag(INTEGRITY, value, INTEGRITY_LEVEL, items=(item.id,))
        for item in questionnaire.items
        if item.integrity and (value := scorecard.item[item.id].score) is not None and value < INTEGRITY_LEVEL
    )


def score_without_flagged(questionnaire: Questionnaire, assessment: Assessment, flags: Sequence[Flag]) -> Scorecard | None:
    """The scorecard without the respondents that a quality flag names; None when there is none, or nobody would be left.

    In confidential mode None also where the difference would show the answers of fewer than 3 people.
    """
    flagged = {flag.respondent for flag in flags if flag.respondent is not None}
    kept = tuple(person for person in assessment.respondents if person.id not in flagged)
    if not flagged or not kept or (assessment.confidential and min(len(flagged), len(kept)) < MIN_GROUP):
        return None
    return score(questionnaire, replace(assessment, respondents=kept))


def _of_respondent(questionnaire: Questionnaire, assessment: Assessment, person: Respondent) -> Iterator[Flag]:
    given = {item.id: person.answers[item.id] for item in questionnaire.items if item.id in person.answers}
    if not given:
        return
    half = Fraction(len(questionnaire.items), 2)
    run = longest_run([answer.level for answer in given.values()])
    if run >= half and run > 1:
        yield Flag(STRAIGHT_LINE, Fraction(run), half, respondent=person.id)
    numberless = Fraction(sum(answer.level is None for answer in given.values()), len(given))
    if numberless > NO_NUMBER_SHARE:
        yield Flag(NO_NUMBERS, numberless, NO_NUMBER_SHARE, respondent=person.id)
    times = [answer.seconds for answer in given.values() if answer.seconds is not None]
    if times and median(times) < HASTE_SECONDS:
        yield Flag(HASTE, Fraction(median(times)), Fraction(HASTE_SECONDS), respondent=person.id)
    yield from _high_without_evidence(assessment, person, given)
    yield from _contradictions(questionnaire, person, given)


def longest_run(levels: Sequence[int | None]) -> int:
    """Length of the longest run of one level; an answer without a number ends a run."""
    return max((len(list(run)) for level, run in groupby(levels) if level is not None), default=0)


def _high_without_evidence(assessment: Assessment, person: Respondent, given: dict[str, Answer]) -> Iterator[Flag]:
    rated = [item for item, answer in given.items() if answer.level is not None]
    if not rated or any((given[item].level or 0) < 4 for item in rated):
        return
    share = Fraction(sum(assessment.has_evidence(item) for item in rated), len(rated))
    if share < EVIDENCE_SHARE:
        yield Flag(HIGH_WITHOUT_EVIDENCE, share, EVIDENCE_SHARE, respondent=person.id)


def _contradictions(questionnaire: Questionnaire, person: Respondent, given: dict[str, Answer]) -> Iterator[Flag]:
    pairs = {tuple(sorted((item.id, other))) for item in questionnaire.items for other in item.contradicts}
    for first, second in sorted(pairs):
        one, two = given.get(first), given.get(second)
        if one is None or two is None or one.level is None or two.level is None:
            continue
        apart = abs(one.level - two.level)
        if apart >= CONTRADICTION:
            yield Flag(CONTRADICTORY, Fraction(apart), Fraction(CONTRADICTION), respondent=person.id, items=(first, second))


def _of_items(scorecard: Scorecard) -> Iterator[Flag]:
    for item in scorecard.items:
        answers = item.n + item.dont_know + item.not_applicable
        if answers and (unknown := Fraction(item.dont_know, answers)) >= VISIBILITY_SHARE:
            yield Flag(VISIBILITY, unknown, VISIBILITY_SHARE, items=(item.id,))
        if item.agreement.flag and item.agreement.ad_m is not None:
            yield Flag(DISAGREEMENT, item.agreement.ad_m, Fraction(5, 6), items=(item.id,))


def _of_roles(scorecard: Scorecard) -> Iterator[Flag]:
    """Pairs of roles whose means in one dimension differ by a level or more: leadership optimism, a silo, a hidden strength."""
    for dimension in scorecard.dimensions:
        shown = [(role, value.score) for role, value in dimension.roles.items() if value.score is not None]
        for (first, one), (second, two) in combinations(shown, 2):
            if abs(one - two) >= ROLE_GAP:
                high, low = (first, second) if one > two else (second, first)
                yield Flag(ROLE_DIFFERENCE, abs(one - two), ROLE_GAP, dimension=dimension.id, roles=(high, low))


def disagreement_order(deviation: Fraction | None, dont_know: int) -> tuple[bool, Fraction, int]:
    """What sorts a workshop's agenda: AD_M highest first, then the number of don't-knows; what says nothing yet comes last."""
    return (deviation is None and not dont_know, -(deviation or Fraction(0)), -dont_know)
