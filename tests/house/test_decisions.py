"""The records of decisions: numbered once, listed, and found where they are referred to."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house.test_house import TEXT, tracked

DECISIONS = Path(__file__).parent.parent.parent / "docs" / "decisions"
REFERENCE = re.compile(r"decisions?[ /]\[?(\d{4})\b(?!-\d\d\b)")


def numbers() -> list[str]:
    return [path.name[:4] for path in sorted(DECISIONS.glob("[0-9]*.md"))]


def test_every_decision_has_a_number_of_its_own_and_says_it() -> None:
    assert len(set(numbers())) == len(numbers())
    for path in DECISIONS.glob("[0-9]*.md"):
        assert path.read_text().startswith(f"# {path.name[:4]} "), path.name


def test_the_list_names_every_decision_in_order() -> None:
    listed = re.findall(r"^\| \[(\d{4})\]\((\d{4}-[\w-]+\.md)\) \|", (DECISIONS / "README.md").read_text(), re.MULTILINE)
    assert [number for number, _ in listed] == numbers()
    assert all((DECISIONS / name).exists() and name.startswith(number) for number, name in listed)


def test_a_decision_that_is_referred_to_exists() -> None:
    found = {
        (number, path.name)
        for path in tracked()
        if path.suffix in TEXT and "samples" not in path.parts
        for number in REFERENCE.findall(path.read_text(encoding="utf-8", errors="replace"))
    }
    assert {number for number, _ in found} >= {"0005", "0007", "0011"}
    assert {(number, name) for number, name in found if number not in numbers()} == set()
