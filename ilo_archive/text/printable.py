"""Make text from web pages safe to print on a terminal."""

import re

_WHITE = r"\t-\r\x1c-\x1f\x85\u2028\u2029"
_CONTROL = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_BIDI = r"\u202a-\u202e\u2066-\u2069"
_SURROGATE = r"\ud800-\udfff"

_WHITES = re.compile(rf"[{_WHITE}]+")
_REORDERING = re.compile(rf"[{_BIDI}]")
_UNPRINTABLE = re.compile(rf"[{_CONTROL}{_SURROGATE}]")
_UNSAFE = re.compile(rf"[{_WHITE}{_CONTROL}{_BIDI}{_SURROGATE}]")
_UNSAFE_IN_JSON = re.compile(rf"[\x7f-\x9f\u2028\u2029{_BIDI}{_SURROGATE}]")


def printable(text: str) -> str:
    """The text on one line, without control characters and marks that reorder letters.

    Line and paragraph breaks become spaces; embeddings, overrides and isolates of the writing
    direction are removed; any other control character and a lone surrogate become U+FFFD. They are
    not removed because that would join words: a stray 0x96, the dash of windows-1252, often stands
    between two years.
    """
    if not _UNSAFE.search(text):
        return text
    return _UNPRINTABLE.sub("\ufffd", _REORDERING.sub("", _WHITES.sub(" ", text)))


_FORMULA_STARTS = tuple("=+-@＝＋－＠")


def without_formula(text: str) -> str:
    """The text with an apostrophe before it if a spreadsheet would take it for a formula.

    These are texts that begin with = + - or @ (OWASP, "CSV Injection").
    """
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def safe_json(text: str) -> str:
    r"""Escape control and reordering characters as \uXXXX in JSON from `json.dumps`.

    The value stays the same. `json.dumps` itself escapes the characters below U+0020.
    """
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
