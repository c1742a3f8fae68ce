"""Compare two wordings word by word."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Literal

from rapidfuzz.distance import Indel

Part = tuple[Literal["same", "gone", "new"], str]

# Scripts without spaces; a letter with its marks counts as a word.
_LETTERS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef"
)
_LETTERS += "\U00020000-\U0003ffff"
_MARKS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3"
)
_MARKS += "\u3099\u309a\u200b-\u200d\ufe00-\ufe0f"
_POINTS = r""".,;:!?…()\[\]{}<>/|"“”„«»‹›¿¡،؛؟–—"""
_TOKEN = re.compile(rf"\s+|[{_LETTERS}][{_MARKS}]*|[{_POINTS}]|[^\s{_LETTERS}{_POINTS}]+")

# Minimum common share of the longer wording; with less, the parts are too small to read.
_ALIKE = 0.3
_CELLS = 100_000_000  # words times words; this many need about 25 MB


def word_changes(before: str | None, after: str | None) -> list[Part]:
    """The parts of two wordings in reading order; a missing wording is None.

    Parts that are not "new" make up `before`, parts that are not "gone" make up `after`. Wordings
    with little in common are one part each.
    """
    if before == after:
        return [("same", after)] if after else []
    whole: list[Part] = [("gone", before or ""), ("new", after or "")]
    old, new = _TOKEN.findall(before or ""), _TOKEN.findall(after or "")
    parts = _joined(_compared(old, new)) if len(old) * len(new) <= _CELLS else whole
    longer = max(len(before or ""), len(after or ""))
    if _in_common(parts) < _ALIKE * longer:
        parts = whole
    return [part for part in parts if part[1]]


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Part]:
    for step in Indel.opcodes(old, new):
        gone = "".join(old[step.src_start : step.src_end])
        added = "".join(new[step.dest_start : step.dest_end])
        if step.tag == "equal":
            yield "same", gone
        else:
            yield "gone", gone
            yield "new", added


def _joined(parts: Iterable[Part]) -> list[Part]:
    """Join changes: one "gone" and one "new" between unchanged words; a space alone counts as
    changed.
    """
    joined: list[Part] = []
    for stays, run in groupby(parts, key=lambda part: part[0] == "same" and not part[1].isspace()):
        steps = list(run)
        if stays:
            joined += steps
        else:
            joined.append(("gone", "".join(text for kind, text in steps if kind != "new")))
            joined.append(("new", "".join(text for kind, text in steps if kind != "gone")))
    return joined


def _in_common(parts: Iterable[Part]) -> int:
    return sum(len(text) for kind, text in parts if kind == "same")
