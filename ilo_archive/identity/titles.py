"""Compare two titles: which words are not shared, apart from other spellings of one word."""

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

# Minimum share (0-1) of a title's words that a reworded one still has.
_SHARED_IF_REWORDED = 0.3
# Prefixes that turn a word into its opposite.
_NEGATIONS = frozenset(
    ["un", "in", "im", "il", "ir", "dis", "non", "de", "des", "sub", "не", "без"]
)
_CUT = re.compile(r"(?:…|\.\.\.)\W*$")  # the end of a title that was cut off

Unshared = tuple[frozenset[str], frozenset[str]]
"""The words of each of two titles that the other does not have."""


@dataclass(frozen=True, slots=True)
class TitleComparison:
    """The result of comparing two titles.

    `relation` is "same"; "close" if they differ only in spelling or one is cut off; "grown" if one
    has additional words; "reworded" or "other" if each has words of its own, and many or few are
    shared; "missing" if one is absent. `shared_share` is the share of shared words (0 to 1),
    `words` their number; `unshared` are the others, without stop words and other spellings of one
    word.
    """

    relation: Relation
    shared_share: float
    words: int
    unshared: Unshared = (frozenset(), frozenset())


def compare_titles(first: ParsedWording, second: ParsedWording) -> TitleComparison:
    """Compare the titles of two wordings."""
    if not first.words or not second.words:
        return TitleComparison("missing", 0.0, 0)
    if first.words == second.words:
        return TitleComparison("same", 1.0, word_count(first.words))
    left, right = content_words(_unified_words(first)), content_words(_unified_words(second))
    both = left & right
    unshared = _without_spellings(left - right, right - left)
    if unshared[0] and unshared[1]:
        unshared = _without_short_forms(first, second, unshared)
        unshared = _without_initials(first, second, unshared)
    shared = word_count(both) + (len(left - both) - len(unshared[0]))
    longest = shared + max(word_count(unshared[0]), word_count(unshared[1]))
    share = shared / longest if longest else 0.0
    if not (unshared[0] or unshared[1]) or _is_cut_off(first, second) or _is_cut_off(second, first):
        relation: Relation = "close"
    elif not (unshared[0] and unshared[1]):
        relation = "grown"
    else:
        relation = "reworded" if share >= _SHARED_IF_REWORDED else "other"
    return TitleComparison(relation, share, int(shared), unshared)


def _unified_words(wording: ParsedWording) -> tuple[str, ...]:
    """The words of a title, with one name for the organisation and without ligatures."""
    if wording.title.isascii() and _own_words().isdisjoint(wording.words):
        return wording.words
    return _with_one_name(wording.title, (wording.language or "")[:2])


@lru_cache(maxsize=16_384)
def _with_one_name(title: str, language: str) -> tuple[str, ...]:
    words = _own_names().sub("ilo", title.translate(_LIGATURES)).split()
    short = _OWN_SHORT.get(language, ())
    return tuple("ilo" if word in short else word for word in words)


_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l"})
# Acronyms of the organisation and its office by language. In other languages they are words: "oil",
# "a bit".
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
    """A word of each name of the organisation in Latin letters, for a quick test."""
    short = {word for each in _OWN_SHORT.values() for word in each}
    return frozenset({*short, *(folded(name).split()[0] for name in _OWN_NAMES)})


@cache
def _own_names() -> re.Pattern[str]:
    plain = {" ".join(tokens(folded(name).casefold())) for name in _OWN_NAMES}
    return re.compile(rf"(?<!\S)(?:{'|'.join(sorted(plain, key=len, reverse=True))})(?!\S)")


def _without_spellings(left: frozenset[str], right: frozenset[str]) -> Unshared:
    """The unshared words without those that are one word in two spellings."""
    counted = {number_of(word) for word in left} & {number_of(word) for word in right} - {None}
    rest = {word for word in left if number_of(word) not in counted}
    others = {word for word in right if number_of(word) not in counted}
    for word in sorted(rest):
        if found := next((each for each in sorted(others) if _is_respelled(word, each)), None):
            rest.discard(word)
            others.discard(found)
    return frozenset(rest), frozenset(others)


def _is_respelled(word: str, other: str) -> bool:
    """True if two words are one: a misprint, British and American, another ending."""
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
    common = next((n for n, letter in enumerate(short) if letter != long[n]), len(short))
    is_declined = "\u0400" <= word[0] <= "\u04ff" and common >= 5 and len(long) - common <= _ENDING
    return common >= 0.75 * len(long) or is_declined


_VERBAL = re.compile(r"(?<=[a-z]{3})(?:e?s|e?d|ing)$")  # adopts, adopted, adopting


@cache
def _contrasts() -> dict[str, list[tuple[int, int]]]:
    """The stems of contrasts.txt, each with the numbers of its line and of its meaning
    in the line.
    """
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
    """The (line, meaning) pairs of a word in contrasts.txt, by the longest stem that it begins
    with.
    """
    for end in range(len(word), 1, -1):
        found = _contrasts().get(word[:end])
        if found and len(word) - end <= (_ENDING if end > 3 else 0):
            return tuple(found)
    return ()


_ENDING = 3  # letters after a stem: workers, travailleurs, работниками


def are_contrasting(word: str, other: str) -> bool:
    """True if two words mean different things of one kind, or one is the opposite of the other."""
    meaning_of = dict(senses(word))
    if any(meaning_of.get(kind, meaning) != meaning for kind, meaning in senses(other)):
        return True
    short, long = sorted((word, other), key=len)
    return len(short) > 3 and long.endswith(short) and long[: -len(short)] in _NEGATIONS


def _without_short_forms(
    first: ParsedWording, second: ParsedWording, unshared: Unshared
) -> Unshared:
    """The unshared words without those that the other title writes as one word or abbreviates with
    a full stop: co-operation, № 1, St. Petersburg, J. Salazar.
    """
    left, right = unshared
    first_forms = [*_divided(first.words, right), *_abbreviated(first, left, right)]
    second_forms = [*_divided(second.words, left), *_abbreviated(second, right, left)]
    return (
        left.difference(*(parts for _, parts in first_forms), [word for word, _ in second_forms]),
        right.difference(*(parts for _, parts in second_forms), [word for word, _ in first_forms]),
    )


def _divided(words: Sequence[str], wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield words that two neighbouring words form together, each with the two."""
    for pair in pairwise(words):
        if (joined := "".join(pair)) in wanted and len(joined) > 2:
            yield joined, frozenset(pair)


_DOTTED = re.compile(r"(?<!\w)[^\W\d_]{1,4}(?=\.\s?\w)")


def _abbreviated(
    wording: ParsedWording, short: frozenset[str], long: frozenset[str]
) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield words that a dotted abbreviation means, each with the abbreviation."""
    if "." not in wording.printed:
        return
    for dotted in _DOTTED.findall(folded(wording.printed).casefold()):
        candidates = sorted(word for word in long if dotted in short and _abbreviates(dotted, word))
        if candidates:
            yield candidates[0], frozenset((dotted,))


def _abbreviates(short: str, word: str) -> bool:
    """True if `short` is the beginning of the word, or its first letter and its end: prof, st."""
    if len(short) == len(word):
        return False
    return word.startswith(short) or (word[0] == short[0] and word.endswith(short[1:]))


def _without_initials(first: ParsedWording, second: ParsedWording, unshared: Unshared) -> Unshared:
    """The unshared words without an acronym that the other title spells out: ILO, МОТ, OIT."""
    left, right = unshared
    for word in left:
        if spelled := _spelled_out(word, second, right):
            return left - {word}, right - spelled
    for word in right:
        if spelled := _spelled_out(word, first, left):
            return left - spelled, right - {word}
    return unshared


def _spelled_out(short: str, other: ParsedWording, unshared: frozenset[str]) -> frozenset[str]:
    """The unshared words that an acronym is made of; empty if there are none."""
    words = [word for word in other.words if word not in STOP_WORDS]
    for start in range(len(words) - len(short) + 1):
        run = words[start : start + len(short)]
        if len(short) > 1 and [word[0] for word in run] == list(short) and set(run) & unshared:
            return frozenset(run)
    return frozenset()


def _is_cut_off(short: ParsedWording, long: ParsedWording) -> bool:
    """True if `short` ends with an ellipsis where `long` goes on."""
    beginning = short.words[:-1]
    return (
        bool(_CUT.search(short.printed))
        and word_count(beginning) >= 3
        and long.words[: len(beginning)] == beginning
    )
