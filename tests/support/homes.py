"""What homes of the archive contain: rows of their views, records of their WARC files, damage."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.command import upgrade
from alembic.config import Config
from warcio.archiveiterator import ArchiveIterator

from ilo_archive.archive.database import open_engine
from ilo_archive.archive.tables import metadata

VIEWS = ("captures", "news", "sightings", "revisions", "lifelines", "descriptions", "credits")
"""The views of the contract but `runs`: a run that was killed is a run more."""

OF_THE_RECORD = frozenset({"warc_file", "warc_offset"})
"""Columns that say where a record lies, which depends on the order of arrival."""

OF_THE_SOURCE = OF_THE_RECORD | {"archive", "uri_m"}
"""Those, and the columns that say where a capture came from."""


def contents(home: Path, *, without: Collection[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every view but the runs, sorted, without these columns."""
    return {
        view: sorted(
            (
                {name: value for name, value in row.items() if name not in without}
                for row in query(home, f"SELECT * FROM {view}")
            ),
            key=repr,
        )
        for view in VIEWS
    }


def assert_same_archive(
    one: Path, other: Path, *, without: Collection[str] = OF_THE_RECORD
) -> None:
    """Assert that two homes have the same captures, entries, sightings and so on."""
    assert contents(one, without=without) == contents(other, without=without)


def copy_home(home: Path, target: Path) -> Path:
    """A copy, to be changed, of a home that no run writes to. Others may read it meanwhile."""
    passing = shutil.ignore_patterns("*-wal", "*-shm", ".lock")
    return Path(shutil.copytree(home, target, ignore=passing))


def query(home: Path, sql: str, *values: object) -> list[dict[str, Any]]:
    """The rows of a question to the archive of a home (or to that file), column name -> value."""
    file = home / "archive.sqlite" if home.is_dir() else home
    with closing(sqlite3.connect(file)) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(sql, values)]


def column(home: Path, sql: str, *values: object) -> list[Any]:
    """The first column of the rows of a question, in their order."""
    return [next(iter(row.values())) for row in query(home, sql, *values)]


def rows(home: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a question as tuples, sorted."""
    return sorted(rows_in_order(home, sql, *values), key=repr)


def rows_in_order(home: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """The rows of a question as tuples, in their order."""
    return [tuple(row.values()) for row in query(home, sql, *values)]


def entry_ids(home: Path) -> list[str]:
    """The ids of all entries of an archive, sorted."""
    return sorted(column(home, "SELECT entry_id FROM news"))


def damage(home: Path) -> list[str]:
    """What SQLite finds wrong with the file, in its structure, references and search index."""
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        found = [row[0] for row in database.execute("PRAGMA integrity_check") if row[0] != "ok"]
        found += [f"reference {row}" for row in database.execute("PRAGMA foreign_key_check")]
        try:
            database.execute("INSERT INTO wording_fts (wording_fts) VALUES ('integrity-check')")
        except sqlite3.DatabaseError as error:
            found.append(f"search index: {error}")
    return found


def bring_back(path: Path, revision: str) -> None:
    """Make an archive one of an earlier schema: its rows, in tables that the migrations up to
    that revision make.
    """
    present = path.rename(path.with_suffix(".present"))
    config = Config()
    config.set_main_option("script_location", "ilo_archive.archive:migrations")
    engine = open_engine(path)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        upgrade(config, revision)
    engine.dispose()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("ATTACH ? AS present", (str(present),))
        for table in metadata.sorted_tables:
            found = database.execute(f"PRAGMA main.table_info({table.name})")
            if names := ", ".join(row[1] for row in found):
                into = f"INSERT INTO main.{table.name} ({names})"
                database.execute(f"{into} SELECT {names} FROM present.{table.name}")
        database.execute("INSERT INTO wording_fts (wording_fts) VALUES ('rebuild')")
    present.unlink()


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a WARC file, read to its end with its digests checked."""

    kind: str
    id: str
    url: str
    date: str
    offset: int
    refers_to: tuple[str, str] | None


def kept(home: Path) -> list[Record]:
    """The responses and revisits of the store in their order. Raises when one is not whole."""
    records: list[Record] = []
    for path in sorted((home / "warc").glob("*.warc.gz")):
        records += records_of(path)
    return records


def records_of(path: Path) -> list[Record]:
    """The responses and revisits of one file, all of whose records are looked at.

    Raises when a digest or the length of the file does not fit.
    """
    records = []
    with path.open("rb") as stream:
        iterator = ArchiveIterator(stream, check_digests="raise", verify_http=True)
        for record in iterator:
            offset = iterator.get_record_offset()
            record.content_stream().read()
            header = record.rec_headers.get_header
            original = header("WARC-Refers-To"), header("WARC-Refers-To-Date")
            if record.rec_type in ("response", "revisit"):
                records.append(
                    Record(
                        record.rec_type,
                        header("WARC-Record-ID"),
                        header("WARC-Target-URI"),
                        header("WARC-Date"),
                        offset,
                        original if record.rec_type == "revisit" else None,
                    )
                )
            end = offset + iterator.get_record_length()
    assert not records or end == path.stat().st_size, "bytes after the last record"
    return records
