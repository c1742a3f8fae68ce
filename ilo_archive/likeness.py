"""Whether two wordings tell of one thing: near dates and near text, and never by text alone.

A wording is taken apart into the words of its title, its numbers, its names and its summary.
Numbers, names of countries and other names tell two things apart whatever else is alike: "2014"
and "2015", "Part 1" and "Part 2", a seminar in Baku and one in Minsk. What is left is a matter of
how much of the title stayed, how near the summaries are, and how far the dates lie apart. Each
threshold stands below with its reason; tests/fixtures/pairs.txt measures them together.
"""

import datetime
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise, product
from pathlib import Path
from typing import Literal
from unicodedata import normalize
from zlib import crc32

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from ilo_archive.facts import facts_of

FARTHEST = 3
"""Days between two dates of one thing: a date was seen moved by a day; three bridge a weekend.
Anything weekly lies beyond."""

# Summaries, 0 to 100. Two of one topic and language that tell of different things came to 40 to
# 65 in the labelled set, a rewritten sentence among several to 72 and more, corrected words and
# cut ends to 90 and more.
_SUMMARY_EDITED = 70.0
_SUMMARY_REWORKED = 80.0
_SUMMARY_SAME = 90.0
_SUMMARY_IDENTICAL = 97.0
# Letters of a summary that is more than "Read more." or "Apply by 5 May.".
_TELLING = 25
_TELLING_ALONE = 70
# "A short guide for reporters." may stand below each of a series; a sentence with a fact has more.
_TELLING_OF_SERIES = 40
# Words of a title that says enough without a summary; "Newsletter", "Press release" do not.
_ENOUGH_WORDS = 3
_ENOUGH_WORDS_MOVED = 5
# Share of a title's words that the other has too.
_KEPT_WITHOUT_SUMMARY = 0.75
_KEPT_BESIDE_REWORKED = 0.75
_KEPT_BESIDE_SAME = 0.3

Relation = Literal["same", "close", "grown", "reworded", "other", "missing"]


@dataclass(frozen=True, slots=True)
class Words:
    """The parts of a wording that are compared. `date` is ISO 8601; the title may be missing."""

    language: str | None
    date: str | None
    title: str | None
    summary: str | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two wordings are alike: how much, 0 to 100, and what of them was compared.

    `summary` is None where one of them has none; `days` lie between the dates, None between
    two undated ones.
    """

    score: float
    title: float
    summary: float | None
    days: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A wording taken apart. `title` and `summary` are folded to words with single spaces."""

    language: str | None
    day: int | None
    year: str
    title: str
    words: tuple[str, ...]
    printed: str
    summary: str
    printed_summary: str
    stems: tuple[bytes, ...]


# -- words ---------------------------------------------------------------------------------

# Scripts without spaces count letter by letter.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Accents, Arabic vowel signs and the line that stretches a word.
_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_ARABIC = str.maketrans("ىة", "يه")
_DIGIT = re.compile(r"[^\W\D0-9]")
_GROUPED = re.compile(r"(\d)[,. \u00a0\u202f](?=\d{3}(?!\d))")  # 1,000 and 1 000
_CUT = re.compile(r"(?:…|\.\.\.)\W*$")
_COVID = re.compile(r"(?<=[Cc][Oo][Vv][Ii][Dd])\W19\b")
_PREPOSITION_WORDS = """
    in at from to for with of on в во на из для от к с en au aux a à de du des pour avec dans para
    con por sobre في 在 于
"""
_SILENT_WORDS = """
    the an and or by as its is are be s l d n
    и о об по со за при ее его их
    le la les un une et sur par est sont ses
    el los las una y e o u al del su sus es son
    في من على الي عن مع و
    的 在 和 与 及 了 于 之
"""
_ROMAN_WORDS = "I II III IV V VI VII VIII IX X XI XII XIII XIV XV XVI XVII XVIII XIX XX XXI"
_PREPOSITIONS = frozenset(_PREPOSITION_WORDS.split())
_SILENT = _PREPOSITIONS | frozenset(_SILENT_WORDS.split())
_ROMAN = {numeral: str(at) for at, numeral in enumerate(_ROMAN_WORDS.split(), start=1)}
# Words that are numbers; "one" and its like are articles too.
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
# What makes a word its own opposite.
_NEGATIONS = frozenset(
    ["un", "in", "im", "il", "ir", "dis", "non", "de", "des", "sub", "не", "без"]
)
# What stands before the colon of a title and names nothing.
_GENRE_WORDS = """
    report press release video film interview statement webinar news photo доклад отчет видео фильм
    интервью вебинар rapport communique entretien informe comunicado entrevista
"""
_GENRES = frozenset(_GENRE_WORDS.split())


def folded(text: str | None) -> str:
    """A text without accents, vowel signs and grouping of digits; letters keep their case."""
    plain = text or ""
    if not plain.isascii():
        plain = _MARKS.sub("", normalize("NFKD", plain)).translate(_ARABIC)
        plain = _DIGIT.sub(lambda digit: str(int(digit[0])), plain)  # Arabic-Indic and others
    plain = _GROUPED.sub(r"\1", plain)
    return _COVID.sub("", plain) if "19" in plain else plain


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def told(words: Words) -> Told:
    """Take a wording apart."""
    day = datetime.date.fromisoformat(words.date).toordinal() if words.date else None
    title, summary = folded(words.title), folded(words.summary)
    plain = _tokens(title.casefold())
    plain_summary = " ".join(_tokens(summary.casefold()))
    return Told(
        language=words.language,
        day=day,
        year=(words.date or "")[:4],
        title=" ".join(plain),
        words=tuple(plain),
        printed=words.title or "",
        summary=plain_summary,
        printed_summary=words.summary or "",
        stems=_stems(plain, plain_summary),
    )


@lru_cache(maxsize=16_384)  # most wordings are never compared, some with many
def _names(title: str) -> frozenset[str]:
    """Words that a capital makes names. Where most words have one ("Seminar Opens in Baku"), or
    none has ("在北京"), it is what stands behind a preposition; the first before a colon or comma.
    """
    text = folded(title)
    printed = _tokens(text)
    return frozenset(_named(printed, [token.casefold() for token in printed], text))


def _named(printed: list[str], plain: list[str], text: str) -> Iterator[str]:
    written = [at for at, token in enumerate(plain) if token not in _SILENT]
    capital = {at for at in written if printed[at][:1].isupper()}
    everywhere = len(capital - {0}) > 0.6 * max(1, len([at for at in written if at]))
    for at in written:
        letter = printed[at][:1]
        has_case = letter.lower() != letter.upper()
        behind = any(token in _PREPOSITIONS for token in plain[max(0, at - _reach(letter)) : at])
        if has_case and at not in capital:
            continue
        begins = text.startswith((f"{printed[0]}:", f"{printed[0]},"))
        leads = at == 0 and begins and plain[0] not in _GENRES
        plainly = has_case and at > 0 and not (everywhere and len(written) > 3)
        if leads or plainly or (behind and (everywhere or not has_case)):
            yield plain[at]


def _reach(letter: str) -> int:
    """How many tokens a preposition may stand before a name: two letters make one (北京)."""
    return 2 if _IS_UNSPACED.match(letter) else 1


@lru_cache(maxsize=16_384)
def _numbers(text: str) -> frozenset[str]:
    """Digits, Roman numerals, months, and the words of _COUNTED, each in one form."""
    return frozenset(_counted(_tokens(folded(text))))


def _counted(printed: Iterable[str]) -> Iterator[str]:
    for shown in printed:
        number = _ROMAN.get(shown) or _number_of(shown.casefold())
        if number:
            yield number


_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th|e|er|eme|o|a|я|и|е|го)$")
_NUMBER_SIGN = re.compile(r"no?(\d+)$")  # №1


def _digits(token: str) -> str:
    marked = _ORDINAL.match(token) or _NUMBER_SIGN.match(token)
    digits = marked[1] if marked else token
    return str(int(digits)) if digits.isdecimal() else digits


@cache
def _number_words() -> dict[str, str]:
    """Numbers and months: the words that tell one of a series from the next."""
    words = {word: number for number, each in _COUNTED.items() for word in each.split()}
    table = json.loads(Path(__file__).with_name("months.json").read_text("utf-8"))
    for names in table.values():
        for number, forms in enumerate(names["months"], start=1):
            # A short form may be a word of its own ("mar", "mai", "set").
            spelled = [folded(form).casefold() for form in forms if len(form) > 3]
            words |= dict.fromkeys(spelled, f"month {number}")
    return words | dict.fromkeys(("may", "mai", "mayo", "май", "mai"), "month 5")


# -- two titles ----------------------------------------------------------------------------


_Only = tuple[frozenset[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Titles:
    """Two titles beside each other: what each has and the other lacks, silent words and other
    spellings of one word left out; `kept` is the share of words that both have.
    """

    relation: Relation
    kept: float
    words: int
    only: _Only = (frozenset(), frozenset())


def _beside(one: Told, other: Told) -> _Titles:
    if not one.words or not other.words:
        return _Titles("missing", 0.0, 0)
    if one.words == other.words:
        return _Titles("same", 1.0, _weight(one.words))
    left, right = _spoken(_plainly(one)), _spoken(_plainly(other))
    both = left & right
    only = _without_spellings(left - right, right - left)
    if only[0] and only[1]:
        only = _without_short_forms(one, other, only)
        only = _without_initials(one, other, only)
    kept = _weight(both) + (len(left - both) - len(only[0]))
    longest = kept + max(_weight(only[0]), _weight(only[1]))
    share = kept / longest if longest else 0.0
    if not (only[0] or only[1]) or _is_cut_off(one, other) or _is_cut_off(other, one):
        relation: Relation = "close"
    elif not (only[0] and only[1]):
        relation = "grown"
    else:
        relation = "reworded" if share >= _KEPT_BESIDE_SAME else "other"
    return _Titles(relation, share, int(kept), only)


def _spoken(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if word not in _SILENT)


def _weight(words: Iterable[str]) -> int:
    """How many words these are; two letters of an unspaced script make one."""
    letters = spaced = 0
    for word in _spoken(words):
        if _IS_UNSPACED.match(word):
            letters += 1
        else:
            spaced += 1
    return spaced + (letters + 1) // 2


def _plainly(wording: Told) -> tuple[str, ...]:
    """The words of a title, the organisation by one name and ligatures apart."""
    if wording.title.isascii() and _own_words().isdisjoint(wording.words):
        return wording.words
    return _with_one_name(wording.title, (wording.language or "")[:2])


@lru_cache(maxsize=16_384)
def _with_one_name(title: str, language: str) -> tuple[str, ...]:
    words = _own_names().sub("ilo", title.translate(_LIGATURES)).split()
    short = _OWN_SHORT.get(language, ())
    return tuple("ilo" if word in short else word for word in words)


_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
# The organisation and its office, by the languages of pages. In another language these letters
# are words: "oil", "a bit".
_OWN_SHORT = {
    "fr": ("oit", "bit"),
    "es": ("oit",),
    "pt": ("oit",),
    "it": ("oil",),
    "de": ("iao", "iaa"),
    "ru": ("мот", "мбт"),
}
_OWN_NAMES = (
    *("international labour organization", "international labour organisation"),
    *("international labor organization", "international labour office"),
    *("organisation internationale du travail", "bureau international du travail"),
    *("organización internacional del trabajo", "oficina internacional del trabajo"),
    *("organização internacional do trabalho", "organizzazione internazionale del lavoro"),
    *("internationale arbeitsorganisation", "internationalen arbeitsorganisation"),
    *("международная организация труда", "международной организации труда"),
    *("международной организацией труда", "международную организацию труда"),
    *("международное бюро труда", "международного бюро труда", "منظمة العمل الدولية"),
    *("国际劳工组织", "国际劳工局", "國際勞工組織", "国際労働機関"),
    *("องค์การแรงงานระหว่างประเทศ", "ไอแอลโอ"),
)


@cache
def _own_words() -> frozenset[str]:
    """One word at least of each own name that has Latin letters."""
    short = {word for each in _OWN_SHORT.values() for word in each}
    return frozenset({*short, *(folded(name).split()[0] for name in _OWN_NAMES)})


@cache
def _own_names() -> re.Pattern[str]:
    plain = {" ".join(_tokens(folded(name).casefold())) for name in _OWN_NAMES}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(plain, key=len, reverse=True))})(?!\S)")


def _without_spellings(left: frozenset[str], right: frozenset[str]) -> _Only:
    """What each has alone once words that are one word in two spellings are gone."""
    counted = {_number_of(word) for word in left} & {_number_of(word) for word in right} - {None}
    rest = {word for word in left if _number_of(word) not in counted}
    others = {word for word in right if _number_of(word) not in counted}
    for word in sorted(rest):
        if found := next((each for each in sorted(others) if _is_respelled(word, each)), None):
            rest.discard(word)
            others.discard(found)
    return frozenset(rest), frozenset(others)


def _is_respelled(word: str, other: str) -> bool:
    """Whether two words are one: a misprint, British or American, another ending."""
    short, long = sorted((word, other), key=len)
    if len(short) == 3 and long in (f"{short}s", f"{short}и", f"{short}ы", f"{short}а"):
        return True  # jobs, шаги
    if word[0] != other[0] or len(short) < 4 or _are_of_a_kind(word, other):
        return False
    if any(each[0].isdigit() or each[-1].isdigit() for each in (word, other)):
        return False
    if long.startswith(short) and len(long) - len(short) <= 2:
        return True
    if long.endswith("ies") and short == f"{long[:-3]}y":
        return True
    if word[:3] == other[:3] and _VERBAL.sub("", word) == _VERBAL.sub("", other):
        return True
    if len(short) < 5:
        return False
    if OSA.distance(word, other) <= (2 if len(short) >= 9 else 1):
        return True
    alike = next((n for n, letter in enumerate(short) if letter != long[n]), len(short))
    is_declined = "\u0400" <= word[0] <= "\u04ff" and alike >= 5 and len(long) - alike <= _ENDING
    return alike >= 0.75 * len(long) or is_declined


_VERBAL = re.compile(r"(?<=[a-z]{3})(?:e?s|e?d|ing)$")  # adopts, adopted, adopting


@lru_cache(maxsize=4096)
def _number_of(word: str) -> str | None:
    """The number that a word means, if it means one."""
    if word[0].isdigit() or word[-1].isdigit():
        return _digits(word)
    return _number_words().get(word)


@cache
def _kinds() -> dict[str, list[tuple[int, int]]]:
    """The stems of kinds.txt, each with its kinds and its place in them."""
    lines = Path(__file__).with_name("kinds.txt").read_text("utf-8").splitlines()
    stems: dict[str, list[tuple[int, int]]] = {}
    for kind, line in enumerate(lines):
        if not line.startswith("#"):
            for meaning, same in enumerate(line.split("|")):
                for stem in same.split():
                    stems.setdefault(stem, []).append((kind, meaning))
    return stems


@lru_cache(maxsize=4096)
def _meanings(word: str) -> tuple[tuple[int, int], ...]:
    """The kinds that a word is of, by the longest stem it begins with."""
    for end in range(len(word), 1, -1):
        found = _kinds().get(word[:end])
        if found and len(word) - end <= (_ENDING if end > 3 else 0):
            return tuple(found)
    return ()


_ENDING = 3  # letters behind a stem: workers, travailleurs, работниками


def _are_of_a_kind(word: str, other: str) -> bool:
    """Whether two words mean two things of one kind, or one is the opposite of the other."""
    mine = dict(_meanings(word))
    if any(mine.get(kind, meaning) != meaning for kind, meaning in _meanings(other)):
        return True
    short, long = sorted((word, other), key=len)
    return len(short) > 3 and long.endswith(short) and long[: -len(short)] in _NEGATIONS


def _without_short_forms(one: Told, other: Told, only: _Only) -> _Only:
    """The same without what the other writes in one word, or cuts short with a full stop:
    co-operation, № 1, St. Petersburg, J. Salazar.
    """
    left, right = only
    mine = [*_apart(one.words, right), *_cut_short(one, left, right)]
    theirs = [*_apart(other.words, left), *_cut_short(other, right, left)]
    return (
        left.difference(*(parts for _, parts in mine), [word for word, _ in theirs]),
        right.difference(*(parts for _, parts in theirs), [word for word, _ in mine]),
    )


def _apart(words: Sequence[str], wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Words wanted that two neighbours make together, and the two."""
    for pair in pairwise(words):
        if (joined := "".join(pair)) in wanted and len(joined) > 2:
            yield joined, frozenset(pair)


_DOTTED = re.compile(r"(?<!\w)[^\W\d_]{1,4}(?=\.\s?\w)")


def _cut_short(
    wording: Told, short: frozenset[str], long: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Words that a dotted abbreviation stands for, and the abbreviation."""
    if "." not in wording.printed:
        return
    for dotted in _DOTTED.findall(folded(wording.printed).casefold()):
        whole = sorted(word for word in long if dotted in short and _abbreviates(dotted, word))
        if whole:
            yield whole[0], frozenset((dotted,))


def _abbreviates(short: str, word: str) -> bool:
    """Whether a word begins so, or begins and ends so: prof, st."""
    if len(short) == len(word):
        return False
    return word.startswith(short) or (word[0] == short[0] and word.endswith(short[1:]))


def _without_initials(one: Told, other: Told, only: _Only) -> _Only:
    """The same without an abbreviation that the other spells out: ILO, МОТ, OIT."""
    left, right = only
    for word in left:
        if spelled := _spelled_out(word, other, right):
            return left - {word}, right - spelled
    for word in right:
        if spelled := _spelled_out(word, one, left):
            return left - spelled, right - {word}
    return only


def _spelled_out(short: str, other: Told, only: frozenset[str]) -> frozenset[str]:
    words = [word for word in other.words if word not in _SILENT]
    for start in range(len(words) - len(short) + 1):
        run = words[start : start + len(short)]
        if len(short) > 1 and [word[0] for word in run] == list(short) and set(run) & only:
            return frozenset(run)
    return frozenset()


def _is_cut_off(short: Told, long: Told) -> bool:
    """Whether a title ends in an ellipsis where the other goes on."""
    begun = short.words[:-1]
    return (
        bool(_CUT.search(short.printed))
        and _weight(begun) >= 3
        and long.words[: len(begun)] == begun
    )


# -- two wordings --------------------------------------------------------------------------


def likeness(one: Told, other: Told) -> Likeness | None:
    """How alike two wordings are, None where they are not those of one thing."""
    if one.language and other.language and one.language != other.language:
        return None
    days = _days(one, other)
    if days is not None and days > FARTHEST:
        return None
    if _are_unlike(one, other):
        return None
    titles = _beside(one, other)
    summary = _summaries(one, other)
    if not _is_one(titles, summary, days, _telling(one, other)):
        return None
    if _tell_apart(one, other, titles, summary, days):
        return None
    title = fuzz.ratio(one.title, other.title)
    parts = [title] if summary is None else [title, summary]
    return Likeness(round(sum(parts) / len(parts), 1), round(title, 1), summary, days)


def _are_unlike(one: Told, other: Told) -> bool:
    """Whether neither titles nor summaries have enough in common: a cheap look that spares the
    closer one.
    """
    if fuzz.token_sort_ratio(one.title, other.title, score_cutoff=_UNLIKE):
        return False
    short, long = sorted((one.summary, other.summary), key=len)
    return not short or not fuzz.ratio(short, long[: len(short)], score_cutoff=_UNLIKE)


_UNLIKE = 60.0


def _days(one: Told, other: Told) -> int | None:
    if one.day is None or other.day is None:
        return None if one.day == other.day else FARTHEST + 1
    return abs(one.day - other.day)


def _summaries(one: Told, other: Told) -> float | None:
    """How alike two summaries are; of a cut one only what is left counts."""
    short, long = sorted((one.summary, other.summary), key=len)
    if not short:
        return None
    whole = fuzz.ratio(short, long)
    if whole < _SUMMARY_SAME and _letters(short) >= _TELLING:
        whole = max(whole, fuzz.ratio(short, long[: len(short)]))
        if whole < _SUMMARY_SAME:
            whole = max(whole, min(_contained(short, long), _SUMMARY_SAME - 1))
    return round(whole, 1)


def _contained(short: str, long: str) -> float:
    """How much of a summary the words of a longer one hold, 0 to 100."""
    words = _spoken(short.split())
    return 100 * len(words & set(long.split())) / len(words) if len(words) >= 5 else 0.0


def _letters(text: str) -> int:
    """Letters of a text; one of an unspaced script says as much as three."""
    return len(text) + 2 * len(_IS_UNSPACED.findall(text))


def _telling(one: Told, other: Told) -> int:
    return min(_letters(one.summary), _letters(other.summary))


def _is_one(titles: _Titles, summary: float | None, days: int | None, telling: int) -> bool:
    """Whether so much is alike that it is one thing, if nothing tells them apart."""
    if days is None:  # nothing but the words says that it is one thing
        days = 1
        alone = False
    else:
        alone = summary is None
    same = summary is not None and summary >= _SUMMARY_SAME and telling >= _TELLING
    edited = summary is not None and summary >= _SUMMARY_EDITED
    if titles.relation == "same":
        if days == 0:
            return True
        return same if days > 1 else edited or (alone and titles.words >= _ENOUGH_WORDS)
    if titles.relation == "close":
        enough = _ENOUGH_WORDS if days == 0 else _ENOUGH_WORDS_MOVED
        return same if days > 1 else edited or (alone and titles.words >= enough)
    if titles.relation == "grown":
        much = titles.kept >= _KEPT_WITHOUT_SUMMARY and titles.words >= _ENOUGH_WORDS_MOVED
        return days <= 1 and (same or (days == 0 and (edited or (alone and much))))
    if summary is None or days > 1:
        return False
    if titles.relation == "reworded":
        reworked = summary >= _SUMMARY_REWORKED and titles.kept >= _KEPT_BESIDE_REWORKED
        return same or (days == 0 and reworked)
    return days == 0 and summary >= _SUMMARY_IDENTICAL and telling >= _TELLING_ALONE


def _tell_apart(
    one: Told, other: Told, titles: _Titles, summary: float | None, days: int | None
) -> bool:
    """Whether numbers or names say that these are two things."""
    same = summary is not None and summary >= _SUMMARY_SAME
    if titles.relation != "missing" and _numbers_differ(one, other, same=same):
        return True
    if days and (_summaries_differ(one, other) or (summary is None and _is_daily(one))):
        return True
    if titles.relation in ("same", "missing"):
        return False
    if _countries_differ(one, other):
        return True
    left, right = _without_countries(one, other, titles.only)
    if left and right and _are_of_a_series(one, other, (left, right)):
        return True
    if any(_are_of_a_kind(*pair) for pair in product(left, right)):
        return True
    names = left & _names(one.printed), right & _names(other.printed)
    if summary is None:
        return bool(names[0] or names[1])
    if (names[0] - _said(other)) and (names[1] - _said(one)):
        return True
    # A word that only its own summary knows, on both sides: Baku here, Minsk there.
    own = left & _said(one) - _said(other), right & _said(other) - _said(one)
    return bool(own[0] and own[1])


_DAILY = re.compile(
    r"\b(?:daily|of the day|ежедневн|quotidien|du jour|diari[oa]|del dia)|每日|يوميه?\b"
)


def _is_daily(wording: Told) -> bool:
    return bool(_DAILY.search(wording.title))


def _said(wording: Told) -> frozenset[str]:
    return frozenset(wording.summary.split())


def _numbers_differ(one: Told, other: Told, *, same: bool) -> bool:
    """Whether the titles bear different numbers. One that only repeats the year of the date says
    nothing; one that was added beside the same summary is an edit.
    """
    mine, theirs = _numbers(one.printed), _numbers(other.printed)
    left, right = mine - theirs, theirs - mine
    left, right = _not_joined(left, right), _not_joined(right, left)
    if left and right:
        return True
    return not same and bool((left | right) - {one.year, other.year})


def _not_joined(numbers: frozenset[str], others: frozenset[str]) -> frozenset[str]:
    """Numbers that are not those of others with or without the letters before: COP28, COP 28."""
    return frozenset(
        each
        for each in numbers
        if not any(_is_joined(each, other) or _is_joined(other, each) for other in others)
    )


def _is_joined(code: str, number: str) -> bool:
    return number.isdigit() and code.endswith(number) and code[: -len(number)].isalpha()


def _summaries_differ(one: Told, other: Told) -> bool:
    """Whether each of two summaries has a number, or a name, that the other lacks."""
    return any(_own_in_each(facts, one, other) for facts in (_summary_numbers, _summary_names))


def _own_in_each(facts: Callable[[Told], frozenset[str]], one: Told, other: Told) -> bool:
    if not one.summary or not other.summary:
        return False
    left, right = facts(one), facts(other)
    return bool(left - right and right - left)


def _summary_numbers(wording: Told) -> frozenset[str]:
    return _numbers(wording.printed_summary)


_INNER_CAPITAL = re.compile(r"(?<=[\w,;:] )[^\W\d_]\w+")


def _summary_names(wording: Told) -> frozenset[str]:
    found = _INNER_CAPITAL.findall(folded(wording.printed_summary))
    return frozenset(word.casefold() for word in found if word[0].isupper())


def _countries_differ(one: Told, other: Told) -> bool:
    left, right = _countries(one).keys(), _countries(other).keys()
    return bool(left - right and right - left)


def _without_countries(one: Told, other: Told, only: _Only) -> _Only:
    """The same without names of countries that both name: Kyrgyzstan, the Kyrgyz Republic."""
    mine, theirs = _countries(one), _countries(other)
    both = mine.keys() & theirs.keys()
    left, right = (frozenset(word for code in both for word in at[code]) for at in (mine, theirs))
    return only[0] - left, only[1] - right


def _countries(wording: Told) -> Mapping[str, frozenset[str]]:
    return _countries_of(wording.printed, wording.language)


@lru_cache(maxsize=16_384)
def _countries_of(printed: str, language: str | None) -> Mapping[str, frozenset[str]]:
    """The codes of the countries that a title names, each with the words of its name."""
    found = facts_of(printed, language).countries
    return {each.code: frozenset(_tokens(folded(each.name).casefold())) for each in found}


# -- one of many ---------------------------------------------------------------------------

# What comes in numbers under one form of words: the post, the goods, the speaker and the
# occasion are all that tells one from the next, and nothing else of the title is theirs.
_FORMS = """
    vacancy|vacancies|job opening|call for expression|call for expressions|call for proposals
    call for applications|call for tenders|request for proposals|request for quotations|tender
    invitation to bid|terms of reference|internship|statement|message|speech|remarks|interview
    appel a candidatures|appel a propositions|appel a manifestation|appel d offres|offre d emploi
    avis de vacance|poste vacant|declaration de|declaration du|discours|allocution|entretien
    convocatoria|vacante|licitacion|declaracion de|declaracion del|mensaje|discurso|entrevista
    vaga|edital|licitacao|declaracao da|declaracao do|mensagem
    bando|dichiarazione del|messaggio|intervista
    stellenausschreibung|ausschreibung|botschaft|grusswort
    вакансия|вакансии|тендер|запрос предложений|запрос котировок|заявление|обращение|послание
    выступление|интервью
    وظيفة|وظائف|مناقصة|دعوة لتقديم|طلب عروض|بيان|رسالة|كلمة|مقابلة
    招聘|招标|招募|声明|致辞|讲话|采访|募集|入札|挨拶|メッセージ|รับสมัคร|แถลงการณ์
"""


@cache
def _forms() -> re.Pattern[str]:
    phrases = (each.strip() for each in _FORMS.replace("\n", "|").split("|"))
    plain = {" ".join(_tokens(folded(each).casefold())) for each in phrases if each}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(plain))})(?!\S)")


def _are_of_a_series(one: Told, other: Told, only: _Only) -> bool:
    """Whether titles that each have words of their own are two of a series: of one form, with
    other numbers in their summaries, or about two subjects above one brief line. A subject stands
    last ("What is decent work?", "What is green work?"); what is edited is mostly the verb.
    """
    if _own_in_each(_summary_numbers, one, other):
        return True
    of_one_form = _is_one_of_many(one) and _is_one_of_many(other)
    return (of_one_form or _end_apart(one, other, only)) and not _are_other_words(*only)


def _end_apart(one: Told, other: Told, only: _Only) -> bool:
    """Whether titles above a brief line differ in their last words; in an unspaced script the
    verb may stand last.
    """
    ends = one.words[-1], other.words[-1]
    if _telling(one, other) >= _TELLING_OF_SERIES or _IS_UNSPACED.match(ends[0]):
        return False
    return ends[0] in only[0] and ends[1] in only[1]


def _is_one_of_many(wording: Told) -> bool:
    return bool(_forms().search(wording.title))


def _are_other_words(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether words say what the others say: each has one beside it that means the same."""
    mine = {meaning for word in left for meaning in _meanings(word)}
    theirs = {meaning for word in right for meaning in _meanings(word)}
    both = mine & theirs
    return all(both.intersection(_meanings(word)) for word in left | right)


# -- where to look -------------------------------------------------------------------------

# Wordings of one thing share a clue: a longish word of the title or summary under a date of the
# same few days. Six clues of a wording cost less than comparing it with all of its day, and do
# not grow with the number of entries a day.
_BLOCK = FARTHEST + 1  # days
_TITLE_CLUES, _SUMMARY_CLUES = 4, 2
_STEM = 6  # letters: endings change with the grammar
_HEAD = 14  # words of a summary; its end may be cut


def clues(wording: Told) -> list[int]:
    """The numbers under which a wording is found."""
    block = _UNDATED if wording.day is None else wording.day // _BLOCK
    return [crc32(stem, block) for stem in wording.stems]


def sought(wording: Told) -> list[int]:
    """The numbers under which wordings that could be alike are found."""
    if wording.day is None:
        return clues(wording)
    first, last = (wording.day - FARTHEST) // _BLOCK, (wording.day + FARTHEST) // _BLOCK
    return [crc32(stem, block) for block in range(first, last + 1) for stem in wording.stems]


_UNDATED = 0  # no block of days: the first has a date before the first year


def least_shared(one: Told, other: Told) -> int:
    """How many clues two wordings share at least if they are alike. Whoever changes a word leaves
    the others; a single clue in common is mostly that of a topic.
    """
    return 2 if max(len(one.stems), len(other.stems)) > 2 else 1


def alike_pairs(wordings: Iterable[Told]) -> Iterator[tuple[int, int, float]]:
    """The pairs that are alike, by their places, each once, with their score. An undated wording
    may be alike to itself: two offices may print it.
    """
    found: defaultdict[int, list[int]] = defaultdict(list)
    seen: list[Told] = []
    for at, each in enumerate(wordings):
        seen.append(each)
        if each.day is None and (itself := likeness(each, each)):
            yield at, at, itself.score
        shared: Counter[int] = Counter()
        for number in sought(each):
            if number in found:
                shared.update(found[number])
        least = least_shared(each, each)
        for other in sorted(other for other, times in shared.items() if times >= least):
            enough = shared[other] >= least_shared(seen[other], each)
            if enough and (alike := likeness(seen[other], each)):
                yield other, at, alike.score
        for number in clues(each):
            found[number].append(at)


def _stems(title: Iterable[str], summary: str) -> tuple[bytes, ...]:
    head = summary.split(" ", _HEAD)[:_HEAD] if summary else ()
    found = (*_longest(title, _TITLE_CLUES), *_longest(head, _SUMMARY_CLUES))
    return tuple(stem.encode() for stem in dict.fromkeys(found))


def _longest(words: Iterable[str], number: int) -> list[str]:
    """The longest words, by their stems; of an unspaced script pairs of letters."""
    spoken = [word for word in words if word not in _SILENT]
    if spoken and _IS_UNSPACED.match(spoken[0]):
        spoken = [one + other for one, other in pairwise(spoken)] or spoken
    stems = sorted(set(spoken))
    stems.sort(key=len, reverse=True)
    return [word[:_STEM] for word in stems[:number]]
