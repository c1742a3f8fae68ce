"""The first whole date in a line, wherever it stands: "Posted by Ann on 4 March 2016 at 09:18".

`datelines` reads lines that are a date and nothing else; here a date may have other words around
it, and its place in the line is what matters. Which of "03/04/2015" is the day is left open: a
page decides that once, for all of its dates.
"""

import datetime
import json
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal, NamedTuple

from ilo_archive.text.datelines import (
    YEARS_BEFORE_ERAS,
    Dateline,
    folded_word,
    month_names,
    parse_dateline,
    weekday_names,
)
from ilo_archive.text.months import gregorian_year

Order = Literal["year first", "day first", "month first", "open"]


class DateInLine(NamedTuple):
    """A date with its place in a line: `line[start:end]`, of a range the whole of it.

    `day`, `month` and `year` are those of the first day. `order` says which order the print
    shows; "open" (03/04/2015) is stored with the day first. `named` says that the month is a
    word, `is_range` that more days follow.
    """

    start: int
    end: int
    year: int
    month: int
    day: int
    order: Order
    named: bool = False
    is_range: bool = False

    def date(self, *, month_first: bool = False) -> datetime.date | None:
        """The day of the calendar, None where there is no such day; `month_first` decides only
        what the print leaves open.
        """
        month, day = self.month, self.day
        if month_first and self.order == "open":
            month, day = day, month
        try:
            return datetime.date(self.year, month, day)
        except ValueError:
            return None


_YEAR = r"(?:19|20|25)\d\d"
_WORD = r"[^\W\d_][^\s\d,،/()|:;\"“”!?.'’\-–—\[\]]{1,13}"
_NOT_INSIDE = r"(?<!\d[.,/:-])(?<![\d/$€£#])"
_ORDINAL = r"(?:\.|\s?(?:st|nd|rd|th|er|[ºª°])\b|[ºª°])"
_TO = r"\s?(?:[-–—~～/&]|\b(?:to|and|bis|au|al|a|y|e|et|und|и|до|по)\b)\s?"
_OF = r"(?:\s(?:of|de|di|do|del|the|เดือน)(?=\s))?"

_YEAR_FIRST = re.compile(
    rf"{_NOT_INSIDE}(?P<y>{_YEAR})\s?[-./年년]\s?(?P<m>\d\d?)\s?[-./月월]\s?(?P<d>\d\d?)(?!\d)[日일]?"
    r"(?P<more>\s?[-–—~～至到]\s?(?:\d\d?月)?\d\d?日)?"
)
_DAY_FIRST = re.compile(
    rf"{_NOT_INSIDE}(?P<more>(?P<d0>\d\d?){_ORDINAL}?{_OF}(?:[\s.]{{0,2}}(?P<m0>{_WORD})\.?)?"
    rf"(?:,?(?:\sde)?\s(?P<y0>{_YEAR}))?{_TO})?"
    rf"(?P<d>\d\d?){_ORDINAL}?{_OF}[\s./-]{{0,3}}(?P<m>{_WORD})[.,]{{0,2}}[\s/-]{{0,2}}"
    rf"(?:(?:de|del|of|do)\s|[พค]\.ศ\.\s?)?(?P<y>{_YEAR}|['’]\d\d|(?<=[/-])\d\d)(?![\d])",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<![^\W\d_])(?P<m>{_WORD})[.,]?[\s-](?P<d>\d\d?)(?:st|nd|rd|th)?"
    rf"(?P<more>\s?[-–—&]\s?(?:(?:{_WORD})\.?\s)?\d\d?(?:st|nd|rd|th)?)?"
    rf"(?:\s?,\s?|\s|-)(?:at\s)?(?P<y>{_YEAR}|['’]\d\d)(?!\d)",
    re.IGNORECASE,
)
_YEAR_MONTH_DAY = re.compile(
    rf"{_NOT_INSIDE}(?P<y>{_YEAR})[.,]?[\s-](?P<m>{_WORD})[.,]?[\s-](?P<d>\d\d?)(?!\d)"
)
_NUMBERS = re.compile(
    rf"{_NOT_INSIDE}(?P<a>\d\d?)(?P<s>\s?[/.-]\s?)(?P<b>\d\d?)(?P=s)(?P<y>{_YEAR}|\d\d)"
    r"(?![\d/%]|[.-]\d)"
)
_ERA = re.compile(
    r"(?P<e>令和|平成|昭和)\s?(?P<y>\d\d?|元)\s?年\s?(?P<m>\d\d?)\s?月\s?(?P<d>\d\d?)\s?日"
)
_DAY_AND_MONTH = re.compile(
    rf"(?<![\d/.:-])(?:(?P<d1>\d\d?){_ORDINAL}?{_OF}[\s./-]{{0,2}}(?P<m1>{_WORD})"
    rf"|(?P<m2>{_WORD})[.,]?\s?(?P<d2>\d\d?)(?:st|nd|rd|th)?)(?!\d)",
    re.IGNORECASE,
)

_OTHER_DIGITS = str.maketrans(
    "๐๑๒๓๔๕๖๗๘๙٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９", "0123456789" * 4
)
_OLDEST, _LATEST = 1960, 2040  # years that entries of a homepage can have


@lru_cache(maxsize=8192)  # captures of one page repeat their lines
def find_date(line: str) -> DateInLine | None:
    """The first whole date in a line with single spaces, None without one."""
    text = line if line.isascii() else line.translate(_OTHER_DIGITS)
    if found := _plain_date(text):
        return found
    found = min(_candidates(text), default=None)
    if found is None:
        return _whole_line(line)
    if found.start and len(line) <= _LONGEST_WHOLE and _DIGIT.search(text, 0, found.start):
        return _as_whole(line, parse_dateline(line)) or _with_weekday(text, found)
    return _with_weekday(text, found)


_PLAIN = re.compile(rf"(\d\d?)\.? ({_WORD}),? ({_YEAR})")
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"\d+")
_LONGEST_WHOLE = 80  # characters of a line that is a date and nothing else


def _plain_date(text: str) -> DateInLine | None:
    """The form that most pages print, "14 April 2015", in a fifth of the time."""
    found = _PLAIN.fullmatch(text)
    month = month_of(found[2]) if found else None
    if not found or not month:
        return None
    made = _made(0, len(text), int(found[3]), month, int(found[1]), "day first")
    return made and made._replace(named=True)


def _whole_line(line: str) -> DateInLine | None:
    """A line that is a date in one of the forms that only `datelines` reads."""
    if len(line) > _LONGEST_WHOLE or not 2 <= len(_NUMBER.findall(line)) <= 6:
        return None
    return _as_whole(line, parse_dateline(line))


def _as_whole(line: str, read: Dateline | None) -> DateInLine | None:
    if read is None or read.date is None or not _OLDEST <= read.date.year <= _LATEST:
        return None
    day = read.date
    order: Order = "open" if read.ambiguous else "day first"
    is_range = read.date_end is not None or read.place is not None
    return DateInLine(
        0, len(line), day.year, day.month, day.day, order, named=True, is_range=is_range
    )


def find_day_and_month(line: str) -> DateInLine | None:
    """The first date without a year, "14 March"; its `year` is 0."""
    text = line if line.isascii() else line.translate(_OTHER_DIGITS)
    for found in _DAY_AND_MONTH.finditer(text):
        month = month_of(found["m1"] or found["m2"])
        day = int(found["d1"] or found["d2"])
        if month and 1 <= day <= 31:
            order: Order = "day first" if found["m1"] else "month first"
            return DateInLine(found.start(), found.end(), 0, month, day, order, named=True)
    return None


def weekday_beside(line: str, date: DateInLine) -> int | None:
    """The day of the week (0 is Monday) printed with a date, before or behind it; else None."""
    words = _WORDS.findall(line[max(0, date.start - 24) : date.end + 24])
    days = (weekday_names().get(folded_word(word)) for word in words if len(word) > 2)
    return next((day for day in days if day is not None), None)


_WORDS = re.compile(r"[^\W\d_]+(?:-feira)?")
_LAST_WORD = re.compile(r"(?<![^\W\d_])([^\W\d_]{2,}(?:-feira)?)[.,]{0,2}\s?$")


def _with_weekday(line: str, found: DateInLine) -> DateInLine:
    """The date with the name of its day, where that stands before it."""
    if not found.start:
        return found
    word = _LAST_WORD.search(line[max(0, found.start - 24) : found.start])
    if not word or len(word[1]) < 3 or folded_word(word[1]) not in weekday_names():
        return found
    return found._replace(start=max(0, found.start - 24) + word.start(1))


def _candidates(text: str) -> Iterator[DateInLine]:
    """The first date of each form."""
    for search in (_named, _year_first, _numbers, _month_first, _rare):
        found = search(text)
        if found:
            yield found
            if found.start == 0:
                return


def _named(text: str) -> DateInLine | None:
    for found in _DAY_FIRST.finditer(text):
        month = month_of(found["m"])
        if not month:
            continue
        year, day, is_range, start = _year(found["y"]), int(found["d"]), False, found.start("d")
        if found["d0"]:
            first = month_of(found["m0"]) if found["m0"] else month
            if first and int(found["d0"]) <= 31:
                before = first > month and not found["y0"]
                year = int(found["y0"] or year - before)
                month, day, is_range, start = first, int(found["d0"]), True, found.start()
        if made := _made(start, found.end(), year, month, day, "day first"):
            return made._replace(named=True, is_range=is_range)
    return None


def _year_first(text: str) -> DateInLine | None:
    for found in _YEAR_FIRST.finditer(text):
        numbers = int(found["y"]), int(found["m"]), int(found["d"])
        if made := _made(found.start(), found.end(), *numbers, "year first"):
            return made._replace(is_range=found["more"] is not None)
    return None


def _numbers(text: str) -> DateInLine | None:
    for found in _NUMBERS.finditer(text):
        first, second, year, mark = found["a"], found["b"], found["y"], found["s"].strip()
        if len(year) == 2 and not _may_be_short(text, found, mark):
            continue
        day, month = int(first), int(second)
        order: Order = "day first" if day > 12 or mark == "." or day == month else "open"
        if month > 12:
            day, month, order = month, day, "month first"
        if made := _made(found.start(), found.end(), _year(year), month, day, order):
            return made
    return None


def _may_be_short(text: str, found: re.Match[str], mark: str) -> bool:
    """Whether numbers whose year has two digits are a date: "6/30/23", not "v 1.2.15"."""
    if mark == ".":
        return len(found["a"]) == len(found["b"]) == 2
    return mark == "/" or found[0] == text.strip()


def _month_first(text: str) -> DateInLine | None:
    for found in _MONTH_FIRST.finditer(text):
        month = month_of(found["m"])
        if month is None:
            continue
        numbers = _year(found["y"]), month, int(found["d"])
        if made := _made(found.start(), found.end(), *numbers, "month first"):
            return made._replace(named=True, is_range=found["more"] is not None)
    return None


def _rare(text: str) -> DateInLine | None:
    """A year before the name of a month (Hungarian), and the eras of Japan."""
    if (found := _YEAR_MONTH_DAY.search(text)) and (month := month_of(found["m"])):
        numbers = int(found["y"]), month, int(found["d"])
        return _made(found.start(), found.end(), *numbers, "year first")
    if found := _ERA.search(text):
        year = YEARS_BEFORE_ERAS[found["e"]] + (1 if found["y"] == "元" else int(found["y"]))
        numbers = year, int(found["m"]), int(found["d"])
        return _made(found.start(), found.end(), *numbers, "year first")
    return None


def _year(printed: str) -> int:
    """A year in full: of two digits, 70 to 99 are of the last century."""
    year = int(printed.strip("'’"))
    if year < 100:
        year += 2000 if year < 70 else 1900
    return year


def _made(start: int, end: int, year: int, month: int, day: int, order: Order) -> DateInLine | None:
    """A date that exists, None for 31 February and for years that no entry has."""
    year = gregorian_year(year)
    if not (_OLDEST <= year <= _LATEST and 1 <= month <= 12 and 1 <= day <= 31):
        return None
    found = DateInLine(start, end, year, month, day, order)
    return found if found.date() or found.date(month_first=True) else None


@lru_cache(maxsize=8192)
def month_of(word: str) -> int | None:
    """The number of a month by its name in any language, None for any other word."""
    name = folded_word(word)
    return month_names().get(name) or _months_elsewhere().get(name)


@cache
def _months_elsewhere() -> dict[str, int]:
    """The names of months in languages that no office writes in, for pages of other sites."""
    text = Path(__file__).with_name("months_elsewhere.json").read_text("utf-8")
    found: dict[str, int] = {}
    for months in json.loads(text).values():
        for number, names in enumerate(months, start=1):
            for name in names:
                found.setdefault(folded_word(name), number)
    return found
