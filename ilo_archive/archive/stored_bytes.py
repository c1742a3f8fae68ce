"""Find where the bytes of captures are in the store."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from ilo_archive.archive import tables as t
from ilo_archive.capture import Capture, Position
from ilo_archive.offices import PageSeries
from ilo_archive.times import from_iso
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


def first_capture(connection: Connection, page: str, payload_digest: str) -> Capture | None:
    """The capture of a page with which these bytes were first stored; a revisit refers to it.

    None if they were not stored.
    """
    row = _first(connection, _is_stored(payload_digest, page))
    if row is None:
        return None
    series = PageSeries(row.office, row.language, row.page)
    moment = from_iso(row.captured_at)
    return Capture(series, row.url, moment, row.archive, digest=row.digest)


def position_of(connection: Connection, capture: Capture, payload_digest: str) -> Position | None:
    """The position of a capture's record with these bytes, recorded or orphaned; None without one.

    A killed run may have received the same capture with another body.
    """
    c, o = t.capture.c, t.orphan.c
    recorded = c.key == capture.key, c.payload_digest == payload_digest, c.warc_offset.is_not(None)
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
    is_stored = (c.page == page) & c.warc_offset.is_not(None)
    # A record with a fault may have other bytes than those whose digest it states.
    is_listed = (c.digest == digest) & c.fault.is_(None)
    found = _first(connection, is_stored & or_(is_listed, c.payload_digest == digest))
    if found is None or found.status is None:
        return None
    original = first_position(connection, found.payload_digest, page) or _position(found)
    return KeptBody(_position(found), original, found.payload_digest, found.status)


def last_known_byte(connection: Connection, *, with_orphans: bool) -> tuple[str, int]:
    """The last file of the store that the database knows, and the offset behind its last known
    record.

    Orphans are records that a killed run stored without recording their captures.
    """
    known = (t.capture, t.orphan) if with_orphans else (t.capture,)
    ends = [each for table in known if (each := _end_of(connection, table))]
    return max(ends, default=("", 0))


def _end_of(connection: Connection, table: Table) -> tuple[str, int] | None:
    """The last file that a table refers to, and the end of its last record there; None
    without any.
    """
    c = table.c
    last_file = select(func.max(c.warc_file)).scalar_subquery()
    end = func.max(c.warc_offset + c.warc_length)
    row = connection.execute(select(c.warc_file, end).where(c.warc_file == last_file)).first()
    return (str(row[0]), int(row[1])) if row and row[0] is not None else None


def _is_stored(payload_digest: str, page: str | None) -> ColumnElement[bool]:
    c = t.capture.c
    condition = (c.payload_digest == payload_digest) & c.warc_offset.is_not(None)
    return condition if page is None else condition & (c.page == page)


def _first(connection: Connection, condition: ColumnElement[bool]) -> Any:
    order = (t.capture.c.warc_file, t.capture.c.warc_offset)
    return connection.execute(select(t.capture).where(condition).order_by(*order).limit(1)).first()


def _position(row: Any) -> Position:
    return Position(row.warc_file, row.warc_offset, row.warc_length)
