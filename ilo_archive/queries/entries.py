"""List and search entries: by date, as of a day, by their words."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from ilo_archive.archive.tables import PRINTED, offset_list
from ilo_archive.queries.answers import EntryAsOf, EntrySummary
from ilo_archive.queries.connection import ReadOnlyArchive, columns
from ilo_archive.queries.filters import SEEN_AT, Day, EntryFilter, last_moment
from ilo_archive.queries.rows import Rows
from ilo_archive.text.normalise import searchable

# Matches; more are not ranked. Ranking takes ten times as long as finding (benchmarks/growth.py).
_MOST_RANKED = 2_000


Sort = Literal["date", "first-seen", "last-seen", "title", "office"]
SORTS: Mapping[Sort, str] = {
    "date": "date DESC NULLS LAST, entry_id",
    "first-seen": "first_seen DESC, entry_id",
    "last-seen": "last_seen DESC, entry_id",
    "title": "folded(title) NULLS LAST, entry_id",
    "office": "office, date DESC NULLS LAST, entry_id",
}
"""Orders of entries, as SQL."""


def newest_entries(
    archive: ReadOnlyArchive, wanted: EntryFilter, sort: Sort = "date"
) -> Rows[EntrySummary]:
    """Entries in that order, by default the newest first. Raises BadTimestamp, UnknownOffice."""
    return _sorted(archive, *wanted.where(archive), SORTS[sort])


def each_entry(archive: ReadOnlyArchive, wanted: EntryFilter) -> Iterator[EntrySummary]:
    """The newest first, one after the other: memory does not grow with their number."""
    where, values = wanted.where(archive)
    sql = f"SELECT {columns(EntrySummary)} FROM news {where} ORDER BY {SORTS['date']}"
    return archive.each(EntrySummary, sql, values)


def entries_as_of(archive: ReadOnlyArchive, wanted: EntryFilter, as_of: Day) -> Rows[EntryAsOf]:
    """Each page as the last good capture up to the end of that day, month or year shows it.

    They come in page order, each with the citation of that capture; offset lists are left out.
    Raises BadTimestamp, UnknownOffice.
    """
    where, values = wanted.where(archive)
    where = where.replace(SEEN_AT, "office = :office")  # only that office's own page
    values["moment"] = last_moment(as_of)
    order = "ORDER BY page, ordinal"
    sql = f"SELECT {columns(EntryAsOf)} FROM ({_AS_OF}) {where} {order} LIMIT :limit"
    return Rows(archive.all(EntryAsOf, sql, values))


def search_entries(archive: ReadOnlyArchive, query: str, wanted: EntryFilter) -> Rows[EntrySummary]:
    """Entries of which some wording contains every word of the query, the best match first.

    If there are thousands, their ranks mean little and the newest come first. `"two words"` is a
    phrase, `employ*` a prefix; nothing else has a special meaning. Raises BadTimestamp,
    UnknownOffice.
    """
    where, values = wanted.where(archive)
    values["query"] = fts_query(query)
    if not values["query"]:
        return Rows()
    counted = {"query": values["query"], "most": _MOST_RANKED}
    if archive.scalar(_COUNT_MATCHES, counted) == _MOST_RANKED:
        where = f"{where} AND {_MATCHING}" if where else f"WHERE {_MATCHING}"
        return _sorted(archive, where, values, SORTS["date"])
    found = _MATCHES
    if where:
        found = f"SELECT found, rank FROM ({found}) JOIN news ON entry_id = found {where}"
    sql = f"""
        WITH best AS MATERIALIZED
        (SELECT found, rank FROM ({found}) ORDER BY rank, found LIMIT :limit)
        SELECT {columns(EntrySummary)} FROM best CROSS JOIN news ON entry_id = found
        ORDER BY rank, entry_id"""
    return Rows(archive.all(EntrySummary, sql, values))


def query_patterns(query: str) -> list[re.Pattern[str]]:
    """The words of a query as patterns over text that `normalise.searchable` made."""
    patterns = []
    for phrase, word in _QUERY_PARTS.findall(query):
        words = r"\W+".join(map(re.escape, searchable(phrase or word.rstrip("*")).split()))
        end = "" if word.endswith("*") else r"(?!\w)"
        patterns.append(re.compile(rf"(?<!\w){words}{end}"))
    return patterns


_QUERY_PARTS = re.compile(r'"([^"]+)"|([^\s"]+)')


def fts_query(query: str) -> str:
    """The query in FTS5's syntax, with every word quoted.

    Many everyday strings are syntax errors otherwise (hyphens, apostrophes, a single quote).
    """
    words = _QUERY_PARTS.findall(query.replace("\0", " "))
    terms = []
    for phrase, word in words:
        term = phrase or word.rstrip("*")
        if any(map(str.isalnum, term)):
            terms.append(f'"{term}"' + ("*" if word.endswith("*") else ""))
    return " ".join(terms)


def _sorted(
    archive: ReadOnlyArchive, where: str, values: Mapping[str, Any], order: str
) -> Rows[EntrySummary]:
    """Entries in an order. What a row of `news` counts is counted only for those that are shown."""
    if values["limit"] >= 0:
        where = f"""WHERE entry_id IN
                    (SELECT entry_id FROM news {where} ORDER BY {order} LIMIT :limit)"""
    sql = f"SELECT {columns(EntrySummary)} FROM news {where} ORDER BY {order}"
    return Rows(archive.all(EntrySummary, sql, values))


PRINTED_COLUMNS = ", ".join(
    f"CASE WHEN sighting.printed IS NULL THEN wording.{name}"
    f" ELSE json_extract(sighting.printed, '$[{number}]') END AS {name}"
    for number, name in enumerate(PRINTED)
)
"""The texts of an entry as one capture prints them; `wording` has the earliest printed form."""

# A capture of which only the month is known counts from the last day of that month on.
_AS_OF = f"""
SELECT news.entry_id, capture.office, wording.language, sighting.section, {PRINTED_COLUMNS},
       sighting.link, sighting.credit_holder, sighting.credit_agency, news.first_seen,
       news.last_seen, news.absent_from, news.sightings, news.revisions, sighting.position,
       capture.key AS capture_id, capture.captured_at, capture.precision, capture.page,
       capture.url, capture.uri_m, capture.archive, sighting.ordinal
FROM (SELECT id, row_number() OVER (PARTITION BY page ORDER BY captured_at DESC, key DESC)
             AS place
      FROM capture WHERE quality = 'good' AND NOT {offset_list("page")}
        AND captured_at <= :moment
        AND datetime(captured_at, CASE precision WHEN 'year' THEN '+1 year' WHEN 'month' THEN
                     '+1 month' WHEN 'day' THEN '+1 day' WHEN 'minute' THEN '+1 minute'
                     ELSE '+0 days' END)
            <= datetime(:moment, '+1 second')) AS stood
JOIN capture ON capture.id = stood.id AND stood.place = 1
JOIN sighting ON sighting.capture_id = capture.id
JOIN reading ON reading.id = sighting.reading_id
JOIN wording ON wording.id = reading.wording_id
JOIN news ON news.entry_id = reading.entry_id"""

_COUNT_MATCHES = """
SELECT count(*) FROM (SELECT 1 FROM wording_fts WHERE wording_fts MATCH :query LIMIT :most)"""
_MATCHING = """
EXISTS (SELECT 1 FROM reading WHERE reading.entry_id = news.entry_id AND reading.wording_id IN
        (SELECT rowid FROM wording_fts WHERE wording_fts MATCH :query))"""
_MATCHES = """
SELECT reading.entry_id AS found, min(wording_fts.rank) AS rank
FROM wording_fts JOIN reading ON reading.wording_id = wording_fts.rowid
WHERE wording_fts MATCH :query GROUP BY reading.entry_id"""
