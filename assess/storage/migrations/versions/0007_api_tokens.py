"""Tokens of the API, and what was created under an idempotency key

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False, comment="who acts with it, in the role they have at that moment"),
        sa.Column("workspace_id", sa.Integer(), nullable=False, comment="the only one it opens"),
        sa.Column("name", sa.Text(), nullable=False, comment="what it is for"),
        sa.Column("scopes", sa.String(40), nullable=False, comment="read, write, documents, with blanks between them"),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=True, comment="last used, to five minutes"),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id_person"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspace.id"], name=op.f("fk_api_token_workspace_id_workspace"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
        comment="Ways in for programs; the tokens themselves are shown once and not kept",
    )
    op.create_index(op.f("ix_api_token_person_id"), "api_token", ["person_id"])
    op.create_index(op.f("ix_api_token_workspace_id"), "api_token", ["workspace_id"])
    op.create_table(
        "api_receipt",
        sa.Column("token_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(100), nullable=False, comment="Idempotency-Key as the client chose it"),
        sa.Column("fingerprint", sa.String(64), nullable=False, comment="sha256 of address and body"),
        sa.Column("made", sa.Text(), nullable=True, comment="JSON of the ids that were made; null while it is not known"),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_token.id"], name=op.f("fk_api_receipt_token_id_api_token"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_api_receipt")),
        comment="So that the same request sent twice creates once; kept for a day",
    )
