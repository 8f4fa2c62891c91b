"""Live runs of an assessment with a room of people."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from assess.storage.tables.base import UtcTime, metadata

workshop = Table(
    "workshop",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("serial", String(32), nullable=False, comment="code and links are made from it with the installation's secret"),
    Column("code_hash", String(64), nullable=False, unique=True),
    Column("join_hash", String(64), nullable=False, unique=True),
    Column("projector_hash", String(64), nullable=False, unique=True),
    Column("is_locked", Boolean, nullable=False, comment="nobody joins any more; who is in the room stays"),
    Column("round", Integer, comment="number of the round on the screen; null in the lobby"),
    Column("revision", Integer, nullable=False, comment="counts everything the room sees happen but votes and joins"),
    Column("timer_ends", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    comment="A live run of an assessment with a room of people",
)

workshop_round = Table(
    "workshop_round",
    metadata,
    Column("workshop_id", ForeignKey("workshop.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("item", String(80), nullable=False),
    Column("source", String(8), nullable=False),
    Column("state", String(9), nullable=False),
    Column("result", Text, comment="JSON of what the reveal showed; null before it"),
    Column("is_settled", Boolean, nullable=False, comment="its votes are answers of the assessment"),
    CheckConstraint("source IN ('live', 'prework')", name="source"),
    CheckConstraint("state IN ('open', 'revealed', 'decided', 'aside', 'discarded')", name="state"),
)

seat = Table(
    "seat",
    metadata,
    Column("id", String(32), primary_key=True, comment="at random, so that the order of joining is not kept"),
    Column("workshop_id", ForeignKey("workshop.id", ondelete="CASCADE"), nullable=False),
    Column("link_hash", String(64), nullable=False, comment="of the person's own link, otherwise hashed than the respondent's"),
    Column("respondent_id", ForeignKey("respondent.id", ondelete="SET NULL"), comment="never where answers are confidential"),
    Column("role", String(80), nullable=False),
    Column("name", Text, nullable=False),
    Column("language", String(16), nullable=False),
    Column("state", String(8), nullable=False),
    Column("is_facilitator", Boolean, nullable=False),
    Column("joined_at", UtcTime, nullable=False, comment="where answers are confidential, midnight of that day"),
    UniqueConstraint("workshop_id", "link_hash"),
    CheckConstraint("state IN ('present', 'left', 'removed')", name="state"),
    Index("ix_seat_link_hash", "link_hash"),
    comment="Who takes part; what they say is kept apart, with their respondent",
    sqlite_with_rowid=False,
)

vote = Table(
    "vote",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("workshop_id", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("respondent_id", ForeignKey("respondent.id", ondelete="CASCADE"), nullable=False),
    Column("role", String(80), nullable=False, comment="in which it was cast"),
    Column("level", Integer),
    Column("dont_know", Boolean, nullable=False),
    Column("not_applicable", String(32)),
    Column("key", String(36), nullable=False, comment="the same vote sent again is known by it"),
    Column("is_late", Boolean, nullable=False, comment="came after the reveal: an answer, but not in the result"),
    Column("answer_version", Integer, comment="edits of the person's answer when the vote was cast; NULL: not noted"),
    ForeignKeyConstraint(["workshop_id", "round"], ["workshop_round.workshop_id", "workshop_round.number"], ondelete="CASCADE"),
    UniqueConstraint("respondent_id", "key"),
    CheckConstraint("level IS NULL OR level BETWEEN 1 AND 5", name="level"),
    Index("ix_vote_round", "workshop_id", "round", "respondent_id"),
    comment="What was voted; rows are only added, the last of each person counts",
)

workshop_entry = Table(
    "workshop_entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("workshop_id", ForeignKey("workshop.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("item", String(80), comment="null where it is about no single one"),
    Column("level", Integer, comment="of a consensus"),
    Column("not_applicable", String(32), comment="of a consensus"),
    Column("text", Text, nullable=False, comment="of a consensus the rationale"),
    Column("dissent", Text, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("closed_at", UtcTime, comment="when something parked was dealt with"),
    CheckConstraint("kind IN ('decision', 'parked')", name="kind"),
    comment="The log of decisions, and the parking lot",
)
