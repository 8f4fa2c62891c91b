"""From answers to scores, bands and levels (method sections 1 to 4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from assess.core.agreement import Agreement, agreement
from assess.core.answers import Assessment
from assess.core.confidentiality import MIN_GROUP, suppressed_groups
from assess.core.questionnaire import Dimension, Questionnaire
from assess.core.rounding import mean, median

SCORED, INSUFFICIENT, UNANSWERED, NOT_APPLICABLE = "scored", "insufficient", "unanswered", "not_applicable"
MIN_COVERAGE = Fraction(7, 10)
UNEVIDENCED_CEILING = Fraction(3)
BAND_EDGES = (Fraction(3, 2), Fraction(5, 2), Fraction(7, 2), Fraction(9, 2))


@dataclass(frozen=True)
class Standing:
    """Where something stands: score 1..5, index 0..100, band and level 1..5, and what caps the level (ids).

    score, index and band are None where nothing was scored; level is None too where too little was answered.
    """

    score: Fraction | None = None
    band: int | None = None
    level: int | None = None
    capped_by: tuple[str, ...] = ()

    @property
    def index(self) -> Fraction | None:
        return None if self.score is None else 25 * (self.score - 1)


@dataclass(frozen=True)
class ItemScore:
    """n counts numeric ratings; median, lowest and highest are theirs. score and evidenced are None unless status is scored."""

    id: str
    status: str
    score: Fraction | None
    evidenced: Fraction | None
    source: str | None
    n: int
    dont_know: int
    not_applicable: int
    median: Fraction | None
    lowest: int | None
    highest: int | None
    agreement: Agreement
    ratings: tuple[int, ...] = ()


@dataclass(frozen=True)
class RoleScore:
    """Mean of all numeric ratings of one role in a dimension by n respondents; both None where confidentiality hides them."""

    score: Fraction | None
    n: int | None


@dataclass(frozen=True)
class DimensionScore:
    """coverage is the share of applicable items that have a score."""

    id: str
    status: str
    coverage: Fraction
    claimed: Standing
    evidenced: Standing
    roles: Mapping[str, RoleScore]


@dataclass(frozen=True)
class Scorecard:
    """One questionnaire's result. Dimensions whose items are all not applicable are left out.

    coverage is None when every item is not applicable.
    """

    questionnaire: str
    version: str
    sha256: str
    claimed: Standing
    evidenced: Standing
    coverage: Fraction | None
    provisional: bool
    dimensions: tuple[DimensionScore, ...]
    items: tuple[ItemScore, ...]

    @cached_property
    def item(self) -> Mapping[str, ItemScore]:
        return {item.id: item for item in self.items}

    @cached_property
    def dimension(self) -> Mapping[str, DimensionScore]:
        return {dimension.id: dimension for dimension in self.dimensions}


def score(questionnaire: Questionnaire, assessment: Assessment) -> Scorecard:
    """The scorecard of one questionnaire, core or module. Answers to items of other questionnaires are left alone."""
    items = tuple(score_item(item.id, assessment) for item in questionnaire.items)
    inapplicable = frozenset(item.id for item in items if item.status == NOT_APPLICABLE) | integrity_items(questionnaire)
    claimed = measure(questionnaire, {i.id: i.score for i in items if i.score is not None}, inapplicable)
    evidenced = measure(questionnaire, {i.id: i.evidenced for i in items if i.evidenced is not None}, inapplicable)
    return Scorecard(
        questionnaire=questionnaire.id,
        version=questionnaire.version,
        sha256=questionnaire.sha256,
        claimed=claimed.overall,
        evidenced=evidenced.overall,
        coverage=claimed.coverage,
        provisional=claimed.provisional,
        dimensions=tuple(
            DimensionScore(
                id=dimension.id,
                status=measured.status,
                coverage=measured.coverage,
                claimed=measured.standing,
                evidenced=evidenced.dimensions[dimension.id].standing,
                roles=score_roles(dimension, assessment),
            )
            for dimension in questionnaire.dimensions
            if (measured := claimed.dimensions.get(dimension.id)) is not None
        ),
        items=items,
    )


def integrity_items(questionnaire: Questionnaire) -> frozenset[str]:
    """Items that stand outside every score: they raise an alert that no score can offset."""
    return frozenset(item.id for item in questionnaire.items if item.integrity)


def score_item(item: str, assessment: Assessment) -> ItemScore:
    """Consensus if there is one, else the role-balanced panel mean (method section 2)."""
    answers = assessment.answers_to(item)
    ratings = tuple(answer.level for _, answer in answers if answer.level is not None)
    inapplicable = sum(answer.not_applicable is not None for _, answer in answers)
    value, source, status = _settle(item, assessment, inapplicable)
    evidenced = value if value is None or assessment.has_evidence(item) else min(value, UNEVIDENCED_CEILING)
    hidden = assessment.confidential and len(ratings) < MIN_GROUP
    shown = () if hidden else ratings
    return ItemScore(
        id=item,
        status=status,
        score=value,
        evidenced=evidenced,
        source=source,
        n=len(ratings),
        dont_know=sum(answer.dont_know for _, answer in answers),
        not_applicable=inapplicable,
        median=median(shown) if shown else None,
        lowest=min(shown, default=None),
        highest=max(shown, default=None),
        agreement=agreement(shown),
        ratings=tuple(sorted(shown)),
    )


def _settle(item: str, assessment: Assessment, inapplicable: int) -> tuple[Fraction | None, str | None, str]:
    """The item's value, where it comes from, and its status."""
    consensus = assessment.consensus.get(item)
    if consensus is not None and consensus.level is not None:
        return Fraction(consensus.level), "consensus", SCORED
    if consensus is not None:
        return None, "consensus", NOT_APPLICABLE
    value = panel_mean(item, assessment)
    if value is not None:
        return value, "panel", SCORED
    return None, None, NOT_APPLICABLE if inapplicable else UNANSWERED


def panel_mean(item: str, assessment: Assessment) -> Fraction | None:
    """Mean within each role group that has a number, then the unweighted mean of those groups; None without a number."""
    groups: dict[str, list[int]] = {}
    for respondent, answer in assessment.answers_to(item):
        if answer.level is not None:
            groups.setdefault(respondent.role, []).append(answer.level)
    return mean(mean(levels) for levels in groups.values()) if groups else None


def score_roles(dimension: Dimension, assessment: Assessment) -> Mapping[str, RoleScore]:
    """Each role that rated something in the dimension, hidden where the assessment is confidential and the group small."""
    ratings: dict[str, list[int]] = {}
    raters: dict[str, set[str]] = {}
    for item in (item for item in dimension.items if not item.integrity):
        for respondent, answer in assessment.answers_to(item.id):
            if answer.level is not None:
                ratings.setdefault(respondent.role, []).append(answer.level)
                raters.setdefault(respondent.role, set()).add(respondent.id)
    counts = {role: len(people) for role, people in raters.items()}
    hidden = suppressed_groups(counts) if assessment.confidential else frozenset()
    return {
        role: RoleScore(None, None) if role in hidden else RoleScore(mean(ratings[role]), counts[role])
        for role in sorted(ratings)
    }


@dataclass(frozen=True)
class MeasuredDimension:
    standing: Standing
    status: str
    coverage: Fraction


@dataclass(frozen=True)
class Measured:
    overall: Standing
    coverage: Fraction | None
    provisional: bool
    dimensions: Mapping[str, MeasuredDimension]


def measure(questionnaire: Questionnaire, values: Mapping[str, Fraction], inapplicable: Set[str]) -> Measured:
    """Standings from item values alone (item id -> 1..5): for claimed, evidenced and projected values alike."""
    measured = {
        dimension.id: _measure_dimension(dimension, values, inapplicable)
        for dimension in questionnaire.dimensions
        if any(item.id not in inapplicable for item in dimension.items)
    }
    applicable = [item.id for item in questionnaire.items if item.id not in inapplicable]
    provisional = any(dimension.status == INSUFFICIENT for dimension in measured.values())
    return Measured(
        overall=_measure_programme(questionnaire, measured, provisional),
        coverage=Fraction(sum(item in values for item in applicable), len(applicable)) if applicable else None,
        provisional=provisional,
        dimensions=measured,
    )


def _measure_dimension(dimension: Dimension, values: Mapping[str, Fraction], inapplicable: Set[str]) -> MeasuredDimension:
    applicable = [item for item in dimension.items if item.id not in inapplicable]
    scored = [item for item in applicable if item.id in values]
    coverage = Fraction(len(scored), len(applicable))
    if not scored:
        return MeasuredDimension(Standing(), INSUFFICIENT, coverage)
    value = weighted_mean((item.weight, values[item.id]) for item in scored)
    if coverage < MIN_COVERAGE:
        return MeasuredDimension(Standing(value, band(value)), INSUFFICIENT, coverage)
    gates = {item.id: values[item.id] for item in scored if item.gate}
    ceilings = {item: 1 + gate.numerator // gate.denominator for item, gate in gates.items()}
    weakest = [item for item, gate in gates.items() if gate == min(gates.values())]
    return MeasuredDimension(_cap(value, ceilings, weakest), SCORED, coverage)


def _measure_programme(questionnaire: Questionnaire, measured: Mapping[str, MeasuredDimension], provisional: bool) -> Standing:
    scores = [
        (dimension.weight, measured[dimension.id].standing.score)
        for dimension in questionnaire.dimensions
        if dimension.id in measured
    ]
    known = [(weight, value) for weight, value in scores if value is not None]
    if not known:
        return Standing()
    value = weighted_mean(known)
    if provisional:
        return Standing(value, band(value))
    levels = {id_: dimension.standing.level for id_, dimension in measured.items() if dimension.standing.level}
    lowest = [id_ for id_, level in levels.items() if level == min(levels.values())]
    return _cap(value, {id_: 1 + level for id_, level in levels.items()}, lowest)


def _cap(value: Fraction, ceilings: Mapping[str, int], weakest: Sequence[str]) -> Standing:
    """The band, held at the lowest ceiling; capped_by names the weakest only when that binds."""
    reached = band(value)
    ceiling = min(ceilings.values(), default=reached)
    if ceiling >= reached:
        return Standing(value, reached, reached)
    return Standing(value, reached, ceiling, tuple(weakest))


def band(value: Fraction) -> int:
    """1..5 from a score: below 1.5, 2.5, 3.5, 4.5, and above. The cut-offs are conventions."""
    return 1 + sum(value >= edge for edge in BAND_EDGES)


def weighted_mean(pairs: Iterable[tuple[int, Fraction]]) -> Fraction:
    weighted = list(pairs)
    return sum((weight * value for weight, value in weighted), Fraction(0)) / sum(weight for weight, _ in weighted)
