"""Who works with engagements, and what each role may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ADMIN, CONSULTANT, CLIENT_LEAD = "admin", "consultant", "client_lead"
ROLES = (ADMIN, CONSULTANT, CLIENT_LEAD)

LOOK, WORK, INDIVIDUALS, ADMINISTER = "look", "work", "individuals", "administer"
"""See an engagement's aggregates; change it; see single people's invitations and answers; look after people and the log."""

PERMISSIONS: Mapping[str, frozenset[str]] = {
    ADMIN: frozenset({LOOK, WORK, INDIVIDUALS, ADMINISTER}),
    CONSULTANT: frozenset({LOOK, WORK, INDIVIDUALS}),
    CLIENT_LEAD: frozenset({LOOK}),
}


@dataclass(frozen=True)
class Actor:
    """A member of staff at work in one workspace. engagement: the only one a client lead sees, None for the others.

    token: the name of the API token they act through, empty on screen.
    """

    person_id: int
    name: str
    email: str
    workspace_id: int
    workspace: str
    role: str
    engagement: str | None = None
    token: str = ""

    def may(self, permission: str) -> bool:
        return permission in PERMISSIONS[self.role]

    def sees(self, engagement: str) -> bool:
        """Whether this engagement of the actor's own workspace is among those shown."""
        return self.role != CLIENT_LEAD or self.engagement == engagement
