"""Foldings of text: what counts as the same words."""

import hashlib
import re
import unicodedata
from unicodedata import normalize

_QUOTES = str.maketrans("“”„«»‟‹›‘’‚‛`´", '""""""""\'\'\'\'\'\'')
# Soft hyphens, spaces without width, marks of direction: they steer the setting of a line.
_UNSEEN = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF))
_DASHES = re.compile(r"\s*[‐‑‒–—―-]\s*")


def normalised(text: str | None) -> str:
    """A wording without what is not wording: case, white space, quote and dash style, and what
    is not seen.
    """
    folded = unicodedata.normalize("NFKC", (text or "").translate(_UNSEEN)).translate(_QUOTES)
    return " ".join(_DASHES.sub(" - ", folded).split()).casefold()


def searchable(text: str) -> str:
    """Text without case and diacritics, as the full-text index has it."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def digest(*parts: str | None) -> str:
    """16 hexadecimal digits that stand for the parts."""
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:16]


# Scripts without spaces count letter by letter.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Accents, Arabic vowel signs and the line that stretches a word.
_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_ARABIC = str.maketrans("ىة", "يه")
_DIGIT = re.compile(r"[^\W\D0-9]")
_GROUPED = re.compile(r"(\d)[,. \u00a0\u202f](?=\d{3}(?!\d))")  # 1,000 and 1 000
_COVID = re.compile(r"(?<=[Cc][Oo][Vv][Ii][Dd])\W19\b")


def folded(text: str | None) -> str:
    """A text without accents, vowel signs and grouping of digits; letters keep their case."""
    plain = text or ""
    if not plain.isascii():
        plain = _MARKS.sub("", normalize("NFKD", plain)).translate(_ARABIC)
        plain = _DIGIT.sub(lambda digit: str(int(digit[0])), plain)  # Arabic-Indic and others
    plain = _GROUPED.sub(r"\1", plain)
    return _COVID.sub("", plain) if "19" in plain else plain


def tokens(text: str) -> list[str]:
    """The words of a text; of an unspaced script its letters."""
    return _TOKEN.findall(text)
