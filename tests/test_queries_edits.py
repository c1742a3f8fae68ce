"""Edits: wordings that changed between two captures of one page."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ilo_archive import Archive
from ilo_archive.offices import UnknownOffice
from ilo_archive.reader.snapshot import Quality
from tests.support.build import (
    a_page,
    a_snapshot,
    an_archive,
    known_to,
    listing,
    news,
)


def told_edits(archive: Archive, *office: str, **options: Any) -> list[tuple[Any, ...]]:
    return [
        (
            each.entry_id,
            each.field,
            each.before,
            each.after,
            f"{each.before_at:%Y-%m-%d}",
            f"{each.after_at:%Y-%m-%d}",
        )
        for each in archive.edits(*office, **options)
    ]


def test_a_silent_edit_is_listed_with_before_and_after(home: Path) -> None:
    """The title of item 1 has changed by May, its date and summary by June; item 2 only in its
    quotes and the year of its credit, item 3 not at all.
    """
    still = news(3)
    path = an_archive(
        home,
        a_snapshot(
            "20150401",
            a_page(news(1, "Old title"), news(2, 'A "quote"', credit="© Jo Lee 2015"), still),
        ),
        a_snapshot(
            "20150501",
            a_page(news(1, "New title"), news(2, "A  “quote”", credit="© Jo Lee 2016"), still),
        ),
        a_snapshot("20150520", a_page(still)),
        a_snapshot(
            "20150601", a_page(news(1, "New title", "2015-01-02", summary="It met."), still)
        ),
    )
    with Archive(path) as archive:
        assert told_edits(archive) == [
            ("wcms-1-en", "date", "2015-01-01", "2015-01-02", "2015-05-01", "2015-06-01"),
            ("wcms-1-en", "summary", None, "It met.", "2015-05-01", "2015-06-01"),
            ("wcms-1-en", "title", "Old title", "New title", "2015-04-01", "2015-05-01"),
        ]
        last = archive.edits(limit=1)[0]
        assert (last.title, last.page) == ("New title", "moscow/en")
        story = archive.story("wcms-1-en")
    changes = [[change.field for change in each.changes] for each in story.wordings]
    assert changes == [[], ["title"], ["date", "summary"]]
    assert last.after_revision == story.wordings[-1].revision_id
    assert last.after_capture == story.sightings[-1].capture_id


def test_an_edit_that_was_undone_counts_as_two(home: Path) -> None:
    path = an_archive(
        home, *(a_snapshot(f"2015{n:02}", a_page(news(1, f"Title {n % 2}"))) for n in (1, 2, 3))
    )
    with Archive(path) as archive:
        assert told_edits(archive) == [
            ("wcms-1-en", "title", "Title 0", "Title 1", "2015-02-01", "2015-03-01"),
            ("wcms-1-en", "title", "Title 1", "Title 0", "2015-01-01", "2015-02-01"),
        ]


def test_different_wordings_on_two_pages_are_not_an_edit(home: Path) -> None:
    """Nor does a page that lists it twice, in two wordings."""
    long, short = news(1, summary="It met in May."), news(1, summary="It met.")
    path = an_archive(
        home,
        a_snapshot("201501", a_page(long, short)),
        a_snapshot("201502", a_page(short), office="rome"),
        a_snapshot("201503", a_page(long)),
        a_snapshot("201504", a_page(short), office="rome"),
        a_snapshot("201505", a_page(short, long)),
    )
    with Archive(path) as archive:
        assert archive.edits() == []


def test_an_edit_has_no_capture_that_may_be_from_before_or_after_it(home: Path) -> None:
    """The capture of April may be later than that of the 14th; that of March is earlier."""
    path = an_archive(
        home,
        known_to("2015-03", news(1, "Old")),
        known_to("2015-04", news(1, "Old")),
        known_to("20150414103217", news(1, "New")),
        known_to("2015-06", news(1, "Newer")),
        known_to("20150614103217", news(1, "New")),
    )
    with Archive(path) as archive:
        assert told_edits(archive) == [
            ("wcms-1-en", "title", "Old", "New", "2015-03-01", "2015-04-14"),
        ]


@pytest.mark.parametrize("quality", ["captcha", "empty", "redirect", "error", "parked"])
def test_a_capture_that_is_not_good_is_no_evidence_of_absence(home: Path, quality: Quality) -> None:
    bad = replace(a_snapshot("20150415", None), quality=quality)
    path = an_archive(home, a_snapshot("201504", listing(1)), bad, a_snapshot("201505", listing(1)))
    with Archive(path) as archive:
        story = archive.story("wcms-1-en")
    assert (story.gaps, story.item.absent_from) == ((), None)
    assert story.stays[0].good_captures == 2


def test_edits_have_the_filters_of_entries(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1, "A"), news(2, "B", day="2016-01-01"))),
        a_snapshot("201502", a_page(news(1, "A2"), news(2, "B2", day="2016-01-01"))),
        a_snapshot("201501", a_page(news(1, "A")), office="rome"),
        a_snapshot("201503", a_page(news(1, "A3")), office="rome"),
    )
    with Archive(path) as archive:
        assert [each.after for each in archive.edits("rome")] == ["A3"]
        assert [each.after for each in archive.edits("moscow")] == ["A2", "B2"]
        assert [each.after for each in archive.edits(since="2016")] == ["B2"]
        assert archive.edits("lima") == []
        with pytest.raises(UnknownOffice):
            archive.edits("nosuch")
