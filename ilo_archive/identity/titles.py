"""Two titles beside each other: which words each has alone, spellings of one word left out."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Literal

from rapidfuzz.distance import OSA

from ilo_archive.identity.wording import (
    STOP_WORDS,
    ParsedWording,
    content_words,
    number_of,
    word_count,
)
from ilo_archive.text.normalise import folded, tokens

Relation = Literal["same", "close", "grown", "reworded", "other", "missing"]

# Share of a title's words that the other has too, below which it is another one.
_KEPT_BESIDE_SAME = 0.3
# What makes a word its own opposite.
_NEGATIONS = frozenset(
    ["un", "in", "im", "il", "ir", "dis", "non", "de", "des", "sub", "не", "без"]
)
_CUT = re.compile(r"(?:…|\.\.\.)\W*$")  # a title that was cut off

Only = tuple[frozenset[str], frozenset[str]]
"""The words that each of two titles has alone."""


@dataclass(frozen=True, slots=True)
class Titles:
    """Two titles beside each other: what each has and the other lacks, silent words and other
    spellings of one word left out; `kept` is the share of words that both have.
    """

    relation: Relation
    kept: float
    words: int
    only: Only = (frozenset(), frozenset())


def compare_titles(one: ParsedWording, other: ParsedWording) -> Titles:
    """Compare two titles; `missing` where one of them has none."""
    if not one.words or not other.words:
        return Titles("missing", 0.0, 0)
    if one.words == other.words:
        return Titles("same", 1.0, word_count(one.words))
    left, right = content_words(_plainly(one)), content_words(_plainly(other))
    both = left & right
    only = _without_spellings(left - right, right - left)
    if only[0] and only[1]:
        only = _without_short_forms(one, other, only)
        only = _without_initials(one, other, only)
    kept = word_count(both) + (len(left - both) - len(only[0]))
    longest = kept + max(word_count(only[0]), word_count(only[1]))
    share = kept / longest if longest else 0.0
    if not (only[0] or only[1]) or _is_cut_off(one, other) or _is_cut_off(other, one):
        relation: Relation = "close"
    elif not (only[0] and only[1]):
        relation = "grown"
    else:
        relation = "reworded" if share >= _KEPT_BESIDE_SAME else "other"
    return Titles(relation, share, int(kept), only)


def _plainly(wording: ParsedWording) -> tuple[str, ...]:
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
    plain = {" ".join(tokens(folded(name).casefold())) for name in _OWN_NAMES}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(plain, key=len, reverse=True))})(?!\S)")


def _without_spellings(left: frozenset[str], right: frozenset[str]) -> Only:
    """What each has alone once words that are one word in two spellings are gone."""
    counted = {number_of(word) for word in left} & {number_of(word) for word in right} - {None}
    rest = {word for word in left if number_of(word) not in counted}
    others = {word for word in right if number_of(word) not in counted}
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
    if word[0] != other[0] or len(short) < 4 or are_contrasting(word, other):
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


@cache
def _contrasts() -> dict[str, list[tuple[int, int]]]:
    """The stems of contrasts.txt, each with its kinds and its place in them."""
    lines = Path(__file__).with_name("contrasts.txt").read_text("utf-8").splitlines()
    stems: dict[str, list[tuple[int, int]]] = {}
    for kind, line in enumerate(lines):
        if not line.startswith("#"):
            for meaning, same in enumerate(line.split("|")):
                for stem in same.split():
                    stems.setdefault(stem, []).append((kind, meaning))
    return stems


@lru_cache(maxsize=4096)
def senses(word: str) -> tuple[tuple[int, int], ...]:
    """The kinds that a word is of, by the longest stem it begins with."""
    for end in range(len(word), 1, -1):
        found = _contrasts().get(word[:end])
        if found and len(word) - end <= (_ENDING if end > 3 else 0):
            return tuple(found)
    return ()


_ENDING = 3  # letters behind a stem: workers, travailleurs, работниками


def are_contrasting(word: str, other: str) -> bool:
    """Whether two words mean two things of one kind, or one is the opposite of the other."""
    mine = dict(senses(word))
    if any(mine.get(kind, meaning) != meaning for kind, meaning in senses(other)):
        return True
    short, long = sorted((word, other), key=len)
    return len(short) > 3 and long.endswith(short) and long[: -len(short)] in _NEGATIONS


def _without_short_forms(one: ParsedWording, other: ParsedWording, only: Only) -> Only:
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
    wording: ParsedWording, short: frozenset[str], long: frozenset[str]
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


def _without_initials(one: ParsedWording, other: ParsedWording, only: Only) -> Only:
    """The same without an abbreviation that the other spells out: ILO, МОТ, OIT."""
    left, right = only
    for word in left:
        if spelled := _spelled_out(word, other, right):
            return left - {word}, right - spelled
    for word in right:
        if spelled := _spelled_out(word, one, left):
            return left - spelled, right - {word}
    return only


def _spelled_out(short: str, other: ParsedWording, only: frozenset[str]) -> frozenset[str]:
    words = [word for word in other.words if word not in STOP_WORDS]
    for start in range(len(words) - len(short) + 1):
        run = words[start : start + len(short)]
        if len(short) > 1 and [word[0] for word in run] == list(short) and set(run) & only:
            return frozenset(run)
    return frozenset()


def _is_cut_off(short: ParsedWording, long: ParsedWording) -> bool:
    """Whether a title ends in an ellipsis where the other goes on."""
    begun = short.words[:-1]
    return (
        bool(_CUT.search(short.printed))
        and word_count(begun) >= 3
        and long.words[: len(begun)] == begun
    )
