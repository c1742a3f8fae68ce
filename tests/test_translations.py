"""Patterns of links: addresses without language and item."""

import pytest

from ilo_archive.identity.translations import PrintedLink, link_pattern, twin_key
from ilo_archive.offices import registry

ILO = "http://www.ilo.org"


@pytest.mark.parametrize(
    ("link", "language", "pattern"),
    [
        (f"{ILO}/moscow/news/WCMS_356122/lang--en/index.htm", "en", "ilo.org/moscow/news/WCMS_*"),
        ("https://ilo.ch/moscow/news/wcms_7/lang--ru/", "ru", "ilo.org/moscow/news/WCMS_*"),
        (f"{ILO}/resource/news/decent-work", "en", "ilo.org/resource/news/*"),
        (f"{ILO}/fr/resource/news/travail-decent", "fr", "ilo.org/resource/news/*"),
        (f"{ILO}/fr/resource/news/x", "en", "ilo.org/fr/resource/news/*"),
        (f"{ILO}/wcmsp5/groups/wcms_9.pdf", "en", "ilo.org/wcmsp5/groups/WCMS_*"),
        ("http://www.ilo.ru/news.htm", "ru", None),
        (f"{ILO}/fr/x", "fr", None),
        (ILO, "en", None),
    ],
)
def test_a_pattern_is_the_link_without_language_and_item(
    link: str, language: str, pattern: str | None
) -> None:
    assert link_pattern(link, language, registry()) == pattern


def a_print(image: str, link: str = "http://www.ilo.org/moscow/news/WCMS_1/") -> PrintedLink:
    return PrintedLink("wcms-1-en", "en", "2015-01-01", None, image, link)


def test_a_picture_is_the_same_under_any_host_and_another_by_its_query() -> None:
    known = [
        twin_key(a_print(image), registry())
        for image in (
            "http://www.ilo.org/images/a.jpg",
            "https://ilo.ch/images/a.jpg",
            "http://www.ilo.org/image.php?id=1",
            "http://www.ilo.org/image.php?id=2",
        )
    ]
    assert known[0] == known[1]
    assert len(set(known)) == 3


def test_an_entry_whose_link_has_no_pattern_has_no_key() -> None:
    assert twin_key(a_print("http://www.ilo.org/a.jpg", "http://www.ilo.org/x"), registry()) is None
