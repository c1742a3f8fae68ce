"""Archives of earlier schemas: migrated, with a backup, and with the same answers."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from ilo_archive.archive import database
from ilo_archive.archive.database import SCHEMA_REVISION, ArchiveMismatch
from ilo_archive.archive.tables import metadata
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.offices import registry
from ilo_archive.queries.archive import (
    Archive,
)
from tests.support.contract import CONTRACT
from tests.support.disks import mounted, resize
from tests.support.homes import column, damage, query
from tests.support.paths import SAMPLE
from tests.support.run import run
from tests.support.stored_archives import dump, restore, stored

pytestmark = pytest.mark.slow

EARLIER = ("0001", "0002", "0003")
"""The schemas of releases, each with its stored archive."""


def old_archive(home: Path, schema: str) -> Path:
    home.mkdir(parents=True, exist_ok=True)
    path = home / "archive.sqlite"
    restore(schema, path)
    return path


def bring_up_to_date(home: Path) -> None:
    ArchiveWriter(home, registry()).close()


def answers(home: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every view that the earlier archives have, in the columns of the contract."""
    return {
        view: sorted(query(home, f"SELECT {names} FROM {view}"), key=repr)
        for view, names in CONTRACT.items()
        if view != "lifelines"  # since 0006
    }


def files(home: Path) -> dict[str, str]:
    """The digest of each file of a home except the lock and the log of SQLite."""
    found = (
        path
        for path in home.iterdir()
        if path.suffix not in (".sqlite-wal", ".sqlite-shm", ".sums")
    )
    found = (path for path in found if path.name != ".lock" and path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def schema(path: Path) -> str:
    with closing(sqlite3.connect(path)) as database:
        return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_every_earlier_schema_has_its_stored_archive() -> None:
    present = [] if SCHEMA_REVISION not in stored() else [SCHEMA_REVISION]
    assert stored() == [*(each for each in EARLIER if each != SCHEMA_REVISION), *present]


@pytest.mark.parametrize("earlier", EARLIER)
def test_a_stored_archive_has_the_captures_and_entries_of_the_sample(
    tmp_path: Path, earlier: str
) -> None:
    old_archive(tmp_path, earlier)
    assert schema(tmp_path / "archive.sqlite") == earlier
    assert column(tmp_path, "SELECT count(*) FROM captures") == [14]
    assert column(tmp_path, "SELECT count(*) FROM news") == [48]
    assert damage(tmp_path) == []


@pytest.mark.parametrize("earlier", EARLIER)
def test_an_archive_of_an_earlier_schema_answers_as_before(tmp_path: Path, earlier: str) -> None:
    old_archive(tmp_path, earlier)
    before = answers(tmp_path)
    bring_up_to_date(tmp_path)
    assert schema(tmp_path / "archive.sqlite") == SCHEMA_REVISION
    assert answers(tmp_path) == before
    assert damage(tmp_path) == []
    with Archive(tmp_path / "archive.sqlite") as archive:
        assert len(archive.entries()) == 48
        assert archive.story("wcms-359871-en").item.revisions == 2
        assert [each.entry_id for each in archive.search("Arctic trade union school")] == [
            "wcms-356122-en"
        ]


@pytest.mark.parametrize("earlier", EARLIER)
def test_migrated_tables_equal_those_of_a_new_archive(tmp_path: Path, earlier: str) -> None:
    old_archive(tmp_path / "old", earlier)
    for home in (tmp_path / "old", tmp_path / "new"):
        bring_up_to_date(home)
    assert len(metadata.tables) > 10
    for table in metadata.tables:
        assert query(tmp_path / "new", f"SELECT * FROM pragma_table_info('{table}')")
        for what in ("table_info", "index_list", "foreign_key_list"):
            sql = f"SELECT * FROM pragma_{what}('{table}')"
            old, new = query(tmp_path / "old", sql), query(tmp_path / "new", sql)
            kept = ("name", "type", "notnull", "pk", "unique", "from", "to")
            assert [{k: row.get(k) for k in kept} for row in sorted(old, key=_named)] == [
                {k: row.get(k) for k in kept} for row in sorted(new, key=_named)
            ]


def _named(row: dict[str, Any]) -> str:
    return str(row.get("name") or row.get("from"))


@pytest.mark.slow
@pytest.mark.parametrize("earlier", EARLIER)
def test_a_run_reports_the_backup_and_keeps_what_was_recorded(tmp_path: Path, earlier: str) -> None:
    old_archive(tmp_path, earlier)
    ran = run(tmp_path, "ingest", SAMPLE)
    assert ran.code == 4  # without its warc/, whose bytes are stored again
    assert "captures in warc/ are lost" in ran.err
    assert f"migrating the archive from schema {earlier} to {SCHEMA_REVISION};" in ran.err
    assert f"a copy of the old one is in archive.sqlite.{earlier}.bak" in ran.err
    assert "0 new entries, 0 known entries in a new wording" in ran.out
    assert column(tmp_path, "SELECT count(*) FROM news") == [48]
    assert run(tmp_path, "ingest", SAMPLE).out == "0 captures recorded; 14 recorded before\n"


# -- the copy ------------------------------------------------------------------------------


@pytest.mark.parametrize("earlier", EARLIER)
def test_a_backup_of_the_archive_is_kept(tmp_path: Path, earlier: str) -> None:
    path = old_archive(tmp_path / "home", earlier)
    before = answers(tmp_path / "home")
    bring_up_to_date(tmp_path / "home")
    copy = path.with_name(f"archive.sqlite.{earlier}.bak")
    assert sorted(files(tmp_path / "home")) == ["archive.sqlite", copy.name]
    (tmp_path / "back").mkdir()
    copy.rename(tmp_path / "back" / "archive.sqlite")
    assert schema(tmp_path / "back" / "archive.sqlite") == earlier
    assert answers(tmp_path / "back") == before
    assert damage(tmp_path / "back") == []


def test_the_backup_contains_the_write_ahead_log(tmp_path: Path) -> None:
    path = old_archive(tmp_path, EARLIER[0])
    with closing(sqlite3.connect(path)) as other:  # keeps the log from being folded in
        other.execute("UPDATE run SET command = 'late'")
        other.commit()
        bring_up_to_date(tmp_path)
    with closing(sqlite3.connect(f"{path}.{EARLIER[0]}.bak")) as copy:
        assert copy.execute("SELECT command FROM run").fetchall() == [("late",)]


def test_a_backup_is_made_once(tmp_path: Path) -> None:
    path = old_archive(tmp_path, EARLIER[0])
    bring_up_to_date(tmp_path)
    path.with_name(f"archive.sqlite.{EARLIER[0]}.bak").unlink()
    bring_up_to_date(tmp_path)
    assert sorted(files(tmp_path)) == ["archive.sqlite"]


def test_a_new_archive_has_no_backup(tmp_path: Path) -> None:
    bring_up_to_date(tmp_path)
    assert sorted(files(tmp_path)) == ["archive.sqlite"]


def test_an_unfinished_backup_of_a_killed_run_is_removed(tmp_path: Path) -> None:
    path = old_archive(tmp_path, EARLIER[0])
    for ending in ("", "-wal"):
        path.with_name(f"archive.sqlite.{EARLIER[0]}.bak.part{ending}").write_bytes(b"half")
    bring_up_to_date(tmp_path)
    copy = path.with_name(f"archive.sqlite.{EARLIER[0]}.bak")
    assert sorted(files(tmp_path)) == ["archive.sqlite", copy.name]
    assert schema(copy) == EARLIER[0]


# -- what goes wrong -----------------------------------------------------------------------


def test_a_migration_that_fails_leaves_the_archive_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_archive(tmp_path, EARLIER[0])
    before = answers(tmp_path)
    with monkeypatch.context() as patched:
        # The views come last: by then the tables have changed.
        patched.setattr(database, "_VIEWS", "CREATE VIEW news AS SELECT nothing;\n")
        with pytest.raises(OperationalError):
            bring_up_to_date(tmp_path)
    assert schema(tmp_path / "archive.sqlite") == EARLIER[0]
    assert answers(tmp_path) == before
    bring_up_to_date(tmp_path)
    assert answers(tmp_path) == before


@pytest.mark.slow
@pytest.mark.parametrize("room", ["copy", "migration"])
def test_a_full_disk_leaves_the_archive_as_it_was(tmp_path: Path, room: str) -> None:
    """Either there is no room for the copy, or for the copy and not for what changes."""
    with mounted(tmp_path / "disk", "8m"):
        home = tmp_path / "disk" / "home"
        path = old_archive(home, EARLIER[0])
        before, size = answers(home), path.stat().st_size
        left = size // 2 if room == "copy" else size + 2**16
        resize(tmp_path / "disk", f"size={(size + left) >> 10}k")
        ran = run(home, "ingest", SAMPLE)
        assert (ran.code, ran.out) == (7, "")
        assert ran.err.splitlines()[-1].startswith("ilo-archive: database or disk is full: free")
        assert not list(home.glob("*.part*"))
        assert schema(path) == EARLIER[0]
        assert answers(home) == before
        assert damage_but_for_space(home) == []
        resize(tmp_path / "disk", "size=16m")
        assert run(home, "ingest", SAMPLE).code == 4  # without its warc/
        assert schema(path) == SCHEMA_REVISION


def damage_but_for_space(home: Path) -> list[str]:
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        return [row[0] for row in database.execute("PRAGMA quick_check") if row[0] != "ok"]


@pytest.mark.parametrize("earlier", EARLIER)
def test_a_query_of_an_old_archive_changes_nothing_and_names_the_cure(
    tmp_path: Path, earlier: str
) -> None:
    old_archive(tmp_path, earlier)
    before = files(tmp_path)
    ran = run(tmp_path, "entries")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"ilo-archive: the archive has schema {earlier}, older than this program: `ingest`,"
        " `crawl` or `reread --apply` brings it up to date\n"
    )
    assert files(tmp_path) == before


@pytest.mark.slow
@pytest.mark.parametrize("later", ["9999", "10000", "beef01"])
@pytest.mark.parametrize(
    "command", [["entries"], ["status"], ["reread", "--apply"], ["ingest", str(SAMPLE)]]
)
def test_an_archive_newer_than_the_program_is_refused_with_one_line(
    tmp_path: Path, command: list[str], later: str
) -> None:
    path = old_archive(tmp_path, EARLIER[-1])
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = ?", (later,))
    before = files(tmp_path)
    ran = run(tmp_path, *command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"ilo-archive: the archive has schema {later}, newer than this program\n"
    assert files(tmp_path) == before


def test_the_api_refuses_what_the_commands_refuse(tmp_path: Path) -> None:
    path = old_archive(tmp_path, EARLIER[0])
    with pytest.raises(ArchiveMismatch, match="older than this program"):
        Archive(path)


def test_an_archive_of_the_present_schema_can_be_stored(sample_home: Path, tmp_path: Path) -> None:
    """Every table with all its rows, those without a rowid too."""
    source, copy = sample_home / "archive.sqlite", tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(copy)) as database:
        database.executescript("\n".join(dump(source)))
        copied = [*database.execute("SELECT * FROM clue ORDER BY 1, 2")]
        number = database.execute("SELECT count(*) FROM sighting").fetchone()
    with closing(sqlite3.connect(source)) as database:
        assert copied == [*database.execute("SELECT * FROM clue ORDER BY 1, 2")]
        assert number == database.execute("SELECT count(*) FROM sighting").fetchone()
    assert copied
