"""Alembic: migrate an archive of an earlier version to the present one."""
