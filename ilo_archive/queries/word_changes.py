"""Words that came or went: between two captures of a page, with both to cite.

Every wording that matches the words is followed over the good captures of each page that shows
it: where the page stops showing them, they were removed, where it starts, they were added. An
edit that keeps the words is neither, nor is a capture that proves nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, Literal

from ilo_archive.archive.tables import offset_list
from ilo_archive.queries.answers import WordChange
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.entries import fts_query, query_patterns
from ilo_archive.queries.filters import EntryFilter, first_moment, last_moment
from ilo_archive.queries.rows import Rows
from ilo_archive.text.normalise import searchable
from ilo_archive.times import end_of, from_iso

Direction = Literal["added", "removed"]
_Row = Mapping[Any, Any]


def find_word_changes(
    archive: ReadOnlyArchive, query: str, direction: Direction, wanted: EntryFilter
) -> Rows[WordChange]:
    """Where entries with all these words came onto a page, or left it, the latest first.

    `wanted` narrows by office and language; `since` and `until` bound the later of the two
    captures, `limit` the number of changes. Raises BadTimestamp, UnknownOffice.
    """
    archive.check_office(wanted.office)
    matched = fts_query(query)
    if not matched:
        return Rows()
    values = {"query": matched, "office": wanted.office, "language": wanted.language}
    rows = [*archive.rows(_OBSERVED, values), *_stated(archive, query, wanted)]
    changes = [
        change
        for _, observed in groupby(
            rows, key=lambda row: (row["page"], row["field"], row["entry_id"])
        )
        for change in _changes(list(observed), direction)
        if _is_within(change, wanted)
    ]
    changes.sort(key=lambda each: (each.entry_id or "", each.field, each.page))
    changes.sort(key=lambda each: each.after_at, reverse=True)
    return Rows(changes[: wanted.limit])


def _changes(rows: Sequence[_Row], direction: Direction) -> Iterator[WordChange]:
    """The changes of one entry on one page, from its good captures by time."""
    for before, after in pairwise(_moments(rows)):
        given, taken = (before, after) if direction == "removed" else (after, before)
        in_order = end_of(from_iso(before["captured_at"]), before["precision"])
        if given["shows"] and not taken["shows"] and in_order <= from_iso(after["captured_at"]):
            yield _change(direction, before, after, given)


def _moments(rows: Sequence[_Row]) -> list[_Row]:
    """One row for each moment: of two captures of one second the one that shows the words."""
    same = groupby(rows, key=lambda row: row["captured_at"])
    return [max(each, key=lambda row: row["shows"]) for _, each in same]


def _change(direction: Direction, before: _Row, after: _Row, shown: _Row) -> WordChange:
    return WordChange(
        change=direction,
        field=shown["field"],
        entry_id=shown["entry_id"],
        office=shown["office"],
        language=shown["language"],
        page=shown["page"],
        kicker=shown["kicker"],
        title=shown["title"],
        summary=shown["summary"],
        still_listed=bool(before["listed"] and after["listed"]),
        before_at=from_iso(before["captured_at"]),
        after_at=from_iso(after["captured_at"]),
        before_capture=before["capture_id"],
        after_capture=after["capture_id"],
        before_uri_m=before["uri_m"],
        after_uri_m=after["uri_m"],
    )


def _is_within(change: WordChange, wanted: EntryFilter) -> bool:
    since = first_moment(wanted.since) if wanted.since else change.after_at
    until = last_moment(wanted.until) if wanted.until else change.after_at
    return since <= change.after_at <= until


def _stated(archive: ReadOnlyArchive, query: str, wanted: EntryFilter) -> Iterator[_Row]:
    """The good captures of each page, as rows like those of entries: whether the name or the
    description of the office has the words.
    """
    values = {"office": wanted.office, "language": wanted.language}
    patterns = query_patterns(query)
    for row in archive.rows(_STATED, values):
        text = searchable(row["text"] or "")
        shows = all(pattern.search(text) for pattern in patterns)
        yield {**row, "title": row["text"], "shows": shows, "listed": row["text"] is not None}


# Names and descriptions on the good captures of each page.
_STATED = f"""
SELECT field.name AS field, NULL AS entry_id, c.page, c.office,
       coalesce(s.language, c.language) AS language, c.key AS capture_id, c.captured_at,
       c.precision, c.uri_m, NULL AS kicker, NULL AS summary,
       CASE field.name WHEN 'name' THEN s.name ELSE s.description END AS text
FROM capture AS c JOIN snapshot AS s ON s.capture_id = c.id,
     (SELECT 'name' AS name UNION ALL SELECT 'description') AS field
WHERE c.quality = 'good' AND NOT {offset_list("c.page")}
  AND (:office IS NULL OR c.office = :office)
  AND (:language IS NULL OR coalesce(s.language, c.language) = :language)
ORDER BY c.page, field.name, c.captured_at, c.key"""

# Good captures of every page that showed a matching wording of an entry: whether each shows the
# entry in a matching wording (`shows`), or at all (`listed`).
_OBSERVED = f"""
WITH matching AS MATERIALIZED
     (SELECT rowid AS wording_id FROM wording_fts WHERE wording_fts MATCH :query),
     -- A wording that a page cut off counts as the whole one.
     whole AS (SELECT id, entry_id, coalesce(cut_of, wording_id) AS wording_id FROM reading),
     shown AS MATERIALIZED
     (SELECT sighting.capture_id, reading.entry_id, capture.page,
             max(reading.wording_id IN (SELECT wording_id FROM matching)) AS shows,
             max(CASE WHEN reading.wording_id IN (SELECT wording_id FROM matching)
                 THEN reading.wording_id END) AS wording_id
      FROM whole AS reading JOIN sighting ON sighting.reading_id = reading.id
      JOIN capture ON capture.id = sighting.capture_id
      WHERE reading.entry_id IN (SELECT entry_id FROM reading
                                 WHERE wording_id IN (SELECT wording_id FROM matching))
        AND capture.quality = 'good' AND NOT {offset_list("capture.page")}
        AND (:office IS NULL OR capture.office = :office)
      GROUP BY sighting.capture_id, reading.entry_id),
     series AS (SELECT DISTINCT entry_id, page FROM shown WHERE shows)
SELECT 'entry' AS field, series.entry_id, c.page, c.office,
       coalesce(w.language, c.language) AS language,
       c.key AS capture_id, c.captured_at, c.precision, c.uri_m, coalesce(shown.shows, 0) AS shows,
       shown.capture_id IS NOT NULL AS listed, w.kicker, w.title, w.summary
FROM series
JOIN capture AS c ON c.page = series.page AND c.quality = 'good'
LEFT JOIN shown ON shown.capture_id = c.id AND shown.entry_id = series.entry_id
LEFT JOIN wording AS w ON w.id = shown.wording_id
WHERE (:language IS NULL OR series.entry_id IN
       (SELECT entry.id FROM entry JOIN wording ON wording.id = entry.wording_id
        WHERE wording.language = :language))
ORDER BY c.page, series.entry_id, c.captured_at, c.key"""
