"""The tables of the archive, and how its file is opened and brought to the present schema."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import (
    URL,
    Column,
    Connection,
    Engine,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    inspect,
    text,
)
from sqlalchemy.exc import DatabaseError, OperationalError

logger = logging.getLogger(__name__)

SCHEMA_REVISION = "0008"
"""The Alembic revision that this program reads and writes."""

_VIEWS = Path(__file__).with_name("views.sql").read_text(encoding="utf-8")
_BUSY_TIMEOUT = 10_000  # milliseconds; a reader may hold the file for a moment


class ArchiveMismatch(Exception):
    """The file is no archive, or one that another version of the program made."""


metadata = MetaData()

run = Table(
    "run",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("command", Text, nullable=False),
    Column("started_at", Text, nullable=False),
    Column("ended_at", Text),
    Column("outcome", Text),
    Column("captures", Integer, nullable=False, server_default="0"),
    Column("new_entries", Integer, nullable=False, server_default="0"),
    Column("revised", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
)

capture = Table(
    "capture",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Text, nullable=False, unique=True),
    Column("office", Text, nullable=False),
    Column("language", Text),
    Column("page", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("captured_at", Text, nullable=False),
    Column("precision", Text, nullable=False),
    Column("archive", Text, nullable=False),
    Column("uri_m", Text),
    Column("status", Integer),
    Column("digest", Text, nullable=False),  # as listed
    Column("payload_digest", Text),  # as computed
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("failure", Text),  # a capture.Failure, where it could not be had
    Column("quality", Text),
    Column("reader", Integer),
    Column("warc_file", Text),
    Column("warc_offset", Integer),
    Column("warc_length", Integer),
    Index("capture_page", "page", "quality", "captured_at"),
    Index("capture_office", "office", "captured_at"),
    Index("capture_payload", "payload_digest"),
    Index("capture_state", "state"),
)

# What an archive was asked to list; `next` leads to the page that is still to come.
listing = Table(
    "listing",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("archive", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("first", Text, nullable=False),
    Column("last", Text, nullable=False),
    Column("next", Text),
    Column("failure", Text),
    Column("rows", Integer, nullable=False, server_default="0"),
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("repaired", Integer, nullable=False, server_default="0"),
    Column("odd", Integer, nullable=False, server_default="0"),
    UniqueConstraint("archive", "url", "first", "last"),
)

listed = Table(
    "listed",
    metadata,
    Column("listing_id", ForeignKey("listing.id"), primary_key=True),
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
)

# Until when a lane of an archive is not to be asked, in seconds since 1970.
turn = Table(
    "turn",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("until", Float, nullable=False),
)

orphan = Table(
    "orphan",
    metadata,
    Column("record_id", Text, primary_key=True),
    Column("warc_file", Text, nullable=False),
    Column("warc_offset", Integer, nullable=False),
    Column("warc_length", Integer, nullable=False),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
    Column("name", Text),
    Column("description", Text),
    Column("language", Text),
    Column("template", Text, nullable=False),
    Column("warnings", Text, nullable=False),
    Column("charset", Text),  # None where an older program recorded the reading
    Column("charset_reason", Text),
)

wording = Table(
    "wording",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("language", Text),
    Column("kicker", Text),
    Column("title", Text),
    Column("dateline", Text),
    Column("date", Text),
    Column("date_end", Text),
    Column("place", Text),
    Column("summary", Text),
    Column("printed_at", Text, nullable=False),
    Index("wording_date", "date"),
)

entry = Table(
    "entry",
    metadata,
    Column("id", Text, primary_key=True),
    Column(
        "wording_id",
        ForeignKey("wording.id", deferrable=True, initially="DEFERRED"),
        nullable=False,
    ),
    Column("last_capture_id", ForeignKey("capture.id"), nullable=False),
    Column("last_ordinal", Integer, nullable=False),
    Column("first_seen", Text, nullable=False),
    Column("last_seen", Text, nullable=False),
    Column("date", Text),  # of the wording: entries are listed by it
    Index("entry_wording", "wording_id"),
    Index("entry_date", "date"),
)

reading = Table(
    "reading",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("strong", Text, nullable=False),
    Column("weak", Text, nullable=False),
    Column("wording_id", ForeignKey("wording.id"), nullable=False),
    Column("entry_id", Text, nullable=False),
    Column("rule", Text),  # why it is of that entry
    Column("score", Float),
    Column("compared", Text),  # digest of the wording that it is near to
    UniqueConstraint("strong", "weak", "wording_id"),
    Index("reading_weak", "weak"),
    Index("reading_entry", "entry_id"),
    Index("reading_wording", "wording_id"),
    Index("reading_unplaced", "id", sqlite_where=text("rule IS NULL")),
)

# Under these numbers a wording is found by those that could be near to it.
clue = Table(
    "clue",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wording_id", Integer, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

# Wordings that are near to each other, each pair in both directions.
likeness = Table(
    "likeness",
    metadata,
    Column("wording_id", Integer, primary_key=True, autoincrement=False),
    Column("other_id", Integer, primary_key=True, autoincrement=False),
    Column("score", Float, nullable=False),
    sqlite_with_rowid=False,
)

# What a researcher decided, a row for each sighting that it is about. The sighting is named by
# what outlives a new reading: its capture, and its place, wording or name there.
decision = Table(
    "decision",
    metadata,
    Column("id", Text, primary_key=True),
    Column("part", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),  # merge, split
    Column("name", Text, nullable=False),  # that the sighting went by when it was decided
    Column("capture_key", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("wording", Text, nullable=False),
    Column("present_name", Text, nullable=False),
    Column("note", Text),
    Column("decided_at", Text, nullable=False),
    Index("decision_capture", "capture_key"),
    Index("decision_name", "present_name"),
)

sighting = Table(
    "sighting",
    metadata,
    Column("capture_id", ForeignKey("capture.id"), primary_key=True),
    Column("ordinal", Integer, primary_key=True),
    Column("reading_id", ForeignKey("reading.id"), nullable=False),
    Column("captured_at", Text, nullable=False),
    Column("section", Text),
    Column("position", Integer, nullable=False),
    Column("link", Text),
    Column("image", Text),
    Column("credit", Text),
    Column("credit_holder", Text),
    Column("credit_agency", Text),
    Column("credit_year", Integer),
    Column("printed", Text),  # PRINTED as JSON where the wording shows another print
    Index("sighting_reading", "reading_id", "captured_at"),
    Index("sighting_holder", "credit_holder"),
)

# The people whom sightings credit, one row for each in every `credit_holder` that is printed.
holder = Table(
    "holder",
    metadata,
    Column("credited", Text, primary_key=True),  # as in sighting.credit_holder
    Column("form", Text, primary_key=True),  # of one person
    Column("surname", Text, nullable=False),
    Column("shown", Text, nullable=False),  # the form that stands for all forms of the person
    Index("holder_surname", "surname"),
    Index("holder_shown", "shown"),
)

PRINTED = ("kicker", "title", "dateline", "date", "date_end", "place", "summary")
"""The columns of a wording that are printed."""


# -- opening -------------------------------------------------------------------------------


def open_engine(path: Path) -> Engine:
    """An engine that writes to the file: transactions hold DDL too, the log is a WAL."""
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
    """The Alembic revision of the file, None for an empty one. Raises ArchiveMismatch."""
    with _is_database():
        names = inspect(connection).get_table_names()
    if "alembic_version" in names:
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    if names:
        raise ArchiveMismatch("the file is a database of something else, not an archive")
    return None


def mismatch(found: str | None) -> ArchiveMismatch:
    """What to say of a file whose schema is not the present one."""
    if found is None:
        return ArchiveMismatch("the file is empty, not an archive")
    if _is_older(found):
        cure = "`ingest`, `crawl` or `reread --apply` brings it up to date"
        return ArchiveMismatch(f"the archive has schema {found}, older than this program: {cure}")
    return ArchiveMismatch(f"the archive has schema {found}, newer than this program")


@contextmanager
def _is_database() -> Iterator[None]:
    """Raise ArchiveMismatch where SQLite says that the file is none of its own.

    A file that cannot be opened, is locked or read-only is an OperationalError, and stays one.
    """
    try:
        yield
    except OperationalError:
        raise
    except DatabaseError as error:
        raise ArchiveMismatch(f"archive.sqlite is damaged or no archive: {error.orig}") from error


def _is_older(found: str) -> bool:
    """Revisions are numbers of four digits that grow from release to release."""
    return bool(re.fullmatch(r"\d{4}", found, re.ASCII)) and found < SCHEMA_REVISION


def migrate(engine: Engine) -> None:
    """Bring the file to the present schema and make its views anew; nothing where it is there.

    An older archive is first copied beside itself, as `archive.sqlite.0001.bak` for schema 0001;
    it changes in one transaction, so that whatever goes wrong leaves it as it was. Only a writer
    calls this, which holds the home's lock. Raises ArchiveMismatch for a file that is not ours
    or comes from a later version.
    """
    with _is_database(), engine.connect() as connection:
        found = schema_revision(connection)
    if found == SCHEMA_REVISION:
        return
    if found is not None:
        if not _is_older(found):
            raise mismatch(found)
        path = Path(engine.url.database or "")
        kept = path.with_name(f"{path.name}.{found}.bak")
        back_up(path, kept)
        told = "schema %s of the archive becomes %s; as it was it is kept as %s"
        logger.warning(told, found, SCHEMA_REVISION, kept.name)
    _upgrade(engine)


def back_up(path: Path, target: Path) -> None:
    """Copy an archive as it stands, its log included; `target` is whole or not there.

    An earlier copy of that name is replaced: it is of an attempt that came to nothing, or of an
    archive that was put back. Raises SQLAlchemy's OperationalError where the disk refuses.
    """
    part = target.with_name(f"{target.name}.part")
    _drop(part)  # of a run that was killed here
    try:
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(part)) as copy:
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, whole without its log
        part.replace(target)
    except sqlite3.OperationalError as error:
        raise OperationalError("backup", None, error) from error
    finally:
        _drop(part)


def _drop(path: Path) -> None:
    for ending in ("", "-journal", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "ilo_archive.archive:migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        for statement in _VIEWS.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
