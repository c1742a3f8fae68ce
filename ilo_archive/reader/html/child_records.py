"""Entries that are elements of their own: the children of a list."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ilo_archive.reader.html.lines import Line, LineReader, Lines
from ilo_archive.reader.html.record import Record, RecordList, joined, sample
from ilo_archive.reader.html.sequences import undated_children
from ilo_archive.reader.html.titles_in_lines import (
    HEADING,
    LINK,
    SOME_WORDS,
    letters,
    power_of,
    title_links,
    title_power,
)

_LOOKED_AT = 12  # elements that show whether all are records
_OF_A_SHAPE = 4
_ALIKE = ({"p", "div", "line"}, {"article", "div", "section"})
"""Tags that the entries of one list may have, as the first entry of a blog often shows."""
_OWN_TAGS = frozenset(("article", "li", "tr"))
_WORDY_TAGS = frozenset(("li", "tr", "p", "dt", "div", "dd"))


def child_records(
    reader: LineReader, parent: int, dated: Sequence[int], *, is_nested: bool, busy: set[int]
) -> RecordList | None:
    """The children of an element as records, None where they are none.

    `dated` are its children with a date; `is_nested` says that the element is itself one of
    several with dates, `busy` are children with records found before.
    """
    tag, rows = _of_one_tag(reader, dated)
    if len(rows) < 2 or tag in ("thead", "tfoot", "dt"):
        return None
    found = {row: reader.lines(row) for row in _looked_at(reader, rows)}
    if not _are_records(reader, parent, tag, found, is_nested=is_nested):
        return None
    if days := _day_groups(reader, rows):
        return RecordList(parent, tuple(days))
    records = _with_undated(reader, parent, tag, rows, found, busy)
    return RecordList(parent, tuple(records)) if records else None


def _looked_at(reader: LineReader, rows: Sequence[int]) -> list[int]:
    """Some of the elements that show whether all are records: a few of every shape."""
    shapes: dict[int, list[int]] = {}
    for at in sample(len(rows), _LOOKED_AT):
        shapes.setdefault(id(reader.plan(rows[at])), []).append(rows[at])
    return sorted(row for alike in shapes.values() for row in alike[:_OF_A_SHAPE])


def items_of_lists(reader: LineReader, parent: int, items: Sequence[int]) -> RecordList | None:
    """The items of several lists as records, `items` being the one of each list with dates."""
    found = {item: reader.lines(item) for item in items}
    found = {item: lines for item, lines in found.items() if power_of(lines) >= SOME_WORDS}
    if len(found) < max(2.0, 0.7 * len(items)) or not _differ(found.values()):
        return None
    alike = [number for item, each in found.items() for number in _alike(reader, item, each)]
    return RecordList(parent, tuple([Record(reader, number) for number in alike]))


def _alike(reader: LineReader, item: int, found: Lines) -> list[int]:
    """An item with those of its list that have their title at its place."""
    titles = {line.key for line in found.lines if line.links or line.place.level}
    beside = reader.markup.children(reader.markup.parent(item))
    return [n for n in beside if n == item or _is_like(reader.lines(n), titles)]


def _of_one_tag(reader: LineReader, dated: Sequence[int]) -> tuple[str, list[int]]:
    """The most common tag of elements, and those of that tag or of one like it."""
    tags = reader.markup.tags
    tag = Counter(tags[each] for each in dated).most_common(1)[0][0]
    same = next((alike for alike in _ALIKE if tag in alike), {tag})
    return tag, [each for each in dated if tags[each] in same]


def _are_records(
    reader: LineReader, parent: int, tag: str, found: dict[int, Lines], *, is_nested: bool
) -> bool:
    """Whether elements with dates are entries: most have a title, each another one."""
    powers = {row: power_of(lines) for row, lines in found.items()}
    count = len(found)
    strong = sum(1 for power in powers.values() if power >= LINK)
    titled = sum(1 for power in powers.values() if power >= SOME_WORDS)
    if count > 2 and not _differ(found.values()) and (strong < count or tag not in _OWN_TAGS):
        return False
    if tag in ("td", "th") and strong < count:
        return False
    if is_nested and not (_all_titled(found.values()) or _same_places(found.values())):
        return False
    if strong < 0.5 * count and (
        _has_headings_between(reader, parent, found)
        or _has_titles_in_rows(reader, parent, tag, found)
    ):
        return False
    if strong >= max(2, 0.5 * count):
        if count <= 3:
            if tag in _OWN_TAGS or _titles_agree(found.values()):
                return True
            return _are_small_alike(reader, found) and not _have_one_date(found.values())
        return tag in _OWN_TAGS or _agree(found.values()) or _have_headings(powers)
    if titled < 0.7 * count or tag not in _WORDY_TAGS:
        return False
    return count > 2 or tag in _OWN_TAGS or _agree(found.values())


def _all_titled(found: Iterable[Lines]) -> bool:
    return all(title_power(each.lines) >= LINK for each in found)


def _same_places(found: Iterable[Lines]) -> bool:
    """Whether all elements have their date at one place, and words at another."""
    dates = [{line.key for line in each.lines if line.date} for each in found]
    words = [{line.key for line in each.lines if not line.date} for each in found]
    return bool(set.intersection(*dates)) and bool(set.intersection(*words))


def _have_headings(powers: dict[int, int]) -> bool:
    return all(power == HEADING for power in powers.values())


def _differ(found: Iterable[Lines]) -> bool:
    """Whether the elements say different things beside their dates."""
    said = [(" ".join([line.rest for line in each.lines])[:200], each.hrefs[:1]) for each in found]
    return len(set(said)) >= 0.5 * len(said)


def _agree(found: Iterable[Lines]) -> bool:
    """Whether date or title stand at the same place in two of the elements."""
    dates: Counter[str] = Counter()
    titles: Counter[str] = Counter()
    for each in found:
        dates.update(line.key for line in each.lines[:20] if line.date)
        titles.update({line.key for line in each.lines[:20] if line.links or line.place.level})
    return max([*dates.values(), *titles.values()], default=0) > 1


_MOST_LINES = 12  # of an entry among two or three


def _are_small_alike(reader: LineReader, found: dict[int, Lines]) -> bool:
    """Whether elements have the same classes and few lines."""
    classes = {reader.markup.classes[row] for row in found}
    few = all(len(each.lines) <= _MOST_LINES for each in found.values())
    return len(classes) == 1 and classes != {""} and few


def _have_one_date(found: Iterable[Lines]) -> bool:
    """Whether elements print the same date: parts of one entry."""
    dates = {next((x.date.date() for x in each.lines if x.date), None) for each in found}
    return len(dates) == 1


def _titles_agree(found: Iterable[Lines]) -> bool:
    """Whether the first headings, or else the first links, of elements stand at one place."""
    found = list(found)
    headings = [next((x.key for x in each.lines if x.place.level), None) for each in found]
    links = [next((x.key for x in each.lines if title_links(x)), None) for each in found]
    return any(len(set(keys)) == 1 and None not in keys for keys in (headings, links))


def _has_headings_between(reader: LineReader, parent: int, found: dict[int, Lines]) -> bool:
    """Whether the titles stand beside the elements with dates, as headings or links without."""
    markup, rows = reader.markup, set(found)
    tags = {markup.tags[row] for row in rows}
    if tags <= {"tr", "li", "article"}:
        return False
    children = markup.children(parent)
    first, last = children.index(min(rows)), children.index(max(rows))
    near = children[max(0, first - 4) : last + 5]
    others = [child for child in near if child not in rows and markup.tags[child] not in tags]
    if len(others) > 400:
        others = others[:400]
    strong = sum(1 for child in others if power_of(reader.lines(child)) >= LINK)
    return strong >= 0.6 * len(rows) and len(near) < 12 * len(rows)


def _has_titles_in_rows(reader: LineReader, parent: int, tag: str, found: dict[int, Lines]) -> bool:
    """Whether the titles are links in rows of their own, above or below those with dates."""
    if tag != "tr":
        return False
    markup, rows = reader.markup, sorted(found)
    between = [
        child
        for child in markup.children(parent)
        if rows[0] - 400 < child < rows[-1] + 400 and markup.tags[child] == tag
    ][: 40 * len(rows)]
    undated = [child for child in between if not _has_date(reader, child)]
    linked = sum(1 for child in undated if title_power(reader.lines(child).lines) >= LINK)
    dated = len(between) - len(undated)
    return linked >= 0.6 * dated


# -- rows without a date -------------------------------------------------------------------


def _with_undated(
    reader: LineReader,
    parent: int,
    tag: str,
    rows: Sequence[int],
    found: dict[int, Lines],
    busy: set[int],
) -> list[Record]:
    """The rows with those between them that have no date: entries like the others, rows that the
    date above stands for too, or a second row of the entry above.
    """
    markup = reader.markup
    dated = set(rows)
    titles = {
        line.key
        for lines in found.values()
        for line in lines.lines
        if (line.links and letters(line.text) > 3) or line.place.level
    }
    goes_on = _alternate(reader, parent, tag, rows)
    records: list[Record] = []
    above: _DateAbove = _DateAbove()
    for child in markup.children(parent):
        if markup.tags[child] != tag and child not in dated:
            if goes_on and records and markup.tags[child] not in _NO_PARTS:
                _append(reader, records, child)
            continue
        if child in busy or (tag == "tr" and _names_columns(reader, child)):
            continue
        if child in dated:
            above = _DateAbove.of(reader, child) if tag == "tr" else above
            records.append(Record(reader, _narrowed(reader, child)))
            continue
        lines = reader.lines(child)
        if not lines.lines:
            continue
        if carried := above.for_row(reader, child, lines):
            above = above.used()
            records.append(Record(reader, child, carried=carried))
        elif goes_on and records:
            _append(reader, records, child)
        elif _is_like(lines, titles):
            records.append(Record(reader, child))
    return records


def _narrowed(reader: LineReader, row: int) -> int:
    """The part of a row with its date, where the row has several linked headings: a column of
    entries of which one has a date.
    """
    markup, number = reader.markup, row
    while reader.plan(number).linked_headings > 1:
        inside = [child for child in markup.children(number) if _has_date(reader, child)]
        if len(inside) != 1 or not reader.plan(inside[0]).linked_headings:
            return row
        number = inside[0]
    return number


def _has_date(reader: LineReader, number: int) -> bool:
    return any(line.date for line in reader.lines(number).lines)


_NO_PARTS = frozenset(("table", "form", "nav", "footer", "h1", "h2", "script"))


def _append(reader: LineReader, records: list[Record], child: int) -> None:
    if reader.lines(child).lines:
        records[-1] = joined([records[-1], Record(reader, child)])


def _is_like(lines: Lines, titles: set[str]) -> bool:
    """Whether an element without a date has a title where the dated ones have theirs."""
    return any(
        line.key in titles and (line.links or line.place.level) and letters(line.text) > 1
        for line in lines.lines
    )


def _alternate(reader: LineReader, parent: int, tag: str, rows: Sequence[int]) -> bool:
    """Whether nearly every dated element is followed by one without a date that goes on with it."""
    if tag in ("li", "article") or len(rows) < 2:
        return False
    markup, dated = reader.markup, set(rows)
    children = [
        child for child in markup.children(parent) if markup.tags[child] not in ("br", "hr")
    ]
    follow = alike = 0
    for child, after in pairwise(children):
        if child in dated and after not in dated and child != rows[-1]:
            lines = reader.lines(after)
            follow += bool(lines.lines)
            alike += power_of(lines) >= LINK and markup.tags[after] == tag
    return follow >= 0.6 * (len(rows) - 1) and alike < 0.5 * follow


class _DateAbove:
    """The date of a row that stands for the rows below it, which have none: a cell that spans
    them, or a cell that they leave empty.
    """

    def __init__(self, row: int = -1, cells: int = 0, spanned: int = 0) -> None:
        self.row, self.cells, self.spanned = row, cells, spanned

    @classmethod
    def of(cls, reader: LineReader, row: int) -> "_DateAbove":
        cells = reader.markup.children(row)
        spans = [reader.markup.attribute(cell, "rowspan") or "" for cell in cells]
        spanned = max([int(span) for span in spans if span.isdigit()], default=1) - 1
        return cls(row, len(cells), spanned)

    def used(self) -> "_DateAbove":
        return _DateAbove(self.row, self.cells, self.spanned - 1)

    def for_row(self, reader: LineReader, row: int, lines: Lines) -> Line | None:
        """The date that stands for a row without one, None where it stands for none."""
        if self.row < 0 or power_of(lines) < LINK:
            return None
        date = next((line for line in reader.lines(self.row).lines if line.date), None)
        if date is None or self.spanned > 0:
            return date
        is_empty = all(line.place.cell != date.place.cell for line in lines.lines)
        is_whole = reader.markup.sizes[row] == self.cells
        return date if date.place.cell and is_whole and is_empty else None


def _names_columns(reader: LineReader, row: int) -> bool:
    """Whether a row of a table names its columns: "Date | Event | Place"."""
    cells = reader.markup.children(row)
    return len(cells) > 1 and all(reader.markup.tags[cell] == "th" for cell in cells)


# -- days that are elements ----------------------------------------------------------------


def _day_groups(reader: LineReader, rows: Sequence[int]) -> list[Record] | None:
    """The entries of elements that each are a day with a list of entries without dates."""
    records: list[Record] = []
    groups = 0
    for at, row in enumerate(rows):
        if at == 8 and groups < 2:
            return None
        inside = _below_date(reader, row)
        groups += len(inside) > 1
        records += inside
    return records if groups and groups >= 0.3 * len(rows) else None


def _below_date(reader: LineReader, row: int) -> list[Record]:
    """The entries of one day, none where its date stands for the element as a whole."""
    places = reader.plan(row).lines
    if not places or [place.dated >= 0 for place in places] != [True] + [False] * (len(places) - 1):
        return []
    lines = reader.lines(row).lines
    if lines[0].date is None or letters(lines[0].rest) > 16:
        return []
    markup = reader.markup
    for number in range(row + 1, markup.end(row)):
        if markup.tags[number] in ("ul", "ol", "tbody", "table", "div", "dl"):
            inside = undated_children(reader, number)
            said = sum([len(each.lines) for each in inside])
            if inside and said >= 0.5 * (len(lines) - 1) and _are_alike(inside):
                return [each.under(lines[0]) for each in inside]
    return []


def _are_alike(records: Sequence[Record]) -> bool:
    """Whether most records have their first link or heading at the same place."""
    firsts = Counter(
        next((line.key for line in each.lines if line.links or line.place.level), "")
        for each in records
    )
    return firsts.most_common(1)[0][1] >= 0.6 * len(records) and not firsts[""]
