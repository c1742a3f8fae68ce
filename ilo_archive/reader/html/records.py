"""From the dates of a page to its lists: what repeats around the dates are the records.

From each date the elements around it are looked at from the inside. The first one whose children,
or whose lines, can be entries with a date each is a list.
"""

from collections.abc import Iterable, Sequence

from ilo_archive.reader.html.child_records import are_lists_of_one, child_records, items_of_lists
from ilo_archive.reader.html.dated_texts import Dated
from ilo_archive.reader.html.hints import is_of_readers
from ilo_archive.reader.html.lines import LineReader
from ilo_archive.reader.html.record import Listing
from ilo_archive.reader.html.sequences import is_block, lacks_titles, parts_of, sequence

_Around = dict[int, dict[int, list[Dated]]]
"""Element -> its children (`~number`) and texts (slot) with dates -> these dates."""


class DateClimber:
    """Finds lists around dates; a date is of one list at most."""

    def __init__(self, reader: LineReader, dates: Iterable[Dated]) -> None:
        self.reader = reader
        self.markup = reader.markup
        self._around: _Around = {}
        self._used: set[int] = set()
        for date in dates:
            self._note(date)

    def _note(self, date: Dated) -> None:
        key, number = date.slot, self.markup.around_slot(date.slot)
        while number >= 0:
            self._around.setdefault(number, {}).setdefault(key, []).append(date)
            key, number = ~number, self.markup.parent(number)

    def lists(self) -> list[Listing]:
        """The lists of a page, innermost first."""
        found = []
        # What is within an element has a higher number, so the inner ones come first.
        for number in sorted(self._around, reverse=True):
            live = self._live(number)
            if len(live) > 1 and (listing := self._divided(number, live)):
                found.append(listing)
                for dates in live.values():
                    self._used.update(each.slot for each in dates)
        return found

    def _live(self, number: int) -> dict[int, list[Dated]]:
        """The parts of an element with dates that are of no list yet."""
        parts = {}
        for key, dates in self._around[number].items():
            left = [each for each in dates if each.slot not in self._used]
            if left:
                parts[key] = left
        return parts

    def _divided(self, number: int, live: dict[int, list[Dated]]) -> Listing | None:
        """An element as a list, None where it is none."""
        reader = self.reader
        dated = sorted(~key for key in live if key < 0)
        blocks = [child for child in dated if is_block(reader, child)]
        if self._is_inside_record(number, live):
            return None
        if are_lists_of_one(reader, blocks):
            return items_of_lists(reader, number, blocks)
        is_nested = self._is_in_one_of_several(number, sum(map(len, live.values())))
        busy = {~key for key in self._around[number] if key < 0 and key not in live}
        if len(blocks) > 1 and len(blocks) >= 0.7 * len(live):
            found = child_records(reader, number, blocks, is_nested=is_nested, busy=busy)
            if found or self.markup.tags[number] == "tr":
                return found
        elif self.markup.tags[number] == "tr":
            return None
        by_line = len(blocks) < len(live)
        found = sequence(reader, number, parts_of(reader, number, by_line=by_line, busy=busy))
        return found if found and not (is_nested and lacks_titles(found)) else None

    def _is_inside_record(self, number: int, live: dict[int, list[Dated]]) -> bool:
        """Whether an element lies within one entry of a longer list, with a date beside it."""
        count = sum(map(len, live.values()))
        for around in list(self.markup.ancestors(number))[:7]:
            if self.markup.tags[around] not in ("tr", "li", "article", "dd"):
                continue
            parent = self.markup.parent(around)
            if parent < 0 or self._count(around) <= count:
                continue
            rows = [k for k in self._around.get(parent, {}) if k < 0]
            same = [k for k in rows if self.markup.tags[~k] == self.markup.tags[around]]
            if len(same) > 2:
                return True
        return False

    def _count(self, number: int) -> int:
        return sum(map(len, self._live(number).values()))

    def _is_in_one_of_several(self, number: int, count: int) -> bool:
        """Whether an element is, or lies in, one of several alike with a date or two each."""
        tags = self.markup.tags
        for around in list(self.markup.ancestors(number))[:5]:
            parent = self.markup.parent(around)
            if parent < 0 or self._count(around) > count + 1:
                return False
            if tags[around] in ("ul", "ol", "dl", "table"):
                continue
            beside = self._around.get(parent, {})
            if sum(1 for key in beside if key < 0 and tags[~key] == tags[around]) > 2:
                return True
        return False


def without_readers(reader: LineReader, dates: Sequence[Dated]) -> list[Dated]:
    """The dates that are not those of comments, date pickers or notices."""
    known: dict[int, bool] = {}
    return [each for each in dates if not _is_bad(reader, reader.markup.around_slot(each.slot), known)]


def _is_bad(reader: LineReader, number: int, known: dict[int, bool]) -> bool:
    chain = []
    markup = reader.markup
    verdict = False
    while number >= 0:
        if number in known:
            verdict = known[number]
            break
        chain.append(number)
        number = markup.parent(number)
    for each in reversed(chain):
        verdict = known[each] = verdict or _names_readers(reader, each)
    return verdict


def _names_readers(reader: LineReader, number: int) -> bool:
    markup = reader.markup
    if markup.tags[number] in ("body", "html"):
        return False
    if markup.tags[number] == "footer":
        tags = {markup.tags[each] for each in markup.ancestors(number)}
        return tags.isdisjoint(("article", "li", "section", "td"))
    attributes = markup.elements[number].attrib
    names = attributes.get("class"), attributes.get("id")
    return any(name and is_of_readers(name) for name in names)
