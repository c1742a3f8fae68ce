"""Reading again: two readings compared, and what is kept of a reading."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.capture import Capture, Fetched, Position
from ilo_archive.http import HttpMessage
from ilo_archive.maintenance.reread import RereadChange, compare_readings
from ilo_archive.queries.answers import (
    RecordedEntry,
    RecordedPage,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.warc.store import WarcStore, read_kept
from tests.support.build import NOW, a_page, a_snapshot, an_archive, an_entry, item, ymd
from tests.support.histories import entries_of_a_page
from tests.support.homes import (
    assert_same_archive,
    damage,
)

# -- two readings -------------------------------------------------------------------------

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


def test_equal_readings_have_no_changes() -> None:
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
def test_a_changed_field_of_the_page_has_old_and_new(field: str, value: str | None) -> None:
    changed: RecordedPage = replace(PAGE, **{field: value})  # type: ignore[arg-type]
    expected = RereadChange(field, getattr(PAGE, field), value)
    assert compare_readings(PAGE, changed) == (expected,)


def test_warnings_are_compared_as_one_text() -> None:
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
def test_a_changed_field_of_an_entry_names_its_entry(field: str, value: str | int | None) -> None:
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


def test_an_entry_of_one_reading_only_has_all_its_fields() -> None:
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


def test_two_entries_with_one_link_are_matched_by_their_titles() -> None:
    twin = replace(SEMINAR, title="Another", position=2)
    one, other = replace(PAGE, entries=(SEMINAR, twin)), replace(PAGE, entries=(twin, SEMINAR))
    assert compare_readings(one, other) == ()


# -- what is kept of a reading ------------------------------------------------------------


def test_a_printed_form_is_dropped_once_no_capture_has_it(home: Path) -> None:
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


def test_each_capture_keeps_its_printed_form_of_a_wording(home: Path) -> None:
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
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


# -- bytes that are lost ------------------------------------------------------------------


def test_bytes_that_do_not_match_the_digest_are_damage(home: Path) -> None:
    capture, message = a_message(b"<h1>one</h1>")
    store = WarcStore(home / "warc", NOW)
    at = store.append(Fetched(capture, message))
    store.close()
    assert read_kept(home / "warc", at, at, message.digest) == message
    with pytest.raises(ValueError, match="not the bytes"):
        read_kept(home / "warc", at, at, "A" * 32)


def a_message(body: bytes) -> tuple[Capture, HttpMessage]:
    return a_snapshot("2015", None).capture, HttpMessage(200, "OK", (), body)


@given(st.data())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_record_is_read_whole_or_refused(
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
