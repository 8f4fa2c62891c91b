"""Words templates ask for by id."""

from __future__ import annotations

from collections.abc import Sequence

from babel.lists import format_list
from flask import Flask

from assess.core.questionnaire import Questionnaire, Text
from assess.usecases.assessments import OpenAssessment
from assess.web.choices import EFFORTS, FAILURES, HORIZONS, REASONS
from assess.web.languages import CUSTOMS, current_language, gettext


def role_of(questionnaire: Questionnaire, role: str) -> str:
    """The name of a role; its id where the questionnaire doesn't know it."""
    name = questionnaire.role_name.get(role)
    return role if name is None else name.of(current_language())


def names_of(questionnaire: Questionnaire, roles: Sequence[str]) -> str:
    """Roles as an enumeration of the language."""
    names = [role_of(questionnaire, role) for role in roles]
    return format_list(names, style="or", locale=CUSTOMS[current_language()])


def texts_of(texts: Sequence[Text]) -> list[str]:
    return [text.of(current_language()) for text in texts]


def target_name(opened: OpenAssessment) -> str:
    """The chosen target in words: what was set by hand for a step goes before a profile."""
    if opened.assessment.targets:
        return gettext("set step by step, as in the profile above")
    for profile in opened.questionnaire.profiles:
        if profile.id == opened.assessment.profile:
            return gettext("“%(profile)s”", profile=profile.name.of(current_language()))
    return gettext("level 4 in every step")


def horizon_name(horizon: str) -> str:
    return str(HORIZONS.get(horizon, horizon))


def reason_text(reason: str | None) -> str:
    """Why an item does not apply; empty where it does."""
    return str(REASONS.get(reason or "", reason or ""))


def effort_name(effort: int) -> str:
    return str(EFFORTS[effort])


def failure_text(error: str) -> str:
    """Why a document failed: known codes in the reader's language, anything else as it was written."""
    return str(FAILURES.get(error, error))


def init_wording(app: Flask) -> None:
    functions = (role_of, names_of, texts_of, target_name, horizon_name, effort_name, failure_text, reason_text)
    app.jinja_env.globals.update({function.__name__: function for function in functions}, zip=zip)
