"""Releases of benchmark figures, asked for by staff and made by the worker

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "release_order",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("questionnaire", sa.String(100), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text(), nullable=True, comment="JSON of what the release shows; null until it is made"),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True, comment="a code or a sentence"),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_release_order_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_release_order")),
        comment="A release of benchmark figures that the worker is to make",
    )
    op.create_index("ix_release_order_state", "release_order", ["state"])
