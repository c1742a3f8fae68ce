"""How many entries were probably never captured, gap by gap.

The newest entry of a list and the oldest new one of the next list bound a stretch of days of which
no capture shows an entry. The list before and the list after each give a usual interval between
successive dates, the mean without the longest; the stretch divided by it is a number of entries,
and no more can have come than in the time between the two captures, less the new entries.
The range reaches from the lower to the higher of the two numbers, widened by their square roots:
what chance alone makes of numbers of that size. A stretch of less than three usual intervals
says nothing: none was missed.

Where the two lists share an entry the range begins at 0: on a list of the newest, what came on top
would have pushed the shared entry off before it left itself.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from math import ceil, floor, sqrt
from statistics import mean

from ilo_archive.offices import PageSeries, is_offset_list
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.main_list import main_list
from ilo_archive.times import from_iso

_SAYS_NOTHING = 3  # usual intervals
_LEAST_INTERVAL = 0.5  # days: several entries a day


@dataclass(frozen=True, slots=True)
class Gap:
    """The time between two good captures that follow each other. `shared` entries are on the main
    list of both. `least` and `most` bound the entries that probably came and went in between,
    None where the lists have too few dates to tell.
    """

    before: str
    after: str
    start: datetime
    end: datetime
    shared: int
    least: int | None
    most: int | None

    @property
    def days(self) -> int:
        """Whole days between the two captures."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class ListedEntry:
    """An entry of a list: what the estimate needs of it."""

    entry_id: str
    section: str | None
    date: date | None


@dataclass(frozen=True, slots=True)
class ListOnCapture:
    """The main list of a good capture."""

    capture_id: str
    captured_at: datetime
    entries: tuple[ListedEntry, ...]


def probably_missed(archive: ReadOnlyArchive, series: PageSeries) -> list[Gap]:
    """The gaps of a page by time; none for an offset list, which shows no newest entries."""
    if is_offset_list(series.page):
        return []
    return estimate_gaps(_lists(archive, series.page))


def _lists(archive: ReadOnlyArchive, page: str) -> list[ListOnCapture]:
    rows = archive.rows(_LISTED, {"page": page})
    captures = groupby(rows, key=lambda row: (str(row["capture_id"]), str(row["captured_at"])))
    found = []
    for (capture_id, captured_at), same in captures:
        listed = [
            ListedEntry(row["entry_id"], row["section"], row["date"] and _day(row["date"]))
            for row in same
            if row["entry_id"]
        ]
        entries = tuple(main_list(listed))
        found.append(ListOnCapture(capture_id, from_iso(captured_at), entries))
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)


def estimate_gaps(lists: Sequence[ListOnCapture]) -> list[Gap]:
    """The gaps between the captures of a page, which are in the order of time."""
    return [_gap(before, after) for before, after in pairwise(lists)]


def _gap(before: ListOnCapture, after: ListOnCapture) -> Gap:
    known = {each.entry_id for each in before.entries}
    shared = sum(each.entry_id in known for each in after.entries)
    least, most = _range(before, after, known)
    if least is not None and shared:
        least = 0
    return Gap(
        before.capture_id, after.capture_id, before.captured_at, after.captured_at, shared, least,
        most,
    )  # fmt: skip


def _range(
    before: ListOnCapture, after: ListOnCapture, known: Set[str]
) -> tuple[int | None, int | None]:
    earlier, later = _dates(before), _dates(after)
    if len(earlier) < 2 or len(later) < 2:
        return None, None
    new = _dates(after, known)
    numbers = [_number(before, after, new, _usual_interval(dates)) for dates in (earlier, later)]
    if max(numbers) < _SAYS_NOTHING:
        return 0, 0
    least, most = min(numbers), max(numbers)
    return max(0, floor(least - sqrt(least))), ceil(most + sqrt(most))


def _number(
    before: ListOnCapture, after: ListOnCapture, new: Sequence[date], interval: float
) -> float:
    """What came in the stretch without an entry, but no more than in the time between the two
    captures beyond the new ones.
    """
    newest = _dates(before)[-1]
    stretch = (new[0] - newest).days if new else 0
    days = (after.captured_at - before.captured_at).days
    return max(0, min(stretch / interval, days / interval - len(new)))


def _dates(shown: ListOnCapture, without: Set[str] = frozenset()) -> list[date]:
    """The dates of a list up to its capture: announced meetings are no news yet."""
    day = shown.captured_at.date()
    listed = (each for each in shown.entries if each.entry_id not in without)
    return sorted(each.date for each in listed if each.date and each.date <= day)


def _usual_interval(dates: Sequence[date]) -> float:
    """Days from one entry to the next: the mean without the longest, which is often the time before
    the present ones; half a day at least.
    """
    days = sorted((later - earlier).days for earlier, later in pairwise(dates))
    return max(mean(days[:-1] or days), _LEAST_INTERVAL)


_LISTED = """
SELECT capture.key AS capture_id, capture.captured_at, reading.entry_id, sighting.section,
       wording.date
FROM capture
LEFT JOIN sighting ON sighting.capture_id = capture.id
LEFT JOIN reading ON reading.id = sighting.reading_id
LEFT JOIN wording ON wording.id = reading.wording_id
WHERE capture.page = :page AND capture.quality = 'good'
ORDER BY capture.captured_at, capture.key, sighting.ordinal"""
