"""Find names of countries in a text.

`countries.json`, written by `make_countries.py`, has the names in every language.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Country:
    """A country that a description names.

    `code` is ISO 3166-1 alpha-2, or XK for Kosovo (a user-assigned code that CLDR uses). `name` is
    as printed, in its grammatical case.
    """

    code: str
    name: str


# Apostrophes, dashes, brackets and spaces. İ is here because its lower case has two characters.
_VARIANTS = {
    "'": "’‘`´",
    "-": "‐‑–—−",
    "(": "（",
    ")": "）",
    " ": "\u00a0\u202f\u3000\n\r\t",
    "I": "İ",
}


def uniform_marks(text: str) -> str:
    """Replace variants of apostrophes, dashes, brackets and spaces by one form.

    The text keeps its length, so offsets in the result are offsets in the original.
    """
    for mark, variants in _VARIANTS.items():
        for variant in variants:
            text = text.replace(variant, mark)
    return text


FoundName = tuple[int, int, str]  # start, end, code


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The names of one language.

    `codes` maps each name to its country, and longer names of other things ("New Jersey") to "".
    `people` are names that people bear too ("Jordan"), `words` names that are ordinary words too.
    What must precede a name is a pattern of its own, `before`: a search is fast if its pattern
    starts with letters.
    """

    pattern: re.Pattern[str]
    before: re.Pattern[str]
    codes: Mapping[str, str]
    people: frozenset[str]
    words: frozenset[str]


@cache
def _table() -> dict[str, dict[str, dict[str, list[str]]]]:
    table: dict[str, dict[str, dict[str, list[str]]]] = json.loads(
        Path(__file__).with_name("countries.json").read_text("utf-8")
    )
    return table


@cache
def _lexicon(language: str) -> _Lexicon:
    table = _table()[language]
    codes = {form: code for code, forms in table["names"].items() for form in forms}
    codes = {uniform_marks(form): code for form, code in codes.items()}
    codes |= {uniform_marks(phrase): "" for phrase in table["none"]}
    begin, end = _EDGES.get(language, (_WORD_BEFORE, _WORD_EDGE))
    return _Lexicon(
        re.compile(_trie(list(codes)) + end),
        re.compile(begin),
        codes,
        frozenset(table["people"]),
        frozenset(table["words"]),
    )


def _trie(names: list[str]) -> str:
    """A pattern that matches all names, the longest first, and reads each common beginning once."""
    heads: dict[str, list[str]] = {}
    for name in filter(None, names):
        heads.setdefault(name[0], []).append(name[1:])
    branches = [re.escape(head) + _trie(tails) for head, tails in sorted(heads.items())]
    pattern = branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
    if "" not in names:
        return pattern
    return f"(?:{pattern})?" if branches and branches != [""] else ""


_WORD_BEFORE = r"(?<!\w)"
_WORD_EDGE = r"(?:(?<!\w)|(?!\w))"  # not inside a word
_KATAKANA_EDGE = "(?:(?<![ァ-ヺー])|(?![ァ-ヺー]))"  # マリ, not マリアナ
_EDGES = {
    "ar": (r"(?<!\w)|(?<=\b[وفبلك])|(?<=\b[وف][بلك])", _WORD_EDGE),  # والأردن, بالأردن
    "zh": ("", ""),
    "ja": (_KATAKANA_EDGE, _KATAKANA_EDGE),
    "th": ("", "(?![ะ-ฺ็-๎])"),  # not before a vowel or tone mark of the last consonant
}


def find_countries(text: str, language: str) -> Iterator[FoundName]:
    """Yield the names of countries in a text that `uniform_marks` returned, in the order of the
    text.
    """
    lexicon = _lexicon(language)
    found = [
        (*match.span(), lexicon.codes[match[0]])
        for match in lexicon.pattern.finditer(text)
        if lexicon.before.match(text, match.start())
    ]
    for index, (start, end, code) in enumerate(found):
        name = text[start:end]
        if not code or (name in lexicon.people and _is_person(text, start, end)):
            continue
        if name not in lexicon.words or _means_country(text, found, index):
            yield start, end, code


def unique_countries(description: str, found: list[FoundName]) -> tuple[Country, ...]:
    """Each country once, under the name that is printed first."""
    first: dict[str, str] = {}
    for start, end, code in found:
        first.setdefault(code, description[start:end])
    return tuple(Country(code, name) for code, name in first.items())


# Capitalised words next to a country that do not make it a person's name: "In Jordan", "Better
# Work Jordan", "Georgia Office".
_NOT_A_NAME = r"""
    \b(?:In|For|From|To|And|The|Of|With|At|Across|Since|Both|While|When|As|But|Work|Office|Country
    |Decent|Programme|Project|Team|Desk|Today|Kingdom|Republic|State|Central|West|East|North|South
    |Better|En|De|Pour|Au|Et|Du|La|Le|El|Y|Para|Em|E|O|A|Per|Nel|Il|Für|Oficina|Bureau|Escritório
    |[A-Z][a-z]+ing)
"""
_TITLE = "(?:Mrs?|Ms|Dr|Prof|Sra?|Mme|[A-ZÀ-Ý])"
_NAME_BEFORE = re.compile(
    rf"(?<![\w-])(?!{_NOT_A_NAME}\s)(?:[A-ZÀ-Ý][a-zà-ÿ'-]+|{_TITLE}\.)\s$", re.VERBOSE
)
_NAME_AFTER = re.compile(rf"\s(?!{_NOT_A_NAME}\b)[A-ZÀ-Ý][a-zà-ÿ]+(?!\w)", re.VERBOSE)


def _is_person(text: str, start: int, end: int) -> bool:
    """True if the name is part of a person's name, as in "Neil Jordan"."""
    before = text[max(0, start - 30) : start]
    return bool(_NAME_BEFORE.search(before) or _NAME_AFTER.match(text, end))


_BETWEEN = re.compile(r"(?:[\s,،、;·・و]|ประเทศ|และ|和|及|与|и|e|ed)*")
_COUNTRY_BEFORE = re.compile(
    r"(?:(?:^|\s)(?:في|جمهورية|دولة|بلدان|in|в|Республик[аеиу])\s|ประเทศ|ใน|ราชอาณาจักร|在|驻|和|及)$"
)


def _means_country(text: str, found: list[FoundName], index: int) -> bool:
    """True if a name that is also an ordinary word means the country, by the words next to it."""
    start = found[index][0]
    if _COUNTRY_BEFORE.search(text[max(0, start - 12) : start]):
        return True
    neighbours = pairwise(found[max(0, index - 1) : index + 2])
    return any(_BETWEEN.fullmatch(text, a[1], b[0]) for a, b in neighbours)
