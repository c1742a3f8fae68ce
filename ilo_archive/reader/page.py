"""A capture's bytes -> Page: the office, its description and its entries, section by section."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from os import PathLike
from typing import Any

from ilo_archive.reader.body import body_of, form_of, refuse_other_files, refuse_too_much
from ilo_archive.reader.charset import Charset, charset_of, odd_characters
from ilo_archive.reader.doubts import doubts_of_address, is_cut_markup
from ilo_archive.reader.entry import Entry as Entry
from ilo_archive.reader.entry import Section as Section
from ilo_archive.reader.html.html_page import read_html
from ilo_archive.reader.markdown import html_of
from ilo_archive.reader.page_parts import PageParts
from ilo_archive.reader.playback import without_playback
from ilo_archive.reader.text_page import read_text
from ilo_archive.text.language import LONGEST_SAMPLE, detect_language

READER_VERSION = 3
SCHEMA = 1

_ENOUGH_TEXT = 300  # characters; a shorter page may seem to be in any language


@dataclass(frozen=True, slots=True)
class Page:
    """What a capture says.

    `office` is None on a page whose first line names a list; `charset` is what the bytes were read
    in, and what it was recognised by. `ends_in_entry`: the page ends within its last entry, as a
    text without a footer or HTML that was cut does; words of that entry may be missing.
    """

    office: str | None
    description: str | None
    language: str | None
    template: str
    sections: tuple[Section, ...]
    warnings: tuple[str, ...]
    charset: Charset
    ends_in_entry: bool = False

    @property
    def entries(self) -> list[tuple[Section, Entry]]:
        """Every entry with its section, in reading order."""
        return [(section, entry) for section in self.sections for entry in section.entries]


def read_page(
    body: bytes | str | PathLike[str], url: str | None = None, content_type: str | None = None
) -> Page:
    """Read a homepage or news list, HTML or plain text: its bytes, its text, or a file by its path.

    `url` is the page's address (links become absolute against it), `content_type` the HTTP
    header. `warnings` names what was unsure. Raises PageRefused for a body that would take
    seconds or gigabytes, for a file that is no page or cannot be opened, and for a path or an
    address given as text; TypeError for anything else.
    """
    body = body_of(body)
    refuse_too_much(body)
    refuse_other_files(body)
    warnings: list[str] = []
    charset = charset_of(body, content_type, warnings)
    reading = _read(body, charset, url)
    warnings += odd_characters(reading.said)
    language = _language(reading)
    warnings += reading.warnings
    is_cut = reading.template != "text" and is_cut_markup(body)
    if is_cut:
        warnings.append("the page may be cut: it has no end")
    is_sure = len(reading.said) > _ENOUGH_TEXT
    warnings += doubts_of_address(url, language if is_sure else None, reading.office)
    return Page(
        reading.office,
        reading.description,
        language,
        reading.template,
        reading.sections,
        tuple(warnings),
        charset,
        ends_in_entry=reading.ends_in_entry or is_cut,
    )


def _read(body: bytes, charset: Charset, url: str | None) -> PageParts:
    if form_of(body) == "html":
        return read_html(without_playback(body), charset.name, url)
    text = body.decode(charset.name, "replace").removeprefix("\ufeff")
    if form_of(body, text) == "markdown":
        return read_html(html_of(text).encode(), "utf-8", url)._replace(template="markdown")
    return read_text(text)


_FEW_WORDS = 300  # characters in which some words prove nothing against the names of months


def _language(reading: PageParts) -> str | None:
    """By the words of description and entries; where these are few by the form of its dates, then
    by all its words.
    """
    said = " ".join(_sample(reading))
    is_short = len(said) < _FEW_WORDS
    if is_short and (months := _language_of_months(reading.sections)):
        return months
    return (
        detect_language(said)
        or reading.printed_in
        or (None if is_short else _language_of_months(reading.sections))
        or detect_language(reading.said)
    )


def _sample(reading: PageParts) -> Iterator[str]:
    """The words of description and entries, as many as a language is recognised by."""
    length = 0
    for words in filter(None, chain([reading.description], _words(reading.sections))):
        yield words
        length += len(words)
        if length > LONGEST_SAMPLE:
            return


_ENGLISH_MONTHS = re.compile(r"\b(?:January|February|March|June|July|October|December)\b")


def _language_of_months(sections: Sequence[Section]) -> str | None:
    """English where a dateline has a month that only English calls so."""
    datelines = (entry.dateline or "" for section in sections for entry in section.entries)
    return "en" if any(map(_ENGLISH_MONTHS.search, datelines)) else None


def _words(sections: Sequence[Section]) -> Iterator[str]:
    for section in sections:
        for entry in section.entries:
            yield from filter(None, (entry.title, entry.summary))


def as_record(page: Page, source: str) -> dict[str, Any]:
    """The reading as `read` prints it; the contract fixes the names."""
    return {
        "schema": SCHEMA,
        "source": source,
        "template": page.template,
        "language": page.language,
        "office": page.office,
        "description": page.description,
        "sections": [
            {"heading": section.heading, "entries": [_entry_record(e) for e in section.entries]}
            for section in page.sections
        ],
        "warnings": list(page.warnings),
    }


def _entry_record(entry: Entry) -> dict[str, Any]:
    record = asdict(entry)
    record["date"] = entry.date and entry.date.isoformat()
    record["date_end"] = entry.date_end and entry.date_end.isoformat()
    return record
