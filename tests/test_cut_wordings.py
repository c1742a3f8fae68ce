"""Wordings that a page cut off: neither edits nor an entry's latest wording."""

import itertools
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive import Archive
from ilo_archive.identity.cuts import is_beginning
from ilo_archive.queries.comparison import compare
from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import a_page, a_snapshot, an_archive, news
from tests.support.run import ingest, run

WHOLE = "The ferry will stop at the new pier from May. Tickets stay as they are."
CUT = "The ferry will stop at the new p"
WORDING = {
    "kicker": "Travel",
    "title": "A pier for the ferry",
    "dateline": "4 April 2016",
    "date": "2016-04-04",
    "date_end": None,
    "place": "Bergen",
    "summary": WHOLE,
}


def ending(summary: str | None, title: str = "A pier for the ferry") -> Page:
    """A page that ends in the second of its entries."""
    last = news(2, title, "2016-04-04", summary=summary)
    return replace(a_page(news(1, summary="Rain."), last), ends_in_entry=True)


def histories(path: Path) -> tuple[list[Any], str | None, int, list[bool]]:
    """The edits, the latest summary, the number of revisions, and which of them are cut."""
    with Archive(path) as archive:
        story = archive.story("wcms-2-en")
        edits = [(each.field, each.before, each.after) for each in archive.edits()]
        cut = [each.cut_of is not None for each in story.wordings]
        return edits, story.item.summary, story.item.revisions, cut


CUT_OFF = [
    ending(CUT),
    ending("The ferry will stop at the new …"),
    ending("The ferry will stop at the new pier from May."),
    ending(None),
    ending(None, "A pier for"),
]


@pytest.mark.parametrize("cut", CUT_OFF)
def test_a_cut_wording_is_no_edit_and_never_the_latest(home: Path, cut: Page) -> None:
    snapshots = [
        a_snapshot("20160405", ending(WHOLE)),
        a_snapshot("20160505", cut),
        a_snapshot("20160605", ending(WHOLE)),
        a_snapshot("20160705", cut),
    ]
    assert histories(an_archive(home, *snapshots)) == ([], WHOLE, 1, [False, True])


def test_the_order_in_which_captures_arrive_does_not_matter(tmp_path: Path) -> None:
    snapshots = [
        a_snapshot("20160405", ending(CUT)),
        a_snapshot("20160505", ending(WHOLE)),
        a_snapshot("20160605", ending(CUT + "ier")),
    ]
    orders = list(itertools.permutations(snapshots))
    assert len(orders) == 6
    for number, order in enumerate(orders):
        found = histories(an_archive(tmp_path / str(number), *order))
        assert found == ([], WHOLE, 1, [True, False, True])


def partial(snapshot: Snapshot) -> Snapshot:
    return replace(snapshot, capture=replace(snapshot.capture, status=206))


def test_the_last_entry_of_a_partial_capture_is_cut(home: Path) -> None:
    whole, cut = (replace(ending(words), ends_in_entry=False) for words in (WHOLE, CUT))
    path = an_archive(home, a_snapshot("20160405", whole), partial(a_snapshot("20160505", cut)))
    assert histories(path) == ([], WHOLE, 1, [False, True])


NOT_CUT = [
    replace(ending(CUT), ends_in_entry=False),  # a footer follows
    ending("The ferry will stop at the old pier."),  # other words
    ending(WHOLE[20:]),  # the end, not the beginning
    ending(WHOLE, "A pier for"),  # the title is shorter, but what follows is whole
]


@pytest.mark.parametrize("after", NOT_CUT)
def test_other_wordings_are_edits(home: Path, after: Page) -> None:
    path = an_archive(home, a_snapshot("20160405", ending(WHOLE)), a_snapshot("20160505", after))
    edits, _, revisions, cut = histories(path)
    assert (len(edits), revisions, cut) == (1, 2, [False, False])


def test_a_wording_that_another_page_shows_within_is_whole(home: Path) -> None:
    within = a_page(
        news(2, "A pier for the ferry", "2016-04-04", summary=CUT), news(1, summary="Rain.")
    )
    pages = [ending(WHOLE), ending(CUT), within]
    path = an_archive(
        home, *(a_snapshot(f"20160{month}05", page) for month, page in enumerate(pages, start=4))
    )
    assert histories(path)[:3] == ([("summary", WHOLE, CUT)], CUT, 2)


def test_a_cut_wording_is_marked_no_more_when_its_page_is_read_whole(home: Path) -> None:
    first, last = a_snapshot("20160405", ending(WHOLE)), a_snapshot("20160505", ending(CUT))
    again = replace(last, page=replace(ending(CUT), ends_in_entry=False))
    path = an_archive(home, first, last, again)
    assert histories(path) == ([("summary", WHOLE, CUT)], CUT, 2, [False, False])


def test_a_comparison_names_no_cut_as_an_edit(home: Path) -> None:
    path = an_archive(
        home, a_snapshot("20160405", ending(WHOLE)), a_snapshot("20160505", ending(CUT))
    )
    with Archive(path) as archive:
        before, after = archive.last_two("moscow", None)
        assert (compare(before, after).changes, compare(after, before).changes) == ((), ())


def test_words_that_a_page_cut_off_were_not_removed(home: Path) -> None:
    path = an_archive(
        home, a_snapshot("20160405", ending(WHOLE)), a_snapshot("20160505", ending(CUT))
    )
    with Archive(path) as archive:
        assert list(archive.word_changes("tickets", "removed")) == []


PAGE_TEXT = """ILO in the Fjords


  1. {first}

    12 May 2016

    The water rose by a metre.


  1. Lighthouse keepers meet

    3 - 4 March 2016

    Keepers from nine lighthouses came.

  2. Survey of the piers

    1 February 2016

    {last}"""
SURVEY = "All piers were surveyed by boat. The report is due in June."


def test_texts_that_end_early_are_compared_as_they_are(home: Path, tmp_path: Path) -> None:
    """Two lists without a heading: the entry of the first one is pushed off by a newer one, and the
    summary of the last one is cut.
    """
    url = "http://www.ilo.org/fjords/lang--en/index.htm"
    texts = {
        "2016-05-20": ("High tide", SURVEY),
        "2016-08-20": ("Low tide", "All piers were surveyed by boat. The rep"),
    }
    for day, (first, last) in texts.items():
        file = tmp_path / f"{day}.txt"
        page = PAGE_TEXT.format(first=first, last=last)
        file.write_text(page.replace("12 May", "12 August") if day == "2016-08-20" else page)
        ingest(home, file, "--url", url, "--at", day)
    assert json.loads(run(home, "entries", "--edited", "--format", "json").out) == []
    found = json.loads(run(home, "diff", "fjords", "--format", "json").out)["changes"]
    departures = [each["departure"]["manner"] for each in found if each["departure"]]
    assert [each["kind"] for each in found] == ["appeared", "gone"]
    assert departures == ["pushed"]


@given(st.sampled_from(["title", "summary"]), st.integers(0, 40))
def test_any_beginning_is_one_and_nothing_begins_itself(field: str, length: int) -> None:
    cut: dict[str, Any] = {**WORDING, field: str(WORDING[field])[:length]}
    if field == "title":
        cut["summary"] = None
    assert is_beginning(cut, WORDING) == (cut != WORDING)
    assert not is_beginning(WORDING, cut)
    assert not is_beginning(WORDING, WORDING)


@pytest.mark.parametrize(
    ("changes", "cut"),
    [
        ({"dateline": "4 Apr", "date": None, "summary": None}, True),
        ({"dateline": None, "date": None, "summary": None}, True),
        ({"dateline": "04.04.2016", "summary": CUT}, True),  # another print of one date
        ({"dateline": "5 April 2016", "date": "2016-04-05", "summary": CUT}, False),
        ({"kicker": None, "summary": CUT}, False),  # what stands first is never cut alone
        ({"place": "Ber", "summary": None}, True),
        ({"place": "Oslo", "summary": CUT}, False),
    ],
)
def test_dates_and_places_stand_anywhere(changes: dict[str, Any], cut: bool) -> None:
    assert is_beginning({**WORDING, **changes}, WORDING) == cut
