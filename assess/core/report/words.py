"""Say it in the language of the report: phrases with {placeholders}, numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from assess.core.questionnaire import Text
from assess.core.report.values import Day, Figure
from assess.core.rounding import half_up, number

Phrases = Callable[[str], str]
"""Key -> wording with {placeholders} in one language. Raises KeyError for a key that is not there."""

NOTHING = "–"
_PLACE = re.compile(r"\{([a-z_]+)(?:\|([^{}|]*)\|([^{}|]*))?\}")


@dataclass(frozen=True)
class Formats:
    """How one language prints numbers, days and enumerations."""

    decimal: Callable[[Decimal], str]
    percent: Callable[[int], str]
    long_day: Callable[[date], str]
    short_day: Callable[[date], str]
    names: Callable[[Sequence[str]], str]


def fill(template: str, values: dict[str, object]) -> str:
    """Fill {name}; {name|one|many} takes `one` when the value is 1. Raises KeyError for an unknown name."""

    def replace(match: re.Match[str]) -> str:
        name, one, many = match.groups()
        if one is None:
            return str(values[name])
        return one if values[name] == 1 else many

    return _PLACE.sub(replace, template)


def placeholders(template: str) -> frozenset[str]:
    """The names a template asks for."""
    return frozenset(match[1] for match in _PLACE.finditer(template))


@dataclass(frozen=True)
class Words:
    """One language with its phrases and formats."""

    language: str
    phrases: Phrases
    formats: Formats

    def say(self, key: str, **values: object) -> str:
        return fill(self.phrases(key), values)

    def of(self, text: Text) -> str:
        return text.of(self.language)

    def names(self, names: Sequence[str]) -> str:
        """An enumeration; NOTHING when it is empty."""
        return self.formats.names(names) if names else NOTHING

    def figure(self, value: Fraction | None, places: int = 1) -> Figure:
        """A number with its printed form; NOTHING where there is none."""
        if value is None:
            return Figure(None, NOTHING)
        return Figure(number(value), self.formats.decimal(half_up(value, places)))

    def score(self, value: Fraction | None) -> str:
        return self.figure(value).text

    def plain(self, value: Fraction) -> Figure:
        """A target: without decimals when it is whole."""
        return self.figure(value, 0 if value.denominator == 1 else 1)

    def percent(self, share: Fraction) -> str:
        """A share 0..1 as whole percent."""
        return self.formats.percent(int(half_up(100 * share, 0)))

    def day(self, day: date) -> Day:
        return Day(day.isoformat(), self.formats.long_day(day), self.formats.short_day(day))

    def sentences(self, *sentences: str) -> str:
        """Sentences one after the other, spaced as the language does."""
        return ("" if self.language.startswith("zh") else " ").join(sentence for sentence in sentences if sentence)
