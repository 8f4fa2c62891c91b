"""Snapshots: assessments as they were when they were closed, with the hashes that show that nothing was changed since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from assess.core.errors import NotFound
from assess.storage.tables import assessment, snapshot

PARTS = ("questionnaire", "answers", "scorecard", "roadmap")


@dataclass(frozen=True)
class Snapshot:
    """request is everything the assessment consisted of, scorecard and roadmap are JSON texts; hashes are by part."""

    id: str
    assessment_id: int
    taken_at: datetime
    request: str
    scorecard: str
    roadmap: str
    hashes: dict[str, str]


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def add_snapshot(connection: Connection, taken: Snapshot) -> None:
    """Keep a snapshot and close its assessment."""
    connection.execute(
        insert(snapshot).values(
            id=taken.id,
            assessment_id=taken.assessment_id,
            taken_at=taken.taken_at,
            request=taken.request,
            scorecard=taken.scorecard,
            roadmap=taken.roadmap,
            **{f"{part}_hash": taken.hashes[part] for part in PARTS},
        )
    )
    set_closed(connection, taken.assessment_id, taken.taken_at)


def set_closed(connection: Connection, assessment_id: int, at: datetime | None) -> None:
    connection.execute(update(assessment).where(assessment.c.id == assessment_id).values(closed_at=at))


def set_earlier(connection: Connection, assessment_id: int, snapshot_id: str | None) -> None:
    """Say which snapshot an assessment is compared with."""
    connection.execute(update(assessment).where(assessment.c.id == assessment_id).values(earlier=snapshot_id))


def list_snapshots(connection: Connection, assessment_id: int) -> tuple[Snapshot, ...]:
    """Those of an assessment, the newest first."""
    rows = connection.execute(
        select(snapshot).where(snapshot.c.assessment_id == assessment_id).order_by(snapshot.c.taken_at.desc(), snapshot.c.id)
    )
    return tuple(_snapshot(row) for row in rows)


def find_snapshot(connection: Connection, id_: str) -> Snapshot:
    """Raises NotFound."""
    row = connection.execute(select(snapshot).where(snapshot.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound(f"there is no snapshot {id_}")
    return _snapshot(row)


def load_request(connection: Connection, id_: str) -> str | None:
    """The request of a snapshot; None where it was erased with its assessment."""
    return connection.scalar(select(snapshot.c.request).where(snapshot.c.id == id_))


def _snapshot(row: Row[Any]) -> Snapshot:
    hashes = {part: getattr(row, f"{part}_hash") for part in PARTS}
    return Snapshot(row.id, row.assessment_id, row.taken_at, row.request, row.scorecard, row.roadmap, hashes)
