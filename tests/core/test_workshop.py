"""The room's states, what a reveal shows, how far a room agrees, codes as people type them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assess.core.confidentiality import MIN_GROUP
from assess.core.errors import Conflict
from assess.core.workshop import (
    ALPHABET,
    APART,
    ASIDE,
    CAMPS,
    CLOSE,
    DECIDED,
    DISCARDED,
    ENDED,
    LEAVE,
    LIVE,
    LOBBY,
    OPEN,
    PREWORK,
    RESET,
    REVEALED,
    SPREAD,
    TAKE,
    TOO_FEW,
    UNANIMOUS,
    VOTING,
    Ballot,
    Count,
    Room,
    Round,
    agreement_in_words,
    code_of,
    decide,
    end,
    ended_state,
    leave,
    read_code,
    reset,
    reveal,
    revote,
    shown_code,
    take,
    tally,
    tally_data,
    tally_of,
)

VOTING_ROOM = take(Room(), "s1.1", LIVE)


def test_an_item_goes_from_votes_to_reveal_to_another_vote_to_a_decision() -> None:
    room = take(Room(), "s1.1", PREWORK)
    assert (room.phase, room.round, room.shows_votes) == (VOTING, Round(1, "s1.1", PREWORK, OPEN), False)
    room = reveal(room)
    assert (room.phase, room.shows_votes) == (REVEALED, True)
    room = revote(room)
    assert (room.phase, room.round, room.shows_votes) == (VOTING, Round(2, "s1.1", LIVE, OPEN), False)
    room = decide(reveal(room))
    assert (room.phase, room.shows_votes) == (DECIDED, True)
    room = take(room, "s1.2", LIVE)
    assert room.round == Round(3, "s1.2", LIVE, OPEN)
    room = leave(room)
    assert (room.phase, room.last) == (LOBBY, 3)
    assert end(room).phase == ENDED


def test_a_reset_begins_the_item_anew_the_same_way() -> None:
    assert reset(take(Room(), "s1.1", PREWORK)).round == Round(2, "s1.1", PREWORK, OPEN)
    assert ended_state(Round(1, "s1.1"), RESET) == DISCARDED


def test_an_item_that_is_left_undecided_is_set_aside_and_a_decided_one_stays_decided() -> None:
    assert ended_state(Round(1, "s1.1"), TAKE) == ASIDE
    assert ended_state(Round(1, "s1.1", LIVE, REVEALED), LEAVE) == REVEALED
    assert ended_state(Round(1, "s1.1", LIVE, DECIDED), TAKE) == DECIDED


@pytest.mark.parametrize(
    ("change", "room"),
    [
        (reveal, Room()),
        (reveal, reveal(VOTING_ROOM)),
        (decide, VOTING_ROOM),
        (decide, Room()),
        (revote, VOTING_ROOM),
        (reset, Room()),
        (leave, Room()),
        (end, end(VOTING_ROOM)),
        (reveal, end(VOTING_ROOM)),
        (lambda room: take(room, "s1.1", LIVE), end(Room())),
    ],
)
def test_what_makes_no_sense_now_is_refused(change: object, room: Room) -> None:
    with pytest.raises(Conflict):
        change(room)  # type: ignore[operator]


BALLOTS = st.lists(
    st.builds(
        lambda role, choice: Ballot(role, level=choice) if choice else Ballot(role, dont_know=True),
        st.sampled_from(["executive", "kam", "sales", "finance"]),
        st.integers(0, 5),
    ),
    max_size=20,
)


@given(BALLOTS)
def test_by_name_every_vote_is_in_the_counts_of_all_and_of_its_role(ballots: list[Ballot]) -> None:
    found = tally(ballots, confidential=False)
    assert found.count is not None
    assert found.count.total == found.n == len(ballots)
    assert sum(group.total for group in found.roles.values()) == len(ballots)
    assert found.hidden == 0


@given(BALLOTS)
def test_in_confidence_no_group_under_three_is_shown_nor_found_by_subtraction(ballots: list[Ballot]) -> None:
    found = tally(ballots, confidential=True)
    if len(ballots) < MIN_GROUP:
        assert (found.count, found.roles) == (None, {})
        return
    assert found.count is not None
    assert all(group.total >= MIN_GROUP for group in found.roles.values())
    hidden = len(ballots) - sum(group.total for group in found.roles.values())
    assert hidden == 0 or (hidden >= MIN_GROUP and found.hidden >= 2) or not found.roles
    assert found.hidden == len({ballot.role for ballot in ballots}) - len(found.roles)


@given(BALLOTS, st.booleans())
def test_a_tally_comes_back_from_json_as_it_was(ballots: list[Ballot], confidential: bool) -> None:
    found = tally(ballots, confidential=confidential)
    assert tally_of(json.loads(json.dumps(tally_data(found)))) == found


def test_a_count_says_levels_dont_know_and_not_applicable() -> None:
    ballots = [Ballot("kam", 2), Ballot("kam", 2), Ballot("kam", 5), Ballot("kam", dont_know=True)]
    found = tally([*ballots, Ballot("sales", not_applicable="other")], confidential=False)
    assert found.count == Count((0, 2, 0, 0, 1), 1, 1)
    assert found.count.ratings == (2, 2, 5)
    assert found.roles["sales"] == Count((0, 0, 0, 0, 0), 0, 1)


@pytest.mark.parametrize(
    ("ratings", "words"),
    [
        ([], TOO_FEW),
        ([3, 5], TOO_FEW),
        ([4, 4, 4], UNANIMOUS),
        ([3, 3, 3, 4], CLOSE),  # AD_M 0.375
        ([4, 4, 3, 4, 2], SPREAD),  # 0.72
        ([1, 2, 3, 4, 5], APART),  # 1.2
        ([1, 1, 5, 5], CAMPS),  # 2
        ([1, 1, 3, 5, 5], CAMPS),
        ([1, 5, 5], APART),  # one person is no camp
    ],
)
def test_agreement_is_said_in_words(ratings: list[int], words: str) -> None:
    assert agreement_in_words(ratings) == words


@given(st.binary(min_size=5, max_size=32))
def test_a_code_is_read_as_it_is_shown(secret: bytes) -> None:
    code = code_of(secret)
    assert len(code) == 8
    assert set(code) <= set(ALPHABET)
    assert read_code(shown_code(code)) == read_code(code.lower()) == read_code(f" {code[:4]} {code[4:]} ") == code


def test_a_code_forgives_letters_that_look_like_digits_and_full_width_ones() -> None:
    assert read_code("oil0-1234") == "01101234"
    assert read_code("ＡＢＣＤ１２３４") == "ABCD1234"
    assert [read_code(wrong) for wrong in ("", "1234567", "123456789", "ABCD-123U", "ÄBCD1234")] == [None] * 5
