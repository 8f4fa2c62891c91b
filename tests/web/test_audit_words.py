"""Every action that can be in the audit log has words on its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import assess.usecases
from assess.storage.workshop_entries import DECISION, PARKED
from assess.web.audit import ACTIONS

_ACTION = re.compile(r"([a-z]+)\.[a-z_]+\Z")
_KINDS = {action.split(".")[0] for action in ACTIONS}
_FILES = {"engagement.json"}
_IN_A_ROOM = "_changing"
"""What records `workshop.` and the word it was given."""


def _nodes() -> Iterator[ast.AST]:
    for path in Path(assess.usecases.__file__).parent.glob("*.py"):
        yield from ast.walk(ast.parse(path.read_text()))


def _texts(node: ast.AST) -> set[str]:
    return {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and isinstance(each.value, str)}


def recorded() -> set[str]:
    """The actions that use cases write into the log, as their source says them."""
    found = {f"workshop.{kind}_noted" for kind in (DECISION, PARKED)}
    for node in _nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            action = _ACTION.match(node.value)
            found |= {node.value} if action and action[1] in _KINDS else set()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == _IN_A_ROOM:
            words = {text for argument in node.args for text in _texts(argument)}
            found |= {f"workshop.{text}" for text in words if re.fullmatch("[a-z]+[a-z_]*[a-z]", text)}
    return found - _FILES


def test_every_recorded_action_has_words() -> None:
    assert recorded() == set(ACTIONS)
