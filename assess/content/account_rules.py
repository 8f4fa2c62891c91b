"""account-rules.yaml: which figure of an accounts file contradicts which claim, and what is said then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from assess.content.document import Document
from assess.content.parsing import Slug, Spec
from assess.content.questionnaire_specs import LevelNumber, SourceSpec, TextSpec
from assess.content.tiers import Amount
from assess.core.accounts_claims import FIGURES
from assess.core.errors import Problem
from assess.core.questionnaire import LANGUAGES, ClaimRule, Text
from assess.core.report.words import placeholders

RULES_FILE = "account-rules.yaml"
_NUMBERS = frozenset({"claimed", "measured"})
_KNOWN = _NUMBERS | {"threshold"}


class ClaimRuleSpec(Spec):
    id: Slug
    item: Slug
    from_level: LevelNumber
    figure: Slug
    when: Literal["above", "below"]
    threshold: Amount
    text: TextSpec
    why: TextSpec
    sources: Annotated[list[Slug], Field(min_length=1)]


class AccountRulesSpec(Spec):
    """account-rules.yaml; sources adds to those of the questionnaire."""

    schema_: Literal["kam-account-rules/1"] = Field(alias="schema")
    sources: list[SourceSpec] = Field(default_factory=list)
    rules: list[ClaimRuleSpec]


def check_rules(spec: AccountRulesSpec, items: set[str], sources: set[str], document: Document) -> Iterator[Problem]:
    """Ids once, items, figures and sources known, both numbers in every sentence."""
    seen: set[str] = set()
    known = sources | {source.id for source in spec.sources}
    for place, rule in enumerate(spec.rules):
        path = ("rules", place)
        if rule.id in seen:
            yield document.problem((*path, "id"), "{id} is used twice", id=rule.id)
        seen.add(rule.id)
        if rule.item not in items:
            yield document.problem((*path, "item"), "there is no {what} {id}", what="item", id=rule.item)
        if rule.figure not in FIGURES:
            message, listed = "there is no figure {id}; there are: {known}", ", ".join(FIGURES)
            yield document.problem((*path, "figure"), message, id=rule.figure, known=listed)
        for number, source in enumerate(rule.sources):
            if source not in known:
                yield document.problem((*path, "sources", number), "there is no {what} {id}", what="source", id=source)
        yield from _numbers(rule.text, (*path, "text"), document)


def _numbers(text: TextSpec, path: tuple[str | int, ...], document: Document) -> Iterator[Problem]:
    for language, sentence in zip(LANGUAGES, (text.en, text.zh_hant, text.zh_hans), strict=True):
        asked = placeholders(sentence)
        if missing := _NUMBERS - asked:
            names = ", ".join(sorted(missing))
            yield document.problem((*path, language), "does not say {names}: a finding shows both numbers", names=names)
        if unknown := asked - _KNOWN:
            names, known = ", ".join(sorted(unknown)), ", ".join(sorted(_KNOWN))
            yield document.problem((*path, language), "asks for {names}; there are only {known}", names=names, known=known)


def claim_rules(spec: AccountRulesSpec, citations: Mapping[str, str]) -> tuple[ClaimRule, ...]:
    """citations: source id -> citation of the questionnaire's sources."""
    known = {**citations, **{source.id: source.citation for source in spec.sources}}
    return tuple(
        ClaimRule(
            id=rule.id,
            item=rule.item,
            from_level=rule.from_level,
            figure=rule.figure,
            when=rule.when,
            threshold=Fraction(rule.threshold),
            text=Text(rule.text.en, rule.text.zh_hant, rule.text.zh_hans),
            why=Text(rule.why.en, rule.why.zh_hant, rule.why.zh_hans),
            citations=tuple(known[source] for source in rule.sources),
        )
        for rule in spec.rules
    )
