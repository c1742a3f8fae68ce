"""Check the database itself: its structure, its references, its full-text index, its bytes."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from ilo_archive.archive.page_sums import changed_stretches

_MOST = 20  # faults of one kind that are named
_CHECK_INDEX = "INSERT INTO wording_fts (wording_fts) VALUES ('integrity-check')"
_REBUILD_INDEX = "INSERT INTO wording_fts (wording_fts) VALUES ('rebuild')"
_BUSY = 10.0  # seconds


def check_database(path: Path) -> Iterator[str]:
    """Yield what is wrong with a database, a line each; it stays as it is."""
    if changed := changed_stretches(path):
        where = ", ".join(str(each) for each in changed[:_MOST])
        yield f"changed since it was last written, or damaged, at bytes {where}"
    yield from structural_faults(path)


def structural_faults(path: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with the structure, the references and the indexes."""
    with closing(sqlite3.connect(path, timeout=_BUSY)) as database:
        for check in (_structure, _references, _full_text_index):
            try:
                yield from check(database)
            except sqlite3.DatabaseError as error:
                yield f"damaged: {error}"


def repair_indexes(path: Path) -> None:
    """Rebuild all indexes and the full-text index. Raises sqlite3.DatabaseError."""
    with closing(sqlite3.connect(path, timeout=_BUSY)) as database, database:
        database.execute("REINDEX")
        database.execute(_REBUILD_INDEX)


def _structure(database: sqlite3.Connection) -> Iterator[str]:
    for (line,) in database.execute(f"PRAGMA integrity_check({_MOST})"):
        if line != "ok":
            yield str(line).replace("\n", " ")


def _references(database: sqlite3.Connection) -> Iterator[str]:
    found = database.execute("PRAGMA foreign_key_check").fetchmany(_MOST)
    for table, row, target, _ in found:
        yield f"row {row} of {table} refers to a row of {target} that is missing"


def _full_text_index(database: sqlite3.Connection) -> Iterator[str]:
    database.execute("BEGIN")
    try:
        database.execute(_CHECK_INDEX)
    except sqlite3.OperationalError as error:
        if "readonly" not in str(error):
            raise
    except sqlite3.DatabaseError as error:
        yield f"the full-text index does not fit the entries: {error}"
    finally:
        database.execute("ROLLBACK")
