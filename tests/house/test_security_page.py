"""The page about security promises nothing that no test shows."""

from __future__ import annotations

import re

from tests.house.test_house import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
TESTS = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_test_the_page_names_exists() -> None:
    missing = [f"{file}::{name}" for file, name in TESTS if f"\ndef {name}(" not in _text(file)]
    assert missing == []
    assert len(TESTS) > 50


def _text(file: str) -> str:
    path = ROOT / file
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_every_requirement_has_a_number_of_the_standard_a_way_and_a_test() -> None:
    rows = re.findall(r"^\| (\d[^|]*) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    assert len(rows) > 30
    for numbers, brief, how, tests in rows:
        assert re.fullmatch(r"\d+\.\d+\.\d+(?:[–,] ?\d+\.\d+\.\d+)*", numbers), numbers
        assert brief.strip(), numbers
        assert how.strip(), numbers
        assert "::test_" in tests, numbers


def test_the_page_says_what_is_not_claimed() -> None:
    assert "**Not claimed.**" in PAGE
    assert "We claim no level" in PAGE
