"""What the room agreed on, item by item, as rows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, insert, select

from assess.core.answers import Consensus
from assess.storage.tables import consensus


def load_consensus(connection: Connection, assessment_id: int) -> dict[str, Consensus]:
    """Item id -> what was agreed, in the order of the ids."""
    statement = select(consensus).where(consensus.c.assessment_id == assessment_id).order_by(consensus.c.item)
    rows = connection.execute(statement)
    return {row.item: Consensus(row.level, row.not_applicable, row.rationale, row.dissent) for row in rows}


def put_consensus(connection: Connection, assessment_id: int, item: str, agreed: Consensus | None, now: datetime) -> None:
    """Put a consensus in place of what stood there; None takes it back."""
    there = and_(consensus.c.assessment_id == assessment_id, consensus.c.item == item)
    connection.execute(delete(consensus).where(there))
    if agreed is not None:
        values = {"assessment_id": assessment_id, "item": item, "changed_at": now, **vars(agreed)}
        connection.execute(insert(consensus).values(values))
