"""Offices: captures of each, and how names and descriptions changed."""

from dataclasses import replace
from pathlib import Path

from sqlalchemy import text

from ilo_archive import Archive
from ilo_archive.offices import registry
from ilo_archive.queries.lifeline import Bounds
from tests.support.build import (
    a_page,
    a_snapshot,
    an_archive,
    an_entry,
    capture_of,
    item,
    news,
    utc,
)


def test_the_offices_are_those_of_the_registry_and_of_the_archive(
    archive_of_captures: Archive,
) -> None:
    held = {each.slug: each for each in archive_of_captures.offices()}
    assert set(held) == {*registry().offices, "rivers"}
    assert list(held) == sorted(held)
    moscow, lima, rivers = held["moscow"], held["lima"], held["rivers"]
    assert (moscow.captures, moscow.good) == (9, 7)
    assert (moscow.first, moscow.last) == (
        utc("2015-01-10T00:00:00Z"),
        utc("2020-01-01T00:00:00Z"),
    )
    assert (lima.captures, lima.good, lima.languages) == (1, 0, ("es", "en"))
    assert (rivers.name, rivers.languages, rivers.addresses) == ("rivers", (), ())
    assert (held["suva"].captures, held["suva"].first) == (0, None)


def test_the_text_of_an_offset_list_is_not_a_description_of_the_office(home: Path) -> None:
    home_, list_ = (a_snapshot(when, a_page(an_entry(link=item(1)))) for when in ("2015", "2016"))
    offset = replace(list_.capture.place, page="moscow/en/nextRow--40")
    listed = replace(
        list_,
        capture=replace(list_.capture, place=offset),
        page=replace(a_page(an_entry()), office=None, description="All news of the office."),
    )
    with Archive(an_archive(home, home_, listed)) as archive:
        printed = [(each.field, each.text, each.absent_from) for each in archive.profile("moscow")]
        sql = text("SELECT field, text, absent_from FROM descriptions ORDER BY field DESC")
        rows = [tuple(row) for row in archive._file.connection.execute(sql)]
    assert printed == rows == [("name", "ILO Moscow", None), ("description", "It works.", None)]


def test_a_profile_has_each_wording_with_its_bounds_and_facts(home: Path) -> None:
    first = a_page(news(1))
    one = replace(first, description="The office has served Armenia and Georgia since 1959.")
    two = replace(first, description="The office has served Armenia and Belarus since 1959.")
    path = an_archive(
        home, a_snapshot("2015", one), a_snapshot("2016", one), a_snapshot("2017", two)
    )
    with Archive(path) as archive:
        name, *descriptions = archive.profile("moscow")
    assert (name.field, name.text, name.captures) == ("name", "ILO Moscow", 3)
    printed = [
        ([country.code for country in each.countries], each.since, each.first_seen, each.captures)
        for each in descriptions
    ]
    assert printed == [
        (["AM", "GE"], (1959,), utc("2015-01-01T00:00:00Z"), 2),
        (["AM", "BY"], (1959,), utc("2017-01-01T00:00:00Z"), 1),
    ]


def test_a_wording_that_recurs_has_its_own_bounds(home: Path) -> None:
    """Georgia is named, not named, and named again; a capture without a description is ignored,
    and other quotes are no other wording.
    """
    page = a_page(news(1))
    georgia = replace(page, description='The "office" serves Armenia and Georgia.')
    quoted = replace(page, description="The “office” serves Armenia  and Georgia.")
    alone = replace(page, description="The office serves Armenia.")
    path = an_archive(
        home,
        a_snapshot("201501", georgia),
        a_snapshot("201502", quoted),
        a_snapshot("201503", replace(page, description=None)),
        a_snapshot("201504", alone),
        a_snapshot("201505", georgia),
    )
    with Archive(path) as archive:
        _, first, second, third = archive.profile("moscow")
    assert [each.captures for each in (first, second, third)] == [2, 1, 1]
    assert (f"{first.first_seen:%Y-%m}", f"{first.last_seen:%Y-%m}") == ("2015-01", "2015-02")
    assert (first.not_before, f"{first.absent_from:%Y-%m}") == (None, "2015-04")
    assert second.began == Bounds(utc("2015-02-01T00:00:00Z"), utc("2015-04-01T00:00:00Z"))
    assert second.ended == Bounds(utc("2015-04-01T00:00:00Z"), utc("2015-05-01T00:00:00Z"))
    assert third.began.earliest == utc("2015-04-01T00:00:00Z")
    assert [each.code for each in second.left] == ["GE"]
    assert [each.code for each in third.joined] == ["GE"]
    assert first.joined == first.left == second.joined == third.left == ()


def test_an_office_that_was_renamed_and_moved_is_one_office(home: Path) -> None:
    """Moscow's page in Russian at www.ilo.ru and then at www.ilo.org, under two names."""
    old = capture_of("http://www.ilo.ru/", "20090101", a_page(news(1), office="Старое бюро"))
    new = capture_of(
        "http://www.ilo.org/moscow/lang--ru/index.htm", "20110101", a_page(news(1), office="Бюро")
    )
    with Archive(an_archive(home, new, old)) as archive:
        names_ = [each for each in archive.profile("moscow") if each.field == "name"]
        held = [each.slug for each in archive.offices() if each.captures]
    assert held == ["moscow"]
    assert [each.text for each in names_] == ["Старое бюро", "Бюро"]
    assert names_[1].began == Bounds(utc("2009-01-01T00:00:00Z"), utc("2011-01-01T00:00:00Z"))
