"""Find edits: fields whose text differs from the previous capture of the same page."""

import json
from collections.abc import Iterator, Sequence
from itertools import groupby, islice, pairwise
from typing import Any

from sqlalchemy import RowMapping

from ilo_archive.queries.answers import Edit
from ilo_archive.queries.connection import ReadOnlyArchive, typed
from ilo_archive.queries.filters import EntryFilter
from ilo_archive.queries.rows import Rows
from ilo_archive.queries.wording_changes import FieldChange, PlainWording, changed_fields
from ilo_archive.times import end_of, from_iso

_Wordings = dict[int, tuple[str, PlainWording]]
"""Wordings that were loaded already, by row id: the digest and the text."""


def find_edits(archive: ReadOnlyArchive, wanted: EntryFilter) -> Rows[Edit]:
    """Edits of the entries that are wanted, the latest first; with an office, on its own pages.

    Raises BadTimestamp, UnknownOffice.
    """
    where, values = wanted.where(archive)
    narrowed = f"AND id IN (SELECT entry_id FROM news {where})" if where else ""
    edited = archive.rows(_EDITED.format(narrowed=narrowed), values)
    found: list[tuple[RowMapping, RowMapping]] = []
    for start in range(0, len(edited), _AT_ONCE):
        entries = edited[start : start + _AT_ONCE]
        # No entry from here on was edited later than it was seen last.
        latest = entries[0]["last_seen"]
        later = sum(after["captured_at"] > latest for _, after in found)
        if wanted.limit and later >= wanted.limit:
            break
        found += _rewordings_of(archive, [row["id"] for row in entries], wanted.office)
    found.sort(key=lambda pair: (pair[1]["entry_id"], pair[1]["page"]))
    found.sort(key=lambda pair: pair[1]["captured_at"], reverse=True)
    wordings: _Wordings = {}
    edits = (edit for pair in found for edit in _edits(archive, *pair, wordings))
    return Rows(islice(edits, wanted.limit))


def _rewordings_of(
    archive: ReadOnlyArchive, entry_ids: Sequence[str], office: str | None
) -> Iterator[tuple[RowMapping, RowMapping]]:
    """Yield the rewordings of entries; with an office, on its own pages."""
    on_page = "AND capture.office = :office" if office else ""
    values = {"entries": json.dumps(entry_ids), "office": office}
    rows = archive.rows(_REWORDED.format(on_page=on_page), values)
    for _, shown in groupby(rows, key=lambda row: (row["page"], row["entry_id"])):
        yield from _rewordings(list(shown))


def _edits(
    archive: ReadOnlyArchive, before: RowMapping, after: RowMapping, wordings: _Wordings
) -> Iterator[Edit]:
    """Yield an edit for each field in which the wordings of two sightings differ."""
    (old_digest, old), (new_digest, new) = (
        _wording(archive, row["wording_id"], wordings) for row in (before, after)
    )
    for change in changed_fields(old, new):
        yield _edit(before, after, change, old_digest, new_digest)


def _edit(
    before: RowMapping, after: RowMapping, change: FieldChange, old_digest: str, new_digest: str
) -> Edit:
    entry_id = after["entry_id"]
    return Edit(
        entry_id=entry_id,
        office=after["office"],
        language=after["language"],
        page=after["page"],
        title=after["title"],
        field=change.field,
        before=change.before,
        after=change.after,
        before_at=from_iso(before["captured_at"]),
        after_at=from_iso(after["captured_at"]),
        before_revision=f"{entry_id}@{old_digest[:8]}",
        after_revision=f"{entry_id}@{new_digest[:8]}",
        before_capture=before["capture_id"],
        after_capture=after["capture_id"],
        before_uri_m=before["uri_m"],
        after_uri_m=after["uri_m"],
    )


def _wording(
    archive: ReadOnlyArchive, number: int, wordings: _Wordings
) -> tuple[str, PlainWording]:
    if number not in wordings:
        row = dict(archive.rows(_WORDING, {"id": number})[0])
        wordings[number] = (row.pop("digest"), typed(PlainWording, row))
    return wordings[number]


def _rewordings(shown: Sequence[RowMapping]) -> Iterator[tuple[RowMapping, RowMapping]]:
    """Yield the last sighting of a wording and the first of its successor.

    `shown` are the sightings of an entry on one page, by time. A page may list an entry twice, in
    two wordings; then it counts only if one of them disappeared and another one is new.
    """
    moments = [list(same) for _, same in groupby(shown, key=lambda row: row["captured_at"])]
    for before, after in pairwise(_in_known_order(moments)):
        old = {row["wording_id"] for row in before}
        new = {row["wording_id"] for row in after}
        old_row = next((row for row in before if row["wording_id"] not in new), None)
        new_row = next((row for row in after if row["wording_id"] not in old), None)
        if old_row and new_row:
            yield old_row, new_row


def _in_known_order(moments: Sequence[list[Any]]) -> Iterator[list[Any]]:
    """Yield the sightings of each moment, except moments that may be later than the next one.

    That can be if only the month or year of a capture is known.
    """
    for moment, following in zip(moments, [*moments[1:], None], strict=True):
        latest = max(end_of(from_iso(row["captured_at"]), row["precision"]) for row in moment)
        if following is None or latest <= from_iso(following[0]["captured_at"]):
            yield moment


_AT_ONCE = 500  # entries whose sightings are looked at together
_EDITED = """
SELECT id, last_seen FROM entry WHERE revisions > 1 {narrowed} ORDER BY last_seen DESC, id"""
_REWORDED = """
SELECT reading.entry_id, coalesce(reading.cut_of, reading.wording_id) AS wording_id,
       sighting.captured_at, capture.page, capture.office,
       coalesce(latest.language, capture.language) AS language, capture.key AS capture_id,
       capture.precision, capture.uri_m, latest.title
FROM reading
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
JOIN entry ON entry.id = reading.entry_id
JOIN wording AS latest ON latest.id = entry.wording_id
WHERE reading.entry_id IN (SELECT value FROM json_each(:entries))
      {on_page}
ORDER BY capture.page, reading.entry_id, sighting.captured_at, capture.key, sighting.ordinal"""
_WORDING = """
SELECT digest, kicker, title, dateline, date, date_end, place, summary
FROM wording WHERE id = :id"""
