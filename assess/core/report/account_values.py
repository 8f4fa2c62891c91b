"""Shares and amounts of accounts as the report prints them."""

from __future__ import annotations

from fractions import Fraction

from assess.core.report.values import Figure
from assess.core.report.words import NOTHING, Words
from assess.core.rounding import half_up, number


def share_of(words: Words, value: Fraction | None) -> Figure:
    """A share 0..1 with its printed percent, one decimal."""
    if value is None:
        return Figure(None, NOTHING)
    return Figure(number(value), f"{words.formats.decimal(half_up(100 * value, 1))}%")


def amount_of(words: Words, value: Fraction) -> Figure:
    """An amount of money without decimals, unless it is so small that they matter."""
    return words.figure(value, 0 if abs(value) >= 1000 or value.denominator == 1 else 2)
