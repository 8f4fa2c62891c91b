from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from assess.cli.main import run
from assess.resources import SAMPLES

ANSWERS = str(SAMPLES / "advanced.answers.yaml")
HEADER = "organisation,questionnaire,version,completed_on,industry,region,size,s1,s2,s3,s4,s5,s6,s7\n"


def rows(first: int, last: int) -> str:
    random = Random(first)
    return HEADER + "".join(
        f"Org {n},kam-seven-steps,1.0.0,2026-05-0{1 + n % 9},food,eu,50-249,"
        + ",".join(f"{random.randrange(100, 501) / 100}" for _ in range(7))
        + "\n"
        for n in range(first, last)
    )


@pytest.fixture
def house(tmp_path, monkeypatch):
    """Switches between installations: house("a") makes the following commands run in a's data folder."""

    def switch(name: str) -> None:
        monkeypatch.setenv("KAM_DATA_DIR", str(tmp_path / name))

    monkeypatch.chdir(tmp_path)
    Path("forty.csv").write_text(rows(0, 40))
    Path("late.csv").write_text(rows(40, 41))
    Path("others.csv").write_text(rows(100, 130))
    switch("a")
    return switch


@pytest.fixture
def said(capsys):
    def command(*arguments: str, code: int = 0) -> str:
        assert run(list(arguments)) == code
        shown = capsys.readouterr()
        return shown.err if code else shown.out

    return command


def compared(said, *more: str) -> dict:
    return json.loads(said("benchmark", ANSWERS, *more, "--format", "json"))


def test_rows_become_a_signed_file_that_can_be_compared_with(house, said):
    assert "Imported 40 rows" in said("peers", "import", "forty.csv")
    assert "Release 1: 6 groups" in said("peers", "release")
    assert "Signed with the key" in said("peers", "export", "-o", "pool.json", "--name", "House A")
    found = compared(said, "--peers", "pool.json", "--industry", "food")
    assert (found["group"], found["n"], found["n_to"]) == ({"industry": "food"}, 40, 44)
    assert [source["name"] for source in found["sources"]] == ["House A"]
    exact = compared(said, "--peers", "forty.csv", "--industry", "food")
    assert (exact["n"], exact["n_to"], exact["sources"]) == (40, None, [])
    for step, at in exact["dimensions"].items():
        for name in ("median", "q1", "q3", "p10", "p90"):
            assert abs(at[name] - found["dimensions"][step][name]) <= 0.01


def test_the_text_names_group_count_dates_version_release_and_key(house, said):
    said("peers", "import", "forty.csv")
    said("peers", "release")
    said("peers", "export", "-o", "pool.json", "--name", "House A")
    text = said("benchmark", ANSWERS, "--peers", "pool.json", "--region", "mars")
    for part in (
        "organisations: 40-44",
        "Asked for: region = mars",
        "2026-04-01 to 2026-06-30",
        "1.0.0",
        "House A, release 1 of",
        "key ",
    ):
        assert part in text
    assert "地区" in said("benchmark", ANSWERS, "--peers", "pool.json", "--region", "mars", "--lang", "zh-Hans")


def test_a_late_row_changes_no_byte_of_the_file(house, said):
    said("peers", "import", "forty.csv")
    said("peers", "release")
    said("peers", "export", "-o", "one.json", "--name", "House A")
    said("peers", "import", "late.csv")
    assert "waiting until five can enter together: 1" in said("peers", "release")
    said("peers", "export", "-o", "two.json")
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()


def test_a_file_of_an_unknown_key_is_refused_until_it_is_trusted(house, said):
    house("b")
    said("peers", "import", "others.csv")
    said("peers", "release")
    said("peers", "export", "-o", "b.json", "--name", "House B")
    key = json.loads(said("peers", "keys", "--format", "json"))["own"]
    house("a")
    said("peers", "import", "forty.csv")
    said("peers", "release")
    assert "not trusted here" in said("benchmark", ANSWERS, "--peers", "b.json", code=2)
    assert "not trusted here" in said("peers", "import", "b.json", code=2)
    said("peers", "trust", key["key"], "--name", "House B")
    assert "House B" in said("peers", "keys")
    assert "Imported release 1 of House B" in said("peers", "import", "b.json")
    assert compared(said, "--pool")["n"] == 70
    assert "is here already" in said("peers", "import", "b.json", code=2)
    assert "House B" in said("peers", "list")
    assert "releases erased: 1" in said("peers", "distrust", key["fingerprint"])
    assert compared(said, "--pool")["n"] == 40
    assert "not trusted here" in said("benchmark", ANSWERS, "--peers", "b.json", code=2)


def test_files_of_several_houses_are_pooled(house, said):
    for name in ("b", "c"):
        house(name)
        said("peers", "import", "others.csv" if name == "b" else "forty.csv")
        said("peers", "release")
        said("peers", "export", "-o", f"{name}.json", "--name", f"House {name}")
        key = json.loads(said("peers", "keys", "--format", "json"))["own"]["key"]
        house("a")
        said("peers", "trust", key, "--name", name)
    found = compared(said, "--peers", "b.json", "--peers", "c.json")
    assert (found["n"], len(found["sources"])) == (70, 2)
    assert "Pooled from several installations" in said("benchmark", ANSWERS, "--peers", "b.json", "--peers", "c.json")
    assert "only one such file" in said("benchmark", ANSWERS, "--peers", "b.json", "--peers", "forty.csv", code=2)
    assert "only one such file" in said("benchmark", ANSWERS, "--peers", "late.csv", "--peers", "forty.csv", code=2)


def test_groups_and_sources_are_listed_and_a_file_can_be_erased(house, said):
    assert "There are no peers yet" in said("peers", "list")
    assert "No group can be shown yet" in said("peers", "groups")
    said("peers", "import", "forty.csv")
    said("peers", "release")
    assert "industry = food, region = eu, size = 50-249" in said("peers", "groups")
    listed = json.loads(said("peers", "list", "--format", "json"))
    assert [(source["id"], source["rows"]) for source in listed["sources"]] == [(1, 40)]
    assert "Erased" in said("peers", "remove", "1")
    assert json.loads(said("peers", "list", "--format", "json"))["sources"] == []
    assert "there is no imported file 1" in said("peers", "remove", "1", code=2)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("benchmark", ANSWERS), "give either --peers FILE or --pool"),
        (("benchmark", ANSWERS, "--pool", "--peers", "forty.csv"), "give either --peers FILE or --pool"),
        (("peers", "release"), "there are no peer rows"),
        (("peers", "export", "-o", "x.json"), "there is no release"),
        (("peers", "export", "-o", "nowhere/x.json"), "there is no folder"),
        (("peers", "import", "none.csv"), "none.csv"),
        (("peers", "trust", "xyz", "--name", "x"), "is not a public key"),
        (("peers", "distrust", "xyz"), "there is no trusted key"),
        (("peers", "release", "--questionnaire", "none"), "none"),
    ],
)
def test_what_cannot_be_done_is_said(house, said, arguments, problem):
    assert problem in said(*arguments, code=2)


def test_without_a_release_the_pool_says_how_many_are_missing(house, said):
    assert "5 more organisations are needed" in said("benchmark", ANSWERS, "--pool")


def test_a_report_reads_an_exchange_file(house, said):
    said("peers", "import", "forty.csv")
    said("peers", "release")
    said("peers", "export", "-o", "pool.json", "--name", "House A")
    said("report", ANSWERS, "-o", "report.json", "--peers", "pool.json")
    benchmark = json.loads(Path("report.json").read_text())["benchmark"]
    facts = {fact["name"]: fact["text"] for fact in benchmark["facts"]}
    assert "40–44 organisations" in facts.values()
    assert any("House A, release 1" in text for text in facts.values())
    assert benchmark["rows"][0]["peers"] == "40+"
