"""Benchmarks: peer rows, blocks, releases

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "benchmark_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "key", sa.String(64), nullable=False, comment="fingerprint of the installation that made it; empty for our own"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="what that installation calls itself"),
        sa.Column("questionnaire", sa.String(80), nullable=False),
        sa.Column("major", sa.Integer(), nullable=False),
        sa.Column("versions", sa.Text(), nullable=False, comment="JSON list"),
        sa.Column(
            "steps", sa.Text(), nullable=False, comment="JSON list; the order of the bins of peer rows, only ever added to"
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="counts the releases; 0 before the first"),
        sa.Column("known", sa.Integer(), nullable=False, comment="organisations at hand when it was made"),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.Column("imported_at", sa.DateTime(), nullable=True, comment="null for our own"),
        sa.Column("content", sa.Text(), nullable=True, comment="the signed file as it came; null for our own"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benchmark_release")),
        sa.UniqueConstraint("key", "questionnaire", "major", name=op.f("uq_benchmark_release_key")),
        comment="The newest release of each installation for each questionnaire and major version",
    )
    op.create_table(
        "benchmark_cell",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("cell", sa.String(300), nullable=False, comment="JSON list of industry, region, size; null = any"),
        sa.Column("content", sa.Text(), nullable=False, comment="JSON of what is shown"),
        sa.Column(
            "blocks", sa.Text(), nullable=False, comment="JSON list of the blocks it consists of; empty for others' releases"
        ),
        sa.Column(
            "histograms",
            sa.LargeBinary(),
            nullable=True,
            comment="of the steps, packed; never leaves the installation; null for others' releases",
        ),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["benchmark_release.id"],
            name=op.f("fk_benchmark_cell_release_id_benchmark_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "cell", name=op.f("pk_benchmark_cell")),
        comment="Published groups",
    )
    op.create_table(
        "benchmark_block",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="packed"),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["benchmark_release.id"],
            name=op.f("fk_benchmark_block_release_id_benchmark_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("release_id", "number", name=op.f("pk_benchmark_block")),
        comment="Organisations that stand together in every published group: how many, where, their histograms",
    )
    op.create_table(
        "peer_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False, comment="sha256 of the file; empty for our own assessments"),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('own', 'file', 'erased')", name=op.f("ck_peer_source_kind")),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["benchmark_release.id"],
            name=op.f("fk_peer_source_release_id_benchmark_release"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_source")),
        sa.UniqueConstraint("release_id", "digest", name=op.f("uq_peer_source_release_id")),
        comment="Where peer rows come from: assessments of this installation, or an imported file",
    )
    with op.batch_alter_table("peer_source") as batch:
        batch.create_index(op.f("ix_peer_source_release_id"), ["release_id"])
    op.create_table(
        "peer_row",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("organisation", sa.LargeBinary(16), nullable=False, comment="keyed hash of the name"),
        sa.Column("origin", sa.String(80), nullable=True, comment="the client here whose assessment it is; null for files"),
        sa.Column("version", sa.String(32), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("industry", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("size", sa.Text(), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False, comment="JSON, step -> exact score"),
        sa.Column("bins", sa.LargeBinary(), nullable=False, comment="two bytes a step: hundredths above 1"),
        sa.Column("block", sa.Integer(), nullable=False, comment="0 waiting, -1 spent"),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release_id"], ["benchmark_release.id"], name=op.f("fk_peer_row_release_id_benchmark_release"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["peer_source.id"], name=op.f("fk_peer_row_source_id_peer_source"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_peer_row")),
        comment="One closed assessment of one organisation",
    )
    with op.batch_alter_table("peer_row") as batch:
        batch.create_index("ix_peer_row_order", ["release_id", "organisation", "completed_on", "id"])
        batch.create_index("ix_peer_row_origin", ["release_id", "origin"])
        batch.create_index(op.f("ix_peer_row_source_id"), ["source_id"])
