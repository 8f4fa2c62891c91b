"""Write the list of variables in docs/report-authoring.md anew from what a report holds.

What stands above the mark is written by hand; below it stand the values, from assess/core/report/values/.
"""

from __future__ import annotations

import dataclasses
import re
import types
from collections.abc import Iterator, Mapping
from inspect import getdoc
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from assess.core.colours import Palette
from assess.core.report import ReportContent
from assess.core.report.labels import LABELS
from assess.render.html import Charts
from assess.render.templates import colours_of

PAGE = Path(__file__).resolve().parent.parent / "docs" / "report-authoring.md"
MARK = "<!-- From here on written by scripts/write_report_authoring.py; `make report-authoring` writes it anew. -->\n"


def main() -> None:
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def page(written: str) -> str:
    """The page with its hand-written part as it is and the list made anew."""
    by_hand, _, _ = written.partition(MARK)
    return by_hand + MARK + "\n".join(_lists()) + "\n"


def _lists() -> Iterator[str]:
    yield "\n## What a template may use\n"
    yield "| Name | What it is |\n|---|---|"
    yield "| `report` | the whole report: [ReportContent](#reportcontent) |"
    yield "| `labels` | the fixed words in the language of the report, [by name](#labels) |"
    yield "| `chart` | draws a picture: [its methods](#charts) |"
    yield '| `medium` | `"print"` or `"screen"` |'
    yield "| `css` | the style sheets, for the `<style>` element |\n"
    yield "Filters beside those of Jinja: `keep` (Chinese numbers and their units don't break), `shorten(columns)` (for running"
    yield "lines), `css_string` (a text inside CSS).\n"
    for kind in _kinds(ReportContent):
        yield from _table(kind)
    yield "### Labels\n"
    yield ", ".join(f"`{label}`" for label in (*LABELS, "page_before", "page_between", "page_after")) + "\n"
    yield "### Charts\n"
    yield "| Call | What it gives |\n|---|---|"
    for name, method in vars(Charts).items():
        if callable(method) and not name.startswith("_"):
            yield f"| `chart.{name}({_arguments(method)})` | {_sentence(getdoc(method)) or _given(method)} |"
    yield "\n### Colours\n"
    yield "A style sheet names colours as `var(--name)`; they are those of the client's brand. Without a brand they are:\n"
    yield ", ".join(f"`--{name}` {colour}" for name, colour in colours_of(Palette()).items())


def _kinds(root: type) -> list[type]:
    """The kinds of value in a report, each after the one that first holds it."""
    found: dict[type, None] = {}
    waiting = [root]
    while waiting:
        kind = waiting.pop(0)
        if kind not in found:
            found[kind] = None
            hints = get_type_hints(kind).values()
            waiting += [part for hint in hints for part in _parts(hint) if dataclasses.is_dataclass(part)]
    return list(found)


def _parts(hint: Any) -> Iterator[Any]:
    if get_args(hint):
        for part in get_args(hint):
            yield from _parts(part)
    else:
        yield hint


def _table(kind: type) -> Iterator[str]:
    yield f"### {kind.__name__}\n"
    yield " ".join((getdoc(kind) or "").split()) + "\n"
    yield "| Name | Value |\n|---|---|"
    hints = get_type_hints(kind)
    for field in dataclasses.fields(kind):
        yield f"| `{field.name}` | {_in_words(hints[field.name])} |"
    yield ""


def _in_words(hint: Any) -> str:
    origin, parts = get_origin(hint), get_args(hint)
    if origin is tuple:
        return f"list of {_in_words(parts[0])}"
    if origin in (Union, types.UnionType):
        return " or ".join("none" if part is type(None) else _in_words(part) for part in parts)
    if origin is not None and issubclass(origin, Mapping):
        return f"{_in_words(parts[1])} by name"
    plain = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return plain.get(hint) or f"[{hint.__name__}](#{hint.__name__.lower()})"


def _arguments(method: Any) -> str:
    hints = get_type_hints(method)
    return ", ".join(f"{name}: {hint.__name__}" for name, hint in hints.items() if name != "return")


def _given(method: Any) -> str:
    return "a list of pictures" if get_origin(get_type_hints(method)["return"]) is list else "a picture"


def _sentence(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


if __name__ == "__main__":
    main()
