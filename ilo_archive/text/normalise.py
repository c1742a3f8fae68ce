"""Normalisation of text: what counts as the same wording.

`normalised` ignores typography only: two texts that differ after it are different wordings.
`folded` and `tokens` ignore more; they serve to compare wordings for similarity. The marks in names
of countries are unified in `text.countries`, which needs to keep offsets. The reader uses
`fold_space` for what a page prints, `folded_word` for words of dates, `spoken` for phrases.
"""

import hashlib
import re
import unicodedata
from unicodedata import normalize

_QUOTES = str.maketrans("“”„«»‟‹›‘’‚‛`´", '""""""""\'\'\'\'\'\'')
# Soft hyphens, zero-width spaces and marks of direction: they are layout, not wording.
_INVISIBLE = dict.fromkeys((0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF))
_DASHES = re.compile(r"[‐‑‒–—―-]")


def normalised(text: str | None) -> str:
    """A text in lower case, without invisible characters; quotes, dashes and spaces
    have one style.
    """
    plain = unicodedata.normalize("NFKC", (text or "").translate(_INVISIBLE)).translate(_QUOTES)
    return " ".join(_DASHES.sub(" - ", plain).split()).casefold()


CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def fold_space(text: str) -> str:
    """White space folded to single spaces, control characters removed."""
    return " ".join(CONTROLS.sub(" ", text).split())


def spoken(text: str) -> str:
    """A text as its phrases are looked for: no case, one apostrophe, no line breaks, е for ё."""
    return text.lower().translate(_SPOKEN)


_SPOKEN = str.maketrans("’‘ʼ`ё\n", "''''е ")


def folded_word(word: str) -> str:
    """A word without case, accents, points and brackets: "Févr." becomes "fevr"."""
    return _WORD_MARKS.sub("", normalize("NFKD", word.casefold()))


_WORD_MARKS = re.compile(
    r"[\u0300-\u036f\u093c\u0640\u064b-\u0655\u0670.()'’]|ที่$"  # ที่: "on the"
)


def without_accents(text: str) -> str:
    """A text without case and accents; vowel signs of other scripts stay."""
    return _ACCENTS.sub("", normalize("NFKD", text.casefold()))


_ACCENTS = re.compile("[\u0300-\u036f]")


def searchable(text: str) -> str:
    """Text without case and diacritics, as the full-text index has it."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def digest(*parts: str | None) -> str:
    """A digest of the parts: 16 hexadecimal digits."""
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:16]


# Scripts without spaces between words; each character counts as a token.
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Accents, Arabic vowel signs and the tatweel that stretches a word.
_MARKS = re.compile("[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_ARABIC = str.maketrans("ىة", "يه")
_DIGIT = re.compile(r"[^\W\D0-9]")
_GROUPED = re.compile(r"(\d)[,. \u00a0\u202f](?=\d{3}(?!\d))")  # 1,000 and 1 000
_COVID = re.compile(r"(?<=[Cc][Oo][Vv][Ii][Dd])\W19\b")


def folded(text: str | None) -> str:
    """A text without accents, vowel signs, digit grouping and the 19 of COVID-19; case is kept."""
    plain = text or ""
    if not plain.isascii():
        plain = _MARKS.sub("", normalize("NFKD", plain)).translate(_ARABIC)
        plain = _DIGIT.sub(lambda digit: str(int(digit[0])), plain)  # Arabic-Indic and others
    plain = _GROUPED.sub(r"\1", plain)
    return _COVID.sub("", plain) if "19" in plain else plain


def tokens(text: str) -> list[str]:
    """The words of a text; in scripts without spaces, its characters."""
    return _TOKEN.findall(text)
