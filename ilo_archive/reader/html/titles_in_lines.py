"""Whether lines can name an entry: the headings, links and words that may be a title."""

import re
from collections.abc import Sequence
from functools import lru_cache

from ilo_archive.reader.html.lines import Line, Lines, Link
from ilo_archive.reader.html.words import begins_as_meta, is_button, is_more

HEADING, LINK, SOME_WORDS, NOTHING = 3, 2, 1, 0

_WORDS = re.compile(
    r"[^\W\d_]{2,}|[\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)


_LONG_WORD = re.compile(r"[^\W\d_]{4}")


@lru_cache(maxsize=8192)
def letters(text: str) -> int:
    """How many of the first 40 characters are letters."""
    return sum(map(str.isalpha, text[:40]))


def has_words(text: str) -> bool:
    """Whether there is a word of two letters or more."""
    return bool(_WORDS.search(text))


def is_code(text: str) -> bool:
    """Whether a text is a number or a code: "21-476", "2015/12", "A-1234"."""
    if _LONG_WORD.search(text):
        return False
    words = _WORDS.findall(text)
    if not words:
        return True
    is_short = len(words) < 4 and not any(ord(word[0]) > 0xE00 for word in words)
    return is_short and sum(map(str.isdigit, text)) >= 3


def title_links(line: Line) -> list[Link]:
    """The links of a line that can be a title: with words, no date, no button, no author."""
    return [
        link
        for link in line.links
        if not link.meta and has_words(link.text)
        if line.place.level or not is_button(link.text)
        if line.date is None or not _is_date(line, link)
    ]


def _is_date(line: Line, link: Link) -> bool:
    """Whether a link is the date of its line and little else."""
    date = line.date
    if date is None:
        return False
    printed = line.text[date.start : date.end]
    return printed in link.text and len(link.text) - len(printed) < 6


def title_power(lines: Sequence[Line]) -> int:
    """How sure it is that lines contain a title: HEADING, LINK, SOME_WORDS or NOTHING."""
    best, words = NOTHING, 0
    for line in lines:
        rest = line.rest
        if line.place.meta:
            continue
        if line.place.level and letters(rest) and not is_more(rest):
            return HEADING
        if not has_words(rest) or is_button(line.text):
            continue
        if best < LINK and any(len(link.text) > 3 for link in title_links(line)):
            best = LINK
        elif best < SOME_WORDS and not (line.date and begins_as_meta(line.text)):
            words += letters(rest)
            if words > 8:
                best = SOME_WORDS
    return best


def power_of(found: Lines) -> int:
    """`title_power` of an element; a link without words makes words a title."""
    power = title_power(found.lines)
    return LINK if power == SOME_WORDS and found.hrefs else power
