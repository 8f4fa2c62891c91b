"""Counters of how often something was done lately; in the database, so that they hold across processes and machines."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, delete
from sqlalchemy.dialects import postgresql, sqlite

from assess.storage.tables import rate_count


def count_hit(connection: Connection, bucket: str, window: timedelta, now: datetime) -> int:
    """Count one more in this stretch of time; returns how many there were with it. Older counts of the bucket go."""
    slot = int(now.timestamp() // window.total_seconds())
    connection.execute(delete(rate_count).where(and_(rate_count.c.bucket == bucket, rate_count.c.slot < slot)))
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rate_count).values(bucket=bucket, slot=slot, hits=1)
    hits: int = connection.execute(
        statement.on_conflict_do_update(
            index_elements=[rate_count.c.bucket, rate_count.c.slot], set_={"hits": rate_count.c.hits + 1}
        ).returning(rate_count.c.hits)
    ).scalar_one()
    return hits
