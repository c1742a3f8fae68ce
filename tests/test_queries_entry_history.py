"""Stories: one entry under every id, its wordings, stays, absences."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilo_archive import Archive
from ilo_archive.identity.keys import entry_keys
from ilo_archive.offices import registry
from ilo_archive.queries.departure import Departure
from ilo_archive.queries.entry_ids import UnknownEntry
from ilo_archive.queries.lifeline import Bounds, Delay
from ilo_archive.reader.charset import Charset
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.reader.snapshot import Snapshot
from tests.support.answers import ids
from tests.support.build import (
    a_page,
    a_snapshot,
    an_archive,
    an_entry,
    capture_of,
    item,
    known_to,
    listing,
    news,
    utc,
)
from tests.support.homes import rows


def test_a_story_has_how_each_sighting_was_read(home: Path) -> None:
    page = replace(a_page(news(1)), charset=Charset("cp1251", "http"))
    with Archive(an_archive(home, a_snapshot("2015", page))) as archive:
        (seen,) = archive.story("wcms-1-en").sightings
    assert (seen.reader, seen.charset, seen.charset_reason) == (READER_VERSION, "cp1251", "http")


def test_an_entry_is_found_by_any_id_it_ever_had(home: Path) -> None:
    plain, linked = an_entry(), an_entry(link="http://www.ilo.org/resource/news/a")
    path = an_archive(
        home,
        a_snapshot("201501", a_page(plain)),
        a_snapshot("201502", a_page(linked)),
        a_snapshot("201503", a_page(an_entry(link=item(7)))),
    )
    by_title = entry_keys(plain, "en", "moscow", registry()).title_key
    by_link = entry_keys(linked, "en", "moscow", registry()).item_key
    assert by_link is not None
    with Archive(path) as archive:
        stories = [archive.story(name) for name in ("wcms-7-en", by_link, by_title)]
    assert [each.item.entry_id for each in stories] == ["wcms-7-en"] * 3
    assert stories[0] == stories[1] == stories[2]
    assert [f"{each.captured_at:%Y-%m}" for each in stories[0].sightings] == [
        "2015-01",
        "2015-02",
        "2015-03",
    ]


def test_an_entry_is_found_by_the_id_of_its_revision(home: Path) -> None:
    """`show` prints these ids, so somebody will hand one in."""
    with Archive(an_archive(home, a_snapshot("2015", a_page(news(7))))) as archive:
        story = archive.story("wcms-7-en")
        assert archive.story(story.wordings[0].revision_id) == story


@pytest.mark.parametrize(
    "name", ["", "nosuch", "wcms-99-en", "%", "wcms-7-e_", "'", "\x00", "\udcff"]
)
def test_an_unknown_entry_is_refused(home: Path, name: str) -> None:
    path = an_archive(home, a_snapshot("2015", a_page(news(7))))
    with Archive(path) as archive, pytest.raises(UnknownEntry, match="ilo-archive entries"):
        archive.story(name)


def test_a_story_has_its_wordings_in_the_order_of_their_use(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201503", a_page(news(7, "Third"))),
        a_snapshot("201501", a_page(news(7, "First"))),
        a_snapshot("201502", a_page(news(7, "Second"))),
        a_snapshot("201504", a_page(news(7, "Third"))),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-7-en")
    assert [each.title for each in story.wordings] == ["First", "Second", "Third"]
    used = [
        (f"{each.first_seen:%Y-%m}", f"{each.last_seen:%Y-%m}", each.sightings)
        for each in story.wordings
    ]
    assert used == [
        ("2015-01", "2015-01", 1),
        ("2015-02", "2015-02", 1),
        ("2015-03", "2015-04", 2),
    ]  # fmt: skip
    assert (story.item.title, story.item.revisions, story.item.sightings) == ("Third", 3, 4)


def test_an_item_number_is_one_entry_if_a_short_page_has_no_language(home: Path) -> None:
    """The language of a page of a few names is known from its address only."""
    printed = a_snapshot("201501", a_page(news(7)))
    short = a_snapshot("201502", replace(a_page(news(7)), language=None))
    with Archive(an_archive(home, printed, short)) as archive:
        assert ids(archive.entries()) == ["wcms-7-en"]


def test_a_stay_has_bounds_gaps_and_departure(home: Path) -> None:
    """Item 5 of a page that shows four: not yet there, there, dropped, back, below the fold. The
    failed capture of July proves nothing.
    """
    path = an_archive(
        home,
        a_snapshot("20150401", listing(4, 3, 2, 1)),
        a_snapshot("20150414", listing(5, 4, 3, 2)),
        a_snapshot("20150501", listing(6, 4, 3, 2)),
        a_snapshot("20150601", listing(6, 5, 4, 3)),
        a_snapshot("20150701", None),
        a_snapshot("20150801", listing(10, 9, 8, 7)),
        a_snapshot("20150901", listing(10, 9, 8, 7)),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-5-en")
    (stay,) = story.stays
    assert (stay.office, stay.page, stay.captures, stay.good_captures) == (
        "moscow",
        "moscow/en",
        2,
        6,
    )
    assert stay.appeared == Bounds(utc("2015-04-01T00:00:00Z"), utc("2015-04-14T00:00:00Z"))
    assert stay.gone == Bounds(utc("2015-06-01T00:00:00Z"), utc("2015-08-01T00:00:00Z"))
    assert stay.departure == Departure("pushed", newer=tuple(f"wcms-{n}-en" for n in (10, 9, 8, 7)))
    (gap,) = stay.gaps
    assert gap.not_on == story.gaps == (utc("2015-05-01T00:00:00Z"),)
    assert gap.departure == Departure("dropped", older=("wcms-4-en", "wcms-3-en", "wcms-2-en"))
    assert (story.not_before, story.item.absent_from) == (
        utc("2015-04-01T00:00:00Z"),
        utc("2015-08-01T00:00:00Z"),
    )


def test_absence_from_an_offset_list_is_not_an_absence(home: Path) -> None:
    """The list of older items shows others on every capture."""
    offset = "http://www.ilo.org/moscow/lang--en/nextRow--40/index.htm"
    path = an_archive(
        home,
        a_snapshot("20150101", listing(3, 2)),
        capture_of(offset, "20150201", listing(1)),
        capture_of(offset, "20150301", listing(4)),
        capture_of(offset, "20150401", listing(1)),
        a_snapshot("20150501", listing(3, 2)),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-1-en")
        assert story.item.absent_from is None
        assert archive.story("wcms-4-en").item.absent_from is None
        assert ids(archive.entries("moscow", as_of="2015-03")) == ["wcms-3-en", "wcms-2-en"]
    (stay,) = story.stays
    assert (stay.not_before, stay.absent_from, stay.gaps, stay.departure) == (None, None, (), None)
    assert stay.appeared == Bounds(None, utc("2015-02-01T00:00:00Z"))
    assert stay.gone == Bounds(utc("2015-04-01T00:00:00Z"), None)


def test_an_entry_on_other_pages_has_its_delay(home: Path) -> None:
    """Moscow between 1 and 4 April, Rome between 7 and 10 April: 3 to 9 days later. That Rome's
    page lacked it in March is no absence from Moscow's.
    """
    path = an_archive(
        home,
        a_snapshot("20150301", listing(2), office="rome"),
        a_snapshot("20150401", listing(2)),
        a_snapshot("20150404", listing(3, 2)),
        a_snapshot("20150407", listing(2), office="rome"),
        a_snapshot("20150410", listing(3, 2), office="rome"),
        a_snapshot("20150501", listing(3, 2)),
    )
    with Archive(path) as archive:
        story = archive.story("wcms-3-en")
    assert [(each.office, each.delay) for each in story.stays] == [
        ("moscow", None),
        ("rome", Delay(3, 9)),
    ]
    assert story.not_before == utc("2015-04-01T00:00:00Z")
    assert story.gaps == ()


def test_the_hosts_of_one_page_have_their_delay(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("20150401", listing(1)),
        a_snapshot("20150404", listing(2, 1)),
        capture_of("https://ilo.ch/moscow/lang--en/index.htm", "20150403", listing(1)),
        capture_of("https://ilo.ch/moscow/lang--en/index.htm", "20150406", listing(2, 1)),
    )
    with Archive(path) as archive:
        (stay,) = archive.story("wcms-2-en").stays
    assert [(each.name, each.captures, each.delay) for each in stay.hosts] == [
        ("www.ilo.org", 1, None),
        ("ilo.ch", 1, Delay(-1, 5)),
    ]
    assert stay.appeared == Bounds(utc("2015-04-03T00:00:00Z"), utc("2015-04-04T00:00:00Z"))


@pytest.mark.slow
@given(st.permutations(range(7)))
@settings(max_examples=10, deadline=None)
def test_a_story_does_not_depend_on_the_order_of_recording(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    snapshots = [
        a_snapshot("20150401", listing(4, 3)),
        known_to("2015-05", news(5, "Old words"), news(4)),
        a_snapshot("20150601", listing(6, 4)),
        a_snapshot("20150615", None),
        a_snapshot("20150701", listing(6, 5)),
        a_snapshot("20150701", listing(5), office="rome"),
        a_snapshot("20150801", a_page(news(5, "New words"), news(6))),
    ]

    def printed(home: Path, *chosen: Snapshot) -> object:
        with Archive(an_archive(home, *chosen)) as archive:
            return [archive.story(f"wcms-{n}-en") for n in (3, 4, 5, 6)], archive.edits()

    shuffled = [snapshots[number] for number in order]
    assert printed(tmp_path_factory.mktemp("one"), *shuffled) == printed(
        tmp_path_factory.mktemp("two"), *snapshots
    )


def test_absent_from_is_the_first_later_good_capture_of_the_same_page(home: Path) -> None:
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
