"""Open, migrate and back up `archive.sqlite`."""

import json
import logging
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, inspect, text
from sqlalchemy.exc import DatabaseError, OperationalError

from ilo_archive.archive.tables import offset_list
from ilo_archive.atomic_files import sync_file, sync_folder
from ilo_archive.errors import IloArchiveError


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, each with a value for every column of the table, in their order.

    The driver gets them as they are: SQLAlchemy's own way takes twice as long (benchmarks/).
    """
    if rows:
        connection.exec_driver_sql(_insert_into(table), rows)


@cache
def _insert_into(table: Table) -> str:
    names = table.c.keys()
    return f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"


def json_array(values: Iterable[Any]) -> str:
    """Values as JSON for `json_each`, so that one statement serves any number of them."""
    return json.dumps(list(values))


logger = logging.getLogger(__name__)
SCHEMA_REVISION = "0009"
"""The Alembic revision that this program reads and writes."""

_VIEWS = Path(__file__).with_name("views.sql").read_text(encoding="utf-8")
_OFFSET_LIST = re.compile(r"offset_list\((.*?)\)")
_BUSY_TIMEOUT = 10_000  # milliseconds; a reader may lock the file for a moment


class ArchiveMismatch(IloArchiveError):
    """The file is not an archive, or another version of the program made it."""


def open_engine(path: Path) -> Engine:
    """An engine that writes to the file; transactions include DDL, the journal is a WAL."""
    engine = create_engine(URL.create("sqlite", database=str(path)))

    @event.listens_for(engine, "connect")
    def _settings(connection: sqlite3.Connection, _: object) -> None:
        # The driver would begin a transaction before INSERT but not before CREATE TABLE.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def schema_revision(connection: Connection) -> str | None:
    """The Alembic revision of the file, None for an empty file. Raises ArchiveMismatch."""
    with _is_database():
        names = inspect(connection).get_table_names()
    if "alembic_version" in names:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if names:
        raise ArchiveMismatch("the file is a database of something else, not an archive")
    return None


def mismatch(found: str | None) -> ArchiveMismatch:
    """The error for a file whose schema is not the present one."""
    if found is None:
        return ArchiveMismatch("the file is empty, not an archive")
    if _is_older(found):
        cure = "`ingest`, `crawl` or `reread --apply` brings it up to date"
        return ArchiveMismatch(f"the archive has schema {found}, older than this program: {cure}")
    return ArchiveMismatch(f"the archive has schema {found}, newer than this program")


@contextmanager
def _is_database() -> Iterator[None]:
    """Raise ArchiveMismatch if SQLite reports that the file is damaged or not a database.

    OperationalError (cannot be opened, locked, read-only) passes through.
    """
    try:
        yield
    except OperationalError:
        raise
    except DatabaseError as error:
        raise ArchiveMismatch(
            f"archive.sqlite is damaged or not an archive: {error.orig}"
        ) from error


def _is_older(found: str) -> bool:
    """True if a revision is older than this program's. Revisions are four digits that grow."""
    return bool(re.fullmatch(r"\d{4}", found, re.ASCII)) and found < SCHEMA_REVISION


def migrate(engine: Engine) -> None:
    """Bring the file to the present schema and recreate its views; do nothing if it is up to date.

    An older archive is first copied, e.g. to `archive.sqlite.0001.bak` for schema 0001. All changes
    are one transaction, so that a failure leaves the archive as it was. The caller holds the home's
    lock. Raises ArchiveMismatch for a file of another program or a later version.
    """
    with _is_database(), engine.connect() as connection:
        found = schema_revision(connection)
    if found == SCHEMA_REVISION:
        return
    if found is not None:
        if not _is_older(found):
            raise mismatch(found)
        path = Path(engine.url.database or "")
        copy = path.with_name(f"{path.name}.{found}.bak")
        back_up(path, copy)
        message = "migrating the archive from schema %s to %s; a copy of the old one is in %s"
        logger.warning(message, found, SCHEMA_REVISION, copy.name)
    _upgrade(engine)


def back_up(path: Path, target: Path) -> None:
    """Copy an archive in its present state, including its log; `target` is complete or absent.

    An earlier copy of that name is replaced: it is of a failed attempt, or of an archive that was
    restored. Raises sqlalchemy's OperationalError for disk errors.
    """
    partial = target.with_name(f"{target.name}.part")
    _drop(partial)  # left by a killed run
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(partial)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole without its log
        sync_file(partial)
        partial.replace(target)
        sync_folder(target.parent)
    except sqlite3.OperationalError as error:
        raise OperationalError("backup", None, error) from error
    finally:
        _drop(partial)


def _drop(path: Path) -> None:
    """Delete a database file with its journals, if they exist."""
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _upgrade(engine: Engine) -> None:
    """Run the migrations and create the views, in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ilo_archive.archive:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for statement in _OFFSET_LIST.sub(lambda call: offset_list(call[1]), _VIEWS).split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
