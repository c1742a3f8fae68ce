"""Entries that have no element of their own: parts that stand beside each other.

Title, date and text are siblings, or lines between breaks. What repeats as often as the dates
shows where an entry begins; several titles below each date make the dates headings of days.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from ilo_archive.reader.entry_grammar import is_sentence
from ilo_archive.reader.html.lines import Line, LineReader, Lines
from ilo_archive.reader.html.record import Record, RecordList, joined
from ilo_archive.reader.html.tags import BESIDE_TEXT
from ilo_archive.reader.html.titles_in_lines import (
    LINK,
    NOTHING,
    SOME_WORDS,
    letters,
    power_of,
    title_power,
)
from ilo_archive.reader.list_names import is_list_name
from ilo_archive.text.credits import parse_credit

_MOST_PARTS = 8000
_BEFORE_FIRST = 6  # parts before the first date that may belong to its entry
_LONGEST_ABOVE = 60  # characters of a kicker


class Part(NamedTuple):
    """A child of the list, or a line of the list itself; `kind` is what parts of one role share."""

    record: Record
    tag: str
    date: Line | None
    power: int
    cells: int = 0

    @property
    def is_date_alone(self) -> bool:
        """Whether the part is a date and little else."""
        return self.date is not None and letters(self.date.rest) < 16 and len(self.record.lines) < 3

    @property
    def kind(self) -> tuple[object, ...]:
        """What parts that play one role in their entries have in common."""
        line = self.record.lines[0]
        return (
            self.tag,
            line.place.level,
            self.is_date_alone,
            line.place.bold and not line.links,
            bool(line.links) and line.linked > 0.7 and not line.place.level,
            self.cells,
        )


def parts_of(
    reader: LineReader, parent: int, *, by_line: bool, busy: Collection[int] = ()
) -> list[Part]:
    """The parts of an element: its lines, or its children with the lines between them; without
    `busy`, the children with records found before.
    """
    if by_line:
        return [
            _line_part(reader, line)
            for line in reader.lines(parent).lines
            if not any(reader.markup.inside(line.first >> 1, child) for child in busy)
        ]
    markup = reader.markup
    parts: list[Part] = []
    pictures: tuple[int, ...] = ()
    children = markup.children(parent)
    loose = [line for line in reader.lines(parent).lines if _is_loose(reader, parent, line)]
    for child in children:
        start = 2 * child
        while loose and loose[0].first < start:
            parts.append(_line_part(reader, loose.pop(0)))
        if child in busy or not is_block(reader, child):
            continue
        found = reader.lines(child)
        if not found.lines:
            pictures += found.images
            continue
        date = next((line for line in found.lines if line.date), None)
        own = found._replace(images=pictures + found.images) if pictures else None
        record = Record(reader, child, own)
        cells = markup.sizes[child] if markup.tags[child] == "tr" else 0
        parts.append(Part(record, markup.tags[child], date, power_of(found), cells))
        pictures = ()
    parts += [_line_part(reader, line) for line in loose]
    return parts


def _line_part(reader: LineReader, line: Line) -> Part:
    hrefs = tuple([link.href for link in line.links])
    record = Record(reader, own=Lines((line,), (), hrefs))
    return Part(record, "line", line if line.date else None, title_power((line,)))


def is_block(reader: LineReader, child: int) -> bool:
    """Whether a child of a list is a block, or an inline element of several lines."""
    if reader.markup.tags[child] not in BESIDE_TEXT:
        return True
    return reader.markup.sizes[child] > 0 and len(reader.lines(child).lines) > 1


def _is_loose(reader: LineReader, parent: int, line: Line) -> bool:
    """Whether a line stands directly in the list, in no block of it."""
    markup = reader.markup
    number = markup.around_slot(line.first)
    while number != parent and number >= 0:
        if markup.parent(number) == parent:
            return not is_block(reader, number)
        number = markup.parent(number)
    return True


# -- cutting -------------------------------------------------------------------------------


def sequence(reader: LineReader, parent: int, parts: Sequence[Part]) -> RecordList | None:
    """The entries that parts make, None where they make none."""
    dated = [at for at, part in enumerate(parts) if part.date]
    if len(dated) < 2 or len(parts) > _MOST_PARTS:
        return None
    found = _own_lines(parts, dated)
    if found is None and _are_dates_alone(parts, dated):
        found = _days(reader, parts, dated) or _periods(parts, dated)
    if not found or len(found) < 2 or not _differ(found):
        return None
    if len(found) < 4 and _lack_some_titles(found):
        return None
    return RecordList(parent, tuple(found))


def _lack_some_titles(records: Sequence[Record]) -> bool:
    """Whether some of a few records have a heading or link for a title, and others have none."""
    strong = sum(title_power(each.lines) >= LINK for each in records)
    return 0 < strong < len(records)


def lacks_titles(record_list: RecordList) -> bool:
    """Whether a record has neither heading nor link that may be its title."""
    return any(title_power(each.lines) < LINK for each in record_list.records)


def _differ(records: Sequence[Record]) -> bool:
    said = {
        (" ".join([line.rest for line in each.lines])[:200], each.said.hrefs[:1])
        for each in records
    }
    return len(said) >= 0.5 * len(records)


def _own_lines(parts: Sequence[Part], dated: Sequence[int]) -> list[Record] | None:
    """Entries of which each has title and date in one line; what stands between goes on."""
    own = [at for at in dated if parts[at].tag == "line" and parts[at].power >= SOME_WORDS]
    strong = [at for at in own if parts[at].power >= LINK or _says_much(parts[at])]
    if len(strong) <= 0.6 * len(dated):
        return None
    return _cut(parts, strong)


def _says_much(part: Part) -> bool:
    return part.date is not None and letters(part.date.rest) > 12


def _cut(parts: Sequence[Part], starts: Sequence[int]) -> list[Record]:
    """Records from each start to the next; the last is as long as the longest before it."""
    has_kickers = _have_kickers(parts, starts)
    starts = [
        _above_title(parts, start, before + (before >= 0 and not has_kickers))
        for before, start in pairwise([-1, *starts])
    ]
    longest = max([b - a for a, b in pairwise(starts)], default=4)
    ends = [*starts[1:], min(starts[-1] + longest, len(parts))]
    common = _levels_of_entries(parts, len(starts))
    return [_record(_to_heading(parts[a:b], common)) for a, b in zip(starts, ends, strict=True)]


def _levels_of_entries(parts: Sequence[Part], entries: int) -> set[int]:
    """The levels of headings that at least half of the entries can have."""
    levels = Counter(part.record.lines[0].place.level for part in parts)
    return {level for level, count in levels.items() if 2 * count >= entries}


def _to_heading(parts: Sequence[Part], common: set[int]) -> Sequence[Part]:
    """The parts of an entry up to the heading of the next list; `common` are levels of headings
    that entries have themselves.
    """
    for at, part in enumerate(parts[1:], start=1):
        line = part.record.lines[0]
        if part.date or part.tag == "tr":
            continue
        is_other = line.place.level > 0 and line.place.level not in common
        if is_other or (is_list_name(line.text) and not line.links):
            return parts[:at]
    return parts


def _have_kickers(parts: Sequence[Part], starts: Sequence[int]) -> bool:
    """Whether most titles have a kicker above them that is not the second line of an entry."""
    clear = [at for before, at in pairwise([-2, *starts]) if at > max(before + 1, 0)]
    above = sum(1 for at in clear if _stands_above(parts[at - 1], parts[at]))
    return above > 0.5 * len(starts)


def _above_title(parts: Sequence[Part], title: int, before: int) -> int:
    """Where an entry begins whose title is at `title`: at its credit or kicker, if it has one
    below `before`.
    """
    start = title
    while start - 1 > before and _stands_above(parts[start - 1], parts[start]):
        start -= 1
    return start


def _stands_above(part: Part, below: Part) -> bool:
    """Whether a part is the kicker or the credit of the entry that begins below it."""
    line = part.record.lines[0]
    if len(part.record.lines) > 1 or part.date or line.links or line.place.level:
        return False
    if part.tag != below.tag or len(line.text) > _LONGEST_ABOVE or is_list_name(line.text):
        return False
    return parse_credit(line.text) is not None or not is_sentence(line.text)


def _record(parts: Sequence[Part]) -> Record:
    whole = joined([part.record for part in parts])
    lines = tuple([line for part in parts for line in _named_by_role(part)])
    own = whole.said._replace(lines=lines)
    return replace(whole, root=whole.root if len(parts) == 1 else -1, own=own)


def _named_by_role(part: Part) -> Iterator[Line]:
    """The lines of a part, their places named by what the part is: the number of a line in its
    list says nothing about its role.
    """
    for line in part.record.lines:
        place = line.place
        role = "=" if line.linked > 0.7 else "#" if part.is_date_alone else ""
        bold = "*" if place.bold else ""
        key = f"{part.tag}{place.level or ''}{role}{bold}{re.split('[:>-]', place.key)[0]}"
        yield line._replace(place=place._replace(key=key))


def _are_dates_alone(parts: Sequence[Part], dated: Sequence[int]) -> bool:
    """Whether most parts with a date have no title of their own."""
    alone = [
        at
        for at in dated
        if parts[at].power < LINK
        or parts[at].record.lines[0].place.level
        or parts[at].is_date_alone
        or _has_heading_near(parts, at)
    ]
    return len(alone) >= 0.6 * len(dated)


def _has_heading_near(parts: Sequence[Part], at: int) -> bool:
    """Whether a part without a date beside a dated one is a heading, which its links are not."""
    if len(parts[at].record.lines) > 4:
        return False
    beside = parts[max(0, at - 2) : at + 3]
    return any(part.date is None and part.record.lines[0].place.level for part in beside)


# -- one date, one entry -------------------------------------------------------------------


def _periods(parts: Sequence[Part], dated: Sequence[int]) -> list[Record] | None:
    """Entries that begin with what stands as often as there are dates, and first."""
    first, count = dated[0], len(dated)
    low = max(0, first - _BEFORE_FIRST)
    kinds = [part.kind for part in parts]
    often = Counter(kinds[low:])
    leads = [
        at
        for at in range(low, first + 1)
        if 0.75 * count <= often[kinds[at]] <= max(1.3 * count, count + 1)
        if at == first or (parts[at].power > NOTHING and not _is_told(parts[at]))
    ]
    titles = _title_kind(parts, set(dated), low, kinds)
    if not leads or titles is None:
        return None
    lead = min(leads, key=lambda at: (abs(often[kinds[at]] - count) - (kinds[at] == titles), at))
    starts = [at for at in range(lead, len(parts)) if kinds[at] == kinds[lead]]
    records = _cut(parts, starts)
    dates = [any(line.date for line in each.lines) for each in records]
    if sum(dates) >= 0.6 * len(records):
        last = max(at for at, is_dated in enumerate(dates) if is_dated)
        return [
            each
            for at, each in enumerate(records)
            if dates[at] or (at < last and title_power(each.lines) >= LINK)
        ]
    return [each for each, is_dated in zip(records, dates, strict=True) if is_dated]


def _is_told(part: Part) -> bool:
    """Whether a part is running text, which no entry begins with."""
    line = part.record.lines[0]
    return not line.links and not line.place.level and is_sentence(line.text)


def _title_kind(
    parts: Sequence[Part], dated: set[int], low: int, kinds: Sequence[object]
) -> object | None:
    """The kind of the parts that are most likely the titles."""
    undated = [at for at in range(low, len(parts)) if at not in dated]
    strong = Counter(kinds[at] for at in undated if parts[at].power >= LINK)
    words = Counter(kinds[at] for at in undated if parts[at].power == SOME_WORDS)
    common = strong.most_common(1) or words.most_common(1)
    return common[0][0] if common else None


# -- one date, several entries -------------------------------------------------------------


def _days(reader: LineReader, parts: Sequence[Part], dated: Sequence[int]) -> list[Record] | None:
    """Entries below the headings of their days."""
    if not _are_day_headings(reader, parts, dated):
        return None
    records: list[Record] = []
    for start, end in pairwise([*dated, len(parts)]):
        carried = parts[start].date
        records += [each.under(carried) for each in _below(reader, parts, start, end)]
    return records


def _are_day_headings(reader: LineReader, parts: Sequence[Part], dated: Sequence[int]) -> bool:
    """Whether more titles than dates follow, or a list follows each date."""
    said = [line.rest for at in dated if (line := parts[at].date)]
    differ = len(set(said)) > max(1, 0.3 * len(dated))
    if differ and sum(letters(rest) > 12 for rest in said) > 0.3 * len(dated):
        return False
    kinds = [part.kind for part in parts]
    inside = [at for at in range(dated[0] + 1, len(parts)) if parts[at].date is None]
    titles = Counter(kinds[at] for at in inside if parts[at].power >= LINK)
    headings = sum(1 for at in dated if parts[at].record.lines[0].place.level)
    if titles and _is_day_tag(parts[dated[0]]) and headings >= 0.6 * len(dated):
        return True
    lists = sum(1 for at in dated if at + 1 < len(parts) and _entries_in(reader, parts[at + 1]))
    if lists >= 0.6 * len(dated):
        return True
    most = max(titles.values(), default=0)
    before = dated[0] and parts[dated[0] - 1].kind in titles
    return most > max(1.34 * len(dated), len(dated) + 1) and not before


def _is_day_tag(part: Part) -> bool:
    return part.record.lines[0].place.level > 0 or part.tag in ("dt", "th", "caption", "legend")


def _below(reader: LineReader, parts: Sequence[Part], start: int, end: int) -> Iterator[Record]:
    """The entries between two headings of days."""
    run: list[Part] = []
    lead: object = None
    for part in parts[start + 1 : end]:
        inside = _entries_in(reader, part)
        if inside or (part.kind == lead and run) or (lead is None and run and part.power >= LINK):
            if run:
                yield _record(run)
            run = []
        if inside:
            yield from inside
        elif run or part.power > NOTHING:
            lead = lead or (part.kind if part.power >= LINK else None)
            run.append(part)
    if run:
        yield _record(run)


def _entries_in(reader: LineReader, part: Part) -> list[Record]:
    """The entries of a part that is a list itself, without any date."""
    if part.record.root < 0 or part.date or part.tag in ("p", "a", "li", "tr", "dt"):
        return []
    return undated_children(reader, part.record.root)


def undated_children(reader: LineReader, number: int) -> list[Record]:
    """The children of a list as records, if they are of one tag and each has a title."""
    markup = reader.markup
    children = markup.children(number)
    while len(children) == 1 and markup.tags[children[0]] in _WRAPPERS:
        children = markup.children(children[0])
    tags = {markup.tags[child] for child in children}
    if len(tags) != 1 or not tags <= _ROWS or (tags == {"div"} and len(children) < 2):
        return []
    found = [(child, reader.lines(child)) for child in children]
    least = LINK if tags == {"div"} else SOME_WORDS
    titled = [(child, lines) for child, lines in found if power_of(lines) >= least]
    if len(titled) < 0.8 * len(children) - (tags == {"tr"}):
        return []
    return [Record(reader, child) for child, _ in titled]


_WRAPPERS = frozenset(("div", "ul", "ol", "table", "tbody", "section", "dl"))
_ROWS = frozenset(("li", "tr", "article", "div"))
