"""kam-assess token: a token for a person, the list, and the end of one."""

from __future__ import annotations

from pathlib import Path

import pytest

from assess.cli.main import run
from assess.config import read_settings
from assess.usecases import tokens
from assess.usecases.installation import open_installation
from tests.staff import become_admin


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAM_DATA_DIR", str(tmp_path))
    become_admin(open_installation(read_settings()))


def test_a_token_is_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    made = ["token", "add", "ada@example.org", "--name", "Nightly", "--scope", "write", "--scope", "documents", "--days", "9"]
    assert run(made) == 0
    token = capsys.readouterr().out.strip()
    caller = tokens.authenticate(open_installation(read_settings()), token)
    assert caller is not None
    assert (caller.actor.role, caller.token.scopes) == ("admin", ("write", "documents"))
    assert run(["token", "list"]) == 0
    listed = capsys.readouterr().out
    assert "Nightly" in listed
    assert token not in listed
    assert run(["token", "revoke", str(caller.token.id)]) == 0
    assert tokens.authenticate(open_installation(read_settings()), token) is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["add", "nobody@example.org", "--name", "x"], "there is no user nobody@example.org"),
        (["add", "ada@example.org", "--name", "x", "--workspace", "Elsewhere"], "in the workspace Elsewhere"),
        (["add", "ada@example.org", "--name", " "], "Please say what the token is for."),
        (["add", "ada@example.org", "--name", "x", "--days", "0"], "days: must be a whole number from 1 to 366"),
        (["revoke", "77"], "there is no such token"),
        (["list", "--workspace", "Elsewhere"], "there is no workspace Elsewhere"),
    ],
)
def test_what_cannot_be_is_said(capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert run(["token", *words]) == 2
    assert message in capsys.readouterr().err
