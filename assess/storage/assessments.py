"""Assessments, respondents and answers as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assess.core.answers import Answer, Assessment, Organisation, Respondent
from assess.core.errors import NotFound
from assess.storage.tables import answer, answer_event, assessment, questionnaire_copy, respondent


@dataclass(frozen=True)
class StoredAssessment:
    """An assessment with what only the database knows. digest names its frozen questionnaire."""

    id: int
    digest: str
    assessment: Assessment
    respondent_id: int
    language: str
    start: date | None
    capacity: int
    created_at: datetime
    changed_at: datetime


def link_hash(token: str) -> str:
    """How a private link is stored and found."""
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def keep_questionnaire(connection: Connection, files: Mapping[str, bytes]) -> str:
    """Store the frozen files unless they are there already; returns their digest."""
    digest = sha256()
    for name, content in sorted(files.items()):
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    key = digest.hexdigest()
    if connection.scalar(select(questionnaire_copy.c.name).where(questionnaire_copy.c.digest == key).limit(1)) is None:
        rows = [{"digest": key, "name": name, "content": content} for name, content in files.items()]
        connection.execute(insert(questionnaire_copy), rows)
    return key


def load_questionnaire_files(connection: Connection, digest: str) -> dict[str, bytes]:
    """File name -> content of a frozen questionnaire. Raises NotFound."""
    rows = connection.execute(
        select(questionnaire_copy.c.name, questionnaire_copy.c.content).where(questionnaire_copy.c.digest == digest)
    )
    files = {row.name: bytes(row.content) for row in rows}
    if not files:
        raise NotFound(f"there is no questionnaire copy {digest}")
    return files


def add_assessment(
    connection: Connection, token: str, digest: str, values: Assessment, role: str, language: str, capacity: int, now: datetime
) -> None:
    """A new assessment with its one respondent, found again by the private link's token."""
    key = connection.execute(
        insert(assessment)
        .values(
            link_hash=link_hash(token),
            questionnaire=values.questionnaire,
            version=values.version,
            digest=digest,
            language=language,
            confidential=values.confidential,
            capacity=capacity,
            created_at=now,
            changed_at=now,
            **_organisation_columns(values.organisation),
        )
        .returning(assessment.c.id)
    ).scalar_one()
    connection.execute(insert(respondent).values(assessment_id=key, role=role, created_at=now))


def load_assessment(connection: Connection, token: str) -> StoredAssessment:
    """The assessment of a private link. Raises NotFound."""
    row = connection.execute(select(assessment).where(assessment.c.link_hash == link_hash(token))).one_or_none()
    if row is None:
        raise NotFound("there is no assessment behind this link")
    people = connection.execute(select(respondent).where(respondent.c.assessment_id == row.id).order_by(respondent.c.id)).all()
    return StoredAssessment(
        id=row.id,
        digest=row.digest,
        assessment=Assessment(
            questionnaire=row.questionnaire,
            version=row.version,
            organisation=Organisation(row.organisation_name, row.industry, row.region, row.size),
            date=row.changed_at.date(),
            confidential=row.confidential,
            profile=row.profile,
            respondents=tuple(_respondent(connection, person) for person in people),
        ),
        respondent_id=people[0].id,
        language=row.language,
        start=row.plan_start,
        capacity=row.capacity,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def _respondent(connection: Connection, row: Row[tuple[object, ...]]) -> Respondent:
    answers = connection.execute(select(answer).where(answer.c.respondent_id == row.id).order_by(answer.c.item))
    return Respondent(
        id=f"r{row.id}",
        role=row.role,
        answers={
            given.item: Answer(given.level, given.dont_know, given.not_applicable, given.evidence, given.comment)
            for given in answers
        },
    )


def save_answer(connection: Connection, respondent_id: int, item: str, given: Answer | None, now: datetime) -> None:
    """Put one answer in place of what was there (None clears it) and note it in the history."""
    content = "null" if given is None else json.dumps(vars(given), ensure_ascii=False)
    connection.execute(insert(answer_event).values(respondent_id=respondent_id, item=item, content=content, at=now))
    if given is None:
        connection.execute(delete(answer).where(answer.c.respondent_id == respondent_id, answer.c.item == item))
        return
    columns = {
        "level": given.level,
        "dont_know": given.dont_know,
        "not_applicable": given.not_applicable,
        "evidence": given.evidence,
        "comment": given.comment,
        "changed_at": now,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(answer).values(respondent_id=respondent_id, item=item, version=1, **columns)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[answer.c.respondent_id, answer.c.item], set_={**columns, "version": answer.c.version + 1}
        )
    )


def touch(connection: Connection, id_: int, now: datetime) -> None:
    """Note that the assessment changed."""
    connection.execute(update(assessment).where(assessment.c.id == id_).values(changed_at=now))


def describe_assessment(
    connection: Connection, stored: StoredAssessment, organisation: Organisation, role: str, now: datetime
) -> None:
    columns = _organisation_columns(organisation)
    connection.execute(update(assessment).where(assessment.c.id == stored.id).values(changed_at=now, **columns))
    connection.execute(update(respondent).where(respondent.c.id == stored.respondent_id).values(role=role))


def choose_plan(connection: Connection, id_: int, profile: str | None, start: date | None, capacity: int) -> None:
    columns = {"profile": profile, "plan_start": start, "capacity": capacity}
    connection.execute(update(assessment).where(assessment.c.id == id_).values(**columns))


def erase_assessment(connection: Connection, id_: int) -> None:
    """The assessment with everything that belongs to it: answers, history, documents."""
    connection.execute(delete(assessment).where(assessment.c.id == id_))


def _organisation_columns(organisation: Organisation) -> dict[str, str]:
    return {
        "organisation_name": organisation.name,
        "industry": organisation.industry,
        "region": organisation.region,
        "size": organisation.size,
    }
