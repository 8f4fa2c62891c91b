"""What paper says after a confidential workshop: nothing that depends on who in a small group said what."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from assess.config import read_settings
from assess.core.answers import Consensus
from assess.core.outputs import scorecard_json
from assess.core.questionnaire import LANGUAGES
from assess.core.report import ReportContent
from assess.core.workshop import LIVE, Ballot, Tally
from assess.storage.tables import answer, answer_event, respondent, seat
from assess.usecases import assessments, desks, engagements, rooms, workshops
from assess.usecases.installation import Installation, open_installation
from assess.usecases.reports import compose_report
from tests.staff import CHEAP, become_admin, start_run
from tests.usecases.conftest import VECTORS, Clock

ROLES = ("executive", "kam", "kam", "kam", "sales", "sales", "sales")
VOTES = {"s1.1": (5, 1, 2, 4, 3, 3, 4), "s2.1": (1, 5, 2, 2, 4, 4, 3)}
"""Item -> the level of each person, in the order of ROLES."""
SWAPPED = {"s1.1": (1, 5, 2, 4, 3, 3, 4), "s2.1": (5, 1, 2, 2, 4, 4, 3)}
"""The same with the votes of the executive and the first key account manager changed over."""


@dataclass(frozen=True)
class Played:
    """What a workshop showed and left behind."""

    installation: Installation
    shown: tuple[Tally, ...]
    contents: Mapping[str, ReportContent]
    scorecard: str


def play(folder: Path, votes: Mapping[str, tuple[int, ...]]) -> Played:
    clock = Clock()
    opened = open_installation(replace(read_settings({"KAM_DATA_DIR": str(folder)}), questionnaires=(VECTORS,)))
    installation = replace(opened, clock=clock, passwords=CHEAP)
    ada = become_admin(installation)
    run = start_run(installation, ada, confidential=True)
    key = engagements.key_to(installation, ada, run.code)
    workshops.start_workshop(installation, key)
    link = desks.open_desk(installation, key).join_token
    people = []
    for role in ROLES:
        clock.advance(minutes=1)
        people.append(rooms.join(installation, link, name=f"Ms {role}", role=role, language="en", address="10.0.0.1"))
    shown = []
    for number, (item, levels) in enumerate(votes.items(), 1):
        workshops.take_item(installation, key, item, LIVE)
        for own, level in zip(people, levels, strict=True):
            clock.advance(seconds=7)
            rooms.cast(installation, own, number, Ballot("", level), key=f"{number} {own[-8:]}")
        workshops.reveal_votes(installation, key)
        current = desks.open_desk(installation, key).current
        assert current
        assert current.result
        shown.append(current.result)
        workshops.decide_item(installation, key, Consensus(3, None, "It is so.", ""))
    workshops.end_workshop(installation, key)
    evaluation = assessments.evaluate_open(assessments.open_by_link(installation, key))
    contents = {language: compose_report(evaluation, style="full", language=language) for language in LANGUAGES}
    card = scorecard_json(evaluation.scorecard, flags=evaluation.flags, confidential=True)
    return Played(installation, tuple(shown), contents, json.dumps(card))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    found = play(tmp_path_factory.mktemp("one"), VOTES)
    yield found
    found.installation.storage.close()


def test_neither_screens_nor_paper_tell_who_in_the_hidden_groups_said_what(played: Played, tmp_path: Path) -> None:
    """Every format is made from the content alone: where it is the same, so is every paper. Even its fingerprint is."""
    other = play(tmp_path, SWAPPED)
    other.installation.storage.close()
    assert other.shown == played.shown
    assert other.contents == played.contents
    assert other.scorecard == played.scorecard


def test_the_group_under_three_and_the_next_smallest_are_hidden_on_screen_and_on_paper(played: Played) -> None:
    assert [(set(tally.roles), tally.hidden) for tally in played.shown] == [({"sales"}, 2)] * 2
    assert [tally.count and tally.count.total for tally in played.shown] == [7, 7]
    (step,) = [step for step in json.loads(played.scorecard)["dimensions"] if step["id"] == "s1"]
    shown = {role: found["score"] for role, found in step["roles"].items()}
    assert shown == {"executive": None, "kam": None, "sales": 3.3333}
    texts = [str(value) for value in played.contents.values()]
    assert all("Ms executive" not in each for each in texts), "who took part is not on paper by name"


def test_no_time_in_the_database_leads_from_a_person_to_an_answer(played: Played) -> None:
    midnight = datetime(2026, 11, 21, tzinfo=UTC)
    with played.installation.storage.reading() as connection:
        for column in (seat.c.joined_at, respondent.c.created_at, answer.c.changed_at, answer_event.c.at):
            assert set(connection.execute(select(column)).scalars()) == {midnight}, column


def test_no_row_number_tells_in_which_order_people_came(played: Played) -> None:
    with played.installation.storage.reading() as connection:
        assert all(len(id_) == 32 for id_ in connection.execute(select(seat.c.id)).scalars()), "at random"
        with pytest.raises(OperationalError, match="no such column: rowid"):
            connection.execute(text("SELECT rowid FROM seat"))
