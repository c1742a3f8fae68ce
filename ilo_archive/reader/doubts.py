"""Warnings of a reading: what was unsure, so that no figure rests on it unseen."""

import re
from collections.abc import Iterator, Sequence

from ilo_archive.offices import registry
from ilo_archive.reader.entry import Entry, Section
from ilo_archive.text.datelines import parse_dateline
from ilo_archive.text.dates_in_lines import find_date

_LANGUAGE_OF_ADDRESS = re.compile(r"/lang--([a-z]{2})(?=/|$)")


def doubts_of_entries(
    sections: Sequence[Section], *, order_is_proved: bool = True
) -> Iterator[str]:
    """What is unsure of entries. `order_is_proved` says that the dates of the page show which of
    two numbers is the day.
    """
    for section in sections:
        for entry in section.entries:
            yield from _doubts(entry, order_is_proved=order_is_proved)
    if not sections:
        yield "no entries found"


def _doubts(entry: Entry, *, order_is_proved: bool) -> Iterator[str]:
    if entry.title is None:
        yield f"entry without a title, dated {entry.dateline}"
    if entry.dateline and entry.date is None:
        yield f"date not understood: {entry.dateline}"
    if entry.dateline and not order_is_proved and _is_ambiguous(entry.dateline):
        yield f"day and month could be the other way round: {entry.dateline}"


def _is_ambiguous(dateline: str) -> bool:
    """Whether day and month of a dateline could be swapped, one with words around it too."""
    read = parse_dateline(dateline)
    if read is not None:
        return read.ambiguous
    found = find_date(dateline)
    return found is not None and found.order == "open"


def doubts_of_dates(dates: int, outside: int, entries: int) -> Iterator[str]:
    """What dates say that belong to no entry. `dates` counts those that could date an entry,
    `outside` those of them that no entry contains, `entries` the entries with a date.
    """
    if dates > 1 and not entries:
        yield f"{dates} dates found, but no entry that they belong to"
    elif outside > max(2, entries):
        yield f"{outside} dates found outside of the {entries} dated entries"


def doubts_of_address(url: str | None, language: str | None, office: str | None) -> Iterator[str]:
    """Where a page is not what its address says: another language, another office."""
    named = _LANGUAGE_OF_ADDRESS.search(url or "")
    if named and language and named[1] != language:
        yield f"the address says language {named[1]}, the text is {language}"
    other = _other_office(url, office) if url and office else None
    if other:
        yield f"the page names the office of {other}, its address another one"


def _other_office(url: str, name: str) -> str | None:
    """The city of a registered office that a name contains, where the address is of another."""
    known = registry()
    try:
        own = known.offices.get(known.locate(url).office)
    except ValueError:  # an address that is none
        return None
    if own is None or _contains(name, own.name):
        return None
    return next((each.name for each in known.offices.values() if _contains(name, each.name)), None)


def _contains(name: str, city: str) -> bool:
    return bool(re.search(rf"\b{re.escape(city.partition(',')[0])}\b", name))


# -- pages that end too early --------------------------------------------------------------

_LAST_TAG = re.compile(rb"<[^<>]*$")
_END_TAGS = (b"</body", b"</html")
_TAIL = 4096  # bytes at the end in which the end tags stand
_LONG_TEXT = 60  # characters of a last paragraph that no title has


def is_cut_markup(body: bytes) -> bool:
    """Whether HTML looks cut: it has a start tag of the page and no end tag, and ends in a tag or
    in a text.
    """
    tail = body[-_TAIL:].lower()
    if any(tag in tail for tag in _END_TAGS) or not re.search(
        rb"<(?:html|body)\b", body[:_TAIL], re.IGNORECASE
    ):
        return False
    return bool(_LAST_TAG.search(tail)) or not tail.rstrip().endswith(b">")


def is_cut_text(text: str) -> bool:
    """Whether a last paragraph looks cut: long, and without an end."""
    last = text.rstrip()
    return len(last) > _LONG_TEXT and last[-1].isalnum()
