"""kam-assess compare, and report --earlier."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assess.content.questionnaires import load_folder
from assess.resources import SAMPLES
from tests.cli.conftest import VECTORS, Command

ITEMS = [item.id for item in load_folder(VECTORS / "mini").items]
MINI = ("--questionnaires", VECTORS)
NOW, BEFORE = SAMPLES / "advanced.answers.yaml", SAMPLES / "earlier" / "advanced.answers.yaml"


def answers(tmp_path: Path, name: str, day: str, level: int, **more: str) -> Path:
    items = "".join(f"    {id_}: {level}\n" for id_ in ITEMS)
    text = f"schema: kam-answers/1\nquestionnaire: mini\ndate: {day}\nrespondents:\n- id: r1\n  role: kam\n  answers:\n{items}"
    path = tmp_path / name
    path.write_text(text + "".join(f"{key}: {value}\n" for key, value in more.items()))
    return path


def test_two_files_of_one_questionnaire_are_compared_step_by_step(command: Command, tmp_path: Path) -> None:
    old, new = answers(tmp_path, "old.yaml", "2025-11-21", 2), answers(tmp_path, "new.yaml", "2026-11-21", 4)
    result = command("compare", old, new, *MINI)
    assert (result.code, result.err) == (0, "")
    first = next(line for line in result.out.splitlines() if line.startswith("s1"))
    assert first.split() == ["s1", "One", "2.00", ">", "4.00", "+2.00", "2.00", ">", "3.00", "+1.00", "no", "cause", "found"]
    assert "Risen without evidence: s1.1, s1.2" in result.out


def test_programs_get_the_same_as_json(command: Command, tmp_path: Path) -> None:
    old, new = answers(tmp_path, "old.yaml", "2025-11-21", 2), answers(tmp_path, "new.yaml", "2026-11-21", 4)
    shown = json.loads(command("compare", old, new, *MINI, "--format", "json").out)
    assert (shown["schema"], shown["comparable"]) == ("kam-progress/1", True)
    assert shown["overall"]["change"] == 2.0
    assert shown["earlier"]["date"] == "2025-11-21"


def test_the_samples_of_last_year_and_now_tell_of_initiatives_and_rises_without_evidence(command: Command) -> None:
    result = command("compare", BEFORE, NOW)
    assert result.code == 0
    assert result.out.startswith("SAMPLE DATA")
    assert "RISE WITHOUT EVIDENCE" in result.out
    assert "Initiatives due: 17; with all they lift where it was to be: 10" in result.out


@pytest.mark.parametrize("language", ["zh-Hant", "zh-Hans"])
def test_people_read_it_in_their_language(command: Command, language: str) -> None:
    out = command("compare", BEFORE, NOW, "--lang", language).out
    assert "claimed" not in out
    assert "RISE" not in out


def test_other_questionnaires_are_refused_without_a_traceback(command: Command, tmp_path: Path) -> None:
    result = command("compare", BEFORE, answers(tmp_path, "new.yaml", "2026-11-21", 4), *MINI)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "only runs of the same questionnaire can be compared: the earlier one is of kam-seven-steps, the later of mini\n"
    )


def test_the_files_the_wrong_way_round_are_refused(command: Command) -> None:
    result = command("compare", NOW, BEFORE)
    assert result.code == 2
    assert "the earlier run is dated 2026-11-18, after the later one of 2025-11-19" in result.err


def test_an_older_major_version_is_read_with_its_own_questionnaire(command: Command, tmp_path: Path) -> None:
    folder = shutil.copytree(VECTORS / "mini", tmp_path / "new" / "mini")
    source = (folder / "questionnaire.yaml").read_text(encoding="utf-8")
    (folder / "questionnaire.yaml").write_text(source.replace("version: 1.0.0", "version: 2.0.0"), encoding="utf-8")
    old = answers(tmp_path, "old.yaml", "2025-11-21", 2, version="1.0.0")
    new = answers(tmp_path, "new.yaml", "2026-11-21", 4, version="2.0.0")
    refused = command("compare", old, new, "--questionnaires", tmp_path / "new")
    assert refused.code == 2
    result = command("compare", old, new, "--questionnaires", tmp_path / "new", "--earlier-questionnaires", VECTORS)
    assert result.code == 0
    assert "Not comparable: a new major version changes what scores mean" in result.out
    assert "+2.00" not in result.out


def test_a_report_with_an_earlier_file_has_the_section_on_progress(command: Command, tmp_path: Path) -> None:
    old, new = answers(tmp_path, "old.yaml", "2025-11-21", 2), answers(tmp_path, "new.yaml", "2026-11-21", 4)
    assert command("report", new, *MINI, "-o", "a.json", "--earlier", old).code == 0
    assert json.loads((tmp_path / "a.json").read_text())["progress"]["is_comparable"] is True
    assert command("report", new, *MINI, "-o", "a.html", "--earlier", old).code == 0
    assert 'class="part progress"' in (tmp_path / "a.html").read_text()


def test_a_report_with_a_file_that_is_not_earlier_is_refused_and_writes_nothing(command: Command, tmp_path: Path) -> None:
    old, new = answers(tmp_path, "old.yaml", "2025-11-21", 2), answers(tmp_path, "new.yaml", "2026-11-21", 4)
    result = command("report", old, *MINI, "-o", "a.json", "--earlier", new)
    assert result.code == 2
    assert "after the later one" in result.err
    assert not (tmp_path / "a.json").exists()
