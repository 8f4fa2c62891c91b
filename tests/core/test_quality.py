from __future__ import annotations

from fractions import Fraction

import pytest

from assess.core.answers import Answer
from assess.core.quality import Flag, disagreement_order, find_flags, longest_run, score_without_flagged
from assess.core.scoring import score
from tests.core.builders import DK, NA, alone, assessed, dimension, item, panel, person, plain, proof, questionnaire

HASTY = {"a1": Answer(level=5, seconds=1), "a2": Answer(level=1, seconds=1)}
TEN = questionnaire(plain("a", 10))


def flags(asked, assessment, kind: str) -> list[Flag]:
    return [flag for flag in find_flags(asked, assessment, score(asked, assessment)) if flag.kind == kind]


def ten(*given) -> dict:
    return {f"a{number}": value for number, value in enumerate(given, 1)}


class TestStraightLine:
    @pytest.mark.parametrize(
        ("given", "run"),
        [
            ((3, 3, 3, 3, 3, 1, 2, 1, 2, 1), 5),
            ((3, 3, 3, 3, 1, 3, 3, 3, 3, 1), None),
            ((1, 2, 1, 2, 4, 4, 4, 4, 4, 4), 6),
            ((3, 3, 3, DK, 3, 3, 1, 2, 1, 2), None),
            ((DK,) * 10, None),
            ((2, 2, 2, 2, 2), 5),
        ],
    )
    def test_a_run_of_one_level_over_half_of_the_items_is_flagged(self, given, run):
        found = flags(TEN, alone(ten(*given)), "straight_line")
        assert [(flag.value, flag.limit, flag.respondent) for flag in found] == ([(run, 5, "r1")] if run else [])

    def test_a_single_answer_is_no_run(self):
        assert flags(questionnaire(plain("a", 2)), alone({"a1": 3}), "straight_line") == []

    def test_the_run_follows_the_order_of_the_questionnaire_not_of_the_file(self):
        given = ten(3, 1, 3, 2, 3, 1, 3, 2, 3, 1)
        reordered = dict(sorted(given.items(), key=lambda entry: entry[1]))
        assert flags(TEN, alone(reordered), "straight_line") == []

    def test_an_answer_without_a_number_ends_a_run(self):
        assert longest_run([1, 1, None, 1, 2, 2, 2, None]) == 3
        assert longest_run([None]) == longest_run([]) == 0


class TestNoNumbers:
    @pytest.mark.parametrize(("without", "flagged"), [(4, False), (5, True)])
    def test_more_than_forty_percent_without_a_number_is_flagged(self, without, flagged):
        given = [DK, NA, DK, NA, DK][:without] + [1, 2, 3, 4, 5, 1][: 10 - without]
        assert bool(flags(TEN, alone(ten(*given)), "no_numbers")) is flagged

    def test_items_left_blank_are_not_counted(self):
        assert flags(TEN, alone({"a1": 3, "a2": 2, "a3": DK}), "no_numbers") == []


class TestHaste:
    @pytest.mark.parametrize(
        ("seconds", "flagged"), [((1.99,), True), ((2.0,), False), ((1, 1, 9), True), ((1, 2, 9), False), ((1, 3), False)]
    )
    def test_a_median_below_two_seconds_an_item_is_flagged(self, seconds, flagged):
        given = {f"a{n}": Answer(level=1 + n % 5, seconds=time) for n, time in enumerate(seconds, 1)}
        assert bool(flags(TEN, alone(given), "haste")) is flagged

    def test_unknown_times_say_nothing(self):
        assert flags(TEN, alone(ten(1, 2, 3)), "haste") == []


class TestHighWithoutEvidence:
    @pytest.mark.parametrize(("evidenced", "flagged"), [(0, True), (1, True), (2, False)])
    def test_all_high_with_evidence_on_less_than_a_fifth_is_flagged(self, evidenced, flagged):
        register = {f"a{n}": proof() for n in range(1, evidenced + 1)}
        assessment = alone(ten(4, 5, 4, 5, 4, 5, 4, 5, 4, 5), evidence=register)
        assert bool(flags(TEN, assessment, "high_without_evidence")) is flagged

    def test_one_rating_below_four_is_enough_not_to_be_flagged(self):
        assert flags(TEN, alone(ten(4, 5, 4, 5, 4, 5, 4, 5, 4, 3)), "high_without_evidence") == []

    def test_someone_without_ratings_is_not_flagged(self):
        assert flags(TEN, alone(ten(DK, NA)), "high_without_evidence") == []


class TestContradictions:
    ASKED = questionnaire(dimension("a", item("a1", contradicts=("a2",)), item("a2", contradicts=("a1",)), item("a3")))

    @pytest.mark.parametrize(("one", "two", "apart"), [(3, 4, None), (3, 5, 2), (5, 1, 4), (5, DK, None), (NA, 1, None)])
    def test_declared_pairs_two_levels_apart_are_flagged_once(self, one, two, apart):
        found = flags(self.ASKED, alone({"a1": one, "a2": two}), "contradiction")
        assert [(flag.value, flag.items) for flag in found] == ([(apart, ("a1", "a2"))] if apart else [])

    def test_other_pairs_may_differ(self):
        assert flags(self.ASKED, alone({"a1": 1, "a3": 5}), "contradiction") == []


class TestItems:
    @pytest.mark.parametrize(("unknown", "known", "flagged"), [(2, 5, False), (3, 7, True), (1, 2, True), (1, 0, True)])
    def test_dont_know_on_thirty_percent_of_the_answers_is_a_visibility_finding(self, unknown, known, flagged):
        found = flags(questionnaire(plain("a", 1)), panel("a1", sales=[DK] * unknown + [3] * known), "visibility")
        assert bool(found) is flagged

    def test_disagreement_is_flagged_with_its_size(self):
        found = flags(questionnaire(plain("a", 1)), panel("a1", sales=[1, 1, 5, 5]), "disagreement")
        assert [(flag.value, flag.limit, flag.items) for flag in found] == [(2, Fraction(5, 6), ("a1",))]


class TestRoles:
    @pytest.mark.parametrize(
        ("executive", "sales", "roles"),
        [
            ([4], [3], ("executive", "sales")),
            ([3], [4], ("sales", "executive")),
            ([4, 4, 4], [3, 3, 4], None),
            ([4, 4, 3], [3, 3, 3], None),
        ],
    )
    def test_means_a_level_apart_are_a_gap_with_the_higher_role_first(self, executive, sales, roles):
        found = flags(questionnaire(plain("a", 1)), panel("a1", executive=executive, sales=sales), "role_gap")
        assert [(flag.dimension, flag.roles) for flag in found] == ([("a", roles)] if roles else [])

    def test_hidden_roles_are_never_named(self):
        one = panel("a1", executive=[5], sales=[1, 1, 1])
        assert flags(questionnaire(plain("a", 1)), assessed(*one.respondents, confidential=True), "role_gap") == []


class TestWithoutFlagged:
    def without(self, *people, **changes):
        asked, assessment = questionnaire(plain("a", 2)), assessed(*people, **changes)
        found = find_flags(asked, assessment, score(asked, assessment))
        return score_without_flagged(asked, assessment, found)

    def test_the_score_is_shown_without_the_flagged_respondents_too(self):
        card = self.without(person("r1", "sales", HASTY), person("r2", "sales", {"a1": 2, "a2": 3}))
        assert (card.item["a1"].score, card.item["a2"].score) == (2, 3)

    def test_there_is_none_when_nobody_is_flagged_or_nobody_is_left(self):
        assert self.without(person("r2", "sales", {"a1": 2, "a2": 3})) is None
        assert self.without(person("r1", "sales", HASTY)) is None

    @pytest.mark.parametrize(("flagged", "kept", "shown"), [(3, 3, True), (2, 3, False), (3, 2, False)])
    def test_in_confidence_it_is_not_shown_where_the_difference_would_show_fewer_than_three(self, flagged, kept, shown):
        people = [person(f"f{n}", "sales", HASTY) for n in range(flagged)]
        people += [person(f"k{n}", "sales", {"a1": 2, "a2": 3}) for n in range(kept)]
        assert (self.without(*people, confidential=True) is not None) is shown

    def test_flags_never_change_the_scorecard_itself(self):
        asked = questionnaire(plain("a", 2))
        assert score(asked, alone(HASTY)).claimed.score == 3


def test_the_agenda_is_sorted_by_disagreement_then_by_dont_knows_then_by_order():
    asked = questionnaire(plain("a", 6))
    rows = {
        "a1": [3, 3, 3],
        "a2": [1, 3, 5],
        "a3": [3, 3, DK],
        "a4": [DK, DK, 3],
        "a5": [2, 3, 4],
        "a6": [4, 3, 2],
    }
    people = [person(f"r{n}", "sales", {key: given[n] for key, given in rows.items()}) for n in range(3)]
    found = score(asked, assessed(*people)).items
    ordered = sorted(found, key=lambda item: disagreement_order(item.agreement.ad_m, item.dont_know))
    assert [item.id for item in ordered] == ["a2", "a5", "a6", "a4", "a3", "a1"]


def test_items_that_nothing_is_known_of_come_last_on_the_agenda():
    assert disagreement_order(None, 0) > disagreement_order(Fraction(0), 0) > disagreement_order(None, 1)
