"""How each language prints numbers, days and enumerations, by the CLDR data of Babel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from assess.core.report.words import Formats

LOCALES = {"en": "en_GB", "zh-Hant": "zh_Hant_TW", "zh-Hans": "zh_Hans_CN"}
LONG_DAY = {"en": "d MMMM y", "zh-Hant": "y年M月d日", "zh-Hans": "y年M月d日"}
SHORT_DAY = {"en": "d MMM y", "zh-Hant": "y/M/d", "zh-Hans": "y/M/d"}


@cache
def formats_of(language: str) -> Formats:
    """The formats of a language of the product, en, zh-Hant or zh-Hans."""
    locale = Locale.parse(LOCALES[language])

    def decimal(value: Decimal) -> str:
        """As many decimals as the value was rounded to."""
        places = max(0, -int(value.as_tuple().exponent))
        return str(format_decimal(value, format="#,##0" + ("." + "0" * places if places else ""), locale=locale))

    def names(values: Sequence[str]) -> str:
        return str(format_list(list(values), locale=locale))

    return Formats(
        decimal=decimal,
        percent=lambda value: str(format_percent(Decimal(value) / 100, locale=locale)),
        long_day=lambda day: _day(day, LONG_DAY[language], locale),
        short_day=lambda day: _day(day, SHORT_DAY[language], locale),
        names=names,
    )


def _day(day: date, pattern: str, locale: Locale) -> str:
    return str(format_date(day, pattern, locale=locale))
