"""Entries that are gone: absent from a later good capture of their page."""

from ilo_archive.queries.answers import GoneEntry
from ilo_archive.queries.connection import ReadOnlyArchive, columns
from ilo_archive.queries.filters import EntryFilter
from ilo_archive.queries.rows import Rows


def gone_entries(archive: ReadOnlyArchive, wanted: EntryFilter) -> Rows[GoneEntry]:
    """Entries that a later good capture of a page lacks, with both bounds, the latest first.

    An entry comes once for each page that it left. Raises BadTimestamp, UnknownOffice.
    """
    where, values = wanted.where(archive)
    narrowed = f"AND lifelines.entry_id IN (SELECT entry_id FROM news {where})" if where else ""
    on_page = "AND lifelines.office = :office" if wanted.office else ""
    sql = f"""
        SELECT {columns(GoneEntry)} FROM
        (SELECT lifelines.entry_id, lifelines.office, lifelines.page, news.language, news.date,
                news.title, news.link, lifelines.first_seen, lifelines.last_seen,
                lifelines.absent_from
         FROM lifelines JOIN news ON news.entry_id = lifelines.entry_id
         WHERE lifelines.absent_from IS NOT NULL {narrowed} {on_page})
        ORDER BY absent_from DESC, entry_id, page LIMIT :limit"""
    return Rows(archive.all(GoneEntry, sql, values))
