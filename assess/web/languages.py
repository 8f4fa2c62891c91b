"""Which language a reader gets, and the words of the screens in it.

Own negotiation, because Werkzeug's `best_match` sends Chinese readers to the wrong script.
"""

from __future__ import annotations

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import (  # type: ignore[import-untyped]  # ships no types
    Babel,
    lazy_gettext,
    refresh,
)
from flask_babel import gettext as _translate
from flask_babel import ngettext as _translate_number

from assess.core.questionnaire import LANGUAGES
from assess.resources import TRANSLATIONS
from assess.wording import language_of, negotiate

__all__ = ["N_", "current_language", "gettext", "language_of", "lazy_gettext", "negotiate", "ngettext"]

COOKIE = "kam_language"
SWITCH = "switch_language"
LOCALES = {"en": "en", "zh-Hant": "zh_Hant", "zh-Hans": "zh_Hans"}
CUSTOMS = {"en": "en_GB", "zh-Hant": "zh_Hant_TW", "zh-Hans": "zh_Hans_CN"}
"""Whose way of writing numbers and days a language follows."""
OWN_NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文"}
_YEAR = 365 * 24 * 3600


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Mark a message for translation at the place where it is shown later."""
    return message


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language with its %(values)s filled in."""
    return str(_translate(message, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The same for a number of things, %(num)s."""
    return str(_translate_number(one, many, num, **values))


def current_language() -> str:
    """The language of this answer: asked for now, chosen earlier, the assessment's own, the browser's."""
    if not has_request_context():
        return "en"
    if "language" not in g:
        g.language = _asked_for() or _remembered() or negotiate(request.headers.get("Accept-Language", ""), _default())
    language: str = g.language
    return language


def prefer_language(language: str) -> None:
    """Use an assessment's language unless its reader has chosen one."""
    if _asked_for() is None and _remembered() is None and language in LANGUAGES:
        use_language(language)


def use_language(language: str) -> None:
    """Answer in this language."""
    g.language = language
    refresh()


def switch_asked() -> bool:
    """Whether this form was sent by one of the language buttons; if so the answer is in that language from here on."""
    language = request.form.get(SWITCH, "")
    if language not in LANGUAGES:
        return False
    use_language(language)
    g.language_chosen = language
    return True


def init_languages(app: Flask) -> None:
    Babel(
        app,
        default_translation_directories=str(TRANSLATIONS),
        locale_selector=lambda: LOCALES[current_language()],
    )
    app.after_request(_remember)
    app.jinja_env.globals.update(LANGUAGE_NAMES=OWN_NAMES, current_language=current_language)


def _asked_for() -> str | None:
    language = request.args.get("lang", "")
    return language if language in LANGUAGES else g.get("language_chosen")


def _remembered() -> str | None:
    language = request.cookies.get(COOKIE, "")
    return language if language in LANGUAGES else None


def _default() -> str:
    default: str = current_app.config["KAM_DEFAULT_LANGUAGE"]
    return default


def _remember(response: Response) -> Response:
    chosen = _asked_for()
    if chosen is not None and chosen != _remembered():
        response.set_cookie(COOKIE, chosen, max_age=_YEAR, httponly=True, samesite="Lax", secure=request.is_secure)
    return response
