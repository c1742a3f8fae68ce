"""Write sightings: the entries of a page, each with its wording and keys."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.batch import BatchCapture, PageEntry
from ilo_archive.archive.database import insert_rows
from ilo_archive.archive.decisions import SightingOnPage, apply_to_capture
from ilo_archive.archive.wordings import next_id, put_wordings
from ilo_archive.identity.keys import EntryKeys, entry_keys, wording_digest
from ilo_archive.offices import Registry
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import Page
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.times import iso

_REMEMBERED = 50_000  # entries: some 50 MB, the entries of a thousand pages


class KeysOfEntries:
    """The keys and wordings of entries, computed once for an entry that many captures show."""

    def __init__(self, registry: Registry) -> None:
        """`registry` says which links lead to the same item."""
        self._registry = registry
        self._computed = lru_cache(maxsize=_REMEMBERED)(self._compute)

    def page_entries(self, snapshot: Snapshot, page: Page) -> Iterator[PageEntry]:
        """Yield the entries of a page with their wordings and keys, in page order."""
        series = snapshot.capture.place
        language = page.language or series.language  # a page of few words has no detectable one
        printed_at = iso(snapshot.capture.captured_at)
        for section, entry in page.entries:
            # What differs from capture to capture takes no part in keys and wording.
            plain = replace(entry, position=0, credit=None, image=None)
            keys, wording = self._computed(plain, language, series.office)
            yield PageEntry(section, entry, keys, {**wording, "printed_at": printed_at})

    def _compute(
        self, entry: Entry, language: str | None, office: str
    ) -> tuple[EntryKeys, dict[str, Any]]:
        printed = {name: _text(getattr(entry, name)) for name in t.PRINTED}
        fixed = {"digest": wording_digest(entry, language), "language": language}
        return entry_keys(entry, language, office, self._registry), {**printed, **fixed}


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def apply_decisions(connection: Connection, captures: Sequence[BatchCapture]) -> set[int]:
    """Apply a researcher's decisions to the sightings of captures.

    Returns the ids of readings that a decision no longer refers to.
    """
    released: set[int] = set()
    if connection.execute(_ANY_DECISION).first() is None:
        return released
    for capture in captures:
        sightings = [
            SightingOnPage(ordinal, each.keys, each.wording["digest"])
            for ordinal, each in enumerate(capture.entries, start=1)
        ]
        splits, left = apply_to_capture(connection, capture.snapshot.capture.key, sightings)
        released |= left
        for ordinal, name in splits.items():
            capture.entries[ordinal - 1].keys = EntryKeys(None, name)
    return released


def put_sightings(
    connection: Connection, captures: Sequence[BatchCapture]
) -> tuple[set[int], list[dict[str, Any]]]:
    """Insert the sightings of captures, with their wordings and readings.

    Returns the ids of wordings whose similarities changed, and the rows of new wordings, which are
    not compared with others yet.
    """
    rescored: set[int] = set()
    entries = [each for capture in captures for each in capture.entries]
    forms, new = put_wordings(connection, [each.wording for each in entries], rescored)
    for each, (wording_id, _) in zip(entries, forms, strict=True):
        each.wording_id = wording_id
    _put_readings(connection, entries)
    printed = iter(form for _, form in forms)
    rows = [
        (*_sighting_row(capture, ordinal, each, next(printed)), _ends_page(capture, ordinal))
        for capture in captures
        for ordinal, each in enumerate(capture.entries, start=1)
    ]
    insert_rows(connection, t.sighting, rows)
    return rescored, new


def _sighting_row(
    capture: BatchCapture, ordinal: int, found: PageEntry, printed: str | None
) -> tuple[Any, ...]:
    """A row of `sighting` but for its last column, in the order of the columns."""
    entry, credit = found.entry, found.entry.credit
    at = (capture.id, ordinal, found.reading_id, found.wording["printed_at"])
    credited = (credit.text, credit.holder, credit.agency, credit.year) if credit else _NO_CREDIT
    place = (found.section.heading, entry.position, entry.link, entry.image)
    return (*at, *place, *credited, printed)


_NO_CREDIT = (None, None, None, None)
_PARTIAL_CONTENT = 206


def _ends_page(capture: BatchCapture, ordinal: int) -> int | None:
    """1 if the page ends within this entry: it is the last one of a text or of a cut page."""
    snapshot = capture.snapshot
    is_cut = snapshot.capture.status == _PARTIAL_CONTENT
    if snapshot.page and (is_cut or snapshot.page.ends_in_entry):
        return 1 if ordinal == len(capture.entries) else None
    return None


def _put_readings(connection: Connection, entries: Sequence[PageEntry]) -> None:
    """Set the reading of each entry: the row with its keys and its wording."""
    wordings = {each.wording_id for each in entries}
    found = connection.execute(_READINGS, {"wordings": json.dumps([*wordings])})
    ids = {(row.strong, row.weak, row.wording_id): int(row.id) for row in found}
    new: list[tuple[Any, ...]] = []
    following = next_id(connection, t.reading)
    for each in entries:
        key = (each.keys.item_key or "", each.keys.title_key, each.wording_id)
        if key not in ids:
            ids[key] = following + len(new)
            new.append((ids[key], *key, "", None, None, None, None))
        each.reading_id = ids[key]
    insert_rows(connection, t.reading, new)


_ANY_DECISION = text("SELECT 1 FROM decision LIMIT 1")
_READINGS = text("""
SELECT id, strong, weak, wording_id FROM reading
WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
