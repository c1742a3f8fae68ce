"""The heading of a list: what stands right above it."""

from bisect import bisect_left
from itertools import takewhile

from ilo_archive.reader.entry_grammar import is_sentence
from ilo_archive.reader.html.lines import Line, LineReader
from ilo_archive.reader.html.record import Listing, Record
from ilo_archive.reader.html.tags import HEADINGS
from ilo_archive.reader.list_names import is_list_name
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.dates_in_lines import find_date

_LEVELS = 6  # elements around a list in which its heading is looked for
_MOST_ELEMENTS = 30  # of a heading with what stands beside it
_LONGEST = 90  # characters of a heading among other words
_LONGEST_BOLD = 60  # of one that is no heading by its tag
_NO_WORDS = frozenset(("thead", "colgroup", "br", "hr", "img", "input", "link", "meta"))


def heading_above(reader: LineReader, listing: Listing, record: Record) -> str | None:
    """The text of the heading above a record of a list, None where something else is there."""
    markup = reader.markup
    if record.root < 0 and (line := _line_above(reader, listing.parent, record)):
        return line.text if _can_be_heading(line) else None
    number = record.root if record.root >= 0 else _child_of(reader, listing.parent, record)
    for _ in range(_LEVELS):
        parent = markup.parent(number)
        if number < 0 or parent < 0:
            return None
        for child in markup.above(number):
            found = _judged(reader, child)
            if found is not None:
                return found or None
        if markup.texts[2 * parent].strip():
            return None
        if markup.tags[parent] in ("body", "td"):
            return None
        number = parent
    return None


def heading_between(
    reader: LineReader, listing: Listing, before: Record, after: Record
) -> str | None:
    """The heading that stands between two records of a list, None without one."""
    markup = reader.markup
    if before.root < 0 or after.root < 0:
        line = _line_above(reader, listing.parent, after) if after.root < 0 else None
        is_between = line is not None and line.first > before.last
        return line.text if line and is_between and _can_be_heading(line) else None
    if markup.end(before.root) == after.root:
        return None
    if markup.parent(after.root) != listing.parent:
        return heading_above(reader, listing, after)
    start = _child_of(reader, listing.parent, after)
    between = takewhile(lambda n: n > before.root, markup.above(start)) if start >= 0 else ()
    return next(filter(None, (_judged(reader, n) for n in between)), None)


def _line_above(reader: LineReader, parent: int, record: Record) -> Line | None:
    """The line of a list right above a record that is made of lines."""
    lines = reader.lines(parent).lines
    at = bisect_left(lines, record.first, key=lambda line: line.first)
    return lines[at - 1] if at else None


def _can_be_heading(line: Line) -> bool:
    text = line.text
    if line.place.level:
        return line.place.level > 1
    if len(text) > _LONGEST_BOLD or is_sentence(text) or parse_credit(text) or line.date:
        return False
    return is_list_name(text) or (line.place.bold and line.linked < 0.5)


def _child_of(reader: LineReader, parent: int, record: Record) -> int:
    """The element of a list that a record begins with."""
    number = record.root if record.root >= 0 else reader.markup.around_slot(record.first)
    if number == parent:  # a text of the list itself
        return number
    while number >= 0 and reader.markup.parent(number) not in (parent, -1):
        number = reader.markup.parent(number)
    return number


def _judged(reader: LineReader, number: int) -> str | None:
    """What an element above a list says of its heading: its text, "" for none, None to go on."""
    markup = reader.markup
    tag = markup.tags[number]
    if tag == "h1":
        return ""
    if tag in HEADINGS:
        return markup.text_of(number) or None
    if tag in _NO_WORDS or _is_head_of_table(reader, number):
        return None
    if markup.size(number) > _MOST_ELEMENTS:
        return ""
    said = markup.text_of(number)
    if not said:
        return None
    inside = [n for n in range(number, markup.end(number)) if markup.tags[n] in HEADINGS]
    if len(inside) == 1 and len(said) < _LONGEST:
        return "" if markup.tags[inside[0]] == "h1" else markup.text_of(inside[0])
    return (
        said
        if _is_bold_heading(reader, number, said)
        else ""
        if not _is_link(reader, number)
        else None
    )


def _is_head_of_table(reader: LineReader, number: int) -> bool:
    """Whether an element is the row with the names of columns."""
    markup = reader.markup
    cells = markup.children(number) if markup.tags[number] == "tr" else []
    return len(cells) > 1 and all(markup.tags[cell] == "th" for cell in cells)


def _is_link(reader: LineReader, number: int) -> bool:
    """Whether an element is a link beside a heading, "View all"."""
    lines = reader.lines(number).lines
    return len(lines) == 1 and lines[0].linked > 0.8 and len(lines[0].text) < 40


def _is_bold_heading(reader: LineReader, number: int, said: str) -> bool:
    """Whether an element is a line in bold or large print that can be a heading."""
    lines = reader.lines(number).lines
    if len(said) > _LONGEST_BOLD or len(lines) != 1:
        return False
    is_plain = is_sentence(said) or parse_credit(said) or find_date(said)
    return not is_plain and (lines[0].place.bold or is_list_name(said))
