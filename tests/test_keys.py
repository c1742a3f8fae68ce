"""Keys by which an entry is known on another capture."""

import pytest

from ilo_archive.identity.keys import EntryKeys, entry_keys, wording_digest
from ilo_archive.offices import registry
from ilo_archive.reader.entry import Entry
from tests.support.build import an_entry, item


def called(entry: Entry, language: str | None = "en", office: str = "moscow") -> EntryKeys:
    return entry_keys(entry, language, office, registry())


def test_the_key_of_an_item_is_its_number_and_language() -> None:
    assert called(an_entry(link=item(7))).item_key == "wcms-7-en"
    assert called(an_entry(link=item(7)), "ru").item_key == "wcms-7-ru"
    assert called(an_entry(link=item(7)), None).item_key == "wcms-7-xx"
    assert called(an_entry(link=item(7))).numbered


def test_an_item_number_is_one_key_under_every_host_and_office() -> None:
    links = (
        item(7),
        "https://ilo.ch/WCMS_7",
        "http://www.ilo.org/rome/WCMS_7/lang--en?x=1",
        "/moscow/news/WCMS_7/lang--en/index.htm",
    )
    assert {called(an_entry(link=link), office="rome").item_key for link in links} == {"wcms-7-en"}


def test_variants_of_a_link_without_a_number_are_one_key() -> None:
    links = (
        "http://www.ilo.org/resource/news/a",
        "https://ilo.org/resource/news/a/",
        "http://oit.org:80/resource/news/a?utm_source=x#y",
    )
    assert len({called(an_entry(link=link)).item_key for link in links}) == 1
    strong = called(an_entry(link=links[0])).item_key
    assert strong is not None
    assert strong.startswith("link-")
    assert not called(an_entry(link=links[0])).numbered
    assert called(an_entry(link="http://www.ilo.org/resource/news/b")).item_key != strong


@pytest.mark.parametrize("link", [None, "", "/a", "file:///a", "#top"])
def test_a_link_that_leads_nowhere_is_not_a_key(link: str | None) -> None:
    assert called(an_entry(link=link)).item_key is None


def test_a_dated_title_is_one_key_at_every_office_in_any_typography() -> None:
    one = called(an_entry("“Seminar”  Opens"))
    assert one == called(an_entry('"seminar" opens'), office="rome")
    assert one.title_key.startswith("entry-")


def test_day_title_and_language_are_each_part_of_a_key() -> None:
    several = {
        called(an_entry()).title_key,
        called(an_entry("Seminar closes")).title_key,
        called(an_entry(day="2015-04-15")).title_key,
        called(an_entry(), "ru").title_key,
    }
    assert len(several) == 4


def test_an_undated_title_is_a_key_at_its_office_only() -> None:
    assert called(an_entry(day=None)) == called(an_entry(day=None))
    assert called(an_entry(day=None)) != called(an_entry(day=None), office="rome")


def test_without_a_title_the_summary_is_the_key() -> None:
    one = an_entry(None, summary="It opened.")
    assert called(one) == called(an_entry(None, summary="It  opened."))
    assert called(one) != called(an_entry(None, summary="It closed."))


def test_picture_credit_and_position_are_not_part_of_the_wording() -> None:
    one = an_entry(link=item(7), credit="© Jo Lee 2015")
    other = an_entry(link=item(8), position=9, credit="© Someone Else / ILO 2016")
    assert wording_digest(one, "en") == wording_digest(other, "en")
    assert wording_digest(one, "en") != wording_digest(one, "ru")
