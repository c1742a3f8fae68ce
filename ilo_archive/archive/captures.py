"""Write rows of captures and of their snapshots."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sqlalchemy import Connection, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.batch import BatchCapture
from ilo_archive.archive.database import insert_rows, json_array
from ilo_archive.archive.retries import NO_ATTEMPTS
from ilo_archive.capture import Capture
from ilo_archive.reader.page import READER_VERSION
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
        "crawl": capture.crawl,
        "redirected_from": capture.redirected_from,
    }


def list_captures(connection: Connection, captures: Sequence[Capture]) -> list[Capture]:
    """Store captures as listed. Returns those that still need work, each once.

    Of a known capture only its location changes (archive and URI-M): if that is unknown, or if the
    capture is still to be fetched; the last listing counts. A capture listed without a
    digest, as in TimeMaps, is finished if any capture of its page and second is; that one gets the
    URI-M if it has none.
    """
    by_key = {each.key: each for each in captures}
    namesakes = _namesakes(connection, by_key.values())
    put_listed(connection, [each for key, each in by_key.items() if key not in namesakes])
    located = [
        (by_key[key].archive, by_key[key].uri_m, number) for key, number in namesakes.items()
    ]
    if located:
        connection.exec_driver_sql(_LOCATE, located)
    finished = set(connection.scalars(_FINISHED, {"keys": json_array(by_key)}))
    return [each for key, each in by_key.items() if key not in finished | namesakes.keys()]


def put_listed(connection: Connection, captures: Iterable[Capture]) -> None:
    """Store captures as listed, each under its own key."""
    rows = [capture_row(each) | {"state": "listed"} for each in captures]
    if rows:
        values = [tuple(row.values()) for row in rows]
        connection.exec_driver_sql(_list_with(tuple(rows[0])), values)


def finished_keys(connection: Connection, captures: Iterable[Capture]) -> set[str]:
    """The keys of the captures that need no further work."""
    by_key = {each.key: each for each in captures}
    finished = set(connection.scalars(_FINISHED, {"keys": json_array(by_key)}))
    return finished | _namesakes(connection, by_key.values()).keys()


def is_faulty(connection: Connection, capture: Capture) -> bool:
    """True if a capture was recorded from a record with a fault."""
    return bool(connection.scalar(_FAULT, {"key": capture.key}))


def _namesakes(connection: Connection, captures: Iterable[Capture]) -> dict[str, int]:
    """By the key of a capture without a digest, the row id of a finished capture of the same page
    and second.
    """
    bare = {
        (each.place.page, iso(each.captured_at)): each.key for each in captures if not each.digest
    }
    if not bare:
        return {}
    parameters = {"pairs": json_array(bare)}
    rows = connection.execute(_SAME_SECOND, parameters)
    return {key: int(row.id) for row in rows if (key := bare[row.page, row.captured_at]) != row.key}


@cache
def _list_with(names: tuple[str, ...]) -> str:
    return (
        f"INSERT INTO capture ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        " ON CONFLICT (key) DO UPDATE SET archive = excluded.archive, uri_m = excluded.uri_m,"
        " crawl = excluded.crawl,"
        # What one archive fails to return may be had from another one at once.
        " retry_at = CASE WHEN capture.archive = excluded.archive THEN capture.retry_at END"
        " WHERE excluded.uri_m IS NOT NULL"
        f" AND (capture.uri_m IS NULL OR capture.state NOT IN {DONE})"
    )


def drop_bare_listings(connection: Connection, captures: Iterable[Capture]) -> None:
    """Delete the rows under which captures were listed before their digests were known."""
    bare = [replace(each, digest="").key for each in captures if each.digest]
    if bare:
        connection.execute(_DROP_BARE, {"keys": json_array(bare)})


def snapshot_row(snapshot: Snapshot, run_id: int) -> dict[str, Any]:
    """The row of a capture that a run read."""
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
        "fault": snapshot.fault,
        "lost_at": None,
        "is_revisit": int(snapshot.position.is_revisit),
        "run_id": run_id,
        **NO_ATTEMPTS,
    }


def put_captures(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Insert or replace rows of captures, all with the same columns. Returns their ids by key."""
    if not rows:
        return {}
    names = tuple(rows[0])
    values = [tuple(row[name] for name in names) for row in rows]
    connection.exec_driver_sql(_put_captures_with(names), values)
    keys = json_array([row["key"] for row in rows])
    return {row.key: int(row.id) for row in connection.execute(_IDS, {"keys": keys})}


@cache
def _put_captures_with(names: tuple[str, ...]) -> str:
    updates = ", ".join(map(_update_of, (name for name in names if name != "key")))
    return (
        f"INSERT INTO capture ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT (key) DO UPDATE SET {updates}"
    )


def _update_of(name: str) -> str:
    """The update of a column of a known capture. A crawl or redirect that is known stays so: stored
    bytes, which are read again, do not name it.
    """
    if name in ("crawl", "redirected_from"):
        return f"{name} = coalesce(excluded.{name}, capture.{name})"
    return f"{name} = excluded.{name}"


def forget_readings(connection: Connection, capture_ids: Iterable[int]) -> set[int]:
    """Delete the snapshots and sightings of captures. Returns the ids of the readings concerned."""
    parameters = {"captures": json_array([*capture_ids])}
    stale = set(connection.scalars(_READINGS_OF_CAPTURES, parameters))
    if stale:
        connection.execute(_DROP_SIGHTINGS, parameters)
    connection.execute(_DROP_SNAPSHOTS, parameters)
    return stale


def put_snapshots(connection: Connection, captures: Iterable[BatchCapture]) -> None:
    """Insert the name, description and language of pages, and how they were read."""
    rows = [
        (
            each.id, page.office, page.description, page.language, page.template,
            json.dumps(page.warnings, ensure_ascii=False), page.charset.name, page.charset.reason,
        )
        for each in captures
        if (page := each.snapshot.page)
    ]  # fmt: skip
    insert_rows(connection, t.snapshot, rows)


_LOCATE = "UPDATE capture SET archive = ?, uri_m = ? WHERE id = ? AND uri_m IS NULL"
_FINISHED = text(f"""
SELECT key FROM capture WHERE key IN (SELECT value FROM json_each(:keys)) AND state IN {DONE}
  AND lost_at IS NULL
""")
_FAULT = text("SELECT fault FROM capture WHERE key = :key")
_SAME_SECOND = text(f"""
SELECT capture.id, capture.key, capture.page, capture.captured_at
FROM json_each(:pairs) AS pair
CROSS JOIN capture ON capture.page = json_extract(pair.value, '$[0]')
                  AND capture.captured_at = json_extract(pair.value, '$[1]')
WHERE capture.state IN {DONE} AND capture.lost_at IS NULL ORDER BY capture.key DESC
""")
_IDS = text("SELECT key, id FROM capture WHERE key IN (SELECT value FROM json_each(:keys))")
_DROP_BARE = text("""
DELETE FROM capture WHERE key IN (SELECT value FROM json_each(:keys)) AND warc_offset IS NULL
  AND id NOT IN (SELECT capture_id FROM listed)
""")
_READINGS_OF_CAPTURES = text("""
SELECT DISTINCT reading_id FROM sighting
WHERE capture_id IN (SELECT value FROM json_each(:captures))
""")
_DROP_SIGHTINGS = text("""
DELETE FROM sighting WHERE capture_id IN (SELECT value FROM json_each(:captures))
""")
_DROP_SNAPSHOTS = text("""
DELETE FROM snapshot WHERE capture_id IN (SELECT value FROM json_each(:captures))
""")
