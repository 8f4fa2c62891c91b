"""What a view starts from: the installation, and the assessment behind the address."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from flask import current_app

from assess.content.questionnaires import QUESTIONNAIRE_FILE, load_folder
from assess.core.errors import Invalid, NotAllowed, NotFound
from assess.core.questionnaire import Dimension, Questionnaire
from assess.usecases import assessments
from assess.usecases.assessments import OpenAssessment
from assess.usecases.installation import Installation
from assess.web.languages import current_language, gettext, prefer_language

STANDARD_QUESTIONNAIRE = "kam-seven-steps"
log = logging.getLogger(__name__)
SAMPLE_TOKENS = ("sample-beginner", "sample-advanced")


def installation() -> Installation:
    found: Installation = current_app.extensions["kam_assess"]
    return found


def provider_name() -> str:
    """What the button for signing in through the provider is called; empty without a provider."""
    provider = installation().settings.provider
    return provider.name if provider else ""


def open_assessment(token: str) -> OpenAssessment:
    """The assessment of a link, shown in its own language unless the reader chose another. Raises NotFound."""
    opened = assessments.open_by_link(installation(), token)
    if not opened.read_only and opened.staff is None:
        prefer_language(opened.language)
    return opened


def open_own(token: str) -> OpenAssessment:
    """The same for something only its owner may do. Raises NotAllowed for a sample."""
    opened = open_assessment(token)
    if opened.read_only:
        raise NotAllowed("a sample can be looked at, not changed")
    return opened


def dimension_of(opened: OpenAssessment, id_: str) -> Dimension:
    """Raises NotFound."""
    try:
        return opened.dimension[id_]
    except KeyError:
        raise NotFound(f"there is no step {id_}") from None


def known_questionnaires() -> tuple[Questionnaire, ...]:
    """Every questionnaire that can be answered, modules too, the seven steps first."""
    files = [folder / QUESTIONNAIRE_FILE for folder in installation().library.folders()]
    return _read(tuple((path.parent, path.stat().st_mtime_ns) for path in files))


def offered_questionnaires() -> tuple[Questionnaire, ...]:
    """Every core questionnaire, the seven steps first: what a self-assessment can answer. Raises NotFound without one."""
    offered = tuple(questionnaire for questionnaire in known_questionnaires() if questionnaire.kind == "core")
    if not offered:
        raise NotFound("this installation has no questionnaire")
    return offered


@lru_cache(maxsize=4)
def _read(folders: tuple[tuple[Path, int], ...]) -> tuple[Questionnaire, ...]:
    """Read anew when a file has changed. A broken questionnaire is left out, so that the others can still be answered."""
    found = []
    for folder, _ in folders:
        try:
            found.append(load_folder(folder))
        except Invalid as error:
            log.warning("not offered: %s", error)
    return tuple(sorted(found, key=lambda one: (one.id != STANDARD_QUESTIONNAIRE, one.id)))


def offered_modules() -> tuple[Questionnaire, ...]:
    """Every module that can be answered beside a core."""
    return tuple(questionnaire for questionnaire in known_questionnaires() if questionnaire.kind == "module")


def questionnaire_title(questionnaire: Questionnaire) -> str:
    """The title with what answering it takes."""
    return gettext(
        "%(title)s (%(items)s questions, about %(minutes)s minutes)",
        title=questionnaire.title.of(current_language()),
        items=len(questionnaire.items),
        minutes=minutes_for(questionnaire),
    )


def minutes_for(questionnaire: Questionnaire) -> int:
    """How long answering takes, from 36 seconds an item."""
    return max(1, round(len(questionnaire.items) * 0.6))
