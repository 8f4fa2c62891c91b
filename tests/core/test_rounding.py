from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.rounding import half_up, mean, median, number, quantile


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(-1, 8), 2, "-0.13"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(7, 2), 0, "4"),
        (Fraction(2675, 1000), 2, "2.68"),
        (Fraction(1, 3), 4, "0.3333"),
        (Fraction(2, 3), 4, "0.6667"),
        (Fraction(-1, 1000), 2, "0.00"),
        (Fraction(99995, 100000), 4, "1.0000"),
    ],
)
def test_numbers_are_rounded_once_and_half_up(value, places, shown):
    assert str(half_up(value, places)) == shown


def test_a_missing_number_stays_missing():
    assert number(None) is None


def test_json_shows_at_most_four_decimals():
    assert number(Fraction(1, 7)) == 0.1429


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=10**6), st.integers(0, 6))
def test_half_up_equals_an_independent_decimal_rounding(value, places):
    with localcontext() as context:
        context.prec = 80
        exact = Decimal(value.numerator) / Decimal(value.denominator)
        expected = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    assert half_up(value, places) == expected


@given(st.integers(-(10**8), 10**8), st.integers(0, 6))
def test_a_tie_goes_away_from_zero(size, places):
    tie = Fraction(2 * size + 1, 2 * 10**places)
    assert abs(half_up(tie, places)) == Decimal(abs(size + (size >= 0))).scaleb(-places)


@given(
    st.lists(st.fractions(min_value=1, max_value=5, max_denominator=100), min_size=1, max_size=40),
    st.sampled_from(
        [Fraction(1, 10), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(0), Fraction(1)]
    ),
)
def test_quantiles_are_those_of_pandas(values, share):
    expected = pandas.Series([float(value) for value in values]).quantile(float(share), interpolation="linear")
    assert float(quantile(values, share)) == pytest.approx(expected, abs=1e-9)


def test_the_median_of_an_even_count_lies_between():
    assert median([1, 2, 4, 5]) == 3
    assert median([1, 2]) == Fraction(3, 2)


@pytest.mark.parametrize("of_nothing", [mean, median])
def test_there_is_no_average_of_nothing(of_nothing):
    with pytest.raises(ValueError, match="of no values"):
        of_nothing([])
