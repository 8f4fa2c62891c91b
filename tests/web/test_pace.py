"""How often one person may ask; a whole room behind one address is never punished for being many."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch
from uuid import uuid4

import pytest
from flask import Flask

from assess.core.answers import Organisation
from assess.core.errors import Failed, TooOften
from assess.usecases import answers, assessments, documents
from assess.usecases.answers import Patch
from assess.usecases.installation import Installation, open_installation
from assess.web import pace
from assess.web.app import create_app
from assess.web.pace import SAVES_AT_ONCE, Allowance, Pace
from tests.web.conftest import Person, settings_in


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    ticking = Clock()
    with patch.object(pace, "monotonic", ticking):
        yield ticking


def test_an_allowance_is_used_up_and_grows_back(clock: Clock) -> None:
    allowance = Allowance(3)
    assert [allowance.allows("rosa", 2) for _ in range(4)] == [True, True, True, False]
    assert allowance.allows("olga", 2), "another's allowance is her own"
    clock.now += 0.5
    assert [allowance.allows("rosa", 2) for _ in range(2)] == [True, False]
    clock.now += 100
    assert [allowance.allows("rosa", 2) for _ in range(4)] == [True, True, True, False], "no more than at the start"


def test_who_was_refused_does_not_wait_longer_for_having_asked(clock: Clock) -> None:
    allowance = Allowance(1)
    assert allowance.allows("rosa", 1)
    for _ in range(5):
        clock.now += 0.19
        assert not allowance.allows("rosa", 1)
    clock.now += 0.1
    assert allowance.allows("rosa", 1)


def test_a_rate_of_nothing_sets_no_limit(clock: Clock) -> None:
    allowance = Allowance(1)
    assert all(allowance.allows("rosa", 0) for _ in range(100))


def test_who_has_everything_back_is_forgotten(clock: Clock) -> None:
    allowance = Allowance(2)
    with patch.object(pace, "MOST_KEPT", 10):
        for number in range(10):
            allowance.allows(f"early {number}", 1)
        clock.now += 5
        allowance.allows("rosa", 1)
        assert set(allowance._left) == {"rosa"}


def test_a_second_gives_everybody_their_own(clock: Clock) -> None:
    polls = Pace(2)
    assert [polls.allows("rosa") for _ in range(3)] == [True, True, False]
    assert polls.allows("olga")
    clock.now += 1
    assert polls.allows("rosa")


def save(person: Person, item: str, base: int, headers: dict[str, str]) -> int:
    body = {"key": str(uuid4()), "base": base, "answer": {"level": 1 + base % 5}}
    answer = person.client.post(f"{person.link}answers/{item}", json=body, headers=headers)
    if answer.status_code == 429:
        assert answer.headers["Retry-After"] == "1"
        assert answer.json["message"]
    return answer.status_code


def test_saving_without_end_is_refused_for_that_person_alone_and_nothing_saved_is_lost(
    app: Flask, installation: Installation, clock: Clock
) -> None:
    """Both sit behind one address, as everybody in the suite does."""
    rosa, olga = Person(app.test_client(), installation), Person(app.test_client(), installation)
    for person in (rosa, olga):
        person.start()
    headers = {"X-CSRFToken": rosa.csrf(f"{rosa.link}step/s1")}
    codes = [save(rosa, "s1.1", base, headers) for base in range(SAVES_AT_ONCE)]
    assert codes == [200] * SAVES_AT_ONCE
    assert save(rosa, "s1.1", SAVES_AT_ONCE, headers) == 429
    assert rosa.answers["s1.1"].level == 1 + (SAVES_AT_ONCE - 1) % 5
    assert save(olga, "s1.1", 0, {"X-CSRFToken": olga.csrf(f"{olga.link}step/s1")}) == 200
    clock.now += 1
    assert save(rosa, "s1.1", SAVES_AT_ONCE, headers) == 200


def test_two_hundred_phones_behind_one_address_save_at_once(app: Flask, installation: Installation, clock: Clock) -> None:
    assert all(pace.saves.allows(f"phone {number}", installation.settings.saves_per_second) for number in range(200))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation in which fourteen documents may wait, whose clock stands."""
    opened = open_installation(settings_in(tmp_path_factory.mktemp("pace"), queue_limit=14))
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    yield replace(opened, clock=lambda: now)
    opened.storage.close()


def new_link(installation: Installation) -> str:
    return assessments.start(
        installation, questionnaire="kam-seven-steps-short", role="kam", language="en", organisation=Organisation()
    )


def ask(installation: Installation, token: str) -> None:
    """Ask for a document of answers that differ from those before."""
    opened = assessments.open_by_link(installation, token)
    assert opened.respondent
    before = opened.respondent.answers.get("s1.1")
    base = 0 if before is None else len(before.comment)
    longer = Patch(level=2, comment="x" * (base + 1))
    answers.save_answer(installation, token, "s1.1", longer, base=base, key=str(uuid4()))
    documents.request_document(installation, token, fmt="json", style="full", language="en")


def test_documents_are_limited_by_person_and_by_how_many_wait(small: Installation) -> None:
    first, second = new_link(small), new_link(small)
    for _ in range(documents.PER_MINUTE):
        ask(small, first)
    with pytest.raises(TooOften):
        ask(small, first)
    ask(small, second)
    later = replace(small, clock=lambda: small.clock() + timedelta(minutes=2))
    ask(later, first)
    with pytest.raises(Failed, match="waiting"):
        ask(small, second)
    known = documents.list_documents(small, second)
    assert len(known) == 1


def test_a_person_who_asks_too_often_is_told_to_wait(small: Installation) -> None:
    app = create_app(small.settings, small)
    rosa = Person(app.test_client(), small)
    rosa.start()
    with patch.object(documents, "PER_MINUTE", 0), patch.object(documents.document_rows, "count_waiting", return_value=0):
        answer = rosa.post(f"{rosa.link}documents", {"fmt": "json", "style": "full", "language": "en"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
