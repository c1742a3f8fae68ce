"""The dates of a page: which texts contain one, and how sure it is that it dates an entry.

Texts that can hold a date are found by plain searches over all texts at once; only those are
looked at one by one.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from ilo_archive.reader.html.markup import Markup
from ilo_archive.reader.html.tags import HEADINGS
from ilo_archive.reader.html.words import begins_as_meta
from ilo_archive.text.dates_in_lines import DateInLine, find_date, find_day_and_month

BLOCK_DATE = "#date"
"""The tag of an element whose texts together are one date: a calendar sheet, "14", "Mar"."""


class Dated(NamedTuple):
    """A text or an element with a date.

    `slot` is the number of the text, of an element's first text where the date is spread over
    the element. `text` is the folded text, `date` its first date. `weak` says that the date is
    part of a title or of running text; `alone` that little else is said.
    """

    slot: int
    text: str
    date: DateInLine
    weak: bool = False
    alone: bool = True


# -- texts that may have a date ------------------------------------------------------------

_MARKS = bytes(48 if 48 <= i <= 57 else 47 if i in b"-./" else i for i in range(256))
_DIGITS = {zero + n: 48 + n for zero in (0x660, 0x6F0, 0xE50, 0xFF10) for n in range(10)}
_LONGEST_LOOKED_AT = 300  # characters of a text in which a date is looked for
_PARTIAL = re.compile(
    r"[\s,./-]*(?:\d{1,2}(?:st|nd|rd|th|\.)?|(?:19|20|25)\d\d"
    r"|(?:\d{1,2}\.?[\s,/-]*)?[^\W\d_][^\s\d]{2,11}\.?[\s,/-]*(?:\d{1,2}|(?:19|20|25)\d\d)?,?)"
    r"[\s,./-]*"
)


def slots_with(raw: bytes, needle: bytes) -> Iterator[int]:
    """The numbers of the texts, joined with NUL, that contain some bytes."""
    at = slot = 0
    found = raw.find(needle)
    while found >= 0:
        slot += raw.count(b"\0", at, found)
        yield slot
        at = raw.find(b"\0", found)
        if at < 0:
            return
        found = raw.find(needle, at)


def _slots_with_year(raw: bytes, century: bytes) -> Iterator[int]:
    """The texts with a number of four digits that begins with `century`."""
    at = slot = 0
    found = raw.find(century)
    while found >= 0:
        if raw[found + 2 : found + 4].isdigit() and not raw[found - 1 : found].isdigit():
            slot += raw.count(b"\0", at, found)
            yield slot
            at = raw.find(b"\0", found)
            if at < 0:
                return
            found = raw.find(century, at)
        else:
            found = raw.find(century, found + 2)


def dated_texts(markup: Markup) -> list[Dated]:
    """The dates of a page in reading order, one a text at most."""
    joined = markup.joined
    if not joined.isascii() and any(digit in joined for digit in "١٢۱۲๑๒２"):
        joined = joined.translate(_DIGITS)
    raw = joined.encode("latin-1", "replace")
    slots = {slot for century in (b"19", b"20", b"25") for slot in _slots_with_year(raw, century)}
    slots.update(slots_with(raw.translate(_MARKS), b"0/0"))
    finder = _Finder(markup)
    if "年" in joined or "년" in joined:
        slots.update(n for n, text in enumerate(markup.texts) if text and "年" in text)
    for slot in sorted(slots):
        finder.look_at(slot)
    return sorted([*finder.found, *_dates_of_times(markup, finder.found)])


class _Finder:
    """Looks at texts one by one; notes which elements are dates as a whole."""

    def __init__(self, markup: Markup) -> None:
        self.markup = markup
        self.found: list[Dated] = []
        self._whole: set[int] = set()  # elements whose texts together are a date
        self._tried: set[int] = set()

    def look_at(self, slot: int) -> None:
        """Note the date of a text, or of the element whose texts together are one."""
        printed = self.markup.texts[slot]
        text = " ".join(printed[:_LONGEST_LOOKED_AT].split())
        number = self.markup.around_slot(slot)
        if number < 0 or (self._whole and any(n in self._whole for n in self._near(number))):
            return
        date = find_date(text)
        if date is None:
            if len(text) <= 40 and _PARTIAL.fullmatch(text):
                self._look_around(number, text)
            return
        found = _judged(self.markup, number, slot, text, date)
        if found:
            self.found.append(found)

    def _near(self, number: int) -> Iterator[int]:
        for _ in range(4):
            if number < 0:
                return
            yield number
            number = self.markup.parent(number)

    def _look_around(self, number: int, part: str) -> None:
        """Look for a date that is spread over an element and its neighbours."""
        if part.isdigit() and self._look_at_cells(number):
            return
        for around in self._near(number):
            if around in self._tried or self.markup.tags[around] in _TOO_LARGE:
                return
            self._tried.add(around)
            if self.markup.sizes[around] > 8 or self.markup.end(around) - around > 12:
                return
            said = self.markup.text_of(around)
            if len(said) > 70:
                return
            date = find_date(said)
            if date:
                if not self._is_of_one_text(around, said[date.start : date.end]):
                    self._take_whole(around, said, date)
                return

    def _is_of_one_text(self, number: int, printed: str) -> bool:
        """Whether a date stands in one text of an element, which has other texts beside it."""
        texts = self.markup.texts
        return any(
            printed in " ".join(texts[slot].split()) for slot in self.markup.slots_of(number)
        )

    def _take_whole(self, number: int, said: str, date: DateInLine) -> None:
        rest = len(said) - (date.end - date.start)
        if rest < 25 and self.markup.tags[number] not in HEADINGS:
            self._whole.add(number)
            self.markup.tags[number] = BLOCK_DATE
            start = 2 * number
            self.found = [each for each in self.found if not self._is_in(each.slot, number)]
            self.found.append(Dated(start, said, date, alone=rest < 12))

    def _is_in(self, slot: int, number: int) -> bool:
        return self.markup.has_slot(number, slot)

    def _look_at_cells(self, number: int) -> bool:
        """Look for a date in three cells in a row: 14 | March | 2016."""
        markup = self.markup
        cell = number if markup.tags[number] in _CELLS else markup.parent(number)
        if cell < 0 or markup.tags[cell] not in _CELLS:
            return False
        row = markup.parent(cell)
        cells = markup.children(row) if row >= 0 else []
        at = cells.index(cell) if cell in cells else 0
        if at < 2 or len(cells) <= 3:
            return False
        said = " ".join(markup.text_of(each)[:40] for each in cells[at - 2 : at + 1])
        date = find_date(said) if len(said) < 40 else None
        if date is None or len(said) - (date.end - date.start) > 3:
            return False
        markup.tags[cell] = BLOCK_DATE
        markup.tags[cells[at - 1]] = markup.tags[cells[at - 2]] = "#part"
        self.found.append(Dated(2 * cell, said, date))
        return True


_CELLS = ("td", "th", "span", "div", "p")
_TOO_LARGE = ("body", "html", "tr", "ul", "ol", "table", "tbody", "article", "section")


# -- what a date in a text is worth --------------------------------------------------------

_RIGHTS = re.compile(r"©|\(c\) ?(?:19|20)\d\d|copyright|all rights", re.IGNORECASE)
_SHORT_LABEL = re.compile(r"\w+\W{1,3}")


def _judged(markup: Markup, number: int, slot: int, text: str, date: DateInLine) -> Dated | None:
    """The date of a text, None for one in running text or in a notice of rights."""
    before, rest = date.start, len(text) - (date.end - date.start)
    if rest > 8 and _RIGHTS.search(text):
        return None
    if len(text) < 250 and rest > 12 and _is_in_title(markup, number):
        return Dated(slot, text, date, weak=True, alone=False)
    if (rest > 110 and before > 25) or before > 70:
        return None
    is_led = before <= 3 or begins_as_meta(text) or _SHORT_LABEL.fullmatch(text[:before].strip())
    if rest > 90 and not is_led:
        return None
    return Dated(slot, text, date, weak=rest > 90, alone=rest < 12)


def _is_in_title(markup: Markup, number: int) -> bool:
    """Whether a text is within a link or a heading."""
    for _ in range(3):
        if number < 0:
            return False
        if markup.tags[number] == "a" or markup.tags[number] in HEADINGS:
            return True
        number = markup.parent(number)
    return False


# -- dates that the text does not print whole ----------------------------------------------

_ISO_DAY = re.compile(r"\s*(\d{4}-\d\d?-\d\d?)")
_AGO = re.compile(
    r"\bago\b|^(?:vor|il y a|hace|há) |назад|前$|yesterday|^today|\bfa$|\bsiden\b|\bsedan\b|önce$",
    re.IGNORECASE,
)


def _dates_of_times(markup: Markup, found: list[Dated]) -> Iterator[Dated]:
    """The dates of `time` elements whose text is no whole date. One that counts from the day of
    the capture ("3 days ago") marks an entry, but its date was another on another day.
    """
    taken = {each.slot for each in found}
    for number, printed in times_of(markup).items():
        around = (number, markup.parent(number))
        if any(markup.tags[n] == BLOCK_DATE for n in around):
            continue
        if any(slot in taken for slot in markup.slots_of(number)):
            continue
        date, said = day_of_time(printed), markup.text_of(number)
        if date is None or len(said) > 60:
            continue
        if _AGO.search(said):
            date = date._replace(year=0, named=False)
        if markup.sizes[number] or not said:
            markup.tags[number] = BLOCK_DATE
        yield Dated(2 * number, said, date._replace(start=0, end=len(said), order="year first"))


def times_of(markup: Markup) -> dict[int, str]:
    """The `time` elements with a day in their `datetime` -> that attribute."""
    found = {}
    for element in markup.root.iter("time"):
        printed = element.get("datetime")
        number = markup.numbers.get(element)
        if printed and number is not None and _ISO_DAY.match(printed):
            found[number] = printed
    return found


def day_of_time(printed: str) -> DateInLine | None:
    """The day of a `datetime` attribute, None where it has none."""
    found = _ISO_DAY.match(printed)
    return find_date(found[1]) if found else None


def days_without_year(markup: Markup) -> list[Dated]:
    """Texts that are a day and a month and nothing else."""
    found = []
    for slot, printed in enumerate(markup.texts):
        if not printed or len(printed) > 120 or printed.isspace():
            continue
        text = " ".join(printed.split())
        if len(text) <= 24 and any(map(str.isdigit, text)):
            date = find_day_and_month(text)
            if date and len(text) - (date.end - date.start) < 10:
                found.append(Dated(slot, text, date))
    return found
