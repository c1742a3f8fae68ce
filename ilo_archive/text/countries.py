"""Names of countries in a text, found by their names alone.

`countries.json`, written by `tests/make_countries.py`, has the names in every language.
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

    `code` is of ISO 3166-1 alpha-2, or XK, which ISO leaves to its users and CLDR gives to
    Kosovo. `name` is as printed, in its grammatical case.
    """

    code: str
    name: str


# Apostrophes, dashes, brackets and spaces; İ is the one letter that has two in lower case.
_ONE_FORM = {
    "'": "’‘`´",
    "-": "‐‑–—−",
    "(": "（",
    ")": "）",
    " ": "\u00a0\u202f\u3000\n\r\t",
    "I": "İ",
}


def one_form(text: str) -> str:
    """The text with one form of each mark, character for character."""
    for one, others in _ONE_FORM.items():
        for other in others:
            text = text.replace(other, one)
    return text


Found = tuple[int, int, str]  # start, end, code


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """The names of a language. `codes` has an empty code for what is no country.

    What must stand before a name is a pattern of its own: a search is quick where its pattern
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
    codes = {one_form(form): code for form, code in codes.items()}
    codes |= {one_form(phrase): "" for phrase in table["none"]}
    begin, end = _EDGES.get(language, (_WORD_BEFORE, _WORD_EDGE))
    return _Lexicon(
        re.compile(_trie(list(codes)) + end),
        re.compile(begin),
        codes,
        frozenset(table["people"]),
        frozenset(table["words"]),
    )


def _trie(names: list[str]) -> str:
    """A pattern of all names, the longest first, that reads each beginning once."""
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
    "th": ("", "(?![ะ-ฺ็-๎])"),  # not before a vowel or tone of the last consonant
}


def find_countries(text: str, language: str) -> Iterator[Found]:
    """Find the names of countries in a text that `one_form` made, in the order of the text."""
    lexicon = _lexicon(language)
    found = [
        (*match.span(), lexicon.codes[match[0]])
        for match in lexicon.pattern.finditer(text)
        if lexicon.before.match(text, match.start())
    ]
    for place, (start, end, code) in enumerate(found):
        name = text[start:end]
        if not code or (name in lexicon.people and _is_person(text, start, end)):
            continue
        if name not in lexicon.words or _is_among_countries(text, found, place):
            yield start, end, code


def each_country(description: str, found: list[Found]) -> tuple[Country, ...]:
    """Each country once, under the name that stands first."""
    first: dict[str, str] = {}
    for start, end, code in found:
        first.setdefault(code, description[start:end])
    return tuple(Country(code, name) for code, name in first.items())


# Capitals that stand beside a country without making it a person: "In Jordan", "Better Work
# Jordan", "Georgia Office".
_NO_NAME = r"""
    \b(?:In|For|From|To|And|The|Of|With|At|Across|Since|Both|While|When|As|But|Work|Office|Country
    |Decent|Programme|Project|Team|Desk|Today|Kingdom|Republic|State|Central|West|East|North|South
    |Better|En|De|Pour|Au|Et|Du|La|Le|El|Y|Para|Em|E|O|A|Per|Nel|Il|Für|Oficina|Bureau|Escritório
    |[A-Z][a-z]+ing)
"""
_TITLE = "(?:Mrs?|Ms|Dr|Prof|Sra?|Mme|[A-ZÀ-Ý])"
_NAME_BEFORE = re.compile(
    rf"(?<![\w-])(?!{_NO_NAME}\s)(?:[A-ZÀ-Ý][a-zà-ÿ'-]+|{_TITLE}\.)\s$", re.VERBOSE
)
_NAME_BEHIND = re.compile(rf"\s(?!{_NO_NAME}\b)[A-ZÀ-Ý][a-zà-ÿ]+(?!\w)", re.VERBOSE)


def _is_person(text: str, start: int, end: int) -> bool:
    """Whether a name that people bear too stands beside another: "Neil Jordan"."""
    before = text[max(0, start - 30) : start]
    return bool(_NAME_BEFORE.search(before) or _NAME_BEHIND.match(text, end))


_BETWEEN = re.compile(r"(?:[\s,،、;·・و]|ประเทศ|และ|和|及|与|и|e|ed)*")
_LEADS = re.compile(
    r"(?:(?:^|\s)(?:في|جمهورية|دولة|بلدان|in|в|Республик[аеиу])\s|ประเทศ|ใน|ราชอาณาจักร|在|驻|和|及)$"
)


def _is_among_countries(text: str, found: list[Found], place: int) -> bool:
    """Whether a name that is an ordinary word too means the country: by what is beside it."""
    start = found[place][0]
    if _LEADS.search(text[max(0, start - 12) : start]):
        return True
    beside = pairwise(found[max(0, place - 1) : place + 2])
    return any(_BETWEEN.fullmatch(text, a[1], b[0]) for a, b in beside)
