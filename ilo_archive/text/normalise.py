"""Foldings of text: what counts as the same words."""

import hashlib
import re
import unicodedata

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


def digest(*parts: str | None) -> str:
    """16 hexadecimal digits that stand for the parts."""
    return hashlib.sha256("\x1f".join(part or "" for part in parts).encode()).hexdigest()[:16]
