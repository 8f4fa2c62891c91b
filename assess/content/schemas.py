"""The published JSON Schemas of the files people write, for editors; made from the specs that read them."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from assess.content.account_rules import AccountRulesSpec
from assess.content.answers import AnswersSpec
from assess.content.parsing import Spec
from assess.content.questionnaire_specs import ActionsSpec, QuestionnaireSpec, ReferencePointsSpec
from assess.content.tiers import TiersSpec

Schema = dict[str, Any]

_LEVEL: Schema = {"type": "integer", "minimum": 1, "maximum": 5}
_GIVES_LEVEL: Schema = {"required": ["level"], "properties": {"level": {"not": {"type": "null"}}}}
_GIVES_DONT_KNOW: Schema = {"required": ["dont_know"], "properties": {"dont_know": {"const": True}}}
_GIVES_REASON: Schema = {"required": ["not_applicable"], "properties": {"not_applicable": {"type": "string"}}}


class _Untitled(GenerateJsonSchema):
    """Property names speak for themselves."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - the name and shape are pydantic's
        return False


def schemas() -> dict[str, Schema]:
    """File name -> JSON Schema."""
    return {
        "kam-account-rules.schema.json": _schema(AccountRulesSpec, "kam-assess rules of claims and figures"),
        "kam-actions.schema.json": _with_single_step(_schema(ActionsSpec, "kam-assess action catalogue")),
        "kam-answers.schema.json": _with_short_forms(_schema(AnswersSpec, "kam-assess answers")),
        "kam-questionnaire.schema.json": _schema(QuestionnaireSpec, "kam-assess questionnaire"),
        "kam-reference-points.schema.json": _schema(ReferencePointsSpec, "kam-assess reference points"),
        "kam-tiers.schema.json": _schema(TiersSpec, "kam-assess value tiers"),
    }


def _schema(spec: type[Spec], title: str) -> Schema:
    made = spec.model_json_schema(by_alias=True, schema_generator=_Untitled)
    return {**made, "$schema": "https://json-schema.org/draft/2020-12/schema", "title": title}


def _with_short_forms(schema: Schema) -> Schema:
    """An answer may be a level or `dont_know` instead of a mapping; consensus may be a level."""
    kinds = schema["$defs"]
    answer, consensus = kinds["AnswerSpec"], kinds["ConsensusSpec"]
    level = {"anyOf": [_LEVEL, {"const": "dont_know"}, {"type": "null"}]}
    spelt = {**answer, "properties": {**answer["properties"], "level": level}}
    forms = {
        "AnswerSpec": [
            _LEVEL,
            {"const": "dont_know"},
            {**spelt, "oneOf": [_GIVES_LEVEL, _GIVES_DONT_KNOW, _GIVES_REASON]},
        ],
        "ConsensusSpec": [_LEVEL, {**consensus, "oneOf": [_GIVES_LEVEL, _GIVES_REASON]}],
    }
    return {**schema, "$defs": {**kinds, **{name: {"anyOf": many} for name, many in forms.items()}}}


def _with_single_step(schema: Schema) -> Schema:
    """`how` may be one text instead of a list of texts."""
    kinds = schema["$defs"]
    action = kinds["ActionSpec"]
    how = {"anyOf": [{"$ref": "#/$defs/TextSpec"}, action["properties"]["how"]]}
    return {**schema, "$defs": {**kinds, "ActionSpec": {**action, "properties": {**action["properties"], "how": how}}}}
