"""The published copy: the archive as plain tables, described by the codebook."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ilo_archive.offices import Registry, registry
from ilo_archive.published import build
from ilo_archive.published.build import is_current, published_copy
from ilo_archive.published.codebook import Table, tables
from ilo_archive.queries.archive import Archive
from tests.support.build import a_page, a_snapshot, an_archive, an_empty_archive, an_entry, item
from tests.support.homes import column, copy_home, query, rows_in_order
from tests.support.paths import SAMPLE_CAPTURES, SAMPLE_ENTRIES
from tests.support.run import run

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INDEXES_OF_FULL_TEXT = ("data", "idx", "docsize", "config")
SAME = {
    "captures": "captures",
    "entries": "news",
    "sightings": "sightings",
    "revisions": "revisions",
    "lifelines": "lifelines",
    "descriptions": "descriptions",
    "credits": "credits",
    "runs": "runs",
}
"""Tables of the copy, each with the view of the archive that has the same rows."""


@pytest.fixture(scope="module")
def home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_home(sample_home, tmp_path_factory.mktemp("published") / "home")


@pytest.fixture(scope="module")
def copy(home: Path) -> Path:
    """The published copy of the sample."""
    return published(home)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A small archive to change: its home."""
    an_archive(tmp_path, a_snapshot("2015", a_page(an_entry("Seminar", link=item(1)))))
    return tmp_path


def published(home: Path, now: datetime = NOW) -> Path:
    with Archive(home / "archive.sqlite") as opened:
        return published_copy(opened, home / "published.sqlite", now)


def current(home: Path) -> bool:
    with Archive(home / "archive.sqlite") as opened:
        return is_current(opened, home / "published.sqlite")


def names(home: Path) -> set[str]:
    """The files of a home, without those that SQLite keeps beside an archive that is read."""
    return {each.name for each in home.iterdir() if not each.name.endswith(("-wal", "-shm"))}


def about(copy: Path) -> dict[str, str]:
    return {row["name"]: row["value"] for row in query(copy, "SELECT name, value FROM about")}


# -- tables -----------------------------------------------------------------------------------


def test_it_has_the_tables_of_the_codebook_and_full_text_and_no_others(copy: Path) -> None:
    of_full_text = {
        name
        for table in ("entries_fts", "revisions_fts")
        for name in (table, *(f"{table}_{part}" for part in INDEXES_OF_FULL_TEXT))
    }
    found = set(column(copy, "SELECT name FROM sqlite_master WHERE type = 'table'"))
    assert found == {each.name for each in tables()} | of_full_text | {"sqlite_stat1"}
    assert column(copy, "SELECT name FROM sqlite_master WHERE type NOT IN ('table', 'index')") == []


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_a_table_has_the_columns_and_keys_of_the_codebook(copy: Path, table: Table) -> None:
    found = query(copy, f"SELECT name, pk FROM pragma_table_info('{table.name}')")
    assert [each["name"] for each in found] == [each.name for each in table.columns]
    assert [each["name"] for each in found if each["pk"]] == ["id"]
    keys = query(copy, f"SELECT * FROM pragma_foreign_key_list('{table.name}')")
    assert {(each["from"], each["table"], each["to"]) for each in keys} == {
        (each.name, each.references, "id") for each in table.columns if each.references
    }
    indexes = column(copy, f"SELECT name FROM pragma_index_list('{table.name}') WHERE origin = 'c'")
    assert set(indexes) == {f"{table.name}_{each.name}" for each in table.columns if each.index}


def test_every_key_leads_to_a_row(copy: Path) -> None:
    assert query(copy, "PRAGMA foreign_key_check") == []
    assert column(copy, "PRAGMA integrity_check") == ["ok"]


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_the_values_are_of_the_types_of_the_codebook(copy: Path, table: Table) -> None:
    for row in query(copy, f"SELECT * FROM {table.name}"):
        for each in table.columns:
            value = row[each.name]
            if value is not None:
                check_value(each.type, value)


def check_value(kind: str, value: Any) -> None:
    assert value != ""
    if kind in ("integer", "number"):
        assert isinstance(value, int | float)
        return
    assert isinstance(value, str)
    if kind == "date":
        date.fromisoformat(value)
    elif kind == "time":
        assert value.endswith("Z")
        datetime.fromisoformat(value)
    elif kind == "url":
        assert value.partition(":")[0] in ("http", "https"), value


@pytest.mark.parametrize(("table", "view"), SAME.items())
def test_a_table_has_a_row_for_each_of_its_view(
    home: Path, copy: Path, table: str, view: str
) -> None:
    in_archive = column(home, f"SELECT count(*) FROM {view}")
    assert column(copy, f"SELECT count(*) FROM {table}") == in_archive


def test_entries_say_the_same_as_the_view(home: Path, copy: Path) -> None:
    columns = "entry_id, language, section, kicker, title, date, date_end, summary, link,"
    columns += " credit_holder, credit_agency, first_seen, last_seen, absent_from, sightings,"
    columns += " revisions"
    select = f"SELECT {columns} FROM {{}} ORDER BY entry_id"
    assert rows_in_order(copy, select.format("entries")) == rows_in_order(
        home, select.format("news")
    )


def test_edits_are_those_that_entries_lists(home: Path, copy: Path) -> None:
    with Archive(home / "archive.sqlite") as opened:
        edits = [(each.entry_id, each.field, each.before, each.after) for each in opened.edits()]
    found = """SELECT entry_id, field, before, after
               FROM edits JOIN entries ON entries.id = edits.entry ORDER BY edits.id"""
    assert rows_in_order(copy, found) == edits
    days = "SELECT days_after_publication FROM edits ORDER BY id"
    assert column(copy, days) == [14, 72]  # 28 May to 11 June 2021, 8 April to 19 June 2015


def test_an_office_counts_what_its_captures_show(copy: Path) -> None:
    [office] = query(copy, "SELECT * FROM offices")
    counted = (office["captures"], office["good_captures"], office["entries"])
    assert counted == (SAMPLE_CAPTURES, SAMPLE_CAPTURES - 1, SAMPLE_ENTRIES)
    assert (office["slug"], office["name"]) == ("moscow", "Moscow")


# -- full text --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "entry_ids"),
    [
        ("arctic", {"wcms-356122-en"}),
        ("АРКТИЧЕСКАЯ", {"wcms-356122-ru"}),
        ('"child labour" digest', set()),
        ("bishkek", {"wcms-374655-en"}),
    ],
)
def test_full_text_finds_words_in_any_case(copy: Path, words: str, entry_ids: set[str]) -> None:
    found = """SELECT entry_id FROM entries_fts JOIN entries ON entries.id = entries_fts.rowid
               WHERE entries_fts MATCH ?"""
    assert set(column(copy, found, words)) == entry_ids


def test_full_text_of_revisions_finds_former_wordings(copy: Path) -> None:
    found = """SELECT revision_id FROM revisions_fts
               JOIN revisions ON revisions.id = revisions_fts.rowid
               WHERE revisions_fts MATCH 'title : "policy in the spotlight"'"""
    assert len(column(copy, found)) == 2


def test_full_text_finds_what_is_written_with_accents(tmp_path: Path) -> None:
    an_archive(tmp_path, a_snapshot("2015", a_page(an_entry("Café à Genève"))))
    match = "SELECT count(*) FROM entries_fts WHERE entries_fts MATCH ?"
    assert [column(published(tmp_path), match, each) for each in ("cafe geneve", "café")] == [
        [1], [1],
    ]  # fmt: skip


# -- about ------------------------------------------------------------------------------------


def test_about_says_what_the_copy_is_and_how_to_cite_it(copy: Path) -> None:
    facts = about(copy)
    assert facts["made at"] == "2026-01-02T03:04:05Z"
    assert (facts["number of captures"], facts["number of entries"]) == ("14", "48")
    assert facts["first capture"] == "2015-04-14T10:32:17Z"
    assert facts["last capture"] == "2021-06-11T09:06:44Z"
    assert facts["sources"] == "moscow.warc"
    assert "(moscow)" in facts["how to cite"]
    assert "copy of 2026-01-02" in facts["how to cite"]


def test_an_archive_without_captures_has_a_copy_without_rows(tmp_path: Path) -> None:
    an_empty_archive(tmp_path)
    copy = published(tmp_path)
    for table in tables():
        if table.name != "about":
            assert query(copy, f"SELECT * FROM {table.name}") == []
    assert about(copy)["first capture"] is None


# -- made anew only where the archive is newer ------------------------------------------------


def test_a_copy_that_is_up_to_date_is_left_alone(archive: Path) -> None:
    copy = published(archive)
    before = copy.stat()
    assert current(archive)
    published(archive, datetime(2027, 1, 1, tzinfo=UTC))
    after = copy.stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_capture_more_makes_it_anew(archive: Path) -> None:
    copy = published(archive)
    an_archive(archive, a_snapshot("2016", a_page(an_entry("Meeting", link=item(2)))))
    assert not current(archive)
    published(archive)
    assert column(copy, "SELECT title FROM entries ORDER BY id") == ["Seminar", "Meeting"]


def test_a_decision_makes_it_anew(sample_copy: Path) -> None:
    published(sample_copy)
    outcome = run(sample_copy, "merge", "wcms-374655-en", "wcms-376018-en", "--note", "a test")
    assert outcome.code == 0, outcome.err
    assert not current(sample_copy)
    copy = published(sample_copy)
    assert column(copy, "SELECT count(*) FROM entries") == [SAMPLE_ENTRIES - 1]


def test_a_verification_leaves_it_alone(sample_copy: Path) -> None:
    published(sample_copy)
    assert run(sample_copy, "verify").code == 0
    assert current(sample_copy)


@pytest.mark.parametrize("data", [b"", b"no database at all", None])
def test_what_is_no_copy_is_made_anew(archive: Path, data: bytes | None) -> None:
    copy = archive / "published.sqlite"
    if data is None:  # another database
        with closing(sqlite3.connect(copy)) as database:
            database.execute("CREATE TABLE about (name, value)")
    else:
        copy.write_bytes(data)
    assert not current(archive)
    assert column(published(archive), "SELECT title FROM entries") == ["Seminar"]


def test_a_new_name_of_an_office_makes_it_anew(archive: Path) -> None:
    copy = published(archive)
    known = registry()
    moscow = replace(known.offices["moscow"], name="Moscow and Eastern Europe")
    renamed = Registry({**known.offices, "moscow": moscow}, {})
    with Archive(archive / "archive.sqlite", renamed) as opened:
        published_copy(opened, copy, NOW)
    assert column(copy, "SELECT name FROM offices") == ["Moscow and Eastern Europe"]


def test_two_archives_of_the_same_captures_have_equal_copies(tmp_path: Path) -> None:
    pages = [
        a_snapshot(when, a_page(*(an_entry(f"Item {n}", link=item(n)) for n in numbers)))
        for when, numbers in (("2015", (1, 2)), ("2016", (2, 3)), ("2017", (3, 4)))
    ]
    an_archive(tmp_path / "one", *pages)
    an_archive(tmp_path / "other", *reversed(pages))
    one, other = (published(tmp_path / name) for name in ("one", "other"))
    for table in tables():
        if table.name not in ("about", "runs"):
            select = f"SELECT * FROM {table.name} ORDER BY id"
            assert rows_in_order(one, select) == rows_in_order(other, select), table.name


# -- written beside and renamed ---------------------------------------------------------------


def test_a_failure_leaves_the_former_copy_and_nothing_beside_it(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = published(archive)
    before = copy.read_bytes()
    an_archive(archive, a_snapshot("2016", a_page(an_entry("Meeting", link=item(2)))))
    files = names(archive)

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(build, "_insert_about", fail)
    with pytest.raises(OSError, match="No space left"):
        published(archive)
    assert copy.read_bytes() == before
    assert names(archive) == files


def test_a_reader_of_the_former_copy_keeps_it(archive: Path) -> None:
    copy = published(archive)
    with closing(sqlite3.connect(copy)) as reader:
        reading = reader.execute("SELECT title FROM entries")
        an_archive(archive, a_snapshot("2016", a_page(an_entry("Meeting", link=item(2)))))
        published(archive)
        assert reading.fetchall() == [("Seminar",)]
    assert len(column(copy, "SELECT title FROM entries")) == 2


# -- the codebook -----------------------------------------------------------------------------


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_every_table_and_column_is_described(table: Table) -> None:
    assert table.title
    assert table.row
    columns = {each.name for each in table.columns}
    for each in table.columns:
        assert each.meaning.endswith((".", ".)")), each.name
        assert each.references is None or each.references in {other.name for other in tables()}
    for name in (table.label, (table.sort or "").lstrip("-"), *table.facets):
        assert not name or name in columns


def test_numbers_have_units_except_keys_and_names(copy: Path) -> None:
    without = {"id", "status", "reader", "score"}
    for table in tables():
        for each in table.columns:
            if each.type in ("integer", "number") and not each.references:
                assert each.unit or each.name in without, (table.name, each.name)
