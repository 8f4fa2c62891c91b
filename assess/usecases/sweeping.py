"""What a worker clears away now and then, so that it goes even when nobody looks."""

from __future__ import annotations

from assess.identity.tickets import TICKET_SECONDS
from assess.storage.attempts import forget_past
from assess.usecases import assessments, documents, engagements, people, readings, rooms, tokens
from assess.usecases.installation import Installation

COUNTED = {
    "sign-in": people.TRY_SECONDS,
    "password": people.TRY_SECONDS,
    "oidc-state": TICKET_SECONDS,
    "start": assessments.START_SECONDS,
    "wrong code": rooms.MINUTE,
    "wrong codes": rooms.MINUTE,
    "join": rooms.MINUTE,
    "document": documents.MINUTE,
    "api": tokens.RATE_SECONDS,
}
"""Everything whose attempts are counted -> for how many seconds."""


def sweep(installation: Installation) -> None:
    """Delete accounts files that nobody came back to, erase engagements that can't be restored any more, forget old counts."""
    readings.sweep(installation)
    engagements.purge(installation)
    with installation.storage.writing() as connection:
        for what, seconds in COUNTED.items():
            forget_past(connection, what, seconds, installation.clock())
