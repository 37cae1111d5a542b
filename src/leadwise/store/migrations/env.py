"""What Alembic runs: the steps, on the connection that `leadwise.store.migrations` hands over."""

from __future__ import annotations

from alembic import context

from leadwise.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite undoes CREATE TABLE with its transaction as PostgreSQL does: all steps or none.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
