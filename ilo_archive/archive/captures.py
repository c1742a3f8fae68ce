"""Write rows of captures and of their snapshots."""

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, bindparam, delete, insert, select, text, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.dml import ReturningInsert

from ilo_archive.archive import tables as t
from ilo_archive.capture import Capture
from ilo_archive.reader.page import READER_VERSION, Page
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.times import iso

DONE = ("read", "unreadable", "skipped")
"""The states of captures that need no further work."""


def capture_row(capture: Capture) -> dict[str, Any]:
    """The columns of a capture that its listing provides."""
    return {
        "key": capture.key,
        "office": capture.place.office,
        "language": capture.place.language,
        "page": capture.place.page,
        "url": capture.url,
        "captured_at": iso(capture.captured_at),
        "precision": capture.precision,
        "archive": capture.archive,
        "uri_m": capture.uri_m,
        "status": capture.status,
        "digest": capture.digest,
    }


def listed_row(capture: Capture) -> Insert:
    """The statement that enters a capture as listed.

    Of a known capture it changes only where the capture can be looked at (archive and URI-M): if
    that is unknown, or if the capture is still to be fetched; the last listing counts.
    """
    statement = upsert(t.capture).values(capture_row(capture) | {"state": "listed"})
    location = {name: statement.excluded[name] for name in ("archive", "uri_m")}
    c = t.capture.c
    is_outdated = (c.uri_m.is_(None) | c.state.not_in(DONE)) & statement.excluded.uri_m.is_not(None)
    return statement.on_conflict_do_update(index_elements=["key"], set_=location, where=is_outdated)


def is_done(connection: Connection, capture: Capture) -> bool:
    """True if a capture needs no further work."""
    query = select(t.capture.c.state).where(t.capture.c.key == capture.key)
    if connection.scalar(query) in DONE:
        return True
    return not capture.digest and connection.scalar(_namesakes(capture)) is not None


def _namesakes(capture: Capture) -> Select[tuple[int]]:
    """Select finished captures of the page and second of a capture that is listed
    without a digest.
    """
    c = t.capture.c
    same = (c.page == capture.place.page) & (c.captured_at == iso(capture.captured_at))
    return select(c.id).where(same, c.state.in_(DONE), c.key != capture.key)


def show_namesake(connection: Connection, capture: Capture) -> bool:
    """If the same page and second is done under a digest, store this listing's URI-M there.

    Returns True in that case.
    """
    if capture.digest or connection.scalar(_namesakes(capture)) is None:
        return False
    location = {"archive": capture.archive, "uri_m": capture.uri_m}
    unknown = t.capture.c.id.in_(_namesakes(capture)) & t.capture.c.uri_m.is_(None)
    connection.execute(update(t.capture).where(unknown).values(location))
    return True


def drop_bare_listing(connection: Connection, capture: Capture) -> None:
    """Delete the row under which a capture was listed before its digest was known."""
    bare = replace(capture, digest="")
    if bare.key != capture.key:
        row = (t.capture.c.key == bare.key) & t.capture.c.warc_offset.is_(None)
        listed = select(t.listed.c.capture_id)
        connection.execute(delete(t.capture).where(row, t.capture.c.id.not_in(listed)))


def snapshot_row(snapshot: Snapshot) -> dict[str, Any]:
    """The row of a capture that was read."""
    return capture_row(snapshot.capture) | {
        "payload_digest": snapshot.payload_digest,
        "state": snapshot.state,
        "reason": snapshot.reason,
        "failure": None,
        "quality": snapshot.quality,
        "reader": READER_VERSION,
        "warc_file": snapshot.position.file,
        "warc_offset": snapshot.position.offset,
        "warc_length": snapshot.position.length,
    }


def put_capture(connection: Connection, row: Mapping[str, Any]) -> int:
    """Insert or replace the row of a capture. Returns its row id."""
    return int(connection.scalar(_put_capture_with(tuple(row)), row) or 0)


@cache
def _put_capture_with(names: tuple[str, ...]) -> ReturningInsert[tuple[int]]:
    statement = upsert(t.capture).values({name: bindparam(name) for name in names})
    new = {name: statement.excluded[name] for name in names}
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=new)
    return statement.returning(t.capture.c.id)


def forget_reading(connection: Connection, capture_id: int) -> set[int]:
    """Delete the snapshot and sightings of a capture. Returns the ids of the readings concerned."""
    parameters = {"capture": capture_id}
    stale = set(connection.scalars(_READINGS_OF_CAPTURE, parameters))
    if stale:
        connection.execute(delete(t.sighting).where(t.sighting.c.capture_id == capture_id))
    connection.execute(_DROP_SNAPSHOT, parameters)
    return stale


def put_snapshot(connection: Connection, capture_id: int, page: Page) -> None:
    """Insert the name, description and language that a page shows, and how it was read."""
    row = {
        "capture_id": capture_id,
        "name": page.office,
        "description": page.description,
        "language": page.language,
        "template": page.template,
        "warnings": json.dumps(page.warnings, ensure_ascii=False),
        "charset": page.charset.name,
        "charset_reason": page.charset.reason,
    }
    connection.execute(_INSERT_SNAPSHOT, row)


# Built once: building a statement takes SQLAlchemy ten times as long as SQLite takes for the row
# (benchmarks/growth.py).
_INSERT_SNAPSHOT = insert(t.snapshot)
_READINGS_OF_CAPTURE = text("SELECT DISTINCT reading_id FROM sighting WHERE capture_id = :capture")
_DROP_SNAPSHOT = text("DELETE FROM snapshot WHERE capture_id = :capture")
