"""kam-assess score, roadmap, benchmark, as scripts use them."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import VECTORS, Command

PANEL = VECTORS / "panel.answers.yaml"
MINI = ("--questionnaires", VECTORS)
SAMPLE = Path("questionnaires/samples/beginner.answers.yaml").absolute()


@pytest.mark.parametrize("name", ["panel", "self", "band-edges", "insufficient", "not-applicable"])
def test_score_prints_the_scorecard_of_every_vector(command: Command, name: str) -> None:
    result = command("score", VECTORS / f"{name}.answers.yaml", *MINI, "--format", "json")
    expected = json.loads((VECTORS / f"{name}.scorecard.json").read_text())
    assert (result.code, result.err) == (0, "")
    found = json.loads(result.out)
    assert {key: found[key] for key in expected} == expected
    assert found["questionnaire"]["id"] == "mini"
    assert found["modules"] == []


def test_questionnaires_may_stand_before_the_command(command: Command) -> None:
    assert command(*MINI, "score", PANEL).code == 0


def test_json_answers_are_read_like_yaml(command: Command, tmp_path: Path) -> None:
    answers = {
        "schema": "kam-answers/1",
        "questionnaire": "mini",
        "date": "2026-11-21",
        "respondents": [{"id": "r1", "role": "kam", "answers": {"s1.1": 3, "s1.2": {"level": 4, "comment": "\U0001f600 好"}}}],
    }
    (tmp_path / "a.json").write_text(json.dumps(answers))
    result = command("score", "a.json", *MINI, "--format", "json")
    assert result.code == 0
    assert json.loads(result.out)["items"][1]["score"] == 4.0


def test_score_reads_standard_input() -> None:
    program = [sys.executable, "-m", "assess.cli.main", "score", "-", *map(str, MINI), "--format", "json"]
    done = subprocess.run(program, input=PANEL.read_bytes(), capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["overall"]["score"] == 2.562


@pytest.mark.parametrize(("language", "word"), [("en", "Organisational"), ("zh-Hant", "組織"), ("zh-Hans", "组织")])
def test_people_read_the_score_in_their_language(command: Command, language: str, word: str) -> None:
    result = command("score", SAMPLE, "--lang", language)
    assert result.code == 0
    assert word in result.out
    assert {"en": "SAMPLE DATA", "zh-Hant": "範例資料", "zh-Hans": "示例数据"}[language] in result.out


def test_sample_data_is_marked_in_every_json(command: Command, tmp_path: Path) -> None:
    (tmp_path / "peers.csv").write_text(
        "organisation,questionnaire,version,completed_on,s1\nA,kam-seven-steps,1.0.0,2026-01-01,3\n"
    )
    for arguments in (["score"], ["roadmap"], ["benchmark", "--peers", "peers.csv"]):
        result = command(arguments[0], SAMPLE, *arguments[1:], "--format", "json")
        assert json.loads(result.out)["sample"] is True


def test_a_confidential_scorecard_names_nobody(command: Command, tmp_path: Path) -> None:
    straight = "".join(f"s{d}.{i}: 5, " for d, last in ((1, 4), (2, 3), (3, 2)) for i in range(1, last + 1))
    people = "".join(f"- {{id: somebody-{n}, role: kam, answers: {{{straight}}}}}\n" for n in range(2))
    for confidential in ("true", "false"):
        (tmp_path / "a.yaml").write_text(f"{HEAD}confidential: {confidential}\nrespondents:\n{people}")
        found = command("score", "a.yaml", *MINI, "--format", "json")
        flags = [flag["kind"] for flag in json.loads(found.out)["flags"]]
        assert "straight_line" in flags
        assert ("somebody" in found.out) is (confidential == "false")
    assert json.loads(found.out)["dimensions"][0]["roles"] == {"kam": {"score": 5.0, "n": 2}}


def test_an_integrity_alert_stands_beside_the_score(command: Command, tmp_path: Path) -> None:
    head = "schema: kam-answers/1\nquestionnaire: kam-seven-steps\nmodules: [relationships-integrity]\ndate: 2026-11-21\n"
    answers = "ri.1: 4, ri.2: 4, ri.3: 4, ri.4: 4, ri.5: 1, ri.6: 3"
    (tmp_path / "a.yaml").write_text(f"{head}respondents:\n- {{id: r1, role: kam, answers: {{{answers}}}}}\n")
    text = command("score", "a.yaml").out
    assert "Integrity alert: ri.5 stands at 1.00; no score offsets this." in text
    found = json.loads(command("score", "a.yaml", "--format", "json").out)
    assert [flag["items"] for flag in found["flags"] if flag["kind"] == "integrity"] == [["ri.5"]]
    assert found["modules"][0]["overall"]["score"] == 4.0


def test_roadmap_prints_the_plan(command: Command) -> None:
    result = command("roadmap", SAMPLE, "--format", "json", "--start", "2027-01-04", "--capacity", "3")
    plan = json.loads(result.out)
    assert (plan["schema"], plan["start"], plan["capacity"]) == ("kam-roadmap/1", "2027-01-04", 3)
    assert plan["initiatives"]
    for initiative in plan["initiatives"]:
        running = [
            other for other in plan["initiatives"] if other["start_week"] <= initiative["start_week"] < other["end_week"]
        ]
        assert len(running) <= 3
        assert initiative["start"] >= "2027-01-04"
    assert plan["no_action"] == []
    assert [entry["horizon"] for entry in plan["projection"]][:5] == [
        "mobilise",
        "quick_wins",
        "introduce",
        "embed",
        "optimise",
    ]


def test_the_plan_starts_on_the_first_monday_by_default(command: Command) -> None:
    plan = json.loads(command("roadmap", PANEL, *MINI, "--format", "json").out)
    assert plan["start"] == "2026-11-23"


def test_benchmark_shows_what_the_number_of_peers_allows(command: Command, tmp_path: Path) -> None:
    lines = ["organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3"]
    lines += [f"Peer {n},mini,1.0.{n},2026-0{1 + n % 9}-01,machinery,eu,50-249,{1 + n % 4}.5,2,3" for n in range(12)]
    (tmp_path / "peers.csv").write_text("\n".join(lines))
    arguments = ("benchmark", PANEL, *MINI, "--peers", "peers.csv", "--format", "json")
    found = json.loads(command(*arguments, "--industry", "machinery", "--size", "5000+").out)
    assert (found["group"], found["n"], found["missing"]) == ({"industry": "machinery"}, 12, 0)
    assert found["dimensions"]["s1"]["p10"] is not None
    assert found["dimensions"]["s1"]["rank"] is None
    assert json.loads(command(*arguments).out)["group"] == {}


def test_benchmark_says_how_many_peers_are_missing(command: Command, tmp_path: Path) -> None:
    (tmp_path / "peers.csv").write_text("organisation,questionnaire,version,completed_on,s1\nA,mini,1.0.0,2026-01-01,3\n")
    result = command("benchmark", PANEL, *MINI, "--peers", "peers.csv")
    assert result.code == 0
    assert "4 more organisations are needed" in result.out


HEAD = "schema: kam-answers/1\nquestionnaire: mini\ndate: 2026-11-21\n"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ["a.yaml:1: is empty"]),
        ("schema: [", ["a.yaml:2: is not valid YAML"]),
        (
            "schema: kam-answers/2\nquestionnaire: mini\ndate: 2026-02-30\n",
            ["a.yaml:1: schema: must be one of 'kam-answers/1'", "a.yaml:3: date: is not a day of the calendar"],
        ),
        (
            HEAD + "respondents:\n- id: r1\n  role: boss\n  answers: {s1.1: 0, s1.2: 6, s9.9: 3}\n",
            [
                "a.yaml:6: respondents[r1].role: there is no role boss",
                "a.yaml:7: respondents[r1].answers.s1.1.level: must be a level from 1 to 5",
                "a.yaml:7: respondents[r1].answers.s1.2.level: must be a level from 1 to 5",
                "a.yaml:7: respondents[r1].answers.s9.9: there is no item s9.9 in mini",
            ],
        ),
        (
            HEAD + "respondents:\n- {id: r1, role: boss, answers: {s9.9: 3}}\n- {id: r1, role: kam}\nconsensus: {s8.8: 3}\n",
            [
                "a.yaml:5: respondents[r1].role: there is no role boss",
                "a.yaml:5: respondents[r1].answers.s9.9: there is no item s9.9 in mini",
                "a.yaml:6: respondents[r1].id: the respondent r1 is there twice (first in line 5)",
                "a.yaml:7: consensus.s8.8: there is no item s8.8 in mini",
            ],
        ),
        (
            "schema: kam-answers/1\nquestionnaire: nothing\ndate: 2026-11-21\n",
            ["a.yaml:2: questionnaire: there is no questionnaire nothing"],
        ),
        (
            HEAD + "modules: [mini, other]\n",
            ["a.yaml:4: modules[1]: there is no questionnaire other", "a.yaml:4: modules[0]: mini is not a module"],
        ),
        (HEAD.replace("2026-11-21", "9999-12-31"), ["a.yaml:3: date: must be at most 2999-12-31"]),
        (HEAD + "version: 2.0.0\n", ["a.yaml:4: version: was answered with version 2.0.0; mini here is 1.0.0"]),
    ],
)
def test_a_wrong_file_is_refused_with_every_problem_at_once(
    command: Command, tmp_path: Path, content: str, expected: list[str]
) -> None:
    (tmp_path / "a.yaml").write_text(content)
    for name in ("score", "roadmap"):
        result = command(name, "a.yaml", *MINI)
        assert (result.code, result.out) == (2, "")
        lines = result.err.splitlines()
        assert len(lines) == len(expected)
        for line, start in zip(lines, expected, strict=True):
            assert line.startswith(start)


def test_a_missing_file_or_folder_is_said(command: Command) -> None:
    assert command("score", "none.yaml") == (2, "", "none.yaml: there is no such file\n")
    assert command("score", PANEL, "--questionnaires", "nowhere") == (2, "", "nowhere: there is no such folder\n")
    assert command("score", ".").code == 2


def test_a_plan_cannot_start_where_the_calendar_ends(command: Command) -> None:
    assert command("roadmap", PANEL, *MINI, "--start", "2999-12-31").code == 0
    result = command("roadmap", PANEL, *MINI, "--start", "9999-12-01")
    assert (result.code, result.out) == (2, "")
    assert "9999-12-01 is after 2999-12-31" in result.err


def test_a_closed_standard_input_is_said() -> None:
    program = shlex.join([sys.executable, "-m", "assess.cli.main", "score", "-", *map(str, MINI)])
    done = subprocess.run(f"{program} <&-", shell=True, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "<stdin>: cannot be read: Bad file descriptor\n")


def test_wrong_words_on_the_command_line_are_input_errors(command: Command) -> None:
    for arguments in (["nothing"], ["score"], ["score", PANEL, "--format", "xml"], ["roadmap", PANEL, "--start", "soon"]):
        result = command(*arguments)
        assert result.code == 2
        assert "Traceback" not in result.err


def test_a_bad_peers_file_names_its_lines(command: Command, tmp_path: Path) -> None:
    (tmp_path / "peers.csv").write_text("organisation,questionnaire,version,completed_on,s1\nA,mini,one,2026-13-01,9\n")
    result = command("benchmark", PANEL, *MINI, "--peers", "peers.csv")
    assert result.code == 2
    assert [line.split(": ")[:2] for line in result.err.splitlines()] == [
        ["peers.csv:2", "version"],
        ["peers.csv:2", "completed_on"],
        ["peers.csv:2", "s1"],
    ]


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    program = [sys.executable, "-X", "importtime", "-m", "assess.cli.main", "--help"]
    done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=60)
    for heavy in ("flask", "sqlalchemy", "pydantic", "weasyprint", "jinja2", "yaml", "babel"):
        assert f"| {heavy}\n" not in done.stderr.replace("  ", "")
    times: dict[tuple[str, ...], list[float]] = {("-m", "assess.cli.main", "--help"): [], ("-c", "import click"): []}
    for _ in range(7):
        for arguments, taken in times.items():
            before = os.times()
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True, timeout=60)
            after = os.times()
            taken.append(after.children_user + after.children_system - before.children_user - before.children_system)
    whole, bare = (min(taken) for taken in times.values())
    assert whole < 2.5 * bare


def test_a_closed_pipe_is_no_traceback() -> None:
    program = [sys.executable, "-m", "assess.cli.main", "score", str(PANEL), *map(str, MINI), "--format", "json"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(program, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writer)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-Hant", ["範例資料：虛構的公司", "整體", "拖住的項目", "若完成且有效"]),
        ("zh-Hans", ["示例数据：虚构的公司", "整体", "拖住的项目", "若完成且有效"]),
    ],
)
def test_the_command_line_speaks_the_language_asked_for(command: Command, language: str, words: list[str]) -> None:
    text = command("score", SAMPLE, "--lang", language).out + command("roadmap", SAMPLE, "--lang", language).out
    assert [word for word in words if word not in text] == []


def test_problems_are_told_in_the_reader_s_language(command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("schema: kam-answers/1\nquestionnaire: nope\ndate: 2026-02-30\n")
    assert (
        command("score", "a.yaml", "--lang", "zh-Hans").err
        == "a.yaml:2: questionnaire: 没有 nope 这个问卷\na.yaml:3: date: 不是日历上存在的日期\n"
    )
    monkeypatch.setenv("KAM_LANGUAGE", "zh-Hant")
    assert command("score", "a.yaml").err.startswith("a.yaml:2: questionnaire: 沒有 nope 這個問卷\n")
    assert command("score", "a.yaml", "--lang=en").err.startswith("a.yaml:2: questionnaire: there is no questionnaire nope\n")
