"""Entries whose date stands alone: the first of a page in larger print, a list of one entry."""

from collections.abc import Iterator, Sequence

from ilo_archive.reader.html.dated_texts import Dated
from ilo_archive.reader.html.lines import LineReader, Lines
from ilo_archive.reader.html.record import Record, RecordList
from ilo_archive.reader.html.section_headings import has_heading_above
from ilo_archive.reader.html.titles_in_lines import (
    LINK,
    letters,
    power_of,
    title_links,
    title_power,
)
from ilo_archive.reader.html.undated_lists import is_date_apart, list_within

_MOST_AROUND = 7  # elements around a date that are looked at
_MOST_ELEMENTS = 200  # of an entry
_LONGEST = 1500  # characters; more is an article, not an entry of a list
Kinds = set[tuple[str, str]]
_ENTRY_TAGS = ("li", "article", "tr", "dd")


def single_records(
    reader: LineReader, dates: Sequence[Dated], closed: set[int], kinds: Kinds
) -> Iterator[RecordList]:
    """Lists of one entry around dates; `closed` are elements in and around records found before,
    `kinds` the tags and classes of these records.
    """
    taken: set[int] = set()
    for date in dates:
        number = reader.markup.around_slot(date.slot)
        found = None if number in taken else _entry_around(reader, number, closed | taken, kinds)
        if found is not None:
            record_list = _with_undated(reader, found, closed)
            for record in record_list.records:
                taken.update(range(record.root, reader.markup.end(record.root)))
            taken.update(reader.markup.ancestors(found))
            yield record_list


def _with_undated(reader: LineReader, root: int, closed: set[int]) -> RecordList:
    """The list around an entry: where the others are entries without a date, with these."""
    parent = reader.markup.parent(root)
    whole = list_within(reader, parent, reader.markup.tags[root], closed)
    if whole and len(whole.records) > 1 and any(each.root == root for each in whole.records):
        return whole
    return RecordList(parent, (Record(reader, root),))


def _entry_around(reader: LineReader, number: int, closed: set[int], kinds: Kinds) -> int | None:
    """The outermost element around a date that is one entry, None without one."""
    markup = reader.markup
    best = None
    for around in list(markup.ancestors(number))[:_MOST_AROUND]:
        if around in closed or markup.tags[around] in ("body", "html", "main", "table", "tbody"):
            break
        if markup.size(around) > _MOST_ELEMENTS:
            break
        found = reader.lines(around)
        if (markup.tags[around], markup.classes[around]) in kinds and power_of(found):
            return around
        said = sum([len(line.text) for line in found.lines])
        if said > _LONGEST and markup.tags[around] != "li":
            break
        headings = [line for line in found.lines if line.place.level]
        if len(headings) > 1 or any(line.place.level == 1 for line in headings):
            break
        if (
            (headings and title_links(headings[0]))
            or (headings and _is_titled_item(reader, around, found))
            or _is_lone_item(reader, around, found)
            or _is_lone_article(reader, around, found)
        ):
            best = around
    return best


def _is_lone_item(reader: LineReader, number: int, found: Lines) -> bool:
    """Whether an element is the only item of a list that has a heading, with a date apart."""
    markup = reader.markup
    if markup.tags[number] not in _ENTRY_TAGS or title_power(found.lines) < LINK:
        return False
    dated = [line for line in found.lines if line.date]
    if len(dated) != 1 or not is_date_apart(dated[0]):
        return False
    parent = markup.parent(number)
    beside = markup.children(parent) if parent >= 0 else []
    if len(beside) > 1:
        return False
    return has_heading_above(markup, parent, _MOST_AROUND)


def _is_lone_article(reader: LineReader, number: int, found: Lines) -> bool:
    """Whether an element is marked as an article, with a link for its title and a date apart."""
    if reader.markup.tags[number] != "article" or title_power(found.lines) < LINK:
        return False
    dated = [line for line in found.lines if line.date]
    return len(dated) == 1 and letters(dated[0].rest) < 12


def _is_titled_item(reader: LineReader, number: int, found: Lines) -> bool:
    """Whether an item of a list has a heading, though no link, and its date apart."""
    dated = [line for line in found.lines if line.date]
    is_apart = len(dated) == 1 and is_date_apart(dated[0]) and not dated[0].place.level
    return reader.markup.tags[number] in _ENTRY_TAGS and is_apart
