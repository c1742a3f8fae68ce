"""Alembic's entry: migrate over the connection that `tables.migrate` hands in."""

from alembic import context

from ilo_archive.archive.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
