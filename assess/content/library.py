"""All questionnaires this installation knows, found by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from assess.content.answers import check_assessment, read_assessment, reference_problems
from assess.content.document import Document
from assess.content.parsing import as_text, by_line
from assess.content.questionnaires import Frozen, freeze, load
from assess.core.answers import Assessment
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import Questionnaire
from assess.resources import questionnaire_folders

Place = tuple[str | int, ...]


class Library:
    """Questionnaire folders: those of the override folders first, then the ones that ship with the product."""

    def __init__(self, overrides: Sequence[Path] = ()) -> None:
        self.overrides = tuple(overrides)

    def folders(self) -> tuple[Path, ...]:
        return tuple(questionnaire_folders(self.overrides))

    def folder(self, id_: str) -> Path:
        """The folder named after the id. Raises NotFound."""
        for folder in self.folders():
            if folder.name == id_:
                return folder
        known = ", ".join(folder.name for folder in self.folders())
        raise NotFound(f"there is no questionnaire {id_} (there are: {known or 'none'})")

    def questionnaire(self, id_: str) -> Questionnaire:
        """As its files are now; parsed once per process for equal bytes."""
        folder = self.folder(id_)
        return _load(tuple(sorted(freeze(folder).files.items())), str(folder))

    def frozen(self, id_: str) -> Frozen:
        return freeze(self.folder(id_))

    def read_answers(self, document: Document) -> tuple[Questionnaire, tuple[Questionnaire, ...], Assessment]:
        """Core questionnaire, modules and checked assessment of an answers file. Raises Invalid with every problem."""
        problems: list[Problem] = []
        assessment: Assessment | None = None
        try:
            assessment = read_assessment(document)
        except Invalid as error:
            problems.extend(error.problems)
        found = self._named_in(document, problems)
        core = found.get(("questionnaire",))
        modules = tuple(one for path, one in found.items() if path[0] == "modules")
        if core is not None and len(found) == len(_named(document.data)):
            if assessment is not None and not problems:
                check_assessment(assessment, core, modules, document)
                return core, modules, assessment
            problems.extend(reference_problems(document, core, modules))
        raise Invalid(by_line(problems))

    def _named_in(self, document: Document, problems: list[Problem]) -> dict[Place, Questionnaire]:
        """The questionnaires that an answers file names, by place; what is wrong with them is added to problems."""
        found: dict[Place, Questionnaire] = {}
        for path, id_ in _named(document.data).items():
            try:
                found[path] = self.questionnaire(id_)
            except NotFound:
                problems.append(document.problem(path, "there is no {what} {id}", what="questionnaire", id=id_))
        problems.extend(_kind_problems(found, document))
        return found


def _named(data: Any) -> dict[Place, str]:
    """Place in the answers file -> questionnaire id that stands there, the core first."""
    if not isinstance(data, dict):
        return {}
    modules = data.get("modules")
    named: dict[Place, Any] = {("questionnaire",): as_text(data.get("questionnaire"))}
    named |= {("modules", place): as_text(one) for place, one in enumerate(modules if isinstance(modules, list) else [])}
    return {path: id_ for path, id_ in named.items() if isinstance(id_, str)}


def _kind_problems(found: Mapping[Place, Questionnaire], document: Document) -> list[Problem]:
    """A module can't stand in for the core or the other way round, and shares no ids with what it is used beside."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for path, one in found.items():
        if path[0] == "modules" and one.kind != "module":
            problems.append(document.problem(path, "{id} is not a module", id=one.id))
            continue
        if path[0] == "questionnaire" and one.kind != "core":
            problems.append(document.problem(path, "{id} is a module, which stands beside a core questionnaire", id=one.id))
        ids = [*one.item_ids, *one.dimension, *(action.id for action in one.actions)]
        shared = sorted({owners[id_] for id_ in ids if id_ in owners})
        if shared:
            problems.append(document.problem(path, "{id} has ids in common with {others}", id=one.id, others=", ".join(shared)))
        owners |= dict.fromkeys(ids, one.id)
    return problems


@lru_cache(maxsize=32)
def _load(files: tuple[tuple[str, bytes], ...], folder: str = "") -> Questionnaire:
    return load(Frozen(dict(files)), folder)


def thaw(frozen: Frozen) -> Questionnaire:
    """The questionnaire of a frozen copy; parsed once per process for equal bytes."""
    return _load(tuple(sorted(frozen.files.items())))
