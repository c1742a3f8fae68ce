"""A comparison as JSON, schema 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ilo_archive.queries.json_types import to_json_types
from ilo_archive.text.printable import safe_json

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage
    from ilo_archive.queries.comparison import Change, Comparison

SCHEMA = 1


def render(comparison: Comparison) -> str:
    """Format the comparison as indented JSON."""
    return safe_json(json.dumps(_comparison(comparison), ensure_ascii=False, indent=2)) + "\n"


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "office": comparison.after.office,
        "from": _capture(comparison.before),
        "to": _capture(comparison.after),
        "changes": [_change(change) for change in comparison.changes],
        "unchanged": comparison.unchanged,
        "captures_between": comparison.captures_between,
        "passed": comparison.passed,
        "differs": comparison.differs,
    }


def _capture(page: Homepage) -> dict[str, Any]:
    """The citation of a capture, and the number of entries that it shows."""
    shown: dict[str, Any] = to_json_types(page)
    del shown["office"]
    return shown | {"entries": len(page.entries)}


def _change(change: Change) -> dict[str, Any]:
    entry = change.entry
    return {
        "kind": change.kind,
        "weight": change.weight,
        "entry_id": entry and entry.entry_id,
        "title": entry and entry.title,
        "fields": [to_json_types(each) for each in change.fields],
        "departure": change.departure and to_json_types(change.departure),
        "before": change.before and to_json_types(change.before),
        "after": change.after and to_json_types(change.after),
    }
