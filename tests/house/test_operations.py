"""The operations guide, followed word for word, and what it says of commands and settings held against the program."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

import click
import pytest
from sqlalchemy import select

from assess.cli.main import kam_assess, run
from assess.config import read_settings
from assess.storage.engine import Storage
from assess.storage.tables import membership
from tests.databases import free_port, postgresql_server

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "operations.md"
NAME = re.compile(r"KAM_[A-Z_]++(?!\.\.\.)")
ELSEWHERE = {"KAM_DEBUG"}
"""Variables that are no settings: read before there are any."""


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    spec = importlib.util.spec_from_file_location("follow_operations", ROOT / "scripts" / "follow_operations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def settings() -> set[str]:
    """Every variable that the program reads as a setting."""
    return set(NAME.findall((ROOT / "assess" / "config.py").read_text()))


def variables_of(text: str) -> set[str]:
    return {name.removesuffix("_FILE") for name in NAME.findall(text)}


def words_of(line: str) -> list[str]:
    """The words after `kam-assess` of a command line; empty for a line without it."""
    words = shlex.split(line, comments=True)
    started = re.compile(r"(?:.*/)?bin/kam-assess|kam-assess")
    places = [number for number, word in enumerate(words) if started.fullmatch(word) and words[0] != "systemctl"]
    return words[places[0] + 1 :] if places else []


def refused(words: list[str]) -> str:
    """Why the command line of the program has no such command or option; empty where it has."""
    command: click.Command = kam_assess
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(click.Context(command), words[0])
        if found is None:
            return f"no command {words[0]}"
        command, words = found, words[1:]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    given = {word.split("=")[0] for word in words if word.startswith("--")}
    return " ".join(sorted(given - known - {"--help", "--version"}))


def commands_of(page: Path) -> list[str]:
    blocks = re.findall(r"^ *```sh[^\n]*\n(.*?)^ *```", page.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def test_every_setting_stands_in_the_guide_and_every_variable_of_the_guide_exists() -> None:
    page = PAGE.read_text()
    assert settings() - variables_of(page) == set()
    assert variables_of(page) - settings() - ELSEWHERE == set()


@pytest.mark.parametrize("page", [PAGE, ROOT / "README.md"], ids=lambda page: page.stem)
def test_every_command_of_a_page_exists_with_its_options(page: Path) -> None:
    lines = commands_of(page)
    assert any(words_of(line) for line in lines)
    assert {line: why for line in lines if (why := refused(words_of(line)))} == {}


def test_a_command_that_does_not_exist_is_found() -> None:
    assert refused(["db", "downgrade"]) == "no command downgrade"
    assert refused(["user", "add", "ada@example.org", "--nickname", "A"]) == "--nickname"
    assert refused(words_of('sudo .venv/bin/kam-assess user add ada@example.org --name "Ada L."  # first')) == ""


def test_every_make_target_of_a_page_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {
        target
        for page in (PAGE, ROOT / "README.md", ROOT / "docs" / "architecture.md")
        for target in re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)", page.read_text(), re.MULTILINE)
    }
    assert {name for pair in named for name in pair if name} - targets == set()


def test_marks_outcomes_and_chapters_are_read_from_the_page(script: ModuleType) -> None:
    text = "## One\n```sh\nmake no\n```\n1. so:\n   ```sh follow background install\n   make it\n   #> it ... made\n   ```\n"
    (block,) = script.read_blocks(text)
    assert (block.chapter, block.line, block.commands, block.outcomes) == ("One", 6, "make it", ("it ... made",))
    assert block.needs == {"install"}


def test_a_mark_that_does_not_exist_is_refused(script: ModuleType) -> None:
    with pytest.raises(script.Departed, match="line 2: no such mark: backgruond"):
        script.read_blocks("## One\n```sh follow backgruond\nmake it\n```\n")


def page_with(folder: Path, text: str) -> Path:
    (folder / "docs").mkdir()
    (folder / "docs" / "operations.md").write_text(f"## One\n{text}")
    return folder


@pytest.mark.parametrize(
    ("commands", "told"),
    [
        ("echo yes\n#> no", "this did not come: no"),
        ("echo b\necho a\n#> a\n#> b", "this did not come: b"),
        ("false\necho yes", "it ended with 1"),
    ],
    ids=["another outcome", "another order", "a failure in the middle"],
)
def test_the_first_block_that_goes_another_way_is_told_with_its_line(
    script: ModuleType, tmp_path: Path, commands: str, told: str
) -> None:
    source = page_with(tmp_path, f"```sh follow\n{commands}\n```\n")
    with pytest.raises(script.Departed, match=re.escape(told)) as departed:
        script.follow(source, script.Way(say=str))
    assert "operations.md:2 (One)" in str(departed.value)


def test_variables_and_folders_last_for_a_chapter_and_servers_end_with_it(script: ModuleType, tmp_path: Path) -> None:
    text = (
        "```sh follow\nmkdir deep && cd deep\nexport GREETING='good morning'\n```\n"
        "```sh follow\necho $GREETING from $PWD\n#> good morning from ...deep\n```\n"
        f"```sh follow background\necho $$ > {tmp_path}/pid; echo ready; exec sleep 600\n#> ready\n```\n"
        "```sh follow wait\nps -p $(cat " + f"{tmp_path}/pid" + ")\n#> sleep\n```\n"
        "```sh follow root\nexit 1\n```\n"
        "## Two\n```sh follow\necho ${GREETING-nobody}\n#> nobody\n```\n"
    )
    assert script.follow(page_with(tmp_path, text), script.Way(say=str)) == 5
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def administrator(folder: Path, port: int) -> Path:
    """A `sudo` that asks the tests' own PostgreSQL server instead of the machine's."""
    folder.mkdir()
    program = folder / "sudo"
    program.write_text(f'#!/bin/sh\nshift 2\nexport PGHOST=127.0.0.1 PGPORT={port} PGUSER=kam PGDATABASE=postgres\nexec "$@"\n')
    program.chmod(0o755)
    return folder


@pytest.mark.timeout(600)
def test_the_guide_leads_where_it_says(script: ModuleType, tmp_path: Path) -> None:
    """All that needs neither root nor the network, from the first start over PostgreSQL to the way back from an upgrade."""
    said: list[str] = []
    with postgresql_server() as url:
        port = urlsplit(url).port
        assert port is not None
        way = script.Way(
            allowed=frozenset({"postgresql"}),
            environment=Path(sys.executable).parent.parent,
            instead={"8017": str(free_port()), "5432": str(port)},
            path=(administrator(tmp_path / "bin", port),),
            variables={"WEB_CONCURRENCY": "1"},
            say=said.append,
        )
        count = script.follow(ROOT, way)
    assert count >= 12
    chapters = {line.removeprefix("== ") for line in said if line.startswith("== ")}
    assert {"One machine", "The first admin", "PostgreSQL", "Several machines", "Upgrade and rollback"} <= chapters


def test_every_first_user_of_the_page_is_an_admin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commands = [words for line in commands_of(PAGE) if (words := words_of(line))[:2] == ["user", "add"]]
    assert len(commands) == 3
    for number, words in enumerate(commands):
        monkeypatch.setenv("KAM_DATA_DIR", str(tmp_path / str(number)))
        assert run(words) == 0
        storage = Storage(read_settings().database_url)
        with storage.reading() as connection:
            assert connection.scalars(select(membership.c.role)).all() == ["admin"]
        storage.close()
