"""A line that holds several parts: its date or size beside its link, or each in an element."""

import re
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from lxml import etree

from ilo_archive.reader.block import is_size
from ilo_archive.reader.html.elements import BLOCK, KINDS
from ilo_archive.text.datelines import is_common_dateline, parse_dateline


class Part(NamedTuple):
    """A part of a line: a date, a title. `strong` says that it is all in bold or large print."""

    text: str
    link: str | None
    strong: bool
    said_in: etree._Element | None


_WORD = re.compile(r"\w")
_LONGEST_LINE = 500  # characters of a line that holds a date, a title and a summary
_DIGIT = re.compile(r"\d")
_AROUND_PART = " ,;:|/()[]–—·-"
_LEADS_TO_DATE = re.compile(r"[:：]$")  # "Deadline: 15 September 2015"


def may_have_parts(line: str) -> bool:
    """A quick look: most lines are too long, or hold neither date nor size."""
    return len(line) <= _LONGEST_LINE and bool(_DIGIT.search(line))


def parts_of_line(
    line: str, texts: Sequence[tuple[str, str | None, bool, etree._Element | None]]
) -> list[Part] | None:
    """The parts of a line that holds the date or the size of its link beside it, or has each part
    in an inline element of its own, one of them the date (observed: `span`s that a style sheet
    makes paragraphs of). None where the line is one text.
    """
    said = [Part(*each) for each in texts if _WORD.search(each[0])]
    linked = [_merged(list(group)) for _, group in groupby(said, attrgetter("link"))]
    is_led = bool(linked) and (linked[0].link is not None or _is_mark(linked[0]))
    found = _marked(linked) if is_led and 1 < len(linked) < 4 else None
    if found is None and _are_apart(said):
        found = _marked([_merged([part]) for part in said])
    if found is None and len(linked) == 1 and linked[0].text.count("|") == 1:  # Video | 3 May 2021
        found = _marked([linked[0]._replace(text=t.strip()) for t in linked[0].text.split("|")])
    return None if found and parse_dateline(line) else found


def _merged(parts: Sequence[Part]) -> Part:
    text = " ".join("".join([part.text for part in parts]).split())
    return Part(text, parts[0].link, all(part.strong for part in parts), parts[0].said_in)


def _is_mark(part: Part) -> bool:
    """Whether a part is what tells an entry: its date, or the size of a document."""
    text = part.text.strip(_AROUND_PART)
    return is_common_dateline(text) or is_size(text)


def _marked(parts: Sequence[Part]) -> list[Part] | None:
    """The parts, one of which is a date or a size, without what divides them. Lines that run
    into each other since all their parts are inline have one for each link.
    """
    marks = {at for at, part in enumerate(parts) if _is_mark(part)}
    links = {part.link for part in parts} - {None}
    if not 0 < len(marks) <= max(len(links), 1) or len(parts) < 2:
        return None
    if any(at and _LEADS_TO_DATE.search(parts[at - 1].text) for at in marks):
        return None
    return [
        part._replace(text=part.text.strip(_AROUND_PART)) if at in marks else part
        for at, part in enumerate(parts)
    ]


def _are_apart(parts: Sequence[Part]) -> bool:
    """Whether each part is all the text of an inline element, none within another's."""
    around = [part.said_in for part in parts if part.said_in is not None]
    if len(around) < len(parts) or any(KINDS.get(str(e.tag), BLOCK) >= BLOCK for e in around):
        return False
    return not any(up in around for each in around for up in each.iterancestors())
