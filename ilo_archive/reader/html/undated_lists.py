"""Lists without dates: elements that repeat, each with a title and more than a link."""

from collections.abc import Iterator

from ilo_archive.reader.block import has_size, is_size
from ilo_archive.reader.entry_grammar import is_sentence
from ilo_archive.reader.html.lines import Line, LineReader, Lines
from ilo_archive.reader.html.markup import Markup, slots_in
from ilo_archive.reader.html.record import Listing, Record
from ilo_archive.reader.html.tags import BESIDE_TEXT, HEADINGS
from ilo_archive.reader.html.titles_in_lines import HEADING, LINK, letters, power_of, title_links
from ilo_archive.text.credits import parse_credit
from ilo_archive.text.datelines import parse_dateline

_MOST_RECORDS = 300
_MOST_ELEMENTS = 120  # of an entry; larger ones are columns or pages
_LONGEST = 1500  # characters of an entry
_ENTRY_TAGS = frozenset(("li", "article", "tr", "div", "section", "p", "a", "dd"))
_TITLE_TAGS = frozenset((*HEADINGS, "a"))
_FAR = 4  # elements around a title that are looked at, not counting those of one child


def undated_lists(reader: LineReader, closed: set[int]) -> Iterator[Listing]:
    """The lists of a page without dates; `closed` are elements in or around other records."""
    markup = reader.markup
    seen: set[tuple[int, str]] = set()
    for seed in _seeds(reader):
        if seed < 0 or seed in closed:
            continue
        for number in _around(markup, seed):
            parent = markup.parent(number)
            if parent < 0 or number in closed:
                break
            key = parent, markup.tags[number]
            if key not in seen and markup.tags[number] in _ENTRY_TAGS:
                seen.add(key)
                listing = list_within(reader, parent, markup.tags[number], closed)
                if listing and not _has_dates(listing):
                    yield listing
                    closed.update(range(parent, markup.end(parent)))
                    closed.update(markup.ancestors(parent))
                    break


def _has_dates(listing: Listing) -> bool:
    """Whether a heading and a date stand together that were not taken for an entry before: a box
    of a column, not an entry.
    """
    said = [record.lines for record in listing.records]
    boxes = [lines for lines in said if any(line.place.level for line in lines)]
    return any(line.date for lines in boxes for line in lines)


def _around(markup: Markup, seed: int) -> Iterator[int]:
    """The elements around a seed that may be its entry, from the inside."""
    far = 0
    for number in markup.ancestors(seed):
        yield number
        parent = markup.parent(number)
        far += parent < 0 or markup.sizes[parent] > 1
        if far == _FAR:
            return


def _seeds(reader: LineReader) -> Iterator[int]:
    """Elements that may be the title or the text of an entry: headings, texts that are sentences
    and sizes of documents.
    """
    markup = reader.markup
    yield from (number for number in markup.headings if markup.tags[number] != "h1")
    for slot in sorted({*reader.slots_of_sentences(), *_slots_of_sizes(markup)}):
        number = markup.around_slot(slot)
        while number >= 0 and markup.tags[number] in BESIDE_TEXT:
            number = markup.parent(number)
        yield number


def _slots_of_sizes(markup: Markup) -> set[int]:
    """The texts that may be the size of a document."""
    units = _UNITS if markup.joined.isascii() else (*_UNITS, *_CYRILLIC_UNITS)
    slots = {slot for unit in units for slot in slots_in(markup.joined, unit)}
    return {slot for slot in slots if has_size(markup.texts[slot])}


_UNITS = ("MB", "KB", "kB", " Mo", " Ko", "Mb", "Kb")
_CYRILLIC_UNITS = ("МБ", "КБ", "Мб", "Кб")
_LOOKED_AT = 4  # children that show whether a list can be one of entries


def list_within(reader: LineReader, parent: int, tag: str, closed: set[int]) -> Listing | None:
    """The children of one tag as a list of entries, None where they are none."""
    markup = reader.markup
    children = [child for child in markup.children(parent) if markup.tags[child] == tag]
    if not 1 <= len(children) <= _MOST_RECORDS or parent in closed:
        return None
    if len(children) == 1 and not _is_headed_item(reader, parent, tag):
        return None
    children = [child for child in children if markup.size(child) <= _MOST_ELEMENTS]
    first = [child for child in children if child not in closed][:_LOOKED_AT]
    may_be = [child for child in first if _may_be_entry(markup, child)]
    if 2 * sum(1 for n in may_be if _is_entry(reader, n, reader.lines(n))) < len(first):
        return None
    found = [(child, reader.lines(child)) for child in children if child not in closed]
    found = [(child, lines) for child, lines in found if lines.lines]
    entries = [(child, lines) for child, lines in found if _is_entry(reader, child, lines)]
    if len(entries) < max(1, min(2, len(children)), 0.7 * len(found)):
        return None
    return Listing(parent, tuple([Record(reader, child) for child, _ in entries]))


def _is_headed_item(reader: LineReader, parent: int, tag: str) -> bool:
    """Whether the only child of an element is the item of a list with a heading right above."""
    markup = reader.markup
    if tag != "li" or markup.sizes[parent] != 1:
        return False
    for around in list(markup.ancestors(parent))[:_FAR]:
        above = next(markup.above(around), -1)
        if above >= 0:
            return markup.tags[above] in HEADINGS
    return False


def _may_be_entry(markup: Markup, number: int) -> bool:
    """Whether an element has a heading or a link, and no list of links; a quick look."""
    tags = set(markup.tags[number : markup.end(number)])
    return not _TITLE_TAGS.isdisjoint(tags) and not _has_menu(markup, number)


def _is_entry(reader: LineReader, number: int, found: Lines) -> bool:
    """Whether an element has a title and something beside it."""
    if sum([len(line.text) for line in found.lines]) > _LONGEST or _has_menu(reader.markup, number):
        return False
    power = power_of(found)
    if power < LINK or _is_headed_list(found):
        return False
    is_plain = reader.markup.tags[number] in ("div", "section", "p")
    if (power == LINK or is_plain) and not any(map(_leads, found.lines)):
        return False
    beside = [line for line in found.lines if not line.place.level and line.linked < 0.5]
    says_more = any(is_sentence(line.text) or is_date_apart(line) for line in beside)
    says_more = says_more or any(map(_has_size, found.lines))
    if power == HEADING and not says_more:
        return bool(found.images) or any(not parse_credit(line.text) for line in beside)
    return says_more


def is_date_apart(line: Line) -> bool:
    """Whether a line says a date, perhaps with its place, and nothing else."""
    if line.date is None:
        return False
    return letters(line.rest) < 4 or (line.linked < 0.5 and parse_dateline(line.text) is not None)


def _is_headed_list(found: Lines) -> bool:
    """Whether the headings of an element are the name of a list and that of its first item."""
    headings = [line.place.key for line in found.lines if line.place.level]
    return len(headings) > 1 and "/li" in headings[1] and "/li" not in headings[0]


def _leads(line: Line) -> bool:
    """Whether a link that can be a title begins a line, or is most of it."""
    links = title_links(line)
    return bool(links) and (line.linked > 0.5 or line.text.startswith(links[0].text))


def _has_size(line: Line) -> bool:
    """Whether a line ends in the size of the document that it links to."""
    text = line.text
    for link in line.links:
        text = text.replace(link.text, "", 1)
    return is_size(text)


def _has_menu(markup: Markup, number: int) -> bool:
    """Whether a list of links lies within an element."""
    inside = range(number + 1, markup.end(number))
    return any(markup.tags[n] in ("ul", "ol") and markup.sizes[n] > 1 for n in inside)
