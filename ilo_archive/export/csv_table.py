"""Write rows to a CSV file as a data package describes it."""

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ilo_archive.published.codebook import Table


def write_csv(target: Path, table: Table, rows: Iterable[Sequence[Any]]) -> int:
    """Write the rows of a table to a file (RFC 4180, UTF-8), and return how many they are.

    Values are in the order of the columns; None is an empty cell. Texts are as they are, also those
    that a spreadsheet takes for formulas. Raises OSError.
    """
    written = 0
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([each.name for each in table.columns])
        for row in rows:
            writer.writerow(["" if value is None else value for value in row])
            written += 1
    return written
