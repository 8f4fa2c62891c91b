"""Report styles: folders in `reports/` with a report.yaml that says what the style holds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from assess.content.document import read_file
from assess.content.parsing import Slug, Spec, validate
from assess.content.questionnaire_specs import TextSpec
from assess.core.errors import Invalid, Problem
from assess.core.questionnaire import Text
from assess.core.report.compose import SECTIONS
from assess.core.report.style import Style
from assess.resources import REPORTS

STYLE_FILE = "report.yaml"
BASE = "full"


class StyleSpec(Spec):
    """report.yaml"""

    schema_: Literal["kam-report-style/1"] = Field(alias="schema")
    id: Slug
    name: TextSpec
    summary: TextSpec
    paper: Literal["a4", "letter"]
    sections: Annotated[list[Literal[SECTIONS]], Field(min_length=1)]  # type: ignore[valid-type]


def load_style(id_: str, folders: Sequence[Path] = (REPORTS,)) -> Style:
    """A style by id, from the first folder that has it. Raises Invalid naming every problem, or the styles there are."""
    path = _style_files(folders).get(id_)
    if path is None:
        known = ", ".join(_style_files(folders))
        raise Invalid([Problem("there is no report style {id} (there are: {known})", {"id": id_, "known": known})])
    return _read(path, id_)


def find_styles(folders: Sequence[Path] = (REPORTS,)) -> tuple[tuple[Style, ...], tuple[Problem, ...]]:
    """Every style that can be read, the full report first, and what is wrong with the others."""
    found: list[Style] = []
    problems: list[Problem] = []
    for id_, path in _style_files(folders).items():
        try:
            found.append(_read(path, id_))
        except Invalid as error:
            problems += error.problems
    return tuple(found), tuple(problems)


def _style_files(folders: Sequence[Path]) -> dict[str, Path]:
    """Style id -> its report.yaml: the full report, then the others by id; of equal ids that of the first folder."""
    paths = [path for folder in reversed(folders) for path in folder.glob(f"*/{STYLE_FILE}")]
    by_id = {path.parent.name: path for path in paths}
    return dict(sorted(by_id.items(), key=lambda entry: (entry[0] != BASE, entry[0])))


def _read(path: Path, id_: str) -> Style:
    document = read_file(path)
    spec = validate(StyleSpec, document)
    problems = []
    if spec.id != id_:
        problems.append(document.problem(("id",), "must be {folder}, the name of its folder", folder=id_))
    twice = sorted({section for section in spec.sections if spec.sections.count(section) > 1})
    problems += [document.problem(("sections",), "names {section} twice", section=section) for section in twice]
    if problems:
        raise Invalid(problems)
    return Style(
        id=spec.id,
        name=Text(spec.name.en, spec.name.zh_hant, spec.name.zh_hans),
        summary=Text(spec.summary.en, spec.summary.zh_hant, spec.summary.zh_hans),
        paper=spec.paper,
        sections=tuple(spec.sections),
    )
