from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.adoption import BEFORE_NEED, NEED_LEFT_OUT, OVER_CAPACITY, Clash, adopt, clashes
from assess.core.decisions import DONE, RUNNING, STOPPED, Adoption, Decision, OwnInitiative
from assess.core.questionnaire import Lift
from assess.core.roadmap import Roadmap, plan, targets_of
from assess.core.scoring import score
from tests.core.builders import action, alone, dimension, item, plain, questionnaire

MONDAY = date(2027, 1, 4)
ACTIONS = (action("x", ("a1", 3), weeks=4), action("y", ("a1", 4), weeks=6, requires=("x",)), action("z", ("a2", 4), weeks=2))
ASKED = questionnaire(plain("a", 3), actions=ACTIONS)


def days(weeks: int) -> timedelta:
    return timedelta(weeks=weeks)


def adopted(decisions: dict[str, Decision], *own: OwnInitiative, levels: dict[str, int] | None = None) -> Roadmap:
    """The plan of items a1 and a2 at level 2 and a3 at its target, with these decisions."""
    assessment = alone({"a1": 2, "a2": 2, "a3": 4} | (levels or {}))
    measured = [(ASKED, score(ASKED, assessment))]
    return adopt(plan(measured, targets_of(ASKED, assessment), MONDAY), measured, Adoption(decisions, own))


def one(roadmap: Roadmap, id_: str):
    return next(i for i in roadmap.initiatives if i.action == id_)


class TestDecisions:
    def test_without_any_the_plan_is_what_was_computed(self):
        assessment = alone({"a1": 2, "a2": 2, "a3": 4})
        measured = [(ASKED, score(ASKED, assessment))]
        computed = plan(measured, targets_of(ASKED, assessment), MONDAY)
        assert adopt(computed, measured, Adoption({})) == computed

    def test_owner_status_and_notes_are_kept_with_the_initiative(self):
        x = one(adopted({"x": Decision("Mei Lin", status=RUNNING, notes="kick-off held")}), "x")
        assert (x.owner, x.status, x.notes, x.owner_role) == ("Mei Lin", RUNNING, "kick-off held", "kam")

    def test_a_new_start_keeps_the_duration_and_moves_week_horizon_and_quick_win(self):
        z = one(adopted({"z": Decision(start=MONDAY + days(20))}), "z")
        assert (z.start, z.end) == (MONDAY + days(20), MONDAY + days(22))
        assert (z.start_week, z.end_week, z.horizon, z.quick_win) == (20, 22, "introduce", False)

    def test_a_last_day_includes_that_day(self):
        z = one(adopted({"z": Decision(last_day=MONDAY + days(3))}), "z")
        assert (z.start, z.end, z.end_week) == (MONDAY, MONDAY + days(3) + timedelta(days=1), 4)

    def test_a_last_day_before_the_start_leaves_one_day(self):
        z = one(adopted({"z": Decision(start=MONDAY + days(5), last_day=MONDAY)}), "z")
        assert z.end - z.start == timedelta(days=1)

    def test_what_began_before_the_plan_stands_in_its_first_week(self):
        z = one(adopted({"z": Decision(start=MONDAY - days(3), last_day=MONDAY + days(1))}), "z")
        assert (z.start_week, z.end_week, z.horizon) == (0, 2, "mobilise")

    def test_planning_anew_keeps_what_was_begun_though_its_gap_is_closed(self):
        kept = adopted({"z": Decision("Ann", status=DONE, start=MONDAY)}, levels={"a2": 5})
        assert (one(kept, "z").status, one(kept, "z").owner, one(kept, "z").raises) == (DONE, "Ann", ())

    def test_a_note_alone_does_not_bring_back_what_the_plan_no_longer_needs(self):
        assert [i.action for i in adopted({"z": Decision(notes="later")}, levels={"a2": 5}).initiatives] == ["x", "y"]

    def test_decisions_on_unknown_actions_change_nothing(self):
        assert adopted({"gone": Decision("Ann", status=RUNNING)}) == adopted({})


class TestWhatIf:
    def test_leaving_out_lowers_the_projection_and_is_listed(self):
        full, less = adopted({}), adopted({"z": Decision(is_left_out=True)})
        assert [i.action for i in less.left_out] == ["z"]
        assert [i.action for i in less.initiatives] == ["x", "y"]
        assert full.projection[-1].measured.overall.score == 4
        assert less.projection[-1].measured.overall.score == Fraction(4 + 2 + 4, 3)

    def test_what_is_stopped_stays_in_sight_and_raises_nothing(self):
        stopped = adopted({"z": Decision(status=STOPPED)})
        assert one(stopped, "z").status == STOPPED
        assert stopped.projection[-1].measured.overall.score == Fraction(4 + 2 + 4, 3)

    def test_a_left_out_action_is_not_an_item_without_action(self):
        assert adopted({"z": Decision(is_left_out=True)}).no_action == ()


class TestOwnInitiatives:
    own = OwnInitiative("own-1", "Ask our largest client", "sales", MONDAY, MONDAY + days(1), lifts=(Lift("a3", 5),))

    def test_it_takes_its_place_by_its_dates_and_lifts_what_it_says(self):
        made = adopted({"own-1": Decision("Otto", status=RUNNING)}, self.own, levels={"a3": 4})
        mine = one(made, "own-1")
        assert (mine.owner, mine.owner_role, mine.start, mine.end) == ("Otto", "sales", MONDAY, MONDAY + timedelta(days=8))
        assert [(r.item, r.start, r.to) for r in mine.raises] == [("a3", 4, 5)]
        assert made.projection[-1].measured.dimensions["a"].standing.score == Fraction(13, 3)

    def test_it_closes_a_gap_that_no_catalogue_action_closes(self):
        assert adopted({}, levels={"a3": 1}).no_action == ("a3",)
        assert adopted({}, self.own, levels={"a3": 1}).no_action == ()


class TestClashes:
    def test_a_computed_plan_has_none(self):
        assert list(clashes(adopted({}))) == []

    def test_starting_before_what_it_needs_has_ended(self):
        made = adopted({"y": Decision(start=MONDAY + days(1))})
        last = MONDAY + days(4) - timedelta(days=1)
        assert list(clashes(made)) == [Clash(BEFORE_NEED, "y", "x", MONDAY + days(1), last)]

    @pytest.mark.parametrize("decision", [Decision(is_left_out=True), Decision(status=STOPPED)])
    def test_needing_what_was_left_out_or_stopped(self, decision):
        assert [(c.kind, c.action, c.other) for c in clashes(adopted({"x": decision}))] == [(NEED_LEFT_OUT, "y", "x")]

    def test_more_at_a_time_than_can_be_carried_with_the_days_it_lasts(self):
        asked = questionnaire(
            dimension("a", *(item(f"a{n}") for n in range(1, 4))),
            actions=tuple(action(f"w{n}", (f"a{n}", 4), weeks=n) for n in range(1, 4)),
        )
        assessment = alone({"a1": 2, "a2": 2, "a3": 2})
        measured = [(asked, score(asked, assessment))]
        computed = plan(measured, targets_of(asked, assessment), MONDAY, capacity=1)
        together = adopt(computed, measured, Adoption({f"w{n}": Decision(start=MONDAY) for n in range(1, 4)}))
        assert [(c.kind, c.first, c.last) for c in clashes(together)] == [
            (OVER_CAPACITY, MONDAY, MONDAY + days(2) - timedelta(days=1))
        ]


decisions = st.builds(
    Decision,
    start=st.none() | st.integers(-30, 200).map(lambda n: MONDAY + timedelta(days=n)),
    last_day=st.none() | st.integers(-30, 300).map(lambda n: MONDAY + timedelta(days=n)),
    status=st.sampled_from([RUNNING, DONE, STOPPED, "planned"]),
    is_left_out=st.booleans(),
)


@given(st.dictionaries(st.sampled_from("xyz"), decisions))
def test_every_planned_action_is_either_in_the_plan_or_named_as_left_out(made):
    roadmap = adopted(made)
    assert sorted([*(i.action for i in roadmap.initiatives), *(i.action for i in roadmap.left_out)]) == ["x", "y", "z"]
    assert all(i.start < i.end and 0 <= i.start_week < i.end_week for i in roadmap.initiatives)
    scores = [p.measured.overall.score for p in roadmap.projection]
    assert scores == sorted(scores)
