"""A comparison as an Atom feed (RFC 4287), one entry for each change.

Ids are made from what is compared: the feed of a page keeps its id, and a change between the same
captures keeps its id in later runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from lxml import etree
from lxml.builder import ElementMaker

from ilo_archive.report import sentences
from ilo_archive.report.safe_links import web_address
from ilo_archive.report.word_diff import word_changes
from ilo_archive.times import iso

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage
    from ilo_archive.queries.comparison import Change, ChangeKind, Comparison
    from ilo_archive.queries.wording_changes import FieldChange

_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"
_A = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
_X = ElementMaker(namespace=_XHTML, nsmap={None: _XHTML})
_NOT_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # not allowed in XML; `printable` keeps them
_TAGS = {"gone": _X("del").tag, "new": _X("ins").tag}
_HEADINGS: dict[ChangeKind, str] = {
    "page": "Office described differently",
    "named": "Named",
    "not-named": "No longer named",
    "appeared": "Appeared",
    "gone": "No longer there",
    "edited": "Worded differently",
    "moved": "Moved",
    "credit": "Credited differently",
}


def render(comparison: Comparison) -> str:
    """Format the changes with a weight as a feed, dated by the later capture."""
    cleaned = sentences.safe(comparison)
    page = cleaned.after
    feed = _A.feed(
        _A.id(_id(page.office, page.page)),
        _A.title(_text(sentences.office_name(cleaned))),
        _A.subtitle(_text(_subtitle(cleaned))),
        _A.updated(iso(page.captured_at)),
        _A.author(_A.name(_text(page.archive) or "unknown")),
        *_links(page.url, "alternate"),
        *(
            _entry(cleaned, change)
            for group in sentences.groups(cleaned)
            for change in group.changes
        ),
    )
    etree.indent(feed)
    return etree.tostring(feed, encoding="unicode") + "\n"


def _id(*parts: str) -> str:
    joined = "\x1f".join(_text(part) for part in parts)
    return uuid5(NAMESPACE_URL, joined).urn


def _text(words: str | None) -> str:
    return (words or "").translate(_NOT_XML)


def _subtitle(comparison: Comparison) -> str:
    return (
        sentences.summary(comparison)
        if comparison.differs
        else sentences.nothing_differs(comparison)
    )


def _links(url: str | None, relation: str) -> Iterator[etree._Element]:
    if address := web_address(url):
        yield _A.link(rel=relation, href=address)


def _entry(comparison: Comparison, change: Change) -> etree._Element:
    before, after = comparison.before, comparison.after
    shown = change.entry
    subject = (
        sentences.entry_title(shown)
        if shown
        else ", ".join(_change_in_words(each) for each in change.fields)
    )
    identity = shown.entry_id if shown else subject
    return _A.entry(
        _A.id(_id(before.capture_id, after.capture_id, change.kind, identity)),
        _A.title(_text(f"{_HEADINGS[change.kind]}: {subject}")),
        _A.updated(iso(after.captured_at)),
        _A.category(term=change.kind),
        *_links(shown.link if shown else after.url, "alternate"),
        *_sources(before, after),
        _A.content(_X.div(*_content(comparison, change)), type="xhtml"),
    )


def _change_in_words(field: FieldChange) -> str:
    if field.before and field.after:
        return field.field
    return f"{field.field} {field.after or field.before or ''}"


def _sources(before: Homepage, after: Homepage) -> Iterator[etree._Element]:
    for page in (before, after):
        yield from _links(page.uri_m, "via")


def _content(comparison: Comparison, change: Change) -> Iterator[etree._Element]:
    first, last = sentences.capture_names(comparison)
    yield _X.p(_text(f"Captures of {first} and {last}."))
    if change.entry:
        yield _X.p(_text(" · ".join(sentences.entry_details(change.entry))))
    if change.kind == "moved":
        yield _X.p(_text(f"Moved {sentences.move(change)}."))
    elif change.fields:
        yield from (_words(field) for field in change.fields)
    elif change.entry and change.entry.summary:
        yield _X.p(_text(change.entry.summary))
    if departure := sentences.absence(change):
        yield _X.p(departure)


def _words(field: FieldChange) -> etree._Element:
    paragraph = _X.p(_text(f"{field.field}: "))
    for kind, words in word_changes(field.before, field.after):
        part = etree.SubElement(paragraph, _TAGS.get(kind, f"{{{_XHTML}}}span"))
        part.text = _text(words)
    return paragraph
