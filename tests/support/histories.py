"""Histories of a page, for hypothesis: captures of entries by every name, in any order."""

from hypothesis import strategies as st

from ilo_archive.reader.entry import Entry
from ilo_archive.reader.snapshot import Snapshot
from tests.support.build import a_page, a_snapshot, an_entry, item

LINKS = st.sampled_from([None, item(1), item(2), "http://www.ilo.org/a", "http://www.ilo.org/b"])
TITLES = st.sampled_from(["One", "“Two”", '"Two"', "Three", None])
CREDITS = st.sampled_from(
    [None, "© R. Aho", "© Rita Aho", "© Rosa Aho / ILO", "© AHO Rita", "© R. Aho & J. Lee", "© ILO"]
)
DAYS = st.sampled_from([None, "2015-04-14", "2015-04-15"])


@st.composite
def entries_of_a_page(draw: st.DrawFn) -> list[Entry]:
    parts = draw(st.lists(st.tuples(TITLES, DAYS, LINKS, CREDITS), min_size=1, max_size=4))
    return [
        an_entry(title, day, link=link, position=number, credit=credit)
        for number, (title, day, link, credit) in enumerate(parts, start=1)
        if title or day
    ]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Snapshot], list[Snapshot]]:
    pages = draw(st.lists(entries_of_a_page(), min_size=1, max_size=6))
    snapshots = [
        a_snapshot(f"2015{month:02}", a_page(*page) if page else None, offset=month)
        for month, page in enumerate(pages, start=1)
    ]
    again = draw(st.lists(st.sampled_from(snapshots), max_size=2))
    return snapshots, draw(st.permutations([*snapshots, *again]))
