"""Prominence: the places of entries on the main list of a page, capture by capture."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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


@dataclass(frozen=True, slots=True)
class Prominence:
    """How prominent an entry was on the main list of a page.

    `best` is its highest place, `captures_on_top` the good captures on which it stood on places 1
    to 3. `days_on_top` are the days between two such captures that follow each other, summed up:
    what happened between them is unknown. `promoted` and `demoted` count the times that it moved
    above and below entries that are on both of two captures in a row; one pushed down by newer
    entries is not demoted.
    """

    page: str
    language: str | None
    entry_id: str
    title: str | None
    date: date | None
    best: int
    captures_on_top: int
    days_on_top: int
    promoted: int
    demoted: int


def prominence(page: PageHistory) -> list[Prominence]:
    """The prominence of entries that stood on top or changed their order, the longest on top first;
    none for an offset list, whose places say nothing.
    """
    if not page.absence_counts:
        return []
    moved = list(overtakings(page))
    up = Counter(name for _, name in {(each.before, each.above.entry_id) for each in moved})
    down = Counter(name for _, name in {(each.before, each.below.entry_id) for each in moved})
    found = [_prominence(page, each, up, down) for each in standings(page)]
    shown = (each for each in found if each.captures_on_top or each.promoted or each.demoted)
    return sorted(shown, key=lambda each: (-each.days_on_top, -each.captures_on_top, each.entry_id))


def _prominence(
    page: PageHistory, standing: Standing, up: Mapping[str, int], down: Mapping[str, int]
) -> Prominence:
    entry = standing.entry
    return Prominence(
        page.page,
        page.language,
        entry.entry_id,
        entry.title,
        entry.date,
        standing.best,
        standing.on_top,
        _days_on_top(page, standing),
        up.get(entry.entry_id, 0),
        down.get(entry.entry_id, 0),
    )


def _days_on_top(page: PageHistory, standing: Standing) -> int:
    on_top = [number for number, place in standing.places if place <= TOP]
    times = [
        page.good[after].captured_at - page.good[before].captured_at
        for before, after in pairwise(on_top)
        if after == before + 1
    ]
    return sum(times, timedelta()).days


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
