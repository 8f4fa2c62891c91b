from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from assess.core.answers import Assessment
from assess.core.questionnaire import Questionnaire
from assess.core.roadmap import Initiative, Roadmap, plan, targets_of
from assess.core.scoring import score
from tests.core.strategies import planned

bounded = settings(max_examples=40, deadline=None)
capacities = st.integers(1, 4)


def made(case: tuple[Questionnaire, Assessment], capacity: int) -> Roadmap:
    asked, assessment = case
    return plan([(asked, score(asked, assessment))], targets_of(asked, assessment), date(2027, 1, 4), capacity)


def weeks(initiative: Initiative) -> range:
    return range(initiative.start_week, initiative.end_week)


@bounded
@given(planned(), capacities)
def test_no_initiative_starts_before_what_it_requires_has_ended(case, capacity):
    roadmap = made(case, capacity)
    ends = {one.action: one.end_week for one in roadmap.initiatives}
    requires = {one.id: one.requires for one in case[0].actions}
    for one in roadmap.initiatives:
        assert set(one.requires) == set(requires[one.action]) & set(ends)
        assert all(ends[needed] <= one.start_week for needed in one.requires)


@bounded
@given(planned(), capacities)
def test_capacity_is_never_exceeded(case, capacity):
    roadmap = made(case, capacity)
    last = max((one.end_week for one in roadmap.initiatives), default=0)
    assert all(sum(week in weeks(one) for one in roadmap.initiatives) <= capacity for week in range(last))


@bounded
@given(planned(), capacities)
def test_every_item_with_a_gap_is_raised_or_listed_as_without_an_action(case, capacity):
    asked, assessment = case
    roadmap, card = made(case, capacity), score(asked, assessment)
    gaps = {i.id for i in card.items if i.score is not None and i.score < roadmap.targets[asked.dimension_of[i.id].id]}
    raised = {rise.item for one in roadmap.initiatives for rise in one.raises}
    assert set(roadmap.no_action) == gaps - raised
    liftable = {lift.item for one in asked.actions for lift in one.lifts if lift.to > (card.item[lift.item].score or 9)}
    assert set(roadmap.no_action) == gaps - liftable


@bounded
@given(planned(), capacities)
def test_every_initiative_is_needed_or_enables_one_that_is(case, capacity):
    asked, assessment = case
    roadmap, card = made(case, capacity), score(asked, assessment)
    gap_items = {i.id: i.score for i in card.items if i.score is not None and i.score < 4}
    chosen = {one.action: one for one in roadmap.initiatives}
    needed = {a.id for a in asked.actions if any(x.item in gap_items and gap_items[x.item] < x.to for x in a.lifts)}
    assert needed == {name for name, one in chosen.items() if not one.enabler}
    wanted, grown = set(needed), True
    while grown:
        more = {required for name in wanted for required in chosen[name].requires} - wanted
        wanted |= more
        grown = bool(more)
    assert wanted == set(chosen)


@bounded
@given(planned(), capacities)
def test_an_enabler_is_as_urgent_as_the_most_urgent_that_waits_for_it(case, capacity):
    chosen = {one.action: one for one in made(case, capacity).initiatives}

    def waiting(name: str) -> set[str]:
        direct = {other for other, one in chosen.items() if name in one.requires}
        return direct.union(*(waiting(other) for other in direct))

    for name, one in chosen.items():
        if one.enabler:
            assert one.priority == max(chosen[other].priority for other in waiting(name) if not chosen[other].enabler)


@bounded
@given(planned(), capacities)
def test_no_initiative_could_start_earlier_with_the_others_where_they_are(case, capacity):
    roadmap = made(case, capacity)
    for one in roadmap.initiatives:
        others = [other for other in roadmap.initiatives if other is not one]
        released = max((other.end_week for other in others if other.action in one.requires), default=0)
        for start in range(released, one.start_week):
            wanted = range(start, start + len(weeks(one)))
            assert any(sum(week in weeks(other) for other in others) >= capacity for week in wanted)


@bounded
@given(planned(), st.randoms(use_true_random=False), capacities)
def test_the_order_of_the_catalogue_does_not_matter(case, random, capacity):
    asked, assessment = case
    shuffled = list(asked.actions)
    random.shuffle(shuffled)
    assert made((replace(asked, actions=tuple(shuffled)), assessment), capacity) == made(case, capacity)


@bounded
@given(planned(), capacities)
def test_a_projection_never_falls_and_ends_with_everything_done(case, capacity):
    roadmap = made(case, capacity)
    scores = [p.measured.overall.score or 0 for p in roadmap.projection]
    levels = [p.measured.overall.level or 0 for p in roadmap.projection]
    assert scores == sorted(scores)
    assert levels == sorted(levels)
