"""Answers one by one, on SQLite and on PostgreSQL alike: versions, keys, history; nothing lost, nothing twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from sqlalchemy import select, text

from assess.config import read_settings
from assess.content.library import Library
from assess.core.answers import Answer, Organisation
from assess.core.errors import Failed, Invalid, NotAllowed, NotFound
from assess.storage import schema
from assess.storage.engine import Storage
from assess.storage.tables import answer_event
from assess.usecases import assessments
from assess.usecases.answers import AnswerConflict, Patch, save_answer, save_answers
from assess.usecases.installation import Installation
from tests.usecases.conftest import VECTORS

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture
def installation(storage: Storage, tmp_path: Path) -> Installation:
    settings = replace(read_settings({"KAM_DATA_DIR": str(tmp_path)}), questionnaires=(VECTORS,))
    return Installation(settings, storage, Library((VECTORS,)), clock=lambda: NOW)


@pytest.fixture
def token(installation: Installation) -> str:
    return assessments.start(installation, questionnaire="mini", role="kam", language="en", organisation=Organisation())


def history(installation: Installation) -> list[tuple[int, str]]:
    with installation.storage.reading() as connection:
        rows = connection.execute(select(answer_event.c.version, answer_event.c.content).order_by(answer_event.c.id))
        return [(row.version, (json.loads(row.content) or {}).get("comment", "")) for row in rows]


def save(installation: Installation, token: str, patch: Patch, base: int = 0, key: str | None = None) -> int:
    return save_answer(installation, token, "s1.1", patch, base=base, key=key or str(uuid4())).version


def test_what_is_saved_comes_back_whole(installation: Installation, token: str) -> None:
    given = Patch(not_applicable="other", evidence="憑證", comment="line 1\nline 2")
    assert save(installation, token, given) == 1
    opened = assessments.open_by_link(installation, token)
    assert opened.respondent
    assert opened.respondent.answers == {"s1.1": Answer(not_applicable="other", evidence="憑證", comment="line 1\nline 2")}
    assert opened.versions == {"s1.1": 1}
    assert opened.changed_at == NOW


def test_two_who_edit_one_answer_sixty_times_each_lose_nothing(installation: Installation, token: str) -> None:
    def work(name: str) -> list[tuple[int, str]]:
        base, acknowledged = 0, []
        for number in range(60):
            words = f"{name} {number}"
            try:
                base = save(installation, token, Patch(level=1 + number % 5, comment=words), base)
            except AnswerConflict as told:
                base = told.stored.version
            else:
                acknowledged.append((base, words))
        return acknowledged

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(work, ("Ada", "Bo"))
    kept = history(installation)
    assert sorted(one + two) == kept
    assert [version for version, _ in kept] == list(range(1, len(kept) + 1))
    opened = assessments.open_by_link(installation, token)
    assert opened.respondent
    assert opened.respondent.answers["s1.1"].comment == kept[-1][1]


def test_one_edit_sent_a_thousand_times_counts_once(installation: Installation, token: str) -> None:
    key = str(uuid4())

    def send(_number: int) -> int:
        for _ in range(50):
            try:
                return save(installation, token, Patch(level=4, comment="once"), 0, key)
            except Failed:
                continue
        return 0

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(send, range(1000))) == {1}
    assert history(installation) == [(1, "once")]


def test_a_page_of_answers_goes_by_the_same_versions(installation: Installation, token: str) -> None:
    save(installation, token, Patch(level=2))
    page = {"s1.1": Answer(level=5), "s1.2": Answer(level=3)}
    saved = save_answers(installation, token, page, {"s1.1": 0, "s1.2": 0})
    assert saved.changed == ("s1.2",)
    assert saved.conflicts["s1.1"].given == Answer(level=2)
    assert save_answers(installation, token, page, {"s1.1": 1, "s1.2": 1}).changed == ("s1.1",)


def test_a_wrong_key_item_or_link_saves_nothing(installation: Installation, token: str) -> None:
    key = str(uuid4())
    save(installation, token, Patch(level=2), key=key)
    with pytest.raises(Invalid):
        save(installation, token, Patch(level=3), base=1, key=key)
    with pytest.raises(NotFound):
        save_answer(installation, token, "s9.9", Patch(level=3), base=0, key=str(uuid4()))
    with pytest.raises(NotFound):
        save(installation, "stranger", Patch(level=3))
    with pytest.raises(NotAllowed):
        save(installation, "sample-beginner", Patch(level=3))
    assert len(history(installation)) == 1


def test_an_assessment_that_was_closed_takes_no_more_answers(installation: Installation, token: str) -> None:
    with installation.storage.writing() as connection:
        connection.execute(text("UPDATE assessment SET closed_at = '2026-11-21 12:00:00.000000'"))
    with pytest.raises(NotAllowed):
        save(installation, token, Patch(level=2))
    assert history(installation) == []


def test_an_erased_assessment_s_edit_is_not_found(installation: Installation, token: str) -> None:
    save(installation, token, Patch(level=2))
    assessments.erase(installation, token)
    with pytest.raises(NotFound):
        save(installation, token, Patch(level=3), base=1)


def test_answers_of_the_first_schema_get_keys_and_versions(empty_storage: Storage) -> None:
    with empty_storage.writing() as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with empty_storage.writing() as connection:
        day = "'2026-11-21 12:00:00.000000'"
        connection.execute(
            text(
                "INSERT INTO assessment (id, link_hash, questionnaire, version, digest, language, organisation_name, industry, "
                "region, size, confidential, capacity, created_at, changed_at) VALUES "
                f"(1, 'x', 'mini', '1.0.0', 'd', 'en', '', '', '', '', false, 4, {day}, {day})"
            )
        )
        connection.execute(text(f"INSERT INTO respondent (id, assessment_id, role, created_at) VALUES (1, 1, 'kam', {day})"))
        for id_, item in enumerate(("a", "b", "a"), start=1):
            connection.execute(
                text(
                    "INSERT INTO answer_event (id, respondent_id, item, content, at) "
                    f"VALUES ({id_}, 1, '{item}', 'null', {day})"
                )
            )
    schema.upgrade(empty_storage)
    with empty_storage.reading() as connection:
        rows = connection.execute(select(answer_event.c.version, answer_event.c.key).order_by(answer_event.c.id)).all()
    assert [(row.version, row.key) for row in rows] == [(1, "event 1"), (1, "event 2"), (2, "event 3")]
