"""Places on the main list over time: a line for each entry, a column for each capture."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ilo_archive.queries.answers import PrintedEntry
from ilo_archive.queries.prominence import Overtaking, Standing
from ilo_archive.report.time_axis import MANY, Spot

COLUMNS = 24
"""Captures side by side in one panel, twice as many where there are hundreds."""

_HUNDREDS = 240

LOWEST = 10
"""The last place that is drawn."""

STEP = 26
"""Pixels from place to place."""


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """An entry in a panel. `path` is in columns and places, `away` the same over captures without
    it. `marked` are dots with links: percent of the width and place, words, anchor; among many
    captures `dot` marks the first place.
    """

    entry: PrintedEntry
    words: str
    path: str
    away: str
    dot: str
    marked: tuple[tuple[float, int, str, str], ...]
    crosses: bool


@dataclass(frozen=True, slots=True)
class PlacePanel:
    """Captures in a row, and the entries on them; `places` is the lowest place that is taken."""

    captures: tuple[Spot, ...]
    lines: tuple[PlaceLine, ...]
    places: int

    @property
    def span(self) -> str:
        """From the first to the last capture in words."""
        return f"{self.captures[0].day} to {self.captures[-1].day}"

    def x(self, column: int) -> float:
        """The middle of a column, in percent of the width."""
        return round((column + 0.5) / len(self.captures) * 100, 2)

    def y(self, place: int) -> float:
        """A place, in pixels from the top of the panel."""
        return (place - 0.5) * STEP


def place_panels(
    standings: Sequence[Standing], overtakings: Sequence[Overtaking], good: Sequence[Spot]
) -> list[PlacePanel]:
    """The panels of a page, the earliest first; none without a main list or a second
    capture.
    """
    crossing = {
        (each.before, entry.entry_id) for each in overtakings for entry in (each.above, each.below)
    }
    columns = COLUMNS * (2 if len(good) > _HUNDREDS else 1)
    starts = range(0, max(len(good) - 1, 1), columns - 1)  # neighbours share a column
    panels = [
        _panel(good[start : start + columns], start, standings, crossing, len(good) <= MANY)
        for start in starts
    ]
    return [each for each in panels if each.lines and len(good) > 1]


def _panel(
    captures: Sequence[Spot],
    start: int,
    standings: Sequence[Standing],
    crossing: set[tuple[int, str]],
    linked: bool,
) -> PlacePanel:
    lines = []
    lowest = 1
    for each in standings:
        places = [
            (at - start, place)
            for at, place in each.places
            if start <= at < start + len(captures) and place <= LOWEST
        ]
        if places:
            lowest = max(lowest, *(place for _, place in places))
            crosses = any((start + at, each.entry.entry_id) in crossing for at, _ in places)
            lines.append(_line(each, places, captures, crosses, linked))
    return PlacePanel(tuple(captures), tuple(lines), lowest)


def _line(
    standing: Standing,
    places: Sequence[tuple[int, int]],
    captures: Sequence[Spot],
    crosses: bool,
    linked: bool,
) -> PlaceLine:
    title = standing.entry.title or "(no title)"
    turns = "; ".join(f"{place} on {captures[at].short}" for at, place in _turns(places))
    marked = [
        (
            round((at + 0.5) / len(captures) * 100, 2),
            place,
            f"{title}: place {place} on {captures[at].short}",
            captures[at].anchor,
        )
        for at, place in places
    ]
    next_to, apart = _strokes(places)
    first = places[0]
    return PlaceLine(
        standing.entry,
        f"{title}: place {turns}",
        next_to,
        apart,
        "" if linked else f"M{_point(*first)}h0",
        tuple(marked) if linked else (),
        crosses,
    )


def _strokes(places: Sequence[tuple[int, int]]) -> tuple[str, str]:
    """Paths between places: on captures next to each other, and over those without the entry."""
    next_to, apart = "", ""
    for one, other in pairwise(places):
        start, end = _point(*one), _point(*other)
        if other[0] != one[0] + 1:
            apart += f"M{start}L{end}"
        elif next_to.endswith(start):
            next_to += f"L{end}"
        else:
            next_to += f"M{start}L{end}"
    return next_to, apart


def _point(column: int, place: int) -> str:
    return f"{column + 0.5:g} {place - 0.5:g}"


def _turns(places: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The first, the last, and where the place changed."""
    last = None
    for number, (at, place) in enumerate(places):
        if place != last or number == len(places) - 1:
            yield at, place
        last = place
