"""Brands of the reports

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "brand",
        sa.Column("digest", sa.String(64), nullable=False, comment="sha256 of the content"),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON of names, colours, footer, paper, and logos as base64"),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_brand")),
        comment="What reports look like; rows are never changed, a changed brand is another row",
    )
    op.add_column(
        "assessment",
        sa.Column(
            "brand", sa.String(64), nullable=True, comment="of a self-assessment's reports; null for the product's own look"
        ),
    )
    if op.get_context().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column(
            "engagement",
            "brand",
            existing_type=sa.String(80),
            existing_nullable=False,
            comment="digest of the brand of its reports; empty for the product's own look",
            existing_comment="name of a brand of the reports; empty for the standard one",
        )
