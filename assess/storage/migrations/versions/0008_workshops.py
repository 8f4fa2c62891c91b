"""Workshops: rooms, rounds, seats, votes, consensus, log

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consensus",
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("not_applicable", sa.String(32), nullable=True),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("dissent", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("(level IS NULL) <> (not_applicable IS NULL)", name=op.f("ck_consensus_one")),
        sa.CheckConstraint("level IS NULL OR level BETWEEN 1 AND 5", name=op.f("ck_consensus_level")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_consensus_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("assessment_id", "item", name=op.f("pk_consensus")),
        comment="What the room agreed on; it is the item's score",
    )
    op.create_table(
        "workshop",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column(
            "serial", sa.String(32), nullable=False, comment="code and links are made from it with the installation's secret"
        ),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("join_hash", sa.String(64), nullable=False),
        sa.Column("projector_hash", sa.String(64), nullable=False),
        sa.Column("is_locked", sa.Boolean(), nullable=False, comment="nobody joins any more; who is in the room stays"),
        sa.Column("round", sa.Integer(), nullable=True, comment="number of the round on the screen; null in the lobby"),
        sa.Column(
            "revision", sa.Integer(), nullable=False, comment="counts everything the room sees happen but votes and joins"
        ),
        sa.Column("timer_ends", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_workshop_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_workshop_code_hash")),
        sa.UniqueConstraint("join_hash", name=op.f("uq_workshop_join_hash")),
        sa.UniqueConstraint("projector_hash", name=op.f("uq_workshop_projector_hash")),
        comment="A live run of an assessment with a room of people",
    )
    op.create_index(op.f("ix_workshop_assessment_id"), "workshop", ["assessment_id"], unique=False)
    op.create_table(
        "seat",
        sa.Column("id", sa.String(32), nullable=False, comment="at random, so that the order of joining is not kept"),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column(
            "link_hash",
            sa.String(64),
            nullable=False,
            comment="of the person's own link, otherwise hashed than the respondent's",
        ),
        sa.Column("respondent_id", sa.Integer(), nullable=True, comment="never where answers are confidential"),
        sa.Column("role", sa.String(80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("language", sa.String(16), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("is_facilitator", sa.Boolean(), nullable=False),
        sa.Column("joined_at", sa.DateTime(), nullable=False, comment="where answers are confidential, midnight of that day"),
        sa.CheckConstraint("state IN ('present', 'left', 'removed')", name=op.f("ck_seat_state")),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_seat_respondent_id_respondent"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_seat_workshop_id_workshop"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("workshop_id", "link_hash", name=op.f("uq_seat_workshop_id")),
        comment="Who takes part; what they say is kept apart, with their respondent",
        sqlite_with_rowid=False,
    )
    op.create_index("ix_seat_link_hash", "seat", ["link_hash"], unique=False)
    op.create_table(
        "workshop_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("item", sa.String(80), nullable=True, comment="null where it is about no single one"),
        sa.Column("level", sa.Integer(), nullable=True, comment="of a consensus"),
        sa.Column("not_applicable", sa.String(32), nullable=True, comment="of a consensus"),
        sa.Column("text", sa.Text(), nullable=False, comment="of a consensus the rationale"),
        sa.Column("dissent", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True, comment="when something parked was dealt with"),
        sa.CheckConstraint("kind IN ('decision', 'parked')", name=op.f("ck_workshop_entry_kind")),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_entry_workshop_id_workshop"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workshop_entry")),
        comment="The log of decisions, and the parking lot",
    )
    op.create_index(op.f("ix_workshop_entry_workshop_id"), "workshop_entry", ["workshop_id"], unique=False)
    op.create_table(
        "workshop_round",
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("item", sa.String(80), nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("state", sa.String(9), nullable=False),
        sa.Column("result", sa.Text(), nullable=True, comment="JSON of what the reveal showed; null before it"),
        sa.Column("is_settled", sa.Boolean(), nullable=False, comment="its votes are answers of the assessment"),
        sa.CheckConstraint("source IN ('live', 'prework')", name=op.f("ck_workshop_round_source")),
        sa.CheckConstraint(
            "state IN ('open', 'revealed', 'decided', 'aside', 'discarded')", name=op.f("ck_workshop_round_state")
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id"], ["workshop.id"], name=op.f("fk_workshop_round_workshop_id_workshop"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("workshop_id", "number", name=op.f("pk_workshop_round")),
    )
    op.create_table(
        "vote",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workshop_id", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("respondent_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(80), nullable=False, comment="in which it was cast"),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.Column("dont_know", sa.Boolean(), nullable=False),
        sa.Column("not_applicable", sa.String(32), nullable=True),
        sa.Column("key", sa.String(36), nullable=False, comment="the same vote sent again is known by it"),
        sa.Column("is_late", sa.Boolean(), nullable=False, comment="came after the reveal: an answer, but not in the result"),
        sa.CheckConstraint("level IS NULL OR level BETWEEN 1 AND 5", name=op.f("ck_vote_level")),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_vote_respondent_id_respondent"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workshop_id", "round"],
            ["workshop_round.workshop_id", "workshop_round.number"],
            name=op.f("fk_vote_workshop_id_workshop_round"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vote")),
        sa.UniqueConstraint("respondent_id", "key", name=op.f("uq_vote_respondent_id")),
        comment="What was voted; rows are only added, the last of each person counts",
    )
    op.create_index("ix_vote_round", "vote", ["workshop_id", "round", "respondent_id"], unique=False)
