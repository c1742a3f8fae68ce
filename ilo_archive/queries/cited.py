"""What a reference to an entry, a page, a description or a capture needs."""

from collections.abc import Mapping
from typing import Any

from ilo_archive.errors import IloArchiveError
from ilo_archive.queries.answers import Cited, CitedKind, Homepage
from ilo_archive.queries.connection import ReadOnlyArchive, typed
from ilo_archive.queries.entries import PRINTED_COLUMNS
from ilo_archive.queries.entry_ids import UnknownEntry, find_entry_id
from ilo_archive.queries.filters import Day, last_moment
from ilo_archive.queries.pages import NoCapture, homepage, page_as_of

_FIRST_DIGITS = 8  # of an id at least: those of a day
_MOST_NAMED = 3  # captures that a message names


class UnknownCapture(IloArchiveError, LookupError):
    """No capture, or more than one, has this id."""


def cited_entry(archive: ReadOnlyArchive, name: str, as_of: Day | None = None) -> Cited:
    """An entry on the last capture that shows it, or the last by the end of that day, month or
    year; by the id of a revision, in that wording. One that a page cut off is never the latest.

    Raises UnknownEntry, NoCapture, BadTimestamp.
    """
    entry, revision = find_entry_id(archive, name), name.partition("@")[2] or None
    values = {"entry": entry, "revision": revision, "until": as_of and last_moment(as_of)}
    rows = archive.rows(_ENTRY, values)
    if rows:
        return _cited(archive, "entry", rows[0])
    if as_of is None or not archive.rows(_ENTRY, values | {"until": None}):
        raise UnknownEntry(f"no entry {name!r}: see `ilo-archive entries`")
    raise NoCapture(f"no capture shows {name} by {as_of}: see `ilo-archive show {entry}`")


def cited_page(
    archive: ReadOnlyArchive, office: str, as_of: Day | None = None, language: str | None = None
) -> Cited:
    """An office's page on the last good capture, or the last by the end of that day, month or
    year. Raises NoCapture, UnknownOffice, BadTimestamp.
    """
    page = _page(archive, office, as_of, language)
    return _of_capture(archive, "page", page.capture_id, "Homepage")


def cited_description(
    archive: ReadOnlyArchive, office: str, as_of: Day | None = None, language: str | None = None
) -> Cited:
    """The description of an office on that capture. Raises NoCapture, also where the capture
    prints none, UnknownOffice, BadTimestamp.
    """
    page = _page(archive, office, as_of, language)
    if page.description is None:
        raise NoCapture(f"no description on capture {page.capture_id}: see `ilo-archive profile`")
    return _of_capture(archive, "description", page.capture_id, "Description of the office")


def cited_capture(archive: ReadOnlyArchive, name: str) -> Cited:
    """A capture by its id, its URI-M, or the beginning of its id. Raises UnknownCapture."""
    is_start = len(name) >= _FIRST_DIGITS and name[:_FIRST_DIGITS].isdigit()
    values = {"name": name, "behind": f"{name}~" if is_start else name}
    found = [str(row["key"]) for row in archive.rows(_BY_NAME, values)]
    if len(found) == 1 or name in found:
        return _of_capture(archive, "capture", name if name in found else found[0], None)
    if found:
        named = ", ".join(found[:_MOST_NAMED]) + (", ..." if len(found) > _MOST_NAMED else "")
        raise UnknownCapture(f"{name!r} is the beginning of {len(found)} captures: {named}")
    raise UnknownCapture(f"no capture {name!r}: see `ilo-archive captures`")


def kept_number(archive: ReadOnlyArchive, capture_id: str) -> int | None:
    """The number of a capture whose bytes are kept, None for any other."""
    number = archive.scalar(_KEPT_NUMBER, {"name": capture_id})
    return None if number is None else int(number)


def _page(
    archive: ReadOnlyArchive, office: str, as_of: Day | None, language: str | None
) -> Homepage:
    if as_of is None:
        return homepage(archive, office, "last", "latest", language)
    return page_as_of(archive, office, as_of, language)


def _of_capture(
    archive: ReadOnlyArchive, kind: CitedKind, capture_id: str, title: str | None
) -> Cited:
    [row] = archive.rows(_CAPTURE, {"capture": capture_id})
    nothing = dict.fromkeys(("date", "date_end", "place", "link"))
    text = row["description"] if kind == "description" else None
    return _cited(archive, kind, {**row, **nothing, "title": title, "text": text})


def _cited(archive: ReadOnlyArchive, kind: CitedKind, row: Mapping[Any, Any]) -> Cited:
    """A row as a reference; the office goes by its printed name, else by that of the registry."""
    known = archive.registry.offices.get(row["office"])
    author = row["name"] or (known.name if known else row["office"])
    other = ("name", "office", "description", "ordinal")
    values = {name: value for name, value in row.items() if name not in other}
    return typed(Cited, {**values, "kind": kind, "author": author})


_OF_CAPTURE = """capture.office, snapshot.name, capture.url, capture.archive, capture.uri_m,
       capture.key AS capture_id, capture.captured_at, capture.precision, capture.fault,
       coalesce(capture.payload_digest, nullif(capture.digest, '')) AS digest"""

# A capture known to the month answers for the last day of that month, not for an earlier one.
_ENDED_BY_THEN = """
datetime(capture.captured_at, CASE capture.precision WHEN 'year' THEN '+1 year' WHEN 'month' THEN
         '+1 month' WHEN 'day' THEN '+1 day' WHEN 'minute' THEN '+1 minute' ELSE '+0 days' END)
<= datetime(:until, '+1 second')"""

_ENTRY = f"""
SELECT id, title, date, date_end, place, summary AS text, language, link, office, name, url,
       archive, uri_m, capture_id, captured_at, precision, digest, fault
FROM (SELECT reading.entry_id || '@' || substr(wording.digest, 1, 8) AS id, {PRINTED_COLUMNS},
             wording.language, sighting.link, sighting.ordinal, reading.cut_of, {_OF_CAPTURE}
      FROM reading
      JOIN wording ON wording.id = reading.wording_id
      JOIN sighting ON sighting.reading_id = reading.id
      JOIN capture ON capture.id = sighting.capture_id
      LEFT JOIN snapshot ON snapshot.capture_id = capture.id
      WHERE reading.entry_id = :entry
        AND coalesce(:revision, '') IN ('', substr(wording.digest, 1, 8))
        AND (:until IS NULL OR (capture.captured_at <= :until AND {_ENDED_BY_THEN})))
ORDER BY cut_of IS NOT NULL, captured_at DESC, capture_id DESC, ordinal LIMIT 1"""

_CAPTURE = f"""
SELECT capture.key AS id, coalesce(snapshot.language, capture.language) AS language,
       snapshot.description, {_OF_CAPTURE}
FROM capture LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE capture.key = :capture"""

_BY_NAME = """
SELECT key FROM capture WHERE (key >= :name AND key <= :behind) OR uri_m = :name
ORDER BY key LIMIT 50"""
_KEPT_NUMBER = "SELECT id FROM capture WHERE key = :name AND warc_offset IS NOT NULL"
