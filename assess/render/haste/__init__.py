"""What WeasyPrint 70 does many times over for the same answer, done once; the pages come out the same.

All of it was found by profiling (docs/decisions/0005). The replacements hold only inside `hastened()`, only for the
versions they were read against, and leave every case that is not plain to the original. With another version the
report is set as it comes: the same pages, slower.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

VERSIONS = {"weasyprint": "70.0", "pydyf": "0.13.0"}


def is_known() -> bool:
    """Whether the installed libraries are those the replacements were written for."""
    return all(version(name) == wanted for name, wanted in VERSIONS.items())


@contextmanager
def hastened() -> Iterator[bool]:
    """The replacements in place; yields whether they are. Not for threads: documents are set by processes of their own."""
    if not is_known():
        yield False
        return
    from assess.render.haste import boxes, styles, text, writing

    undo = []
    try:
        for owner, name, value in (*writing.REPLACEMENTS, *styles.REPLACEMENTS, *boxes.REPLACEMENTS, *text.REPLACEMENTS):
            undo.append((owner, name, _get(owner, name)))
            _put(owner, name, value)
        yield True
    finally:
        for owner, name, value in reversed(undo):
            _put(owner, name, value)


def _get(owner: Any, name: str) -> Any:
    return owner[name] if isinstance(owner, dict) else vars(owner)[name]


def _put(owner: Any, name: str, value: Any) -> None:
    if isinstance(owner, dict):
        owner[name] = value
    else:
        setattr(owner, name, value)
