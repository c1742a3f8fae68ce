"""How an entry left its list: dropped, pushed off by newer ones, or unclear."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.queries.departure import Departure, departure
from tests.support.build import ymd


@dataclass(frozen=True, slots=True)
class Row:
    """An entry at its place."""

    entry_id: str
    section: str | None
    position: int
    first_seen: datetime.datetime
    date: datetime.date | None


def page(entries: str, section: str | None = "News") -> list[Row]:
    """`a9 b8 c`: entries in their order, of the 9th and 8th, and one without a date.

    Those from l to o are first seen a day after the others.
    """
    return [
        Row(
            each[0],
            section,
            position,
            datetime.datetime(2015, 5, 2 if each[0] in "lmno" else 1, tzinfo=datetime.UTC),
            ymd(f"2015-04-{int(each[1:]):02}") if each[1:] else None,
        )
        for position, each in enumerate(entries.split(), start=1)
    ]


DROPPED = [
    ("a9 b8 c7 d6", "a9 b8 d6", "c", "d"),  # gone from among its neighbours
    ("a9 b8 c7 d6", "n9 a9 b8 d6", "c", "d"),  # though one is new
    ("a9 b8 c7 d6", "b8 c7 d6", "a", "bcd"),
    ("a9 b9 c9", "n9 a9 c9", "b", "c"),  # of one day: by place
    ("a b c", "n a c", "b", "c"),  # without dates: by place
]
PUSHED = [
    ("a9 b8 c7", "n9 a9 b8", "c", "nab"),
    ("a9 b8 c7", "n12 m11 l10", "b", "nml"),
    ("a9 b8 c7", "n12 m11 l10", "a", "nml"),
    ("a9 b8 c7 d6", "n12 m11 a9", "c", "nma"),  # the list is shorter, and all of it newer
    ("p1 a9 b8 c7", "p1 n10 a9 b8", "c", "nab"),  # an old one is pinned to the top
    ("a b c", "n a b", "c", "nab"),
    ("a9 b8 c7 x", "n10 a9 b8 x", "c", "nab"),  # a link without a date is always at the end
    ("a2 b8 c9", "n12 b8 c9", "a", "nbc"),  # out of date order: by date
]
UNCLEAR = [
    ("a9 b8 c7", "a9 b8", "c"),  # shorter, and nothing new
    ("a9 b8 c7", "a9 b8 f1", "c"),  # one that is older has taken its place
    ("a9 b8 c7", "a9 b8 f", "c"),  # one of which no date is known
    ("a9 b8 c7", "", "c"),
    ("a b c", "k a b", "c"),  # no newcomer: it was seen as early as the one that is gone
    ("a9 b9 c9", "k9 a9 b9", "c"),
]


@pytest.mark.parametrize(("before", "after", "gone", "older"), DROPPED)
def test_an_entry_is_dropped_while_older_ones_stay(
    before: str, after: str, gone: str, older: str
) -> None:
    found = departure(gone, page(before), page(after))
    assert found == Departure("dropped", older=tuple(older))


@pytest.mark.parametrize(("before", "after", "gone", "newer"), PUSHED)
def test_an_entry_below_the_fold_of_newer_ones_is_pushed(
    before: str, after: str, gone: str, newer: str
) -> None:
    found = departure(gone, page(before), page(after))
    assert found == Departure("pushed", newer=tuple(newer))


@pytest.mark.parametrize(("before", "after", "gone"), UNCLEAR)
def test_the_departure_is_unclear_if_the_list_does_not_show_it(
    before: str, after: str, gone: str
) -> None:
    assert departure(gone, page(before), page(after)) == Departure("unclear")


def test_lists_under_other_headings_do_not_count() -> None:
    before = [*page("a9 b8 c7"), *page("x9 y8", "Publications")]
    after = [*page("n10 a9 b8"), *page("x9 z7 c7", "Archive")]
    assert departure("y", before, after).manner == "unclear"
    assert departure("c", before, after).manner == "pushed"


@pytest.mark.parametrize("heading", [None, "News"])
def test_lists_with_one_heading_or_none_are_apart(heading: str | None) -> None:
    before = [*page("a9 b8", heading), *page("x2 y1", heading)]
    after = [*page("n12 m11", heading), *page("x2 y1", heading)]
    assert departure("a", before, after) == Departure("pushed", newer=("n", "m"))
    after = [*page("x2 y1", heading)]
    assert departure("a", before, after) == Departure("unclear")


@pytest.mark.parametrize("heading", [None, "NEWS", "Latest"])
def test_a_list_is_known_again_by_its_entries_where_its_heading_is_another(
    heading: str | None,
) -> None:
    before = [*page("a9 b8 c7"), *page("x9 y8", "Publications")]
    after = [*page("x9 y8", "Publications"), *page("a9 c7", heading)]
    assert departure("b", before, after) == Departure("dropped", older=("c",))


@given(st.permutations("abcdef"), st.permutations("abcdefghi"), st.integers(1, 6))
def test_an_entry_is_never_called_dropped_if_only_newer_ones_remain(
    before: Sequence[str], after: Sequence[str], length: int
) -> None:
    """Letters later in the alphabet are newer."""
    was = page(" ".join(f"{each}{ord(each) - 90}" for each in before))
    now = page(" ".join(f"{each}{ord(each) - 90}" for each in after[:length]))
    for row in was:
        if row.entry_id not in after[:length]:
            found = departure(row.entry_id, was, now)
            if all(each.entry_id > row.entry_id for each in now):
                assert found.manner != "dropped"
            if found.manner == "dropped":
                assert all(each < row.entry_id for each in found.older)
            if found.manner == "pushed":
                assert all(each > row.entry_id for each in found.newer)
