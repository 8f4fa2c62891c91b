"""The words of the command line, in the language of --lang or KAM_LANGUAGE."""

from __future__ import annotations

import os
from collections.abc import Sequence

from assess.core.questionnaire import LANGUAGES
from assess.wording import Tell, in_language, teller

__all__ = ["Tell", "asked_language", "default_language", "in_language", "teller"]


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
