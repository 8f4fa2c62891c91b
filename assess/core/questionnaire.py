"""What is asked: a questionnaire with its dimensions, items, level descriptors and action catalogue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from assess.core.accounts import TierRules

LANGUAGES = ("en", "zh-Hant", "zh-Hans")
LEVELS = (1, 2, 3, 4, 5)
DEFAULT_TARGET = 4


@dataclass(frozen=True)
class Text:
    """One human text in every language of the product."""

    en: str
    zh_hant: str
    zh_hans: str

    def of(self, language: str) -> str:
        """The text in a BCP 47 language of LANGUAGES."""
        return {"en": self.en, "zh-Hant": self.zh_hant, "zh-Hans": self.zh_hans}[language]


@dataclass(frozen=True)
class Level:
    level: int
    name: Text
    summary: Text


@dataclass(frozen=True)
class Role:
    id: str
    name: Text


@dataclass(frozen=True)
class Source:
    id: str
    citation: str
    url: str | None = None


@dataclass(frozen=True)
class Profile:
    """A preset of targets, dimension id -> level."""

    id: str
    name: Text
    targets: Mapping[str, Fraction]
    summary: Text | None = None


@dataclass(frozen=True)
class Item:
    id: str
    text: Text
    levels: Mapping[int, Text]
    gate: bool = False
    integrity: bool = False
    weight: int = 1
    why: Text | None = None
    evidence: tuple[Text, ...] = ()
    ask: tuple[str, ...] = ()
    contradicts: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dimension:
    id: str
    title: Text
    purpose: Text
    items: tuple[Item, ...]
    weight: int = 1
    requires: tuple[str, ...] = ()
    good: Text | None = None
    prompts: tuple[Text, ...] = ()
    disagreements: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Lift:
    """Done and effective, the item stands at least at level `to`."""

    item: str
    to: int


@dataclass(frozen=True)
class Raci:
    """Who is responsible, accountable, consulted, informed: role ids."""

    responsible: tuple[str, ...]
    accountable: str
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


@dataclass(frozen=True)
class Action:
    """A catalogue entry. effort is 1..5, weeks a duration of at least 1."""

    id: str
    title: Text
    why: Text
    how: tuple[Text, ...]
    done_when: Text
    kpi: Text
    owner_role: str
    effort: int
    weeks: int
    lifts: tuple[Lift, ...]
    requires: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    measure: Text | None = None
    raci: Raci | None = None


@dataclass(frozen=True)
class ReferencePoint:
    """A published figure, an annotation beside a dimension or item. grade A, B, or C (rule of thumb); n None if not stated."""

    id: str
    value: str
    text: Text
    source: str
    year: int
    n: int | None
    grade: str
    dimension: str | None = None
    item: str | None = None


@dataclass(frozen=True)
class ValueTiers:
    """The value tiers of accounts: their rules, and in words their names, the rule of each and what the thresholds rest on."""

    rules: TierRules
    names: Mapping[str, Text]
    summaries: Mapping[str, Text]
    basis: Text
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClaimRule:
    """An item rated from_level or higher is contradicted when a figure of the accounts file is above or below the threshold.

    text is said when it is, with {claimed}, {measured} and {threshold}; why says what the threshold rests on.
    """

    id: str
    item: str
    from_level: int
    figure: str
    when: str
    threshold: Fraction
    text: Text
    why: Text
    citations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Questionnaire:
    """One version of one instrument. sha256 is that of its questionnaire.yaml, byte for byte."""

    id: str
    version: str
    title: Text
    noun: Text
    levels: tuple[Level, ...]
    roles: tuple[Role, ...]
    sources: tuple[Source, ...]
    profiles: tuple[Profile, ...]
    dimensions: tuple[Dimension, ...]
    sha256: str
    kind: str = "core"
    summary: Text | None = None
    actions: tuple[Action, ...] = ()
    reference_points: tuple[ReferencePoint, ...] = field(default=())
    tiers: ValueTiers | None = None
    account_rules: tuple[ClaimRule, ...] = ()

    @property
    def major(self) -> int:
        return int(self.version.split(".", 1)[0])

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """All items in the order of the questionnaire."""
        return tuple(item for dimension in self.dimensions for item in dimension.items)

    @cached_property
    def item_ids(self) -> frozenset[str]:
        return frozenset(item.id for item in self.items)

    @cached_property
    def dimension_of(self) -> Mapping[str, Dimension]:
        """Item id -> its dimension."""
        return {item.id: dimension for dimension in self.dimensions for item in dimension.items}

    @cached_property
    def item(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    @cached_property
    def dimension(self) -> Mapping[str, Dimension]:
        return {dimension.id: dimension for dimension in self.dimensions}

    @cached_property
    def role_name(self) -> Mapping[str, Text]:
        return {role.id: role.name for role in self.roles}

    @cached_property
    def source(self) -> Mapping[str, Source]:
        return {source.id: source for source in self.sources}

    def level_name(self, level: int) -> Text:
        return self.levels[level - 1].name
