"""Workers, as far as the database knows of them."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from assess.storage.tables.base import UtcTime, metadata

worker_beat = Table(
    "worker_beat",
    metadata,
    Column("worker", String(32), primary_key=True, comment="made anew by each worker process"),
    Column("seen_at", UtcTime, nullable=False),
    comment="Workers that lately said that they live",
)
