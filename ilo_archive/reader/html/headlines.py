"""The part of a line that can be a title, with its link."""

import re

from ilo_archive.reader.html.lines import Line, Link
from ilo_archive.reader.html.titles_in_lines import is_code, title_links
from ilo_archive.reader.html.words import is_button

_HOUR = r"\d\d?(?:[:.h]\d\d)?\s*(?:[ap]\.?m\.?(?!\w)|uhr\b|h\b)?"
_HOURS_FIRST = re.compile(
    rf"^(?:at\s)?{_HOUR}(?:\s*(?:-|–|to|bis|until)\s*{_HOUR})?(?:\s*[:|,–-]+\s*|\s+(?=\D))",
    re.IGNORECASE,
)
"""The hours of an event, between its date and its name: "10:30 am to 1:00 pm: "."""
_SHORT = 14  # characters; a first link below that may be a kind or a number
_LONGEST = 200
_EDGES = " \xa0-–—:|,•·;/"


def begins_with_hours(text: str) -> bool:
    """Whether a line says first when an event is: "10:00 am to 11:30 am FJT"."""
    found = _HOURS_FIRST.match(text)
    return found is not None and any(mark in found[0] for mark in ":mh")


def headline_of(line: Line, *, keeps_date: bool = False) -> tuple[str, str | None]:
    """The text that can be a title and the address of its link, None without one. `keeps_date`
    says that the date of the entry stands elsewhere, so one in the line is part of its text.
    """
    if not line.links:
        return (line.text if line.date is None or keeps_date else _without_date(line)), None
    if line.date is not None and (keeps_date or _is_date_of_title(line)):
        line = line._replace(date=None)
    links = title_links(line)
    if not links:
        return _without_date(line), next((link.href for link in line.links if not link.meta), None)
    link = _main_link(links)
    if line.date is not None and _is_before_title(line) and _is_date_in(line, link):
        return _without_date(line), link.href
    if line.place.level:
        return _of_heading(line, links, link)
    if _is_part_of_text(line, link):
        return _without_date(line), link.href
    return link.text, link.href


def _is_date_of_title(line: Line) -> bool:
    """Whether the date of a line is a part of its title, not of what stands beside it."""
    if _is_before_title(line):
        return False
    return line.place.level > 0 or any(_is_date_in(line, link) for link in line.links)


def _is_before_title(line: Line) -> bool:
    """Whether a line begins with its date in numbers: "17/03/2016 Otters are back"."""
    date = line.date
    return date is not None and date.start < 2 and not date.named


def _is_date_in(line: Line, link: Link) -> bool:
    """Whether the date of a line stands within the words of a link."""
    date = line.date
    if date is None:
        return False
    printed = line.text[date.start : date.end]
    return printed in link.text and len(link.text) - len(printed) > 5


def _main_link(links: list[Link]) -> Link:
    """The first link, or the longest of the first ones where the first is short."""
    first = links[0]
    if len(first.text) >= _SHORT or len(links) == 1:
        return first
    return max(links[:4], key=lambda link: min(_LONGEST, len(link.text)))


def _of_heading(line: Line, links: list[Link], link: Link) -> tuple[str, str | None]:
    """A heading is a title as a whole, but for dates and buttons beside its link."""
    has_more = line.date is not None or len(line.links) > 1 or line.linked > 0.5
    if line.linked < 0.97 and len(link.text) > 3 and len(links) == 1 and has_more:
        return link.text, link.href
    return _without_buttons(line, line.text), link.href


def _is_part_of_text(line: Line, link: Link) -> bool:
    """Whether a link is a code or a few words within a text that is the title as a whole."""
    text = line.rest
    share = len(link.text) / max(len(text), 1)
    if is_code(link.text) or _begins_with_code(link.text):
        return share < 0.7 and len(text) < _LONGEST and not is_code(text)
    return line.date is None and share < 0.35 and len(text) > 60


_CODE_FIRST = re.compile(r"(?=[^\W\d_]+\W?\d)\w\S*\d{3}\S*\s")


def _begins_with_code(text: str) -> bool:
    """Whether a text begins with letters and a number: "SC20677 Dissent"."""
    return _CODE_FIRST.match(text) is not None


def _without_date(line: Line) -> str:
    """The text without its date and without the buttons at its end."""
    text = line.text
    if line.date is not None and not line.place.level:
        before, after = text[: line.date.start].strip(_EDGES), text[line.date.end :].strip(_EDGES)
        if before.endswith("(") and after.startswith(")"):  # the date alone stood in brackets
            before, after = before.rstrip("(" + _EDGES), after.lstrip(")" + _EDGES)
        after = _HOURS_FIRST.sub("", after) or after
        text = before if not after else after if not before else f"{before} {after}"
    return _without_buttons(line, text)


def _without_buttons(line: Line, text: str) -> str:
    """The text of a title without the buttons at its end."""
    for link in reversed(line.links):
        if text.endswith(link.text) and link.text != text and is_button(link.text):
            text = text[: -len(link.text)].rstrip(_EDGES + "[(»")
    return text
