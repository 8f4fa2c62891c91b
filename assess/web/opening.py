"""What a view starts from: the installation, and the assessment behind the address."""

from __future__ import annotations

from flask import current_app

from assess.content.library import thaw
from assess.core.errors import NotAllowed, NotFound
from assess.core.questionnaire import Dimension, Questionnaire
from assess.usecases import assessments
from assess.usecases.assessments import OpenAssessment
from assess.usecases.installation import Installation
from assess.web.languages import prefer_language

STANDARD_QUESTIONNAIRE = "kam-seven-steps"
SAMPLE_TOKENS = ("sample-beginner", "sample-advanced")


def installation() -> Installation:
    found: Installation = current_app.extensions["kam_assess"]
    return found


def open_assessment(token: str) -> OpenAssessment:
    """The assessment of a link, shown in its own language unless the reader chose another. Raises NotFound."""
    opened = assessments.open_by_link(installation(), token)
    if not opened.read_only:
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
        return opened.questionnaire.dimension[id_]
    except KeyError:
        raise NotFound(f"there is no step {id_}") from None


def offered_questionnaire() -> Questionnaire:
    """What a self-assessment answers: the seven steps, else the first core questionnaire there is. Raises NotFound."""
    library = installation().library
    names = sorted((folder.name for folder in library.folders()), key=lambda name: (name != STANDARD_QUESTIONNAIRE, name))
    for name in names:
        questionnaire = thaw(library.frozen(name))
        if questionnaire.kind == "core":
            return questionnaire
    raise NotFound("this installation has no questionnaire")
