"""Files as people write them, and the problems found in them."""

from __future__ import annotations

from typing import Any

import yaml

from assess.content.document import Document, parse
from assess.content.questionnaires import Frozen, load
from assess.core.errors import Invalid
from tests.conftest import VECTORS

HEAD = "schema: kam-answers/1\nquestionnaire: mini\ndate: 2026-11-21\n"
PERSON = HEAD + "respondents:\n- id: r1\n  role: kam\n  answers:\n"


def document(text: str | bytes, file: str = "f") -> Document:
    return parse(text if isinstance(text, bytes) else text.encode(), file)


def words(text: str = "words") -> dict[str, str]:
    return {"en": text, "zh-Hant": text, "zh-Hans": text}


def mini_files() -> dict[str, Any]:
    """The files of the mini questionnaire as data, to be changed."""
    return {path.name: yaml.safe_load(path.read_text(encoding="utf-8")) for path in (VECTORS / "mini").glob("*.yaml")}


def frozen(files: dict[str, Any]) -> Frozen:
    """Files as bytes; data is written as YAML, one line a value."""
    return Frozen({name: content if isinstance(content, bytes) else dumped(content) for name, content in files.items()})


class _Plain(yaml.SafeDumper):
    """Writes a value out each time it occurs: the format knows no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def dumped(content: Any) -> bytes:
    return yaml.dump(content, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=10**6).encode()


def problems_of(call: Any, *args: Any) -> list[str]:
    """What Invalid says, one string a problem; none when nothing is wrong."""
    try:
        call(*args)
    except Invalid as error:
        return [str(problem) for problem in error.problems]
    return []


def lint(files: dict[str, Any]) -> list[str]:
    return problems_of(load, frozen(files))
