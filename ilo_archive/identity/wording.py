"""Take a wording apart: the words of title and summary, numbers, names."""

import datetime
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise

from ilo_archive.text.months import calendar_words
from ilo_archive.text.normalise import IS_UNSPACED, folded, tokens


@dataclass(frozen=True, slots=True)
class WordingText:
    """The parts of a wording that are compared. `date` is ISO 8601; every part may be None."""

    language: str | None
    date: str | None
    title: str | None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedWording:
    """A wording taken apart.

    `day` is a proleptic ordinal (`date.toordinal`), None if undated; `year` has 4 digits or is
    empty. `title` and `summary` are folded, with single spaces; `words` are those of the title.
    `printed` and `printed_summary` are as printed. `stems` are the longest words, from which
    blocking keys are made.
    """

    language: str | None
    day: int | None
    year: str
    title: str
    words: tuple[str, ...]
    printed: str
    summary: str
    printed_summary: str
    stems: tuple[bytes, ...]


_PREPOSITION_WORDS = """
    in at from to for with of on в во на из для от к с en au aux a à de du des pour avec dans para
    con por sobre في 在 于
"""
_STOP_WORDS = """
    the an and or by as its is are be s l d n
    и о об по со за при ее его их
    le la les un une et sur par est sont ses
    el los las una y e o u al del su sus es son
    في من على الي عن مع و
    的 在 和 与 及 了 于 之
"""
_ROMAN_WORDS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI"
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
STOP_WORDS = _PREPOSITIONS | frozenset(_STOP_WORDS.split())
_ROMAN = {numeral: str(at) for at, numeral in enumerate(_ROMAN_WORDS.split(), start=1)}
# Words that are numbers. "one" is the same word as an article in some languages.
_COUNTED = {
    "1": """
        one first premier premiere primero primera primer первыи первая первое первого первую
        一 الاول الاولي
    """,
    "2": """
        two second deux deuxieme seconde dos segundo segunda два две двух двумя второи вторая
        второе второго вторую 二 两 ثاني ثانيه الثاني الثانيه
        dois duas zwei
    """,
    "3": """
        three third trois troisieme tres tercero tercera tercer три трех тремя третии третья
        третье третьего третью 三 الثالث الثالثه
        drei
    """,
    "4": """
        four fourth quatre quatrieme cuatro cuarto cuarta четыре четырех четвертыи четвертая
        четвертое 四 الرابع الرابعه
        quatro quattro vier
    """,
    "5": """
        five fifth cinq cinquieme cinco quinto quinta пять пяти пятыи пятая пятое 五 الخامس
        الخامسه
        cinque funf
    """,
    "6": """
        six sixth sixieme seis sexto sexta шесть шести шестои шестая шестое 六
        sechs
    """,
    "7": """
        seven seventh sept septieme siete septimo septima семь семи седьмои седьмая 七
        sete sette sieben
    """,
    "8": """
        eight eighth huit huitieme ocho octavo octava восемь восьми восьмои восьмая 八
        oito otto acht
    """,
    "9": """
        nine ninth neuf neuvieme nueve noveno novena девять девяти девятыи девятая 九
        neun
    """,
    "10": """
        ten tenth dix dixieme diez decimo decima десять десяти десятыи десятая 十
        dez dieci zehn
    """,
    "20": "twenty vingt veinte vinte venti zwanzig двадцать двадцати двадцатью عشرون عشرين",
    "30": "thirty trente treinta trinta trenta dreissig тридцать тридцати ثلاثون ثلاثين",
    "40": "forty quarante cuarenta quarenta quaranta vierzig сорок сорока اربعون اربعين",
    "50": "fifty cinquante cincuenta cinquenta cinquanta funfzig пятьдесят пятидесяти خمسون خمسين",
}
# Words before the colon of a title that are not names.
_GENRE_WORDS = """
    report press release video film interview statement webinar news photo доклад отчет видео фильм
    интервью вебинар rapport communique entretien informe comunicado entrevista
"""
_GENRES = frozenset(_GENRE_WORDS.split())


def parse_wording(words: WordingText) -> ParsedWording:
    """Take a wording apart."""
    day = datetime.date.fromisoformat(words.date).toordinal() if words.date else None
    title, summary = folded(words.title), folded(words.summary)
    title_words = tokens(title.casefold())
    plain_summary = " ".join(tokens(summary.casefold()))
    return ParsedWording(
        language=words.language,
        day=day,
        year=(words.date or "")[:4],
        title=" ".join(title_words),
        words=tuple(title_words),
        printed=words.title or "",
        summary=plain_summary,
        printed_summary=words.summary or "",
        stems=_stems(title_words, plain_summary),
    )


@lru_cache(maxsize=16_384)  # most wordings are never compared, some with many others
def names_in(title: str) -> frozenset[str]:
    """The names in a title, folded: words with a capital letter.

    If most words have one ("Seminar Opens in Baku") or the script has no capitals ("在北京"), the
    words after a preposition; and a first word before a colon or comma.
    """
    text = folded(title)
    printed = tokens(text)
    return frozenset(_named(printed, [token.casefold() for token in printed], text))


def _named(printed: list[str], plain: list[str], text: str) -> Iterator[str]:
    """Yield the names among the words; `plain` are the words in lower case."""
    content = [at for at, token in enumerate(plain) if token not in STOP_WORDS]
    capitalised = {at for at in content if printed[at][:1].isupper()}
    mostly_capitals = len(capitalised - {0}) > 0.6 * max(1, len([at for at in content if at]))
    for at in content:
        letter = printed[at][:1]
        has_case = letter.lower() != letter.upper()
        follows_preposition = any(
            token in _PREPOSITIONS for token in plain[max(0, at - _reach(letter)) : at]
        )
        if has_case and at not in capitalised:
            continue
        has_label = text.startswith((f"{printed[0]}:", f"{printed[0]},"))
        is_label = at == 0 and has_label and plain[0] not in _GENRES
        by_capital = has_case and at > 0 and not (mostly_capitals and len(content) > 3)
        if is_label or by_capital or (follows_preposition and (mostly_capitals or not has_case)):
            yield plain[at]


def _reach(letter: str) -> int:
    """The number of tokens before a name to search for a preposition: 2 in unspaced
    scripts (北京).
    """
    return 2 if IS_UNSPACED.match(letter) else 1


@lru_cache(maxsize=16_384)
def numbers_in(text: str) -> frozenset[str]:
    """The numbers in a text in one form: digits, Roman numerals, months, number words."""
    return frozenset(_counted(tokens(folded(text))))


def _counted(printed: Iterable[str]) -> Iterator[str]:
    for word in printed:
        number = _ROMAN.get(word) or number_of(word.casefold())
        if number:
            yield number


_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|e|er|eme|o|a|я|и|е|го)$")
_NUMBER_SIGN = re.compile(r"no?(\d+)$")  # №1


def _digits(token: str) -> str:
    """A number without ordinal ending, number sign and leading zeros."""
    marked = _ORDINAL.match(token) or _NUMBER_SIGN.match(token)
    digits = marked[1] if marked else token
    return str(int(digits)) if digits.isdecimal() else digits


@cache
def _number_words() -> dict[str, str]:
    """Number words and month names, with what they mean: they distinguish items of a series."""
    words = {word: number for number, each in _COUNTED.items() for word in each.split()}
    for names in calendar_words().values():
        for number, forms in enumerate(names["months"], start=1):
            # A short form may be a word of its own ("mar", "mai", "set").
            spelled = [folded(form).casefold() for form in forms if len(form) > 3]
            words |= dict.fromkeys(spelled, f"month {number}")
    return words | dict.fromkeys(("may", "mai", "mayo", "май", "mai"), "month 5")


def content_words(words: Iterable[str]) -> frozenset[str]:
    """The words without stop words (articles, prepositions and the like)."""
    return frozenset(word for word in words if word not in STOP_WORDS)


def word_count(words: Iterable[str]) -> int:
    """The number of content words; two characters of an unspaced script count as one word."""
    letters = spaced = 0
    for word in content_words(words):
        if IS_UNSPACED.match(word):
            letters += 1
        else:
            spaced += 1
    return spaced + (letters + 1) // 2


@lru_cache(maxsize=4096)
def number_of(word: str) -> str | None:
    """The number that a word means, None if it is not a number."""
    if word[0].isdigit() or word[-1].isdigit():
        return _digits(word)
    return _number_words().get(word)


def all_words(wording: ParsedWording) -> frozenset[str]:
    """The words of the summary."""
    return frozenset(wording.summary.split())


_TITLE_STEMS, _SUMMARY_STEMS = 4, 2  # words of each that become blocking keys
_STEM = 6  # letters: endings vary with grammar
_HEAD = 14  # words of a summary that count: its end may be cut off


def _stems(title: Iterable[str], summary: str) -> tuple[bytes, ...]:
    """The stems of the longest words of a title and of the beginning of a summary."""
    head = summary.split(" ", _HEAD)[:_HEAD] if summary else ()
    found = (*_longest(title, _TITLE_STEMS), *_longest(head, _SUMMARY_STEMS))
    return tuple(stem.encode() for stem in dict.fromkeys(found))


def _longest(words: Iterable[str], number: int) -> list[str]:
    """The stems of the `number` longest words; pairs of characters in an unspaced script."""
    content = [word for word in words if word not in STOP_WORDS]
    if content and IS_UNSPACED.match(content[0]):
        content = [a + b for a, b in pairwise(content)] or content
    stems = sorted(set(content))
    stems.sort(key=len, reverse=True)
    return [word[:_STEM] for word in stems[:number]]
