"""The file of the archive: its tables, and files that are refused."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ilo_archive.archive.database import ArchiveMismatch, open_engine
from ilo_archive.archive.tables import metadata
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from tests.support.build import an_archive


def test_the_migrations_make_the_tables_that_the_code_uses(home: Path) -> None:
    engine = open_engine(an_archive(home))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, *_: not str(name).startswith("wording_fts")},
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_database_of_something_else_is_refused(home: Path) -> None:
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        database.execute("CREATE TABLE cats (name)")
    with pytest.raises(ArchiveMismatch, match="something else"):
        ArchiveWriter(home, registry())


def test_an_archive_of_a_later_version_is_refused_and_the_lock_released(home: Path) -> None:
    path = an_archive(home)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    for _ in range(2):
        with pytest.raises(ArchiveMismatch, match="9999"):
            ArchiveWriter(home, registry())
