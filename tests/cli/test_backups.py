"""kam-assess backup, restore, db check and db upgrade, as somebody at a terminal or in a script meets them."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from assess.storage import schema
from assess.storage.engine import Storage, sqlite_driver
from assess.usecases.presence import LOCK_FILE
from tests.cli.conftest import Command

CHECKS = [
    "engine",
    "pages",
    "references",
    "schema",
    "tables",
    "audit",
    "documents",
    "questionnaires",
    "snapshots",
    "brands",
    "keys",
]


@pytest.fixture
def data(tmp_path: Path, command: Command, prepared_sqlite: Path) -> Path:
    """The data folder of an installation with somebody in it."""
    (tmp_path / "data").mkdir(mode=0o700)
    shutil.copy(prepared_sqlite, tmp_path / "data" / "kam-assess.sqlite3")
    assert command("user", "add", "ada@example.org", "--workspace", "Ada").code == 0
    gc.collect()  # a command leaves its connections to the end of the process, which here goes on
    return tmp_path / "data"


def say_revision(data: Path, revision: str) -> None:
    with contextlib.closing(sqlite_driver().connect(str(data / "kam-assess.sqlite3"))) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_a_backup_is_made_tried_and_restored(command: Command, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = command("backup", "one.zip")
    assert (made.code, made.err) == (0, "")
    assert made.out.splitlines()[0] == f"Backup written and read again: {Path.cwd() / 'one.zip'}"
    assert "Files of the data folder: 1." in made.out
    tried = command("restore", "--check", "one.zip")
    assert tried.code == 0
    assert tried.out.endswith("Everything is in order.\n")
    assert command("restore", "one.zip").code == 2
    done = command("restore", "one.zip", "--replace")
    assert done.code == 0
    assert f"What was there before is in: {data}/replaced-" in done.out
    monkeypatch.setenv("KAM_DATA_DIR", str(data.parent / "elsewhere"))
    told = json.loads(command("restore", "one.zip", "--format", "json").out)
    assert (told["manifest"]["schema"], told["manifest"]["tables"]["person"], told["aside"]) == ("kam-backup/1", 1, [])
    assert command("db", "check").code == 0


def test_a_script_reads_what_was_written_and_where(command: Command, data: Path) -> None:
    Path("folder").mkdir()
    told = json.loads(command("backup", "folder", "--format", "json").out)
    assert Path(told["path"]).parent == Path.cwd() / "folder"
    assert (told["size"], told["manifest"]["keeps_key"]) == (Path(told["path"]).stat().st_size, True)


def test_what_cant_be_is_said_in_one_line_and_leaves_nothing(command: Command, data: Path) -> None:
    Path("there.zip").write_text("x")
    cases = [
        (("backup", "there.zip"), "is there already"),
        (("backup", "none/b.zip"), "there is no folder"),
        (("restore", "there.zip"), "is not a backup of kam-assess"),
        (("restore", "none.zip"), "cannot be read"),
        (("restore", "--check", "there.zip"), "is not a backup of kam-assess"),
    ]
    for words, reason in cases:
        result = command(*words)
        assert (result.code, result.out) == (2, ""), words
        assert reason in result.err
        assert "Traceback" not in result.err
    assert Path("there.zip").read_text() == "x"


@pytest.mark.parametrize(
    ("language", "whole", "refused"),
    [("zh-Hant", "一切正常。", "已有內容"), ("zh-Hans", "一切正常。", "已有内容")],
)
def test_everything_is_said_in_chinese_too(command: Command, data: Path, language: str, whole: str, refused: str) -> None:
    made = command("backup", f"{language}.zip", "--lang", language)
    checked = command("db", "check", "--lang", language)
    tried = command("restore", "--check", f"{language}.zip", "--lang", language)
    assert checked.out.splitlines()[-1] == whole
    assert refused in command("restore", f"{language}.zip", "--lang", language).err
    for line in (made.out + checked.out + tried.out + command("db", "upgrade", "--lang", language).out).splitlines():
        assert any("\u4e00" <= character <= "\u9fff" for character in line), line


def test_a_check_tells_programs_what_is_wrong_and_ends_with_1(command: Command, data: Path) -> None:
    told = json.loads(command("db", "check", "--format", "json").out)
    assert (told["schema"], told["is_sound"], told["revision"]) == ("kam-check/1", True, schema.newest())
    assert [one["name"] for one in told["checks"]] == CHECKS
    with contextlib.closing(sqlite_driver().connect(str(data / "kam-assess.sqlite3"))) as connection, connection:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("DELETE FROM workspace")
    result = command("db", "check", "--format", "json")
    assert result.code == 1
    (wrong,) = [one for one in json.loads(result.out)["checks"] if one["state"] == "wrong"]
    assert (wrong["name"], wrong["problems"]) == (
        "references",
        ["refers to a row that is not there: membership -> workspace, row 1"],
    )
    assert command("db", "check").out.endswith("Something is wrong.\n")


def test_there_is_nothing_to_check_without_a_database(command: Command) -> None:
    for words in (("db", "check"), ("backup", "b.zip")):
        result = command(*words)
        assert result.code == 2
        assert "there is no such database" in result.err


@pytest.mark.parametrize("program", [("serve", "--port", "0"), ("worker",)])
def test_nothing_starts_on_another_schema(command: Command, data: Path, program: tuple[str, ...]) -> None:
    for revision, sentence in (("0009", "run: kam-assess db upgrade"), ("9999", "made by a newer version of kam-assess")):
        say_revision(data, revision)
        result = command(*program)
        assert result.code == 2
        assert sentence in result.err
    assert "install that version" in command("db", "upgrade").err


def test_an_upgrade_keeps_what_was_before(command: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    storage = Storage(f"sqlite:///{tmp_path / 'data' / 'kam-assess.sqlite3'}")
    schema.upgrade(storage, "0006")
    with storage.writing() as connection:
        connection.execute(text("INSERT INTO workspace VALUES (1, 'Ada & Co', 'consultancy', '2026-11-21 12:00:00')"))
    storage.close()
    done = command("db", "upgrade")
    first, last = done.out.splitlines()
    assert last == f"The schema went from 0006 to {schema.newest()}."
    kept = Path(first.removeprefix("Backup written and read again: "))
    assert kept.parent == tmp_path / "data" / "backups"
    tried = command("restore", "--check", kept)
    assert "schema 0006" in tried.out
    (tmp_path / "data" / "kam-assess.sqlite3").unlink()
    again = command("restore", kept, "--replace")
    assert f"The schema went from 0006 to {schema.newest()}." in again.out


def test_an_upgrade_without_a_backup_says_so(command: Command, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    storage = Storage(f"sqlite:///{tmp_path / 'data' / 'kam-assess.sqlite3'}")
    schema.upgrade(storage, "0011")
    storage.close()
    assert "No backup was made first" in command("db", "upgrade", "--no-backup").out
    assert not (tmp_path / "data" / "backups").exists()


def is_held(data: Path) -> bool:
    """Whether somebody comes to work on the folder within half a minute."""
    for _ in range(300):
        with contextlib.suppress(FileNotFoundError), (data / LOCK_FILE).open() as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        time.sleep(0.1)
    return False


def test_a_running_worker_keeps_its_installation(command: Command, data: Path) -> None:
    command("backup", "b.zip")
    program = [sys.executable, "-m", "assess.cli.main", "worker", "--until-stdin-closes"]
    environment = os.environ | {"KAM_DATA_DIR": str(data)}
    with subprocess.Popen(program, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as worker:
        try:
            assert is_held(data)
            assert "in use by a server or worker" in command("restore", "b.zip").err
            assert command("backup", "meanwhile.zip").code == 0
        finally:
            worker.kill()
    assert command("restore", "b.zip", "--replace").code == 0
