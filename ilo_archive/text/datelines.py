"""Parse datelines: the printed date of an entry and its place.

A line is read token by token, whatever its language. A number, a month name or a word that means
"to" has a letter; filler such as "du", "вторник" or "th" has none; the letters make the shape of
the line: "21-22 September 2015" is `D-DMY`. A line is a dateline if its shape is known and only a
place follows. Names of months and weekdays are those of CLDR (`months.json`). A line of another
shape is tried in the forms that `rare_datelines` finds for it.
"""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TypeAlias
from unicodedata import normalize

from ilo_archive.text.months import calendar_words, gregorian_year
from ilo_archive.text.rare_datelines import normalised_forms

Field: TypeAlias = tuple[str, int]  # ("D", 14), ("M", 4), ("Y", 2015)
Fields: TypeAlias = tuple[Field, ...]

_TO: Field = ("-", 0)
_AMBIGUOUS: Field = ("", 0)  # adds no letter to a shape

# A month without a day ("June 2004") is not here: it is the heading of a list.
_SHAPE = re.compile(
    "(?:D(?:MY?)?-)?DMY|(?:DM?-)?DM"  # 14 April 2015; 28 December 2014 - 3 January 2015
    "|MD(?:-M?D)?Y?|MDY-MDY"  # June 2, 2022; May 30 - June 2, 2022
    "|YMD(?:-(?:Y?M)?D)?"  # 2021-04-20; 2015年4月14日至16日
    "|MDMY"  # mar. 14 avril 2015: "mar." abbreviates mardi and mars
)

_TO_WORDS = """
    to until till and & au et al all hasta y a ate e bis und по до и إلى حتى و 至 到 和 から ถึง และ
"""
_FILLER_WORDS = """
    from on the of between st nd rd th le les du des l d er re entre el los del desde de
    o os do dos em il lo dal dall vom von am der den dem zum с со г года году
    published posted publié publicado pubblicato veröffentlicht опубликовано نشر 发布 掲載
    من في يوم م 从 自 まで วัน ระหว่างวัน เดือน พศ คศ °
"""
# Not in CLDR: June and July in the Arabic spelling of the United Nations; Italian "sett.".
_MORE_MONTHS = {"يونيه": 6, "يوليه": 7, "sett": 9}

_UNITS = {"年": "Y", "月": "M", "日": "D", "号": "D", "號": "D"}
YEARS_BEFORE_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925}  # the last year before each

_LONGEST = 120  # characters; the longest in tests/fixtures/datelines.tsv has 54
_DIGIT = re.compile(r"\d")
_INVISIBLE = re.compile(r"[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_MARKS = re.compile(r"[\u0300-\u036f\u093c\u0640\u064b-\u0655\u0670.()'’]|ที่$")  # ที่: "on the"


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline. `text` is the printed line, with the place, white space folded.

    `date` is the first day; `date_end` is the last day of a range, else None. Both are None if the
    line has no year or no such day exists (31 February, a range that ends before it starts).
    `place` is None if none is printed. `ambiguous`: day and month could be swapped; the language
    decided.
    """

    text: str
    date: datetime.date | None
    date_end: datetime.date | None
    place: str | None
    ambiguous: bool = False


@lru_cache(maxsize=4096)  # captures of one page repeat their datelines
def parse_dateline(text: str, language: str | None = None) -> Dateline | None:
    """Parse a paragraph as a dateline. None if it is not one (a title, a sentence).

    Only the first line counts: later lines have the time and place of an event. `language` (an ISO
    639-1 code or "en-US") matters only for "03/04/2015": the day comes first, as ILO pages print
    it, except in "en-US".
    """
    line = text.strip().partition("\n")[0]
    if len(line) > _LONGEST or not _DIGIT.search(line):
        return None
    line = " ".join(line.split())
    clean = _INVISIBLE.sub("", line)
    return _read(line, clean, language) or _read_rare(line, clean, language)


@lru_cache(maxsize=4096)
def is_common_dateline(text: str) -> bool:
    """True if the text is a whole date in one of the common forms."""
    line = _INVISIBLE.sub("", " ".join(text.split()))
    if len(line) > _LONGEST or not _DIGIT.search(line):
        return False
    found = _read(line, line, None)
    return found is not None and found.date is not None


def parse_common_dateline(text: str, language: str | None = None) -> Dateline | None:
    """`parse_dateline` without its forms of rare lines, which may take milliseconds."""
    line = text.strip().partition("\n")[0]
    if len(line) > _LONGEST or not _DIGIT.search(line):
        return None
    line = " ".join(line.split())
    return _read(line, _INVISIBLE.sub("", line), language)


_CUT = re.compile(r"(?P<head>.*?)(?:(?P<word>[^\W\d_]\S*)|(?P<year>(?<!\d)(?:19?\d?|20?\d?))|\W*)")
_ENDS = (
    *(" December 2015", "1 December 2015", "9 December 2015", " 30 December 2015", " 2015"),
    *("年1月1日", "1月1日", "月1日", "日", "/01", "1/01", "/01/2015", "/2015", "1/2015"),
    *(".01.2015", "1.2015"),
)
_LONGEST_CUT = 30  # characters


def is_cut_dateline(text: str) -> bool:
    """True if a page that ends here was cut inside a date: "16 Decemb", "14 January 20", "24 - 28".

    A text was cut if it can be completed to a date. A date with a whole year was not.
    """
    found = _CUT.fullmatch(text) if len(text) <= _LONGEST_CUT else None
    if found is None or not _DIGIT.search(text):
        return False
    whole = _read(text, text, None)
    if whole and whole.date and found["year"] not in ("19", "20"):
        return False
    return any((read := _read(form, form, None)) and read.date for form in _completed(found))


def _completed(cut: re.Match[str]) -> Iterator[str]:
    """Yield the completions of a cut date."""
    text, head = cut[0].strip(), cut["head"]
    yield from (text + end for end in _ENDS)
    if head and cut["year"]:
        yield head + "2015"
    if cut["word"]:
        beginning = folded_word(cut["word"])
        months = (name for name, fields in _LEXICON.items() if fields and fields[0][0] == "M")
        yield from (f"{head}{name} 2015" for name in months if name.startswith(beginning))


def _read(line: str, clean: str, language: str | None) -> Dateline | None:
    """Parse a line that is a date with at most a place; None otherwise.

    `clean` is the line without invisible characters.
    """
    found = _scan(clean, language)
    if found is None:
        return None
    fields, tail = found
    place = None if _adds_nothing(tail) else tail
    if place and not _is_place(place):
        return None
    return Dateline(line, *_days(fields), place, _AMBIGUOUS in fields)


def _read_rare(line: str, clean: str, language: str | None) -> Dateline | None:
    """Parse the other forms of the line; the first one that is a day of the calendar counts."""
    for form, place in normalised_forms(clean):
        found = _read(line, form, language)
        if found and found.date and not (place and found.place):
            return replace(found, place=place or found.place)
    return None


# -- words ---------------------------------------------------------------------------------


def folded_word(word: str) -> str:
    """A word without case, accents, points and brackets: "Févr." becomes "fevr"."""
    return _MARKS.sub("", normalize("NFKD", word.casefold()))


def _lexicon() -> dict[str, Fields]:
    """The fields that each word of a dateline means. Of two meanings the later counts ("mar.")."""
    names = calendar_words().values()
    words: list[tuple[str, Fields]] = [("", ())]
    words += [(word, ()) for word in _FILLER_WORDS.split()]
    words += [(name, ()) for each in names for day in each["weekdays"] for name in day]
    words += [(word, (_TO,)) for word in _TO_WORDS.split()]
    for each in names:
        for number, month in enumerate(each["months"], start=1):
            words += [(name, (("M", number),)) for name in month]
    words += [(name, (("M", number),)) for name, number in _MORE_MONTHS.items()]
    return {folded_word(word): meaning for word, meaning in words}


_LEXICON = _lexicon()


@cache
def month_names() -> dict[str, int]:
    """The names of months in plain form -> 1 to 12; of a word with two meanings the later one."""
    return {
        name: fields[0][1]
        for name, fields in _LEXICON.items()
        if len(fields) == 1 and fields[0][0] == "M" and len(name) > 2
    }


@cache
def weekday_names() -> dict[str, int]:
    """The names of the days of the week in plain form -> 0 (Monday) to 6."""
    names = calendar_words().values()
    days = [
        (folded_word(name), at)
        for each in names
        for at, day in enumerate(each["weekdays"])
        for name in day
    ]
    return {name: at for name, at in days if _LEXICON.get(name) == ()}


def _word_fields(word: str) -> Fields | None:
    """The fields that a word stands for, () for filler, None for an unknown word.

    Arabic pages print two names of a month with a slash ("نيسان/أبريل"); both must agree.
    """
    meanings = {_LEXICON.get(folded_word(name.strip())) for name in re.split("[/／(]", word)}
    return meanings.pop() if len(meanings) == 1 else None


# -- tokens --------------------------------------------------------------------------------

_DASHES = r"\-‐-―−－~～〜"
_LETTERS = rf"[^\s\d,،，、/／{_DASHES}]+"
# Months of two words ("تشرين الأول") and words with a hyphen ("terça-feira") are one token.
_FIRST_OF_TWO = "|".join(sorted({name.split()[0] for name in _LEXICON if " " in name}))
_WORD = rf"(?:(?:{_FIRST_OF_TWO})\ {_LETTERS}|{_LETTERS}(?:-(?=[^\W\d]){_LETTERS})*)"
_TOKEN = re.compile(
    rf"""
      (?P<year_first> (\d{{4}}) \ ?([-./])\ ? (\d\d?) \ ?\3\ ? (\d\d?) (?!\d) )
    | (?P<year_last>  (\d\d?) \ ?([-./])\ ? (\d\d?) \ ?\8\ ? (\d{{4}}) (?!\d) )
    | (?P<era>        (?:{"|".join(YEARS_BEFORE_ERAS)}) \ ? (?:\d\d?|元) \ ?年 )
    | (?P<number>     \d+ (?:\ ?[{"".join(_UNITS)}])? )
    | (?P<word>       {_WORD} (?:\ ?[/／(]\ ?{_WORD})* )
    | (?P<comma>      [,،，、] )
    | (?P<to>         [/／{_DASHES}]+ )
    """,
    re.VERBOSE,
)


def _scan(line: str, language: str | None) -> tuple[list[Field], str] | None:
    """The fields of the date, and the text after its comma; None if a word is unknown."""
    fields: list[Field] = []
    for token in _TOKEN.finditer(line):
        if token.lastgroup != "comma":
            read = _fields(token.lastgroup, token[0], language)
            if read is None:
                return None
            fields += read
        elif _has_shape(fields) and "Y" in dict(fields):
            return fields, line[token.end() :].strip(" ,،，、")
    return (fields, "") if _has_shape(fields) else None


def _has_shape(fields: Sequence[Field]) -> bool:
    return bool(_SHAPE.fullmatch("".join([kind for kind, _ in fields])))


@lru_cache(maxsize=4096)
def _fields(kind: str | None, token: str, language: str | None) -> Fields | None:
    """The fields that a token stands for; None if it cannot be part of a date."""
    match kind:
        case "word":
            return _word_fields(token)
        case "number":
            return _number(token)
        case "to":
            return (_TO,)
        case "year_last":
            return _day_month_year(token, language)
        case "year_first":
            year, month, day = map(int, re.findall(r"\d+", token))
            return ("Y", gregorian_year(year)), ("M", month), ("D", day)
        case _:
            return (("Y", YEARS_BEFORE_ERAS[token[:2]] + int(re.sub(r"\D", "", token) or 1)),)


def _number(token: str) -> Fields | None:
    """The field of a number: what its unit says, else a year of four digits or a day."""
    digits = token.rstrip("".join(_UNITS) + " ")
    kind = _UNITS.get(token[-1]) or ("Y" if len(digits) == 4 else "D")
    if kind == "Y":
        return (("Y", gregorian_year(int(digits))),) if len(digits) == 4 else None
    return ((kind, int(digits)),) if len(digits) <= 2 else None


def _day_month_year(token: str, language: str | None) -> Fields:
    """The day first, unless a number over 12 or the habit of the United States requires the
    reverse.

    With points the day is first everywhere: no month-first pattern of CLDR has points.
    """
    day, month, year = map(int, re.findall(r"\d+", token))
    is_open = day <= 12 and month <= 12 and day != month and "." not in token
    is_american = (language or "").replace("_", "-").lower() == "en-us"
    if month > 12 >= day or (is_open and is_american):
        day, month = month, day
    fields = (("D", day), ("M", month), ("Y", gregorian_year(year)))
    return (*fields, _AMBIGUOUS) if is_open else fields


# -- days and places -----------------------------------------------------------------------


def _days(fields: Sequence[Field]) -> tuple[datetime.date | None, datetime.date | None]:
    """The first day, and the last day of a range, else None.

    Each side of a range takes missing parts from the other: "21-22 September 2015".
    """
    dash = fields.index(_TO) if _TO in fields else len(fields)
    first, last = dict(fields[:dash]), dict(fields[dash + 1 :])
    start, end = last | first, first | last
    if "Y" not in start:
        return None, None
    if start["M"] > end["M"]:  # 28 December - 3 January 2015
        start["Y"] -= "Y" not in first
        end["Y"] += "Y" not in last
    try:
        days = [datetime.date(each["Y"], each["M"], each["D"]) for each in (start, end)]
    except ValueError:
        return None, None
    if days[0] > days[1]:
        return None, None
    return days[0], days[1] if last else None


_PUNCTUATION = '!?:;…|–—“”«»"。！？'
_CLOCK = re.compile(r"\d\d?(?:[:.h]\d\d|\s?[ap]\.?m\b)[^!?…]{0,40}", re.IGNORECASE)
_PLACE = re.compile(rf"(?!.* - )[^\d{_PUNCTUATION}]{{2,60}}")
_REMOTE = re.compile(
    r"\b(?:on-?line|virtual(?:ly)?|e[nm] (?:ligne|línea|linha)|онлайн)\b", re.IGNORECASE
)
_CJK = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def _adds_nothing(tail: str) -> bool:
    """True if a tail adds nothing to the date: empty, a day of the week, a time."""
    return not tail or _word_fields(tail) == () or _CLOCK.fullmatch(tail) is not None


def _is_place(tail: str) -> bool:
    """True if a tail can be a place: "Rio de Janeiro", not "the seminar opened in Astana"."""
    if not _PLACE.fullmatch(tail):
        return False
    if tail.upper() == tail.lower():  # a script without capitals
        return len(tail) <= (8 if _CJK.search(tail) else 24)
    words = re.findall(r"[^\s'’]+", _REMOTE.sub("", tail))
    small = [word for word in words if word[0].islower() and not word.endswith(".")]  # г. Москва
    return not small or (small[0] != words[0] and max(map(len, small)) <= 3)
