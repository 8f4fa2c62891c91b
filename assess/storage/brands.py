"""Brands of the reports, by the digest of their content."""

from __future__ import annotations

from hashlib import sha256

from sqlalchemy import Connection, insert, select, update

from assess.core.errors import NotFound
from assess.storage.tables import assessment, brand, engagement


def keep_brand(connection: Connection, content: str) -> str:
    """Store the brand unless it is there already; returns its digest."""
    digest = sha256(content.encode()).hexdigest()
    if connection.scalar(select(brand.c.digest).where(brand.c.digest == digest)) is None:
        connection.execute(insert(brand).values(digest=digest, content=content))
    return digest


def load_brand(connection: Connection, digest: str) -> str:
    """Raises NotFound."""
    content = connection.scalar(select(brand.c.content).where(brand.c.digest == digest))
    if content is None:
        raise NotFound(f"there is no brand {digest}")
    return str(content)


def brand_of_assessment(connection: Connection, id_: int) -> str | None:
    """Digest of the brand of an assessment's reports: the engagement's, else its own; None for the product's own look."""
    row = connection.execute(
        select(assessment.c.brand, engagement.c.brand.label("of_engagement"))
        .outerjoin(engagement, engagement.c.id == assessment.c.engagement_id)
        .where(assessment.c.id == id_)
    ).one_or_none()
    return None if row is None else (row.of_engagement or row.brand or None)


def set_brand_of_assessment(connection: Connection, id_: int, digest: str | None) -> None:
    connection.execute(update(assessment).where(assessment.c.id == id_).values(brand=digest))


def set_brand_of_engagement(connection: Connection, id_: str, digest: str | None) -> None:
    connection.execute(update(engagement).where(engagement.c.id == id_).values(brand=digest or ""))
