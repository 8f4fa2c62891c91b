"""Where answers are confidential, keep the day of an answer only

Revision ID: 0012
Revises: 0011
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

CONFIDENTIAL = (
    "respondent_id IN (SELECT respondent.id FROM respondent JOIN assessment ON assessment.id = respondent.assessment_id "
    "WHERE assessment.confidential)"
)


def upgrade() -> None:
    for table, column in (("answer", "changed_at"), ("answer_event", "at")):
        is_sqlite = op.get_bind().dialect.name == "sqlite"
        day = f"substr({column}, 1, 10) || ' 00:00:00.000000'" if is_sqlite else f"date_trunc('day', {column})"
        op.execute(f"UPDATE {table} SET {column} = {day} WHERE {CONFIDENTIAL}")  # noqa: S608 - names of our own
