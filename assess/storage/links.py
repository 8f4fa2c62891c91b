"""How links resolve, in one place: a private link leads to a respondent, a key of staff to an assessment of their workspace."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select

from assess.core.staff import Actor
from assess.storage.tables import assessment, engagement, invitation

REPLY_PREFIX, TEAM_PREFIX = "reply-", "team-"
"""What the links of an engagement's respondents, and the addresses of its staff, begin with."""


class AssessmentKey(str):
    """An assessment's address for a signed-in member of staff, `team-CODE`; made by assess.usecases.engagements only.

    Wherever a link's token is asked for it may be given instead; a plain text that looks the same opens nothing.
    """

    __slots__ = ("actor",)
    actor: Actor

    def __new__(cls, code: str, actor: Actor) -> AssessmentKey:
        key = super().__new__(cls, TEAM_PREFIX + code)
        key.actor = actor
        return key

    @property
    def code(self) -> str:
        return self.removeprefix(TEAM_PREFIX)


def link_hash(token: str) -> str:
    """How a private link is stored and found."""
    return _hash(token)


def claim_hash(token: str) -> str:
    """How an invitation knows the link of who accepted it: only who has the link can tell that the two belong together."""
    return _hash(f"claim of {token}")


def link_values(token: str) -> dict[str, str]:
    """The parameters of is_open_link."""
    return {"link_hash": link_hash(token), "claim_hash": claim_hash(token)}


def is_open_link() -> ColumnElement[bool]:
    """Whether links to the assessment of the row still open it, in a statement that is run with link_values(token)."""
    working = exists(
        select(engagement.c.id).where(
            engagement.c.id == assessment.c.engagement_id, engagement.c.archived_at.is_(None), engagement.c.deleted_at.is_(None)
        )
    )
    revoked = exists(
        select(invitation.c.id).where(invitation.c.claim_hash == bindparam("claim_hash"), invitation.c.revoked_at.is_not(None))
    )
    return or_(assessment.c.engagement_id.is_(None), and_(working, ~revoked))


def is_in_reach(actor: Actor) -> ColumnElement[bool]:
    """Whether the engagement of the row is one of the actor's workspace, not deleted, and among those the actor sees."""
    conditions: list[Any] = [engagement.c.workspace_id == actor.workspace_id, engagement.c.deleted_at.is_(None)]
    if actor.engagement is not None:
        conditions.append(engagement.c.id == actor.engagement)
    return and_(*conditions)


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
