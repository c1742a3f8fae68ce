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
from ilo_archive.report.updates import HEADINGS
from ilo_archive.report.word_diff import word_changes
from ilo_archive.times import iso

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage
    from ilo_archive.queries.comparison import Change, Comparison
    from ilo_archive.queries.wording_changes import FieldChange

_ATOM = "http://www.w3.org/2005/Atom"
_XHTML = "http://www.w3.org/1999/xhtml"
ATOM = ElementMaker(namespace=_ATOM, nsmap={None: _ATOM})
XHTML = ElementMaker(namespace=_XHTML, nsmap={None: _XHTML})
_NOT_XML = {0xFFFE: "\ufffd", 0xFFFF: "\ufffd"}  # not allowed in XML; `printable` keeps them
_TAGS = {"gone": XHTML("del").tag, "new": XHTML("ins").tag}


def render(comparison: Comparison) -> str:
    """Format the changes with a weight as a feed, dated by the later capture."""
    cleaned = sentences.safe(comparison)
    page = cleaned.after
    feed = ATOM.feed(
        ATOM.id(stable_id(page.office, page.page)),
        ATOM.title(xml_text(sentences.office_name(cleaned))),
        ATOM.subtitle(xml_text(_subtitle(cleaned))),
        ATOM.updated(iso(page.captured_at)),
        ATOM.author(ATOM.name(xml_text(page.archive) or "unknown")),
        *links_to(page.url, "alternate"),
        *(
            _entry(cleaned, change)
            for group in sentences.groups(cleaned)
            for change in group.changes
        ),
    )
    etree.indent(feed)
    return etree.tostring(feed, encoding="unicode") + "\n"


def stable_id(*parts: str) -> str:
    """A URN that is the same for the same parts."""
    joined = "\x1f".join(xml_text(part) for part in parts)
    return uuid5(NAMESPACE_URL, joined).urn


def xml_text(words: str | None) -> str:
    """The words with what XML does not allow replaced, empty for None."""
    return (words or "").translate(_NOT_XML)


def _subtitle(comparison: Comparison) -> str:
    return (
        sentences.summary(comparison)
        if comparison.differs
        else sentences.nothing_differs(comparison)
    )


def links_to(url: str | None, relation: str) -> Iterator[etree._Element]:
    """A link of this relation, none for what is not an address of the web."""
    if address := web_address(url):
        yield ATOM.link(rel=relation, href=address)


def _entry(comparison: Comparison, change: Change) -> etree._Element:
    before, after = comparison.before, comparison.after
    shown = change.entry
    subject = (
        sentences.entry_title(shown)
        if shown
        else ", ".join(_change_infield_paragraph(each) for each in change.fields)
    )
    identity = shown.entry_id if shown else subject
    return ATOM.entry(
        ATOM.id(stable_id(before.capture_id, after.capture_id, change.kind, identity)),
        ATOM.title(xml_text(f"{HEADINGS[change.kind]}: {subject}")),
        ATOM.updated(iso(after.captured_at)),
        ATOM.category(term=change.kind),
        *links_to(shown.link if shown else after.url, "alternate"),
        *_sources(before, after),
        ATOM.content(XHTML.div(*_content(comparison, change)), type="xhtml"),
    )


def _change_infield_paragraph(field: FieldChange) -> str:
    if field.before and field.after:
        return field.field
    return f"{field.field} {field.after or field.before or ''}"


def _sources(before: Homepage, after: Homepage) -> Iterator[etree._Element]:
    for page in (before, after):
        yield from links_to(page.uri_m, "via")


def _content(comparison: Comparison, change: Change) -> Iterator[etree._Element]:
    first, last = sentences.capture_names(comparison)
    yield XHTML.p(xml_text(f"Captures of {first} and {last}."))
    if change.entry:
        yield XHTML.p(xml_text(" · ".join(sentences.entry_details(change.entry))))
    if change.kind == "moved":
        yield XHTML.p(xml_text(f"Moved {sentences.move(change)}."))
    elif change.fields:
        yield from (field_paragraph(field) for field in change.fields)
    elif change.entry and change.entry.summary:
        yield XHTML.p(xml_text(change.entry.summary))
    if departure := sentences.absence(change):
        yield XHTML.p(departure)


def field_paragraph(field: FieldChange) -> etree._Element:
    """A paragraph with both forms of a field, word by word."""
    paragraph = XHTML.p(xml_text(f"{field.field}: "))
    for kind, words in word_changes(field.before, field.after):
        part = etree.SubElement(paragraph, _TAGS.get(kind, f"{{{_XHTML}}}span"))
        part.text = xml_text(words)
    return paragraph
