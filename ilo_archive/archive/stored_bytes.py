"""Find where the bytes of captures are in the store."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, text, update

from ilo_archive.archive import tables as t
from ilo_archive.capture import Capture, Position
from ilo_archive.offices import PageSeries
from ilo_archive.times import from_iso, iso
from ilo_archive.warc.records import record_id


@dataclass(frozen=True, slots=True)
class KeptBody:
    """Bytes in the store: the record of a capture, and the record that contains its body."""

    position: Position
    original: Position
    payload_digest: str
    status: int


def first_position(
    connection: Connection, payload_digest: str, page: str | None = None
) -> Position | None:
    """The position at which these bytes were first stored, for a page or any page; None
    if never.
    """
    row = _first(connection, _is_stored(payload_digest, page))
    return _position(row) if row else None


def first_capture(
    connection: Connection, page: str, payload_digest: str
) -> tuple[Capture, Position] | None:
    """The capture of a page with which these bytes were first stored, with its position; a revisit
    refers to it.

    None if they were not stored.
    """
    row = _first(connection, _is_stored(payload_digest, page))
    if row is None:
        return None
    series = PageSeries(row.office, row.language, row.page)
    moment = from_iso(row.captured_at)
    capture = Capture(series, row.url, moment, row.archive, digest=row.digest)
    return capture, _position(row)


def position_of(connection: Connection, capture: Capture, payload_digest: str) -> Position | None:
    """The position of a capture's record with these bytes, recorded or orphaned; None without one.

    A killed run may have received the same capture with another body.
    """
    c, o = t.capture.c, t.orphan.c
    recorded = (
        c.key == capture.key,
        c.payload_digest == payload_digest,
        c.warc_offset.is_not(None),
        c.lost_at.is_(None),
    )
    orphaned = (o.record_id == record_id(capture, payload_digest),)
    for table, conditions in ((t.capture, recorded), (t.orphan, orphaned)):
        row = connection.execute(select(table).where(*conditions)).first()
        if row:
            return _position(row)
    return None


def body_of_listed(connection: Connection, page: str, digest: str) -> KeptBody | None:
    """The position of the body with this digest, from a capture of the page; None if it is not
    stored.
    """
    c = t.capture.c
    is_stored = (c.page == page) & c.warc_offset.is_not(None) & c.lost_at.is_(None)
    # A record with a fault may have other bytes than those whose digest it states.
    is_listed = (c.digest == digest) & c.fault.is_(None)
    found = _first(connection, is_stored & or_(is_listed, c.payload_digest == digest))
    if found is None or found.status is None:
        return None
    original = first_position(connection, found.payload_digest, page) or _position(found)
    return KeptBody(_position(found), original, found.payload_digest, found.status)


def known_ends(connection: Connection) -> dict[str, int]:
    """For each file of the store the offset behind its last known record, recorded or orphaned.

    Orphans are records that were stored without recording their captures.
    """
    ends: dict[str, int] = {}
    for table in (t.capture, t.orphan):
        c = table.c
        end = func.max(c.warc_offset + c.warc_length)
        query = select(c.warc_file, end).where(c.warc_file.is_not(None)).group_by(c.warc_file)
        for file, last in connection.execute(query):
            ends[file] = max(ends.get(file, 0), int(last))
    return ends


def recorded_ranges(connection: Connection) -> dict[str, list[tuple[int, int]]]:
    """For each file of the store the first and last offset of every recorded capture, in order."""
    ranges: dict[str, list[tuple[int, int]]] = {}
    for row in connection.execute(_RANGES):
        ranges.setdefault(row.warc_file, []).append((row.start, row.end))
    return ranges


def mark_lost(connection: Connection, position: Position, now: datetime) -> None:
    """Mark the captures whose record is at a position as lost: they are asked for again."""
    c = t.capture.c
    there = (c.warc_file == position.file) & (c.warc_offset == position.offset)
    connection.execute(update(t.capture).where(there, c.lost_at.is_(None)).values(lost_at=iso(now)))


def _is_stored(payload_digest: str, page: str | None) -> ColumnElement[bool]:
    c = t.capture.c
    condition = (c.payload_digest == payload_digest) & c.warc_offset.is_not(None)
    condition &= c.lost_at.is_(None) & c.is_revisit.is_not(1)
    return condition if page is None else condition & (c.page == page)


def _first(connection: Connection, condition: ColumnElement[bool]) -> Any:
    order = (t.capture.c.warc_file, t.capture.c.warc_offset)
    return connection.execute(select(t.capture).where(condition).order_by(*order).limit(1)).first()


def _position(row: Any) -> Position:
    return Position(row.warc_file, row.warc_offset, row.warc_length, bool(row.is_revisit))


_RANGES = text("""
SELECT warc_file, warc_offset AS start, warc_offset + warc_length AS end FROM capture
WHERE warc_offset IS NOT NULL ORDER BY warc_file, warc_offset
""")


@dataclass(frozen=True, slots=True)
class StoredBytes:
    """A capture that is stored, or was, with the digest of its bytes."""

    capture: Capture
    payload_digest: str


def stored_captures(connection: Connection, *, is_lost: bool) -> list[StoredBytes]:
    """The captures whose bytes were found to be lost, or the others that are stored, by key."""
    c = t.capture.c
    is_wanted = c.lost_at.is_not(None) if is_lost else c.lost_at.is_(None)
    query = select(t.capture).where(is_wanted, c.warc_offset.is_not(None)).order_by(c.key)
    return [
        StoredBytes(_whole_capture(row), row.payload_digest) for row in connection.execute(query)
    ]


def _whole_capture(row: Any) -> Capture:
    series = PageSeries(row.office, row.language, row.page)
    return Capture(
        series, row.url, from_iso(row.captured_at), row.archive, row.uri_m, row.status, row.digest,
        row.precision,
    )  # fmt: skip
