"""Numbers and days as people of each language read them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from flask import Flask

from assess.core.roadmap import Initiative, Projection
from assess.core.rounding import half_up
from assess.web.languages import CUSTOMS, current_language

NOTHING = "–"


def score(value: Fraction | None, places: int = 1) -> str:
    """A score or level 1..5, rounded once; a dash where there is none."""
    if value is None:
        return NOTHING
    return format_decimal(half_up(value, places), format="0." + "0" * places, locale=CUSTOMS[current_language()])


def whole(value: Fraction | None) -> str:
    """A number without decimals: an index, a plain target."""
    return NOTHING if value is None else str(half_up(value, 0))


def level_number(value: Fraction | int) -> str:
    """A target: without decimals when it is whole."""
    exact = Fraction(value)
    return str(exact) if exact.denominator == 1 else score(exact)


def percent(share: Fraction | None) -> str:
    return NOTHING if share is None else format_percent(half_up(share, 2), locale=CUSTOMS[current_language()])


def day(value: date | datetime) -> str:
    return format_date(value, format="medium", locale=CUSTOMS[current_language()])


def moment(value: datetime) -> str:
    """A day with its time, in UTC."""
    return format_datetime(value, format="medium", locale=CUSTOMS[current_language()]) + " UTC"


def last_day(initiative: Initiative | Projection) -> date:
    """`end` is the day after."""
    return initiative.end - timedelta(days=1)


def kilobytes(size: int | None) -> str:
    return NOTHING if size is None else f"{max(1, round(size / 1000)):,} kB"


def megabytes(size: int) -> str:
    """The size of a file; small ones in kB."""
    if size < 1_000_000:
        return kilobytes(size)
    return f"{format_decimal(round(size / 1_000_000, 1), locale=CUSTOMS[current_language()])} MB"


def position(value: Fraction | int) -> str:
    """Where 1..5 lies on a bar of 400 units, as an SVG attribute."""
    return f"{float((Fraction(value) - 1) * 100):.1f}"


def init_figures(app: Flask) -> None:
    for filter_ in (score, whole, level_number, percent, day, moment, last_day, kilobytes, megabytes, position):
        app.jinja_env.filters[filter_.__name__] = filter_
