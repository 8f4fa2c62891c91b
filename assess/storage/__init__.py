"""Rows in a relational database, SQLite or PostgreSQL, to core values and back."""
