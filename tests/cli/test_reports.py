"""kam-assess report and demo: whole files or none."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import VECTORS, Command

PANEL = VECTORS / "panel.answers.yaml"
MINI = ("--questionnaires", str(VECTORS))
SAMPLES = Path(__file__).parent.parent.parent / "questionnaires" / "samples"


@pytest.mark.parametrize(("name", "start"), [("a.pdf", b"%PDF-1.7"), ("a.html", b"<!doctype html>"), ("a.JSON", b"{")])
def test_the_ending_chooses_the_format(command: Command, tmp_path: Path, name: str, start: bytes) -> None:
    result = command("report", PANEL, *MINI, "-o", name)
    assert (result.code, result.out) == (0, "")
    assert (tmp_path / name).read_bytes().lower().startswith(start.lower())
    assert name in result.err


@pytest.mark.parametrize("name", ["a", "a.exe", "a.odt", "folder.pdf", "nowhere/a.pdf"])
def test_an_output_that_cant_be_is_refused_before_any_work(command: Command, tmp_path: Path, name: str) -> None:
    (tmp_path / "folder.pdf").mkdir()
    result = command("report", PANEL, *MINI, "-o", name)
    assert result.code == 2
    assert result.err.startswith(f"{name}: ")
    assert "Traceback" not in result.err


def test_a_wrong_answers_file_leaves_no_report(command: Command, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("schema: kam-answers/1\n")
    result = command("report", "a.yaml", "-o", "a.json")
    assert result.code == 2
    assert not (tmp_path / "a.json").exists()
    assert result.err.splitlines() == ["a.yaml:1: questionnaire: is missing", "a.yaml:1: date: is missing"]


def _with_little_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("the old report")
    program = [sys.executable, "-m", "assess.cli.main", "report", str(PANEL), *MINI, "-o", "a.json"]
    environment = os.environ | {"KAM_DATA_DIR": str(tmp_path / "data"), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        program,
        cwd=tmp_path,
        env=environment,
        preexec_fn=_with_little_disk,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "a.json: cannot be written: File too large" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "the old report"


def test_peers_stand_in_the_report(command: Command, tmp_path: Path) -> None:
    lines = ["organisation,questionnaire,version,completed_on,s1,s2,s3"]
    lines += [f"Rival {n},mini,1.0.0,2026-0{n + 1}-01,{1 + n % 4}.5,2,3" for n in range(6)]
    (tmp_path / "peers.csv").write_text("\n".join(lines))
    assert command("report", PANEL, *MINI, "-o", "a.json", "--peers", "peers.csv").code == 0
    content = json.loads((tmp_path / "a.json").read_text())
    assert content["benchmark"] is not None
    assert "Rival" not in (tmp_path / "a.json").read_text()


@pytest.mark.parametrize("language", ["en", "zh-Hant", "zh-Hans"])
def test_the_report_speaks_its_language_and_marks_the_sample(command: Command, tmp_path: Path, language: str) -> None:
    assert command("report", SAMPLES / "advanced.answers.yaml", "-o", "a.html", "--lang", language).code == 0
    html = (tmp_path / "a.html").read_text()
    assert f'<html lang="{language}"' in html
    mark = {"en": "Sample data", "zh-Hant": "範例", "zh-Hans": "示例"}[language]
    assert mark in html
    assert "http://" not in html.replace("http://www.w3.org", "")


def test_demo_writes_both_companies(command: Command, tmp_path: Path) -> None:
    result = command("demo", "-o", "out", "--lang", "en")
    assert result.code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "advanced.answers.yaml",
        "advanced.en.pdf",
        "beginner.answers.yaml",
        "beginner.en.pdf",
    ]
    assert "Harrow Flow Controls (sample): level 2 Scoping" in result.out
    assert "made up" in result.out


def test_demo_into_a_file_is_refused(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert command("demo", "-o", "file").code == 2
    assert command("demo", "-o", "file/inside").code == 2


def test_an_unknown_style_names_those_there_are(command: Command, tmp_path: Path) -> None:
    result = command("report", PANEL, *MINI, "-o", tmp_path / "x.json", "--style", "nope")
    assert result.code == 2
    assert "there is no report style nope (there are: full, brief, roadmap)" in result.err


def test_an_own_style_and_a_brand_are_taken(command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "styles" / "letter"
    folder.mkdir(parents=True)
    text = "schema: kam-report-style/1\nid: letter\nname: {en: L, zh-Hant: L, zh-Hans: L}\n"
    text += "summary: {en: s, zh-Hant: s, zh-Hans: s}\n"
    (folder / "report.yaml").write_text(text + "paper: letter\nsections: [summary]\n", encoding="utf-8")
    brand = tmp_path / "brand.yaml"
    brand.write_text('schema: kam-brand/1\nname: Northwind\nprimary: "#ffd400"\n', encoding="utf-8")
    output = tmp_path / "x.json"
    options = ("--style", "letter", "--reports", str(tmp_path / "styles"), "--brand", str(brand))
    result = command("report", PANEL, *MINI, "-o", output, *options)
    assert result.code == 0
    assert "#ffd400 has too little contrast on white paper" in result.err
    content = json.loads(output.read_text(encoding="utf-8"))
    assert (content["style"], content["paper"], content["sections"]) == ("letter", "letter", ["summary"])
    assert content["brand"]["name"] == "Northwind"


def test_every_problem_of_a_brand_file_is_said(command: Command, tmp_path: Path) -> None:
    brand = tmp_path / "brand.yaml"
    brand.write_text("schema: kam-brand/1\nprimary: blue\npaper: a3\n", encoding="utf-8")
    result = command("report", PANEL, *MINI, "-o", tmp_path / "x.json", "--brand", str(brand))
    assert result.code == 2
    assert "brand.yaml:2: primary:" in result.err
    assert "brand.yaml:3: paper:" in result.err


def test_a_folder_of_styles_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    result = command("report", PANEL, *MINI, "-o", tmp_path / "x.json", "--reports", str(tmp_path / "none"))
    assert result.code == 2
    assert "there is no such folder" in result.err
