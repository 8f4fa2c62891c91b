from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.core.benchmark import (
    Peer,
    choose_group,
    compare,
    latest_per_organisation,
    percentile_rank,
    position,
    programme_scores,
    wilson_interval,
)
from assess.core.scoring import score
from tests.core.builders import alone, dimension, item, plain, questionnaire

ASKED = questionnaire(dimension("a", item("a1"), weight=3), plain("b", 1), version="2.1.0")
CARD = score(ASKED, alone({"a1": 3, "b1": 4}))
EVERYTHING = {"industry": "it", "region": "eu", "size": "250-999"}
FIGURES = ("median", "q1", "q3", "p10", "p90", "band", "rank", "rank_low", "rank_high")


def peer(name: str, a: str | None = "3", b: str | None = "3", **parts) -> Peer:
    scores = {key: Fraction(value) for key, value in (("a", a), ("b", b)) if value is not None}
    base = {"questionnaire": "q", "version": "2.0.0", "completed_on": date(2026, 1, 1), "scores": scores}
    return Peer(organisation=name, **{**base, **parts})


def crowd(count: int, **parts) -> list[Peer]:
    return [peer(f"org {number}", **parts) for number in range(count)]


def compared(peers, segments=None, own="Acme"):
    return compare(ASKED, CARD, own, peers, segments)


class TestSuppression:
    @pytest.mark.parametrize(
        ("n", "shown"),
        [
            (0, 0),
            (4, 0),
            (5, 3),
            (9, 3),
            (10, 6),
            (29, 6),
            (30, 9),
        ],
    )
    def test_few_peers_show_little(self, n, shown):
        values = [Fraction(1 + 4 * number, n + 3) for number in range(n)]
        found = position(Fraction(3), values)
        assert (found.n, found.own) == (n, 3)
        assert [name for name in FIGURES if getattr(found, name) is not None] == list(FIGURES[:shown])

    @pytest.mark.parametrize(
        ("n", "directional", "missing"), [(4, False, 1), (5, True, 0), (9, True, 0), (10, False, 0), (0, False, 5)]
    )
    def test_a_small_group_is_only_directional_and_a_smaller_one_says_what_is_missing(self, n, directional, missing):
        found = compared(crowd(n))
        assert (found.n, found.directional, found.missing) == (n, directional, missing)

    def test_dates_and_versions_are_named_only_where_something_is_shown(self):
        peers = [peer(f"o{n}", completed_on=date(2026, 1, n), version=f"2.{n % 2}.0") for n in range(1, 6)]
        four, five = compared(peers[:4]), compared(peers)
        assert (four.first, four.last, four.versions) == (None, None, ())
        assert (five.first, five.last, five.versions) == (date(2026, 1, 1), date(2026, 1, 5), ("2.0.0", "2.1.0"))

    def test_every_dimension_counts_the_peers_that_have_it(self):
        peers = [*crowd(5), *(peer(f"gap {n}", b=None) for n in range(5))]
        found = compared(peers)
        assert (found.n, found.dimensions["a"].n, found.dimensions["b"].n) == (10, 10, 5)
        assert found.dimensions["a"].p10 is not None
        assert (found.dimensions["b"].median, found.dimensions["b"].p10) == (3, None)

    def test_a_dimension_with_too_few_is_suppressed_though_the_group_is_large_enough(self):
        found = compared([*crowd(4), *(peer(f"gap {n}", b=None) for n in range(6))])
        assert (found.dimensions["b"].n, found.dimensions["b"].median) == (4, None)

    def test_without_an_own_score_there_is_no_place_among_the_peers(self):
        found = position(None, [Fraction(3)] * 30)
        assert (found.own, found.band, found.rank, found.rank_low, found.median) == (None, None, None, None, 3)


class TestGroup:
    def members(self, industry=0, region=0, size=0, other=0):
        """So many that share only the industry; industry and region; all three; nothing."""
        return [
            *(peer(f"i{n}", industry="it", region="us", size="1-9") for n in range(industry)),
            *(peer(f"r{n}", industry="it", region="eu", size="1-9") for n in range(region)),
            *(peer(f"s{n}", industry="it", region="eu", size="250-999") for n in range(size)),
            *(peer(f"o{n}", industry="food", region="eu", size="250-999") for n in range(other)),
        ]

    @pytest.mark.parametrize(
        ("counts", "used", "n"),
        [
            ({"size": 5, "region": 9}, ("industry", "region", "size"), 5),
            ({"size": 4, "region": 1, "industry": 9}, ("industry", "region"), 5),
            ({"size": 4, "industry": 1, "other": 50}, ("industry",), 5),
            ({"size": 4, "other": 1}, (), 5),
            ({"size": 2, "other": 1}, (), 3),
        ],
    )
    def test_size_is_dropped_first_then_region_then_industry(self, counts, used, n):
        found = compared(self.members(**counts), EVERYTHING)
        assert (tuple(found.group), found.n) == (used, n)
        assert found.asked == EVERYTHING

    def test_segments_that_were_not_asked_for_are_not_dropped_either(self):
        used, members = choose_group(self.members(region=4, industry=3), {"industry": "it", "region": "eu"})
        assert (used, len(members)) == ({"industry": "it"}, 7)

    def test_segments_are_compared_without_regard_to_case_and_space(self):
        peers = [peer(f"o{n}", industry=" Machine  Tools") for n in range(5)]
        assert compared(peers, {"industry": "machine tools"}).group == {"industry": "machine tools"}

    def test_empty_segments_are_not_asked_for(self):
        assert compared(crowd(5), {"industry": "", "region": ""}).asked == {}


class TestPeers:
    def test_only_the_latest_assessment_of_an_organisation_counts(self):
        peers = [
            *crowd(4, a="1"),
            peer("Big Co", a="5", completed_on=date(2025, 1, 1)),
            peer(" big  CO ", a="2", completed_on=date(2026, 6, 1)),
            peer("Big Co", a="4", completed_on=date(2026, 5, 31)),
        ]
        found = compared(peers)
        assert (found.n, found.dimensions["a"].q3) == (5, 1)
        assert latest_per_organisation(peers)[-1].scores["a"] == 2

    def test_of_two_lines_of_the_same_day_the_later_line_counts(self):
        assert latest_per_organisation([peer("A", a="1"), peer("a", a="2")])[0].scores["a"] == 2

    def test_ones_own_organisation_is_never_among_its_peers(self):
        peers = [*crowd(5), peer("ACME"), peer("  acme ")]
        assert compared(peers).n == 5

    def test_other_questionnaires_and_other_major_versions_are_left_out(self):
        peers = [*crowd(5), peer("x", version="1.9.9"), peer("y", version="3.0.0"), peer("z", questionnaire="other")]
        assert compared(peers).n == 5

    def test_minor_versions_are_comparable(self):
        assert compared([peer(f"o{n}", version=f"2.{n}.7") for n in range(5)]).n == 5

    def test_a_peers_overall_score_is_weighted_like_the_questionnaire(self):
        rows = [peer("x", a="2", b="4"), peer("x", a=None, b="4"), peer("x", a=None, b=None), peer("x", a="2.5", b="1.333")]
        assert programme_scores(ASKED, rows) == [Fraction(5, 2), 4, Fraction(8833, 4000)]

    def test_own_scores_are_those_of_the_scorecard(self):
        found = compared(crowd(5))
        assert (found.overall.own, found.dimensions["a"].own, found.dimensions["b"].own) == (Fraction(13, 4), 3, 4)


class TestFigures:
    def test_quartiles_and_tails_are_interpolated(self):
        found = position(Fraction(3), [Fraction(n, 2) for n in range(2, 12)])
        assert (found.p10, found.q1, found.median, found.q3, found.p90) == (
            Fraction(29, 20),
            Fraction(17, 8),
            Fraction(13, 4),
            Fraction(35, 8),
            Fraction(101, 20),
        )

    @pytest.mark.parametrize(
        ("own", "band"),
        [
            ("1.8", "below_p10"),
            ("1.9", "p10_p25"),
            ("3.24", "p10_p25"),
            ("3.25", "p25_p50"),
            ("5.5", "p50_p75"),
            ("7.75", "p75_p90"),
            ("9.1", "above_p90"),
            ("10", "above_p90"),
        ],
    )
    def test_a_band_begins_at_its_lower_edge(self, own, band):
        assert position(Fraction(own), [Fraction(n) for n in range(1, 11)]).band == band

    @pytest.mark.parametrize(
        ("own", "values", "rank"),
        [
            (3, [1, 2, 3, 4, 5], 50),
            (3, [3, 3, 3, 3, 3], 50),
            (5, [1, 2, 3, 4, 5], 90),
            (1, [1, 1, 2, 2], 25),
            (0, [1, 2], 0),
            (9, [1, 2], 100),
        ],
    )
    def test_the_rank_counts_those_below_and_half_of_those_equal(self, own, values, rank):
        assert percentile_rank(Fraction(own), [Fraction(value) for value in values]) == rank

    @pytest.mark.parametrize(
        ("share", "n", "low", "high"),
        [
            (Fraction(1, 2), 30, 0.3315, 0.6685),
            (Fraction(0), 30, 0.0, 0.1135),
            (Fraction(1), 30, 0.8865, 1.0),
            (Fraction(1, 10), 50, 0.0435, 0.2136),
        ],
    )
    def test_the_wilson_interval_gives_published_numbers(self, share, n, low, high):
        assert wilson_interval(share, n) == pytest.approx((low, high), abs=5e-5)

    @settings(deadline=None)
    @given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
    def test_the_ends_of_the_interval_are_where_the_score_test_just_rejects(self, case):
        hits, n = case
        share, z = hits / n, 1.959963984540054
        for end in wilson_interval(Fraction(hits, n), n):
            assert abs(share - end) == pytest.approx(z * sqrt(max(end * (1 - end), 0) / n), abs=1e-7)

    def test_thirty_peers_give_a_rank_with_its_interval(self):
        found = position(Fraction(3), [Fraction(2)] * 15 + [Fraction(4)] * 15)
        assert found.rank == 50
        assert (found.rank_low, found.rank_high) == pytest.approx((33.15, 66.85), abs=0.005)

    @settings(deadline=None, max_examples=50)
    @given(st.lists(st.integers(4, 20).map(lambda n: Fraction(n, 4)), min_size=30, max_size=60), st.integers(4, 20))
    def test_ranks_and_quartiles_are_in_order(self, values, own):
        found = position(Fraction(own, 4), values)
        assert found.p10 <= found.q1 <= found.median <= found.q3 <= found.p90
        assert 0 <= found.rank_low <= float(found.rank) <= found.rank_high <= 100

    def test_the_order_of_peers_does_not_matter(self):
        peers = [peer(f"o{n}", a=str(1 + n % 4), completed_on=date(2026, 1, 1) + timedelta(days=n)) for n in range(31)]
        assert compared(peers) == compared(peers[::-1])
