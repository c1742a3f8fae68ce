"""Parse the description of an office: countries, years, former names.

Countries are found by their names alone (`countries.json`); of names that begin at one place the
longest counts. Years and former names are found by the words before or after them, which
`office_facts.toml` lists for each language.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ilo_archive.text.countries import (
    Country,
    Span,
    find_countries,
    uniform_marks,
    unique_countries,
)
from ilo_archive.text.language import language_of_script
from ilo_archive.text.months import calendar_words, gregorian_year


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that a description states.

    `countries` are in the order printed, each code once; a former name of the office does not count
    ("Office for Lesotho"). `since` are the years in which the office was founded or began work.
    `renamed` is the date of its present name, "2010-04" or "2010". `announced` is the number of
    countries that the text states ("ten countries"); it may differ from the names found.
    """

    countries: tuple[Country, ...] = ()
    since: tuple[int, ...] = ()
    former_names: tuple[str, ...] = ()
    renamed: str | None = None
    announced: int | None = None


def parse_description(
    description: str | None, language: str | None, office: str | None = None
) -> Facts:
    """Parse a description. Without one, all facts are empty.

    `language` is an ISO 639-1 code or "en-US"; an unknown language is replaced by that of the
    script. `office` is the present name, which is never a former one.
    """
    if not description:
        return Facts()
    text = uniform_marks(description)
    lowered = text.lower()
    known_language = _language(text, language)
    countries = list(find_countries(text, known_language))
    former = [
        (start, end)
        for start, end in _former_names(text, lowered, known_language)
        if not any(a <= start and end <= b for a, b, _ in countries)  # Eswatini (formerly X)
    ]
    served = [name for name in countries if not any(a <= name[0] < b for a, b in former)]
    renamed = _renamed(lowered, known_language) if _YEAR.search(lowered) else None
    printed = dict.fromkeys(description[start:end] for start, end in former)
    return Facts(
        countries=unique_countries(description, served),
        since=tuple(_since(lowered, known_language, renamed[0] if renamed else None)),
        former_names=tuple(name for name in printed if name != office),
        renamed=renamed[1] if renamed else None,
        announced=_announced(lowered, known_language),
    )


def _language(text: str, language: str | None) -> str:
    """The language whose patterns apply: the stated one, else that of the script, else English."""
    code = (language or "").replace("_", "-").partition("-")[0].lower()
    return code if code in _words() else language_of_script(text) or "en"


@dataclass(frozen=True, slots=True)
class _Words:
    """The patterns of a language; `office_facts.toml` explains each."""

    since: str
    founded: str
    at: str
    renamed: str
    former: str
    called: str
    countries: str
    numbers: str
    after: str = r"(?!)"
    counter: str = ""


_UNSPACED = ("zh", "ja", "th")  # languages without spaces between words
# Words of which a former name must contain one; else "formerly" concerns a person or a country.
_OFFICE_WORD = re.compile(
    r"office|bureau|team|centre|center|oficina|equipo|escritório|equipa|equipe|équipe|ufficio"
    r"|centro|correspond|büro|amt\b|vertretung|бюро|групп|команд|офис|представительств|центр"
    r"|مكتب|فريق|مركز|局|处|處|事務所|代表|办公室|小组|チーム|支局|สำนักงาน|ทีม|ศูนย์|sro|dwt|mdt"
)
_ARTICLE = re.compile(
    r"\s*+['\"«“”„「『]?\s*+(?:(?:the|an?|le|la|les|el|los|o|os|il|lo|der|die|das|als)\s+|l')?"
    r"(?=['\"«“„「『]?(?P<capital>\w))['\"«“„「『]?",
    re.IGNORECASE,
)
# Where a name ends. A comma before a capital does not end it: "for Lesotho, Namibia and Zambia".
_STOP = re.compile(
    r"[;:()\[\].!?»”“\"。；，、」』]|\s-\s|$"
    r"|,(?!\s+(?:[A-ZÀ-ÝА-Я][\w'-]*)(?:\s+(?:and|et|y|e|und|и|[A-ZÀ-ÝА-Я][\w'-]*))*\s*(?:[,;.)]|$))"
    r"|،|\s(?:until|till|which|that|was|is|has|had|and\s+(?:was|is|it|has|renamed)|before|since"
    r"|jusqu\w*|hasta|até|fino|bis|wurde|до|котор\w+|qui|que|che|und\s+wurde|i?[nm]\s+\d{4}"
    r"|قبل|حتى|وتغير|وقد|ثم|เปลี่ยน\S*|ซึ่ง|จนถึง|และเปลี่ยน\S*)(?!\w)|から|まで|(?:でした"
    r"|であった|と称|という|更名|改称)"
)


def _former_names(text: str, lowered: str, language: str) -> Iterator[Span]:
    """Yield the spans of former names of the office. `lowered` is the text in lower case."""
    patterns = _patterns(language)
    for word in patterns.former.finditer(lowered):
        lead = patterns.called.match(lowered, word.start())
        article = _ARTICLE.match(text, lead.end()) if lead else None
        if article and not article["capital"].islower():
            start = article.end()
            stop = _STOP.search(text, start)
            end = len(text[: stop.start() if stop else None].rstrip(" '-"))
            if _OFFICE_WORD.search(lowered, start, end):
                yield start, end


_YEAR = re.compile(r"\d{4}(?<!\d\d{4})(?!\d)")
# A full stop before a number does not end a clause: "Sept. 2010", "พ.ศ. 2553".
_CLAUSE_END = re.compile(r"[;()!?。；]|\.(?=\s+(?!\d)|$)")
# Years. The International Labour Organization was founded in 1919, its first offices in 1920.
_FIRST, _LAST = 1920, 2100
_MEMBER = re.compile(
    r"member|membre|miembro|membro|membri|mitglied|член|عضو|成员|成員|会员|加盟|สมาชิก|ratif|joined"
)
_DAY_AND_MONTH = (
    r"(?:\d{1,2}(?:st|nd|rd|th|er|º|\.)?\s+)?(?:(?:de|of)\s+)?(?:[^\W\d]{3,}\.?\s+"
    r"(?:\d{1,2},\s+)?)?(?:(?:de|del|do\s+ano\s+de)\s+)?(?:(?:พ|ค)\.ศ\.\s*)?"
)


@dataclass(frozen=True, slots=True)
class _Patterns:
    before: re.Pattern[str]
    after: re.Pattern[str]
    renamed: re.Pattern[str]
    former: re.Pattern[str]
    called: re.Pattern[str]
    countries: re.Pattern[str]
    number: re.Pattern[str]


@cache
def _words() -> Mapping[str, _Words]:
    """The patterns of each language, by its code."""
    text = Path(__file__).with_name("office_facts.toml").read_text(encoding="utf-8")
    return {code: _Words(**table) for code, table in tomllib.loads(text).items()}


@cache
def _patterns(language: str) -> _Patterns:
    words = _words()[language]
    edge = "" if language in _UNSPACED else r"(?<!\w)"
    gap = r"\s*" if not edge else r"\s+"
    numbers = "|".join(f"(?P<n{n}>{word})" for n, word in enumerate(words.numbers.split(), 2))
    begin = r"(?<![\w.,])" if edge else r"(?<![\d.,一二三四五六七八九十])"
    return _Patterns(
        re.compile(
            rf"{edge}(?:(?:{words.since}){gap}|(?:{words.founded})\s*(?:{words.at}){gap})"
            rf"{_DAY_AND_MONTH}$"
        ),
        re.compile(words.after),
        re.compile(rf"{edge}(?:{words.renamed})"),
        re.compile(words.former),
        re.compile((r"(?<!\w)" if edge else "") + rf"(?:{words.former})(?:{words.called})"),
        re.compile(words.countries + (r"(?!\w)" if edge else "")),
        re.compile(rf"{begin}(?:(?P<digits>\d{{1,2}})|{numbers}){gap}{words.counter}$"),
    )


def _since(text: str, language: str, renaming: int | None) -> Iterator[int]:
    """Yield the years in which the office began, except the year at offset `renaming`."""
    patterns = _patterns(language)
    seen = set()
    for match in _YEAR.finditer(text):
        year = gregorian_year(int(match[0]))
        if match.start() == renaming or not _FIRST <= year <= _LAST or year in seen:
            continue
        window = text[max(0, match.start() - 75) : match.start() + 1]  # to the first digit
        before = _CLAUSE_END.split(window)[-1][:-1]
        leads = patterns.before.search(before) or patterns.after.match(text, match.end())
        if leads and not _MEMBER.search(before, before.rfind(",") + 1):
            seen.add(year)
            yield year


@cache
def _months(language: str) -> tuple[re.Pattern[str], Mapping[str, int]]:
    """A pattern for a month before a year, and the number of each month.

    Russian months are matched by their stems: CLDR does not list "апреле" (as in "в апреле").
    """
    names = {
        re.sub("[ьяй]$", "", name.lower()) if language == "ru" else name.lower(): number
        for number, forms in enumerate(calendar_words()[language]["months"], start=1)
        for name in forms
    }
    months = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    ending = "[ьяйеюи]?" if language == "ru" else ""
    edge = "" if language in _UNSPACED else r"(?<!\w)"
    return (
        re.compile(
            rf"{edge}(?P<month>{months}){ending}\.?\s+(?:\d{{1,2}},?\s+)?"
            r"(?:(?:de|del|of|عام|سنة)\s+)?(?:[พค]\.ศ\.\s*)?$"
        ),
        names,
    )


_NUMBERED_MONTH = re.compile(r"\s*年\s*(\d{1,2})\s*月")


def _renamed(text: str, language: str) -> tuple[int, str] | None:
    """The offset of the year of the renaming in the text, and the date; None if there is none."""
    word = _patterns(language).renamed.search(text)
    if not word:
        return None
    ends = [end.start() for end in _CLAUSE_END.finditer(text)]
    start = max((end for end in ends if end < word.start()), default=0)
    stop = min((end for end in ends if end >= word.end()), default=len(text))
    years = _YEAR.finditer(text, start, stop)
    year = min(years, key=lambda each: _distance(each, word), default=None)
    if year is None:
        return None
    date = f"{gregorian_year(int(year[0])):04}"
    month = _month(text, year, language)
    return year.start(), f"{date}-{month:02}" if 1 <= month <= 12 else date


def _month(text: str, year: re.Match[str], language: str) -> int:
    """The month printed with a year, 0 if there is none."""
    if number := _NUMBERED_MONTH.match(text, year.end()):
        return int(number[1])
    pattern, months = _months(language)
    named = pattern.search(text[max(0, year.start() - 30) : year.start()])
    return months[named["month"]] if named else 0


def _distance(year: re.Match[str], word: re.Match[str]) -> int:
    """Characters between a year and a word."""
    return max(year.start() - word.end(), word.start() - year.end())


_ABOUT = re.compile(
    r"(?:more\s+than|over|some|about|almost|nearly|other|plus\s+de|environ|más\s+de|mais\s+de"
    r"|più\s+di|oltre|mehr\s+als|über|более|свыше|около|أكثر\s+من|超过|多于|กว่า|มากกว่า)\s*$"
)
_MOST_COUNTRIES = 60  # no ILO region has more; a larger number counts all member states


def _announced(text: str, language: str) -> int | None:
    """The number of countries that a text states, None if there is none."""
    patterns = _patterns(language)
    for noun in patterns.countries.finditer(text):
        before = text[max(0, noun.start() - 45) : noun.start()]
        match = patterns.number.search(before)
        if match and not _ABOUT.search(before[: match.start()]):
            word = match.lastgroup or ""
            number = int(match[word]) if word == "digits" else int(word[1:])
            if 0 < number <= _MOST_COUNTRIES:
                return number
    return None
