"""Entries: filters by date, credit and section, and their order."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ilo_archive import Archive
from ilo_archive.queries import entries
from ilo_archive.times import BadTimestamp, parse_timestamp
from tests.support.answers import ids
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, news


@pytest.fixture(scope="module")
def archive_to_filter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    russian = an_entry("Семинар", "2015-04-14", link=item(9, "ru"), credit="© Ольга Седова 2015")
    path = an_archive(
        tmp_path_factory.mktemp("archive_to_filter"),
        a_snapshot(
            "201505",
            a_page(
                news(1, day="2015-04-14", credit="© Jo Lee / AFP 2015"),
                news(2, day="2015-04-30", credit="© ILO 2015"),
                news(3, day="2014-12-31", credit="© Pat 100% Ray 2015"),
                news(4, day=None),
                replace(news(5, day="2015-01-30"), date_end=parse_timestamp("20150202")[0].date()),
            ),
        ),
        a_snapshot("201505", a_page(russian, language="ru"), language="ru"),
    )
    with Archive(path) as archive:
        yield archive


def test_entries_are_sorted_newest_first_and_undated_last(archive_to_filter: Archive) -> None:
    assert ids(archive_to_filter.entries(language="en")) == [
        f"wcms-{n}-en" for n in (2, 1, 5, 3, 4)
    ]


@pytest.mark.parametrize(
    ("since", "until", "numbers"),
    [
        ("2015", None, {1, 2, 5}),
        (None, "2014", {3}),
        ("2015-04", "2015-04", {1, 2}),
        ("2015-04-14", "2015-04-14", {1}),
        ("20150415", "2015", {2}),
        ("2015", "2015-01", set()),  # the range of item 5 ends in February
        ("2015", "2015-02", {5}),
        ("2016", "2014", set()),
    ],
)
def test_dates_bound_the_entries_both_days_included(
    archive_to_filter: Archive, since: str | None, until: str | None, numbers: set[int]
) -> None:
    found = archive_to_filter.entries(language="en", since=since, until=until)
    assert set(ids(found)) == {f"wcms-{n}-en" for n in numbers}


@pytest.mark.parametrize(
    ("credit", "found"),
    [
        ("Jo Lee", ["wcms-1-en"]),
        ("jo l", ["wcms-1-en"]),
        ("AFP", ["wcms-1-en"]),
        ("ILO", ["wcms-2-en"]),
        ("Седова", ["wcms-9-ru"]),
        ("седова", ["wcms-9-ru"]),  # LIKE folds the case of a-z only
        ("100%", ["wcms-3-en"]),
        ("%", ["wcms-3-en"]),
        ("_", []),
        ("Nobody", []),
        ("'; DROP TABLE entry; --", []),
    ],
)
def test_a_credit_is_found_by_a_part_of_a_name_in_any_case(
    archive_to_filter: Archive, credit: str, found: list[str]
) -> None:
    assert ids(archive_to_filter.entries(credit=credit)) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("Rod Waddington", {"wcms-1-en", "wcms-2-en", "wcms-3-en"}),
        ("r.  waddington", {"wcms-1-en", "wcms-2-en", "wcms-3-en"}),
        ("WADDINGTON Rod", {"wcms-1-en", "wcms-2-en", "wcms-3-en"}),
        ("waddington", {"wcms-1-en", "wcms-2-en", "wcms-3-en", "wcms-4-en"}),
        ("Al Waddington", {"wcms-4-en"}),
        ("lee", {"wcms-3-en"}),
    ],
)
def test_a_holder_is_found_by_every_form_of_the_name(
    home: Path, asked: str, found: set[str]
) -> None:
    prints = (
        *("© Rod Waddington 2021", "© R. Waddington / AFP", "© WADDINGTON Rod & Jo Lee"),
        *("© Al Waddington", "© ILO"),
    )
    page = a_page(*(news(n, credit=each) for n, each in enumerate(prints, start=1)))
    with Archive(an_archive(home, a_snapshot("2021", page))) as archive:
        assert set(ids(archive.entries(credit=asked))) == found


def test_a_section_is_found_by_its_heading_and_not_by_a_pattern(archive_to_filter: Archive) -> None:
    assert (
        len(archive_to_filter.entries(section="News"))
        == len(archive_to_filter.entries(section="news"))
        == 6
    )
    assert archive_to_filter.entries(section="New") == []
    assert archive_to_filter.entries(section="N%") == []
    assert archive_to_filter.entries(section="____") == []


@pytest.mark.parametrize("when", ["banana", "2015-13", "", "2015-1-1"])
def test_a_bad_date_is_refused(archive_to_filter: Archive, when: str) -> None:
    asks: list[Callable[[], object]] = [lambda: archive_to_filter.entries(as_of=when)]
    if when:  # an empty bound is none
        asks += [
            lambda: archive_to_filter.entries(since=when),
            lambda: archive_to_filter.search("x", until=when),
        ]
    for ask in asks:
        with pytest.raises(BadTimestamp):
            ask()


def test_search_has_the_filters_of_entries(archive_to_filter: Archive) -> None:
    assert ids(archive_to_filter.search("item", since="2015-04", until="2015-04-20")) == [
        "wcms-1-en"
    ]
    assert ids(archive_to_filter.search("item", credit="AFP", language="en", section="News")) == [
        "wcms-1-en"
    ]
    assert len(archive_to_filter.search("item", limit=2)) == 2


def test_words_of_thousands_of_entries_find_the_newest_first(
    archive_to_filter: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranked = {limit: ids(archive_to_filter.search("item", limit=limit)) for limit in (None, 2)}
    narrow = ids(
        archive_to_filter.search("item", office="moscow", since="2015-04", until="2015-04-20")
    )
    monkeypatch.setattr(entries, "_MOST_RANKED", 1)
    newest = [each for each in ids(archive_to_filter.entries()) if each in ranked[None]]
    assert ids(archive_to_filter.search("item")) == newest
    assert sorted(newest) == sorted(ranked[None])
    assert ids(archive_to_filter.search("item", limit=2)) == newest[:2]
    assert (
        ids(archive_to_filter.search("item", office="moscow", since="2015-04", until="2015-04-20"))
        == narrow
    )
