"""What stands beside the answers of an assessment: the evidence register and the targets set by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sqlalchemy import Connection, and_, delete, insert, select

from assess.core.answers import Evidence
from assess.storage.tables import evidence_entry, target


def load_evidence(connection: Connection, assessment_id: int) -> dict[str, tuple[Evidence, ...]]:
    """Item id -> its entries in the order they were given."""
    found: dict[str, tuple[Evidence, ...]] = {}
    rows = connection.execute(
        select(evidence_entry).where(evidence_entry.c.assessment_id == assessment_id).order_by(evidence_entry.c.id)
    )
    for row in rows:
        found[row.item] = (*found.get(row.item, ()), Evidence(row.text, row.url, row.expires))
    return found


def put_evidence(connection: Connection, assessment_id: int, item: str, entries: Sequence[Evidence]) -> None:
    """Put these entries in place of the item's."""
    of_item = and_(evidence_entry.c.assessment_id == assessment_id, evidence_entry.c.item == item)
    connection.execute(delete(evidence_entry).where(of_item))
    if entries:
        connection.execute(
            insert(evidence_entry), [{"assessment_id": assessment_id, "item": item, **vars(entry)} for entry in entries]
        )


def load_targets(connection: Connection, assessment_id: int) -> dict[str, Fraction]:
    rows = connection.execute(select(target).where(target.c.assessment_id == assessment_id).order_by(target.c.dimension))
    return {row.dimension: Fraction(row.level) for row in rows}


def put_targets(connection: Connection, assessment_id: int, targets: Mapping[str, Fraction]) -> None:
    """Put these targets in place of all that were set by hand."""
    connection.execute(delete(target).where(target.c.assessment_id == assessment_id))
    if targets:
        rows = [{"assessment_id": assessment_id, "dimension": id_, "level": str(level)} for id_, level in targets.items()]
        connection.execute(insert(target), rows)
