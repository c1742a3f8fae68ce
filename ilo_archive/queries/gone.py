"""Entries that are gone: absent from a later good capture of their page."""

from ilo_archive.archive.tables import offset_list
from ilo_archive.queries.answers import GoneEntry
from ilo_archive.queries.connection import ReadOnlyArchive, columns
from ilo_archive.queries.filters import EntryFilter
from ilo_archive.queries.rows import Rows

_MOST_ENTRIES = 20_000  # values of a statement
_CAPTURES = 40  # latest captures that are looked at first, then four times as many, and so on


def gone_entries(archive: ReadOnlyArchive, wanted: EntryFilter) -> Rows[GoneEntry]:
    """Entries that a later good capture of a page lacks, with both bounds, the latest first.

    An entry comes once for each page that it left. Raises BadTimestamp, UnknownOffice.
    """
    where, values = wanted.where(archive)
    narrowed = f"AND lifelines.entry_id IN (SELECT entry_id FROM news {where})" if where else ""
    on_page = "AND lifelines.office = :office" if wanted.office else ""
    if wanted.limit and not where:
        return _latest(archive, wanted.limit)
    sql = _GONE.format(narrowed=f"{narrowed} {on_page}")
    return Rows(archive.all(GoneEntry, sql, values))


def _latest(archive: ReadOnlyArchive, limit: int) -> Rows[GoneEntry]:
    """The latest of all pages, by the entries that the latest good captures lack; as many of these
    are looked at as it takes.
    """
    captures, number = _CAPTURES, archive.scalar(_NUMBER)
    while captures < number:
        rows = archive.rows(_BEFORE_LATEST, {"captures": captures})
        if len(rows) > _MOST_ENTRIES:
            break
        # SQLite narrows a view by a list of values, not by the rows of a subquery.
        ids = {f"entry{at}": row["entry_id"] for at, row in enumerate(rows)}
        narrowed = _OF_LATEST.format(ids=", ".join(f":{name}" for name in ids))
        values = {**ids, "captures": captures, "limit": limit}
        found = archive.all(GoneEntry, _GONE.format(narrowed=narrowed), values)
        if len(found) >= limit:
            return Rows(found)
        captures *= 4
    return Rows(archive.all(GoneEntry, _GONE.format(narrowed=""), {"limit": limit}))


_GONE = f"""
SELECT {columns(GoneEntry)} FROM
(SELECT lifelines.entry_id, lifelines.office, lifelines.page, news.language, news.date,
        news.title, news.link, lifelines.first_seen, lifelines.last_seen,
        lifelines.absent_from
 FROM lifelines JOIN news ON news.entry_id = lifelines.entry_id
 WHERE lifelines.absent_from IS NOT NULL {{narrowed}})
ORDER BY absent_from DESC, entry_id, page LIMIT :limit"""

_GOOD = f"FROM capture WHERE quality = 'good' AND NOT {offset_list('page')}"
_NUMBER = f"SELECT count(*) {_GOOD}"
_LATEST = f"SELECT page, captured_at {_GOOD} ORDER BY captured_at DESC LIMIT :captures"
_OF_LATEST = f"""
AND lifelines.absent_from >= (SELECT min(captured_at) FROM ({_LATEST}))
AND lifelines.entry_id IN ({{ids}})"""
# What a page showed from its last good capture before a latest one until that.
_BEFORE_LATEST = f"""
SELECT DISTINCT reading.entry_id FROM ({_LATEST}) AS latest
JOIN capture ON capture.page = latest.page AND capture.captured_at < latest.captured_at
 AND capture.captured_at >= (SELECT max(c.captured_at) FROM capture AS c
                             WHERE c.page = latest.page AND c.quality = 'good'
                               AND c.captured_at < latest.captured_at)
JOIN sighting ON sighting.capture_id = capture.id
JOIN reading ON reading.id = sighting.reading_id"""
