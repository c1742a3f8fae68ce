"""Pages of captures: which capture a date means, captures between two."""

import pytest

from ilo_archive import Archive
from ilo_archive.offices import UnknownOffice
from ilo_archive.queries.pages import NoCapture, Which
from tests.support.build import utc


@pytest.mark.parametrize(
    ("when", "earliest", "latest"),
    [
        ("first", 1, 1),
        ("last", 6, 6),
        ("2015", 1, 3),
        ("2015-01", 1, 2),
        ("2015-01-20", 2, 2),
        ("2016-05-05", 4, 5),
        ("20160505101010", 4, 4),
        ("2016-05-05T20:20:20Z", 5, 5),
        ("2014", 1, 1),  # there is none: the nearest
        ("2030", 6, 6),
        ("2015-02", 3, 3),  # 20 January is 12 days before the month, 10 March 10 days after it
        ("2015-01-14", 1, 1),
        ("2015-01-16", 2, 2),
        ("2017", 6, 6),
        ("20160505151514", 4, 4),
        ("20160505151516", 5, 5),
    ],
)
def test_a_time_means_its_first_or_last_good_capture_else_the_nearest(
    archive_of_captures: Archive, when: str, earliest: int, latest: int
) -> None:
    numbers: dict[Which, int] = {"earliest": earliest, "latest": latest}
    for which, number in numbers.items():
        found = archive_of_captures.homepage("moscow", when, which, None)
        assert [each.entry_id for each in found.entries] == [f"wcms-{number}-en"]


def test_a_page_is_in_the_language_asked_for_else_in_the_first_of_the_office(
    archive_of_captures: Archive,
) -> None:
    assert archive_of_captures.homepage("moscow", "last", "latest", None).language == "en"
    assert archive_of_captures.homepage("moscow", "last", "latest", "ru").language == "ru"
    assert archive_of_captures.homepage("rivers", "last", "latest", None).office == "rivers"
    with pytest.raises(NoCapture, match="'fr'"):
        archive_of_captures.homepage("moscow", "last", "latest", "fr")


def test_a_homepage_has_what_is_needed_to_cite_it(archive_of_captures: Archive) -> None:
    found = archive_of_captures.homepage("moscow", "first", "earliest", None)
    assert found.captured_at == utc("2015-01-10T00:00:00Z")
    assert found.url == "http://www.ilo.org/moscow/lang--en/index.htm"
    assert (found.archive, found.name, found.description) == ("test", "ILO Moscow", "It works.")
    assert found.capture_id.startswith("20150110000000-")


def test_the_last_two_are_good_captures_of_one_page(archive_of_captures: Archive) -> None:
    first, last = archive_of_captures.last_two("moscow", None)
    assert (first.captured_at, last.captured_at) == (
        utc("2016-05-05T20:20:20Z"),
        utc("2018-01-01T00:00:00Z"),
    )
    with pytest.raises(NoCapture, match="only one"):
        archive_of_captures.last_two("rome", None)


def test_an_unknown_office_and_one_without_a_good_capture_are_refused(
    archive_of_captures: Archive,
) -> None:
    for office in ("lima", "budapest"):
        with pytest.raises(NoCapture, match=office):
            archive_of_captures.homepage(office, "last", "latest", None)
    for name in ("nosuch", "", "Moscow", "\udcff"):
        with pytest.raises(UnknownOffice):
            archive_of_captures.last_two(name, None)


def test_captures_and_entries_between_two_captures_are_counted(
    archive_of_captures: Archive,
) -> None:
    first = archive_of_captures.homepage("moscow", "first", "earliest", None)
    last = archive_of_captures.homepage("moscow", "last", "latest", None)
    assert archive_of_captures.between(first, last) == (4, 4)
    assert archive_of_captures.between(last, first) == (4, 4)
    assert archive_of_captures.between(first, first) == (0, 0)
