"""Datelines of uncommon forms -> the same days in a form that `dates` reads.

A title with a day and a year in it must never become a date. So only whole lines count, and a
word in front of the date counts only where it is a city known to be one.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from ilo_archive.offices import registry

_LONGEST = 60  # characters

# The cities of the registry, and these as the languages of the offices write them.
_CITIES = (
    *("Geneva", "Genève", "GENEVE", "Ginebra", "Genebra", "Ginevra", "Genf", "Женева", "جنيف"),
    *("日内瓦", "ジュネーブ", "เจนีวา", "Москва", "Moscou", "Moscú", "Mosca", "Moskau", "القاهرة"),
    *("Le Caire", "بيروت", "Beyrouth", "الجزائر", "Alger", "北京", "東京", "กรุงเทพฯ", "Turin"),
    *("Torino", "Roma", "Lisboa", "Bruxelles", "México", "San Jose", "Nueva Delhi", "New York"),
)
_NUMBERS = re.compile(r"(?<!\d)\d+(?!\d)")
_CLOCK = re.compile(
    r",? (?:at |à )?\d\d?[:h.]\d\d(?: ?[ap]\.?m\.?)?(?: ?[A-Z]{2,4})?$", re.IGNORECASE
)
_DAY = r"(?<!\d)\d\d?(?!\d)(?:st|nd|rd|th|[.ºª日])?"
_LISTED_DAYS = re.compile(
    rf"{_DAY}(?:[,،，、] ?{_DAY})+(?:,? (?:[^\W\d]{{1,3}}|&) ?{_DAY})?(?= ?[^\W\d]|, \d{{4}}$|$)"
)
_TIED = re.compile(r"^(\d\d?)([-/.])([^\W\d_]{3,10})\.?\2(?=\d{2}(?:\d\d)?$)")
_SHORT_YEAR = re.compile(
    r"(?:(?<=[^\W\d_][ .])|(?<=[^\W\d_]\. )|(?<=\d, )|(?<=[^\W\d_]-))['’]?(\d\d)$"
)
_SHORT_NUMBERS = re.compile(r"(?<![\d./-])(\d\d)([-./])(\d\d)\2(\d\d)$")
_THAI = re.compile("[\u0e00-\u0e7f]")


def normalised_forms(line: str) -> Iterator[tuple[str, str | None]]:
    """Forms of a line that mean the same days, each with the place that stands before the date.

    `line` has single spaces. Nothing comes of a line that cannot be a date with a year.
    """
    if len(line) > _LONGEST or not 2 <= len(_NUMBERS.findall(line)) <= 6 or "@" in line:
        return
    place, rest = _split_place(line)
    rest = _long_year(_spaced(_without_list(_CLOCK.sub("", rest))))
    if rest != line:
        yield rest, place
    if day := _by_dateparser(rest):
        yield day, place


@cache
def _place_first() -> re.Pattern[str]:
    """A known city, with who reports ("GENEVA (ILO News) -") or without, before the date."""
    names = {office.name.partition(",")[0] for office in registry().offices.values()}
    cities = "|".join(map(re.escape, sorted({*names, *_CITIES}, key=len, reverse=True)))
    return re.compile(
        rf"({cities})(?: \([^()\d]{{2,30}}\))?(?: ?[,،，、–—-] ?| )(?=\D{{0,20}}\d)", re.IGNORECASE
    )


def _split_place(line: str) -> tuple[str | None, str]:
    found = _place_first().match(line)
    return (found[1], line[found.end() :]) if found else (None, line)


def _without_list(line: str) -> str:
    """Listed days as the range that they span: "14, 15 and 16 April", "14, 15 April"."""
    return _LISTED_DAYS.sub(_span, line)


def _span(listed: re.Match[str]) -> str:
    days = [int(each) for each in _NUMBERS.findall(listed[0])]
    is_list = days == sorted(set(days))
    return f"{days[0]} - {days[-1]}" if is_list else listed[0]


def _spaced(line: str) -> str:
    """Without what ties a month to its numbers: "14-Apr-2015", "14/Apr/15"."""
    return _TIED.sub(r"\1 \3 ", line)


def _long_year(line: str) -> str:
    """A year of two digits in full: 90 to 99 are of the last century, no page is older, and 50
    to 89 are none; with Thai letters it is of the Buddhist era.
    """
    if numbers := _SHORT_NUMBERS.search(line):
        day, mark, month, year = numbers.groups()
        fits = 1 <= int(day) <= 31 and 1 <= int(month) <= 31 and min(int(day), int(month)) <= 12
        full = _century(int(year)) if fits else None
        return line[: numbers.start()] + mark.join([day, month, str(full)]) if full else line
    found = _SHORT_YEAR.search(line)
    if found is None:
        return line
    year = int(found[1])
    full = 2500 + year if _THAI.search(line) else _century(year)
    return f"{line[: found.start()].rstrip('-')} {full}" if full else line


def _century(year: int) -> int | None:
    return 2000 + year if year < 50 else 1900 + year if year >= 90 else None


# -- the rest ------------------------------------------------------------------------------

_LANGUAGES = ["tr", "id", "vi", "hu", "uk", "ro", "pl", "ko"]
"""Those of offices and their countries that `dates` has no words of. In its languages dateparser
takes more for a date than is one: "After 14 April 2015", "1 in 3, 2015".
"""

_MOST_WORDS = 5  # "thứ ba ngày 14 tháng 4 năm 2015" has the most
_WORDS = re.compile(r"[^\W\d_]+")
_MONTH_WORD = re.compile(r"tháng|월", re.IGNORECASE)  # the word before or after its number
# How the months of these languages begin; each call of dateparser takes a millisecond.
_MONTH_BEGINS = re.compile(
    r"tháng|월|\b(?:oca|şub|mar|nis|may|haz|tem|ağu|eyl|eki|kas|ara|jan|feb|apr|mei|jun|jul|agu|sep"
    r"|okt|nov|des|már|ápr|máj|jún|júl|aug|sze|dec|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
    r"|ian|mai|iun|iul|oct|noi|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru)",
    re.IGNORECASE,
)
_NO_DATE = re.compile(r"[:;!?()…|«»“”\"]")  # dateparser passes over all up to "application:"


@lru_cache(maxsize=4096)  # captures of one page repeat their lines
def _by_dateparser(line: str) -> str | None:
    """What dateparser takes a line for, provided that day and year are the numbers printed."""
    numbers = [int(each) for each in _NUMBERS.findall(line)]
    years = [each for each in numbers if 1990 <= each <= 2100]
    words = _WORDS.findall(line)
    if len(years) != 1 or len(numbers) > 3 or not 1 <= len(words) <= _MOST_WORDS:
        return None
    if _NO_DATE.search(line) or not _MONTH_BEGINS.search(line):
        return None
    if len(numbers) > 2 and not _MONTH_WORD.search(line):
        return None
    day = _dateparser_day(line)
    if day is None or day[0] != years[0] or not {day[2]} <= {*numbers} <= {*day}:
        return None
    return "-".join(f"{each:02}" for each in day)


def _dateparser_day(line: str) -> tuple[int, int, int] | None:
    # Imported here: it takes 70 ms, and its languages 100 ms more; few pages need them.
    from dateparser.date import DateDataParser

    settings = {
        "REQUIRE_PARTS": ["day", "month", "year"],
        "PARSERS": ["absolute-time"],
        "DATE_ORDER": "DMY",
    }
    found = DateDataParser(languages=_LANGUAGES, settings=settings).get_date_data(line).date_obj
    return (found.year, found.month, found.day) if found else None
