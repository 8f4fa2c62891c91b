"""All questionnaires this installation knows, found by id."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from assess.content.answers import check_assessment, read_assessment
from assess.content.document import Document
from assess.content.questionnaires import Frozen, freeze, load, load_folder
from assess.core.answers import Assessment
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import Questionnaire
from assess.resources import questionnaire_folders


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
        return load_folder(self.folder(id_))

    def frozen(self, id_: str) -> Frozen:
        return freeze(self.folder(id_))

    def modules_of(self, assessment: Assessment) -> tuple[Questionnaire, ...]:
        return tuple(self.questionnaire(module) for module in dict.fromkeys(assessment.modules))

    def read_answers(self, document: Document) -> tuple[Questionnaire, tuple[Questionnaire, ...], Assessment]:
        """Core questionnaire, modules and checked assessment of an answers file. Raises Invalid with every problem."""
        assessment = read_assessment(document)
        problems: list[Problem] = []
        found: dict[tuple[str | int, ...], Questionnaire] = {}
        wanted: dict[tuple[str | int, ...], str] = {("questionnaire",): assessment.questionnaire}
        wanted |= {("modules", place): module for place, module in enumerate(assessment.modules)}
        for path, id_ in wanted.items():
            try:
                found[path] = self.questionnaire(id_)
            except NotFound:
                problems.append(document.problem(path, "there is no {what} {id}", what="questionnaire", id=id_))
        problems.extend(_kind_problems(found, document))
        if problems:
            raise Invalid(problems)
        core, *modules = found.values()
        check_assessment(assessment, core, modules, document)
        return core, tuple(modules), assessment


def _kind_problems(found: dict[tuple[str | int, ...], Questionnaire], document: Document) -> list[Problem]:
    """A module can't stand in for the core or the other way round, and shares no ids with what it is used beside."""
    problems: list[Problem] = []
    owners: dict[str, str] = {}
    for path, one in found.items():
        if path[0] == "modules" and one.kind != "module":
            problems.append(document.problem(path, "{id} is not a module", id=one.id))
        ids = [*one.item_ids, *one.dimension, *(action.id for action in one.actions)]
        shared = sorted({owners[id_] for id_ in ids if id_ in owners})
        if shared:
            problems.append(document.problem(path, "{id} has ids in common with {others}", id=one.id, others=", ".join(shared)))
        owners |= dict.fromkeys(ids, one.id)
    return problems


@lru_cache(maxsize=32)
def _thaw(files: tuple[tuple[str, bytes], ...]) -> Questionnaire:
    return load(Frozen(dict(files)))


def thaw(frozen: Frozen) -> Questionnaire:
    """The questionnaire of a frozen copy; parsed once per process for equal bytes."""
    return _thaw(tuple(sorted(frozen.files.items())))
