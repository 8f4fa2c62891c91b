"""Every action that can be in the audit log has words on its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import assess.usecases
from assess.storage.workshop_entries import DECISION, PARKED
from assess.web.audit import ACTIONS

_ACTION = re.compile(r"[a-z]+\.[a-z_]+\Z")
_RECORDERS = {"record", "note_by_key", "_note"}
_IN_A_ROOM = "_changing"


def _calls(folder: Path) -> Iterator[tuple[str, ast.Call]]:
    for path in folder.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node


def _texts(call: ast.Call) -> set[str]:
    nodes = [found for argument in call.args for found in ast.walk(argument)]
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def recorded() -> set[str]:
    """The actions that use cases write into the log, as their source says them."""
    found = {f"workshop.{kind}_noted" for kind in (DECISION, PARKED)}
    for name, call in _calls(Path(assess.usecases.__file__).parent):
        if name in _RECORDERS:
            found |= {text for text in _texts(call) if _ACTION.match(text)}
        if name == _IN_A_ROOM:
            found |= {f"workshop.{text}" for text in _texts(call) if re.fullmatch("[a-z]+[a-z_]*[a-z]", text)}
    return found


def test_every_recorded_action_has_words() -> None:
    actions = recorded()
    assert len(actions) > 60
    assert sorted(actions - set(ACTIONS)) == []
