"""Pages that were saved as Markdown, as scrapers save them: recognised and made HTML again.

CommonMark with its line breaks kept, since a dateline stands in a line of its own, and without
code, which offices do not print: what is indented belongs to the list above it.
"""

import re
from functools import cache

from markdown_it import MarkdownIt

_HEADING = re.compile(r"^ {0,3}#{1,6} +\S", re.MULTILINE)
_FIRST = re.compile(r"\s*(?:#{1,6} +\S|\S[^\n]*\n={3,}[ \t]*(?:\n|\Z))")
_LINK = re.compile(r"\]\(\S")
_LARGEST = 40_000  # characters; what is made to be slow takes 1 s then


def is_markdown(text: str) -> bool:
    """Whether a text begins with a heading of Markdown, or has several, or one and a link."""
    if len(text) > _LARGEST or ("#" not in text and "===" not in text):
        return False
    if _FIRST.match(text):
        return True
    headings = sum(1 for _ in _HEADING.finditer(text))
    return headings > 1 or (headings == 1 and bool(_LINK.search(text)))


def html_of(text: str) -> str:
    """The page as HTML; tags in the text stay text."""
    return str(_parser().render(text))


@cache
def _parser() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"breaks": True, "html": False})
    return made.enable("table").disable(["code", "fence", "backticks"])
