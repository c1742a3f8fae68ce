"""Stored captures: the positions of their bytes, and what was read from them."""

import json
from collections.abc import Iterator

from sqlalchemy import RowMapping

from ilo_archive.archive import stored_bytes
from ilo_archive.archive.stored_bytes import first_position
from ilo_archive.capture import Capture, Position
from ilo_archive.offices import PageSeries
from ilo_archive.queries.answers import (
    BadRow,
    RecordedEntry,
    RecordedPage,
    RecordRow,
    StoredCapture,
)
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.entries import PRINTED_COLUMNS
from ilo_archive.times import from_iso


def kept_captures(archive: ReadOnlyArchive, office: str | None = None) -> list[int]:
    """The row ids of captures whose bytes are stored, by time. Raises UnknownOffice."""
    archive.check_office(office)
    return [int(row["id"]) for row in archive.rows(_KEPT, {"office": office})]


def stored_capture(archive: ReadOnlyArchive, number: int) -> StoredCapture:
    """A stored capture, by its row id, with what was read from it."""
    row = archive.rows(_STORED, {"number": number})[0]
    place = (row["warc_file"], row["warc_offset"], row["warc_length"])
    position = Position(*place, bool(row["is_revisit"]))
    digest = row["payload_digest"]
    return StoredCapture(
        capture=_capture(row),
        payload_digest=digest,
        position=position,
        original=first_position(archive.connection, digest, row["page"]) or position,
        reader=row["reader"],
        reading=_recorded_page(archive, number, row),
        fault=row["fault"],
    )


def record_rows(archive: ReadOnlyArchive) -> Iterator[RecordRow | BadRow]:
    """Yield the rows of stored captures by time; one that makes no sense stops no other."""
    for row in archive.rows(_RECORD_ROWS):
        try:
            place = (row["warc_file"], row["warc_offset"], row["warc_length"])
            position = Position(*place, bool(row["is_revisit"]))
            found = RecordRow(_capture(row), row["payload_digest"], position)
        except (LookupError, TypeError, ValueError) as error:
            yield BadRow(row["id"], repr(error))
        else:
            yield found


def recorded_ranges(archive: ReadOnlyArchive) -> dict[str, list[tuple[int, int]]]:
    """For each file of the store the offsets of every recorded capture and behind it, in order."""
    return stored_bytes.recorded_ranges(archive.connection)


def recorded_positions(archive: ReadOnlyArchive) -> list[Position]:
    """The records of captures, in store order."""
    return [Position(*row.values()) for row in archive.rows(_POSITIONS)]


def known_ends(archive: ReadOnlyArchive) -> dict[str, int]:
    """For each file of the store the offset behind the last record that the archive knows."""
    return stored_bytes.known_ends(archive.connection)


def whole_keys(archive: ReadOnlyArchive) -> set[str]:
    """The keys of the captures whose bytes are stored and not known to be lost."""
    return {str(row["key"]) for row in archive.rows(_WHOLE)}


def first_position_of(archive: ReadOnlyArchive, payload_digest: str) -> Position | None:
    """The position at which these bytes were first stored, for any address; None if never."""
    return first_position(archive.connection, payload_digest)


def _capture(row: RowMapping) -> Capture:
    return Capture(
        place=PageSeries(row["office_slug"], row["listed_language"], row["page"]),
        captured_at=from_iso(row["captured_at"]),
        **{name: row[name] for name in _CAPTURE_FIELDS},
    )


def _recorded_page(archive: ReadOnlyArchive, number: int, row: RowMapping) -> RecordedPage:
    return RecordedPage(
        warnings=tuple(json.loads(row["warnings"] or "[]")),
        entries=tuple(archive.all(RecordedEntry, _RECORDED_ENTRIES, {"number": number})),
        **{name: row[name] for name in _PAGE_FIELDS},
    )


_CAPTURE_FIELDS = ("url", "archive", "uri_m", "status", "digest", "precision", "crawl")
_PAGE_FIELDS = (
    "state", "quality", "reason", "template", "language", "office", "description", "charset",
    "charset_reason",
)  # fmt: skip

_KEPT = """
SELECT id FROM capture
WHERE warc_offset IS NOT NULL AND (:office IS NULL OR office = :office)
ORDER BY captured_at, key"""

_WHOLE = "SELECT key FROM capture WHERE warc_offset IS NOT NULL AND lost_at IS NULL"

_POSITIONS = """
SELECT warc_file, warc_offset, warc_length FROM capture
WHERE warc_offset IS NOT NULL AND lost_at IS NULL ORDER BY warc_file, warc_offset"""

_RECORD_ROWS = """
SELECT id, office AS office_slug, language AS listed_language, page, url, captured_at, precision,
       archive, uri_m, status, digest, payload_digest, crawl,
       warc_file, warc_offset, warc_length, is_revisit
FROM capture WHERE warc_offset IS NOT NULL ORDER BY captured_at, key"""

_STORED = """
SELECT capture.office AS office_slug, capture.language AS listed_language, capture.page,
       capture.url, capture.captured_at, capture.precision, capture.archive, capture.uri_m,
       capture.status, capture.digest, capture.payload_digest, capture.reader,
       capture.crawl, capture.fault,
       capture.warc_file, capture.warc_offset, capture.warc_length, capture.is_revisit,
       capture.state, capture.quality, capture.reason, snapshot.template, snapshot.language,
       snapshot.name AS office, snapshot.description, snapshot.warnings, snapshot.charset,
       snapshot.charset_reason
FROM capture LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE capture.id = :number"""

_RECORDED_ENTRIES = f"""
SELECT sighting.section, sighting.position, {PRINTED_COLUMNS}, sighting.link, sighting.image,
       sighting.credit, sighting.credit_holder, sighting.credit_agency, sighting.credit_year
FROM sighting
JOIN reading ON reading.id = sighting.reading_id
JOIN wording ON wording.id = reading.wording_id
WHERE sighting.capture_id = :number ORDER BY sighting.ordinal"""
