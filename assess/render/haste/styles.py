"""Styles: the library's own sheet gives every element styles for footnotes and list markers; only list items use one."""

from __future__ import annotations

from functools import cache
from typing import Any

from weasyprint import CSS, HTML, html
from weasyprint.css.counters import CounterStyle


@cache
def sheet() -> CSS:
    kept = (line for line in html.UA.splitlines() if not line.startswith(("::footnote-", "::note-")))
    text = "\n".join(kept).replace("\n::marker {", "\nli::marker {")
    return CSS(string=text, counter_style=CounterStyle())


def sheets(self: Any, forms: bool = False) -> list[Any]:  # noqa: ARG001 - the signature of the library
    return [sheet()]


REPLACEMENTS: tuple[tuple[Any, str, Any], ...] = ((HTML, "_ua_stylesheets", sheets),)
