"""All lists of a page: those around its dates first, then those like them, then those without."""

from collections.abc import Iterable, Sequence
from itertools import takewhile

from ilo_archive.reader.html.dated_texts import Dated, days_without_year
from ilo_archive.reader.html.lines import LineReader
from ilo_archive.reader.html.markup import Markup
from ilo_archive.reader.html.record import Covered, RecordList
from ilo_archive.reader.html.records import DateClimber, without_readers
from ilo_archive.reader.html.similar_lists import similar_lists
from ilo_archive.reader.html.single_records import single_records
from ilo_archive.reader.html.undated_lists import undated_lists

_ENOUGH = 3  # records with whole dates that make days without a year no dates


def lists_of(markup: Markup, dates: Sequence[Dated]) -> tuple[LineReader, list[RecordList]]:
    """The lists of a page in reading order, with the reader of its lines."""
    reader = LineReader(markup, dates)
    found = dated_lists(reader)
    if not any(len(each.records) >= _ENOUGH for each in found):
        days = [day for day in days_without_year(markup) if day.slot not in reader.dates]
        if len(days) >= _ENOUGH:
            yearless = LineReader(markup, [*dates, *days])
            lists = DateClimber(yearless, without_readers(yearless, days)).lists()
            lists = [each for each in lists if len(each.records) >= _ENOUGH]
            if lists:
                reader, found = yearless, [*lists, *_beside(markup, found, lists)]
    closed = _closed(markup, found)
    similar = list(similar_lists(reader, found, closed))
    found += similar
    found += undated_lists(reader, closed | _closed(markup, similar))
    return reader, sorted(found, key=lambda record_list: record_list.records[0].first)


def _beside(
    markup: Markup, found: Sequence[RecordList], others: Sequence[RecordList]
) -> list[RecordList]:
    """The lists that have no record in common with others."""
    closed = _closed(markup, others)
    return [each for each in found if not any(record.root in closed for record in each.records)]


def dated_lists(reader: LineReader) -> list[RecordList]:
    """The lists around the dates of a page."""
    dates = without_readers(reader, list(reader.dates.values()))
    strong = [date for date in dates if not date.weak]
    found = DateClimber(reader, strong).lists()
    if len(strong) < len(dates):
        found += _lists_of_weak(reader, dates, found)
    left = _outside(strong, found)
    markup, closed = reader.markup, _closed(reader.markup, found)
    roots = [
        record.root for record_list in found for record in record_list.records if record.root >= 0
    ]
    kinds = {(markup.tags[root], markup.classes[root]) for root in roots if markup.classes[root]}
    found += single_records(reader, left, closed, kinds)
    return found


def _lists_of_weak(
    reader: LineReader, dates: Sequence[Dated], found: Sequence[RecordList]
) -> list[RecordList]:
    """Lists whose dates are parts of their titles, where most records have one."""
    weak = _outside([date for date in dates if date.weak], found)
    if len(weak) < 2:
        return []
    lists = DateClimber(reader, weak).lists()
    closed = _closed(reader.markup, [*found, *lists])
    return [record_list for record_list in lists if _mostly_dated(reader, record_list, closed)]


def _mostly_dated(reader: LineReader, record_list: RecordList, closed: set[int]) -> bool:
    """Whether most elements of a list that are of the tag of its records have a date; those in
    `closed` have records of their own.
    """
    dated = sum(1 for each in record_list.records if any(line.date for line in each.lines))
    roots = [each.root for each in record_list.records if each.root >= 0]
    if not roots:
        return True
    markup = reader.markup
    tag = markup.tags[roots[0]]
    others = [n for n in markup.children(record_list.parent) if markup.tags[n] == tag]
    alike = sum(1 for n in others if n not in closed)
    return dated >= 0.6 * (dated + alike)


# -- what records cover --------------------------------------------------------------------


def _outside(dates: Iterable[Dated], found: Sequence[RecordList]) -> list[Dated]:
    """The dates that no record contains."""
    covered = Covered(record for record_list in found for record in record_list.records)
    return [each for each in dates if not covered.has(each.slot)]


def _closed(markup: Markup, lists: Iterable[RecordList]) -> set[int]:
    """The elements in and around records."""
    inside: set[int] = set()
    around: set[int] = set()
    for record_list in lists:
        around.update(_ancestors_outside(markup, record_list.parent, around))
        for record in record_list.records:
            if record.root >= 0:
                inside.update(range(record.root, markup.end(record.root)))
                around.update(_ancestors_outside(markup, record.root, around))
            else:
                inside.update(markup.around_slot(line.first) for line in record.lines)
    return inside | around


def _ancestors_outside(markup: Markup, number: int, known: set[int]) -> list[int]:
    """An element and those around it up to one of which all are known."""
    return [*takewhile(lambda around: around not in known, markup.ancestors(number))]
