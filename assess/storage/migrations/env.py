"""Alembic's entry: migrate over the connection that assess.storage.schema hands in."""

from alembic import context

from assess.storage.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
