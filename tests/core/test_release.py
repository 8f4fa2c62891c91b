from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assess.core.benchmark import percentile_rank, wilson_interval
from assess.core.release import (
    ALL,
    FAMILIES,
    MIN_PEERS,
    OVERALL,
    Batch,
    Block,
    Figures,
    Release,
    ReleasedCell,
    batches,
    bin_of,
    cells_of,
    figures_of,
    offered,
    percents,
    pool,
    quarter,
    renewable,
)
from assess.core.release_comparison import compare_released, released_position
from assess.core.scoring import score
from tests.core.builders import alone, dimension, item, plain, questionnaire

ASKED = questionnaire(dimension("a", item("a1"), weight=3), plain("b", 1), version="2.1.0")
CARD = score(ASKED, alone({"a1": 3, "b1": 4}))
FOOD, IT = ("food", None, None), ("it", None, None)
FOOD_EU = ("food", "eu", None)
SMALL, LARGE = ("food", "eu", "small"), ("food", "eu", "large")


def entered(counts, published=()):
    """Cell -> how many enter as blocks of it."""
    return {batch.cell: sum(counts[triple] for triple in batch.triples) for batch in batches(counts, published)}


class TestEntering:
    @pytest.mark.parametrize(
        ("counts", "published", "blocks"),
        [
            ({SMALL: 5}, (), {SMALL: 5}),
            ({SMALL: 4}, (), {}),
            ({SMALL: 5, LARGE: 6}, (), {SMALL: 5, LARGE: 6}),
            ({SMALL: 3, LARGE: 3}, (), {FOOD_EU: 6}),
            ({SMALL: 3, ("food", "us", "small"): 3}, (), {FOOD: 6}),
            ({SMALL: 3, ("it", "us", "small"): 3}, (), {ALL: 6}),
            ({("", "", ""): 7}, (), {ALL: 7}),
            ({("food", "", "small"): 5}, (), {FOOD: 5}),
            ({("food", "eu", ""): 5}, (), {FOOD_EU: 5}),
            ({("", "eu", "small"): 5}, (), {ALL: 5}),
        ],
    )
    def test_five_of_the_narrowest_group_make_a_block_fewer_are_counted_in_the_next_wider_one(self, counts, published, blocks):
        assert entered(counts, published) == blocks

    @pytest.mark.parametrize(
        ("counts", "blocks"),
        [
            ({SMALL: 7, LARGE: 2}, {FOOD_EU: 9}),
            ({SMALL: 7, LARGE: 8, ("food", "eu", "huge"): 1}, {FOOD_EU: 8, LARGE: 8}),
            ({("food", "eu", "small"): 6, ("it", "us", "small"): 2}, {ALL: 8}),
        ],
    )
    def test_when_a_group_first_shows_the_rest_that_is_too_small_takes_in_its_smallest_block(self, counts, blocks):
        assert entered(counts) == blocks

    def test_a_block_that_a_published_group_could_hold_is_not_taken_out_of_it(self):
        counts = {SMALL: 6, ("it", "us", "small"): 2}
        assert entered(counts, [FOOD]) == {SMALL: 6}

    def test_fewer_than_five_wait_for_the_group_that_is_published_already(self):
        assert entered({SMALL: 4, ("it", "us", "small"): 4}, [ALL, FOOD, FOOD_EU, SMALL]) == {}
        assert entered({SMALL: 4, ("it", "us", "small"): 5}, [ALL, SMALL]) == {("it", "us", "small"): 5}

    def test_with_new_ones_of_an_unpublished_group_it_is_five_of_any_that_enter_the_wider_one(self):
        assert entered({("it", "us", "small"): 3, ("steel", "us", "small"): 2}, [ALL]) == {ALL: 5}

    @settings(deadline=None)
    @given(
        st.dictionaries(
            st.tuples(*(st.sampled_from(["", "a", "b", "c"]) for _ in range(3))), st.integers(0, 12), min_size=1, max_size=30
        ),
        st.sets(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([None, "a"]), st.none())),
    )
    def test_every_block_has_five_lies_in_its_group_and_nobody_is_in_two(self, counts, published):
        found = batches(counts, published)
        seen = Counter(triple for batch in found for triple in batch.triples)
        assert all(count == 1 for count in seen.values())
        for batch in found:
            assert sum(counts[triple] for triple in batch.triples) >= MIN_PEERS
            assert all(w is None or w == v for triple in batch.triples for v, w in zip(triple, batch.cell, strict=True))
            assert isinstance(batch, Batch)


class TestLeaving:
    @pytest.mark.parametrize(
        ("published", "staying", "shown"),
        [
            ({OVERALL: 10, "a": 10}, {OVERALL: 5, "a": 5}, {OVERALL, "a"}),
            ({OVERALL: 10, "a": 10}, {OVERALL: 6, "a": 6}, None),
            ({OVERALL: 12, "a": 8}, {OVERALL: 6, "a": 5}, {OVERALL}),
            ({OVERALL: 12, "a": 4}, {OVERALL: 6, "a": 0}, {OVERALL}),
            ({OVERALL: 12, "a": 6}, {OVERALL: 6, "a": 0}, {OVERALL, "a"}),
        ],
    )
    def test_a_block_is_shown_without_those_who_left_when_five_left_and_five_stay(self, published, staying, shown):
        assert renewable(published, staying) == shown


def block(id_, cell, *bins):
    return Block(id_, cell, len(bins), {OVERALL: dict(Counter(bins))}, date(2026, 1, 1), date(2026, 3, 31))


class TestGroups:
    def test_a_group_consists_of_the_blocks_that_lie_in_it_wholly(self):
        blocks = [block(1, SMALL, *range(5)), block(2, FOOD, *range(5)), block(3, ALL, *range(5))]
        counts = {SMALL: 5, ("food", "us", "small"): 5, ("it", "us", "large"): 5}
        found = {cell: [b.id for b in members] for cell, members in cells_of(blocks, counts).items()}
        assert found == {ALL: [1, 2, 3], FOOD: [1, 2], FOOD_EU: [1], SMALL: [1], (None, "eu", None): [1]}

    def test_a_region_is_not_shown_when_more_than_a_quarter_of_it_would_be_left_out(self):
        blocks = [block(1, SMALL, *range(6))]
        assert (None, "eu", None) in cells_of(blocks, {SMALL: 6, ("it", "eu", "large"): 2})
        assert (None, "eu", None) not in cells_of(blocks, {SMALL: 6, ("it", "eu", "large"): 3})

    def test_only_groups_of_the_fixed_set_are_offered(self):
        blocks = [block(1, SMALL, *range(6)), block(2, LARGE, *range(7))]
        release = Release("x", "k", "q", 2, (), 1, date.min, (), cells_of(blocks, {}))
        found = list(offered([release, release]))
        assert found[0] == ALL
        assert len(found) == len(set(found)) == 8
        assert {tuple(s for s, v in zip(("industry", "region", "size"), c, strict=True) if v) for c in found} == set(FAMILIES)


class TestFigures:
    @pytest.mark.parametrize(
        ("n", "shown"),
        [
            (5, (25, 50, 75)),
            (9, (25, 50, 75)),
            (10, (10, 25, 50, 75, 90)),
            (29, (10, 25, 50, 75, 90)),
            (30, (10, 20, 25, 40, 50, 60, 75, 80, 90)),
            (50, (10, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90)),
        ],
    )
    def test_few_organisations_allow_few_quantiles(self, n, shown):
        assert percents(n) == shown

    @pytest.mark.parametrize("n", [100, 249, 250, 499, 500, 10**6])
    def test_between_two_of_the_finer_quantiles_lie_at_least_five_organisations(self, n):
        fine = [p for p in percents(n) if p not in (25, 75)]
        assert all((b - a) * n >= 500 for a, b in zip([0, *fine], [*fine, 100], strict=True))

    def test_below_five_nothing_is_shown(self):
        assert figures_of({100: 4}) is None

    def test_counts_are_shown_in_fives_and_quantiles_to_a_hundredth(self):
        figures = figures_of({0: 1, 100: 1, 150: 1, 151: 1, 260: 1, 400: 1})
        assert figures.n == 5
        # places 1.25, 2.5, 3.75 of six: 2.00 + 0.25 x 0.5; 2.505; 2.51 + 0.75 x 1.09
        assert figures.quantiles == {25: 213, 50: 251, 75: 333}

    @pytest.mark.parametrize(("text", "place"), [("1", 0), ("5", 400), ("2.345", 135), ("2.3449", 134), ("7/3", 133)])
    def test_scores_fall_into_401_bins_half_up(self, text, place):
        assert bin_of(Fraction(text)) == place

    def test_days_are_shown_as_quarters(self):
        assert quarter(date(2026, 11, 21)) == (date(2026, 10, 1), date(2026, 12, 31))
        assert quarter(date(2028, 1, 1)) == (date(2028, 1, 1), date(2028, 3, 31))

    def test_the_rank_is_read_between_the_released_quantiles_in_whole_numbers(self):
        figures = figures_of(dict.fromkeys(range(0, 400, 4), 1))  # 100 organisations, 1.00 to 4.96
        found = released_position(Fraction("2.98"), figures)
        assert (found.n, found.rank, found.band, found.median) == (100, 50, "p50_p75", Fraction("2.98"))
        low, high = wilson_interval(Fraction(45, 100), 100)[0], wilson_interval(Fraction(55, 100), 100)[1]
        assert (found.rank_low, found.rank_high) == pytest.approx((100 * low, 100 * high))

    @pytest.mark.parametrize(("own", "rank"), [("1", 0), ("5", 100)])
    def test_the_ends_of_the_scale_are_the_ends_of_the_ranks(self, own, rank):
        figures = figures_of(dict.fromkeys(range(50, 350, 3), 1))
        assert released_position(Fraction(own), figures).rank == rank

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.integers(0, 400), min_size=30, max_size=700), st.integers(0, 400))
    def test_the_exact_rank_lies_in_the_interval_and_near_the_rank_shown(self, bins, own):
        figures = figures_of(Counter(bins))
        scores, mine = [1 + Fraction(b, 100) for b in bins], 1 + Fraction(own, 100)
        exact, found = percentile_rank(mine, scores), released_position(mine, figures)
        assert found.rank_low <= float(exact) <= found.rank_high
        assert found.rank_low <= float(found.rank) <= found.rank_high


def cell(figures, cell_=ALL, release=1):
    whole = {OVERALL: figures, "a": figures}
    return ReleasedCell(cell_, figures.n, date(2026, 1, 1), date(2026, 3, 31), release, date(2026, 4, 2), whole)


def release_of(*cells, key="k", number=1, **parts):
    base = {"name": key.upper(), "questionnaire": "q", "major": 2, "versions": ("2.0.0",), "dimensions": ("a", "b")}
    return Release(key=key, number=number, released_on=date(2026, 4, 2), cells={c.cell: c for c in cells}, **{**base, **parts})


TEN = figures_of(dict.fromkeys(range(0, 400, 40), 1))
SIX = figures_of(dict.fromkeys(range(100, 160, 10), 1))


class TestComparing:
    def test_the_first_of_the_widening_groups_that_is_shown_is_used(self):
        found = compare_released(ASKED, CARD, [release_of(cell(TEN), cell(SIX, FOOD))], {"industry": " Food ", "size": "small"})
        assert (found.group, found.n, found.n_to) == ({"industry": " Food "}, 5, 9)
        assert found.dimensions["a"].median == Fraction("2.25")
        assert (found.dimensions["b"].median, found.dimensions["b"].n) == (None, 0)
        assert found.directional

    def test_where_it_comes_from_is_told(self):
        found = compare_released(ASKED, CARD, [release_of(cell(TEN, release=3), number=7)])
        (source,) = found.sources
        assert (source.name, source.key, source.number, source.released_on, source.n) == ("K", "k", 3, date(2026, 4, 2), 10)
        assert (found.first, found.last, found.versions) == (date(2026, 1, 1), date(2026, 3, 31), ("2.0.0",))

    def test_without_a_group_that_can_be_shown_it_says_how_many_are_missing(self):
        found = compare_released(ASKED, CARD, [release_of(known=3)], {"industry": "food"})
        assert (found.n, found.missing, found.overall.median, found.overall.own) == (3, 2, None, Fraction(13, 4))
        assert compare_released(ASKED, CARD, []).missing == 5

    def test_other_questionnaires_and_major_versions_do_not_count(self):
        others = [release_of(cell(TEN), questionnaire="z"), release_of(cell(TEN), major=1, key="m")]
        assert compare_released(ASKED, CARD, others).missing == 5

    def test_of_one_installation_only_the_newest_release_counts(self):
        found = compare_released(ASKED, CARD, [release_of(cell(TEN), number=2), release_of(cell(SIX), number=1)])
        assert (found.n, found.pooled) == (10, False)

    def test_releases_of_several_installations_are_pooled(self):
        found = compare_released(ASKED, CARD, [release_of(cell(TEN)), release_of(cell(TEN), key="j")])
        assert (found.n, found.n_to, found.pooled) == (20, 28, True)
        # Two equal distributions mixed are the same distribution.
        assert found.dimensions["a"].median == Fraction(TEN.quantiles[50], 100)

    def test_a_group_that_only_one_installation_shows_is_that_ones(self):
        found = compare_released(
            ASKED, CARD, [release_of(cell(TEN), cell(SIX, FOOD)), release_of(cell(TEN), key="j")], {"industry": "food"}
        )
        assert [source.key for source in found.sources] == ["k"]


class TestPooling:
    def test_small_groups_that_would_cost_the_tails_are_left_out_when_the_others_are_at_least_as_many(self):
        assert pool([TEN, SIX]) == TEN
        assert set(pool([TEN, SIX, SIX, SIX]).quantiles) == {25, 50, 75}

    def test_a_mixture_lies_between_its_parts(self):
        low, high = (figures_of(dict.fromkeys(range(start, start + 100, 10), 1)) for start in (0, 200))
        mixed = pool([low, high])
        assert mixed.n == 20
        assert low.quantiles[25] < mixed.quantiles[25] < low.quantiles[75]
        assert low.quantiles[90] < mixed.quantiles[50] <= high.quantiles[10]

    @settings(deadline=None, max_examples=30)
    @given(st.lists(st.lists(st.integers(0, 400), min_size=100, max_size=300), min_size=2, max_size=3))
    def test_pooled_quantiles_are_near_those_of_all_organisations_together(self, parts):
        made = pool([figures_of(Counter(bins)) for bins in parts])
        everyone = sorted(place for bins in parts for place in bins)
        for percent, value in made.quantiles.items():
            # Each part is known at every twentieth, so that a share read between two is off by less than that and a step.
            below = sum(1 + Fraction(place, 100) < Fraction(value - 1, 100) for place in everyone) / len(everyone)
            upto = sum(1 + Fraction(place, 100) <= Fraction(value + 1, 100) for place in everyone) / len(everyone)
            assert below - 0.07 <= percent / 100 <= upto + 0.07

    def test_one_group_stays_as_it_is(self):
        odd = Figures(5, {25: 200, 50: 200, 75: 300})
        assert pool([odd]) is odd

    def test_no_organisation_weighs_more_than_a_fifth_even_if_it_is_in_every_file(self):
        """The rule is a quarter: of k files with at least five organisations each, one that is in all has k of 5k parts."""
        for k in range(1, 9):
            assert Fraction(k, sum(5 for _ in range(k))) <= Fraction(1, 4)
