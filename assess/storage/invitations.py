"""Invitations as rows: personal links, each for one person, and group links, each for any number."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update

from assess.core.errors import NotFound
from assess.storage.links import claim_hash, link_hash
from assess.storage.tables import assessment, engagement, invitation, workspace

PERSONAL, GROUP = "personal", "group"


@dataclass(frozen=True)
class Invitation:
    """role None: the person chooses. respondent_id is never known where answers are confidential."""

    id: int
    assessment_id: int
    kind: str
    name: str
    role: str | None
    language: str
    serial: str
    link_hash: str
    created_at: datetime
    opened: bool
    revoked_at: datetime | None
    respondent_id: int | None


@dataclass(frozen=True)
class Invited:
    """An open invitation with what the person is told: who asks, for whom, whether staff see who answered what."""

    invitation: Invitation
    digest: str
    module_digests: tuple[str, ...]
    organisation: str
    workspace: str
    confidential: bool
    sample: bool


def add_invitation(connection: Connection, values: dict[str, Any], token: str, now: datetime) -> int:
    statement = insert(invitation).values(**values, link_hash=link_hash(token), created_at=now, opened=False)
    return int(connection.execute(statement.returning(invitation.c.id)).scalar_one())


def list_invitations(connection: Connection, assessment_id: int) -> tuple[Invitation, ...]:
    """In the order they were made."""
    rows = connection.execute(select(invitation).where(invitation.c.assessment_id == assessment_id).order_by(invitation.c.id))
    return tuple(_invitation(row) for row in rows)


def find_invitation(connection: Connection, assessment_id: int, id_: int) -> Invitation:
    """Raises NotFound."""
    found = and_(invitation.c.assessment_id == assessment_id, invitation.c.id == id_)
    row = connection.execute(select(invitation).where(found)).one_or_none()
    if row is None:
        raise NotFound("there is no such invitation")
    return _invitation(row)


def open_invitation(connection: Connection, token: str) -> Invited:
    """The invitation of a link that is neither revoked nor of an archived or deleted engagement. Raises NotFound."""
    row = connection.execute(
        select(
            invitation,
            assessment.c.digest,
            assessment.c.modules,
            assessment.c.organisation_name,
            assessment.c.confidential,
            assessment.c.sample,
            workspace.c.name.label("workspace"),
        )
        .join(assessment, assessment.c.id == invitation.c.assessment_id)
        .join(engagement, engagement.c.id == assessment.c.engagement_id)
        .join(workspace, workspace.c.id == engagement.c.workspace_id)
        .where(
            invitation.c.link_hash == link_hash(token),
            invitation.c.revoked_at.is_(None),
            engagement.c.archived_at.is_(None),
            engagement.c.deleted_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        raise NotFound("there is no such invitation")
    return Invited(
        invitation=_invitation(row),
        digest=row.digest,
        module_digests=tuple(digest for _, digest in json.loads(row.modules)),
        organisation=row.organisation_name,
        workspace=row.workspace,
        confidential=row.confidential,
        sample=row.sample,
    )


def claim_invitation(connection: Connection, id_: int, claim: str, respondent_id: int | None) -> bool:
    """Note that a personal one was accepted; False when somebody else did so at this very moment."""
    free = and_(invitation.c.id == id_, invitation.c.revoked_at.is_(None), ~invitation.c.opened)
    values = {"opened": True, "claim_hash": claim, "respondent_id": respondent_id}
    return connection.execute(update(invitation).where(free).values(**values)).rowcount == 1


def is_claimed(connection: Connection, token: str, own: str) -> bool:
    """Whether the invitation of a link was accepted by who has this own link, and was not revoked."""
    found = and_(
        invitation.c.link_hash == link_hash(token),
        invitation.c.claim_hash == claim_hash(own),
        invitation.c.revoked_at.is_(None),
    )
    return connection.scalar(select(invitation.c.id).where(found)) is not None


def mark_opened(connection: Connection, id_: int) -> None:
    connection.execute(update(invitation).where(invitation.c.id == id_).values(opened=True))


def revoke_invitation(connection: Connection, id_: int, now: datetime) -> None:
    connection.execute(update(invitation).where(invitation.c.id == id_).values(revoked_at=now))


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(**{name: getattr(row, name) for name in Invitation.__dataclass_fields__})
