"""The rows of a published copy, one after the other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ilo_archive.published.codebook import Table

Value = str | int | float | None


def table_rows(copy: Path, table: Table) -> Iterator[tuple[Value, ...]]:
    """The rows of a table by their number, the values in the order of the columns of the codebook.

    Memory does not grow with their number.
    """
    columns = ", ".join(each.name for each in table.columns)
    address = f"file:{quote(str(copy.resolve()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as database:
        yield from database.execute(f"SELECT {columns} FROM {table.name} ORDER BY id")
