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
    ForeignKeyConstraint,
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

workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("kind IN ('consultancy', 'company')", name="kind"),
    comment="A consultancy or a company; what belongs to one is never seen in another",
)

person = Table(
    "person",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(254), nullable=False, unique=True, comment="small letters"),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, comment="argon2id; null until a set-up link was used"),
    Column("created_at", UtcTime, nullable=False),
    comment="Staff; respondents have no account",
)

organisation = Table(
    "organisation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("workspace_id", ForeignKey("workspace.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("industry", String(80), nullable=False),
    Column("region", String(80), nullable=False),
    Column("size", String(80), nullable=False),
    comment="A client",
)

engagement = Table(
    "engagement",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("workspace_id", ForeignKey("workspace.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("brand", String(80), nullable=False, comment="digest of the brand of its reports; empty for the product's own look"),
    Column("language", String(16), nullable=False),
    Column("confidential", Boolean, nullable=False, comment="fixed once somebody was invited"),
    Column("pool_consent", Boolean, nullable=False, comment="whether the client agreed to be among the benchmark's peers"),
    Column("sample", Boolean, nullable=False, comment="demo data"),
    Column("created_at", UtcTime, nullable=False),
    Column("changed_at", UtcTime, nullable=False),
    Column("archived_at", UtcTime),
    Column("deleted_at", UtcTime, comment="can be restored until the grace period is over"),
)

membership = Table(
    "membership",
    metadata,
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("workspace_id", ForeignKey("workspace.id", ondelete="CASCADE"), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("engagement_id", ForeignKey("engagement.id", ondelete="CASCADE"), comment="of a client lead"),
    Column("created_at", UtcTime, nullable=False),
    CheckConstraint("role IN ('admin', 'consultant', 'client_lead')", name="role"),
    CheckConstraint("(role = 'client_lead') = (engagement_id IS NOT NULL)", name="engagement"),
)

setup_link = Table(
    "setup_link",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), index=True, comment="null at the first start"),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("used_at", UtcTime),
    comment="One-time links to choose a password",
)

staff_session = Table(
    "staff_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("workspace_id", ForeignKey("workspace.id", ondelete="CASCADE"), nullable=False, comment="the one worked in"),
    Column("browser", String(200), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("revoked_at", UtcTime),
)

invitation = Table(
    "invitation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("assessment_id", ForeignKey("assessment.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("name", Text, nullable=False, comment="of the person, or what a group link is for"),
    Column("role", String(80), comment="null where the person chooses"),
    Column("language", String(16), nullable=False),
    Column("serial", String(32), nullable=False, comment="the link is made from it with the installation's secret"),
    Column("link_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("revoked_at", UtcTime),
    Column(
        "claim_hash", String(64), index=True, comment="of the respondent's own link, otherwise hashed than the respondent's"
    ),
    Column("respondent_id", ForeignKey("respondent.id", ondelete="SET NULL"), comment="never where answers are confidential"),
    CheckConstraint("kind IN ('personal', 'group')", name="kind"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("workspace_id", Integer, primary_key=True, autoincrement=False, comment="each workspace has a chain of its own"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", Text, nullable=False),
    Column("digest", String(64), nullable=False, comment="sha256 of what was written"),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    comment="Who changed what; triggers refuse to change or remove rows",
)

benchmark_release = Table(
    "benchmark_release",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, comment="fingerprint of the installation that made it; empty for our own"),
    Column("name", Text, nullable=False, comment="what that installation calls itself"),
    Column("questionnaire", String(80), nullable=False),
    Column("major", Integer, nullable=False),
    Column("versions", Text, nullable=False, comment="JSON list"),
    Column("steps", Text, nullable=False, comment="JSON list; the order of the bins of peer rows, only ever added to"),
    Column("number", Integer, nullable=False, comment="counts the releases; 0 before the first"),
    Column("known", Integer, nullable=False, comment="organisations at hand when it was made"),
    Column("released_on", Date),
    Column("imported_at", UtcTime, comment="null for our own"),
    Column("content", Text, comment="the signed file as it came; null for our own"),
    UniqueConstraint("key", "questionnaire", "major"),
    comment="The newest release of each installation for each questionnaire and major version",
)

benchmark_cell = Table(
    "benchmark_cell",
    metadata,
    Column("release_id", ForeignKey("benchmark_release.id", ondelete="CASCADE"), primary_key=True),
    Column("cell", String(300), primary_key=True, comment="JSON list of industry, region, size; null = any"),
    Column("content", Text, nullable=False, comment="JSON of what is shown"),
    Column("blocks", Text, nullable=False, comment="JSON list of the blocks it consists of; empty for others' releases"),
    Column("histograms", LargeBinary, comment="of the steps, packed; never leaves the installation; null for others' releases"),
    comment="Published groups",
)

benchmark_block = Table(
    "benchmark_block",
    metadata,
    Column("release_id", ForeignKey("benchmark_release.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False, comment="packed"),
    comment="Organisations that stand together in every published group: how many, where, their histograms",
)

peer_source = Table(
    "peer_source",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("release_id", ForeignKey("benchmark_release.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(8), nullable=False),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False, comment="sha256 of the file; empty for our own assessments"),
    Column("added_at", UtcTime, nullable=False),
    UniqueConstraint("release_id", "digest"),
    CheckConstraint("kind IN ('own', 'file', 'erased')", name="kind"),
    comment="Where peer rows come from: assessments of this installation, or an imported file",
)

release_order = Table(
    "release_order",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("questionnaire", String(100), nullable=False),
    Column("major", Integer, nullable=False),
    Column("report", Text, comment="JSON of what the release shows; null until it is made"),
    Column("state", String(8), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", UtcTime),
    Column("requested_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("error", Text, comment="a code or a sentence"),
    CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name="state"),
    Index("ix_release_order_state", "state"),
    comment="A release of benchmark figures that the worker is to make",
)

peer_row = Table(
    "peer_row",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("source_id", ForeignKey("peer_source.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("release_id", ForeignKey("benchmark_release.id", ondelete="CASCADE"), nullable=False),
    Column("organisation", LargeBinary(16), nullable=False, comment="keyed hash of the name"),
    Column("origin", String(80), comment="the client here whose assessment it is; null for files"),
    Column("version", String(32), nullable=False),
    Column("completed_on", Date, nullable=False),
    Column("industry", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("size", Text, nullable=False),
    Column("scores", Text, nullable=False, comment="JSON, step -> exact score"),
    Column("bins", LargeBinary, nullable=False, comment="two bytes a step: hundredths above 1"),
    Column("block", Integer, nullable=False, comment="0 waiting, -1 spent"),
    Column("added_at", UtcTime, nullable=False),
    Index("ix_peer_row_order", "release_id", "organisation", "completed_on", "id"),
    Index("ix_peer_row_origin", "release_id", "origin"),
    comment="One closed assessment of one organisation",
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column(
        "person_id",
        ForeignKey("person.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="who acts with it, in the role they have at that moment",
    ),
    Column(
        "workspace_id",
        ForeignKey("workspace.id", ondelete="CASCADE"),
        nullable=False,
        index=True,
        comment="the only one it opens",
    ),
    Column("name", Text, nullable=False, comment="what it is for"),
    Column("scopes", String(40), nullable=False, comment="read, write, documents, with blanks between them"),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, comment="last used, to five minutes"),
    Column("revoked_at", UtcTime),
    comment="Ways in for programs; the tokens themselves are shown once and not kept",
)

api_receipt = Table(
    "api_receipt",
    metadata,
    Column("token_id", ForeignKey("api_token.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(100), primary_key=True, comment="Idempotency-Key as the client chose it"),
    Column("fingerprint", String(64), nullable=False, comment="sha256 of address and body"),
    Column("made", Text, comment="JSON of the ids that were made; null while it is not known"),
    Column("at", UtcTime, nullable=False),
    comment="So that the same request sent twice creates once; kept for a day",
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
