"""The tables. Times are UTC; ids of people's links are stored as hashes only."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC on both databases."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - fixed signature
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - fixed signature
        return None if value is None else value.replace(tzinfo=UTC)


questionnaire_copy = Table(
    "questionnaire_copy",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("content", LargeBinary, nullable=False),
    comment="The frozen files of a questionnaire folder; digest is the sha256 over all of them",
)

assessment = Table(
    "assessment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("questionnaire", String(80), nullable=False),
    Column("version", String(32), nullable=False),
    Column("digest", String(64), nullable=False, comment="of its questionnaire_copy"),
    Column("language", String(16), nullable=False),
    Column("organisation_name", Text, nullable=False),
    Column("industry", String(80), nullable=False),
    Column("region", String(80), nullable=False),
    Column("size", String(80), nullable=False),
    Column("confidential", Boolean, nullable=False),
    Column("modules", Text, nullable=False, server_default="[]", comment="JSON list of [questionnaire id, digest]"),
    Column("modules", Text, nullable=False, server_default="[]", comment="JSON list of [questionnaire id, digest]"),
    Column("profile", String(80)),
    Column("plan_start", Date),
    Column("capacity", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
)

respondent = Table(
    "respondent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(80), nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

answer = Table(
    "answer",
    metadata,
    Column("respondent_id", ForeignKey("respondent.id", ondelete="CASCADE"), primary_key=True),
    Column("item", String(80), primary_key=True),
    Column("level", Integer),
    Column("dont_know", Boolean, nullable=False),
    Column("not_applicable", String(32)),
    Column("evidence", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    CheckConstraint("level IS NULL OR level BETWEEN 1 AND 5", name="level"),
)

answer_event = Table(
    "answer_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("respondent_id", ForeignKey("respondent.id", ondelete="CASCADE"), nullable=False),
    Column("item", String(80), nullable=False),
    Column("content", Text, nullable=False, comment="JSON of the answer; null when it was cleared"),
    Column("key", String(36), nullable=False, comment="of the edit: the same edit sent again is known by it"),
    Column("version", Integer, nullable=False, comment="of the answer after this edit"),
    Column("at", UtcTime, nullable=False),
    UniqueConstraint("respondent_id", "key"),
    comment="What was answered when; rows are only added",
)

evidence_entry = Table(
    "evidence_entry",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("item", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("expires", Date, comment="the last day it counts"),
    comment="The evidence register, in the order of the ids",
)

target = Table(
    "target",
    metadata,
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True),
    Column("dimension", String(80), primary_key=True),
    Column("level", Text, nullable=False, comment="an exact number from 1 to 5, such as 4 or 7/2"),
    comment="Targets set by hand",
)

rate_count = Table(
    "rate_count",
    metadata,
    Column("bucket", String(120), primary_key=True, comment="what is counted for whom, without the address itself"),
    Column("slot", Integer, primary_key=True, comment="which stretch of time since 1970"),
    Column("hits", Integer, nullable=False),
    comment="How often something was done lately, for limits that hold across processes and machines",
)

document = Table(
    "document",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("owner", String(80), nullable=False, comment="link hash of the assessment, or the name of a sample"),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), index=True),
    Column("fmt", String(8), nullable=False),
    Column("style", String(40), nullable=False),
    Column("language", String(16), nullable=False),
    Column("request", Text, nullable=False, comment="JSON of everything the document is made from"),
    Column("content_hash", String(64), nullable=False),
    Column("filename", Text, nullable=False),
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcTime),
    Column("requested_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("error", Text),
    Column("size", Integer),
    Column("content", LargeBinary),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
    Index("ix_document_owner_content_hash", "owner", "content_hash"),
    Index("ix_document_state", "state"),
)
