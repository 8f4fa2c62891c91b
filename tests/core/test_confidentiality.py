from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.confidentiality import MIN_GROUP, suppressed_groups
from assess.core.scoring import score
from tests.core.builders import assessed, person, plain, questionnaire


@pytest.mark.parametrize(
    ("counts", "hidden"),
    [
        ({}, ""),
        ({"sales": 3, "kam": 3}, ""),
        ({"sales": 2}, "sales"),
        ({"sales": 2, "kam": 5}, "sales kam"),
        ({"sales": 2, "kam": 2, "it": 5}, "sales kam"),
        ({"sales": 1, "kam": 1, "it": 5}, "sales kam it"),
        ({"sales": 1, "kam": 1, "hr": 1, "it": 5}, "sales kam hr"),
        ({"sales": 1, "kam": 5, "it": 3, "hr": 4}, "sales it"),
        ({"sales": 2, "b": 3, "a": 3}, "sales a"),
    ],
)
def test_small_groups_are_hidden_and_then_the_next_smallest(counts, hidden):
    assert suppressed_groups(counts) == set(hidden.split())


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 8), max_size=8))
def test_a_hidden_group_can_never_be_recovered_by_subtraction(counts):
    hidden = suppressed_groups(counts)
    assert {group for group, count in counts.items() if count < MIN_GROUP} <= hidden
    # Who knows the total and every shown group learns the sum of the hidden ones, and nothing else.
    if hidden and hidden != set(counts):
        assert len(hidden) >= 2
        assert sum(counts[group] for group in hidden) >= MIN_GROUP


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 8), max_size=8))
def test_no_more_is_hidden_than_needed(counts):
    hidden = suppressed_groups(counts)
    large = sorted((counts[group], group) for group in hidden if counts[group] >= MIN_GROUP)
    if large:
        without_last = hidden - {large[-1][1]}
        assert len(without_last) < 2 or sum(counts[group] for group in without_last) < MIN_GROUP


def test_confidential_mode_hides_the_scores_of_small_roles_and_of_the_next_smallest():
    people = [("sales", 4), ("kam", 3), ("executive", 1)]
    respondents = [person(f"{role}{n}", role, {"a1": 3}) for role, count in people for n in range(count)]
    card = score(questionnaire(plain("a", 1)), assessed(*respondents, confidential=True))
    shown = {role: (value.score, value.n) for role, value in card.dimension["a"].roles.items()}
    assert shown == {"sales": (3, 4), "kam": (None, None), "executive": (None, None)}


def test_confidential_mode_hides_the_ratings_of_an_item_with_fewer_than_three():
    respondents = [person(f"r{n}", "sales", {"a1": level}) for n, level in enumerate((2, 4))]
    item = score(questionnaire(plain("a", 1)), assessed(*respondents, confidential=True)).item["a1"]
    assert (item.median, item.lowest, item.highest, item.ratings) == (None, None, None, ())


def test_without_confidentiality_a_role_of_one_is_shown():
    card = score(questionnaire(plain("a", 1)), assessed(person("r1", "executive", {"a1": 5})))
    assert card.dimension["a"].roles["executive"].score == 5
