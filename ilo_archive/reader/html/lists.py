"""All lists of a page: those around its dates first, then those like them, then those without."""

from collections import Counter
from collections.abc import Iterable, Sequence

from ilo_archive.reader.html.dated_texts import Dated, days_without_year
from ilo_archive.reader.html.lines import LineReader
from ilo_archive.reader.html.record import Listing, Record, record_of
from ilo_archive.reader.html.records import DateClimber, without_readers
from ilo_archive.reader.html.titles_in_lines import HEADING, LINK, power_of


def dated_lists(reader: LineReader) -> list[Listing]:
    """The lists around the dates of a page, in reading order."""
    dates = without_readers(reader, list(reader.dates.values()))
    strong = [date for date in dates if not date.weak]
    found = DateClimber(reader, strong).lists()
    if len(strong) < len(dates):
        found += _lists_of_weak(reader, dates, found)
    return sorted(found, key=lambda listing: listing.records[0].first)


def _lists_of_weak(
    reader: LineReader, dates: Sequence[Dated], found: Sequence[Listing]
) -> list[Listing]:
    """Lists whose dates are parts of their titles, where most records have one."""
    taken = _Taken(reader, found)
    weak = [date for date in dates if date.weak and not taken.has_slot(date.slot)]
    if len(weak) < 2:
        return []
    lists = DateClimber(reader, weak).lists()
    return [listing for listing in lists if _mostly_dated(reader, listing)]


def _mostly_dated(reader: LineReader, listing: Listing) -> bool:
    dated = sum(1 for each in listing.records if any(line.date for line in each.lines))
    roots = [each.root for each in listing.records if each.root >= 0]
    if not roots:
        return True
    tag = reader.markup.tags[roots[0]]
    alike = sum(1 for n in reader.markup.children(listing.parent) if reader.markup.tags[n] == tag)
    return dated >= 0.6 * max(alike, 1)


class _Taken:
    """The parts of a page that records cover."""

    def __init__(self, reader: LineReader, lists: Iterable[Listing]) -> None:
        self._markup = reader.markup
        self._ranges: list[tuple[int, int]] = []
        for listing in lists:
            self._ranges += [self.range_of(record) for record in listing.records]

    def range_of(self, record: Record) -> tuple[int, int]:
        """The texts of a record, from the first to the one after the last."""
        if record.root < 0:
            return record.first, record.last + 1
        start = min(2 * record.root, record.first)
        return start, max(2 * self._markup.end(record.root) - 1, record.last + 1)

    def has_slot(self, slot: int) -> bool:
        return any(start <= slot < end for start, end in self._ranges)


_ = (Counter, days_without_year, record_of, HEADING, LINK, power_of)
