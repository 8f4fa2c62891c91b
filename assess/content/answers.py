"""The answers file (`kam-answers/1`) to an Assessment and back."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

import yaml
from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from assess.content.decisions import (
    RoadmapSpec,
    action_ids,
    adoption_of,
    decision_references,
    decisions_out,
    repeated_own,
)
from assess.content.document import Document, WrittenFloat, WrittenInteger
from assess.content.parsing import Day, FilledWords, PlanDay, Slug, Spec, Words, as_text, by_line, validate, wrong
from assess.core.answers import (
    NOT_APPLICABLE_REASONS,
    Answer,
    Assessment,
    Consensus,
    Evidence,
    Organisation,
    Respondent,
)
from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import Questionnaire

MAX_RESPONDENTS = 2000
MAX_SECONDS = 86_400
MAX_INVITED = 100_000

Reason = Literal["out_of_scope", "business_priority", "constraint", "other"]
_RARE_LINE_END = re.compile("[\x85\u2028\u2029]")
_NO_REASON = "needs a reason, {{not_applicable: REASON}} with one of {reasons}"
_REASONS = ", ".join(NOT_APPLICABLE_REASONS)


def _as_level(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise wrong("must be a level from 1 to 5")
    return int(value)


def _as_target(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 1 <= value <= 5:
        raise wrong("must be a number from 1 to 5")
    return Decimal(value.written if isinstance(value, (WrittenFloat, WrittenInteger)) else str(value))


def _as_seconds(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= MAX_SECONDS:
        raise wrong("must be a number of seconds from 0 to {most}", most=MAX_SECONDS)
    return float(value)


def _as_count(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INVITED:
        raise wrong("must be a whole number from 0 to {most}", most=MAX_INVITED)
    return int(value)


LevelGiven = Annotated[int, BeforeValidator(_as_level), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": 5})]
Target = Annotated[Decimal, BeforeValidator(_as_target), WithJsonSchema({"type": "number", "minimum": 1, "maximum": 5})]
Count = Annotated[int, BeforeValidator(_as_count), WithJsonSchema({"type": "integer", "minimum": 0, "maximum": MAX_INVITED})]

Seconds = Annotated[
    float, BeforeValidator(_as_seconds), WithJsonSchema({"type": "number", "minimum": 0, "maximum": MAX_SECONDS})
]


class AnswerSpec(Spec):
    """An answer: a level, `dont_know`, `{not_applicable: reason}`, or a mapping with evidence and a comment."""

    level: LevelGiven | None = None
    dont_know: bool = False
    not_applicable: Reason | None = None
    evidence: Words = ""
    comment: Words = ""
    seconds: Seconds | None = None

    @model_validator(mode="before")
    @classmethod
    def _short_forms(cls, value: Any) -> Any:
        if isinstance(value, bool) or value is None or isinstance(value, (list, float)):
            raise wrong("must be a level from 1 to 5, dont_know, or a mapping with one of them")
        if isinstance(value, int):
            return {"level": value}
        if isinstance(value, dict):
            return _spell_out(value)
        if value == "dont_know":
            return {"dont_know": True}
        if value == "not_applicable":
            raise wrong(_NO_REASON, reasons=_REASONS)
        raise wrong("must be a level from 1 to 5, dont_know, or a mapping with one of them")

    @model_validator(mode="after")
    def _one_of_three(self) -> AnswerSpec:
        if (self.level is not None) + self.dont_know + (self.not_applicable is not None) != 1:
            raise wrong("needs exactly one of level, dont_know and not_applicable")
        return self


class ConsensusSpec(Spec):
    """What the room agreed on: a level or `{not_applicable: reason}`, with rationale and dissent."""

    level: LevelGiven | None = None
    not_applicable: Reason | None = None
    rationale: Words = ""
    dissent: Words = ""

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return {"level": value}
        if not isinstance(value, dict):
            raise wrong("must be a level from 1 to 5, or a mapping with level or not_applicable")
        return value

    @model_validator(mode="after")
    def _one_of_two(self) -> ConsensusSpec:
        if (self.level is not None) + (self.not_applicable is not None) != 1:
            raise wrong("needs exactly one of level and not_applicable")
        return self


def _spell_out(value: dict[str, Any]) -> dict[str, Any]:
    """`level: dont_know` means the same as `dont_know: true`."""
    if value.get("level") == "dont_know" and "dont_know" not in value:
        return {**{key: part for key, part in value.items() if key != "level"}, "dont_know": True}
    return value


class EvidenceSpec(Spec):
    text: Words = ""
    url: Words = ""
    expires: Day | None = None


class OrganisationSpec(Spec):
    name: Words = ""
    industry: Words = ""
    region: Words = ""
    size: Words = ""


class RespondentSpec(Spec):
    id: Annotated[FilledWords, Field(max_length=200)]
    role: Slug
    answers: dict[str, AnswerSpec] = Field(default_factory=dict)


class AnswersSpec(Spec):
    """An answers file. invited says how many people of each role were asked."""

    schema_: Literal["kam-answers/1"] = Field(alias="schema")
    questionnaire: Slug
    version: Words | None = None
    modules: list[Slug] = Field(default_factory=list)
    organisation: OrganisationSpec = OrganisationSpec()
    date: PlanDay
    confidential: bool = False
    sample: bool = False
    invited: dict[str, Count] = Field(default_factory=dict)
    respondents: Annotated[list[RespondentSpec], Field(max_length=MAX_RESPONDENTS)] = Field(default_factory=list)
    consensus: dict[str, ConsensusSpec] = Field(default_factory=dict)
    evidence: dict[str, list[EvidenceSpec]] = Field(default_factory=dict)
    targets: dict[str, Target] = Field(default_factory=dict)
    profile: Slug | None = None
    roadmap: RoadmapSpec = RoadmapSpec()


def read_assessment(document: Document) -> Assessment:
    """The assessment in a document, not yet held against its questionnaire. Raises Invalid with every problem."""
    spec = validate(AnswersSpec, document)
    return Assessment(
        questionnaire=spec.questionnaire,
        version=spec.version,
        modules=tuple(spec.modules),
        organisation=Organisation(**spec.organisation.model_dump()),
        date=spec.date,
        confidential=spec.confidential,
        sample=spec.sample,
        invited=spec.invited,
        respondents=tuple(
            Respondent(person.id, person.role, {item: _answer(answer) for item, answer in person.answers.items()})
            for person in spec.respondents
        ),
        consensus={item: Consensus(**agreed.model_dump()) for item, agreed in spec.consensus.items()},
        evidence={item: tuple(Evidence(**e.model_dump()) for e in entries) for item, entries in spec.evidence.items()},
        targets={dimension: Fraction(target) for dimension, target in spec.targets.items()},
        profile=spec.profile,
        adoption=adoption_of(spec.roadmap),
    )


def _answer(spec: AnswerSpec) -> Answer:
    return Answer(**spec.model_dump())


def check_assessment(assessment: Assessment, core: Questionnaire, modules: Sequence[Questionnaire], document: Document) -> None:
    """Hold an assessment against its questionnaires. Raises Invalid naming everything they do not know."""
    problems = [*_version_problems(assessment, core, document), *reference_problems(document, core, modules)]
    if problems:
        raise Invalid(by_line(problems))


def _version_problems(assessment: Assessment, core: Questionnaire, document: Document) -> Iterator[Problem]:
    if assessment.version is not None and assessment.version.split(".", 1)[0] != str(core.major):
        message = "was answered with version {given}; {questionnaire} here is {version}"
        yield document.problem(("version",), message, given=assessment.version, questionnaire=core.id, version=core.version)


def reference_problems(document: Document, core: Questionnaire, modules: Sequence[Questionnaire]) -> Iterator[Problem]:
    """Ids in an answers file that its questionnaires do not know; the file may be wrong in other ways too."""
    known: Mapping[str, frozenset[str]] = {
        "item": frozenset().union(*(one.item_ids for one in (core, *modules))),
        "dimension": frozenset(dimension.id for one in (core, *modules) for dimension in one.dimensions),
        "role": frozenset(core.role_name),
        "profile": frozenset(profile.id for profile in core.profiles),
        "action": action_ids((core, *modules)),
    }
    for path, what, id_ in _references(document.data):
        if id_ in known[what]:
            continue
        if what == "item":
            yield document.problem(path, "there is no item {id} in {questionnaire}", id=id_, questionnaire=core.id)
        else:
            yield document.problem(path, "there is no {what} {id}", what=what, id=id_)
    for path, id_ in repeated_own(document.data):
        yield document.problem(path, "the own initiative {id} is there twice", id=id_)
    yield from _repeated_people(document)
    yield from _uninvited(document)


def _references(data: Any) -> Iterator[tuple[tuple[str | int, ...], str, str]]:
    """Where an id of the questionnaire stands, of what it is one, and the id."""
    for place, person in enumerate(_list_in(data, "respondents")):
        if isinstance(role := as_text(_mapping(person).get("role")), str):
            yield ("respondents", place, "role"), "role", role
        for item in _mapping(_mapping(person).get("answers")):
            yield ("respondents", place, "answers", item), "item", item
    for part, what in (("invited", "role"), ("consensus", "item"), ("evidence", "item"), ("targets", "dimension")):
        for id_ in _mapping(_mapping(data).get(part)):
            yield (part, id_), what, id_
    if isinstance(profile := as_text(_mapping(data).get("profile")), str):
        yield ("profile",), "profile", profile
    yield from decision_references(data)


def _repeated_people(document: Document) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for place, person in enumerate(_list_in(document.data, "respondents")):
        name = as_text(_mapping(person).get("id"))
        if not isinstance(name, str):
            continue
        if name in seen:
            first = document.line_of(("respondents", seen[name]))
            message = "the respondent {id} is there twice (first in line {first})"
            yield document.problem(("respondents", place, "id"), message, id=name, first=first)
        seen.setdefault(name, place)


def _uninvited(document: Document) -> Iterator[Problem]:
    """Roles in which more people answered than were asked, where the file says who was asked."""
    invited = _mapping(_mapping(document.data).get("invited"))
    if not invited:
        return
    roles = [as_text(_mapping(person).get("role")) for person in _list_in(document.data, "respondents")]
    for role, answered in Counter(role for role in roles if isinstance(role, str)).items():
        given = invited.get(role, 0)
        if isinstance(given, int) and not isinstance(given, bool) and given < answered:
            message = "more people answered as {role} ({answered}) than were invited ({invited})"
            path = ("invited", role) if role in invited else ("invited",)
            yield document.problem(path, message, answered=answered, role=role, invited=int(given))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list_in(data: Any, key: str) -> list[Any]:
    value = _mapping(data).get(key)
    return value if isinstance(value, list) else []


def answers_file(assessment: Assessment) -> dict[str, Any]:
    """The content of the answers file of an assessment, shortest forms, in the order of the format."""
    content: dict[str, Any] = {
        "schema": "kam-answers/1",
        "questionnaire": assessment.questionnaire,
        "version": assessment.version,
        "modules": list(assessment.modules),
        "organisation": _filled(vars(assessment.organisation)),
        "date": assessment.date.isoformat(),
        "confidential": assessment.confidential,
        "sample": assessment.sample,
        "invited": dict(assessment.invited),
        "respondents": [
            {"id": p.id, "role": p.role, "answers": {item: _answer_out(a) for item, a in p.answers.items()}}
            for p in assessment.respondents
        ],
        "consensus": {item: _filled(vars(agreed)) for item, agreed in assessment.consensus.items()},
        "evidence": {item: [_evidence_out(entry) for entry in entries] for item, entries in assessment.evidence.items()},
        "targets": {
            id_: int(target) if target.denominator == 1 else float(target) for id_, target in assessment.targets.items()
        },
        "profile": assessment.profile,
        "roadmap": decisions_out(assessment.adoption),
    }
    always = {"schema", "questionnaire", "date", "respondents"}
    return {key: value for key, value in content.items() if key in always or value}


def dump_answers(assessment: Assessment) -> str:
    """The answers file as YAML text."""
    return yaml.dump(answers_file(assessment), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


class _Dumper(yaml.SafeDumper):
    """Escapes the rarer line ends, which YAML would otherwise fold into spaces."""


def _represent_words(dumper: yaml.SafeDumper, words: str) -> yaml.ScalarNode:
    style = '"' if _RARE_LINE_END.search(words) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", words, style=style)


_Dumper.add_representer(str, _represent_words)


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None and value is not False and value != ""}


def _answer_out(answer: Answer) -> Any:
    parts = _filled(vars(answer))
    if set(parts) == {"level"}:
        return answer.level
    return "dont_know" if set(parts) == {"dont_know"} else parts


def _evidence_out(entry: Evidence) -> dict[str, Any]:
    expires: date | None = entry.expires
    return _filled({"text": entry.text, "url": entry.url, "expires": expires.isoformat() if expires else None})
