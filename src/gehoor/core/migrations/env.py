"""Alembic's entry: runs the migrations on the connection that `core.migrate` hands it."""

from alembic import context

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=config.attributes["metadata"],
    transactional_ddl=False,  # the caller's transaction holds all of it
)
context.run_migrations()
