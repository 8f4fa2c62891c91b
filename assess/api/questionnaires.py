"""Questionnaires of the installation, the schemas of the files people write, and released benchmarks."""

from __future__ import annotations

from typing import Any

from assess.api.forms import QuestionnaireOut, QuestionnairesOut, ReleasesOut, SchemasOut
from assess.api.operations import Call, Reply, operation
from assess.api.problems import language
from assess.content.document import parse
from assess.content.questionnaires import freeze
from assess.content.schemas import schemas
from assess.core.errors import NotFound, Problem
from assess.usecases import benchmarks, questionnaires
from assess.usecases.questionnaires import Listed
from assess.wording import in_language, teller

TAG = "questionnaires"


def _said(problems: tuple[Problem, ...]) -> list[str]:
    tell = teller(language())
    return [str(in_language(problem, tell)) for problem in problems]


def _entry(one: Listed) -> dict[str, Any]:
    known = one.questionnaire
    return {
        "id": one.id,
        "kind": known and known.kind,
        "version": known and known.version,
        "title": known and {name: known.title.of(name) for name in ("en", "zh-Hant", "zh-Hans")},
        "items": known and len(known.items),
        "own": one.is_own,
        "problems": _said(one.problems),
    }


@operation("GET", "/questionnaires", tag=TAG, summary="Every questionnaire and module", result=QuestionnairesOut)
def list_questionnaires(call: Call) -> Reply:
    found = questionnaires.list_questionnaires(call.installation)
    return Reply({"questionnaires": [_entry(one) for one in found]})


@operation(
    "GET",
    "/questionnaires/<slug:questionnaire>",
    tag=TAG,
    summary="A questionnaire with everything in its files",
    result=QuestionnaireOut,
)
def read_questionnaire(call: Call, questionnaire: str) -> Reply:
    found = questionnaires.look_up(call.installation, questionnaire)
    files: dict[str, Any] = {}
    if found.questionnaire is not None:
        frozen = freeze(call.installation.library.folder(questionnaire)).files
        files = {name: parse(content, name).data for name, content in sorted(frozen.items())}
    sha256 = found.questionnaire and found.questionnaire.sha256
    return Reply({**_entry(found), "sha256": sha256, "advice": _said(found.advice), "files": files})


@operation("GET", "/schemas", tag=TAG, summary="The JSON Schemas of the files people write", result=SchemasOut)
def list_schemas(call: Call) -> Reply:  # noqa: ARG001 - every operation has the same signature
    return Reply({"schemas": sorted(schemas())})


@operation("GET", "/schemas/<slug:schema>", tag=TAG, summary="A JSON Schema", result="schema")
def read_schema(call: Call, schema: str) -> Reply:  # noqa: ARG001 - every operation has the same signature
    known = schemas()
    if schema not in known:
        raise NotFound(f"there is no schema {schema}")
    return Reply(known[schema])


@operation("GET", "/benchmark-releases", tag="benchmarks", summary="What peers can be compared with", result=ReleasesOut)
def list_releases(call: Call) -> Reply:
    found = benchmarks.overview(call.installation)
    shown = [
        {
            "questionnaire": one.questionnaire,
            "major": one.major,
            "versions": list(one.versions),
            "number": one.number,
            "released_on": one.released_on and one.released_on.isoformat(),
            "groups": found.groups[one.id],
            "own": not one.key,
            "name": one.name,
        }
        for one in found.releases
        if one.number
    ]
    return Reply({"releases": shown})
