"""Sightings: the entries of a page, each in its wording and under its keys."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.decisions import SightingOnPage, apply_to_capture
from ilo_archive.archive.wordings import next_id, put_wordings
from ilo_archive.capture import Capture
from ilo_archive.identity.keys import EntryKeys, entry_keys, wording_digest
from ilo_archive.offices import Registry
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page, Section
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.times import iso


@dataclass(slots=True)
class PageEntry:
    """An entry of the page at hand, with what it goes by in the archive."""

    section: Section
    entry: Entry
    keys: EntryKeys
    wording: dict[str, Any]
    reading_id: int = 0


def page_entries(snapshot: Snapshot, page: Page, registry: Registry) -> Iterable[PageEntry]:
    """The entries of a page with their wordings and keys, in the order of the page."""
    place = snapshot.capture.place
    language = page.language or place.language  # a page of a few names tells none
    for section, entry in page.entries:
        yield PageEntry(
            section,
            entry,
            entry_keys(entry, language, place.office, registry),
            _wording_row(entry, language, snapshot.capture),
        )


def _wording_row(entry: Entry, language: str | None, capture: Capture) -> dict[str, Any]:
    printed = {name: _text(getattr(entry, name)) for name in t.PRINTED}
    fixed = {"digest": wording_digest(entry, language), "language": language}
    return {**printed, **fixed, "printed_at": iso(capture.captured_at)}


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def apply_decisions(
    connection: Connection, capture_key: str, seen: Sequence[PageEntry]
) -> set[int]:
    """Let a researcher's decisions on sightings of a capture take hold; the readings that a
    decision left because of it.
    """
    spots = [
        SightingOnPage(ordinal, each.keys, each.wording["digest"])
        for ordinal, each in enumerate(seen, start=1)
    ]
    splits, left = apply_to_capture(connection, capture_key, spots)
    for ordinal, name in splits.items():
        seen[ordinal - 1].keys = EntryKeys(None, name)
    return left


def put_sightings(
    connection: Connection, capture_id: int, capture: Capture, seen: Sequence[PageEntry]
) -> set[int]:
    """Enter the sightings of a capture; the wordings whose likeness moved with their print."""
    moved: set[int] = set()
    prints = put_wordings(connection, [each.wording for each in seen], moved)
    _put_readings(connection, seen, [wording_id for wording_id, _ in prints])
    rows = []
    for ordinal, (each, (_, printed)) in enumerate(zip(seen, prints, strict=True), start=1):
        credit = each.entry.credit
        rows.append(
            {
                "capture_id": capture_id,
                "ordinal": ordinal,
                "reading_id": each.reading_id,
                "captured_at": iso(capture.captured_at),
                "section": each.section.heading,
                "position": each.entry.position,
                "link": each.entry.link,
                "image": each.entry.image,
                "credit": credit and credit.text,
                "credit_holder": credit and credit.holder,
                "credit_agency": credit and credit.agency,
                "credit_year": credit and credit.year,
                "printed": printed,
            }
        )
    if rows:
        connection.execute(_INSERT_SIGHTING, rows)
    return moved


def _put_readings(
    connection: Connection, seen: Sequence[PageEntry], wording_ids: Sequence[int]
) -> None:
    """Give each entry of the page the reading of its names in its wording."""
    found = connection.execute(_READINGS, {"wordings": json.dumps(wording_ids)})
    held = {(row.strong, row.weak, row.wording_id): int(row.id) for row in found}
    new: list[dict[str, Any]] = []
    following = next_id(connection, t.reading)
    for each, wording_id in zip(seen, wording_ids, strict=True):
        key = (each.keys.item_key or "", each.keys.title_key, wording_id)
        if key not in held:
            held[key] = following + len(new)
            values = (held[key], *key, "")
            new.append(dict(zip(_READING_COLUMNS, values, strict=True)))
        each.reading_id = held[key]
    if new:
        connection.execute(_INSERT_READING, new)


_INSERT_SIGHTING = insert(t.sighting)
_INSERT_READING = insert(t.reading)
_READING_COLUMNS = ("id", "strong", "weak", "wording_id", "entry_id")
_READINGS = text("""
SELECT id, strong, weak, wording_id FROM reading
WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
