"""Translations: entries in other languages that are the same item."""

from dataclasses import replace
from pathlib import Path

import pytest

from ilo_archive import Archive
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, news


def in_russian(*entries: Entry) -> Snapshot:
    return a_snapshot("201501", a_page(*entries, language="ru"), language="ru")


def pictured(link: str, picture: str | None = "a", day: str = "2015-01-01") -> Entry:
    image = picture and f"http://www.ilo.org/images/{picture}.jpg"
    return replace(an_entry(f"Of {link}", day, link=link), image=image)


def twins(archive: Archive, entry_id: str) -> list[tuple[str, str, str]]:
    found = archive.story(entry_id).twins
    return [(each.entry_id, each.language, each.rule) for each in found]


def test_one_item_number_in_two_languages_is_a_translation(home: Path) -> None:
    """12 and 123 are not, though one number begins with the other."""
    russian = in_russian(an_entry("Семинар", link=item(12, "ru")), news(1234))
    path = an_archive(home, a_snapshot("2015", a_page(news(12), news(123))), russian)
    with Archive(path) as archive:
        assert twins(archive, "wcms-12-en") == [("wcms-12-ru", "ru", "item number")]
        assert twins(archive, "wcms-12-ru") == [("wcms-12-en", "en", "item number")]
        assert twins(archive, "wcms-123-en") == []
        assert archive.story("wcms-12-en").twins[0].title == "Семинар"
        assert archive.story("wcms-12-en").twins[0].evidence == "wcms-12"


def test_equal_date_picture_and_link_pattern_make_a_translation(home: Path) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(pictured(item(1)))),
        in_russian(pictured(item(2, "ru"))),
    )
    with Archive(path) as archive:
        assert twins(archive, "wcms-1-en") == [("wcms-2-ru", "ru", "date, picture and link")]
        assert twins(archive, "wcms-2-ru") == [("wcms-1-en", "en", "date, picture and link")]


@pytest.mark.parametrize(
    "other",
    [
        pictured(item(2, "ru"), day="2015-01-02"),
        pictured(item(2, "ru"), picture="b"),
        pictured(item(2, "ru"), picture=None),
        pictured("http://www.ilo.org/moscow/events/WCMS_2/lang--ru/index.htm"),
        pictured("http://www.ilo.org/2"),
    ],
)
def test_two_of_the_three_do_not_make_a_translation(home: Path, other: Entry) -> None:
    path = an_archive(home, a_snapshot("2015", a_page(pictured(item(1)))), in_russian(other))
    with Archive(path) as archive:
        assert twins(archive, "wcms-1-en") == []


def test_a_picture_shared_by_several_entries_of_the_day_makes_no_translation(home: Path) -> None:
    """Two of the one language and one of the other: which two belong together is a guess."""
    path = an_archive(
        home,
        a_snapshot("2015", a_page(pictured(item(1)), pictured(item(3)))),
        in_russian(pictured(item(2, "ru"))),
    )
    with Archive(path) as archive:
        assert [twins(archive, each) for each in ("wcms-1-en", "wcms-3-en", "wcms-2-ru")] == [
            [],
            [],
            [],
        ]


def test_an_item_number_is_preferred_to_a_picture(home: Path) -> None:
    """Item 1 has its translation, so the picture of item 2 is that of another one."""
    path = an_archive(
        home,
        a_snapshot("2015", a_page(pictured(item(1)))),
        in_russian(an_entry("Один", link=item(1, "ru")), pictured(item(2, "ru"))),
    )
    with Archive(path) as archive:
        assert twins(archive, "wcms-1-en") == [("wcms-1-ru", "ru", "item number")]
        assert twins(archive, "wcms-2-ru") == []
