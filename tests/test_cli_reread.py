"""`reread`: what is shown, what is recorded, and that it ends in a fresh archive's rows."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from ilo_archive.maintenance.reread import reread
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.page import READER_VERSION
from tests.support.faults import Fault, fail, kill
from tests.support.homes import (
    assert_same_archive,
    bring_back,
    column,
    contents,
    copy_home,
    damage,
    kept,
    query,
)
from tests.support.paths import SAMPLE
from tests.support.run import Outcome, end, run, start_module

pytestmark = pytest.mark.slow

CAPTURES = 14
RECORDS = "INSERT INTO capture *"
"""The first statement of the transaction that records fifty captures."""
INTERRUPT = Fault("statement", 1, "before", "interrupt", matching=RECORDS)
NO_PAGE = "20170823140912"
"""The archived 503: no reader makes anything else of it."""


@pytest.fixture(scope="module")
def home_of_older_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("older")
    program = ("tests.support.older_reader", "--home", home, "ingest", SAMPLE)
    assert end(start_module(*program)).code == 0
    return home


@pytest.fixture
def older_home(home_of_older_reader: Path, tmp_path: Path) -> Path:
    """The sample as an older_home, worse reader read it."""
    return copy_home(home_of_older_reader, tmp_path / "older")


def printed(ran: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


# -- without --apply ----------------------------------------------------------------------


def test_nothing_is_printed_for_readings_of_the_present_reader(sample_home: Path) -> None:
    for format_, nothing in (("text", ""), ("jsonl", ""), ("json", "[]\n")):
        ran = run(sample_home, "reread", "--format", format_)
        assert (ran.code, ran.out) == (0, nothing)
        assert f"{CAPTURES} captures read by reader {READER_VERSION}: 0 would change" in ran.err


def test_nothing_changes_without_apply(older_home: Path) -> None:
    before = contents(older_home), query(older_home, "SELECT * FROM runs")
    held = (older_home / "archive.sqlite").read_bytes()
    assert run(older_home, "reread").code == 0
    assert (contents(older_home), query(older_home, "SELECT * FROM runs")) == before
    assert (older_home / "archive.sqlite").read_bytes() == held


def test_old_and_new_values_are_printed_together(older_home: Path) -> None:
    lines = run(older_home, "reread").out.splitlines()
    assert lines[0].startswith("20150414103217-")
    assert lines[0].endswith(f"moscow en 2015-04-14T10:32:17Z  (reader 0, now {READER_VERSION})")
    assert lines[1:4] == ["  page", "    description", "      - (none)"]
    school = lines.index("  News 4 (wcms-356122)")
    assert lines[school + 1 : school + 7] == [
        "    section",
        "      - (none)",
        "      + News",
        "    title",
        "      - FNPR-ILO ARCTIC TRADE UNION SCHOOL",
        "      + FNPR-ILO Arctic trade union school",
    ]
    assert "  News 5 (wcms-349720) appears" in lines


def test_the_json_lines_are_the_json_list(older_home: Path) -> None:
    lines = printed(run(older_home, "reread", "--format", "jsonl"))
    assert json.loads(run(older_home, "reread", "--format", "json").out) == lines
    assert len(lines) == CAPTURES - 1
    assert lines[0]["reader"] == {"old": 0, "new": READER_VERSION}
    assert [line["captured_at"] for line in lines] == sorted(line["captured_at"] for line in lines)
    assert NO_PAGE not in {line["capture_id"][:14] for line in lines}


def test_the_number_of_workers_does_not_change_the_output(older_home: Path) -> None:
    alone, together = run(older_home, "reread"), run(older_home, "reread", "--workers", "2")
    assert together == alone
    assert together.out


def test_office_limits_the_captures_read(older_home: Path) -> None:
    assert run(older_home, "reread", "--office", "rome").out == ""
    assert run(older_home, "reread", "--office", "moscow") == run(older_home, "reread")
    assert run(older_home, "reread", "--office", "atlantis").code == 2


def test_a_capture_kept_as_a_revisit_is_read_through_the_first_of_its_bytes(
    older_home: Path,
) -> None:
    dates = {record.date for record in kept(older_home) if record.kind == "revisit"}
    assert dates
    with Archive(older_home / "archive.sqlite") as archive:
        found = {
            each.stored.capture.timestamp: each for each in reread(archive, older_home / "warc")
        }
    for date in dates:
        one = found["".join(filter(str.isdigit, date))]
        assert one.stored.original.offset < one.stored.position.offset
        assert getattr(one, "changes", None)


# -- with --apply -------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_apply_makes_the_archive_that_a_fresh_ingest_makes(
    older_home: Path, sample_home: Path, workers: str
) -> None:
    assert set(column(older_home, "SELECT reader FROM captures")) == {0}
    shown = run(older_home, "reread").out
    ran = run(older_home, "reread", "--apply", "--workers", workers)
    assert (ran.code, ran.out) == (0, shown)
    assert_same_archive(older_home, sample_home)
    assert set(column(older_home, "SELECT reader FROM captures")) == {READER_VERSION}
    assert damage(older_home) == []
    again = run(older_home, "reread", "--apply")
    assert (again.code, again.out) == (0, "")


def test_each_run_of_reread_is_recorded_in_runs(older_home: Path) -> None:
    run(older_home, "reread", "--apply")
    run(older_home, "reread", "--apply")
    sql = "SELECT command, outcome, captures, failed FROM runs ORDER BY id"
    assert [tuple(row.values()) for row in query(older_home, sql)] == [
        ("ingest", "finished", CAPTURES, 1),
        ("reread", "finished", CAPTURES, 1),
        ("reread", "finished", 0, 0),
    ]


@pytest.mark.parametrize("schema", ["0001", "0002"])
def test_apply_migrates_an_archive_of_an_earlier_schema(
    older_home: Path, sample_home: Path, schema: str
) -> None:
    bring_back(older_home / "archive.sqlite", schema)
    ran = run(older_home, "reread")
    assert (ran.code, ran.out) == (2, "")
    assert "reread --apply" in ran.err
    assert run(older_home, "reread", "--apply").code == 0
    assert_same_archive(older_home, sample_home)
    assert damage(older_home) == []


def test_a_charset_missing_from_an_old_archive_is_printed_and_recorded(
    sample_home: Path, tmp_path: Path
) -> None:
    home = copy_home(sample_home, tmp_path / "charsets")
    bring_back(home / "archive.sqlite", "0002")
    assert run(home, "ingest", SAMPLE).code == 0
    assert column(home, "SELECT count(*) FROM captures WHERE charset IS NOT NULL") == [0]
    russian = next(each for each in printed(run(home, "reread", "--format", "jsonl"))
                   if each["captured_at"] == "2015-04-14T10:33:55Z")  # fmt: skip
    assert [(each["field"], each["old"], each["new"]) for each in russian["changes"]] == [
        ("charset", None, "cp1251"),
        ("charset_reason", None, "meta"),
    ]
    assert "charset\n      - (none)\n      + cp1251\n" in run(home, "reread").out
    assert run(home, "reread", "--apply").code == 0
    assert_same_archive(home, sample_home)


# -- ended before its end -----------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_run_reports_it_and_the_next_completes_it(
    older_home: Path, sample_home: Path, workers: str
) -> None:
    ran = fail(older_home, INTERRUPT, "reread", "--apply", "--workers", workers)
    assert ran.code == 130
    assert ran.err.strip() == "ilo-archive: interrupted, state saved"
    assert column(older_home, "SELECT outcome FROM runs") == ["finished", "shutdown"]
    assert column(older_home, "SELECT count(*) FROM captures WHERE reader > 0") == [0]
    assert run(older_home, "reread", "--apply").code == 0
    assert_same_archive(older_home, sample_home)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("statement", 1, "before", matching=RECORDS),
        Fault("commit", 1, "after", matching="UPDATE run SET captures*"),
        Fault("statement", 1, "after", matching="UPDATE wording *"),
        Fault("statement", 1, "before", matching="INSERT INTO entry *"),
        Fault("statement", 1, "before", matching="UPDATE run SET *outcome=? WHERE run.id*"),
    ],
    ids=str,
)
def test_a_killed_run_leaves_no_process_and_the_next_run_completes_it(
    older_home: Path, sample_home: Path, fault: Fault
) -> None:
    # A process that stayed would hold the pipe that the test reads to its end.
    kill(older_home, fault, "reread", "--apply", "--workers", "2")
    assert run(older_home, "reread", "--apply").code == 0
    assert_same_archive(older_home, sample_home)
    assert damage(older_home) == []
    assert column(older_home, "SELECT outcome FROM runs") == ["finished", "killed", "finished"]


def test_apply_exits_with_6_while_another_run_holds_the_lock(older_home: Path) -> None:
    with FileLock(older_home / ".lock"):
        assert run(older_home, "reread", "--apply").code == 6
        assert run(older_home, "reread").code == 0


@pytest.mark.parametrize("more", [(), ("--apply",)])
def test_without_an_archive_reread_makes_none(tmp_path: Path, more: tuple[str, ...]) -> None:
    ran = run(tmp_path / "none", "reread", *more)
    assert ran.code == 2
    assert "no archive" in ran.err
    assert not (tmp_path / "none").exists()


# -- bytes that are lost ------------------------------------------------------------------

STORE = Path("warc", "captures-00001.warc.gz")


def test_a_damaged_capture_is_reported_and_the_others_are_read(
    older_home: Path, sample_home: Path
) -> None:
    hurt = query(older_home, "SELECT * FROM captures ORDER BY warc_offset")[1]
    whole = (older_home / STORE).read_bytes()
    with (older_home / STORE).open("r+b") as stream:
        stream.seek(hurt["warc_offset"] + 400)
        stream.write(b"\0" * 40)
    before = query(older_home, "SELECT * FROM sightings WHERE capture_id = ?", hurt["id"])
    ran = run(older_home, "reread", "--apply", "--format", "jsonl")
    assert ran.code == 4
    assert ran.err.startswith(f"ilo-archive: lost or damaged: {hurt['id']} moscow")
    assert [line["capture_id"] for line in printed(ran) if "error" in line] == [hurt["id"]]
    assert query(older_home, "SELECT * FROM sightings WHERE capture_id = ?", hurt["id"]) == before
    left = query(older_home, "SELECT reader FROM captures WHERE id = ?", hurt["id"])
    assert left == [{"reader": 0}]
    assert column(older_home, "SELECT failed FROM runs WHERE command = 'reread'") == [2]
    (older_home / STORE).write_bytes(whole)
    assert run(older_home, "reread", "--apply").code == 0
    assert_same_archive(older_home, sample_home)


def test_readings_are_kept_if_the_store_is_missing(older_home: Path) -> None:
    before = contents(older_home)
    shutil.rmtree(older_home / "warc")
    ran = run(older_home, "reread", "--apply", "--workers", "2")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.count("ilo-archive: lost or damaged: ") == CAPTURES
    assert "Traceback" not in ran.err
    assert contents(older_home) == before
    assert not (older_home / "warc").exists()
