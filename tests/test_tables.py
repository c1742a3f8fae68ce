"""`export` to tables and databases: .parquet and .sqlite, read by other programs."""

from __future__ import annotations

import csv
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas
import polars
import pyarrow
import pytest
from pyarrow import parquet

from ilo_archive.export.parquet import write_parquet
from ilo_archive.published.codebook import Column, Table, flat_entries
from tests.support.answers import Ask, assert_one_line
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item
from tests.support.homes import column, query
from tests.support.paths import SAMPLE_ENTRIES


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Entries with and without a date, a credit and a summary, in two offices."""
    folder = tmp_path_factory.mktemp("tables")
    plain = an_entry("Семинар", None, link=item(1))
    full = an_entry("Meeting", summary="=1+1", link=item(2), credit="© M. Crozet / ILO 2015")
    an_archive(
        folder,
        a_snapshot("20150414103217", a_page(plain, full)),
        a_snapshot("20160414103217", a_page(full)),
        a_snapshot("1969", a_page(an_entry("Old", "1969-07-20", link=item(3))), office="rivers"),
    )
    return folder


def exported(ask: Ask, home: Path, target: Path, *more: str) -> Path:
    outcome = ask("--home", home, "export", target, *more)
    assert (outcome.code, outcome.err) == (0, ""), outcome.err
    return target


def test_parquet_has_the_rows_of_jsonl_with_types(
    in_process: Ask, home: Path, tmp_path: Path
) -> None:
    table = parquet.read_table(exported(in_process, home, tmp_path / "x.parquet"))
    lines = exported(in_process, home, tmp_path / "x.jsonl").read_text("utf-8").splitlines()
    assert [as_json(row) for row in table.to_pylist()] == [json.loads(line) for line in lines]
    types = {each.name: str(each.type) for each in table.schema}
    assert (types["date"], types["first_seen"], types["sightings"], types["title"]) == (
        "date32[day]",
        "timestamp[ms, tz=UTC]",
        "int64",
        "string",
    )


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    def plain(value: Any) -> Any:
        text = value.isoformat() if hasattr(value, "isoformat") else value
        return text.replace("+00:00", "Z") if isinstance(text, str) else text

    return {name: plain(value) for name, value in row.items()}


def test_the_schema_describes_each_column(in_process: Ask, home: Path, tmp_path: Path) -> None:
    schema = parquet.read_schema(exported(in_process, home, tmp_path / "x.parquet"))
    assert schema.metadata[b"description"] == b"A row is a news item, in its latest wording."
    for each in flat_entries().columns:
        described = schema.field(each.name).metadata
        assert described[b"description"].decode() == each.meaning
    assert schema.field("sightings").metadata[b"unit"] == b"sightings"


def test_other_programs_read_the_parquet_file(in_process: Ask, home: Path, tmp_path: Path) -> None:
    path = exported(in_process, home, tmp_path / "x.parquet")
    newest_first = ["Meeting", "Old", "Семинар"]
    assert list(pandas.read_parquet(path)["title"]) == newest_first
    assert polars.read_parquet(path)["title"].to_list() == newest_first
    question = f"SELECT title, year(date) FROM '{path}' WHERE first_seen < '2000-01-01'"
    assert duckdb.connect().execute(question).fetchall() == [("Old", 1969)]


def test_one_office_only(in_process: Ask, home: Path, tmp_path: Path) -> None:
    for ending in ("parquet", "csv", "jsonl"):
        exported(in_process, home, tmp_path / f"x.{ending}", "--office", "rivers")
    assert parquet.read_table(tmp_path / "x.parquet")["office"].to_pylist() == ["rivers"]
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["office"] for row in csv.DictReader(stream)] == ["rivers"]
    assert len((tmp_path / "x.jsonl").read_text("utf-8").splitlines()) == 1


def test_an_archive_without_entries_has_a_file_without_rows(
    in_process: Ask, tmp_path: Path
) -> None:
    an_archive(tmp_path, a_snapshot("2015", None))
    table = parquet.read_table(exported(in_process, tmp_path, tmp_path / "x.parquet"))
    assert (table.num_rows, table.num_columns) == (0, len(flat_entries().columns))


def test_rows_are_written_in_batches(tmp_path: Path) -> None:
    """Most of what Arrow holds is one batch, and Python holds no more than that either."""
    columns = (Column("id", "integer", "Number."), Column("text", "text", "Text."))
    table = Table("numbers", "Numbers", "a number", columns)

    def most(number: int) -> int:
        tracemalloc.start()
        rows: Iterator[tuple[int, str]] = ((n, f"{n} " * 50) for n in range(number))
        assert write_parquet(tmp_path / "x.parquet", table, rows) == number
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    few, many = most(20_000), most(60_000)
    assert many < 1.2 * few
    assert parquet.ParquetFile(tmp_path / "x.parquet").num_row_groups == 6
    assert pyarrow.total_allocated_bytes() < 10_000_000


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_failure_leaves_the_former_file_and_nothing_beside_it(
    in_process: Ask, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    target = tmp_path / f"x.{ending}"
    target.write_text("former")

    def refuse(_: int) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr("ilo_archive.atomic_files.os.fsync", refuse)
    assert_one_line(in_process("--home", home, "export", target), 7)
    assert [each.name for each in tmp_path.iterdir()] == [target.name]
    assert target.read_text() == "former"


def test_without_pyarrow_one_line_says_what_to_install(
    in_process: Ask, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    outcome = in_process("--home", home, "export", tmp_path / "x.parquet")
    assert_one_line(outcome, 2)
    assert "pip install 'ilo-archive[parquet]'" in outcome.err
    assert not list(tmp_path.iterdir())


# -- .sqlite ----------------------------------------------------------------------------------


def test_sqlite_is_the_published_copy(in_process: Ask, sample_home: Path, tmp_path: Path) -> None:
    path = exported(in_process, sample_home, tmp_path / "x.sqlite")
    assert column(path, "SELECT count(*) FROM entries") == [SAMPLE_ENTRIES]
    assert query(path, "PRAGMA foreign_key_check") == []
    assert not list(tmp_path.glob(".*"))


def test_an_archive_is_not_replaced_by_a_copy(in_process: Ask, home: Path, tmp_path: Path) -> None:
    an_archive(tmp_path, a_snapshot("2015", a_page(an_entry())))
    for other in (home, tmp_path):
        path = other / "archive.sqlite"
        before = path.read_bytes()
        assert_one_line(in_process("--home", home, "export", path), 2)
        assert path.read_bytes() == before


def test_a_copy_has_all_offices(in_process: Ask, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.sqlite"
    assert_one_line(in_process("--home", home, "export", path, "--office", "rivers"), 2)
