"""The archive as a whole: opened for reading, under any path, while a writer is at work."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from ilo_archive import Archive, read_page
from ilo_archive.archive.database import ArchiveMismatch
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from ilo_archive.queries.connection import NoArchive
from tests.support.answers import ids
from tests.support.build import NOW, a_page, a_snapshot, an_archive, news, ymd

FIXTURES = Path(__file__).parent / "fixtures" / "moscow"


@pytest.mark.parametrize(
    "statement",
    ["DELETE FROM entry", "CREATE TABLE cats (name)", "UPDATE capture SET state = 'x'", "VACUUM"],
)
def test_an_archive_is_open_for_reading_only(home: Path, statement: str) -> None:
    path = an_archive(home, a_snapshot("2015", a_page(news(1))))
    with Archive(path) as archive:
        with pytest.raises(OperationalError, match=r"read.?only|locked"):
            archive._file.rows(statement)
        archive._file.connection.rollback()
        assert ids(archive.entries()) == ["wcms-1-en"]


def test_queries_work_while_a_writer_has_the_file_open(home: Path) -> None:
    writer = ArchiveWriter(home, registry())
    writer.record(a_snapshot("201501", a_page(news(1))), writer.start_run("test", NOW))
    try:
        with Archive(home / "archive.sqlite") as archive:
            assert ids(archive.entries()) == ["wcms-1-en"]
            writer.record(a_snapshot("201502", a_page(news(2))), 1)
            assert ids(archive.entries()) == ["wcms-1-en", "wcms-2-en"]
            with closing(sqlite3.connect(home / "archive.sqlite", isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                other.execute("DELETE FROM entry")
                assert len(archive.entries()) == 2
                assert len(archive.search("item")) == 2
                other.execute("ROLLBACK")
    finally:
        writer.close()


@pytest.mark.parametrize("name", ["a b", "a?b", "a#b", "a%41b", "a'b", "москва", "a&mode=rwc", ";"])
def test_a_home_may_have_any_path(tmp_path: Path, name: str) -> None:
    path = an_archive(tmp_path / name, a_snapshot("2015", a_page(news(1))))
    assert path.is_file()
    with Archive(path) as archive:
        assert ids(archive.entries()) == ["wcms-1-en"]
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_opening_a_missing_archive_names_the_command_that_makes_one(tmp_path: Path) -> None:
    with pytest.raises(NoArchive, match="ingest"):
        Archive(tmp_path / "archive.sqlite")
    with pytest.raises(NoArchive):
        Archive(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_an_archive_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "archive.sqlite"
    path.write_text("no database at all, but long enough to look like one" * 100)
    with pytest.raises(ArchiveMismatch):
        Archive(path)
    path.write_bytes(b"")
    with pytest.raises(ArchiveMismatch):
        Archive(path)
    path.unlink()
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE cats (name)")
    with pytest.raises(ArchiveMismatch, match="something else"):
        Archive(path)


def test_the_example_of_the_contract_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_archive(tmp_path / "data", a_snapshot("201504", a_page(news(1, "Seminar opens"))))
    monkeypatch.chdir(tmp_path)
    titles = []
    with Archive("data/archive.sqlite") as archive:
        for entry in archive.entries(office="moscow", as_of="2015-05-01"):
            titles.append((entry.date, entry.title))  # noqa: PERF401 - the example
    assert titles == [(ymd("2015-01-01"), "Seminar opens")]
    html_bytes = (FIXTURES / "20150414103217.html").read_bytes()
    page = read_page(html_bytes, url="http://www.ilo.org/moscow/lang--en/index.htm")
    assert page.office == "ILO DWT and Country Office for Eastern Europe and Central Asia"
    assert [entry.link for _, entry in page.entries][:1] != [None]
