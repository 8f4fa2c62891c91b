"""The published JSON forms of results (assess.core.outputs), described for the OpenAPI document; tests hold them to it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from assess.api.forms import DayOut, Out


class QuestionnaireRef(Out):
    id: str
    version: str
    sha256: str


class Standing(Out):
    """score 1..5, index 0..100, band and level 1..5; null where there is nothing to score."""

    score: float | None
    index: float | None
    band: int | None
    level: int | None
    capped_by: list[str]


class Measured(Standing):
    coverage: float | None
    evidenced: Standing


class Overall(Measured):
    provisional: bool


class RoleScore(Out):
    score: float | None
    n: int | None


class DimensionResult(Measured):
    id: str
    status: str
    roles: dict[str, RoleScore]


class AgreementOut(Out):
    ad_m: float | None
    r_wg: float | None
    a_wg: float | None
    flag: bool | None


class ItemResult(Out):
    """In a confidential engagement null, and status `hidden`, where too few people answered the item to show its figures."""

    id: str
    score: float | None
    source: str | None
    status: str
    evidenced: float | None
    n: int | None
    dont_know: int | None
    not_applicable: int | None
    median: float | None
    min: int | None
    max: int | None
    agreement: AgreementOut


class Result(Out):
    questionnaire: QuestionnaireRef
    overall: Overall
    dimensions: list[DimensionResult]
    items: list[ItemResult]


class FlagOut(Out):
    kind: str
    value: float | None
    limit: float | None
    respondent: str | None
    items: list[str]
    dimension: str | None
    roles: list[str]


class ScorecardOut(Result):
    """`kam-scorecard/1`: the same as `kam-assess score --format json`, without what confidentiality hides."""

    schema_: Literal["kam-scorecard/1"] = Field(alias="schema")
    sample: bool
    modules: list[Result]
    flags: list[FlagOut]
    without_flagged: Overall | None


class RaiseOut(Out):
    item: str
    from_: float | None = Field(alias="from")
    to: int


class InitiativeOut(Out):
    action: str
    priority: float | None
    enabler: bool
    owner_role: str
    effort: int
    start_week: int
    end_week: int
    start: DayOut
    end: DayOut
    horizon: str
    quick_win: bool
    requires: list[str]
    lifts: list[RaiseOut]


class Brief(Out):
    score: float | None
    index: float | None
    level: int | None


class ProjectionOut(Brief):
    horizon: str
    end: DayOut
    dimensions: dict[str, Brief]


class RoadmapOut(Out):
    """`kam-roadmap/1`: the same as `kam-assess roadmap --format json`, without what confidentiality hides."""

    schema_: Literal["kam-roadmap/1"] = Field(alias="schema")
    sample: bool
    questionnaire: QuestionnaireRef
    start: DayOut
    capacity: int
    targets: dict[str, float | None]
    initiatives: list[InitiativeOut]
    later: list[str]
    no_action: list[str]
    unanswered: list[str]
    projection: list[ProjectionOut]


class ProgressOut(Out):
    """`kam-progress/1`: the same as `kam-assess compare --format json`, without what confidentiality hides."""

    model_config = ConfigDict(extra="allow")

    schema_: Literal["kam-progress/1"] = Field(alias="schema")
    questionnaire: str
    comparable: bool
    earlier: dict[str, Any]
    later: dict[str, Any]
    overall: dict[str, Any]
    dimensions: list[dict[str, Any]]
    modules: list[dict[str, Any]]
    items: list[dict[str, Any]]
    initiatives: list[dict[str, Any]]
    unmatched: dict[str, Any]
