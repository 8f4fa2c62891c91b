"""Answers saved one by one, evidence register, targets by hand, modules, rate limits

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rate_count",
        sa.Column(
            "bucket", sa.String(length=120), nullable=False, comment="what is counted for whom, without the address itself"
        ),
        sa.Column("slot", sa.Integer(), nullable=False, comment="which stretch of time since 1970"),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("bucket", "slot", name=op.f("pk_rate_count")),
        comment="How often something was done lately, for limits that hold across processes and machines",
    )
    op.create_table(
        "evidence_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("expires", sa.Date(), nullable=True, comment="the last day it counts"),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_evidence_entry_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_entry")),
        comment="The evidence register, in the order of the ids",
    )
    with op.batch_alter_table("evidence_entry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_evidence_entry_assessment_id"), ["assessment_id"], unique=False)
    op.create_table(
        "target",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("dimension", sa.String(length=80), nullable=False),
        sa.Column("level", sa.Text(), nullable=False, comment="an exact number from 1 to 5, such as 4 or 7/2"),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_target_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "dimension", name=op.f("pk_target")),
        comment="Targets set by hand",
    )
    op.add_column(
        "assessment",
        sa.Column("modules", sa.Text(), server_default="[]", nullable=False, comment="JSON list of [questionnaire id, digest]"),
    )
    _give_events_a_key_and_a_version()


def _give_events_a_key_and_a_version() -> None:
    """The edits of before get a key that no browser makes, and count from 1 for each answer."""
    op.add_column("answer_event", sa.Column("key", sa.String(length=36), nullable=True))
    op.add_column("answer_event", sa.Column("version", sa.Integer(), nullable=True))
    op.execute(
        "UPDATE answer_event SET key = 'event ' || id, version = (SELECT count(*) FROM answer_event AS earlier "
        "WHERE earlier.respondent_id = answer_event.respondent_id AND earlier.item = answer_event.item "
        "AND earlier.id <= answer_event.id)"
    )
    with op.batch_alter_table("answer_event", schema=None) as batch_op:
        batch_op.alter_column(
            "key",
            existing_type=sa.String(length=36),
            nullable=False,
            comment="of the edit: the same edit sent again is known by it",
        )
        batch_op.alter_column("version", existing_type=sa.Integer(), nullable=False, comment="of the answer after this edit")
        batch_op.drop_index(batch_op.f("ix_answer_event_respondent_id"))
        batch_op.create_unique_constraint(batch_op.f("uq_answer_event_respondent_id"), ["respondent_id", "key"])


def downgrade() -> None:
    with op.batch_alter_table("answer_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_event_respondent_id"), ["respondent_id"], unique=False)
        batch_op.drop_constraint(batch_op.f("uq_answer_event_respondent_id"), type_="unique")
        batch_op.drop_column("version")
        batch_op.drop_column("key")
    with op.batch_alter_table("assessment", schema=None) as batch_op:
        batch_op.drop_column("modules")
    op.drop_table("target")
    with op.batch_alter_table("evidence_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_evidence_entry_assessment_id"))
    op.drop_table("evidence_entry")
    op.drop_table("rate_count")
