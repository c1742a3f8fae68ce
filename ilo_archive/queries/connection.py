"""An archive opened for reading: takes SQL, returns typed rows."""

import os
import sqlite3
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, RowMapping, create_engine, event, text

from ilo_archive.archive.database import SCHEMA_REVISION, mismatch, schema_revision
from ilo_archive.errors import IloArchiveError
from ilo_archive.offices import Registry, UnknownOffice
from ilo_archive.suggestions import did_you_mean
from ilo_archive.times import from_iso, iso

_T = TypeVar("_T")

_BATCH = 1000  # rows fetched at a time where answers are streamed


class NoArchive(IloArchiveError):
    """There is no archive in this home."""


def check_archive(path: Path) -> None:
    """Raise NoArchive if there is no file."""
    if not path.is_file():
        raise NoArchive(f"no archive at {path}: make one with `ingest` or `crawl`")


class ReadOnlyArchive:
    """The file of an archive, opened read-only, with the registry that names its offices.

    Raises NoArchive if there is no file, ArchiveMismatch if it is not an archive or has another
    schema.
    """

    def __init__(self, path: Path, registry: Registry) -> None:
        """Open the file and check its schema."""
        self.registry = registry
        check_archive(path)
        self._engine = create_engine(_read_only(path.resolve()))
        event.listen(self._engine, "connect", _add_functions)
        self.connection: Connection = self._engine.connect()
        try:
            found = schema_revision(self.connection)
            if found != SCHEMA_REVISION:
                raise mismatch(found)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self.connection.close()
        self._engine.dispose()

    def rows(self, sql: str, values: Mapping[str, Any] | None = None) -> Sequence[RowMapping]:
        """The rows of a statement, by column name, as SQLite stores them."""
        return self.connection.execute(text(sql), _storable(values or {})).mappings().all()

    def all(self, kind: type[_T], sql: str, values: Mapping[str, Any] | None = None) -> list[_T]:
        """The rows of a statement as dataclasses of type `kind`, one field for each column."""
        return [typed(kind, row) for row in self.rows(sql, values)]

    def each(
        self, kind: type[_T], sql: str, values: Mapping[str, Any] | None = None
    ) -> Iterator[_T]:
        """The same one after the other: memory does not grow with their number."""
        statement = text(sql).execution_options(yield_per=_BATCH)
        for row in self.connection.execute(statement, _storable(values or {})).mappings():
            yield typed(kind, row)

    def scalar(self, sql: str, values: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, None if there are no rows."""
        return self.connection.scalar(text(sql), _storable(values or {}))

    def check_office(self, office: str | None) -> None:
        """Raise UnknownOffice for an office in neither the archive nor the registry."""
        if office is None or office in self.registry.offices:
            return
        if not self.scalar(_HAS_OFFICE, {"office": office}):
            known = {*self.registry.offices, *(row["office"] for row in self.rows(_OFFICES))}
            hint = did_you_mean(office, known)
            raise UnknownOffice(f"no office {office!r}: see `ilo-archive offices`{hint}")


def columns(kind: type[Any], *without: str) -> str:
    """The fields of a dataclass as columns of a SELECT, except those in `without`."""
    return ", ".join(field.name for field in fields(kind) if field.name not in without)


def typed(kind: type[_T], row: Mapping[Any, Any]) -> _T:
    """A row as a dataclass; dates, times and truth values are parsed."""
    values = dict(row)
    for name, parse in _parsers(kind):  # type: ignore[arg-type]
        if values.get(name) is not None:
            values[name] = parse(values[name])
    return kind(**values)


@cache
def _parsers(kind: type[Any]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """The fields of a dataclass that SQLite has no type for, each with its parser."""
    known: dict[Any, Callable[[Any], Any]] = {
        datetime: from_iso,
        datetime | None: from_iso,
        date: date.fromisoformat,
        date | None: date.fromisoformat,
        bool: bool,
    }
    hints = typing.get_type_hints(kind)
    return tuple((name, known[hint]) for name, hint in hints.items() if hint in known)


def folded_name(name: str) -> str:
    """A name as the SQL function `folded` returns it, with white space as in stored credits."""
    return " ".join(name.casefold().split())


def _read_only(path: Path) -> URL:
    """The address of the file, opened read-only.

    If the folder is read-only too, SQLite requires the assurance that no other process writes to a
    WAL database (https://sqlite.org/wal.html#read_only_databases).
    """
    query = {"mode": "ro", "uri": "true"}
    if not os.access(path.parent, os.W_OK) and not Path(f"{path}-wal").exists():
        query["immutable"] = "1"
    return URL.create("sqlite", database=f"file:{quote(str(path))}", query=query)


def _add_functions(connection: sqlite3.Connection, _: object) -> None:
    """Add case folding: SQLite's LIKE and lower() only know the letters a to z."""
    connection.create_function("folded", 1, _folded, deterministic=True)


def _folded(value: str | None) -> str | None:
    return value and value.casefold()


def _storable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as the archive stores them: times in ISO 8601, text in valid UTF-8.

    A shell passes bytes that are not UTF-8 as lone surrogates.
    """
    return {name: _stored(value) for name, value in values.items()}


def _stored(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


_OFFICES = "SELECT DISTINCT office FROM capture"
_HAS_OFFICE = "SELECT EXISTS (SELECT 1 FROM capture WHERE office = :office)"
