"""What an assessment consists of: its questionnaire, respondents, answers, plan, accounts; and its documents."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from assess.storage.tables.base import UtcTime, metadata

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
    Column("profile", String(80)),
    Column("plan_start", Date),
    Column("capacity", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("engagement_id", ForeignKey("engagement.id"), comment="null for a self-assessment"),
    Column("code", String(32), comment="how staff name it in addresses; null for a self-assessment"),
    Column("sample", Boolean, nullable=False, default=False),
    Column("closed_at", UtcTime, comment="nothing is changed any more from then on; null while it is open"),
    Column("earlier", String(32), comment="id of the snapshot it is a re-assessment of"),
    Column("brand", String(64), comment="of a self-assessment's reports; null for the product's own look"),
    Index("ix_assessment_engagement_id", "engagement_id"),
    Index("ix_assessment_code", "code", unique=True),
)

respondent = Table(
    "respondent",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("role", String(80), nullable=False),
    Column("created_at", UtcTime, nullable=False, comment="where answers are confidential, midnight of that day"),
    Column("link_hash", String(64), comment="of the person's own link; null for one who was read from a file"),
    Column("name", Text, nullable=False, default="", comment="empty where it was not given or answers are confidential"),
    Column("language", String(16), nullable=False, default=""),
    Index("ix_respondent_link_hash", "link_hash", unique=True),
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

consensus = Table(
    "consensus",
    metadata,
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True),
    Column("item", String(80), primary_key=True),
    Column("level", Integer),
    Column("not_applicable", String(32)),
    Column("rationale", Text, nullable=False),
    Column("dissent", Text, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    CheckConstraint("(level IS NULL) <> (not_applicable IS NULL)", name="one"),
    CheckConstraint("level IS NULL OR level BETWEEN 1 AND 5", name="level"),
    comment="What the room agreed on; it is the item's score",
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

initiative_decision = Table(
    "initiative_decision",
    metadata,
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True),
    Column("action", String(80), primary_key=True, comment="of the catalogue, or own-N for own_initiative N"),
    Column("owner", Text, nullable=False),
    Column("start", Date),
    Column("last_day", Date),
    Column("status", String(16), nullable=False),
    Column("notes", Text, nullable=False),
    Column("is_left_out", Boolean, nullable=False),
    Column("version", Integer, nullable=False, comment="counts the edits"),
    CheckConstraint("status IN ('planned', 'running', 'done', 'stopped')", name="status"),
    comment="What people decided about an initiative of the roadmap; planning anew keeps it",
)

own_initiative = Table(
    "own_initiative",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("owner_role", String(80), nullable=False),
    Column("start", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("effort", Integer, nullable=False),
    Column("done_when", Text, nullable=False),
    Column("lifts", Text, nullable=False, comment="JSON list of [item, level]"),
    Column("version", Integer, nullable=False, comment="counts the edits"),
    comment="Initiatives the catalogue does not have",
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("taken_at", UtcTime, nullable=False),
    Column("request", Text, nullable=False, comment="JSON of everything the assessment consists of"),
    Column("scorecard", Text, nullable=False, comment="JSON as the command line prints it"),
    Column("roadmap", Text, nullable=False, comment="JSON as the command line prints it"),
    Column("questionnaire_hash", String(64), nullable=False),
    Column("answers_hash", String(64), nullable=False),
    Column("scorecard_hash", String(64), nullable=False),
    Column("roadmap_hash", String(64), nullable=False),
    comment="An assessment as it was when it was closed; rows are never changed",
)

brand = Table(
    "brand",
    metadata,
    Column("digest", String(64), primary_key=True, comment="sha256 of the content"),
    Column("content", Text, nullable=False, comment="JSON of names, colours, footer, paper, and logos as base64"),
    comment="What reports look like; rows are never changed, a changed brand is another row",
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

account_reading = Table(
    "account_reading",
    metadata,
    Column("id", String(32), primary_key=True, comment="also the name of the uploaded file in the data folder"),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("step", String(8), nullable=False, comment="look: at the head of the file; read: all of it"),
    Column("filename", Text, nullable=False, comment="as the person named it"),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("keeps", Boolean, nullable=False, comment="whether the upload stays after reading"),
    Column("choices", Text, nullable=False, comment="JSON: sheet, columns, formats, groups, assumptions, names"),
    Column("found", Text, comment="JSON of the head of the file; null until it was looked at"),
    Column("alike", Text, comment="JSON of names that may be one account; null until it was read"),
    Column("progress", Integer, nullable=False, comment="thousandths of the file that are read"),
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcTime),
    Column("requested_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("error", Text, comment="a code, or JSON of problems"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
    CheckConstraint("step IN ('look', 'read')", name="step"),
    Index("ix_account_reading_state", "state"),
    comment="An accounts file on its way to figures; one of an assessment at a time",
)

account_figures = Table(
    "account_figures",
    metadata,
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), primary_key=True),
    Column("figures", Text, nullable=False, comment="JSON of everything measured, exact"),
    Column("about", Text, nullable=False, comment="JSON of how the file was read"),
    Column("read_at", UtcTime, nullable=False),
    comment="What an accounts file showed; the file itself is not kept",
)
