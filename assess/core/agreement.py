"""How far the raters of one item agree, on the five-point scale (method section 5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from assess.core.rounding import mean

LOWEST, HIGHEST, POINTS = 1, 5, 5
DISAGREEMENT = Fraction(POINTS, 6)
EXPECTED_VARIANCE = Fraction(POINTS**2 - 1, 12)
MIN_RATERS_AD = 3
MIN_RATERS_A_WG = 4


@dataclass(frozen=True)
class Agreement:
    """None where too few people rated, or where the index is not defined; flag says the raters disagree."""

    ad_m: Fraction | None = None
    r_wg: Fraction | None = None
    a_wg: Fraction | None = None
    flag: bool | None = None


def agreement(ratings: Sequence[int]) -> Agreement:
    """All agreement indices that the number of raters allows."""
    if len(ratings) < MIN_RATERS_AD:
        return Agreement()
    deviation = average_deviation(ratings)
    return Agreement(
        ad_m=deviation,
        r_wg=within_group_agreement(ratings),
        a_wg=agreement_by_spread(ratings) if len(ratings) >= MIN_RATERS_A_WG else None,
        flag=deviation > DISAGREEMENT,
    )


def average_deviation(ratings: Sequence[int]) -> Fraction:
    """Mean absolute deviation from the mean, in scale points; above A/6 the raters disagree.

    Burke et al. 1999; Dunlap et al. 2003.
    """
    raters, total = len(ratings), sum(ratings)
    return Fraction(sum(abs(raters * rating - total) for rating in ratings), raters**2)


def within_group_agreement(ratings: Sequence[int]) -> Fraction:
    """r_wg: 1 - s^2 over the variance of random answers, not below 0. James, Demaree & Wolf 1984."""
    return max(Fraction(0), 1 - variance(ratings) / EXPECTED_VARIANCE)


def agreement_by_spread(ratings: Sequence[int]) -> Fraction | None:
    """a_wg: 1 - 2 s^2 over the largest variance possible at this mean; None when all sit on one end point.

    Brown & Hauenstein 2005.
    """
    raters, centre = len(ratings), mean(ratings)
    largest = ((HIGHEST + LOWEST) * centre - centre**2 - HIGHEST * LOWEST) * Fraction(raters, raters - 1)
    return None if largest == 0 else 1 - 2 * variance(ratings) / largest


def variance(ratings: Sequence[int]) -> Fraction:
    """Sample variance with K - 1, in squared scale points."""
    raters, total = len(ratings), sum(ratings)
    return Fraction(raters * sum(rating**2 for rating in ratings) - total**2, raters * (raters - 1))
