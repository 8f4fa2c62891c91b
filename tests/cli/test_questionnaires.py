"""kam-assess questionnaire list, lint, schema."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.cli.conftest import VECTORS, Command


def test_list_shows_what_ships_and_what_is_added(command: Command) -> None:
    listed = json.loads(command("questionnaire", "list", "--format", "json", "--questionnaires", VECTORS).out)
    assert {"mini", "kam-seven-steps"} <= {one["id"] for one in listed}
    core = next(one for one in listed if one["id"] == "kam-seven-steps")
    assert (core["items"], core["dimensions"], core["kind"]) == (42, 7, "core")
    assert "kam-seven-steps 1.0.0" in command("questionnaire", "list", "--lang", "zh-Hant").out


def test_everything_that_ships_is_in_order(command: Command) -> None:
    result = command("questionnaire", "lint")
    assert (result.code, result.err) == (0, "")
    assert "kam-seven-steps 1.0.0 is in order: 42 items" in result.out


def test_everything_that_ships_bears_the_strict_look(command: Command) -> None:
    result = command("questionnaire", "lint", "--strict")
    assert (result.code, result.err) == (0, "")


def test_advice_fails_only_when_asked_to(command: Command) -> None:
    result = command("questionnaire", "lint", VECTORS / "mini")
    assert result.code == 0
    assert all(line.startswith(f"advice: {VECTORS / 'mini'}/") for line in result.err.splitlines())
    assert "no action lifts it" in result.err
    assert command("questionnaire", "lint", "--strict", VECTORS / "mini").code == 2


def test_advice_comes_after_problems(command: Command, tmp_path: Path) -> None:
    result = command("questionnaire", "lint", VECTORS / "mini", tmp_path)
    assert result.code == 2
    assert "there is no questionnaire.yaml in it" in result.err.splitlines()[0]
    assert result.err.splitlines()[1].startswith("advice: ")


def test_lint_names_every_problem_of_every_file(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "mini"
    shutil.copytree(VECTORS / "mini", folder)
    text = (folder / "questionnaire.yaml").read_text()
    (folder / "questionnaire.yaml").write_text(text.replace("  requires: []", "  requires: [s9]\n  colour: red", 1))
    (folder / "actions.yaml").write_text("schema: kam-actions/1\nactions: [{id: a}]\n")
    result = command("questionnaire", "lint", folder)
    assert result.code == 2
    assert "questionnaire.yaml:100: dimensions[s1].colour: is not a known key" in result.err.replace(f"{folder}/", "")
    assert "actions.yaml:2: actions[a].title: is missing" in result.err
    assert "Traceback" not in result.err


def test_lint_of_a_folder_without_a_questionnaire_is_said(command: Command, tmp_path: Path) -> None:
    result = command("questionnaire", "lint", tmp_path)
    assert result.code == 2
    assert "there is no questionnaire.yaml in it" in result.err


def test_schema_prints_what_editors_need(command: Command) -> None:
    for name in ("questionnaire", "actions", "reference-points", "tiers", "account-rules", "answers"):
        schema = json.loads(command("questionnaire", "schema", name).out)
        assert schema["$schema"].startswith("https://json-schema.org/")
        committed = Path(__file__).parent.parent.parent / "docs" / "schema" / f"kam-{name}.schema.json"
        assert schema == json.loads(committed.read_text())
