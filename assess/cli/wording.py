"""The words of the command line, in the language of --lang or KAM_LANGUAGE."""

from __future__ import annotations

import gettext
import os
from collections.abc import Callable, Sequence
from dataclasses import replace

from assess.core.errors import Problem
from assess.core.questionnaire import LANGUAGES
from assess.resources import TRANSLATIONS

Tell = Callable[[str], str]


def default_language() -> str:
    """KAM_LANGUAGE where it names one of ours, else English."""
    given = os.environ.get("KAM_LANGUAGE", "")
    return given if given in LANGUAGES else "en"


def asked_language(arguments: Sequence[str]) -> str:
    """The language to answer in, from the words of a command line that may be wrong otherwise."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        given = following if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and given in LANGUAGES:
            return given
    return default_language()


def teller(language: str) -> Tell:
    """English sentence -> the sentence in a language; what is not translated stays English."""
    if language == "en":
        return str
    return gettext.translation("messages", str(TRANSLATIONS), [language.replace("-", "_")]).gettext


def in_language(problem: Problem, tell: Tell) -> Problem:
    """The problem with its sentence in the reader's language; file, line and path stay as they are."""
    params = dict(problem.params)
    if "what" in params:
        params["what"] = tell(str(params["what"]))
    return replace(problem, message=tell(problem.message), params=params)
