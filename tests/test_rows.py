"""Answers of the Python API as tables of pandas and Polars."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pandas
import polars
import pytest

from ilo_archive.queries.archive import Archive
from ilo_archive.queries.rows import Rows
from tests.support.paths import SAMPLE_CAPTURES, SAMPLE_ENTRIES

QUESTIONS: dict[str, Callable[[Archive], Rows[Any]]] = {
    "entries": lambda archive: archive.entries(),
    "entries as of a day": lambda archive: archive.entries(as_of="2016"),
    "search": lambda archive: archive.search("labour"),
    "edits": lambda archive: archive.edits(),
    "gone": lambda archive: archive.gone(),
    "word changes": lambda archive: archive.word_changes("covid", "added"),
    "counts": lambda archive: archive.counts("month"),
    "captures": lambda archive: archive.captures(),
    "profile": lambda archive: archive.profile("moscow"),
    "credits": lambda archive: archive.credits(),
    "credits by year": lambda archive: archive.credits_by_year(),
    "coverage": lambda archive: archive.coverage("moscow"),
    "offices": lambda archive: archive.offices(),
}


@pytest.fixture(scope="module")
def archive(sample_home: Path) -> Iterator[Archive]:
    with Archive(sample_home / "archive.sqlite") as opened:
        yield opened


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_has_a_row_in_both_tables(archive: Archive, name: str) -> None:
    rows = QUESTIONS[name](archive)
    in_pandas, in_polars = rows.to_pandas(), rows.to_polars()
    assert rows
    assert len(in_pandas) == len(in_polars) == len(rows)
    assert list(in_pandas.columns) == in_polars.columns
    assert polars.Object not in in_polars.dtypes  # no answers within answers


def test_values_have_types_that_can_be_computed_with(archive: Archive) -> None:
    rows = archive.entries()
    in_pandas, in_polars = rows.to_pandas(), rows.to_polars()
    assert isinstance(in_pandas, pandas.DataFrame)
    assert str(in_pandas.first_seen.dt.tz) == "UTC"
    assert in_polars.schema["first_seen"] == polars.Datetime("us", "UTC")
    assert in_polars.schema["date"] == polars.Date
    assert in_pandas.sightings.sum() == in_polars["sightings"].sum() == 106
    stayed = (in_pandas.last_seen - in_pandas.first_seen).dt.days.max()
    assert stayed == 2249  # 14 April 2015 to 11 June 2021, of which the last day is not over


def test_nothing_stays_nothing(archive: Archive) -> None:
    table = archive.entries(sort="date").to_polars().sort("entry_id")
    [row] = table.filter(polars.col("entry_id") == "wcms-312904-en").to_dicts()
    assert (row["date"], row["absent_from"], row["language"]) == (None, None, "en")
    in_pandas = archive.entries().to_pandas().set_index("entry_id").loc["wcms-312904-en"]
    assert in_pandas[["date", "absent_from", "credit_holder"]].isna().all()


def test_one_entry_says_the_same_in_each_form(archive: Archive) -> None:
    answer = next(each for each in archive.entries() if each.entry_id == "wcms-356122-en")
    in_pandas = archive.entries().to_pandas().set_index("entry_id").loc["wcms-356122-en"]
    [in_polars] = archive.entries().to_polars().filter(entry_id="wcms-356122-en").to_dicts()
    seen = datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC)
    for row in (in_pandas, in_polars):
        assert row["title"] == answer.title
        assert row["date"] == answer.date == date(2015, 3, 17)
        assert row["first_seen"] == answer.first_seen == seen


def test_a_field_with_answers_in_some_row_is_left_out(archive: Archive) -> None:
    """The name of an office states no countries, its description does."""
    columns = archive.profile("moscow").to_polars().columns
    assert "countries" not in columns
    assert {"text", "since", "former_names"} <= set(columns)


def test_no_answers_give_a_table_without_rows(archive: Archive) -> None:
    rows = archive.search("nosuchword")
    assert (len(rows.to_pandas()), rows.to_polars().height) == (0, 0)


def test_groups_are_counted_as_the_command_counts_them(archive: Archive) -> None:
    table = archive.entries().to_polars().drop_nulls("credit_holder")
    [crozet] = table.group_by("credit_holder").len().filter(credit_holder="M. Crozet").to_dicts()
    assert crozet["len"] == 3
    assert len(archive.captures().to_pandas()) == SAMPLE_CAPTURES
    assert len(archive.entries().to_pandas()) == SAMPLE_ENTRIES


@pytest.mark.parametrize(("module", "method"), [("pandas", "to_pandas"), ("polars", "to_polars")])
def test_without_the_library_an_import_error_says_which(
    archive: Archive, monkeypatch: pytest.MonkeyPatch, module: str, method: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=module):
        getattr(archive.entries(), method)()
