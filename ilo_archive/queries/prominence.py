"""Prominence: the places of entries on the main list of a page, capture by capture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

from ilo_archive.queries.answers import PrintedEntry
from ilo_archive.queries.history import PageHistory
from ilo_archive.queries.main_list import main_list

TOP = 3
"""Places that count as prominent."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an entry stands: pairs of the number of a good capture and a place, by time. Places
    and captures are counted from 1 and from 0.
    """

    entry: PrintedEntry
    places: tuple[tuple[int, int], ...]

    @property
    def best(self) -> int:
        """The highest place."""
        return min(place for _, place in self.places)

    @property
    def on_top(self) -> int:
        """The captures on which it stands on one of the first places."""
        return sum(place <= TOP for _, place in self.places)


@dataclass(frozen=True, slots=True)
class Overtaking:
    """Two entries that changed their order between the good captures `before` and `after`:
    `above` stands above `below` on the later one only.
    """

    before: int
    after: int
    above: PrintedEntry
    below: PrintedEntry


def standings(page: PageHistory) -> list[Standing]:
    """The places of every entry that was on the main list, in the order of appearance."""
    places: dict[str, list[tuple[int, int]]] = {}
    latest: dict[str, PrintedEntry] = {}
    for number, capture in enumerate(page.good):
        for place, entry in enumerate(main_list(capture.entries), 1):
            places.setdefault(entry.entry_id, []).append((number, place))
            latest[entry.entry_id] = entry
    return [Standing(latest[each], tuple(at)) for each, at in places.items()]


def overtakings(page: PageHistory) -> Iterator[Overtaking]:
    """Every change of order between two good captures that follow each other, by time."""
    lists = [main_list(each.entries) for each in page.good]
    for number, (before, after) in enumerate(pairwise(lists)):
        for above, below in _swapped(before, after):
            yield Overtaking(number, number + 1, above, below)


def _swapped(
    before: Sequence[PrintedEntry], after: Sequence[PrintedEntry]
) -> Iterator[tuple[PrintedEntry, PrintedEntry]]:
    was = {each.entry_id: place for place, each in enumerate(before)}
    stayed = [each for each in after if each.entry_id in was]
    for above, below in combinations(stayed, 2):
        if was[above.entry_id] > was[below.entry_id]:
            yield above, below
