"""Archives of earlier releases, kept as SQL.

    python -m tests.support.stored_archives ARCHIVE > FILE

Each file of `fixtures/archives` is named after its schema and holds what the release with that
schema made of the sample: its tables as its migrations made them, their rows, its views.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from tests.support.paths import FIXTURES

FOLDER = FIXTURES / "archives"


def stored() -> list[str]:
    """The schemas of which an archive is kept."""
    return sorted(path.stem for path in FOLDER.glob("*.sql"))


def restore(schema: str, path: Path) -> None:
    """Make the archive of that schema again."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript((FOLDER / f"{schema}.sql").read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = WAL")  # as the program left it


def dump(path: Path) -> Iterator[str]:
    """The statements that make an archive, line by line, without the inside of its index."""
    yield "BEGIN;"
    with closing(sqlite3.connect(path)) as database:
        made = database.execute(_MADE).fetchall()
        yield from (f"{sql};" for kind, _, sql in made if kind == "table")
        for _, name, sql in made:
            if sql.startswith("CREATE TABLE"):
                yield from _rows(database, name, has_rowid="WITHOUT ROWID" not in sql.upper())
        yield from (f"{sql};" for kind, _, sql in made if kind != "table")
    yield "INSERT INTO wording_fts (wording_fts) VALUES ('rebuild');"
    yield "COMMIT;"


def _rows(database: sqlite3.Connection, table: str, *, has_rowid: bool) -> Iterator[str]:
    columns = database.execute(f"PRAGMA table_info({table})").fetchall()
    names = [row[1] for row in columns]
    order = "rowid" if has_rowid else ", ".join(row[1] for row in columns if row[5])
    quoted = " || ', ' || ".join(f"quote({name})" for name in names)
    for (values,) in database.execute(f"SELECT {quoted} FROM {table} ORDER BY {order}"):
        yield f"INSERT INTO {table} VALUES ({values});"


# FTS5 makes the tables of its own itself.
_MADE = """
SELECT type, name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND name NOT LIKE 'wording\\_fts\\_%' ESCAPE '\\'
ORDER BY rowid
"""

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("name an ARCHIVE: python -m tests.support.stored_archives ARCHIVE > FILE")
    sys.stdout.write("".join(f"{line}\n" for line in dump(Path(sys.argv[1]))))
