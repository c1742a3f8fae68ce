"""Counts of entries, sightings and good captures, by month, office, section and so on."""

from typing import Literal, get_args

from ilo_archive.queries.answers import Count
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.entries import fts_query
from ilo_archive.queries.filters import EntryFilter
from ilo_archive.queries.rows import Rows

By = Literal["month", "year", "office", "section", "language"]
GROUPINGS: tuple[By, ...] = get_args(By)

# How each grouping is read off an entry, a sighting and a capture; None where it says nothing.
_OF_ENTRY = {
    "month": "substr(news.date, 1, 7)",
    "year": "substr(news.date, 1, 4)",
    "office": "news.office",
    "section": "coalesce(news.section, '')",
    "language": "coalesce(news.language, '')",
}
_OF_SIGHTING = {
    "month": "substr(capture.captured_at, 1, 7)",
    "year": "substr(capture.captured_at, 1, 4)",
    "office": "capture.office",
    "section": "coalesce(sighting.section, '')",
    "language": "coalesce(capture.language, '')",
}


def count(
    archive: ReadOnlyArchive, by: By, wanted: EntryFilter, query: str | None = None
) -> Rows[Count]:
    """Count entries by their own date (or their office, section, language), and the sightings and
    good captures of the same month, office ... by the time of the capture.

    With `query` only entries with all its words in some wording. Raises BadTimestamp,
    UnknownOffice.
    """
    where, values = wanted.where(archive)
    matching = "1"
    if query is not None:
        values["query"] = fts_query(query) or '""'
        matching = _MATCHING
    sql = _COUNTS.format(
        entry_key=_OF_ENTRY[by],
        sighting_key=_OF_SIGHTING[by],
        where=f"{where} AND {matching}" if where else f"WHERE {matching}",
        of_wanted=_OF_WANTED if where or query is not None else "1",
        on_page="AND capture.office = :office" if wanted.office else "",
        captures_key="''" if by == "section" else _OF_SIGHTING[by],
    )
    return Rows(archive.all(Count, sql, values))


_MATCHING = """
entry_id IN (SELECT reading.entry_id FROM wording_fts
             JOIN reading ON reading.wording_id = wording_fts.rowid
             WHERE wording_fts MATCH :query)"""
_OF_WANTED = "reading.entry_id IN (SELECT entry_id FROM wanted)"
_COUNTS = """
WITH wanted AS MATERIALIZED (SELECT entry_id, date, office, section, language FROM news {where}),
     entries AS (SELECT {entry_key} AS key, count(*) AS entries
                 FROM wanted AS news WHERE {entry_key} IS NOT NULL GROUP BY 1),
     seen AS (SELECT {sighting_key} AS key, count(*) AS sightings
              FROM reading JOIN sighting ON sighting.reading_id = reading.id
              JOIN capture ON capture.id = sighting.capture_id
              WHERE {of_wanted} {on_page} GROUP BY 1),
     good AS (SELECT {captures_key} AS key, count(*) AS good_captures
              FROM capture WHERE quality = 'good' {on_page} GROUP BY 1),
     every AS (SELECT key FROM entries UNION SELECT key FROM seen)
SELECT every.key, coalesce(entries, 0) AS entries, coalesce(sightings, 0) AS sightings,
       good_captures,
       round(1.0 * coalesce(sightings, 0) / good_captures, 2) AS sightings_per_capture
FROM every
LEFT JOIN entries ON entries.key = every.key
LEFT JOIN seen ON seen.key = every.key
LEFT JOIN good ON good.key = every.key
WHERE every.key IS NOT NULL ORDER BY every.key"""
