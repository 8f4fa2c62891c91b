"""tiers.yaml: the value tiers of accounts, their thresholds and names."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from assess.content.document import Document, WrittenFloat, WrittenInteger
from assess.content.parsing import Slug, Spec, wrong
from assess.content.questionnaire_specs import TextSpec
from assess.core.accounts import TIERS, TierRule, TierRules
from assess.core.errors import Problem
from assess.core.questionnaire import Text, ValueTiers

TIERS_FILE = "tiers.yaml"


def _exact(value: Any) -> Any:
    """A number as it was written, so that 0.1 is a tenth."""
    if isinstance(value, (WrittenInteger, WrittenFloat)):
        return Decimal(value.written)
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise wrong("must be a number")
    return Decimal(str(value))


Amount = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]
Share = Annotated[
    Decimal, Field(ge=0, le=1), BeforeValidator(_exact), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 1})
]


class ConditionsSpec(Spec):
    """What must hold in each of the years; none of them: every account fits."""

    revenue: Amount | None = None
    revenue_share: Share | None = None
    contribution: Amount | None = None
    wallet: Amount | None = None
    wallet_share: Share | None = None
    contribution_below: Amount | None = None


class TierSpec(Spec):
    id: Literal["diamond", "gold", "strategic", "potential", "ordinary", "problem"]
    name: TextSpec
    rule: TextSpec
    when: ConditionsSpec


class TiersSpec(Spec):
    """tiers.yaml; tiers are tried in the order they are listed in."""

    schema_: Literal["kam-tiers/1"] = Field(alias="schema")
    years: Annotated[int, Field(ge=1, le=10)]
    high_share: Share
    basis: TextSpec
    sources: list[Slug] = Field(default_factory=list)
    tiers: Annotated[list[TierSpec], Field(min_length=1)]


def check_tiers(spec: TiersSpec, sources: set[str], document: Document) -> Iterator[Problem]:
    """Every tier once, the last one open to all, sources known."""
    seen: set[str] = set()
    for place, tier in enumerate(spec.tiers):
        if tier.id in seen:
            yield document.problem(("tiers", place, "id"), "{id} is used twice", id=tier.id)
        seen.add(tier.id)
    for missing in [id_ for id_ in TIERS if id_ not in seen]:
        yield document.problem(("tiers",), "the tier {id} is missing", id=missing)
    if any(value is not None for value in spec.tiers[-1].when.model_dump().values()):
        yield document.problem(
            ("tiers", len(spec.tiers) - 1, "when"), "the last tier takes every account that is left: {empty}", empty="{}"
        )
    for place, source in enumerate(spec.sources):
        if source not in sources:
            yield document.problem(("sources", place), "there is no {what} {id}", what="source", id=source)


def value_tiers(spec: TiersSpec) -> ValueTiers:
    rules = TierRules(tuple(_rule(tier) for tier in spec.tiers), spec.years, Fraction(spec.high_share))
    names: dict[str, Text] = {tier.id: _text(tier.name) for tier in spec.tiers}
    return ValueTiers(rules, names, {tier.id: _text(tier.rule) for tier in spec.tiers}, _text(spec.basis), tuple(spec.sources))


def _rule(tier: TierSpec) -> TierRule:
    conditions = {name: Fraction(value) for name, value in tier.when.model_dump().items() if value is not None}
    return TierRule(tier.id, **conditions)


def _text(spec: TextSpec) -> Text:
    return Text(spec.en, spec.zh_hant, spec.zh_hans)
