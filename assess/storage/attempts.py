"""How often something was tried lately, counted in the database so that it holds across processes and machines."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from assess.storage.tables import rate_count

PARTS = 15
"""A stretch of time is counted in this many slots, so that it slides."""


def count_attempt(connection: Connection, what: str, whose: str, seconds: int, now: datetime) -> int:
    """Note an attempt; returns how many there were in the last `seconds`, this one included.

    What was counted at a time that is yet to come, before the clock was set back, is forgotten: it would count until then.
    """
    bucket, slot = _bucket(what, whose), _slot(seconds, now)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(rate_count).values(bucket=bucket, slot=slot, hits=1)
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=[rate_count.c.bucket, rate_count.c.slot], set_={"hits": rate_count.c.hits + 1}
        )
    )
    outside = or_(rate_count.c.slot <= slot - PARTS, rate_count.c.slot >= slot + PARTS)
    connection.execute(delete(rate_count).where(rate_count.c.bucket == bucket, outside))
    total = connection.scalar(select(func.sum(rate_count.c.hits)).where(rate_count.c.bucket == bucket))
    return int(total or 0)


def take_back_attempt(connection: Connection, what: str, whose: str, seconds: int, now: datetime) -> None:
    """Let the attempt that was counted at that moment not count after all."""
    counted = and_(rate_count.c.bucket == _bucket(what, whose), rate_count.c.slot == _slot(seconds, now), rate_count.c.hits > 0)
    connection.execute(update(rate_count).where(counted).values(hits=rate_count.c.hits - 1))


def forget_attempts(connection: Connection, what: str, whose: str) -> None:
    connection.execute(delete(rate_count).where(rate_count.c.bucket == _bucket(what, whose)))


def forget_past(connection: Connection, what: str, seconds: int, now: datetime) -> None:
    """Drop what was counted longer ago than `seconds`, whosever it was."""
    past = rate_count.c.slot <= _slot(seconds, now) - PARTS
    connection.execute(delete(rate_count).where(rate_count.c.bucket.startswith(f"{what}:", autoescape=True), past))


def _bucket(what: str, whose: str) -> str:
    return f"{what}:{sha256(whose.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _slot(seconds: int, now: datetime) -> int:
    return int(now.timestamp()) * PARTS // seconds
