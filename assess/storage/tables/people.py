"""Staff and their clients, invitations, the audit log, ways in for programs."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Integer, String, Table, Text

from assess.storage.tables.base import UtcTime, metadata

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

rate_count = Table(
    "rate_count",
    metadata,
    Column("bucket", String(120), primary_key=True, comment="what is counted for whom, without the address itself"),
    Column("slot", Integer, primary_key=True, comment="which stretch of time since 1970"),
    Column("hits", Integer, nullable=False),
    comment="How often something was done lately, for limits that hold across processes and machines",
)
