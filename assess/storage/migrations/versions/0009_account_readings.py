"""Accounts files on their way to figures, and the figures

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_reading",
        sa.Column("id", sa.String(32), nullable=False, comment="also the name of the uploaded file in the data folder"),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("step", sa.String(8), nullable=False, comment="look: at the head of the file; read: all of it"),
        sa.Column("filename", sa.Text(), nullable=False, comment="as the person named it"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("keeps", sa.Boolean(), nullable=False, comment="whether the upload stays after reading"),
        sa.Column("choices", sa.Text(), nullable=False, comment="JSON: sheet, columns, formats, groups, assumptions, names"),
        sa.Column("found", sa.Text(), nullable=True, comment="JSON of the head of the file; null until it was looked at"),
        sa.Column("alike", sa.Text(), nullable=True, comment="JSON of names that may be one account; null until it was read"),
        sa.Column("progress", sa.Integer(), nullable=False, comment="thousandths of the file that are read"),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True, comment="a code, or JSON of problems"),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_account_reading_state")),
        sa.CheckConstraint("step IN ('look', 'read')", name=op.f("ck_account_reading_step")),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_account_reading_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_reading")),
        sa.UniqueConstraint("assessment_id", name=op.f("uq_account_reading_assessment_id")),
        comment="An accounts file on its way to figures; one of an assessment at a time",
    )
    op.create_index("ix_account_reading_state", "account_reading", ["state"])
    op.create_table(
        "account_figures",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False, comment="JSON of everything measured, exact"),
        sa.Column("about", sa.Text(), nullable=False, comment="JSON of how the file was read"),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_account_figures_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assessment_id", name=op.f("pk_account_figures")),
        comment="What an accounts file showed; the file itself is not kept",
    )
