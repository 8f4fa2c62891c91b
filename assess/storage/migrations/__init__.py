"""The released schemas, one after the other (Alembic)."""
