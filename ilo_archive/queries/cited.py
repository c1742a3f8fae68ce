"""The data for a citation of an entry."""

from ilo_archive.queries.answers import Cited
from ilo_archive.queries.connection import ReadOnlyArchive, typed
from ilo_archive.queries.entry_ids import UnknownEntry, find_entry_id


def cited(archive: ReadOnlyArchive, name: str) -> Cited:
    """The last capture that shows an entry, in its latest wording or that of a revision's id.

    A wording that a page cut off is never the latest. Raises UnknownEntry.
    """
    values = {"entry": find_entry_id(archive, name), "revision": name.partition("@")[2] or None}
    rows = archive.rows(_CITED, values)
    if not rows:
        raise UnknownEntry(f"no entry {name!r}: see `ilo-archive entries`")
    row = dict(rows[0])
    known = archive.registry.offices.get(row["author"])
    printed_name = row.pop("name")
    row["author"] = printed_name or (known.name if known else row["author"])
    return typed(Cited, row)


_CITED = """
SELECT reading.entry_id, reading.entry_id || '@' || substr(wording.digest, 1, 8) AS revision_id,
       snapshot.name, capture.office AS author, wording.title, wording.date, wording.date_end,
       wording.language, sighting.link, capture.url, capture.archive, capture.uri_m,
       capture.captured_at, capture.precision, capture.fault
FROM reading
JOIN wording ON wording.id = reading.wording_id
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
LEFT JOIN snapshot ON snapshot.capture_id = capture.id
WHERE reading.entry_id = :entry AND coalesce(:revision, '') IN ('', substr(wording.digest, 1, 8))
ORDER BY reading.cut_of IS NOT NULL, capture.captured_at DESC, capture.key DESC,
         sighting.ordinal LIMIT 1"""
