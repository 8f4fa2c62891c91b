from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from assess.core.answers import Answer, Evidence
from assess.core.scoring import Standing, band, measure, score, score_item
from tests.core.builders import (
    DAY,
    DK,
    NA,
    agreed,
    alone,
    assessed,
    dimension,
    item,
    panel,
    person,
    plain,
    proof,
    questionnaire,
)

THIRD = Fraction(1, 3)


def measured(values, *dimensions, inapplicable=()):
    return measure(questionnaire(*dimensions), {k: Fraction(v) for k, v in values.items()}, frozenset(inapplicable))


class TestItems:
    @pytest.mark.parametrize(
        ("ratings", "expected"),
        [
            ({"sales": [3]}, Fraction(3)),
            ({"sales": [2, 3]}, Fraction(5, 2)),
            ({"sales": [2, 2, 3], "executive": [5]}, Fraction(11, 3)),
            ({"sales": [2, 2, 2, 2], "executive": [5], "kam": [4]}, Fraction(11, 3)),
            ({"sales": [2, DK], "executive": [DK]}, Fraction(2)),
            ({"sales": [2, NA], "executive": [4]}, Fraction(3)),
        ],
    )
    def test_a_panel_counts_every_role_group_once(self, ratings, expected):
        found = score_item("a1", panel("a1", **ratings))
        assert (found.score, found.source, found.status) == (expected, "panel", "scored")

    def test_consensus_replaces_the_panel_and_the_ratings_stay_shown(self):
        one = panel("a1", sales=[1, 1], executive=[5])
        found = score_item("a1", assessed(*one.respondents, consensus={"a1": agreed(4)}))
        assert (found.score, found.source) == (4, "consensus")
        assert (found.n, found.median, found.lowest, found.highest) == (3, 1, 1, 5)

    def test_consensus_may_be_not_applicable(self):
        one = panel("a1", sales=[1, 1])
        found = score_item("a1", assessed(*one.respondents, consensus={"a1": agreed(not_applicable="constraint")}))
        assert (found.score, found.evidenced, found.status, found.source) == (None, None, "not_applicable", "consensus")
        assert found.n == 2

    def test_consensus_counts_where_nobody_rated(self):
        assert score_item("a1", assessed(consensus={"a1": agreed(2)})).score == 2

    @pytest.mark.parametrize(
        ("given", "status"),
        [([], "unanswered"), ([DK], "unanswered"), ([NA], "not_applicable"), ([DK, NA], "not_applicable"), ([NA, 2], "scored")],
    )
    def test_without_a_number_an_item_is_not_applicable_if_one_said_so_and_unanswered_otherwise(self, given, status):
        found = score_item("a1", panel("a1", sales=given))
        assert found.status == status
        assert (found.score is None) == (status != "scored")

    def test_ratings_dont_knows_and_not_applicables_are_counted(self):
        found = score_item("a1", panel("a1", sales=[2, 5, DK], kam=[NA, DK, 4]))
        assert (found.n, found.dont_know, found.not_applicable) == (3, 2, 1)
        assert (found.median, found.lowest, found.highest) == (4, 2, 5)


class TestEvidence:
    @pytest.mark.parametrize(
        ("entries", "evidenced"),
        [
            ((), 3),
            (proof(), 5),
            (proof("", url="https://example.com/x"), 5),
            (proof("  \n"), 3),
            (proof("minute", expires=DAY), 5),
            (proof("minute", expires=DAY - timedelta(days=1)), 3),
            (proof("minute", expires=DAY + timedelta(days=1)), 5),
            ((Evidence("old", expires=DAY - timedelta(days=1)), Evidence("new")), 5),
        ],
    )
    def test_an_entry_of_the_register_counts_until_the_end_of_its_last_day(self, entries, evidenced):
        assert score_item("a1", alone({"a1": 5}, evidence={"a1": entries})).evidenced == evidenced

    @pytest.mark.parametrize(("words", "evidenced"), [("charter v2", 5), ("", 3), (" \t", 3)])
    def test_evidence_on_an_answer_counts_unless_it_is_blank(self, words, evidenced):
        assert score_item("a1", alone({"a1": Answer(level=5, evidence=words)})).evidenced == evidenced

    def test_evidence_of_one_answer_counts_for_the_item_even_beside_a_dont_know(self):
        one = panel("a1", sales=[5, Answer(dont_know=True, evidence="register")])
        assert score_item("a1", one).evidenced == 5

    @pytest.mark.parametrize("level", [1, 2, 3])
    def test_up_to_level_three_no_evidence_is_needed(self, level):
        assert score_item("a1", alone({"a1": level})).evidenced == level

    def test_a_mean_between_three_and_four_is_held_at_three(self):
        assert score_item("a1", panel("a1", sales=[3, 4])).evidenced == 3

    def test_consensus_needs_evidence_too(self):
        assert score_item("a1", assessed(consensus={"a1": agreed(5)})).evidenced == 3

    def test_the_assurance_gap_is_claimed_minus_evidenced(self):
        card = score(questionnaire(plain("a", 2)), alone({"a1": 5, "a2": 5}, evidence={"a1": proof()}))
        assert (card.claimed.score, card.evidenced.score) == (5, 4)
        assert (card.claimed.level, card.evidenced.level) == (5, 4)


class TestBands:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (Fraction(1), 1),
            (Fraction(3, 2) - Fraction(1, 10**30), 1),
            (Fraction(3, 2), 2),
            (Fraction(5, 2) - Fraction(1, 10**30), 2),
            (Fraction(5, 2), 3),
            (Fraction(7, 2) - Fraction(1, 10**30), 3),
            (Fraction(7, 2), 4),
            (Fraction(9, 2) - Fraction(1, 10**30), 4),
            (Fraction(9, 2), 5),
            (Fraction(5), 5),
        ],
    )
    def test_an_edge_belongs_to_the_band_above(self, value, expected):
        assert band(value) == expected

    def test_a_mean_that_floats_put_below_its_edge_is_in_the_right_band(self):
        """1 x 9/5 + 2 x 12/5 + 3 x 14/5 = 15, and 15 / 6 = 2.5; in floats 2.4999999999999996."""
        one = dimension("a", item("a1"), item("a2", weight=2), item("a3", weight=3))
        levels = {"a1": (2, 2, 2, 2, 1), "a2": (2, 2, 2, 3, 3), "a3": (3, 3, 3, 3, 2)}
        people = [person(f"r{n}", "sales", {key: given[n] for key, given in levels.items()}) for n in range(5)]
        standing = score(questionnaire(one), assessed(*people)).claimed
        assert (standing.score, standing.band, standing.level) == (Fraction(5, 2), 3, 3)
        assert (1 * 1.8 + 2 * 2.4 + 3 * 2.8) / 6 < 2.5

    @pytest.mark.parametrize(("value", "index"), [(1, 0), (3, 50), (5, 100), (Fraction(5, 2), Fraction(75, 2))])
    def test_the_index_runs_from_0_to_100(self, value, index):
        assert Standing(Fraction(value)).index == index

    def test_no_score_has_no_index(self):
        assert Standing().index is None


class TestDimensions:
    def test_items_count_by_their_weight(self):
        one = dimension("a", item("a1", weight=3), item("a2"))
        assert measured({"a1": 2, "a2": 5}, one).dimensions["a"].standing.score == Fraction(11, 4)

    @pytest.mark.parametrize(
        ("gates", "rest", "level", "capped_by"),
        [
            ((1,), 5, 2, ("g1",)),
            ((2,), 5, 3, ("g1",)),
            ((Fraction(5, 2),), 5, 3, ("g1",)),
            ((3 - THIRD,), 5, 3, ("g1",)),
            ((3,), 5, 4, ("g1",)),
            ((4,), 5, 5, ()),
            ((5,), 5, 5, ()),
            ((1, 1), 5, 2, ("g1", "g2")),
            ((1, 2), 5, 2, ("g1",)),
            ((2, 1), 5, 2, ("g2",)),
            ((1, Fraction(3, 2)), 5, 2, ("g1",)),
            ((1,), 1, 1, ()),
            ((), 5, 5, ()),
        ],
    )
    def test_a_dimension_stands_at_most_one_level_above_its_weakest_must_have(self, gates, rest, level, capped_by):
        names = [f"g{number}" for number in range(1, len(gates) + 1)]
        one = dimension("a", *(item(name, gate=True) for name in names), item("a1", weight=1000))
        found = measured({**dict(zip(names, gates, strict=True)), "a1": rest}, one).dimensions["a"].standing
        assert (found.level, found.capped_by) == (level, capped_by)

    def test_a_gate_that_just_allows_the_band_caps_nothing(self):
        one = dimension("a", item("g1", gate=True), item("a1", weight=9))
        found = measured({"g1": 2, "a1": 3}, one).dimensions["a"].standing
        assert (found.band, found.level, found.capped_by) == (3, 3, ())

    @pytest.mark.parametrize("given", [DK, NA])
    def test_a_gate_without_a_number_does_not_gate(self, given):
        one = dimension("a", item("g1", gate=True), *(item(f"a{n}") for n in range(1, 4)))
        standing = score(questionnaire(one), alone({"g1": given, "a1": 5, "a2": 5, "a3": 5})).dimension["a"].claimed
        assert (standing.level, standing.capped_by) == (5, ())

    @pytest.mark.parametrize(
        ("scored", "items", "status"), [(7, 10, "scored"), (6, 10, "insufficient"), (2, 3, "insufficient"), (3, 4, "scored")]
    )
    def test_below_seventy_percent_there_is_a_score_but_no_level(self, scored, items, status):
        found = score(questionnaire(plain("a", items)), alone({f"a{n}": 4 for n in range(1, scored + 1)})).dimension["a"]
        assert (found.status, found.coverage) == (status, Fraction(scored, items))
        assert (found.claimed.score, found.claimed.band) == (4, 4)
        assert found.claimed.level == (4 if status == "scored" else None)
        assert found.claimed.capped_by == ()

    def test_an_insufficient_dimension_is_capped_by_nothing(self):
        one = dimension("a", item("g1", gate=True), item("a1", weight=50), item("a2"), item("a3"))
        assert score(questionnaire(one), alone({"g1": 1, "a1": 5})).dimension["a"].claimed == Standing(Fraction(251, 51), 5)

    def test_not_applicable_items_do_not_count_in_coverage(self):
        found = score(questionnaire(plain("a", 10)), alone({"a1": 4, **{f"a{n}": NA for n in range(2, 11)}})).dimension["a"]
        assert (found.coverage, found.status, found.claimed.level) == (1, "scored", 4)

    def test_dont_know_lowers_coverage_not_the_score(self):
        one = questionnaire(plain("a", 4))
        known = score(one, alone({"a1": 2, "a2": 2, "a3": 2, "a4": 2})).dimension["a"]
        unknown = score(one, alone({"a1": 2, "a2": 2, "a3": 2, "a4": DK})).dimension["a"]
        assert (known.coverage, unknown.coverage) == (1, Fraction(3, 4))
        assert known.claimed == unknown.claimed

    def test_a_dimension_whose_items_are_all_not_applicable_is_left_out_everywhere(self):
        one = questionnaire(plain("a", 2), plain("b", 2))
        card = score(one, alone({"a1": 2, "a2": 2, "b1": NA, "b2": NA}))
        assert [found.id for found in card.dimensions] == ["a"]
        assert (card.claimed.score, card.claimed.level, card.coverage, card.provisional) == (2, 2, 1, False)

    def test_roles_show_the_mean_of_all_their_ratings_and_how_many_rated(self):
        people = [
            person("r1", "sales", {"a1": 1, "a2": 2}),
            person("r2", "sales", {"a1": 3, "a2": DK}),
            person("r3", "kam", {"a1": DK}),
        ]
        roles = score(questionnaire(plain("a", 2)), assessed(*people)).dimension["a"].roles
        assert {role: (value.score, value.n) for role, value in roles.items()} == {"sales": (2, 2)}


class TestProgramme:
    def test_dimensions_count_by_their_weight(self):
        card = measured({"a1": 2, "b1": 5}, dimension("a", item("a1"), weight=3), dimension("b", item("b1")))
        assert card.overall.score == Fraction(11, 4)

    @pytest.mark.parametrize(
        ("levels", "level", "capped_by"),
        [
            ((5, 5, 1), 2, ("c",)),
            ((5, 1, 1), 2, ()),
            ((4, 1, 5), 2, ("b",)),
            ((5, 5, 2), 3, ("c",)),
            ((5, 5, 3), 4, ()),
            ((4, 4, 3), 4, ()),
            ((3, 3, 2), 3, ()),
            ((1, 1, 1), 1, ()),
        ],
    )
    def test_the_programme_stands_at_most_one_level_above_its_weakest_dimension(self, levels, level, capped_by):
        card = score(
            questionnaire(plain("a", 1), plain("b", 1), plain("c", 1)),
            alone(dict(zip(("a1", "b1", "c1"), levels, strict=True))),
        )
        assert (card.claimed.level, card.claimed.capped_by) == (level, capped_by)

    def test_all_dimensions_at_the_lowest_level_are_named(self):
        heavy = dimension("a", item("a1"), weight=9)
        card = score(questionnaire(heavy, plain("b", 1), plain("c", 1)), alone({"a1": 5, "b1": 1, "c1": 1}))
        assert (card.claimed.band, card.claimed.level, card.claimed.capped_by) == (4, 2, ("b", "c"))

    def test_a_gated_dimension_can_bind_the_programme(self):
        gated = dimension("a", item("g1", gate=True), item("a1", weight=99))
        card = measured({"g1": 1, "a1": 5, "b1": 5}, gated, plain("b", 1))
        assert (card.dimensions["a"].standing.level, card.overall.level, card.overall.capped_by) == (2, 3, ("a",))

    def test_one_insufficient_dimension_makes_the_programme_provisional(self):
        card = score(questionnaire(plain("a", 1), plain("b", 2)), alone({"a1": 5, "b1": 3}))
        assert card.provisional
        assert (card.claimed.score, card.claimed.band, card.claimed.level) == (4, 4, None)
        assert (card.evidenced.score, card.evidenced.level) == (3, None)
        assert card.coverage == Fraction(2, 3)

    def test_a_dimension_without_any_answer_is_insufficient_and_takes_no_part_in_the_score(self):
        card = score(questionnaire(plain("a", 1), plain("b", 2)), alone({"a1": 5}))
        assert (card.dimension["b"].status, card.dimension["b"].coverage) == ("insufficient", 0)
        assert card.dimension["b"].claimed == Standing()
        assert (card.claimed.score, card.provisional) == (5, True)

    def test_no_answers_at_all_give_no_score(self):
        card = score(questionnaire(plain("a", 2)), assessed())
        assert (card.claimed, card.evidenced) == (Standing(), Standing())
        assert (card.coverage, card.provisional) == (0, True)
        assert [found.status for found in card.items] == ["unanswered", "unanswered"]

    def test_everything_not_applicable_leaves_nothing_to_score_or_to_cover(self):
        card = score(questionnaire(plain("a", 1)), alone({"a1": NA}))
        assert (card.claimed, card.coverage, card.provisional, card.dimensions) == (Standing(), None, False, ())

    def test_modules_never_enter_the_programme(self):
        core, module = questionnaire(plain("a", 1)), questionnaire(plain("m", 1), id_="m", kind="module")
        both = alone({"a1": 2, "m1": 5}, modules=("m",))
        assert score(core, both).claimed == score(core, alone({"a1": 2})).claimed
        assert score(module, both).claimed.score == 5

    def test_the_evidenced_level_is_gated_by_evidenced_scores(self):
        one = dimension("a", item("g1", gate=True), item("a1", weight=9))
        card = score(questionnaire(one), alone({"g1": 5, "a1": 5}, evidence={"a1": proof()}))
        assert card.claimed.level == 5
        assert card.dimension["a"].evidenced == Standing(Fraction(24, 5), 5, 4, ("g1",))
