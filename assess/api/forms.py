"""What the API takes and gives, as pydantic models: they check what comes in and describe both sides."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from assess.api.operations import Query
from assess.content.document import CONTROL
from assess.content.parsing import Day, PlanDay, Slug, Spec, wrong

Language = Literal["en", "zh-Hant", "zh-Hans"]
_TEXT = r"^[^\u0000-\u0008\u000b-\u001f\u007f\ufffe\uffff]*$"


def _readable(text: str) -> str:
    if found := CONTROL.search(text):
        raise wrong("holds the control character U+{code}", code=f"{ord(found.group()):04X}")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise wrong("must not be empty")
    return text


Text = Annotated[str, AfterValidator(_readable), Field(json_schema_extra={"pattern": _TEXT})]
Short = Annotated[Text, Field(max_length=80)]
Line = Annotated[Text, Field(max_length=200)]
Filled = Annotated[
    str,
    Field(min_length=1, max_length=200, json_schema_extra={"pattern": r"^[^\s\u0000-\u001f\u007f\ufffe\uffff].*$"}),
    AfterValidator(_readable),
    AfterValidator(_filled),
]
_DAY: dict[str, Any] = {"type": "string", "format": "date", "pattern": "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"}
DayIn = Annotated[PlanDay, WithJsonSchema(_DAY)]
DayOut = Annotated[Day, WithJsonSchema({"type": "string", "format": "date"})]
Count = Annotated[int, Field(ge=0)]
PerPage = Annotated[int, Field(ge=1, le=200)]


class Out(BaseModel):
    """What the API gives; keys may be added in later versions of the product."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ProblemEntry(Out):
    path: str = Field(description="the place inside the body, the query parameter or the header; empty for all of it")
    line: int | None = Field(description="from 1; null where there are no lines")
    message: str


class Problem(Out):
    """A refusal (RFC 9457). `problems` names everything that is wrong with the request."""

    type: str
    title: str
    status: int
    detail: str | None = None
    problems: list[ProblemEntry] | None = None


class HealthOut(Out):
    status: Literal["ok"]
    version: str


class MeOut(Out):
    """Who acts with the token."""

    email: str
    name: str
    role: Literal["admin", "consultant", "client_lead"]
    workspace: str
    token: str
    scopes: list[Literal["read", "write", "documents"]]
    expires_at: datetime


class OrganisationIn(Spec):
    """The client."""

    name: Filled
    industry: Short = ""
    region: Short = ""
    size: Short = ""


class OrganisationChange(Spec):
    name: Filled | None = None
    industry: Short | None = None
    region: Short | None = None
    size: Short | None = None


class OrganisationOut(Out):
    name: str
    industry: str
    region: str
    size: str


class EngagementIn(Spec):
    """confidential: nobody but the respondents themselves ever sees single answers."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"organisation": {"name": "Acme", "industry": "machinery", "region": "eu", "size": "250-999"}}]
        }
    )

    organisation: OrganisationIn
    title: Line = ""
    language: Language = "en"
    confidential: bool = False
    pool_consent: bool = False


class EngagementChange(Spec):
    """What is not given stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Spring round"}]})

    organisation: OrganisationChange = OrganisationChange()
    title: Line | None = None
    language: Language | None = None
    confidential: bool | None = None
    pool_consent: bool | None = None


class EngagementOut(Out):
    id: str
    title: str
    state: Literal["active", "archived", "deleted"]
    organisation: OrganisationOut
    language: Language
    confidential: bool
    pool_consent: bool
    sample: bool
    created_at: datetime
    changed_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None


class Page(Out):
    page: int
    per_page: int
    total: int


class EngagementsOut(Page):
    engagements: list[EngagementOut]


class Paging(Query):
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: PerPage = 50


class EngagementsQuery(Paging):
    state: Literal["active", "archived", "deleted"] = "active"
    search: Annotated[Text, Field(max_length=200)] = ""


class AssessmentIn(Spec):
    model_config = ConfigDict(json_schema_extra={"examples": [{"questionnaire": "kam-seven-steps-short", "profile": None}]})

    questionnaire: Slug
    modules: Annotated[list[Slug], Field(max_length=20)] = Field(default_factory=list)
    profile: Slug | None = None


class PlanIn(Spec):
    """start null: the next Monday."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"profile": None, "start": "2027-01-04", "capacity": 4}]})

    profile: Slug | None = None
    start: DayIn | None = None
    capacity: Annotated[int, Field(ge=1, le=20)] = 4


class AssessmentOut(Out):
    """respondents have begun to answer; answered of them gave at least one answer."""

    id: str
    engagement: str
    questionnaire: str
    version: str
    modules: list[str]
    profile: str | None
    start: DayOut | None
    capacity: int
    language: Language
    state: Literal["open", "closed"]
    respondents: int
    answered: int
    created_at: datetime
    changed_at: datetime
    closed_at: datetime | None
    earlier: str | None = Field(description="id of the snapshot it is a re-assessment of")


class AssessmentsOut(Out):
    assessments: list[AssessmentOut]


class SnapshotOut(Out):
    id: str
    taken_at: datetime
    assessed_on: DayOut
    questionnaire: str
    version: str
    score: float | None
    level: int | None
    hashes: dict[str, str]
    is_whole: bool = Field(description="every part still has the hash it was kept with")


class SnapshotsOut(Out):
    snapshots: list[SnapshotOut]


SnapshotId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class ComparisonQuery(Query):
    earlier: SnapshotId
    later: Annotated[str, Field(pattern="^([0-9a-f]{32}|now)$")] = "now"


class InvitationsIn(Spec):
    """kind personal: a link for each name; group: one link for many, with one name of its own. role null: people choose."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"kind": "personal", "names": ["Rosa"], "role": "kam", "language": "en"}]}
    )

    kind: Literal["personal", "group"] = "personal"
    names: Annotated[list[Annotated[Filled, Field(max_length=120)]], Field(min_length=1, max_length=200)]
    role: Slug | None = None
    language: Language = "en"


class InvitationOut(Out):
    """link: what is sent to people; null where there is nothing to send any more. answered: null where nobody may know."""

    id: int
    kind: Literal["personal", "group"]
    name: str
    role: str | None
    language: Language
    state: Literal["invited", "opened", "revoked"]
    answered: int | None
    link: str | None
    created_at: datetime


class InvitationsOut(Out):
    invitations: list[InvitationOut]


class ImportedOut(Out):
    respondents: int
    answers: int


class DecisionIn(Spec):
    """What people decide about an initiative; start and last_day null: as planned."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"owner": "Dana Lee", "start": "2027-01-11", "status": "running"}]}
    )

    owner: Line = ""
    start: DayIn | None = None
    last_day: DayIn | None = None
    status: Literal["planned", "running", "done", "stopped"] = "planned"
    notes: Annotated[Text, Field(max_length=5_000)] = ""
    left_out: bool = False


class DecisionOut(Out):
    """version counts the changes: it is what If-Match wants."""

    action: str
    owner: str
    start: DayOut | None
    last_day: DayOut | None
    status: Literal["planned", "running", "done", "stopped"]
    notes: str
    left_out: bool
    version: int


class LiftSpec(Spec):
    item: Slug
    to: Annotated[int, Field(ge=1, le=5)]


class LiftOut(Out):
    item: str
    to: int


class OwnInitiativeIn(Spec):
    """An initiative the catalogue does not have."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"title": "Pilot with two accounts", "owner_role": "kam", "start": "2027-01-11", "last_day": "2027-03-12"}
            ]
        }
    )

    title: Annotated[Filled, Field(max_length=300)]
    owner_role: Slug
    start: DayIn
    last_day: DayIn
    effort: Annotated[int, Field(ge=1, le=5)] = 3
    done_when: Annotated[Text, Field(max_length=5_000)] = ""
    lifts: Annotated[list[LiftSpec], Field(max_length=50)] = Field(default_factory=list)


class OwnInitiativeOut(Out):
    id: str
    title: str
    owner_role: str
    start: DayOut
    last_day: DayOut
    effort: int
    done_when: str
    lifts: list[LiftOut]
    version: int


class DecisionsOut(Out):
    decisions: list[DecisionOut]
    own: list[OwnInitiativeOut]


class DocumentIn(Spec):
    model_config = ConfigDict(json_schema_extra={"examples": [{"format": "pdf", "style": "full", "language": "en"}]})

    format: Literal["pdf", "html", "docx", "pptx", "xlsx", "json", "ics"] = "pdf"
    style: Slug = "full"
    language: Language = "en"


class DocumentOut(Out):
    """size in bytes, null until done; error: a code or a sentence, null unless failed."""

    id: str
    state: Literal["queued", "running", "done", "failed"]
    format: str
    style: str
    language: Language
    requested_at: datetime
    finished_at: datetime | None
    size: int | None
    filename: str
    error: str | None


class DocumentsOut(Out):
    documents: list[DocumentOut]


class QuestionnaireEntry(Out):
    """problems: why it can't be used, one line each; empty where it can. own: from the installation's own folder."""

    id: str
    kind: Literal["core", "module"] | None
    version: str | None
    title: dict[str, str] | None
    items: int | None
    own: bool
    problems: list[str]


class QuestionnairesOut(Out):
    questionnaires: list[QuestionnaireEntry]


class QuestionnaireOut(QuestionnaireEntry):
    """files: what stands in the folder's YAML files, by file name."""

    sha256: str | None
    advice: list[str]
    files: dict[str, dict[str, Any]]


class SchemasOut(Out):
    schemas: list[str]


class ReleaseOut(Out):
    """own: made by this installation; others were imported from a signed file of that name."""

    questionnaire: str
    major: int
    versions: list[str]
    number: int
    released_on: DayOut | None
    groups: int
    own: bool
    name: str


class ReleasesOut(Out):
    releases: list[ReleaseOut]
