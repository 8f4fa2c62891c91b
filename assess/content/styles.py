"""Report styles: folders in `reports/` with a report.yaml that says what the style holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from assess.content.document import read_file
from assess.content.parsing import Slug, Spec, validate
from assess.content.questionnaire_specs import TextSpec
from assess.core.errors import Invalid, NotFound
from assess.core.questionnaire import Text
from assess.core.report.compose import SECTIONS
from assess.core.report.style import Style
from assess.resources import REPORTS

STYLE_FILE = "report.yaml"


class StyleSpec(Spec):
    """report.yaml"""

    schema_: Literal["kam-report-style/1"] = Field(alias="schema")
    id: Slug
    name: TextSpec
    summary: TextSpec
    paper: Literal["a4", "letter"]
    sections: Annotated[list[Literal[SECTIONS]], Field(min_length=1)]  # type: ignore[valid-type]


def load_style(id_: str, folders: Sequence[Path] = (REPORTS,)) -> Style:
    """A style by id, from the first folder that has it. Raises NotFound, or Invalid naming every problem."""
    for folder in folders:
        path = folder / id_ / STYLE_FILE
        if path.is_file():
            return _read(path, id_)
    raise NotFound(f"there is no report style {id_}")


def styles(folders: Sequence[Path] = (REPORTS,)) -> Iterator[Style]:
    """Every style, those of the first folder first; of equal ids only the first."""
    seen: set[str] = set()
    for folder in folders:
        for path in sorted(folder.glob(f"*/{STYLE_FILE}")):
            if path.parent.name not in seen:
                seen.add(path.parent.name)
                yield _read(path, path.parent.name)


def _read(path: Path, id_: str) -> Style:
    document = read_file(path)
    spec = validate(StyleSpec, document)
    if spec.id != id_:
        raise Invalid([document.problem(("id",), "must be {folder}, the name of its folder", folder=id_)])
    return Style(
        id=spec.id,
        name=Text(spec.name.en, spec.name.zh_hant, spec.name.zh_hans),
        summary=Text(spec.summary.en, spec.summary.zh_hant, spec.summary.zh_hans),
        paper=spec.paper,
        sections=tuple(spec.sections),
    )
