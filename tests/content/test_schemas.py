"""The published schemas are the generated ones, and say the same as the readers of the files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from assess.content.answers import read_assessment
from assess.content.schemas import schemas
from tests.conftest import VECTORS
from tests.content.builders import document, dumped, problems_of, words

PUBLISHED = Path(__file__).parents[2] / "docs" / "schema"
SHIPPED = Path(__file__).parents[2] / "questionnaires"
TYPES = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
    "array": list,
    "object": dict,
}


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value fits a JSON Schema, for the keywords that the published ones use."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    return (
        ("type" not in schema or is_a(value, schema["type"]))
        and ("const" not in schema or (value == schema["const"] and type(value) is type(schema["const"])))
        and ("enum" not in schema or value in schema["enum"])
        and ("anyOf" not in schema or any(fits(value, one, root) for one in schema["anyOf"]))
        and ("oneOf" not in schema or sum(fits(value, one, root) for one in schema["oneOf"]) == 1)
        and ("not" not in schema or not fits(value, schema["not"], root))
        and fits_size(value, schema)
        and (not isinstance(value, list) or all(fits(one, schema.get("items", {}), root) for one in value))
        and (not isinstance(value, dict) or fits_object(value, schema, root))
    )


def is_a(value: Any, name: str) -> bool:
    return isinstance(value, TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def fits_size(value: Any, schema: dict[str, Any]) -> bool:
    if isinstance(value, (int, float)):
        return schema.get("minimum", value) <= value <= schema.get("maximum", value)
    if isinstance(value, str):
        long = schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))
        return long and re.search(schema.get("pattern", ""), value) is not None
    if isinstance(value, list):
        return schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value))
    return True


def fits_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    if others is False and not set(value) <= set(properties):
        return False
    if not set(schema.get("required", ())) <= set(value):
        return False
    if not all(fits(key, schema.get("propertyNames", {}), root) for key in value):
        return False
    return all(
        fits(part, properties[key], root)
        if key in properties
        else fits(part, others, root)
        if isinstance(others, dict)
        else others
        for key, part in value.items()
    )


def accepts(name: str, value: Any) -> bool:
    schema = schemas()[f"kam-{name}.schema.json"]
    return fits(value, schema, schema)


def as_read(path: Path) -> Any:
    return document(path.read_bytes()).data


@pytest.mark.parametrize("name", sorted(schemas()))
def test_the_published_schemas_are_the_generated_ones(name):
    expected = json.dumps(schemas()[name], ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    assert (PUBLISHED / name).read_text(encoding="utf-8") == expected


def test_nothing_else_is_published():
    assert sorted(path.name for path in PUBLISHED.iterdir()) == sorted([*schemas(), "openapi.json"])


@pytest.mark.parametrize("name", sorted(schemas()))
def test_every_schema_says_what_it_is_and_refuses_unknown_keys(name):
    schema = schemas()[name]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"].startswith("kam-assess ")
    assert schema["properties"]["schema"]["const"] == name.replace(".schema.json", "/1")
    assert schema["additionalProperties"] is False


def test_texts_are_asked_for_in_every_language_by_the_keys_of_the_files():
    for name in ("kam-questionnaire", "kam-actions", "kam-reference-points", "kam-tiers", "kam-account-rules"):
        text = schemas()[f"{name}.schema.json"]["$defs"]["TextSpec"]
        assert text["required"] == list(text["properties"]) == ["en", "zh-Hant", "zh-Hans"]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("questionnaire", VECTORS / "mini" / "questionnaire.yaml"),
        ("actions", VECTORS / "mini" / "actions.yaml"),
        *(("answers", path) for path in sorted(VECTORS.glob("*.answers.yaml"))),
        *(("questionnaire", path) for path in sorted(SHIPPED.glob("*/questionnaire.yaml"))),
        *(("actions", path) for path in sorted(SHIPPED.glob("*/actions.yaml"))),
        *(("reference-points", path) for path in sorted(SHIPPED.glob("*/reference-points.yaml"))),
        *(("tiers", path) for path in sorted(SHIPPED.glob("*/tiers.yaml"))),
        *(("account-rules", path) for path in sorted(SHIPPED.glob("*/account-rules.yaml"))),
    ],
    ids=lambda value: value.parent.name + "/" + value.name if isinstance(value, Path) else value,
)
def test_the_files_that_exist_fit_their_schema(name, path):
    assert accepts(name, as_read(path))


@pytest.mark.parametrize(
    "answer",
    [
        *(1, 5, 0, 6, -1, 3.5, "3", True, None, "dont_know", "not_applicable", "x", [], [3], {}),
        {"level": 3},
        {"level": 0},
        {"level": None},
        {"level": "dont_know"},
        {"level": "3"},
        {"level": "dont_know", "dont_know": True},
        {"level": 3, "dont_know": False},
        {"level": 3, "dont_know": True},
        {"level": 3, "not_applicable": None},
        {"level": 3, "not_applicable": "other"},
        {"level": None, "dont_know": True},
        {"dont_know": True},
        {"dont_know": False},
        {"dont_know": "true"},
        {"not_applicable": "other", "comment": "why"},
        {"not_applicable": "because"},
        {"level": 2, "evidence": "charter", "comment": "x", "seconds": 1.5},
        {"level": 2, "seconds": -1},
        {"level": 2, "seconds": "1"},
        {"level": 2, "evidence": ["charter"]},
        {"level": 2, "note": "x"},
    ],
    ids=str,
)
def test_schema_and_reader_agree_on_what_an_answer_is(answer):
    content = {
        "schema": "kam-answers/1",
        "questionnaire": "mini",
        "date": "2026-11-21",
        "respondents": [{"id": "r1", "role": "kam", "answers": {"s1.1": answer}}],
    }
    assert accepts("answers", content) == (problems_of(lambda: read_assessment(document(dumped(content)))) == [])


@pytest.mark.parametrize(
    "agreed",
    [
        3,
        0,
        "3",
        "dont_know",
        {},
        {"level": 3, "rationale": "x"},
        {"level": None},
        {"not_applicable": "other"},
        {"level": 3, "not_applicable": "other"},
    ],
    ids=str,
)
def test_schema_and_reader_agree_on_what_a_consensus_is(agreed):
    content = {"schema": "kam-answers/1", "questionnaire": "mini", "date": "2026-11-21", "consensus": {"s1.1": agreed}}
    assert accepts("answers", content) == (problems_of(lambda: read_assessment(document(dumped(content)))) == [])


def test_the_steps_of_an_action_may_be_one_text_or_a_list():
    action = {
        **{part: words() for part in ("title", "why", "done_when", "kpi")},
        "id": "a",
        "owner_role": "kam",
        "effort": 1,
        "weeks": 1,
    }
    for how, fine in ((words(), True), ([words()], True), ([], False), ("words", False)):
        assert accepts("actions", {"schema": "kam-actions/1", "actions": [{**action, "how": how}]}) is fine


@pytest.mark.parametrize("id_", ["a", "s1.1", "a-b_c", "", "A", "a b", "a.", "-a", "ä", "a..b"])
def test_slugs_are_described_by_their_pattern(id_):
    content = {"schema": "kam-answers/1", "questionnaire": id_, "date": "2026-11-21"}
    assert accepts("answers", content) == (problems_of(lambda: read_assessment(document(dumped(content)))) == [])


def test_the_expected_files_are_plain_yaml():
    """The reader of these tests and the ordinary YAML reader see the same questionnaire."""
    path = VECTORS / "mini" / "questionnaire.yaml"
    ordinary = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert as_read(path)["dimensions"][0]["id"] == ordinary["dimensions"][0]["id"]
