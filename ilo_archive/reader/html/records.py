"""From the dates of a page to its lists: what repeats around the dates are the records.

Two dates in a row part ways in one element. From the inside out, each such element is looked at:
if its children, or its lines, can be entries with a date each, it is a list.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise, takewhile
from typing import NamedTuple

from ilo_archive.reader.html.child_records import child_records, items_of_lists
from ilo_archive.reader.html.dated_texts import Dated
from ilo_archive.reader.html.hints import is_of_readers
from ilo_archive.reader.html.lines import LineReader
from ilo_archive.reader.html.markup import Markup
from ilo_archive.reader.html.record import RecordList
from ilo_archive.reader.html.sequences import is_block, lacks_titles, parts_of, sequence

_LISTS = frozenset(("ul", "ol", "dl", "table"))
_ENTRY_TAGS = frozenset(("tr", "li", "article", "dd"))
_FAR = 7  # elements around one that are looked at


class _Parts(NamedTuple):
    """What of an element has dates: its children, those of them whose dates are all of lists
    found before, and whether its own texts have one.
    """

    children: list[int]
    busy: set[int]
    texts: int
    dates: list[int]


class DateClimber:
    """Finds lists around dates; a date is of one list at most."""

    def __init__(self, reader: LineReader, dates: Sequence[Dated]) -> None:
        self.reader = reader
        self.markup = reader.markup
        self._slots = sorted(date.slot for date in dates)
        self._used: set[int] = set()

    def lists(self) -> list[RecordList]:
        """The lists of a page, innermost first."""
        found = []
        forks = {self._fork(one, other) for one, other in pairwise(self._slots)}
        # What is within an element has a higher number, so the inner ones come first.
        for number in sorted(forks, reverse=True):
            parts = self._parts(number) if number >= 0 else None
            if parts is None or len(parts.children) + parts.texts < 2:
                continue
            record_list = self._divided(number, parts)
            if record_list is not None:
                found.append(record_list)
                self._used.update(parts.dates)
        return found

    def _fork(self, slot: int, other: int) -> int:
        """The innermost element with both texts."""
        markup = self.markup
        number = markup.around_slot(slot)
        while number >= 0 and not markup.has_slot(number, other):
            number = markup.parent(number)
        return number

    def _within(self, number: int) -> list[int]:
        """The texts with dates within an element."""
        slots = self._slots
        start = bisect_left(slots, 2 * number)
        end = bisect_left(slots, 2 * self.markup.end(number))
        return [slot for slot in slots[start:end] if slot != 2 * number + 1]

    def _live(self, number: int) -> int:
        """How many dates within an element are of no list yet."""
        return sum([slot not in self._used for slot in self._within(number)])

    def _child_with(self, number: int, slot: int) -> int:
        """The child of an element that a text is in, -1 for a text of the element itself."""
        parent, child = self.markup.parent, self.markup.around_slot(slot)
        if child == number:
            return -1
        while (around := parent(child)) != number:
            child = around
        return child

    def _parts(self, number: int) -> _Parts:
        children: dict[int, bool] = {}
        texts, live = 0, []
        ends, child = 0, -1
        for slot in self._within(number):
            if slot >= ends or slot == 2 * child + 1:
                child = self._child_with(number, slot)
                ends = 2 * self.markup.end(child) if child >= 0 else 0
            is_live = slot not in self._used
            if is_live:
                live.append(slot)
            if child >= 0:
                children[child] = children.get(child, False) or is_live
            else:
                texts += is_live
        found = [child for child, is_live in children.items() if is_live]
        return _Parts(found, children.keys() - set(found), texts, live)

    def _divided(self, number: int, parts: _Parts) -> RecordList | None:
        """An element as a list, None where it is none."""
        reader, tag = self.reader, self.markup.tags[number]
        blocks = [child for child in parts.children if is_block(reader, child)]
        if self._is_inside_record(number, len(parts.dates)):
            return None
        items = [*takewhile(lambda item: item >= 0, map(self._item_within, blocks))]
        if items and len(items) == len(blocks):
            return items_of_lists(reader, number, items)
        is_nested = tag in _ENTRY_TAGS or self._is_in_one_of_several(number, len(parts.dates))
        count = len(parts.children) + parts.texts
        if len(blocks) > 1 and len(blocks) >= 0.7 * count:
            found = child_records(reader, number, blocks, is_nested=is_nested, busy=parts.busy)
            if found:
                return found
        if tag == "tr":
            return None
        cut = parts_of(reader, number, by_line=len(blocks) < count, busy=parts.busy)
        found = sequence(reader, number, cut)
        return found if found and not (is_nested and lacks_titles(found)) else None

    def _item_within(self, block: int) -> int:
        """The item of a list within an element that all its dates are in; -1 without one."""
        markup = self.markup
        slots = [slot for slot in self._within(block) if slot not in self._used]
        number = markup.around_slot(slots[0]) if slots else -1
        while number > block:
            around = markup.parent(number)
            is_item = markup.tags[number] == "li" and markup.tags[around] in ("ul", "ol")
            if is_item and all(markup.has_slot(number, slot) for slot in slots):
                return number
            number = around
        return -1

    # -- where an element stands -------------------------------------------------------

    def _is_inside_record(self, number: int, count: int) -> bool:
        """Whether an element lies within one entry of a longer list, with a date beside it."""
        for around in self._near(number):
            if self.markup.tags[around] not in _ENTRY_TAGS or self._live(around) <= count:
                continue
            if self._has_several_like(around):
                return True
        return False

    def _is_in_one_of_several(self, number: int, count: int) -> bool:
        """Whether an element is, or lies in, one of several alike with a date or two each."""
        for around in self._near(number, 5):
            if self.markup.parent(around) < 0 or self._live(around) > count + 1:
                return False
            if self.markup.tags[around] not in _LISTS and self._has_several_like(around):
                return True
        return False

    def _near(self, number: int, far: int = _FAR) -> Iterator[int]:
        for _ in range(far):
            if number < 0:
                return
            yield number
            number = self.markup.parent(number)

    def _has_several_like(self, number: int) -> bool:
        """Whether three elements of its tag, it among them, stand side by side with dates."""
        parent = self.markup.parent(number)
        if parent < 0:
            return False
        tag, slots, count = self.markup.tags[number], self._slots, 0
        at = bisect_left(slots, 2 * parent)
        end = 2 * self.markup.end(parent)
        while at < len(slots) and slots[at] < end:
            child = self._child_with(parent, slots[at]) if slots[at] != 2 * parent + 1 else -1
            if child < 0:
                at += 1
                continue
            count += self.markup.tags[child] == tag
            if count > 2:
                return True
            at = max(at + 1, bisect_left(slots, 2 * self.markup.end(child)))
        return False


# -- dates that are those of readers -------------------------------------------------------


def without_readers(reader: LineReader, dates: Sequence[Dated]) -> list[Dated]:
    """The dates that are not those of comments, date pickers or notices at the foot."""
    markup, known = reader.markup, reader.of_readers
    return [each for each in dates if not _is_bad(markup, markup.around_slot(each.slot), known)]


def _is_bad(markup: Markup, number: int, known: dict[int, bool]) -> bool:
    chain = []
    while number not in known:
        chain.append(number)
        number = markup.parent(number)
    verdict = known[number]
    for each in reversed(chain):
        verdict = known[each] = verdict or _names_readers(markup, each)
    return verdict


def _names_readers(markup: Markup, number: int) -> bool:
    tag = markup.tags[number]
    if tag in ("body", "html"):
        return False
    if tag == "footer":
        tags = {markup.tags[each] for each in markup.ancestors(number)}
        return tags.isdisjoint(("article", "li", "section", "td"))
    element = markup.elements[number]
    classes, name = element.get("class"), element.get("id")
    return bool((classes and is_of_readers(classes)) or (name and is_of_readers(name)))
