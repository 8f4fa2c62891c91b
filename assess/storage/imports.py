"""What an answers file put into an assessment of an engagement, as rows: taken out again before the next one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, and_, delete, select, update

from assess.storage.tables import assessment, consensus, evidence_entry, initiative_decision, own_initiative, respondent


def has_linked_people(connection: Connection, assessment_id: int) -> bool:
    """Whether somebody answers through a link of their own."""
    theirs = and_(respondent.c.assessment_id == assessment_id, respondent.c.link_hash.is_not(None))
    return connection.scalar(select(respondent.c.id).where(theirs).limit(1)) is not None


def clear(connection: Connection, assessment_id: int, keep_own: set[int]) -> None:
    """Take out people with their answers, evidence, agreements, decisions, and the own initiatives that are not to be kept."""
    connection.execute(delete(respondent).where(respondent.c.assessment_id == assessment_id))
    for table in (consensus, evidence_entry, initiative_decision):
        connection.execute(delete(table).where(table.c.assessment_id == assessment_id))
    gone = and_(own_initiative.c.assessment_id == assessment_id, own_initiative.c.id.not_in(keep_own))
    connection.execute(delete(own_initiative).where(gone))


def describe(connection: Connection, assessment_id: int, profile: str | None, changed_at: datetime) -> None:
    """Take over what the file says for all of it."""
    mine = assessment.c.id == assessment_id
    connection.execute(update(assessment).where(mine).values(profile=profile, changed_at=changed_at))
