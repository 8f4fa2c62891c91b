"""Questionnaires to look at: what there is, what is wrong with one, and a folder to take along."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from assess.content.advice import advise, documents_of
from assess.content.glossary import load_glossaries
from assess.content.library import thaw
from assess.content.questionnaires import Frozen, freeze
from assess.core.errors import Invalid, NotFound, Problem
from assess.core.questionnaire import Questionnaire
from assess.resources import QUESTIONNAIRES
from assess.usecases.installation import Installation

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""Every file of a packed folder has this time, so that the same folder gives the same bytes."""
SIDE_FILES = ("MODEL_CARD.md", "CHANGELOG.md")


@dataclass(frozen=True)
class Listed:
    """A questionnaire folder. questionnaire is None where problems say why; advice is what its author may look at again.

    is_own: from the installation's own folder, not from the product.
    """

    id: str
    questionnaire: Questionnaire | None
    problems: tuple[Problem, ...]
    advice: tuple[Problem, ...]
    is_own: bool


def list_questionnaires(installation: Installation) -> tuple[Listed, ...]:
    """Every folder, valid or not: cores first, then modules, then what can't be used."""
    listed = [_look_at(folder) for folder in installation.library.folders()]
    return tuple(sorted(listed, key=_place))


def look_up(installation: Installation, id_: str) -> Listed:
    """One questionnaire folder by its name, with what there is to say about it. Raises NotFound."""
    return _look_at(installation.library.folder(id_))


def pack(installation: Installation, id_: str) -> bytes:
    """The folder as a ZIP file to change and put into another installation. Raises NotFound, Invalid."""
    folder = installation.library.folder(id_)
    files = dict(freeze(folder).files)
    files |= {name: (folder / name).read_bytes() for name in SIDE_FILES if (folder / name).is_file()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(f"{id_}/{name}", ZIP_TIME), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _place(listed: Listed) -> tuple[int, bool, str]:
    kind = 2 if listed.questionnaire is None else int(listed.questionnaire.kind != "core")
    return kind, not listed.is_own, listed.id


def _look_at(folder: Path) -> Listed:
    """Read anew only when a file has changed; a folder that can't be read at all is a problem of its own."""
    is_own = folder.parent != QUESTIONNAIRES
    try:
        frozen = freeze(folder)
    except (Invalid, NotFound) as error:
        problems = error.problems if isinstance(error, Invalid) else (Problem("{reason}", {"reason": error}),)
        return Listed(folder.name, None, _within(folder, problems), (), is_own)
    return replace(_judge(folder.name, tuple(sorted(frozen.files.items()))), is_own=is_own)


@lru_cache(maxsize=32)
def _judge(id_: str, files: tuple[tuple[str, bytes], ...]) -> Listed:
    frozen = Frozen(dict(files))
    try:
        questionnaire = thaw(frozen)
    except Invalid as error:
        return Listed(id_, None, error.problems, (), is_own=True)
    advice = advise(questionnaire, documents_of(frozen), load_glossaries())
    return Listed(id_, questionnaire, (), tuple(advice), is_own=True)


def _within(folder: Path, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems without the place of the folder on this machine, which is nobody's business on a page."""
    return tuple(replace(problem, file=problem.file.removeprefix(f"{folder}/")) for problem in problems)
