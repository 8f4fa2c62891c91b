from __future__ import annotations

from fractions import Fraction

import pytest

from assess.core.agreement import Agreement, agreement, variance
from assess.core.rounding import half_up, mean

TABLE = [
    ("4 4 3 4 2", "3.4", "0.8", "0.60", "0.72", "0.6667"),
    ("1 1 5 5", "3", "5.3333", "0", "2", "-1"),
    ("3 3 3 4", "3.25", "0.25", "0.875", "0.375", "0.9048"),
    ("2 3 4 3 2 3", "2.8333", "0.5667", "0.7167", "0.5556", "0.7622"),
    ("5 5 5 5", "5", "0", "1", "0", None),
]


def printed(value: Fraction | None, as_in: str | None) -> str | None:
    """The value with as many decimals as the page prints."""
    if value is None or as_in is None:
        return None if value is None else str(value)
    return str(half_up(value, len(as_in.partition(".")[2])))


@pytest.mark.parametrize(("ratings", "centre", "s2", "r_wg", "ad_m", "a_wg"), TABLE)
def test_the_table_of_the_method_is_reproduced(ratings, centre, s2, r_wg, ad_m, a_wg):
    levels = [int(level) for level in ratings.split()]
    found = agreement(levels)
    assert printed(mean(levels), centre) == centre
    assert printed(variance(levels), s2) == s2
    assert printed(found.r_wg, r_wg) == r_wg
    assert printed(found.ad_m, ad_m) == ad_m
    assert printed(found.a_wg, a_wg) == a_wg


@pytest.mark.parametrize("ratings", [[], [3], [1, 5]])
def test_up_to_two_raters_give_no_index_and_no_flag(ratings):
    assert agreement(ratings) == Agreement(None, None, None, None)


def test_three_raters_give_ad_m_and_r_wg_but_not_a_wg():
    assert agreement([1, 2, 3]) == Agreement(Fraction(2, 3), Fraction(1, 2), None, False)


def test_four_raters_give_every_index():
    assert agreement([1, 2, 3, 2]).a_wg is not None


@pytest.mark.parametrize("level", [1, 5])
def test_a_wg_is_not_defined_when_all_sit_on_one_end_point(level):
    found = agreement([level] * 4)
    assert (found.a_wg, found.r_wg, found.ad_m) == (None, 1, 0)


def test_r_wg_is_cut_off_at_zero():
    assert agreement([1, 1, 5, 5]).r_wg == 0


@pytest.mark.parametrize(
    ("ratings", "ad_m", "flag"),
    [
        ([3] * 7 + [5] * 5, Fraction(35, 36), True),
        ([2, 3, 4, 4, 2, 4], Fraction(5, 6), False),
        ([1, 3, 3, 4, 4], Fraction(4, 5), False),
        ([1, 2, 3, 4], Fraction(1), True),
    ],
)
def test_raters_disagree_when_ad_m_is_above_five_sixths(ratings, ad_m, flag):
    found = agreement(ratings)
    assert (found.ad_m, found.flag) == (ad_m, flag)
