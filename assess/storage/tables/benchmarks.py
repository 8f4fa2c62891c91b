"""Benchmark figures, and the peers' rows they are made from."""

from __future__ import annotations

from sqlalchemy import (
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
