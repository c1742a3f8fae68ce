"""Holders of credits: forms of one name, shown under the fullest."""

from dataclasses import replace
from pathlib import Path

import pytest

from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item
from tests.support.homes import bring_back, contents, rows


def credited(*prints: str) -> list[Snapshot]:
    """A capture of one entry for each credit, year by year."""
    return [
        a_snapshot(str(year), a_page(an_entry(str(year), link=item(year), credit=each)))
        for year, each in enumerate(prints, start=2001)
    ]


HOLDERS = "SELECT holder, agency, entries, forms FROM credits"


@pytest.mark.parametrize("turn", range(4))
def test_a_holder_in_several_forms_is_one_under_the_fullest(home: Path, turn: int) -> None:
    prints = ["© Rod Waddington 2021", "© R. Waddington", "© WADDINGTON Rod", "© Rod  Waddington"]
    path = an_archive(home, *credited(*prints[turn:], *prints[:turn]))
    assert rows(path, HOLDERS) == [
        ("Rod Waddington", None, 4, "R. Waddington; Rod Waddington; WADDINGTON Rod")
    ]


def test_a_form_that_fits_two_holders_is_a_holder_of_its_own(home: Path) -> None:
    path = an_archive(home, *credited("© R. Aho", "© Rita Aho", "© Rosa Aho"))
    assert [row[0] for row in rows(path, HOLDERS)] == ["R. Aho", "Rita Aho", "Rosa Aho"]


def test_a_form_joins_its_holder_again_when_the_other_disappears(home: Path) -> None:
    *both, mistaken = credited("© R. Aho", "© Rita Aho", "© Rosa Aho")
    right = replace(mistaken, page=a_page(an_entry("2003", link=item(2003))))
    path = an_archive(home, *both, mistaken, right)
    assert rows(path, HOLDERS) == [("Rita Aho", None, 2, "R. Aho; Rita Aho")]


def test_two_who_share_a_credit_are_two_holders(home: Path) -> None:
    path = an_archive(home, *credited("© Rita Aho & Jo Lee / ILO", "© J. Lee / ILO", "© ILO"))
    assert rows(path, HOLDERS) == [
        ("Jo Lee", "ILO", 2, "J. Lee; Jo Lee"),
        ("Rita Aho", "ILO", 1, "Rita Aho"),
        (None, "ILO", 1, None),
    ]


def test_an_archive_of_an_earlier_schema_gets_its_holders(home: Path) -> None:
    path = an_archive(home, *credited("© R. Aho & Jo Lee / ILO", "© Rita Aho", "© ILO"))
    before = contents(path)
    bring_back(path, "0002")
    an_archive(home)
    after = contents(path)
    assert after.pop("captures") != before.pop("captures")  # these had their charset
    assert after == before
