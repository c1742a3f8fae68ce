"""The files of a data package: path, form, and what each is."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from ilo_archive.published.codebook import Table, tables

README, DATASHEET, CODEBOOK, RIGHTS = "README.md", "datasheet.md", "codebook.md", "RIGHTS.md"
COPY, CAPTURES = "published.sqlite", "captures.wacz"
DESCRIPTOR, CRATE = "datapackage.json", "ro-crate-metadata.json"


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A file of a package. `name` is unique in the package; `table` is that whose rows it has."""

    name: str
    path: str
    title: str
    description: str
    format: str
    media_type: str
    table: Table | None = None


@cache
def package_files() -> tuple[PackageFile, ...]:
    """Every file that a package may have, but its lists of files and checksums.

    The Parquet files are missing where the package was made without pyarrow.
    """
    return (*_texts(), *_tables(), *_databases())


def csv_path(table: Table) -> str:
    """The path of a table as CSV."""
    return f"csv/{table.name}.csv"


def parquet_path(table: Table) -> str:
    """The path of a table as Parquet."""
    return f"parquet/{table.name}.parquet"


def _texts() -> Iterator[PackageFile]:
    for name, path, title, description in (
        ("readme", README, "Read me", "What the files of this package are and how to check them."),
        ("datasheet", DATASHEET, "Datasheet", "What was collected, how, what is absent and why."),
        ("codebook", CODEBOOK, "Codebook", "The meaning of every table and column."),
        ("rights", RIGHTS, "Rights", "Who has which rights in pages, photos and this package."),
    ):
        yield PackageFile(name, path, title, description, "md", "text/markdown")


def _tables() -> Iterator[PackageFile]:
    for table in tables():
        row = f"A row is {table.row}."
        yield PackageFile(
            f"{table.name}-csv", csv_path(table), table.title, row, "csv", "text/csv", table
        )
        yield PackageFile(
            f"{table.name}-parquet", parquet_path(table), f"{table.title} (Parquet)", row,
            "parquet", "application/vnd.apache.parquet", table,
        )  # fmt: skip


def _databases() -> Iterator[PackageFile]:
    yield PackageFile(
        "published-copy", COPY, "Published copy",
        "All tables as an SQLite database, with keys, indexes and full text.",
        "sqlite", "application/vnd.sqlite3",
    )  # fmt: skip
    yield PackageFile(
        "captures-wacz", CAPTURES, "Raw captures",
        "The captures as web archives gave them, in a WACZ file for ReplayWeb.page and pywb.",
        "wacz", "application/wacz+zip",
    )  # fmt: skip
