"""Entries by month and list: a bar for each month, as high as it has entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ilo_archive.queries.entry_months import MonthlyEntries
from ilo_archive.queries.lives import Life
from ilo_archive.report.capture_dates import month_in_words
from ilo_archive.report.time_axis import Spot, TimeAxis
from ilo_archive.text.counted import counted

BASE = 40
"""Pixels from the top to the line that bars stand on."""

_HIGHEST = 26  # pixels
_UNIT = 8  # pixels an entry, at most


@dataclass(frozen=True, slots=True)
class MonthBar:
    """A month; `anchor` is the first capture that shows an entry of it. The first of the highest of
    its list has a `label`.
    """

    x: float
    width: float
    height: float
    entries: int
    words: str
    anchor: str
    label: str = ""

    @property
    def y(self) -> float:
        """The upper edge."""
        return round(BASE - self.height, 1)


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A list of a page and its bars."""

    counts: MonthlyEntries
    bars: tuple[MonthBar, ...]

    @property
    def by_year(self) -> str:
        """`2015: 10, 2016: 5`."""
        years: dict[str, int] = {}
        for month, number in self.counts.months.items():
            years[month[:4]] = years.get(month[:4], 0) + number
        return ", ".join(f"{year}: {number}" for year, number in years.items())


def month_rows(
    counts: Sequence[MonthlyEntries], lives: Sequence[Life], axis: TimeAxis, good: Sequence[Spot]
) -> list[MonthRow]:
    """The lists of a page that have dated entries. Bars of all lists have one scale."""
    highest = max((max(each.months.values()) for each in counts if each.months), default=0)
    unit = min(_UNIT, _HIGHEST / highest) if highest else 0
    first = _first_captures(lives)
    return [
        MonthRow(each, _labelled(_bars(each, first, axis, good, unit)))
        for each in counts
        if each.months
    ]


def _first_captures(lives: Sequence[Life]) -> Mapping[tuple[str | None, str], int]:
    """List and month -> number of the first capture that shows an entry of it."""
    found: dict[tuple[str | None, str], int] = {}
    for life in lives:
        if life.entry.date:
            key = life.section, f"{life.entry.date:%Y-%m}"
            found[key] = min(found.get(key, life.shown[0]), life.shown[0])
    return found


def _bars(
    counts: MonthlyEntries,
    first: Mapping[tuple[str | None, str], int],
    axis: TimeAxis,
    good: Sequence[Spot],
    unit: float,
) -> list[MonthBar]:
    """The months that the axis has: some entries are older than the first capture."""
    bars = []
    for month, number in counts.months.items():
        start, end = _bounds(month)
        if axis.first_year <= start.year <= axis.last_year:
            x = axis.on(start)
            width = round((axis.on(end) - x) * 0.8, 2)
            words = f"{month_in_words(month)}: {counted(number, 'entry', 'entries')}"
            anchor = good[first[counts.heading, month]].anchor
            bars.append(MonthBar(x, width, round(number * unit, 1), number, words, anchor))
    return bars


def _labelled(bars: Sequence[MonthBar]) -> tuple[MonthBar, ...]:
    highest = max(bars, key=lambda each: each.entries, default=None)
    return tuple(
        replace(each, label=str(each.entries)) if each is highest and each.entries > 1 else each
        for each in bars
    )


def _bounds(month: str) -> tuple[date, date]:
    year, number = int(month[:4]), int(month[5:])
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)
