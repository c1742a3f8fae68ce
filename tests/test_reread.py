"""Reading again: what is shown, what is recorded, and that it ends in a fresh archive's rows."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.capture import Capture, Fetched, Position
from ilo_archive.http import HttpMessage
from ilo_archive.maintenance.reread import RereadChange, compare_readings, reread
from ilo_archive.queries.answers import (
    RecordedEntry,
    RecordedPage,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.warc.store import WarcStore, read_kept
from tests.support.build import NOW, a_page, a_snapshot, an_archive, an_entry, item, ymd
from tests.support.faults import Fault, fail, kill
from tests.support.histories import entries_of_a_page
from tests.support.homes import (
    assert_same_archive,
    bring_back,
    column,
    contents,
    damage,
    kept,
    query,
)
from tests.support.paths import SAMPLE
from tests.support.run import Outcome, end, run, start_module

CAPTURES = 14
RECORDS = "INSERT INTO capture *"
"""The first statement of the transaction that records a capture."""
INTERRUPT = Fault("statement", 4, "before", "interrupt", matching=RECORDS)
NO_PAGE = "20170823140912"
"""The archived 503: no reader makes anything else of it."""


@pytest.fixture(scope="module")
def made_by_older(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("older")
    program = ("tests.support.older_reader", "--home", home, "ingest", SAMPLE)
    assert end(start_module(*program)).code == 0
    return home


@pytest.fixture
def older(made_by_older: Path, tmp_path: Path) -> Path:
    """The sample as an older, worse reader read it."""
    return shutil.copytree(made_by_older, tmp_path / "older")


def told(ran: Outcome) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.out.splitlines()]


# -- two readings --------------------------------------------------------------------------

SEMINAR = RecordedEntry(
    section="News", position=1, kicker=None, title="Seminar opens", dateline="14 April 2015",
    date=ymd("2015-04-14"), date_end=None, place=None, summary="It opens.",
    link=item(7), image=None,
    credit=None, credit_holder=None, credit_agency=None, credit_year=None,
)  # fmt: skip
SCHOOL = replace(
    SEMINAR, position=2, title="School", dateline="2 May 2015", date=ymd("2015-05-02"),
    summary="It starts.", link=item(8),
)  # fmt: skip
PAGE = RecordedPage(
    "read", "good", None, "wcms", "en", "ILO Moscow", "It works.", (), (SEMINAR, SCHOOL)
)


def test_equal_readings_differ_in_nothing() -> None:
    assert compare_readings(PAGE, PAGE) == ()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "unreadable"),
        ("quality", "empty"),
        ("reason", "no entries found"),
        ("template", "text"),
        ("charset", "koi8-r"),
        ("charset_reason", "meta"),
        ("language", None),
        ("office", "ILO DWT"),
        ("description", "It works on."),
    ],
)
def test_a_field_of_the_page_is_told_with_old_and_new(field: str, value: str | None) -> None:
    changed: RecordedPage = replace(PAGE, **{field: value})  # type: ignore[arg-type]
    expected = RereadChange(field, getattr(PAGE, field), value)
    assert compare_readings(PAGE, changed) == (expected,)


def test_warnings_are_told_as_one_text() -> None:
    doubting = replace(PAGE, warnings=("one", "two"))
    assert compare_readings(PAGE, doubting) == (RereadChange("warnings", None, "one; two"),)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("section", "Events"),
        ("position", 3),
        ("kicker", "Moscow"),
        ("title", "Seminar closes"),
        ("dateline", "14 April 2015, Moscow"),
        ("date", None),
        ("date_end", "2015-04-15"),
        ("place", "Moscow"),
        ("summary", None),
        ("link", None),
        ("image", "http://www.ilo.org/a.jpg"),
        ("credit", "© Jo Lee 2015"),
        ("credit_holder", "Jo Lee"),
        ("credit_agency", "ILO"),
        ("credit_year", 2015),
    ],
)
def test_a_field_of_an_entry_is_told_with_its_entry(field: str, value: str | int | None) -> None:
    changed: RecordedEntry = replace(SEMINAR, **{field: value})  # type: ignore[arg-type]
    found = compare_readings(PAGE, replace(PAGE, entries=(changed, SCHOOL)))
    assert found == (
        RereadChange(
            field, getattr(SEMINAR, field), value, "differs", changed.section, changed.position,
            "wcms-7" if changed.link else None,
        ),
    )  # fmt: skip


def test_a_title_that_swallowed_the_kicker_is_the_same_entry_by_its_summary() -> None:
    old = replace(SEMINAR, title="Moscow Seminar opens", link=None)
    new = replace(SEMINAR, kicker="Moscow", link=None, position=2)
    found = compare_readings(replace(PAGE, entries=(old,)), replace(PAGE, entries=(new,)))
    assert {change.field for change in found} == {"kicker", "title", "position"}
    assert {change.kind for change in found} == {"differs"}


def test_an_entry_that_only_one_reading_has_is_told_with_all_its_fields() -> None:
    shorter = replace(PAGE, entries=(SEMINAR,))
    appears = compare_readings(shorter, PAGE)
    assert {change.kind for change in appears} == {"appears"}
    assert {change.field: change.new for change in appears} == {
        "section": "News",
        "position": 2,
        "title": "School",
        "dateline": "2 May 2015",
        "date": ymd("2015-05-02"),
        "summary": "It starts.",
        "link": item(8),
    }
    vanishes = compare_readings(PAGE, shorter)
    assert [(each.field, each.new, each.old) for each in appears] == [
        (each.field, each.old, each.new) for each in vanishes
    ]
    assert {(change.kind, change.item) for change in vanishes} == {("vanishes", "wcms-8")}


def test_two_entries_under_one_link_are_told_apart_by_their_titles() -> None:
    twin = replace(SEMINAR, title="Another", position=2)
    one, other = replace(PAGE, entries=(SEMINAR, twin)), replace(PAGE, entries=(twin, SEMINAR))
    assert compare_readings(one, other) == ()


# -- what is kept of a reading -------------------------------------------------------------


def test_a_print_is_shown_no_more_once_no_capture_has_it(home: Path) -> None:
    later = a_snapshot("2016", a_page(an_entry("Seminar", link=item(7))))
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("SEMINAR", link=item(7)))),
        later,
        a_snapshot("2015", a_page(an_entry("Else", link=item(8)))),
    )
    with Archive(path) as archive:
        titles = {entry.entry_id: entry.title for entry in archive.entries()}
    assert titles == {"wcms-7-en": "Seminar", "wcms-8-en": "Else"}
    assert damage(home) == []


def test_each_capture_keeps_its_own_print_of_a_wording(home: Path) -> None:
    prints = {"2015": "SEMINAR", "2016": "Seminar", "2014": "seminar", "2017": "Seminar"}
    pages = {when: a_page(an_entry(title)) for when, title in prints.items()}
    path = an_archive(home, *(a_snapshot(when, page) for when, page in pages.items()))
    with Archive(path) as archive:
        assert [entry.title for entry in archive.entries()] == ["seminar"]
    sql = """SELECT substr(captured_at, 1, 4), coalesce(json_extract(printed, '$[1]'), 'seminar')
             FROM sighting"""
    with closing(sqlite3.connect(path)) as database:
        assert dict(database.execute(sql)) == prints


@pytest.mark.slow
@given(st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_readings_recorded_over_others_leave_no_trace_of_them(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, 4))

    def a_history() -> list[Snapshot]:
        pages = [data.draw(entries_of_a_page()) for _ in range(number)]
        return [
            a_snapshot("2015" if month < 3 else "2016", a_page(*page) if page else None,
                       office=f"office{month}", offset=month)
            for month, page in enumerate(pages)
        ]  # fmt: skip

    worse, right = a_history(), a_history()
    over, anew = tmp_path_factory.mktemp("over"), tmp_path_factory.mktemp("anew")
    an_archive(over, *worse, *data.draw(st.permutations(right)))
    an_archive(anew, *right)
    assert_same_archive(over, anew)
    assert damage(over) == []


# -- without --apply -----------------------------------------------------------------------


def test_nothing_is_told_of_what_the_present_reader_read(sample_home: Path) -> None:
    for format_, nothing in (("text", ""), ("jsonl", ""), ("json", "[]\n")):
        ran = run(sample_home, "reread", "--format", format_)
        assert (ran.code, ran.out) == (0, nothing)
        assert f"{CAPTURES} captures read by reader {READER_VERSION}: 0 would change" in ran.err


def test_nothing_changes_without_apply(older: Path) -> None:
    before = contents(older), query(older, "SELECT * FROM runs")
    held = (older / "archive.sqlite").read_bytes()
    assert run(older, "reread").code == 0
    assert (contents(older), query(older, "SELECT * FROM runs")) == before
    assert (older / "archive.sqlite").read_bytes() == held


def test_old_and_new_stand_beside_each_other(older: Path) -> None:
    lines = run(older, "reread").out.splitlines()
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


def test_the_json_lines_are_the_json_list(older: Path) -> None:
    lines = told(run(older, "reread", "--format", "jsonl"))
    assert json.loads(run(older, "reread", "--format", "json").out) == lines
    assert len(lines) == CAPTURES - 1
    assert lines[0]["reader"] == {"old": 0, "new": READER_VERSION}
    assert [line["captured_at"] for line in lines] == sorted(line["captured_at"] for line in lines)
    assert NO_PAGE not in {line["capture_id"][:14] for line in lines}


def test_processes_tell_the_same_in_the_same_order(older: Path) -> None:
    alone, together = run(older, "reread"), run(older, "reread", "--workers", "2")
    assert together == alone
    assert together.out


def test_one_office_is_read_by_itself(older: Path) -> None:
    assert run(older, "reread", "--office", "rome").out == ""
    assert run(older, "reread", "--office", "moscow") == run(older, "reread")
    assert run(older, "reread", "--office", "atlantis").code == 2


def test_a_capture_kept_as_a_revisit_is_read_through_the_first_of_its_bytes(older: Path) -> None:
    dates = {record.date for record in kept(older) if record.kind == "revisit"}
    assert dates
    with Archive(older / "archive.sqlite") as archive:
        found = {each.stored.capture.timestamp: each for each in reread(archive, older / "warc")}
    for date in dates:
        one = found["".join(filter(str.isdigit, date))]
        assert one.stored.original.offset < one.stored.position.offset
        assert getattr(one, "changes", None)


# -- with --apply --------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_what_is_recorded_is_what_a_fresh_archive_holds(
    older: Path, sample_home: Path, workers: str
) -> None:
    assert set(column(older, "SELECT reader FROM captures")) == {0}
    shown = run(older, "reread").out
    ran = run(older, "reread", "--apply", "--workers", workers)
    assert (ran.code, ran.out) == (0, shown)
    assert_same_archive(older, sample_home)
    assert set(column(older, "SELECT reader FROM captures")) == {READER_VERSION}
    assert damage(older) == []
    again = run(older, "reread", "--apply")
    assert (again.code, again.out) == (0, "")


def test_a_run_of_reread_has_its_row(older: Path) -> None:
    run(older, "reread", "--apply")
    run(older, "reread", "--apply")
    sql = "SELECT command, outcome, captures, failed FROM runs ORDER BY id"
    assert [tuple(row.values()) for row in query(older, sql)] == [
        ("ingest", "finished", CAPTURES, 1),
        ("reread", "finished", CAPTURES, 1),
        ("reread", "finished", 0, 0),
    ]


@pytest.mark.parametrize("schema", ["0001", "0002"])
def test_an_archive_of_an_earlier_schema_is_brought_up_to_date(
    older: Path, sample_home: Path, schema: str
) -> None:
    bring_back(older / "archive.sqlite", schema)
    ran = run(older, "reread")
    assert (ran.code, ran.out) == (2, "")
    assert "reread --apply" in ran.err
    assert run(older, "reread", "--apply").code == 0
    assert_same_archive(older, sample_home)
    assert damage(older) == []


def test_a_charset_that_was_not_kept_is_told_and_recorded(
    sample_home: Path, tmp_path: Path
) -> None:
    home = shutil.copytree(sample_home, tmp_path / "charsets")
    bring_back(home / "archive.sqlite", "0002")
    assert run(home, "ingest", SAMPLE).code == 0
    assert column(home, "SELECT count(*) FROM captures WHERE charset IS NOT NULL") == [0]
    russian = next(each for each in told(run(home, "reread", "--format", "jsonl"))
                   if each["captured_at"] == "2015-04-14T10:33:55Z")  # fmt: skip
    assert [(each["field"], each["old"], each["new"]) for each in russian["changes"]] == [
        ("charset", None, "cp1251"),
        ("charset_reason", None, "meta"),
    ]
    assert "charset\n      - (none)\n      + cp1251\n" in run(home, "reread").out
    assert run(home, "reread", "--apply").code == 0
    assert_same_archive(home, sample_home)


# -- ended before its end ------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_interrupted_run_says_so_and_the_next_completes_it(
    older: Path, sample_home: Path, workers: str
) -> None:
    ran = fail(older, INTERRUPT, "reread", "--apply", "--workers", workers)
    assert ran.code == 130
    assert ran.err.strip() == "ilo-archive: interrupted, state saved"
    assert column(older, "SELECT outcome FROM runs") == ["finished", "shutdown"]
    assert column(older, "SELECT count(*) FROM captures WHERE reader > 0") == [3]
    assert run(older, "reread", "--apply").code == 0
    assert_same_archive(older, sample_home)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("statement", 1, "before", matching=RECORDS),
        Fault("commit", 5, "after", matching="UPDATE run SET captures*"),
        Fault("statement", 3, "after", matching="UPDATE wording *"),
        Fault("statement", 7, "before", matching="INSERT INTO entry *"),
        Fault("statement", 1, "before", matching="UPDATE run SET *outcome=? WHERE run.id*"),
    ],
    ids=str,
)
@pytest.mark.slow
def test_a_killed_run_leaves_no_process_and_run_again_is_as_if_undisturbed(
    older: Path, sample_home: Path, fault: Fault
) -> None:
    # A process that stayed would hold the pipe that the test reads to its end.
    kill(older, fault, "reread", "--apply", "--workers", "2")
    assert run(older, "reread", "--apply").code == 0
    assert_same_archive(older, sample_home)
    assert damage(older) == []
    assert column(older, "SELECT outcome FROM runs") == ["finished", "killed", "finished"]


def test_a_home_that_another_run_holds_is_left_alone(older: Path) -> None:
    with FileLock(older / ".lock"):
        assert run(older, "reread", "--apply").code == 6
        assert run(older, "reread").code == 0


@pytest.mark.parametrize("more", [(), ("--apply",)])
def test_where_no_archive_is_none_is_made(tmp_path: Path, more: tuple[str, ...]) -> None:
    ran = run(tmp_path / "none", "reread", *more)
    assert ran.code == 2
    assert "no archive" in ran.err
    assert not (tmp_path / "none").exists()


# -- bytes that are lost -------------------------------------------------------------------

STORE = Path("warc", "captures-00001.warc.gz")


def test_a_damaged_capture_is_named_and_the_others_go_on(older: Path, sample_home: Path) -> None:
    hurt = query(older, "SELECT * FROM captures ORDER BY warc_offset")[1]
    whole = (older / STORE).read_bytes()
    with (older / STORE).open("r+b") as stream:
        stream.seek(hurt["warc_offset"] + 400)
        stream.write(b"\0" * 40)
    before = query(older, "SELECT * FROM sightings WHERE capture_id = ?", hurt["id"])
    ran = run(older, "reread", "--apply", "--format", "jsonl")
    assert ran.code == 4
    assert ran.err.startswith(f"ilo-archive: lost or damaged: {hurt['id']} moscow")
    assert [line["capture_id"] for line in told(ran) if "error" in line] == [hurt["id"]]
    assert query(older, "SELECT * FROM sightings WHERE capture_id = ?", hurt["id"]) == before
    left = query(older, "SELECT reader FROM captures WHERE id = ?", hurt["id"])
    assert left == [{"reader": 0}]
    assert column(older, "SELECT failed FROM runs WHERE command = 'reread'") == [2]
    (older / STORE).write_bytes(whole)
    assert run(older, "reread", "--apply").code == 0
    assert_same_archive(older, sample_home)


def test_bytes_that_are_not_those_of_the_digest_are_damage(home: Path) -> None:
    capture, message = a_message(b"<h1>one</h1>")
    store = WarcStore(home / "warc", NOW)
    at = store.append(Fetched(capture, message))
    store.close()
    assert read_kept(home / "warc", at, at, message.digest) == message
    with pytest.raises(ValueError, match="not the bytes"):
        read_kept(home / "warc", at, at, "A" * 32)


def a_message(body: bytes) -> tuple[Capture, HttpMessage]:
    return a_snapshot("2015", None).capture, HttpMessage(200, "OK", (), body)


def test_a_store_that_is_gone_costs_no_reading(older: Path) -> None:
    before = contents(older)
    shutil.rmtree(older / "warc")
    ran = run(older, "reread", "--apply", "--workers", "2")
    assert (ran.code, ran.out) == (4, "")
    assert ran.err.count("ilo-archive: lost or damaged: ") == CAPTURES
    assert "Traceback" not in ran.err
    assert contents(older) == before
    assert not (older / "warc").exists()


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_the_store_holds_a_record_is_read_whole_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("store")
    capture, message = a_message(b"<h1>ILO Moscow</h1>" * 20)
    store = WarcStore(folder, NOW)
    at = store.append(Fetched(capture, message))
    store.close()
    record = bytearray((folder / at.file).read_bytes()[at.offset :])
    if data.draw(st.booleans()):
        record = bytearray(gzip.decompress(record))
    start_, length = data.draw(st.integers(0, len(record) - 1)), data.draw(st.integers(0, 60))
    record[start_ : start_ + length] = data.draw(st.binary(max_size=60))
    (folder / at.file).write_bytes(record)
    at = Position(at.file, 0, len(record))
    with suppress(ValueError):
        assert read_kept(folder, at, at, message.digest).body == message.body
