"""Rewrite rare forms of datelines in a form that `datelines` reads.

A title that contains a day and a year must not become a date. So the whole line must be a date, and
a word before the date is accepted only if it is a known city.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache

from ilo_archive.offices import registry

_LONGEST = 60  # characters

# Cities in the languages of the offices, in addition to the names in the registry.
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
_JOINED_DATE = re.compile(r"^(\d\d?)([-/.])([^\W\d_]{3,10})\.?\2(?=\d{2}(?:\d\d)?$)")
_SHORT_YEAR = re.compile(
    r"(?:(?<=[^\W\d_][ .])|(?<=[^\W\d_]\. )|(?<=\d, )|(?<=[^\W\d_]-))['’]?(\d\d)$"
)
_SHORT_NUMBERS = re.compile(r"(?<![\d./-])(\d\d)([-./])(\d\d)\2(\d\d)$")
_THAI = re.compile("[\u0e00-\u0e7f]")


def normalised_forms(line: str) -> Iterator[tuple[str, str | None]]:
    """Yield other forms of a line that mean the same days, each with the city before the date, or
    None.

    `line` has single spaces. Yields nothing for a line that cannot be a date with a year.
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
    """A pattern for a known city before the date, also with its source: "GENEVA (ILO News) -"."""
    names = {office.name.partition(",")[0] for office in registry().offices.values()}
    cities = "|".join(map(re.escape, sorted({*names, *_CITIES}, key=len, reverse=True)))
    return re.compile(
        rf"({cities})(?: \([^()\d]{{2,30}}\))?(?: ?[,،，、–—-] ?| )(?=\D{{0,20}}\d)", re.IGNORECASE
    )


def _split_place(line: str) -> tuple[str | None, str]:
    """The city before the date, None if there is none, and the rest of the line."""
    found = _place_first().match(line)
    return (found[1], line[found.end() :]) if found else (None, line)


def _without_list(line: str) -> str:
    """Replace listed days by their range: "14, 15 and 16 April" becomes "14 - 16 April"."""
    return _LISTED_DAYS.sub(_span, line)


def _span(listed: re.Match[str]) -> str:
    """The first and last of the listed days; the text unchanged if they do not ascend."""
    days = [int(each) for each in _NUMBERS.findall(listed[0])]
    is_list = days == sorted(set(days))
    return f"{days[0]} - {days[-1]}" if is_list else listed[0]


def _spaced(line: str) -> str:
    """Separate month and numbers by spaces: "14-Apr-2015" becomes "14 Apr 2015"."""
    return _JOINED_DATE.sub(r"\1 \3 ", line)


def _long_year(line: str) -> str:
    """Write a year of two digits in full.

    90 to 99 mean the last century, since no page is older; 50 to 89 are not years. In a line with
    Thai letters the year is Buddhist.
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
    """A year of two digits in full, None for 50 to 89."""
    return 2000 + year if year < 50 else 1900 + year if year >= 90 else None


# -- the rest ------------------------------------------------------------------------------

_LANGUAGES = ["tr", "id", "vi", "hu", "uk", "ro", "pl", "ko"]
"""Languages of offices and their countries that `datelines` has no words of. Its own languages are
left out because dateparser accepts too much: "After 14 April 2015", "1 in 3, 2015".
"""

_MOST_WORDS = 5  # as in "thứ ba ngày 14 tháng 4 năm 2015"
_WORDS = re.compile(r"[^\W\d_]+")
_MONTH_WORD = re.compile(r"tháng|월", re.IGNORECASE)  # the word before or after its number
# How the months of these languages begin. It saves calls of dateparser, a millisecond each.
_MONTH_BEGINS = re.compile(
    r"tháng|월|\b(?:oca|şub|mar|nis|may|haz|tem|ağu|eyl|eki|kas|ara|jan|feb|apr|mei|jun|jul|agu|sep"
    r"|okt|nov|des|már|ápr|máj|jún|júl|aug|sze|dec|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
    r"|ian|mai|iun|iul|oct|noi|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru)",
    re.IGNORECASE,
)
_NOT_IN_DATES = re.compile(r"[:;!?()…|«»“”\"]")  # dateparser skips words, as "application:"


@lru_cache(maxsize=4096)  # captures of one page repeat their lines
def _by_dateparser(line: str) -> str | None:
    """The ISO date that dateparser finds, if its day and year are numbers of the line;
    else None.
    """
    numbers = [int(each) for each in _NUMBERS.findall(line)]
    years = [each for each in numbers if 1990 <= each <= 2100]
    words = _WORDS.findall(line)
    if len(years) != 1 or len(numbers) > 3 or not 1 <= len(words) <= _MOST_WORDS:
        return None
    if _NOT_IN_DATES.search(line) or not _MONTH_BEGINS.search(line):
        return None
    if len(numbers) > 2 and not _MONTH_WORD.search(line):
        return None
    day = _dateparser_day(line)
    if day is None or day[0] != years[0] or not {day[2]} <= {*numbers} <= {*day}:
        return None
    return "-".join(f"{each:02}" for each in day)


def _dateparser_day(line: str) -> tuple[int, int, int] | None:
    """Year, month and day that dateparser finds, None if it finds no date."""
    # Imported here: it takes 70 ms, its languages 100 ms more, and few pages need it.
    from dateparser.date import DateDataParser

    settings = {
        "REQUIRE_PARTS": ["day", "month", "year"],
        "PARSERS": ["absolute-time"],
        "DATE_ORDER": "DMY",
    }
    found = DateDataParser(languages=_LANGUAGES, settings=settings).get_date_data(line).date_obj
    return (found.year, found.month, found.day) if found else None
