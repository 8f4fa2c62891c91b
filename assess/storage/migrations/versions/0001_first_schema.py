"""First schema

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("questionnaire", sa.String(length=80), nullable=False),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of its questionnaire_copy"),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("organisation_name", sa.Text(), nullable=False),
        sa.Column("industry", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("size", sa.String(length=80), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("profile", sa.String(length=80), nullable=True),
        sa.Column("plan_start", sa.Date(), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assessment")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_assessment_link_hash")),
    )
    op.create_table(
        "questionnaire_copy",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "name", name=op.f("pk_questionnaire_copy")),
        comment="The frozen files of a questionnaire folder; digest is the sha256 over all of them",
    )
    op.create_table(
        "document",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column(
            "owner", sa.String(length=80), nullable=False, comment="link hash of the assessment, or the name of a sample"
        ),
        sa.Column("assessment_id", sa.Integer(), nullable=True),
        sa.Column("fmt", sa.String(length=8), nullable=False),
        sa.Column("style", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("request", sa.Text(), nullable=False, comment="JSON of everything the document is made from"),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(), nullable=True),
        sa.Column("requested_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_document_state")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_document_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_assessment_id"), ["assessment_id"], unique=False)
        batch_op.create_index("ix_document_owner_content_hash", ["owner", "content_hash"], unique=False)
        batch_op.create_index("ix_document_state", ["state"], unique=False)

    op.create_table(
        "respondent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_respondent_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_respondent")),
    )
    with op.batch_alter_table("respondent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_respondent_assessment_id"), ["assessment_id"], unique=False)

    op.create_table(
        "answer",
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("dont_know", sa.Boolean(), nullable=False),
        sa.Column("not_applicable", sa.String(length=32), nullable=True),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("level IS NULL OR level BETWEEN 1 AND 5", name=op.f("ck_answer_level")),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_answer_respondent_id_respondent"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("respondent_id", "item", name=op.f("pk_answer")),
    )
    op.create_table(
        "answer_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=80), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON of the answer; null when it was cleared"),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_answer_event_respondent_id_respondent"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_event")),
        comment="What was answered when; rows are only added",
    )
    with op.batch_alter_table("answer_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_answer_event_respondent_id"), ["respondent_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("answer_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_answer_event_respondent_id"))

    op.drop_table("answer_event")
    op.drop_table("answer")
    with op.batch_alter_table("respondent", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_respondent_assessment_id"))

    op.drop_table("respondent")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_state")
        batch_op.drop_index("ix_document_owner_content_hash")
        batch_op.drop_index(batch_op.f("ix_document_assessment_id"))

    op.drop_table("document")
    op.drop_table("questionnaire_copy")
    op.drop_table("assessment")
