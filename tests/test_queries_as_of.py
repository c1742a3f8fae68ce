"""Pages as they stood on a day: the last good capture by then, cited."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ilo_archive import Archive
from ilo_archive.offices import UnknownOffice
from ilo_archive.queries.answers import (
    EntryAsOf,
)
from ilo_archive.queries.pages import NoCapture
from ilo_archive.times import BadTimestamp, as_known
from tests.support.answers import ids
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, known_to, news, utc


@pytest.fixture(scope="module")
def archive_of_two_years(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Captures of April 2015, of a second of June, a failed one, and one of 2016."""
    path = an_archive(
        tmp_path_factory.mktemp("archive_of_two_years"),
        known_to("20150414103217", news(1), news(2)),
        known_to("20150614120000", news(3), news(2)),
        a_snapshot("20150801", None),
        known_to("20160101000000", news(4)),
    )
    with Archive(path) as archive:
        yield archive


@pytest.mark.parametrize(
    ("as_of", "numbers"),
    [
        ("2014", []),
        ("2015-04-13", []),
        ("2015-04-14T10:32:16Z", []),
        ("20150414103217", [1, 2]),
        ("2015-04-14", [1, 2]),
        ("2015-04", [1, 2]),
        ("2015-05", [1, 2]),
        ("2015-06-13", [1, 2]),
        ("20150614115959", [1, 2]),
        ("2015-06-14", [3, 2]),
        ("2015-06", [3, 2]),
        ("2015-08-02", [3, 2]),  # the capture of August failed and says nothing
        ("2015", [3, 2]),
        ("2015-12-31", [3, 2]),
        ("2016-01-01", [4]),
        ("2016", [4]),
        ("2030", [4]),
    ],
)
def test_as_of_uses_the_last_good_capture_by_then(
    archive_of_two_years: Archive, as_of: str, numbers: list[int]
) -> None:
    assert ids(archive_of_two_years.entries("moscow", as_of=as_of)) == [
        f"wcms-{n}-en" for n in numbers
    ]


@pytest.mark.parametrize("when", ["9999", "9999-12", "99991231", "99991231235959"])
def test_a_date_beyond_the_years_of_archives_is_refused(
    archive_of_two_years: Archive, when: str
) -> None:
    for ask in (
        lambda: archive_of_two_years.entries(as_of=when),
        lambda: archive_of_two_years.entries(until=when),
        lambda: archive_of_two_years.entries(since=when),
        lambda: archive_of_two_years.homepage("moscow", when, "latest", None),
    ):
        with pytest.raises(BadTimestamp, match="is not a date"):
            ask()


def test_as_of_has_the_wording_of_the_capture_not_the_latest(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1, "Old title", credit="© Jo Lee 2015"))),
        a_snapshot("201502", a_page(news(1, "New title", credit="© Ann Ray 2015"))),
    )
    with Archive(path) as archive:
        was, now = archive.entries(as_of="2015-01")[0], archive.entries()[0]
    assert (was.title, was.credit_holder) == ("Old title", "Jo Lee")
    assert (now.title, now.credit_holder) == ("New title", "Ann Ray")
    assert (was.first_seen, was.last_seen, was.revisions) == (now.first_seen, now.last_seen, 2)


def test_as_of_has_the_printed_form_of_its_capture(home: Path) -> None:
    """Capitals and the style of quotes make no wording, and stay what they were."""
    plain, loud = 'The "green" report is out', "THE “GREEN” REPORT IS OUT"
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(plain, link=item(1)))),
        a_snapshot("2016", a_page(an_entry(loud, link=item(1)))),
    )
    with Archive(path) as archive:
        for year, title in (("2015", plain), ("2016", loud)):
            assert [each.title for each in archive.entries(as_of=year)] == [title]
            assert [each.title for each in archive.page("moscow", year).entries] == [title]
        assert archive.entries()[0].revisions == 1


def test_of_two_captures_of_one_second_every_query_uses_the_same(home: Path) -> None:
    captures = [a_snapshot("2015", a_page(an_entry("One", link=item(n)))) for n in (1, 2)]
    path = an_archive(
        home,
        *(
            replace(each, capture=replace(each.capture, digest=digest))
            for each, digest in zip(captures, ("A" * 32, "B" * 32), strict=True)
        ),
    )
    with Archive(path) as archive:
        shown = archive.page("moscow", "2015").entries
        stood = archive.entries("moscow", as_of="2015")
        latest = archive.homepage("moscow", "last", "latest", None).entries
    assert ids(stood) == [each.entry_id for each in shown] == [each.entry_id for each in latest]


@pytest.mark.parametrize(
    ("captured", "as_of", "answers"),
    [
        ("2015-04", "2015-04-01", False),
        ("2015-04", "2015-04-29", False),
        ("2015-04", "2015-04-30T23:59:58Z", False),
        ("2015-04", "2015-04-30", True),
        ("2015-04", "2015-04", True),
        ("2015-04", "2015-05-01", True),
        ("2015-04", "2015", True),
        ("2015-02", "2015-02-28", True),
        ("2015-12", "2015", True),
        ("2015-12", "2015-12-30", False),
        ("2015", "2015-11", False),
        ("2015", "2015-12-31", True),
        ("2015", "2015", True),
        ("2015", "2016-01-01", True),
        ("2015-04-14", "2015-04-14T12:00:00Z", False),
        ("2015-04-14", "2015-04-14", True),
        ("2015-04-14", "2015-04-15", True),
    ],
)
def test_as_of_uses_only_captures_that_are_surely_made_by_then(
    home: Path, captured: str, as_of: str, answers: bool
) -> None:
    path = an_archive(home, known_to(captured, news(1)))
    with Archive(path) as archive:
        assert ids(archive.entries("moscow", as_of=as_of)) == (["wcms-1-en"] if answers else [])


def test_as_of_skips_a_capture_of_the_month_that_may_be_later(home: Path) -> None:
    path = an_archive(
        home, known_to("20150320101010", news(1)), known_to("2015-04", news(2))
    )  # fmt: skip
    with Archive(path) as archive:
        assert ids(archive.entries(as_of="2015-04-14")) == ["wcms-1-en"]
        assert ids(archive.entries(as_of="2015-04-30")) == ["wcms-2-en"]


def test_a_capture_of_the_month_is_not_used_for_its_first_second(home: Path) -> None:
    path = an_archive(
        home, known_to("20150401000000", news(1)), known_to("2015-04", news(2))
    )  # fmt: skip
    with Archive(path) as archive:
        assert ids(archive.entries(as_of="2015-04-02")) == ["wcms-1-en"]


def test_two_captures_of_one_second_show_no_entry_twice(home: Path) -> None:
    """Observed: two digests for one second."""
    one = a_snapshot("20150414103217", a_page(news(1), news(2)))
    other = replace(one, capture=replace(one.capture, digest="OTHER"))
    with Archive(an_archive(home, one, other)) as archive:
        assert ids(archive.entries(as_of="2015")) == ["wcms-1-en", "wcms-2-en"]


def test_as_of_uses_the_last_capture_of_each_page_of_an_office(home: Path) -> None:
    russian = an_entry("Семинар", link=item(9, "ru"))
    path = an_archive(
        home,
        a_snapshot("201501", a_page(russian, language="ru"), language="ru"),
        a_snapshot("201502", a_page(news(1))),
    )
    with Archive(path) as archive:
        assert ids(archive.entries("moscow", as_of="2015-02")) == ["wcms-1-en", "wcms-9-ru"]
        assert ids(archive.entries("moscow", as_of="2015-02", language="ru")) == ["wcms-9-ru"]
        assert ids(archive.entries("moscow", as_of="2015-02", limit=1)) == ["wcms-1-en"]


def test_the_page_of_one_office_is_not_mixed_with_that_of_another(home: Path) -> None:
    """Item 1 was on Moscow's page in January and is on the lists of both offices."""
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1), news(2))),
        a_snapshot("201502", a_page(news(2))),
        a_snapshot("201502", a_page(news(1), news(2), news(3)), office="rome"),
    )
    with Archive(path) as archive:
        there = [
            (each.office, each.entry_id) for each in archive.entries("moscow", as_of="2015-03")
        ]
        assert there == [("moscow", "wcms-2-en")]
        assert len(archive.entries("rome", as_of="2015-03")) == 3


def test_an_entry_listed_by_two_offices_is_found_under_both(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("201501", a_page(news(1, "Shared seminar"), news(2))),
        a_snapshot("201502", a_page(news(1, "Shared seminar"), news(3)), office="rome"),
    )
    with Archive(path) as archive:
        assert ids(archive.entries("moscow")) == ["wcms-1-en", "wcms-2-en"]
        assert ids(archive.entries("rome")) == ["wcms-1-en", "wcms-3-en"]
        assert ids(archive.search("shared", office="moscow")) == ["wcms-1-en"]
        assert ids(archive.search("shared", office="rome")) == ["wcms-1-en"]
        assert archive.entries("budapest") == []


def test_as_of_entries_have_the_capture_to_cite(
    archive_of_two_years: Archive,
) -> None:
    found = archive_of_two_years.entries("moscow", as_of="2015-05")
    assert all(isinstance(each, EntryAsOf) for each in found)
    cited = [
        (each.position, each.captured_at, each.page)
        for each in found
        if isinstance(each, EntryAsOf)
    ]
    at = utc("2015-04-14T10:32:17Z")
    assert cited == [(1, at, "moscow/en"), (2, at, "moscow/en")]


def test_a_capture_of_the_month_is_cited_as_one(home: Path) -> None:
    with Archive(an_archive(home, known_to("2015-04", news(1)))) as archive:
        (found,) = archive.entries(as_of="2015")
        (seen,) = archive.story("wcms-1-en").sightings
    assert isinstance(found, EntryAsOf)
    assert (found.captured_at, found.precision) == (utc("2015-04-01T00:00:00Z"), "month")
    assert as_known(found.captured_at, found.precision) == "2015-04"
    assert seen.precision == "month"


@pytest.mark.parametrize(
    ("as_of", "captured_at"),
    [
        ("2015-04-14", "2015-04-14T10:32:17Z"),
        ("20150414103217", "2015-04-14T10:32:17Z"),
        ("2015-06-14T11:59:59Z", "2015-04-14T10:32:17Z"),
        ("2015-08-02", "2015-06-14T12:00:00Z"),
        ("2030", "2016-01-01T00:00:00Z"),
    ],
)
def test_page_is_the_last_good_capture_by_then(
    archive_of_two_years: Archive, as_of: str, captured_at: str
) -> None:
    page = archive_of_two_years.page("moscow", as_of)
    assert page.captured_at == utc(captured_at)
    found = ids(archive_of_two_years.entries("moscow", as_of=as_of))
    assert [each.entry_id for each in page.entries] == found


def test_page_before_the_first_capture_is_refused(archive_of_two_years: Archive) -> None:
    with pytest.raises(NoCapture, match="2015-04-14T10:32:17Z"):
        archive_of_two_years.page("moscow", "2015-04-13")
    with pytest.raises(UnknownOffice):
        archive_of_two_years.page("nosuch", "2015")
