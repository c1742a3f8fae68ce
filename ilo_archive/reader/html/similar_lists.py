"""Records without a date that are built like dated ones found elsewhere on the page."""

from collections.abc import Iterator, Sequence

from lxml import etree

from ilo_archive.reader.html.lines import LineReader
from ilo_archive.reader.html.markup import Markup
from ilo_archive.reader.html.record import Record, RecordList
from ilo_archive.reader.html.titles_in_lines import HEADING, LINK, power_of
from ilo_archive.text.normalise import CONTROLS


def similar_lists(
    reader: LineReader, lists: Sequence[RecordList], closed: set[int]
) -> Iterator[RecordList]:
    """Lists of the tag and classes of a list found before, or of its records."""
    taken, seen = set(closed), set()
    for record_list in lists:
        roots = [each for each in record_list.records if each.root >= 0 and each.carried is None]
        kind = _kind(reader, record_list, roots)
        if kind is None or kind in seen:
            continue
        seen.add(kind)
        for parent, numbers in _alike(reader, record_list, roots[0].root).items():
            if parent in taken or parent == record_list.parent:
                continue
            longest = 3 * max(len(each.lines) for each in roots)
            records = _records(reader, numbers, least=_power(reader, roots), most=longest)
            says_more = any(len(each.lines) > 1 for each in records)
            if says_more and len(records) >= 0.6 * len(numbers):
                taken.add(parent)
                yield RecordList(parent, tuple(records))


def _kind(
    reader: LineReader, record_list: RecordList, roots: Sequence[Record]
) -> tuple[str | None, ...] | None:
    """The tags and classes of a list and of its records, None for a list of fewer than two."""
    if len(roots) < 2:
        return None
    markup, root = reader.markup, roots[0].root
    around = markup.attribute(record_list.parent, "class")
    classes = around or markup.attribute(root, "class")
    return markup.tags[record_list.parent], around, markup.tags[root], classes


def _power(reader: LineReader, records: Sequence[Record]) -> int:
    """HEADING where all of some records have a heading, else LINK."""
    powers = [power_of(reader.lines(each.root)) for each in records[:8]]
    return HEADING if min(powers) == HEADING else LINK


def _records(reader: LineReader, numbers: Sequence[int], *, least: int, most: int) -> list[Record]:
    """The elements with a title, of `most` lines."""
    found = [(number, reader.lines(number)) for number in numbers]
    return [
        Record(reader, number)
        for number, lines in found
        if 0 < len(lines.lines) <= most and power_of(lines) >= least
    ]


_OF_CLASS = etree.XPath("descendant::*[@class=$classes]")


def _is_once(markup: Markup, classes: str) -> bool:
    """Whether a page prints a class attribute once; a plain search of its bytes."""
    value = classes.encode("utf-8", "replace")
    return markup.source.count(b'"%s"' % value) == 1


def _alike(reader: LineReader, record_list: RecordList, root: int) -> dict[int, list[int]]:
    """The other lists of the tag and classes of a list, with what they have of its records' tag;
    where it has no class, the elements of the classes of its records, by list.
    """
    markup = reader.markup
    around = markup.attribute(record_list.parent, "class")
    classes = around or markup.attribute(root, "class")
    if not classes or CONTROLS.search(classes) or _is_once(markup, classes):
        return {}
    tag, above = markup.tags[root], markup.tags[record_list.parent]
    same = [markup.numbers.get(each, -1) for each in _OF_CLASS(markup.root, classes=classes)]
    found: dict[int, list[int]] = {}
    for number in same:
        if number < 0 or number == record_list.parent:
            continue
        if around and markup.tags[number] == above:
            found[number] = [n for n in markup.children(number) if markup.tags[n] == tag]
        elif not around and markup.tags[number] == tag:
            parent = markup.parent(number)
            if parent >= 0 and markup.tags[parent] == above and not markup.classes[parent]:
                found.setdefault(parent, []).append(number)
    return {parent: numbers for parent, numbers in found.items() if numbers}
