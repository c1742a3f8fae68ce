"""Write sightings: the entries of a page, each with its wording and keys."""

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
    """An entry of the page being recorded, with its keys and its row of `wording`."""

    section: Section
    entry: Entry
    keys: EntryKeys
    wording: dict[str, Any]
    reading_id: int = 0


def page_entries(snapshot: Snapshot, page: Page, registry: Registry) -> Iterable[PageEntry]:
    """Yield the entries of a page with their wordings and keys, in page order."""
    series = snapshot.capture.place
    language = page.language or series.language  # a page of few words has no detectable one
    for section, entry in page.entries:
        yield PageEntry(
            section,
            entry,
            entry_keys(entry, language, series.office, registry),
            _wording_row(entry, language, snapshot.capture),
        )


def _wording_row(entry: Entry, language: str | None, capture: Capture) -> dict[str, Any]:
    printed = {name: _text(getattr(entry, name)) for name in t.PRINTED}
    fixed = {"digest": wording_digest(entry, language), "language": language}
    return {**printed, **fixed, "printed_at": iso(capture.captured_at)}


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def apply_decisions(
    connection: Connection, capture_key: str, entries: Sequence[PageEntry]
) -> set[int]:
    """Apply a researcher's decisions to the sightings of a capture.

    Returns the ids of readings that a decision no longer refers to.
    """
    sightings = [
        SightingOnPage(ordinal, each.keys, each.wording["digest"])
        for ordinal, each in enumerate(entries, start=1)
    ]
    splits, released = apply_to_capture(connection, capture_key, sightings)
    for ordinal, name in splits.items():
        entries[ordinal - 1].keys = EntryKeys(None, name)
    return released


def put_sightings(
    connection: Connection, capture_id: int, capture: Capture, entries: Sequence[PageEntry]
) -> set[int]:
    """Insert the sightings of a capture. Returns the ids of wordings whose similarities changed."""
    rescored: set[int] = set()
    prints = put_wordings(connection, [page_entry.wording for page_entry in entries], rescored)
    _put_readings(connection, entries, [wording_id for wording_id, _ in prints])
    rows = []
    for ordinal, (page_entry, (_, printed)) in enumerate(
        zip(entries, prints, strict=True), start=1
    ):
        credit = page_entry.entry.credit
        rows.append(
            {
                "capture_id": capture_id,
                "ordinal": ordinal,
                "reading_id": page_entry.reading_id,
                "captured_at": iso(capture.captured_at),
                "section": page_entry.section.heading,
                "position": page_entry.entry.position,
                "link": page_entry.entry.link,
                "image": page_entry.entry.image,
                "credit": credit and credit.text,
                "credit_holder": credit and credit.holder,
                "credit_agency": credit and credit.agency,
                "credit_year": credit and credit.year,
                "printed": printed,
            }
        )
    if rows:
        connection.execute(_INSERT_SIGHTING, rows)
    return rescored


def _put_readings(
    connection: Connection, entries: Sequence[PageEntry], wording_ids: Sequence[int]
) -> None:
    """Set the reading of each entry: the row with its keys and its wording."""
    found = connection.execute(_READINGS, {"wordings": json.dumps(wording_ids)})
    ids = {(row.strong, row.weak, row.wording_id): int(row.id) for row in found}
    new: list[dict[str, Any]] = []
    following = next_id(connection, t.reading)
    for page_entry, wording_id in zip(entries, wording_ids, strict=True):
        key = (page_entry.keys.item_key or "", page_entry.keys.title_key, wording_id)
        if key not in ids:
            ids[key] = following + len(new)
            values = (ids[key], *key, "")
            new.append(dict(zip(_READING_COLUMNS, values, strict=True)))
        page_entry.reading_id = ids[key]
    if new:
        connection.execute(_INSERT_READING, new)


_INSERT_SIGHTING = insert(t.sighting)
_INSERT_READING = insert(t.reading)
_READING_COLUMNS = ("id", "strong", "weak", "wording_id", "entry_id")
_READINGS = text("""
SELECT id, strong, weak, wording_id FROM reading
WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
