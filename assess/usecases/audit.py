"""The audit log: one entry for each change by staff, in the same transaction as the change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection

from assess.core.errors import NotAllowed
from assess.core.staff import ADMINISTER, Actor
from assess.storage import audit as rows
from assess.storage.audit import Entry
from assess.storage.links import AssessmentKey
from assess.usecases.installation import Installation

PAGE = 50
CONSOLE = "console"


@dataclass(frozen=True)
class AuditPage:
    """older: what to pass as `before` for the entries before these, None at the beginning."""

    entries: tuple[Entry, ...]
    older: int | None
    broken: int | None
    total: int


def record(connection: Connection, actor: Actor, action: str, object_: str, now: datetime, **values: object) -> None:
    """Note what the actor changes; of the values only a digest is kept."""
    who = f"{actor.email} (token {actor.token})" if actor.token else actor.email
    record_for(connection, actor.workspace_id, who, action, object_, now, **values)


def note_by_key(connection: Connection, token: str, action: str, now: datetime, **values: object) -> None:
    """Note a change that staff made through their key to an assessment; nothing for the link of a person's own."""
    if isinstance(token, AssessmentKey):
        record(connection, token.actor, action, f"assessment {token.code}", now, **values)


def record_for(
    connection: Connection, workspace_id: int, who: str, action: str, object_: str, now: datetime, **values: object
) -> None:
    """The same for somebody who is not signed in: the console, or a person who has just chosen a password."""
    digest = sha256(json.dumps(values, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()
    rows.add_entry(connection, workspace_id, now, who, action, object_, digest)


def show_log(installation: Installation, actor: Actor, before: int | None = None) -> AuditPage:
    """A page of the workspace's log, with the first entry that does not fit the chain (None: all fit)."""
    everything = export_log(installation, actor)
    shown = [entry for entry in reversed(everything) if before is None or entry.number < before][:PAGE]
    older = shown[-1].number if shown and shown[-1].number > 1 else None
    return AuditPage(tuple(shown), older, rows.first_broken(everything), len(everything))


def export_log(installation: Installation, actor: Actor) -> tuple[Entry, ...]:
    """The whole log of the workspace, the oldest first."""
    if not actor.may(ADMINISTER):
        raise NotAllowed("only admins may read the audit log")
    with installation.storage.reading() as connection:
        return tuple(reversed(rows.load_entries(connection, actor.workspace_id)))
