"""How often a person's answer had been edited when they voted

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    note = "edits of the person's answer when the vote was cast; NULL: not noted"
    op.add_column("vote", sa.Column("answer_version", sa.Integer(), nullable=True, comment=note))
