"""Wordings of an entry: what is a new one, and in which print it is shown."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item
from tests.support.homes import rows


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
def test_changed_words_or_dates_are_a_new_wording(
    home: Path, before: dict[str, Any], after: dict[str, Any], revisions: int
) -> None:
    path = an_archive(
        home,
        a_snapshot("2015", a_page(an_entry(**before, link=item(7)))),
        a_snapshot("2016", a_page(an_entry(**after, link=item(7)))),
    )
    assert rows(path, "SELECT revisions FROM news") == [(revisions,)]


def test_a_wording_is_displayed_in_its_earliest_printed_form(home: Path) -> None:
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
