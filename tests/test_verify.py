"""`verify`: damage of any kind is found, and repaired where that is possible."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.answers import Ask
from tests.support.homes import column, copy_home, query
from tests.support.paths import HOMEPAGE, PAGES, SAMPLE
from tests.support.run import run
from tests.support.seeded_damages import inflict
from tests.support.tiny_archive import serving

pytestmark = pytest.mark.slow

PAGE = PAGES / "20150414103217.html"


@pytest.fixture(scope="module")
def decided_home(sample_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a decision. Tests leave it as it is."""
    home = copy_home(sample_home, tmp_path_factory.mktemp("decided") / "home")
    one, other = column(home, "SELECT entry_id FROM news ORDER BY 1 LIMIT 2")
    assert run(home, "merge", one, other).code == 0
    return home


@pytest.fixture
def own_home(decided_home: Path, tmp_path: Path) -> Path:
    """A copy to be damaged."""
    return copy_home(decided_home, tmp_path / "own")


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 16
    path.write_bytes(data)


def test_an_undamaged_home_has_no_damage(in_process: Ask, own_home: Path) -> None:
    ran = in_process("--home", own_home, "verify", "--all")
    assert (ran.code, ran.out) == (0, "")
    assert re.search(r"^29 records and all readings checked: 0 damages$", ran.err, re.MULTILINE)
    row = query(own_home, "SELECT scope, records, damages FROM verification")[0]
    assert row == {"scope": "all readings", "records": 29, "damages": 0}
    assert in_process("--home", own_home, "verify").code == 0


@pytest.mark.parametrize("seed", range(30))
def test_a_seeded_damage_is_found(in_process: Ask, own_home: Path, seed: int) -> None:
    what = inflict(own_home, seed)
    ran = in_process("--home", own_home, "verify", "--all")
    assert ran.code == 1, what
    assert ran.out, what


@pytest.mark.faults
@pytest.mark.parametrize("seed", range(30, 130))
def test_each_of_a_hundred_seeded_damages_is_found(
    in_process: Ask, own_home: Path, seed: int
) -> None:
    test_a_seeded_damage_is_found(in_process, own_home, seed)


def test_a_changed_word_is_found_without_checksums(in_process: Ask, own_home: Path) -> None:
    """As after a kill, when there are none."""
    with closing(sqlite3.connect(own_home / "archive.sqlite")) as database, database:
        database.execute("UPDATE snapshot SET description = 'Another' WHERE capture_id = 1")
    (own_home / ".archive.sqlite.sums").unlink()
    ran = in_process("--home", own_home, "verify", "--all")
    assert ran.code == 1
    assert "reading it again gives another description" in ran.out
    assert in_process("--home", own_home, "verify", "--repair").code == 0
    assert column(own_home, "SELECT count(*) FROM snapshot WHERE description = 'Another'") == [0]


def test_a_lost_database_is_damage(in_process: Ask, own_home: Path) -> None:
    (own_home / "archive.sqlite").unlink()
    ran = in_process("--home", own_home, "verify")
    assert ran.code == 1
    assert "reread --apply" in ran.out


def test_a_home_without_store_and_archive_is_wrong_use(in_process: Ask, home: Path) -> None:
    assert in_process("--home", home, "verify").code == 2


def test_records_without_rows_are_found_and_recorded(in_process: Ask, own_home: Path) -> None:
    with closing(sqlite3.connect(own_home / "archive.sqlite")) as database, database:
        key = database.execute("SELECT key FROM capture ORDER BY captured_at LIMIT 1").fetchone()[0]
        for table in ("sighting", "snapshot", "listed"):
            database.execute(
                f"DELETE FROM {table} WHERE capture_id = (SELECT id FROM capture WHERE key = ?)",
                (key,),
            )
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("DELETE FROM capture WHERE key = ?", (key,))
    ran = in_process("--home", own_home, "verify")
    assert ran.code == 1
    assert f"{key}: stored, but not recorded" in ran.out
    in_process("--home", own_home, "verify", "--repair")
    assert column(own_home, "SELECT count(*) FROM capture WHERE key = ?", key) == [1]


def test_a_lost_capture_is_marked_and_heals_when_it_is_ingested_again(own_home: Path) -> None:
    row = query(own_home, "SELECT * FROM captures WHERE captured_at LIKE '2019%'")[0]
    flip(own_home / "warc" / row["warc_file"], row["warc_offset"] + 300)
    ran = run(own_home, "verify", "--repair")
    assert ran.code == 1
    assert "marked as lost, to be fetched or ingested again: 1" in ran.err
    assert run(own_home, "ingest", SAMPLE).code == 0
    after = run(own_home, "verify", "--all")
    # The damaged record stays where it is; no capture needs it any more.
    assert [line for line in after.out.splitlines() if row["id"] in line] == []
    assert column(own_home, "SELECT count(*) FROM capture WHERE lost_at IS NOT NULL") == [0]


def test_bytes_that_cannot_be_read_are_stored_again_when_ingested_again(home: Path) -> None:
    assert run(home, "ingest", PAGE, "--url", HOMEPAGE, "--at", "2019-01-01").code == 0
    row = query(home, "SELECT * FROM captures")[0]
    flip(home / "warc" / row["warc_file"], row["warc_offset"] + 300)
    for when in ("2019-01-01", "2020-01-01"):
        ran = run(home, "ingest", PAGE, "--url", HOMEPAGE, "--at", when)
        assert (ran.code, ran.out.splitlines()[0]) == (0, "1 capture recorded: 1 read")
    assert run(home, "reread").code == 0
    assert column(home, "SELECT count(*) FROM captures WHERE state = 'read'") == [2]


def test_a_nul_run_is_named(in_process: Ask, own_home: Path) -> None:
    path = own_home / "warc" / "captures-00001.warc.gz"
    path.write_bytes(path.read_bytes() + bytes(5000))
    ran = in_process("--home", own_home, "verify")
    assert ran.code == 1
    assert "NUL" in ran.out


# -- with a web archive --------------------------------------------------------------------

STAMPS = ("20150414103217", "20151218160233")


def served() -> dict[str, bytes]:
    return {each: (PAGES / f"{each}.html").read_bytes() for each in STAMPS}


def test_lost_bytes_are_fetched_again_and_compared_with_an_archive(home: Path) -> None:
    with serving(HOMEPAGE, served()) as address:
        assert run(home, "crawl", HOMEPAGE, "--archive", address).code == 0
        same = run(home, "verify", "--against", address)
        assert same.code == 0
        assert "2 captures with the same bytes there, 0 captures with others" in same.err
        row = query(home, "SELECT * FROM captures ORDER BY captured_at")[0]
        flip(home / "warc" / row["warc_file"], row["warc_offset"] + 300)
        repaired = run(home, "verify", "--repair")
        assert "fetched again: 1 capture" in repaired.err
        assert column(home, "SELECT count(*) FROM capture WHERE lost_at IS NOT NULL") == [0]
    assert run(home, "reread").code == 0


def test_other_bytes_in_an_archive_are_named(home: Path) -> None:
    with serving(HOMEPAGE, served()) as address:
        assert run(home, "crawl", HOMEPAGE, "--archive", address).code == 0
    changed = served() | {STAMPS[0]: b"<html><h1>Another page</h1></html>"}
    with serving(HOMEPAGE, changed) as address:
        ran = run(home, "verify", "--against", address, "--sample", "2")
    assert ran.code == 1
    assert "has other bytes" in ran.out
    assert column(home, "SELECT count(*) FROM captures") == [2]
