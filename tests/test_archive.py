"""Recording: one entry is one entry, whatever the order, and nothing is counted twice."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ilo_archive.archive.database import ArchiveMismatch, open_engine
from ilo_archive.archive.tables import metadata
from ilo_archive.archive.writer import ArchiveLocked, ArchiveWriter
from ilo_archive.capture import Capture, Failure, NotFetched
from ilo_archive.offices import registry
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.reader.snapshot import Snapshot
from tests.archives import bring_back
from tests.build import NOW, a_page, a_snapshot, an_archive, an_entry, item, utc

VIEWS = ("captures", "news", "sightings", "revisions", "lifelines", "descriptions", "credits")


def rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return sorted(database.execute(sql).fetchall(), key=repr)


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every view but the runs."""
    return {view: rows(path, f"SELECT * FROM {view}") for view in VIEWS}


def ids(path: Path) -> list[str]:
    return [row[0] for row in rows(path, "SELECT entry_id FROM news")]


# -- one entry is one entry ----------------------------------------------------------------


def test_an_item_number_is_one_entry_under_any_title_date_and_host(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("Old title", "2015-01-01", link=item(7)))),
        a_snapshot("2016", a_page(an_entry("New title", "2015-01-02", link=item(7)))),
        a_snapshot(
            "2017", a_page(an_entry("New title", "2015-01-02", link="http://ilo.ch/WCMS_7"))
        ),
    )
    assert ids(path) == ["wcms-7-en"]
    assert rows(path, "SELECT title, sightings, revisions FROM news") == [("New title", 3, 2)]


def test_two_item_numbers_are_two_entries_under_one_title_and_date(home: Path) -> None:
    twins = a_page(an_entry(link=item(7)), an_entry(link=item(8), position=2))
    assert ids(an_archive(home, a_snapshot("2015", twins))) == ["wcms-7-en", "wcms-8-en"]


def test_a_text_without_links_joins_the_entry_of_its_date_and_title(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("“Seminar”  opens"))),
        a_snapshot("2016", a_page(an_entry('"Seminar" opens', link=item(7)))),
    )
    assert ids(path) == ["wcms-7-en"]
    assert rows(path, "SELECT revisions, sightings FROM news") == [(1, 2)]


def test_a_text_that_fits_two_items_joins_neither(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry())),
        a_snapshot("2016", a_page(an_entry(link=item(7)), an_entry(link=item(8), position=2))),
    )
    assert len(ids(path)) == 3


def test_one_title_years_apart_is_two_entries(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2018", a_page(an_entry("World Day", "2018-06-12"))),
        a_snapshot("2019", a_page(an_entry("World Day", "2019-06-12"))),
    )
    assert len(ids(path)) == 2


def test_a_translation_is_an_entry_of_its_own(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(link=item(7)))),
        a_snapshot("2015", a_page(an_entry(link=item(7, "ru")), language="ru"), language="ru"),
    )
    assert ids(path) == ["wcms-7-en", "wcms-7-ru"]


def test_two_links_on_one_page_are_two_entries_whatever_their_titles(home: Path) -> None:
    page = a_page(
        an_entry(link="http://www.ilo.org/a"), an_entry(link="http://www.ilo.org/b", position=2)
    )
    assert len(ids(an_archive(home, a_snapshot("2015", page)))) == 2


def test_a_link_that_changed_between_captures_is_one_entry_by_date_and_title(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(link=item(7)))),
        a_snapshot("2024", a_page(an_entry(link="https://www.ilo.org/resource/news/seminar"))),
    )
    assert ids(path) == ["wcms-7-en"]


def test_an_undated_title_is_one_entry_at_one_office_and_two_at_two(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry("Guide", None))),
        a_snapshot("2016", a_page(an_entry("Guide", None))),
        a_snapshot("2016", a_page(an_entry("Guide", None)), office="rome"),
    )
    assert rows(path, "SELECT office, sightings FROM news") == [("moscow", 2), ("rome", 1)]


# -- wordings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "revisions"),
    [
        ({"credit": "© Jo Lee 2015"}, {"credit": "© Jo Lee 2016"}, 1),
        ({"title": "A “quoted”  title"}, {"title": 'A "quoted" title'}, 1),
        ({"title": "Seminar - opens"}, {"title": "Seminar – opens"}, 1),
        ({"title": "Seminar opens"}, {"title": "Seminar opened"}, 2),
        ({"summary": "One."}, {"summary": "Two."}, 2),
        ({"summary": None}, {"summary": "Two."}, 2),
        ({"day": "2015-04-14"}, {"day": "2015-04-15"}, 2),
    ],
)
def test_what_is_a_new_wording(
    home: Path, before: dict[str, Any], after: dict[str, Any], revisions: int
) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(**before, link=item(7)))),
        a_snapshot("2016", a_page(an_entry(**after, link=item(7)))),
    )
    assert rows(path, "SELECT revisions FROM news") == [(revisions,)]


def test_of_prints_that_are_one_wording_the_earliest_is_shown(home: Path) -> None:
    late = a_snapshot("2016", a_page(an_entry('A "title"', link=item(7))))
    early = a_snapshot("2015", a_page(an_entry("A “title”", link=item(7))))
    path = an_archive(home, late, early)
    assert rows(path, "SELECT title FROM news") == [("A “title”",)]


def test_the_credit_is_kept_as_printed_on_each_sighting(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(link=item(7), credit="© Jo Lee / ILO 2015"))),
        a_snapshot("2016", a_page(an_entry(link=item(7), credit="© Jo Lee / ILO 2016"))),
    )
    assert rows(path, "SELECT credit FROM sightings") == [
        ("© Jo Lee / ILO 2015",),
        ("© Jo Lee / ILO 2016",),
    ]
    assert rows(path, "SELECT holder, agency, entries FROM credits") == [("Jo Lee", "ILO", 1)]


# -- holders -------------------------------------------------------------------------------


def credited(*prints: str) -> list[Snapshot]:
    """A capture of one entry for each credit, year by year."""
    return [
        a_snapshot(str(year), a_page(an_entry(str(year), link=item(year), credit=each)))
        for year, each in enumerate(prints, start=2001)
    ]


HOLDERS = "SELECT holder, agency, entries, forms FROM credits"


@pytest.mark.parametrize("turn", range(4))
def test_a_holder_in_several_forms_is_one_under_the_fullest(home: Path, turn: int) -> None:
    prints = ["© Rod Waddington 2021", "© R. Waddington", "© WADDINGTON Rod", "© Rod  Waddington"]
    path = an_archive(home, *credited(*prints[turn:], *prints[:turn]))
    assert rows(path, HOLDERS) == [
        ("Rod Waddington", None, 4, "R. Waddington; Rod Waddington; WADDINGTON Rod")
    ]


def test_a_form_that_fits_two_holders_stands_for_itself(home: Path) -> None:
    path = an_archive(home, *credited("© R. Aho", "© Rita Aho", "© Rosa Aho"))
    assert [row[0] for row in rows(path, HOLDERS)] == ["R. Aho", "Rita Aho", "Rosa Aho"]


def test_a_form_joins_its_holder_again_when_the_other_proves_a_mistake(home: Path) -> None:
    *both, mistaken = credited("© R. Aho", "© Rita Aho", "© Rosa Aho")
    right = replace(mistaken, page=a_page(an_entry("2003", link=item(2003))))
    path = an_archive(home, *both, mistaken, right)
    assert rows(path, HOLDERS) == [("Rita Aho", None, 2, "R. Aho; Rita Aho")]


def test_two_who_share_a_credit_are_two_holders(home: Path) -> None:
    path = an_archive(home, *credited("© Rita Aho & Jo Lee / ILO", "© J. Lee / ILO", "© ILO"))
    assert rows(path, HOLDERS) == [
        ("Jo Lee", "ILO", 2, "J. Lee; Jo Lee"),
        ("Rita Aho", "ILO", 1, "Rita Aho"),
        (None, "ILO", 1, None),
    ]


def test_an_archive_of_an_earlier_schema_gets_its_holders(home: Path) -> None:
    path = an_archive(home, *credited("© R. Aho & Jo Lee / ILO", "© Rita Aho", "© ILO"))
    before = contents(path)
    bring_back(path, "0002")
    an_archive(home)
    after = contents(path)
    assert after.pop("captures") != before.pop("captures")  # these had their charset
    assert after == before


def test_the_charset_of_a_reading_is_kept_and_what_told_it(home: Path) -> None:
    page = replace(a_page(an_entry()), charset=Charset("cp1251", "detected"))
    path = an_archive(home, a_snapshot("2015", page), a_snapshot("2016", None))
    assert rows(path, "SELECT charset, charset_reason, reader FROM captures") == [
        ("cp1251", "detected", READER_VERSION),
        (None, None, READER_VERSION),
    ]


# -- lifelines -----------------------------------------------------------------------------


def test_an_absence_is_told_by_the_first_later_good_capture_of_the_same_page(home: Path) -> None:
    other = an_entry("Other", "2015-01-01", link=item(8))
    path = an_archive(
        home,
        a_snapshot("201501", a_page(an_entry(link=item(7)), other)),
        a_snapshot("201502", None),
        a_snapshot("201503", a_page(other), language="ru"),
        a_snapshot("201504", a_page(other)),
        a_snapshot("201505", a_page(other)),
    )
    lives = rows(path, "SELECT entry_id, last_seen, absent_from FROM news")
    assert lives[0] == ("wcms-7-en", "2015-01-01T00:00:00Z", "2015-04-01T00:00:00Z")
    assert lives[1] == ("wcms-8-en", "2015-05-01T00:00:00Z", None)


def test_a_story_names_the_captures_before_and_between(home: Path) -> None:
    other = an_entry("Other", "2015-01-01", link=item(8))
    both = a_page(an_entry(link=item(7)), other)
    path = an_archive(
        home,
        *(
            a_snapshot(when, page)
            for when, page in (
                ("201501", a_page(other)),
                ("201502", both),
                ("201503", None),
                ("201504", a_page(other)),
                ("201505", both),
            )
        ),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-7-en")
    assert story.not_before == utc("2015-01-01T00:00:00Z")
    assert story.gaps == (utc("2015-04-01T00:00:00Z"),)
    assert len(story.sightings) == 2


# -- the same whatever the order, and again ------------------------------------------------

# Raises where the index differs from the wordings (https://sqlite.org/fts5.html, 6.4).
INDEX_FITS = "INSERT INTO wording_fts (wording_fts, rank) VALUES ('integrity-check', 1)"

LINKS = st.sampled_from([None, item(1), item(2), "http://www.ilo.org/a", "http://www.ilo.org/b"])
TITLES = st.sampled_from(["One", "“Two”", '"Two"', "Three", None])
CREDITS = st.sampled_from(
    [None, "© R. Aho", "© Rita Aho", "© Rosa Aho / ILO", "© AHO Rita", "© R. Aho & J. Lee", "© ILO"]
)
DAYS = st.sampled_from([None, "2015-04-14", "2015-04-15"])


@st.composite
def entries_of_a_page(draw: st.DrawFn) -> list[Entry]:
    parts = draw(st.lists(st.tuples(TITLES, DAYS, LINKS, CREDITS), min_size=1, max_size=4))
    return [
        an_entry(title, day, link=link, position=number, credit=credit)
        for number, (title, day, link, credit) in enumerate(parts, start=1)
        if title or day
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Snapshot], list[Snapshot]]:
    pages = draw(st.lists(entries_of_a_page(), min_size=1, max_size=6))
    snapshots = [
        a_snapshot(f"2015{month:02}", a_page(*page) if page else None, offset=month)
        for month, page in enumerate(pages, start=1)
    ]
    again = draw(st.lists(st.sampled_from(snapshots), max_size=2))
    return snapshots, draw(st.permutations([*snapshots, *again]))


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


def test_a_better_reading_of_a_capture_takes_the_place_of_the_old(home: Path) -> None:
    wrong = a_snapshot("2015", a_page(an_entry("Mistaken"), an_entry("Kept", position=2)))
    right = a_snapshot("2015", a_page(an_entry("Kept"), an_entry("Found", position=2)))
    path = an_archive(home, wrong, right)
    fresh = an_archive(home / "fresh", right)
    assert contents(path) == contents(fresh)
    with Archive(path) as archive:
        assert archive.search("mistaken") == []


# -- the ledger ----------------------------------------------------------------------------


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


def test_a_capture_the_archive_will_not_give_is_not_asked_for_again(writer: ArchiveWriter) -> None:
    capture = a_snapshot("2015", None).capture
    refusal = NotFetched(capture, Failure.OTHER_CAPTURE, "the archive redirects")
    writer.record_failure(refusal, writer.start_run("test", NOW))
    assert writer.list_captures([capture]) == []


def test_a_run_that_never_ended_is_told_as_killed(writer: ArchiveWriter, home: Path) -> None:
    writer.start_run("crawl", NOW)
    writer.end_run(writer.start_run("crawl", NOW), "finished", NOW)
    outcomes = rows(home / "archive.sqlite", "SELECT id, outcome FROM runs")
    assert outcomes == [(1, "killed"), (2, "finished")]


def test_a_second_writer_is_turned_away(writer: ArchiveWriter, home: Path) -> None:
    with pytest.raises(ArchiveLocked, match="another run"):
        ArchiveWriter(home, registry())


# -- the file ------------------------------------------------------------------------------


def test_the_migrations_make_the_tables_that_the_code_uses(home: Path) -> None:
    engine = open_engine(an_archive(home))
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, *_: not str(name).startswith("wording_fts")},
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_a_database_of_something_else_is_refused(home: Path) -> None:
    with closing(sqlite3.connect(home / "archive.sqlite")) as database:
        database.execute("CREATE TABLE cats (name)")
    with pytest.raises(ArchiveMismatch, match="something else"):
        ArchiveWriter(home, registry())


def test_an_archive_of_a_later_version_is_refused_and_the_lock_let_go(home: Path) -> None:
    path = an_archive(home)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    for _ in range(2):
        with pytest.raises(ArchiveMismatch, match="9999"):
            ArchiveWriter(home, registry())


# -- captures that are listed without a digest ---------------------------------------------


def a_bare(when: str = "2015", uri_m: str | None = "http://127.0.0.1/2015/x") -> Capture:
    """A capture as a TimeMap lists it."""
    return replace(a_snapshot(when, None).capture, digest="", uri_m=uri_m)


def test_what_is_listed_without_a_digest_is_had_where_its_page_and_second_are(
    writer: ArchiveWriter, home: Path
) -> None:
    snapshot = a_snapshot("2015", a_page(an_entry()))
    had = replace(snapshot, capture=replace(snapshot.capture, digest="ABC"))
    writer.record(had, writer.start_run("test", NOW))
    assert writer.list_captures([a_bare(), a_bare("2016")]) == [a_bare("2016")]
    told = rows(home / "archive.sqlite", "SELECT captured_at, state, uri_m FROM captures")
    assert sorted(told) == [
        ("2015-01-01T00:00:00Z", "read", "http://127.0.0.1/2015/x"),
        ("2016-01-01T00:00:00Z", "listed", "http://127.0.0.1/2015/x"),
    ]


def test_a_bare_listing_becomes_the_capture_once_its_digest_is_known(
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


def test_what_one_archive_listed_and_nobody_had_is_asked_of_the_next_that_lists_it(
    writer: ArchiveWriter, home: Path
) -> None:
    for uri_m in ("http://127.0.0.1/one", "http://127.0.0.1/other"):
        writer.list_captures([replace(a_bare(uri_m=uri_m), digest="ABC")])
    sql = "SELECT uri_m FROM captures"
    assert rows(home / "archive.sqlite", sql) == [("http://127.0.0.1/other",)]
