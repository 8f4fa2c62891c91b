"""What the files of a questionnaire folder may hold; the published JSON Schemas are made from these."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from assess.content.parsing import FilledWords, Slug, Spec, as_text, wrong

Weight = Annotated[int, Field(ge=1, le=1000)]
LevelNumber = Annotated[int, Field(ge=1, le=5)]
_VERSION = r"^[0-9]{1,6}\.[0-9]{1,6}\.[0-9]{1,6}$"


def _as_version(value: Any) -> Any:
    text = as_text(value)
    if isinstance(text, str) and not re.match(_VERSION, text):
        raise wrong("must be a version such as 1.0.0")
    return text


Version = Annotated[str, Field(pattern=_VERSION), BeforeValidator(_as_version)]


class TextSpec(Spec):
    """One text in every language."""

    en: FilledWords
    zh_hant: FilledWords = Field(alias="zh-Hant")
    zh_hans: FilledWords = Field(alias="zh-Hans")


class LevelSpec(Spec):
    level: LevelNumber
    name: TextSpec
    summary: TextSpec


class RoleSpec(Spec):
    id: Slug
    name: TextSpec


class SourceSpec(Spec):
    id: Slug
    citation: FilledWords
    url: FilledWords | None = None


class ProfileSpec(Spec):
    id: Slug
    name: TextSpec
    summary: TextSpec | None = None
    targets: dict[Slug, LevelNumber]


class DescriptorsSpec(Spec):
    """The five level descriptors of an item."""

    level_1: TextSpec = Field(alias="1")
    level_2: TextSpec = Field(alias="2")
    level_3: TextSpec = Field(alias="3")
    level_4: TextSpec = Field(alias="4")
    level_5: TextSpec = Field(alias="5")


class ItemSpec(Spec):
    id: Slug
    gate: bool = False
    integrity: bool = False
    weight: Weight = 1
    text: TextSpec
    why: TextSpec | None = None
    levels: DescriptorsSpec
    evidence: list[TextSpec] = Field(default_factory=list)
    ask: list[Slug] = Field(default_factory=list)
    contradicts: list[Slug] = Field(default_factory=list)
    sources: list[Slug] = Field(default_factory=list)


class DimensionSpec(Spec):
    id: Slug
    title: TextSpec
    purpose: TextSpec
    good: TextSpec | None = None
    prompts: list[TextSpec] = Field(default_factory=list)
    disagreements: list[TextSpec] = Field(default_factory=list)
    weight: Weight = 1
    requires: list[Slug] = Field(default_factory=list)
    items: Annotated[list[ItemSpec], Field(min_length=1)]


class QuestionnaireSpec(Spec):
    """questionnaire.yaml"""

    schema_: Literal["kam-questionnaire/1"] = Field(alias="schema")
    id: Slug
    kind: Literal["core", "module"] = "core"
    version: Version
    title: TextSpec
    summary: TextSpec | None = None
    noun: TextSpec
    levels: Annotated[list[LevelSpec], Field(min_length=5, max_length=5)]
    roles: Annotated[list[RoleSpec], Field(min_length=1)]
    sources: list[SourceSpec] = Field(default_factory=list)
    profiles: list[ProfileSpec] = Field(default_factory=list)
    dimensions: Annotated[list[DimensionSpec], Field(min_length=1)]


class LiftSpec(Spec):
    item: Slug
    to: Annotated[int, Field(ge=2, le=5)]


class RaciSpec(Spec):
    responsible: Annotated[list[Slug], Field(min_length=1)]
    accountable: Slug
    consulted: list[Slug] = Field(default_factory=list)
    informed: list[Slug] = Field(default_factory=list)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, dict) else value


class ActionSpec(Spec):
    id: Slug
    title: TextSpec
    why: TextSpec
    how: Annotated[list[TextSpec], BeforeValidator(_as_list), Field(min_length=1)]
    done_when: TextSpec
    kpi: TextSpec
    measure: TextSpec | None = None
    owner_role: Slug
    raci: RaciSpec | None = None
    effort: Annotated[int, Field(ge=1, le=5)]
    weeks: Annotated[int, Field(ge=1, le=520)]
    requires: list[Slug] = Field(default_factory=list)
    lifts: list[LiftSpec] = Field(default_factory=list)
    sources: list[Slug] = Field(default_factory=list)


class ActionsSpec(Spec):
    """actions.yaml"""

    schema_: Literal["kam-actions/1"] = Field(alias="schema")
    actions: list[ActionSpec]


class ReferencePointSpec(Spec):
    id: Slug
    dimension: Slug | None = None
    item: Slug | None = None
    value: FilledWords
    text: TextSpec
    source: Slug
    year: Annotated[int, Field(ge=1900, le=2200)]
    n: Annotated[int, Field(ge=1)] | None = None
    grade: Literal["A", "B", "C"]


class ReferencePointsSpec(Spec):
    """reference-points.yaml"""

    schema_: Literal["kam-reference-points/1"] = Field(alias="schema")
    points: list[ReferencePointSpec]
