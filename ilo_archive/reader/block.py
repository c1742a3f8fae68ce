"""A block: one paragraph of a text, or of a page that is judged; and what is no page at all."""

import re
from typing import NamedTuple

from ilo_archive.errors import ExitCode, IloArchiveError


class Block(NamedTuple):
    """One paragraph.

    `text` has its line breaks; other white space is folded. `role` is a hint (a role of
    templates.toml), never proof. `level` is 1-6 for a heading, EMPHASIS for what is all in bold
    or large print, else 0. `item` numbers the items of a page and `listing` its lists, both 0
    outside of lists. `bare` says that the whole text is linked; `gap` that an empty paragraph
    stands before.
    """

    text: str
    role: str | None = None
    level: int = 0
    item: int = 0
    listing: int = 0
    bare: bool = False
    gap: bool = False


EMPHASIS = 7
"""The level of a paragraph that looks like a heading and is none by its tag."""


class PageRefused(IloArchiveError, ValueError):
    """A file that is no page, or one that would take seconds or gigabytes to read."""

    exit_code = ExitCode.NOTHING_USABLE


MAX_BLOCKS = 10_000
"""More paragraphs are no page: office pages have 300."""


_SIZE_NOTE = re.compile(r"\b\d+(?:[.,]\d+)?\s*(?:[kmg][bo]|[кмг]б)\b", re.IGNORECASE)


def is_size(text: str) -> bool:
    """Whether a paragraph is the size of a document, as "pdf - 2.1 MB"."""
    return len(text) < 40 and bool(_SIZE_NOTE.search(text))


def has_size(text: str) -> bool:
    """Whether a text contains the size of a document."""
    return bool(_SIZE_NOTE.search(text))
