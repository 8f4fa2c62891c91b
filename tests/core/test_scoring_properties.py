from __future__ import annotations

from dataclasses import replace

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from assess.core.questionnaire import Questionnaire
from assess.core.scoring import Scorecard, Standing, score
from tests.core.builders import DK
from tests.core.strategies import rated

bounded = settings(max_examples=40, deadline=None)


def standings(card: Scorecard) -> list[Standing]:
    return [card.claimed, card.evidenced, *(s for d in card.dimensions for s in (d.claimed, d.evidenced))]


def scaled(asked: Questionnaire, items: int, dimensions: int) -> Questionnaire:
    return replace(
        asked,
        dimensions=tuple(
            replace(
                one,
                weight=one.weight * dimensions,
                items=tuple(replace(entry, weight=entry.weight * items) for entry in one.items),
            )
            for one in asked.dimensions
        ),
    )


@bounded
@given(rated(), st.randoms(use_true_random=False))
def test_the_order_of_respondents_does_not_matter(case, random):
    asked, assessment = case
    shuffled = list(assessment.respondents)
    random.shuffle(shuffled)
    assert score(asked, replace(assessment, respondents=tuple(shuffled))) == score(asked, assessment)


@bounded
@given(rated(), st.integers(2, 9), st.integers(2, 9))
def test_scaling_all_weights_does_not_matter(case, items, dimensions):
    asked, assessment = case
    assert score(scaled(asked, items, dimensions), assessment) == score(asked, assessment)


@bounded
@given(rated(), st.data())
def test_raising_an_answer_never_lowers_anything_claimed_or_evidenced(case, data):
    asked, assessment = case
    raisable = [
        (place, item)
        for place, person in enumerate(assessment.respondents)
        for item, given_ in person.answers.items()
        if given_.level is not None and given_.level < 5
    ]
    assume(raisable)
    place, item = data.draw(st.sampled_from(raisable))
    person = assessment.respondents[place]
    level = data.draw(st.integers((person.answers[item].level or 0) + 1, 5))
    better = replace(person, answers={**person.answers, item: replace(person.answers[item], level=level)})
    people = [*assessment.respondents]
    people[place] = better
    before, after = score(asked, assessment), score(asked, replace(assessment, respondents=tuple(people)))
    for old, new in zip(before.items, after.items, strict=True):
        assert (old.score or 0) <= (new.score or 0)
        assert (old.evidenced or 0) <= (new.evidenced or 0)
    for one, two in zip(standings(before), standings(after), strict=True):
        assert (one.score or 0) <= (two.score or 0)
        assert (one.band or 0) <= (two.band or 0)
        assert (one.level or 0) <= (two.level or 0)


@bounded
@given(rated())
def test_dont_know_in_place_of_silence_changes_no_score_level_or_coverage(case):
    asked, assessment = case
    silent = {item.id: DK for item in asked.items}
    people = tuple(replace(one, answers={**silent, **one.answers}) for one in assessment.respondents)
    before, after = score(asked, assessment), score(asked, replace(assessment, respondents=people))
    assert standings(before) == standings(after)
    assert (before.coverage, before.provisional) == (after.coverage, after.provisional)
    assert [(one.score, one.evidenced, one.status) for one in before.items] == [
        (one.score, one.evidenced, one.status) for one in after.items
    ]


@bounded
@given(rated())
def test_evidenced_never_stands_above_claimed(case):
    card = score(*case)
    for claimed, evidenced in [
        (card.claimed, card.evidenced),
        *((one.claimed, one.evidenced) for one in card.dimensions),
    ]:
        assert (evidenced.score or 0) <= (claimed.score or 0)
        assert (evidenced.level or 0) <= (claimed.level or 0)


@bounded
@given(rated())
def test_a_level_is_capped_exactly_when_something_is_named(case):
    for standing in standings(score(*case)):
        if standing.level is not None:
            assert bool(standing.capped_by) == (standing.level < standing.band)
        else:
            assert standing.capped_by == ()
