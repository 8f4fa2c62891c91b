from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest

from assess.core.answers import Assessment
from assess.core.questionnaire import Action, Questionnaire
from assess.core.roadmap import HORIZONS, Roadmap, first_monday, horizon_of, plan, targets_of
from assess.core.scoring import score
from tests.core.builders import DK, NA, action, alone, dimension, item, panel, plain, questionnaire

MONDAY = date(2027, 1, 4)


def planned(asked: Questionnaire, assessment: Assessment, capacity: int = 4) -> Roadmap:
    return plan([(asked, score(asked, assessment))], targets_of(asked, assessment), MONDAY, capacity)


def schedule(*actions: Action, capacity: int = 4, scores: dict[str, int] | None = None) -> dict[str, tuple[int, int]]:
    """Action -> its weeks, for items a1 .. a9 of one dimension of weight 1, each at level 2 unless told otherwise."""
    asked = questionnaire(plain("a", 9), actions=actions)
    levels = {**{f"a{n}": 2 for n in range(1, 10)}, **(scores or {})}
    made = planned(asked, alone(levels), capacity)
    return {one.action: (one.start_week, one.end_week) for one in made.initiatives}


def by_action(made: Roadmap):
    return {one.action: one for one in made.initiatives}


class TestPriority:
    def test_it_is_the_weighted_rise_of_the_items_with_a_gap_per_effort(self):
        asked = questionnaire(
            dimension("a", item("a1", weight=3), item("a2"), weight=2),
            dimension("b", item("b1")),
            actions=(action("x", ("a1", 5), ("a2", 3), ("b1", 3), effort=4),),
        )
        made = planned(asked, alone({"a1": 3, "a2": 2, "b1": 4}))
        assert by_action(made)["x"].priority == Fraction(2 * 3 * 2 + 2 * 1 * 1, 4)

    def test_a_must_have_that_caps_its_dimension_counts_a_quarter_more(self):
        asked = questionnaire(
            dimension("a", item("g1", gate=True), item("g2", gate=True), item("a1", weight=4)),
            actions=(action("x", ("g1", 3)), action("y", ("g2", 3)), action("z", ("a1", 5))),
        )
        made = by_action(planned(asked, alone({"g1": 1, "g2": 2, "a1": 4}, targets={"a": Fraction(5)})))
        assert [made[name].priority for name in "xyz"] == [Fraction(5, 2), 1, 4]

    def test_a_must_have_that_caps_nothing_counts_as_it_is(self):
        asked = questionnaire(dimension("a", item("g1", gate=True)), actions=(action("x", ("g1", 4)),))
        assert by_action(planned(asked, alone({"g1": 2})))["x"].priority == 2

    def test_a_panel_mean_is_not_rounded(self):
        asked = questionnaire(plain("a", 1), actions=(action("x", ("a1", 4), effort=3),))
        made = planned(asked, panel("a1", sales=[2, 2, 3]))
        assert by_action(made)["x"].priority == Fraction(5, 9)

    def test_items_without_a_gap_bring_no_benefit(self):
        asked = questionnaire(plain("a", 3), actions=(action("x", ("a1", 5), ("a2", 3), ("a3", 4)),))
        made = planned(asked, alone({"a1": 4, "a2": 3, "a3": 2}))
        assert by_action(made)["x"].priority == 2


class TestChoice:
    def test_an_action_is_needed_if_it_raises_an_item_with_a_gap(self):
        assert schedule(action("x", ("a1", 3)), action("y", ("a2", 2)), scores={"a1": 2, "a2": 3}) == {"x": (0, 1)}

    def test_an_item_at_its_target_needs_nothing_even_if_an_action_would_raise_it(self):
        assert schedule(action("x", ("a1", 5)), scores={"a1": 4}) == {}

    def test_what_a_needed_action_requires_is_added_as_an_enabler(self):
        asked = questionnaire(
            plain("a", 2), actions=(action("x", ("a1", 4), requires=("y",)), action("y", requires=("z",)), action("z"))
        )
        made = by_action(planned(asked, alone({"a1": 2, "a2": 5})))
        assert {name: one.enabler for name, one in made.items()} == {"x": False, "y": True, "z": True}
        assert made["x"].requires == ("y",)

    def test_an_enabler_inherits_the_highest_priority_that_waits_for_it(self):
        asked = questionnaire(
            plain("a", 3),
            actions=(
                action("e", effort=5),
                action("x", ("a1", 3), requires=("e",)),
                action("y", ("a2", 5), requires=("x",)),
                action("z", ("a3", 4), requires=("e",)),
            ),
        )
        made = by_action(planned(asked, alone({"a1": 2, "a2": 1, "a3": 2})))
        assert {name: one.priority for name, one in made.items()} == {"e": 4, "x": 1, "y": 4, "z": 2}

    def test_a_requirement_that_lifts_only_what_is_reached_is_skipped(self):
        made = schedule(action("x", ("a1", 4), requires=("y",)), action("y", ("a2", 3), weeks=9), scores={"a2": 3})
        assert made == {"x": (0, 1)}

    def test_a_requirement_with_one_lift_not_reached_is_kept_even_beyond_the_target(self):
        made = schedule(
            action("x", ("a1", 4), requires=("y",)), action("y", ("a2", 3), ("a3", 5), weeks=9), scores={"a2": 3, "a3": 4}
        )
        assert made == {"y": (0, 9), "x": (9, 10)}

    def test_what_only_a_skipped_requirement_requires_is_not_added(self):
        made = schedule(
            action("x", ("a1", 4), requires=("y",)), action("y", ("a2", 3), requires=("z",)), action("z"), scores={"a2": 3}
        )
        assert made == {"x": (0, 1)}

    def test_a_requirement_that_lifts_nothing_is_always_kept(self):
        assert schedule(action("x", ("a1", 4), requires=("y",)), action("y")) == {"y": (0, 1), "x": (1, 2)}

    def test_a_requirement_that_lifts_an_unanswered_item_is_kept(self):
        asked = questionnaire(plain("a", 2), actions=(action("x", ("a1", 4), requires=("y",)), action("y", ("a2", 2))))
        assert by_action(planned(asked, alone({"a1": 2})))["y"].enabler

    def test_an_item_with_a_gap_that_no_action_raises_is_listed(self):
        asked = questionnaire(
            plain("a", 4),
            actions=(
                action("x", ("a1", 3)),
                action("y", ("a2", 2)),
            ),
        )
        made = planned(asked, alone({"a1": 2, "a2": 2, "a3": 3, "a4": 4}))
        assert made.no_action == ("a2", "a3")

    def test_unanswered_items_have_no_gap_and_are_listed(self):
        asked = questionnaire(plain("a", 3), actions=(action("x", ("a1", 4)), action("y", ("a2", 4), ("a3", 4))))
        made = planned(asked, alone({"a1": DK, "a3": 2}))
        assert made.unanswered == ("a1", "a2")
        assert made.no_action == ()
        assert [one.action for one in made.initiatives] == ["y"]
        assert [(r.item, r.start, r.to) for r in made.initiatives[0].raises] == [("a2", None, 4), ("a3", 2, 4)]

    def test_not_applicable_items_are_neither_raised_nor_listed(self):
        asked = questionnaire(plain("a", 2), actions=(action("x", ("a1", 4), ("a2", 4)),))
        made = planned(asked, alone({"a1": NA, "a2": 2}))
        assert (made.unanswered, made.no_action) == ((), ())
        assert [r.item for r in made.initiatives[0].raises] == ["a2"]

    def test_modules_are_planned_with_the_core_and_projected_without(self):
        core = questionnaire(plain("a", 1), actions=(action("x", ("a1", 4)),))
        module = questionnaire(plain("m", 1), id_="m", kind="module", actions=(action("y", ("m1", 5), requires=("x",)),))
        assessment = alone({"a1": 2, "m1": 2})
        cards = [(one, score(one, assessment)) for one in (core, module)]
        made = plan(cards, {"a": Fraction(4), "m": Fraction(3)}, MONDAY)
        assert [one.action for one in made.initiatives] == ["x", "y"]
        assert [set(one.measured.dimensions) for one in made.projection] == [{"a"}] * 5

    def test_an_empty_catalogue_leaves_every_gap_without_an_action(self):
        asked = questionnaire(plain("a", 2))
        made = planned(asked, alone({"a1": 1, "a2": 4}))
        assert (made.initiatives, made.no_action) == ((), ("a1",))


class TestSchedule:
    def test_as_many_run_together_as_capacity_allows(self):
        actions = [action(name, ("a1", 4), weeks=3) for name in "stuvw"]
        assert schedule(*actions) == {"s": (0, 3), "t": (0, 3), "u": (0, 3), "v": (0, 3), "w": (3, 6)}

    def test_with_a_capacity_of_one_they_follow_each_other_by_priority(self):
        actions = (
            action("x", ("a1", 3), weeks=2),
            action("y", ("a1", 5), weeks=3),
            action("z", ("a1", 4), weeks=1),
        )
        assert schedule(*actions, capacity=1) == {"y": (0, 3), "z": (3, 4), "x": (4, 6)}

    def test_equal_priorities_are_taken_by_id(self):
        actions = [action(name, ("a1", 4), weeks=2) for name in ("c", "a", "b")]
        assert schedule(*actions, capacity=1) == {"a": (0, 2), "b": (2, 4), "c": (4, 6)}

    def test_the_gate_factor_can_decide_who_goes_first(self):
        asked = questionnaire(
            dimension("a", item("g1", gate=True), item("a1", weight=4)),
            actions=(action("x", ("a1", 5), effort=4), action("y", ("g1", 2))),
        )
        made = planned(asked, alone({"g1": 1, "a1": 4}, targets={"a": Fraction(5)}), capacity=1)
        assert [(one.action, one.priority) for one in made.initiatives] == [("y", Fraction(5, 4)), ("x", 1)]

    def test_a_requirement_has_ended_before_what_needs_it_starts(self):
        actions = (action("x", ("a1", 5), requires=("y",)), action("y", ("a2", 3), effort=5, weeks=6))
        assert schedule(*actions) == {"y": (0, 6), "x": (6, 7)}

    def test_an_enabler_comes_before_what_matters_less_than_what_it_enables(self):
        actions = (
            action("e", weeks=3),
            action("x", ("a1", 5), weeks=2, requires=("e",)),
            action("y", ("a2", 4), weeks=4),
        )
        assert schedule(*actions, capacity=1) == {"e": (0, 3), "x": (3, 5), "y": (5, 9)}

    def test_a_short_one_fills_the_room_that_others_leave(self):
        """Two at a time: s runs 0-4, t 0-2, u waits for s and runs 4-7; v (3 weeks) fits from week 2."""
        actions = (
            action("s", ("a1", 5), ("a2", 5), weeks=4),
            action("t", ("a1", 5), ("a2", 4), weeks=2),
            action("u", ("a3", 5), weeks=3, requires=("s",)),
            action("v", ("a4", 3), weeks=3),
        )
        assert schedule(*actions, capacity=2) == {"s": (0, 4), "t": (0, 2), "u": (4, 7), "v": (2, 5)}

    def test_one_that_does_not_fit_for_its_whole_duration_waits(self):
        """Two at a time: room for one in weeks 2 to 4 only, then two run; four weeks fit from week 9."""
        actions = (
            action("s", ("a1", 5), ("a2", 5), ("a3", 5), weeks=5),
            action("t", ("a1", 5), ("a2", 5), ("a3", 4), weeks=2),
            action("u", ("a3", 5), ("a4", 5), weeks=4, requires=("s",)),
            action("v", ("a3", 5), ("a4", 4), weeks=4, requires=("s",)),
            action("w", ("a5", 3), weeks=4),
        )
        assert schedule(*actions, capacity=2) == {"s": (0, 5), "t": (0, 2), "u": (5, 9), "v": (5, 9), "w": (9, 13)}

    def test_initiatives_are_listed_by_start_then_priority_then_id(self):
        actions = (action("x", ("a1", 3)), action("z", ("a1", 5)), action("y", ("a2", 5)), action("w", ("a1", 3)))
        assert list(schedule(*actions, capacity=3)) == ["y", "z", "w", "x"]

    def test_weeks_become_dates_and_the_end_is_the_day_after_the_last(self):
        asked = questionnaire(plain("a", 1), actions=(action("x", ("a1", 3), weeks=2),))
        made = by_action(planned(asked, alone({"a1": 2}), capacity=1))["x"]
        assert (made.start, made.end) == (date(2027, 1, 4), date(2027, 1, 18))


class TestHorizons:
    @pytest.mark.parametrize(
        ("day", "horizon"),
        [
            (0, "mobilise"),
            (30, "mobilise"),
            (31, "quick_wins"),
            (90, "quick_wins"),
            (91, "introduce"),
            (365, "introduce"),
            (366, "embed"),
            (730, "embed"),
            (731, "optimise"),
            (1095, "optimise"),
            (1096, "later"),
        ],
    )
    def test_they_are_told_by_the_day_of_the_start(self, day, horizon):
        assert horizon_of(day) == horizon

    @pytest.mark.parametrize(
        ("week", "horizon"),
        [
            (4, "mobilise"),
            (5, "quick_wins"),
            (12, "quick_wins"),
            (13, "introduce"),
            (52, "introduce"),
            (53, "embed"),
            (104, "embed"),
            (105, "optimise"),
            (156, "optimise"),
            (157, "later"),
        ],
    )
    def test_an_initiative_belongs_to_the_horizon_in_which_it_starts(self, week, horizon):
        asked = questionnaire(plain("a", 2), actions=(action("x", ("a1", 5), weeks=week), action("y", ("a2", 3), weeks=60)))
        made = planned(asked, alone({"a1": 2, "a2": 2}), capacity=1)
        assert by_action(made)["y"].horizon == horizon

    @pytest.mark.parametrize(("weeks", "effort", "quick"), [(12, 2, True), (13, 2, False), (12, 3, False), (1, 1, True)])
    def test_a_quick_win_ends_within_ninety_days_at_an_effort_of_two_at_most(self, weeks, effort, quick):
        asked = questionnaire(plain("a", 1), actions=(action("x", ("a1", 3), weeks=weeks, effort=effort),))
        assert by_action(planned(asked, alone({"a1": 2})))["x"].quick_win is quick

    def test_what_starts_after_three_years_is_later_and_never_dropped(self):
        actions = [action(f"x{n}", ("a1", 3), weeks=52) for n in range(5)]
        asked = questionnaire(plain("a", 1), actions=tuple(actions))
        made = planned(asked, alone({"a1": 2}), capacity=1)
        assert [one.horizon for one in made.initiatives] == ["mobilise", "introduce", "embed", "optimise", "later"]


class TestProjection:
    def test_items_rise_when_their_initiative_has_ended(self):
        asked = questionnaire(
            plain("a", 2), actions=(action("x", ("a1", 4), weeks=5), action("y", ("a2", 5), weeks=60, effort=5))
        )
        made = planned(asked, alone({"a1": 2, "a2": 3}))
        assert [(p.horizon, p.measured.overall.score) for p in made.projection] == [
            ("mobilise", Fraction(5, 2)),
            ("quick_wins", Fraction(7, 2)),
            ("introduce", Fraction(7, 2)),
            ("embed", Fraction(9, 2)),
            ("optimise", Fraction(9, 2)),
        ]
        assert [p.measured.overall.level for p in made.projection] == [3, 4, 4, 5, 5]

    def test_it_is_dated_at_the_end_of_each_horizon(self):
        made = planned(questionnaire(plain("a", 1)), alone({"a1": 2}))
        assert [p.end for p in made.projection] == [MONDAY + timedelta(days=last) for _, last in HORIZONS]

    def test_an_item_above_the_lift_stays_where_it_is(self):
        asked = questionnaire(plain("a", 2), actions=(action("x", ("a1", 3), ("a2", 3)),))
        made = planned(asked, alone({"a1": 4, "a2": 2}))
        assert made.projection[0].measured.overall.score == Fraction(7, 2)

    def test_levels_are_gated_as_in_the_scorecard(self):
        asked = questionnaire(
            dimension("a", item("g1", gate=True), item("a1", weight=9)),
            actions=(action("x", ("a1", 5), weeks=1), action("y", ("g1", 3), weeks=6, effort=5)),
        )
        made = planned(asked, alone({"g1": 1, "a1": 3}))
        standings = [p.measured.dimensions["a"].standing for p in made.projection[:2]]
        assert [(s.level, s.capped_by) for s in standings] == [(2, ("g1",)), (4, ("g1",))]

    def test_what_was_unanswered_stays_unanswered(self):
        asked = questionnaire(plain("a", 2), actions=(action("x", ("a1", 4), ("a2", 4)),))
        measured = planned(asked, alone({"a1": 2})).projection[-1].measured
        assert (measured.overall.score, measured.overall.level, measured.provisional) == (4, None, True)

    def test_what_ends_beyond_the_last_horizon_is_projected_once_more(self):
        asked = questionnaire(plain("a", 1), actions=(action("x", ("a1", 4), weeks=157),))
        made = planned(asked, alone({"a1": 2}))
        assert [(p.horizon, p.measured.overall.score) for p in made.projection[-2:]] == [("optimise", 2), ("later", 4)]
        assert made.projection[-1].end == MONDAY + timedelta(weeks=157)

    def test_what_ends_on_the_last_day_of_a_horizon_counts_in_it(self):
        asked = questionnaire(plain("a", 1), actions=(action("x", ("a1", 4), weeks=4),))
        assert planned(asked, alone({"a1": 2})).projection[0].measured.overall.score == 4


class TestTargets:
    def test_by_hand_beats_the_profile_and_the_profile_beats_four(self):
        asked = questionnaire(plain("a", 1), plain("b", 1), plain("c", 1), profiles={"starting": {"a": 2, "b": 3}})
        assessment = alone({}, profile="starting", targets={"a": Fraction(5)})
        assert targets_of(asked, assessment) == {"a": 5, "b": 3, "c": 4}

    def test_without_a_choice_the_target_is_four_everywhere(self):
        asked = questionnaire(plain("a", 1), plain("b", 1), profiles={"starting": {"a": 2}})
        assert targets_of(asked, alone({})) == {"a": 4, "b": 4}

    def test_a_target_between_levels_leaves_a_smaller_gap(self):
        asked = questionnaire(plain("a", 2), actions=(action("x", ("a1", 5)), action("y", ("a2", 5))))
        made = planned(asked, panel("a1", sales=[3, 4]))
        assert by_action(made).keys() == {"x"}
        fine = plan([(asked, score(asked, panel("a1", sales=[3, 4])))], {"a": Fraction(7, 2)}, MONDAY)
        assert fine.initiatives == ()

    @pytest.mark.parametrize(
        ("day", "monday"),
        [
            ("2026-11-21", "2026-11-23"),
            ("2026-11-23", "2026-11-23"),
            ("2026-12-29", "2027-01-04"),
            ("2026-11-22", "2026-11-23"),
        ],
    )
    def test_a_plan_starts_on_the_first_monday_from_the_assessment_on(self, day, monday):
        assert first_monday(date.fromisoformat(day)) == date.fromisoformat(monday)
