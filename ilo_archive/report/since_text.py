"""What changed since a run or a day, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ilo_archive.queries.json_types import to_json_types
from ilo_archive.report import sentences
from ilo_archive.report.updates import (
    Item,
    captures_in_words,
    in_one_line,
    items,
    marked_words,
    page_name,
)
from ilo_archive.text.printable import safe_json
from ilo_archive.times import iso

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage
    from ilo_archive.queries.since import Since, Update

SCHEMA = 1


def as_text(since: Since) -> str:
    """Format the updates page by page and item by item, each with its weight; one line if there
    are none.
    """
    return "\n".join(_lines(sentences.safe(since))) + "\n"


def _lines(since: Since) -> Iterator[str]:
    yield sentences.capitalized(in_one_line(since))
    for update in since.updates:
        yield ""
        yield f"{page_name(update)}: {captures_in_words(update)}"
        for item in items(update):
            yield from _item(item)


def _item(item: Item) -> Iterator[str]:
    name = f" ({item.entry.entry_id})" if item.entry else ""
    yield f"  {item.weight}  {item.heading}{name}"
    if item.note:
        yield f"         {item.note}"
    for field in item.fields:
        yield f"         {field.field}: {marked_words(field)}"


def as_json(since: Since) -> str:
    """Format the updates for programs, schema 1."""
    found = {
        "schema": SCHEMA,
        "since": iso(since.moment),
        "captures": since.captures,
        "differs": since.differs,
        "updates": [_update(each) for each in since.updates],
    }
    return safe_json(json.dumps(found, ensure_ascii=False, indent=2)) + "\n"


def _update(update: Update) -> dict[str, Any]:
    return {
        "office": update.after.office,
        "page": update.after.page,
        "from": update.before and _capture(update.before),
        "to": _capture(update.after),
        "layout": update.layout and list(update.layout),
        "changes": [_change(each) for each in items(update)],
    }


def _capture(page: Homepage) -> dict[str, Any]:
    shown: dict[str, Any] = to_json_types(page)
    return shown | {"entries": len(page.entries)}


def _change(item: Item) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "weight": item.weight,
        "entry_id": item.entry and item.entry.entry_id,
        "subject": item.subject,
        "note": item.note or None,
        "fields": [to_json_types(each) for each in item.fields],
    }
