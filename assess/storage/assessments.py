"""Assessments, respondents and answers as rows."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, update

from assess.core.answers import Answer, Assessment, Organisation, Respondent
from assess.core.confidentiality import MIN_GROUP
from assess.core.errors import NotAllowed, NotFound
from assess.storage.answers import StoredAnswer, load_answers, note_edit, put_answer
from assess.storage.consensus import load_consensus
from assess.storage.links import AssessmentKey, is_in_reach, is_open_link, link_hash, link_values
from assess.storage.plans import load_adoption
from assess.storage.prepared import run
from assess.storage.register import load_evidence, load_targets
from assess.storage.tables import assessment, engagement, questionnaire_copy, respondent


@dataclass(frozen=True)
class StoredAssessment:
    """An assessment with what only the database knows. digest names its frozen questionnaire, module_digests its modules'.

    versions counts the edits of each answer of the link's respondent, cleared ones included. respondent_id is 0 where staff
    look at an engagement's assessment. withheld: too few have answered to show anything of it to staff. decision_versions and
    own_versions count the edits of what was decided about each initiative, and of each own one; earlier is the id of the
    snapshot it is a re-assessment of.
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
    engagement_id: str | None = None
    withheld: bool = False
    decision_versions: Mapping[str, int] = field(default_factory=dict)
    own_versions: Mapping[str, int] = field(default_factory=dict)
    closed_at: datetime | None = None
    earlier: str | None = None


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
    key = insert_assessment(connection, token, digest, values, language, capacity, now, module_digests)
    return add_respondent(connection, key, role, now, link=token)


def insert_assessment(
    connection: Connection,
    token: str,
    digest: str,
    values: Assessment,
    language: str,
    capacity: int,
    now: datetime,
    module_digests: Sequence[str] = (),
    engagement_id: str | None = None,
    code: str | None = None,
) -> int:
    """A new assessment that nobody answers yet; returns its id. engagement_id and code: of one that staff look after."""
    key: int = connection.execute(
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
            engagement_id=engagement_id,
            code=code,
            sample=values.sample,
            **_organisation_columns(values.organisation),
        )
        .returning(assessment.c.id)
    ).scalar_one()
    return key


def add_respondent(
    connection: Connection,
    assessment_id: int,
    role: str,
    now: datetime,
    *,
    link: str | None = None,
    name: str = "",
    language: str = "",
) -> int:
    """One more who answers, through a link of their own (None: through none); returns the new id."""
    values = {"assessment_id": assessment_id, "role": role, "created_at": now, "name": name, "language": language}
    values["link_hash"] = None if link is None else link_hash(link)
    id_: int = connection.execute(insert(respondent).values(values).returning(respondent.c.id)).scalar_one()
    return id_


def count_respondents(connection: Connection, assessment_id: int) -> int:
    statement = select(func.count()).select_from(respondent).where(respondent.c.assessment_id == assessment_id)
    return int(connection.scalar(statement) or 0)


def choose_modules(connection: Connection, id_: int, modules: Sequence[str], digests: Sequence[str]) -> None:
    """Answer these modules beside the core; the answers to others stay, unseen."""
    connection.execute(update(assessment).where(assessment.c.id == id_).values(modules=_modules_column(modules, digests)))


def _modules_column(modules: Sequence[str], digests: Sequence[str]) -> str:
    return json.dumps(list(zip(modules, digests, strict=True)))


def load_assessment(connection: Connection, token: str, *, holds: bool = False) -> StoredAssessment:
    """The assessment of a private link, or of a key of staff; holds: nobody closes it meanwhile. Raises NotFound.

    Through a link of an engagement only the person's own answers are loaded. Staff get everybody's, or nobody's while fewer
    than MIN_GROUP people have answered in confidence.
    """
    row, respondent_id = _find(connection, token, holds=holds)
    people = connection.execute(_people(row, respondent_id)).all()
    answers = load_answers(connection, [person.id for person in people])
    modules = json.loads(row.modules)
    given = tuple(_respondent(person, answers[person.id]) for person in people)
    withheld = row.confidential and not respondent_id and sum(1 for one in given if one.answers) < MIN_GROUP
    decided = load_adoption(connection, row.id)
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
            respondents=() if withheld else given,
            consensus={} if _is_reply(row, respondent_id) else load_consensus(connection, row.id),
            evidence=load_evidence(connection, row.id),
            targets=load_targets(connection, row.id),
            sample=row.sample,
            adoption=decided.adoption,
        ),
        respondent_id=respondent_id,
        versions={item: stored.version for item, stored in answers.get(respondent_id, {}).items()},
        language=row.language if not respondent_id else (_language(people, respondent_id) or row.language),
        start=row.plan_start,
        capacity=row.capacity,
        created_at=row.created_at,
        changed_at=row.changed_at,
        engagement_id=row.engagement_id,
        withheld=withheld,
        decision_versions=decided.decision_versions,
        own_versions=decided.own_versions,
        closed_at=row.closed_at,
        earlier=row.earlier,
    )


@dataclass(frozen=True)
class Frame:
    """What an assessment is made in, without its answers; is_active: neither closed nor of an archived engagement."""

    id: int
    digests: tuple[str, ...]
    confidential: bool
    is_active: bool


def find_frame(connection: Connection, key: AssessmentKey) -> Frame:
    """Raises NotFound."""
    statement = (
        select(assessment, engagement.c.archived_at)
        .join(engagement, engagement.c.id == assessment.c.engagement_id)
        .where(assessment.c.code == key.code, is_in_reach(key.actor))
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("there is no such assessment")
    return Frame(row.id, digests_of(row), row.confidential, row.closed_at is None and row.archived_at is None)


def digests_of(row: Row[Any]) -> tuple[str, ...]:
    """Of the frozen questionnaires of an assessment's row, the core's first."""
    return (row.digest, *(digest for _, digest in json.loads(row.modules)))


def _find(connection: Connection, token: str, *, holds: bool) -> tuple[Row[Any], int]:
    """The assessment's row and who answers through the link, 0 for a key of staff. SQLite, with one writer, ignores holds."""
    if isinstance(token, AssessmentKey):
        statement = (
            select(assessment)
            .join(engagement, engagement.c.id == assessment.c.engagement_id)
            .where(assessment.c.code == token.code, is_in_reach(token.actor))
        )
        row = connection.execute(_held(statement) if holds else statement).one_or_none()
        if row is not None:
            return row, 0
    else:
        respondents = select(assessment, respondent.c.id.label("respondent_id")).join(
            respondent, respondent.c.assessment_id == assessment.c.id
        )
        statement = respondents.where(respondent.c.link_hash == link_hash(token), is_open_link())
        row = connection.execute(_held(statement) if holds else statement, link_values(token)).one_or_none()
        if row is not None:
            return row, row.respondent_id
    raise NotFound("there is no assessment behind this link")


def _held(statement: Select[Any]) -> Select[Any]:
    return statement.with_for_update(of=assessment)


def _is_reply(row: Row[Any], respondent_id: int) -> bool:
    """Whether somebody invited to an engagement looks at it, who sees nothing but the own answers."""
    return row.engagement_id is not None and bool(respondent_id)


def _people(row: Row[Any], respondent_id: int) -> Any:
    """The respondents that are loaded, in the order they came."""
    statement = select(respondent).where(respondent.c.assessment_id == row.id).order_by(respondent.c.id)
    if _is_reply(row, respondent_id):
        return statement.where(respondent.c.id == respondent_id)
    return statement


def _language(people: Sequence[Row[Any]], respondent_id: int) -> str:
    """The language the respondent was invited in; empty for the assessment's own."""
    return next((str(person.language) for person in people if person.id == respondent_id), "")


def _respondent(row: Row[tuple[object, ...]], answers: Mapping[str, StoredAnswer]) -> Respondent:
    given = {item: stored.given for item, stored in answers.items() if stored.given is not None}
    return Respondent(id=f"r{row.id}", role=row.role, answers=given)


@dataclass(frozen=True)
class Answered:
    """Somebody in a role with what they answered to one item."""

    id: int
    role: str
    given: Answer


def list_answered(connection: Connection, assessment_id: int, item: str) -> tuple[Answered, ...]:
    """Everybody who has answered an item, in no order that says who came first."""
    statement = select(respondent.c.id, respondent.c.role).where(respondent.c.assessment_id == assessment_id)
    roles = {row.id: row.role for row in connection.execute(statement.order_by(respondent.c.id))}
    answers = load_answers(connection, roles)
    given = {id_: stored[item].given for id_, stored in answers.items() if item in stored}
    return tuple(Answered(id_, roles[id_], one) for id_, one in given.items() if one is not None)


def save_answer(connection: Connection, respondent_id: int, item: str, given: Answer | None, now: datetime) -> None:
    """Put one answer in place of whatever was there (None clears it) and note it in the history."""
    version = put_answer(connection, respondent_id, item, given, now)
    note_edit(connection, respondent_id, item, given, now, version=version or 0)


def touch(connection: Connection, id_: int, now: datetime) -> None:
    """Note that the assessment changed."""
    connection.execute(_TOUCH, {"touched": id_, "now": now})


def touch_open(connection: Connection, id_: int, now: datetime) -> None:
    """The same for an assessment that takes answers. Raises NotAllowed when it was closed or erased at this very moment."""
    if run(connection, _TOUCH_OPEN, {"touched": id_, "now": now}).rowcount != 1:
        raise NotAllowed("the assessment is closed")


_TOUCH = (
    update(assessment)
    .where(assessment.c.id == bindparam("touched"))
    .values(changed_at=bindparam("now", type_=assessment.c.changed_at.type))
)
_TOUCH_OPEN = _TOUCH.where(assessment.c.closed_at.is_(None))


def earlier_of(connection: Connection, id_: int) -> str | None:
    """The snapshot an assessment is compared with."""
    return connection.scalar(select(assessment.c.earlier).where(assessment.c.id == id_))


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
