"""Recording captures: entries, counts, listed captures; the order does not matter."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from ilo_archive.archive.writer import ArchiveLocked, ArchiveWriter
from ilo_archive.capture import Capture, Failure, NotFetched
from ilo_archive.offices import registry
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import NOW, a_page, a_snapshot, an_archive, an_entry, item
from tests.support.histories import histories
from tests.support.homes import contents, entry_ids, rows

# -- one entry is one entry ---------------------------------------------------------------


def test_an_item_number_is_one_entry_under_any_title_date_and_host(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("Old title", "2015-01-01", link=item(7)))),
        a_snapshot("2016", a_page(an_entry("New title", "2015-01-02", link=item(7)))),
        a_snapshot(
            "2017", a_page(an_entry("New title", "2015-01-02", link="http://ilo.ch/WCMS_7"))
        ),
    )
    assert entry_ids(path) == ["wcms-7-en"]
    assert rows(path, "SELECT title, sightings, revisions FROM news") == [("New title", 3, 2)]


def test_two_item_numbers_are_two_entries_under_one_title_and_date(home: Path) -> None:
    twins = a_page(an_entry(link=item(7)), an_entry(link=item(8), position=2))
    assert entry_ids(an_archive(home, a_snapshot("2015", twins))) == ["wcms-7-en", "wcms-8-en"]


def test_a_text_without_links_joins_the_entry_of_its_date_and_title(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("“Seminar”  opens"))),
        a_snapshot("2016", a_page(an_entry('"Seminar" opens', link=item(7)))),
    )
    assert entry_ids(path) == ["wcms-7-en"]
    assert rows(path, "SELECT revisions, sightings FROM news") == [(1, 2)]


def test_a_text_that_fits_two_items_joins_neither(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry())),
        a_snapshot("2016", a_page(an_entry(link=item(7)), an_entry(link=item(8), position=2))),
    )
    assert len(entry_ids(path)) == 3


def test_one_title_years_apart_is_two_entries(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2018", a_page(an_entry("World Day", "2018-06-12"))),
        a_snapshot("2019", a_page(an_entry("World Day", "2019-06-12"))),
    )
    assert len(entry_ids(path)) == 2


def test_a_translation_is_an_entry_of_its_own(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(link=item(7)))),
        a_snapshot("2015", a_page(an_entry(link=item(7, "ru")), language="ru"), language="ru"),
    )
    assert entry_ids(path) == ["wcms-7-en", "wcms-7-ru"]


def test_two_links_on_one_page_are_two_entries_whatever_their_titles(home: Path) -> None:
    page = a_page(
        an_entry(link="http://www.ilo.org/a"), an_entry(link="http://www.ilo.org/b", position=2)
    )
    assert len(entry_ids(an_archive(home, a_snapshot("2015", page)))) == 2


def test_a_link_that_changed_between_captures_is_one_entry_by_date_and_title(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(link=item(7)))),
        a_snapshot("2024", a_page(an_entry(link="https://www.ilo.org/resource/news/seminar"))),
    )
    assert entry_ids(path) == ["wcms-7-en"]


def test_an_undated_title_is_one_entry_at_one_office_and_two_at_two(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("Guide", None))),
        a_snapshot("2016", a_page(an_entry("Guide", None))),
        a_snapshot("2016", a_page(an_entry("Guide", None)), office="rome"),
    )
    assert rows(path, "SELECT office, sightings FROM news") == [("moscow", 2), ("rome", 1)]


# -- holders ------------------------------------------------------------------------------


def test_the_charset_of_a_reading_and_its_reason_are_stored(home: Path) -> None:
    page = replace(a_page(an_entry()), charset=Charset("cp1251", "detected"))
    path = an_archive(home, a_snapshot("2015", page), a_snapshot("2016", None))
    assert rows(path, "SELECT charset, charset_reason, reader FROM captures") == [
        ("cp1251", "detected", READER_VERSION),
        (None, None, READER_VERSION),
    ]


# -- the same whatever the order, and again -----------------------------------------------

# Raises where the index differs from the wordings (https://sqlite.org/fts5.html, 6.4).
INDEX_FITS = "INSERT INTO wording_fts (wording_fts, rank) VALUES ('integrity-check', 1)"


@pytest.mark.slow
@given(histories())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_captures_and_their_repetition_do_not_matter(
    tmp_path_factory: pytest.TempPathFactory, history: tuple[list[Snapshot], list[Snapshot]]
) -> None:
    straight, shuffled = history
    one = an_archive(tmp_path_factory.mktemp("one"), *straight)
    other = an_archive(tmp_path_factory.mktemp("other"), *shuffled)
    assert contents(one) == contents(other)
    for path in (one, other):
        assert rows(path, INDEX_FITS) == []


def test_a_later_reading_of_a_capture_replaces_the_earlier_one(home: Path) -> None:
    wrong = a_snapshot("2015", a_page(an_entry("Mistaken"), an_entry("Kept", position=2)))
    right = a_snapshot("2015", a_page(an_entry("Kept"), an_entry("Found", position=2)))
    path = an_archive(home, wrong, right)
    fresh = an_archive(home / "fresh", right)
    assert contents(path) == contents(fresh)
    with Archive(path) as archive:
        assert archive.search("mistaken") == []


# -- the ledger ---------------------------------------------------------------------------


@pytest.fixture
def writer(home: Path) -> Iterator[ArchiveWriter]:
    writer = ArchiveWriter(home, registry())
    yield writer
    writer.close()


def test_a_listed_capture_waits_until_it_is_recorded(writer: ArchiveWriter) -> None:
    snapshot = a_snapshot("2015", a_page(an_entry()))
    assert writer.list_captures([snapshot.capture]) == [snapshot.capture]
    assert writer.list_captures([snapshot.capture]) == [snapshot.capture]
    writer.record(snapshot, writer.start_run("test", NOW))
    assert writer.list_captures([snapshot.capture]) == []


def test_a_failed_capture_is_a_row_with_its_reason_and_waits(
    writer: ArchiveWriter, home: Path
) -> None:
    capture = a_snapshot("2015", None).capture
    writer.record_failure(
        NotFetched(capture, Failure.NO_ANSWER, "no answer"), writer.start_run("test", NOW)
    )
    assert rows(home / "archive.sqlite", "SELECT state, reason FROM captures") == [
        ("failed", "no answer")
    ]
    assert writer.list_captures([capture]) == [capture]


def test_a_capture_the_archive_refuses_is_not_requested_again(writer: ArchiveWriter) -> None:
    capture = a_snapshot("2015", None).capture
    refusal = NotFetched(capture, Failure.OTHER_CAPTURE, "the archive redirects")
    writer.record_failure(refusal, writer.start_run("test", NOW))
    assert writer.list_captures([capture]) == []


def test_a_run_that_never_ended_is_recorded_as_killed(writer: ArchiveWriter, home: Path) -> None:
    writer.start_run("crawl", NOW)
    writer.end_run(writer.start_run("crawl", NOW), "finished", NOW)
    outcomes = rows(home / "archive.sqlite", "SELECT id, outcome FROM runs")
    assert outcomes == [(1, "killed"), (2, "finished")]


def test_a_second_writer_is_refused(writer: ArchiveWriter, home: Path) -> None:
    with pytest.raises(ArchiveLocked, match="another run"):
        ArchiveWriter(home, registry())


# -- captures that are listed without a digest --------------------------------------------


def a_bare(when: str = "2015", uri_m: str | None = "http://127.0.0.1/2015/x") -> Capture:
    """A capture as a TimeMap lists it."""
    return replace(a_snapshot(when, None).capture, digest="", uri_m=uri_m)


def test_a_capture_listed_without_a_digest_is_known_by_page_and_second(
    writer: ArchiveWriter, home: Path
) -> None:
    snapshot = a_snapshot("2015", a_page(an_entry()))
    had = replace(snapshot, capture=replace(snapshot.capture, digest="ABC"))
    writer.record(had, writer.start_run("test", NOW))
    assert writer.list_captures([a_bare(), a_bare("2016")]) == [a_bare("2016")]
    printed = rows(home / "archive.sqlite", "SELECT captured_at, state, uri_m FROM captures")
    assert sorted(printed) == [
        ("2015-01-01T00:00:00Z", "read", "http://127.0.0.1/2015/x"),
        ("2016-01-01T00:00:00Z", "listed", "http://127.0.0.1/2015/x"),
    ]


def test_a_capture_listed_without_a_digest_gets_it_once_fetched(
    writer: ArchiveWriter, home: Path
) -> None:
    assert writer.list_captures([a_bare()]) == [a_bare()]
    snapshot = a_snapshot("2015", a_page(an_entry()))
    fetched = replace(snapshot, capture=replace(a_bare(), digest="ABC"))
    writer.record(fetched, writer.start_run("test", NOW))
    sql = "SELECT state, digest FROM captures"
    assert rows(home / "archive.sqlite", sql) == [("read", "ABC")]
    assert writer.list_captures([a_bare()]) == []


def test_a_failed_capture_without_a_digest_is_asked_for_again_and_then_one_row(
    writer: ArchiveWriter, home: Path
) -> None:
    run = writer.start_run("test", NOW)
    writer.record_failure(NotFetched(a_bare(), Failure.NO_ANSWER, "no answer"), run)
    assert writer.list_captures([a_bare()]) == [a_bare()]
    snapshot = a_snapshot("2015", a_page(an_entry()))
    writer.record(replace(snapshot, capture=replace(a_bare(), digest="ABC")), run)
    assert rows(home / "archive.sqlite", "SELECT state FROM captures") == [("read",)]


def test_a_capture_not_fetched_is_requested_from_the_last_archive_that_lists_it(
    writer: ArchiveWriter, home: Path
) -> None:
    for uri_m in ("http://127.0.0.1/one", "http://127.0.0.1/other"):
        writer.list_captures([replace(a_bare(uri_m=uri_m), digest="ABC")])
    sql = "SELECT uri_m FROM captures"
    assert rows(home / "archive.sqlite", sql) == [("http://127.0.0.1/other",)]
