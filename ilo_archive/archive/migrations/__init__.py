"""Alembic: how an archive of an earlier version becomes one of this."""
