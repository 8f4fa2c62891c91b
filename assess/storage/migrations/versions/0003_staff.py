"""Staff, workspaces, engagements, invitations and the audit log

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSE_SQLITE = """
CREATE TRIGGER audit_entry_no_{verb} BEFORE {verb} ON audit_entry
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END
"""
_REFUSE_POSTGRESQL = """
CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$
"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column(
            "workspace_id", sa.Integer(), autoincrement=False, nullable=False, comment="each workspace has a chain of its own"
        ),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="sha256 of what was written"),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("workspace_id", "number", name=op.f("pk_audit_entry")),
        comment="Who changed what; triggers refuse to change or remove rows",
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False, comment="small letters"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True, comment="argon2id; null until a set-up link was used"),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
        comment="Staff; respondents have no account",
    )
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('consultancy', 'company')", name=op.f("ck_workspace_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workspace")),
        comment="A consultancy or a company; what belongs to one is never seen in another",
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("industry", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=80), nullable=False),
        sa.Column("size", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_organisation_workspace_id_workspace"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        comment="A client",
    )
    op.create_index(op.f("ix_organisation_workspace_id"), "organisation", ["workspace_id"], unique=False)
    op.create_table(
        "setup_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True, comment="null at the first start"),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_setup_link_person_id_person"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_link")),
        comment="One-time links to choose a password",
    )
    op.create_index(op.f("ix_setup_link_person_id"), "setup_link", ["person_id"], unique=False)
    op.create_table(
        "staff_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False, comment="the one worked in"),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_staff_session_person_id_person"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_staff_session_workspace_id_workspace"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_staff_session")),
    )
    op.create_index(op.f("ix_staff_session_person_id"), "staff_session", ["person_id"], unique=False)
    op.create_table(
        "engagement",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "brand", sa.String(length=80), nullable=False, comment="name of a brand of the reports; empty for the standard one"
        ),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False, comment="fixed once somebody was invited"),
        sa.Column(
            "pool_consent", sa.Boolean(), nullable=False, comment="whether the client agreed to be among the benchmark's peers"
        ),
        sa.Column("sample", sa.Boolean(), nullable=False, comment="demo data"),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("archived_at", sa.DateTime(), nullable=True),
        sa.Column("deleted_at", sa.DateTime(), nullable=True, comment="can be restored until the grace period is over"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_engagement_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_engagement_workspace_id_workspace"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_engagement")),
    )
    op.create_index(op.f("ix_engagement_organisation_id"), "engagement", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_engagement_workspace_id"), "engagement", ["workspace_id"], unique=False)
    op.create_table(
        "membership",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("engagement_id", sa.String(length=32), nullable=True, comment="of a client lead"),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("(role = 'client_lead') = (engagement_id IS NOT NULL)", name=op.f("ck_membership_engagement")),
        sa.CheckConstraint("role IN ('admin', 'consultant', 'client_lead')", name=op.f("ck_membership_role")),
        sa.ForeignKeyConstraint(
            ["engagement_id"], ["engagement.id"], name=op.f("fk_membership_engagement_id_engagement"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_membership_workspace_id_workspace"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "workspace_id", name=op.f("pk_membership")),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("assessment_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="of the person, or what a group link is for"),
        sa.Column("role", sa.String(length=80), nullable=True, comment="null where the person chooses"),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column(
            "serial", sa.String(length=32), nullable=False, comment="the link is made from it with the installation's secret"
        ),
        sa.Column("link_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column(
            "claim_hash",
            sa.String(length=64),
            nullable=True,
            comment="of the respondent's own link, otherwise hashed than the respondent's",
        ),
        sa.Column("respondent_id", sa.Integer(), nullable=True, comment="never where answers are confidential"),
        sa.CheckConstraint("kind IN ('personal', 'group')", name=op.f("ck_invitation_kind")),
        sa.ForeignKeyConstraint(
            ["assessment_id"], ["assessment.id"], name=op.f("fk_invitation_assessment_id_assessment"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["respondent_id"], ["respondent.id"], name=op.f("fk_invitation_respondent_id_respondent"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_invitation_link_hash")),
    )
    op.create_index(op.f("ix_invitation_assessment_id"), "invitation", ["assessment_id"], unique=False)
    op.create_index(op.f("ix_invitation_claim_hash"), "invitation", ["claim_hash"], unique=False)
    _extend_assessment()
    _extend_respondent()
    _seal_audit_log()


def _extend_assessment() -> None:
    """Column by column: making the table anew, as SQLite would otherwise have it, takes the rows that refer to it along."""
    foreign = "fk_assessment_engagement_id_engagement"
    if _is_sqlite():
        op.execute(
            f"ALTER TABLE assessment ADD COLUMN engagement_id VARCHAR(32) CONSTRAINT {foreign} REFERENCES engagement (id)"
        )
    else:
        op.add_column(
            "assessment",
            sa.Column("engagement_id", sa.String(length=32), nullable=True, comment="null for a self-assessment"),
        )
        op.create_foreign_key(foreign, "assessment", "engagement", ["engagement_id"], ["id"])
    code = sa.Column(
        "code", sa.String(length=32), nullable=True, comment="how staff name it in addresses; null for a self-assessment"
    )
    op.add_column("assessment", code)
    op.add_column("assessment", sa.Column("sample", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_assessment_code", "assessment", ["code"], unique=True)
    op.create_index("ix_assessment_engagement_id", "assessment", ["engagement_id"], unique=False)


def _extend_respondent() -> None:
    link = "of the person's own link; null for one who was read from a file"
    name = "empty where it was not given or answers are confidential"
    op.add_column("respondent", sa.Column("link_hash", sa.String(length=64), nullable=True, comment=link))
    op.add_column("respondent", sa.Column("name", sa.Text(), nullable=False, server_default="", comment=name))
    op.add_column("respondent", sa.Column("language", sa.String(length=16), nullable=False, server_default=""))
    op.execute(
        "UPDATE respondent SET link_hash = (SELECT link_hash FROM assessment WHERE assessment.id = respondent.assessment_id) "
        "WHERE id IN (SELECT min(id) FROM respondent GROUP BY assessment_id)"
    )
    op.create_index("ix_respondent_link_hash", "respondent", ["link_hash"], unique=True)
    if not _is_sqlite():
        day = "where answers are confidential, midnight of that day"
        op.alter_column("respondent", "created_at", existing_type=sa.DateTime(), existing_nullable=False, comment=day)


def _seal_audit_log() -> None:
    if _is_sqlite():
        for verb in ("UPDATE", "DELETE"):
            op.execute(_REFUSE_SQLITE.format(verb=verb))
        return
    op.execute(_REFUSE_POSTGRESQL)
    op.execute(
        "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()"
    )


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
