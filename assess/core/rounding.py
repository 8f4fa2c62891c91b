"""Numbers are exact until shown, and are rounded once."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction


def half_up(value: Fraction, places: int) -> Decimal:
    """The value with `places` decimals, ties away from zero."""
    with localcontext() as context:
        context.prec = 60
        scaled = abs(value) * 10**places + Fraction(1, 2)
        size = Decimal(scaled.numerator // scaled.denominator).scaleb(-places)
        return (-size if value < 0 and size else size).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def number(value: Fraction | None, places: int = 4) -> float | None:
    """The value as JSON shows it, at most `places` decimals; None stays None."""
    return None if value is None else float(half_up(value, places))


def mean(values: Iterable[Fraction | int]) -> Fraction:
    """Arithmetic mean, exact. Raises ValueError when there are no values."""
    items = list(values)
    if not items:
        raise ValueError("mean of no values")
    return Fraction(sum(items)) / len(items)


def median(values: Iterable[Fraction | int]) -> Fraction:
    """Median, exact; the mean of the two middle values for an even count. Raises ValueError when there are none."""
    return quantile(list(values), Fraction(1, 2))


def quantile(values: Iterable[Fraction | int], share: Fraction) -> Fraction:
    """Quantile by linear interpolation between order statistics (Hyndman & Fan type 7, the pandas default)."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("quantile of no values")
    position = share * (len(ordered) - 1)
    below = position.numerator // position.denominator
    above = min(below + 1, len(ordered) - 1)
    return Fraction(ordered[below]) + (position - below) * (Fraction(ordered[above]) - Fraction(ordered[below]))
