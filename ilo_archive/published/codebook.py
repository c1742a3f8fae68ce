"""The codebook: every table and column of the published copy, with its meaning."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

from ilo_archive.queries.answers import EntrySummary

ColumnType = Literal["integer", "number", "text", "date", "time", "url"]

_SQL_TYPES: Mapping[str, str] = {"integer": "INTEGER", "number": "REAL"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `references` is the table whose `id` it is."""

    name: str
    type: ColumnType
    meaning: str
    unit: str | None = None
    references: str | None = None
    unique: bool = False
    index: bool = False

    @property
    def sql(self) -> str:
        """The column in CREATE TABLE."""
        if self.name == "id":
            return "id INTEGER PRIMARY KEY"
        parts = [self.name, _SQL_TYPES.get(self.type, "TEXT")]
        parts += ["NOT NULL UNIQUE"] if self.unique else []
        parts += [f"REFERENCES {self.references} (id)"] if self.references else []
        return " ".join(parts)


@dataclass(frozen=True, slots=True)
class Table:
    """A table. `label` is the column that stands for a row, `sort` the first order of rows (with
    "-" for descending), `facets` are columns worth counting by value.
    """

    name: str
    title: str
    row: str
    columns: tuple[Column, ...]
    label: str | None = None
    sort: str | None = None
    facets: tuple[str, ...] = ()

    @property
    def create(self) -> str:
        """CREATE TABLE."""
        return f"CREATE TABLE {self.name} ({', '.join(each.sql for each in self.columns)})"

    @property
    def indexes(self) -> list[str]:
        """CREATE INDEX of each column that has one."""
        return [
            f"CREATE INDEX {self.name}_{each.name} ON {self.name} ({each.name})"
            for each in self.columns
            if each.index
        ]


def flat_entries() -> Table:
    """The table of entries as `.csv`, `.jsonl` and `.parquet` files have it: the fields of
    EntrySummary, the office by its slug, and no number that is that of a row in one copy.
    """
    known = {each.name: each for each in tables()}
    described = {each.name: each for each in known["entries"].columns}
    described["office"] = Column("office", "text", "Short name of the office on whose page it is.")
    columns = tuple(described[each.name] for each in fields(EntrySummary))
    return replace(known["entries"], columns=columns, facets=())


@cache
def tables() -> tuple[Table, ...]:
    """The tables, those that others refer to first."""
    text = Path(__file__).with_name("codebook.toml").read_text(encoding="utf-8")
    return tuple(_table(name, table) for name, table in tomllib.loads(text).items())


def _table(name: str, table: Mapping[str, Any]) -> Table:
    columns = tuple(Column(key, **fields) for key, fields in table["columns"].items())
    known = {key: value for key, value in table.items() if key not in ("columns", "facets")}
    return Table(name=name, columns=columns, facets=tuple(table.get("facets", ())), **known)
