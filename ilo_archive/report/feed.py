"""The feed of all changes (Atom, RFC 4287): the newest of every office, an item each.

Ids are made from the capture that shows a change, its kind and its entry: they are the same
however often the feed is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from lxml import etree

from ilo_archive.report import sentences
from ilo_archive.report.atom import (
    ATOM,
    XHTML,
    field_paragraph,
    links_to,
    stable_id,
    xml_text,
)
from ilo_archive.report.updates import Item, captures_in_words, items, page_name
from ilo_archive.times import iso

if TYPE_CHECKING:
    from ilo_archive.queries.since import Since, Update

ITEMS = 100
"""Items in the feed of a report, the newest captures first; readers keep older ones."""


def as_atom(since: Since) -> str:
    """Format all updates since a moment as a feed."""
    return render_feed(since.updates, since.moment, limit=None)


def render_feed(updates: Sequence[Update], made_at: datetime, limit: int | None = ITEMS) -> str:
    """Format updates, in order of time, as a feed; noise is left out. `made_at` dates an empty
    feed.
    """
    newest = [each for each in reversed(sentences.safe(tuple(updates))) if each.differs]
    entries = [entry for update in newest for entry in _entries(update)][:limit]
    last = newest[0].after.captured_at if newest else made_at
    feed = ATOM.feed(
        ATOM.id(stable_id("ilo-archive", "changes of all offices")),
        ATOM.title("Changes of office homepages"),
        ATOM.updated(iso(last)),
        ATOM.author(ATOM.name("ilo-archive")),
        *entries,
    )
    etree.indent(feed)
    return etree.tostring(feed, encoding="unicode") + "\n"


def _entries(update: Update) -> Iterator[etree._Element]:
    for item in items(update):
        if item.weight != "noise":
            yield _entry(update, item)


def _entry(update: Update, item: Item) -> etree._Element:
    after = update.after
    fields = [text or "" for each in item.fields for text in (each.field, each.before, each.after)]
    title = f"{after.office}: {item.heading}"
    return ATOM.entry(
        ATOM.id(stable_id(after.capture_id, item.kind, item.identity, *fields)),
        ATOM.title(xml_text(title)),
        ATOM.updated(iso(after.captured_at)),
        ATOM.category(term=item.kind),
        ATOM.category(term=item.weight),
        *links_to(item.entry.link if item.entry else after.url, "alternate"),
        *links_to(after.uri_m, "via"),
        ATOM.content(XHTML.div(*_content(update, item)), type="xhtml"),
    )


def _content(update: Update, item: Item) -> Iterator[etree._Element]:
    yield XHTML.p(xml_text(f"{page_name(update)}: {captures_in_words(update)}."))
    if item.entry:
        yield XHTML.p(xml_text(" · ".join(sentences.entry_details(item.entry))))
    if item.note:
        yield XHTML.p(xml_text(item.note))
    if item.kind == "appeared" and item.entry and item.entry.summary:
        yield XHTML.p(xml_text(item.entry.summary))
    yield from (field_paragraph(each) for each in item.fields)
