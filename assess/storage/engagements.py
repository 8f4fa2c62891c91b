"""Engagements and organisations as rows. Every look goes through a workspace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, delete, distinct, func, insert, or_, select, update

from assess.core.answers import Organisation
from assess.core.errors import NotFound
from assess.storage.tables import answer, assessment, engagement, organisation, respondent

ACTIVE, ARCHIVED, DELETED = "active", "archived", "deleted"


@dataclass(frozen=True)
class Engagement:
    """Work for one client. changed_at is the last activity of staff or respondents; pool_consent: may be a benchmark peer."""

    id: str
    title: str
    organisation: Organisation
    brand: str
    language: str
    confidential: bool
    pool_consent: bool
    sample: bool
    created_at: datetime
    changed_at: datetime
    archived_at: datetime | None
    deleted_at: datetime | None

    @property
    def state(self) -> str:
        if self.deleted_at is not None:
            return DELETED
        return ACTIVE if self.archived_at is None else ARCHIVED


@dataclass(frozen=True)
class Work:
    """What an engagement's form says."""

    title: str
    organisation: Organisation
    language: str
    confidential: bool
    pool_consent: bool


@dataclass(frozen=True)
class AssessmentSummary:
    """An assessment of an engagement. respondents have begun; answered is how many of them gave at least one answer.

    plan_start and earlier are None where nothing was chosen, or it is nothing's re-assessment; closed_at while it is open.
    """

    id: int
    code: str
    questionnaire: str
    version: str
    digest: str
    modules: str
    profile: str | None
    language: str
    created_at: datetime
    changed_at: datetime
    respondents: int
    answered: int
    plan_start: date | None
    capacity: int
    closed_at: datetime | None
    earlier: str | None


def _engagements(workspace_id: int) -> Select[Any]:
    columns = (organisation.c.name, organisation.c.industry, organisation.c.region, organisation.c.size)
    activity = select(func.max(assessment.c.changed_at)).where(assessment.c.engagement_id == engagement.c.id)
    return (
        select(engagement, *columns, activity.scalar_subquery().label("activity"))
        .join(organisation, organisation.c.id == engagement.c.organisation_id)
        .where(engagement.c.workspace_id == workspace_id)
    )


def _engagement(row: Row[Any]) -> Engagement:
    client = Organisation(row.name, row.industry, row.region, row.size)
    same = {name: getattr(row, name) for name in Engagement.__dataclass_fields__ if name not in ("organisation", "changed_at")}
    latest = max(row.changed_at, row.activity or row.changed_at)
    return Engagement(**same, organisation=client, changed_at=latest)


def list_engagements(connection: Connection, workspace_id: int, *, state: str, search: str = "") -> tuple[Engagement, ...]:
    """Those of one state whose title or client contains the words, the latest activity first."""
    archived, deleted = engagement.c.archived_at.is_not(None), engagement.c.deleted_at.is_not(None)
    wanted = {ACTIVE: and_(~archived, ~deleted), ARCHIVED: and_(archived, ~deleted), DELETED: deleted}[state]
    statement = _engagements(workspace_id).where(wanted)
    for word in search.lower().split():
        pattern = "%" + word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_") + "%"
        texts = (engagement.c.title, organisation.c.name)
        statement = statement.where(or_(*(func.lower(column).like(pattern, escape="\\") for column in texts)))
    found = (_engagement(row) for row in connection.execute(statement))
    return tuple(sorted(found, key=lambda one: (one.changed_at, one.id), reverse=True))


def load_engagement(connection: Connection, workspace_id: int, id_: str) -> Engagement:
    """One of the workspace, deleted ones included. Raises NotFound."""
    row = connection.execute(_engagements(workspace_id).where(engagement.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound("there is no such engagement")
    return _engagement(row)


def add_engagement(
    connection: Connection, workspace_id: int, id_: str, work: Work, now: datetime, *, sample: bool = False
) -> None:
    values = {"id": id_, "workspace_id": workspace_id, "sample": sample, "created_at": now, "brand": ""}
    connection.execute(insert(engagement).values(**values, **_columns(connection, workspace_id, work, now)))


def change_engagement(connection: Connection, workspace_id: int, id_: str, work: Work, now: datetime) -> None:
    """Also what its assessments say of the client and of confidentiality."""
    values = _columns(connection, workspace_id, work, now)
    connection.execute(update(engagement).where(_theirs(workspace_id, id_)).values(**values))
    client = work.organisation
    said = {"organisation_name": client.name, "industry": client.industry, "region": client.region, "size": client.size}
    connection.execute(
        update(assessment).where(assessment.c.engagement_id == id_).values(**said, confidential=work.confidential)
    )


def _columns(connection: Connection, workspace_id: int, work: Work, now: datetime) -> dict[str, Any]:
    same = ("title", "language", "confidential", "pool_consent")
    client = _keep_organisation(connection, workspace_id, work.organisation)
    return {**{name: getattr(work, name) for name in same}, "organisation_id": client, "changed_at": now}


def _keep_organisation(connection: Connection, workspace_id: int, values: Organisation) -> int:
    """The client of that name in the workspace, brought up to date, or a new one."""
    same = and_(organisation.c.workspace_id == workspace_id, organisation.c.name == values.name)
    known = connection.scalar(select(func.min(organisation.c.id)).where(same))
    if known is not None:
        connection.execute(update(organisation).where(organisation.c.id == known).values(**vars(values)))
        return int(known)
    statement = insert(organisation).values(workspace_id=workspace_id, **vars(values)).returning(organisation.c.id)
    return int(connection.execute(statement).scalar_one())


def list_organisations(connection: Connection, workspace_id: int) -> tuple[Organisation, ...]:
    rows = connection.execute(
        select(organisation).where(organisation.c.workspace_id == workspace_id).order_by(organisation.c.name)
    )
    return tuple(Organisation(row.name, row.industry, row.region, row.size) for row in rows)


def set_archived(connection: Connection, workspace_id: int, id_: str, at: datetime | None, now: datetime) -> None:
    connection.execute(update(engagement).where(_theirs(workspace_id, id_)).values(archived_at=at, changed_at=now))


def set_deleted(connection: Connection, workspace_id: int, id_: str, at: datetime | None) -> None:
    connection.execute(update(engagement).where(_theirs(workspace_id, id_)).values(deleted_at=at))


def erase_engagement(connection: Connection, workspace_id: int, id_: str) -> None:
    """For good, with assessments, answers, invitations, documents; the client too when it has no other engagement."""
    client = connection.scalar(select(engagement.c.organisation_id).where(_theirs(workspace_id, id_)))
    if client is None:
        return
    connection.execute(delete(assessment).where(assessment.c.engagement_id == id_))
    connection.execute(delete(engagement).where(_theirs(workspace_id, id_)))
    unused = ~select(engagement.c.id).where(engagement.c.organisation_id == organisation.c.id).exists()
    connection.execute(delete(organisation).where(organisation.c.id == client, unused))


def list_samples(connection: Connection, workspace_id: int) -> tuple[str, ...]:
    """The engagements of the workspace that are demo data."""
    theirs = and_(engagement.c.workspace_id == workspace_id, engagement.c.sample)
    return tuple(connection.scalars(select(engagement.c.id).where(theirs).order_by(engagement.c.id)))


def list_deleted_before(connection: Connection, moment: datetime) -> tuple[tuple[int, str], ...]:
    """(workspace, engagement) of those deleted before a moment, in all workspaces."""
    rows = connection.execute(select(engagement.c.workspace_id, engagement.c.id).where(engagement.c.deleted_at < moment))
    return tuple((row.workspace_id, row.id) for row in rows)


def _theirs(workspace_id: int, id_: str) -> Any:
    return and_(engagement.c.workspace_id == workspace_id, engagement.c.id == id_)


def list_assessments(connection: Connection, workspace_id: int, engagement_id: str) -> tuple[AssessmentSummary, ...]:
    """The assessments of an engagement of the workspace, the latest first."""
    answered = (
        select(func.count(distinct(respondent.c.id)))
        .join(answer, answer.c.respondent_id == respondent.c.id)
        .where(respondent.c.assessment_id == assessment.c.id, _says_something())
    )
    begun = select(func.count(respondent.c.id)).where(respondent.c.assessment_id == assessment.c.id)
    rows = connection.execute(
        select(
            assessment,
            begun.scalar_subquery().label("respondents"),
            answered.scalar_subquery().label("answered"),
        )
        .join(engagement, engagement.c.id == assessment.c.engagement_id)
        .where(_theirs(workspace_id, engagement_id))
        .order_by(assessment.c.created_at.desc(), assessment.c.id.desc())
    )
    names = AssessmentSummary.__dataclass_fields__
    return tuple(AssessmentSummary(**{name: getattr(row, name) for name in names}) for row in rows)


def engagement_of(connection: Connection, workspace_id: int, code: str) -> str:
    """The engagement that an assessment of the workspace belongs to. Raises NotFound."""
    found = connection.scalar(
        select(engagement.c.id)
        .join(assessment, assessment.c.engagement_id == engagement.c.id)
        .where(engagement.c.workspace_id == workspace_id, engagement.c.deleted_at.is_(None), assessment.c.code == code)
    )
    if found is None:
        raise NotFound("there is no such assessment")
    return str(found)


def _says_something() -> Any:
    return or_(answer.c.level.is_not(None), answer.c.dont_know, answer.c.not_applicable.is_not(None))


def count_answers(connection: Connection, assessment_id: int) -> dict[int, int]:
    """Respondent -> how many answers they have given."""
    rows = connection.execute(
        select(respondent.c.id, func.count(answer.c.item))
        .outerjoin(answer, and_(answer.c.respondent_id == respondent.c.id, _says_something()))
        .where(respondent.c.assessment_id == assessment_id)
        .group_by(respondent.c.id)
    )
    return {row[0]: row[1] for row in rows}
