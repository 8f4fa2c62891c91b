"""Decisions on the roadmap, own initiatives, snapshots of closed assessments

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "initiative_decision",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(80), nullable=False, comment="of the catalogue, or own-N for own_initiative N"),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("is_left_out", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts the edits"),
        sa.CheckConstraint("status IN ('planned', 'running', 'done', 'stopped')", name=op.f("ck_initiative_decision_status")),
        sa.ForeignKeyConstraint(
            ["assessment_id"],
            ["assessment.id"],
            name=op.f("fk_initiative_decision_assessment_id_assessment"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("assessment_id", "action", name=op.f("pk_initiative_decision")),
        comment="What people decided about an initiative of the roadmap; planning anew keeps it",
    )
    op.create_table(
        "own_initiative",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("owner_role", sa.String(80), nullable=False),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("effort", sa.Integer(), nullable=False),
        sa.Column("done_when", sa.Text(), nullable=False),
        sa.Column("lifts", sa.Text(), nullable=False, comment="JSON list of [item, level]"),
        sa.Column("version", sa.Integer(), nullable=False, comment="counts the edits"),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_own_initiative_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_own_initiative")),
        comment="Initiatives the catalogue does not have",
    )
    op.create_index(op.f("ix_own_initiative_assessment_id"), "own_initiative", ["assessment_id"])
    op.create_table(
        "snapshot",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False, comment="JSON of everything the assessment consists of"),
        sa.Column("scorecard", sa.Text(), nullable=False, comment="JSON as the command line prints it"),
        sa.Column("roadmap", sa.Text(), nullable=False, comment="JSON as the command line prints it"),
        sa.Column("questionnaire_hash", sa.String(64), nullable=False),
        sa.Column("answers_hash", sa.String(64), nullable=False),
        sa.Column("scorecard_hash", sa.String(64), nullable=False),
        sa.Column("roadmap_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_snapshot_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot")),
        comment="An assessment as it was when it was closed; rows are never changed",
    )
    op.create_index(op.f("ix_snapshot_assessment_id"), "snapshot", ["assessment_id"])
    op.add_column(
        "assessment",
        sa.Column(
            "closed_at", sa.DateTime(), nullable=True, comment="nothing is changed any more from then on; null while it is open"
        ),
    )
    op.add_column(
        "assessment",
        sa.Column("earlier", sa.String(32), nullable=True, comment="id of the snapshot it is a re-assessment of"),
    )
