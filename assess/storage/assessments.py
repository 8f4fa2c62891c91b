"""Assessments, respondents and answers as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import Connection, Row, delete, insert, select, update

from assess.core.answers import Answer, Assessment, Organisation, Respondent
from assess.core.errors import NotFound
from assess.storage.answers import StoredAnswer, load_answers, note_edit, put_answer
from assess.storage.register import load_evidence, load_targets
from assess.storage.tables import assessment, questionnaire_copy, respondent


@dataclass(frozen=True)
class StoredAssessment:
    """An assessment with what only the database knows. digest names its frozen questionnaire, module_digests its modules'.

    versions counts the edits of each answer of the link's respondent, cleared ones included.
    """

    id: int
    digest: str
    module_digests: tuple[str, ...]
    assessment: Assessment
    respondent_id: int
    versions: Mapping[str, int]
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
    connection: Connection,
    token: str,
    digest: str,
    values: Assessment,
    role: str,
    language: str,
    capacity: int,
    now: datetime,
    module_digests: Sequence[str] = (),
) -> int:
    """A new assessment with its one respondent, found again by the private link's token; returns the respondent's id.

    module_digests are those of values.modules, in their order.
    """
    key = connection.execute(
        insert(assessment)
        .values(
            link_hash=link_hash(token),
            questionnaire=values.questionnaire,
            version=values.version,
            digest=digest,
            modules=_modules_column(values.modules, module_digests),
            language=language,
            confidential=values.confidential,
            profile=values.profile,
            capacity=capacity,
            created_at=now,
            changed_at=now,
            **_organisation_columns(values.organisation),
        )
        .returning(assessment.c.id)
    ).scalar_one()
    return add_respondent(connection, key, role, now)


def add_respondent(connection: Connection, assessment_id: int, role: str, now: datetime) -> int:
    """One more who answers; returns the new id."""
    values = {"assessment_id": assessment_id, "role": role, "created_at": now}
    id_: int = connection.execute(insert(respondent).values(values).returning(respondent.c.id)).scalar_one()
    return id_


def choose_modules(connection: Connection, id_: int, modules: Sequence[str], digests: Sequence[str]) -> None:
    """Answer these modules beside the core; the answers to others stay, unseen."""
    connection.execute(update(assessment).where(assessment.c.id == id_).values(modules=_modules_column(modules, digests)))


def _modules_column(modules: Sequence[str], digests: Sequence[str]) -> str:
    return json.dumps(list(zip(modules, digests, strict=True)))


def load_assessment(connection: Connection, token: str) -> StoredAssessment:
    """The assessment of a private link. Raises NotFound."""
    row = connection.execute(select(assessment).where(assessment.c.link_hash == link_hash(token))).one_or_none()
    if row is None:
        raise NotFound("there is no assessment behind this link")
    people = connection.execute(select(respondent).where(respondent.c.assessment_id == row.id).order_by(respondent.c.id)).all()
    answers = load_answers(connection, [person.id for person in people])
    modules = json.loads(row.modules)
    return StoredAssessment(
        id=row.id,
        digest=row.digest,
        module_digests=tuple(digest for _, digest in modules),
        assessment=Assessment(
            questionnaire=row.questionnaire,
            version=row.version,
            organisation=Organisation(row.organisation_name, row.industry, row.region, row.size),
            date=row.changed_at.date(),
            confidential=row.confidential,
            profile=row.profile,
            modules=tuple(id_ for id_, _ in modules),
            respondents=tuple(_respondent(person, answers[person.id]) for person in people),
            evidence=load_evidence(connection, row.id),
            targets=load_targets(connection, row.id),
        ),
        respondent_id=people[0].id,
        versions={item: stored.version for item, stored in answers[people[0].id].items()},
        language=row.language,
        start=row.plan_start,
        capacity=row.capacity,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )


def _respondent(row: Row[tuple[object, ...]], answers: Mapping[str, StoredAnswer]) -> Respondent:
    given = {item: stored.given for item, stored in answers.items() if stored.given is not None}
    return Respondent(id=f"r{row.id}", role=row.role, answers=given)


def save_answer(connection: Connection, respondent_id: int, item: str, given: Answer | None, now: datetime) -> None:
    """Put one answer in place of whatever was there (None clears it) and note it in the history."""
    version = put_answer(connection, respondent_id, item, given, now)
    note_edit(connection, respondent_id, item, given, now, version=version or 0)


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
