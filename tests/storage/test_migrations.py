"""What migrations do to rows that are there already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from assess.storage import schema
from assess.storage.engine import Storage

THEN, DAY = datetime(2026, 11, 20, 9, 17, 42, 123456), datetime(2026, 11, 20)  # noqa: DTZ001 - as the columns hold it, in UTC
ASSESSMENT = """
    INSERT INTO assessment (id, link_hash, questionnaire, version, digest, language, organisation_name, industry, region, size,
    confidential, capacity, created_at, changed_at, sample)
    VALUES (:id, :hash, 'mini', '1', 'd', 'en', '', '', '', '', :confidential, 4, :at, :at, :no)"""
PERSON = "INSERT INTO respondent (id, assessment_id, role, created_at, name, language) VALUES (:id, :id, 'kam', :at, '', '')"
ANSWER = """
    INSERT INTO answer (respondent_id, item, level, dont_know, evidence, comment, version, changed_at)
    VALUES (:id, 's1.1', 3, :no, '', '', 1, :at)"""
EVENT = """
    INSERT INTO answer_event (id, respondent_id, item, content, "key", version, at)
    VALUES (:id, :id, 's1.1', '{}', :hash, 1, :at)"""


def test_0012_keeps_the_day_only_of_answers_given_in_confidence(empty_storage: Storage) -> None:
    schema.upgrade(empty_storage, "0011")
    at = f"{THEN:%Y-%m-%d %H:%M:%S.%f}" if empty_storage.is_sqlite else THEN
    with empty_storage.writing() as connection:
        for id_, is_confidential in ((1, False), (2, True)):
            values = {"id": id_, "hash": str(id_), "confidential": is_confidential, "at": at, "no": False}
            for statement in (ASSESSMENT, PERSON, ANSWER, EVENT):
                connection.execute(text(statement), values)
    schema.upgrade(empty_storage, "0012")
    with empty_storage.reading() as connection:
        for table, column in (("answer", "changed_at"), ("answer_event", "at")):
            order = "respondent_id"
            found = connection.execute(text(f"SELECT {column} FROM {table} ORDER BY {order}")).scalars()
            assert [_time(one) for one in found] == [THEN, DAY], table


def _time(stored: object) -> datetime:
    return stored if isinstance(stored, datetime) else datetime.fromisoformat(str(stored))
