"""Alembic's entry point: runs on the connection (and in the transaction) that `upgrade.py` hands in."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=None, render_as_batch=True, transaction_per_migration=False
)
context.run_migrations()
