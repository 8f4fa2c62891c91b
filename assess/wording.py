"""Which language a reader gets, and problems in it: what every way in shares."""

from __future__ import annotations

import gettext
from collections.abc import Callable
from dataclasses import replace

from assess.core.errors import Problem
from assess.resources import TRANSLATIONS

Tell = Callable[[str], str]
_TRADITIONAL_REGIONS = frozenset({"tw", "hk", "mo"})


def language_of(tag: str) -> str | None:
    """One of LANGUAGES for a BCP 47 tag of a browser; None when the product does not speak it."""
    first, *rest = tag.lower().replace("_", "-").split("-")
    if first == "en":
        return "en"
    if first != "zh":
        return None
    if "hant" in rest:
        return "zh-Hant"
    if "hans" in rest:
        return "zh-Hans"
    return "zh-Hant" if _TRADITIONAL_REGIONS.intersection(rest) else "zh-Hans"


def negotiate(header: str, default: str) -> str:
    """The language for an Accept-Language header: the highest quality that is spoken, the first among equals."""
    from werkzeug.wrappers import Request  # the command line, which never negotiates, starts without it

    wanted = Request({"HTTP_ACCEPT_LANGUAGE": header}).accept_languages
    ranked = sorted(((quality, tag) for tag, quality in wanted if quality > 0), key=lambda entry: -entry[0])
    return next((found for _, tag in ranked if (found := default if tag == "*" else language_of(tag))), default)


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
