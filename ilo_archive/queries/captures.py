"""The captures that are known, fetched or not."""

from typing import Any

from ilo_archive.queries.answers import KnownCapture
from ilo_archive.queries.connection import ReadOnlyArchive, columns
from ilo_archive.queries.filters import Day, first_moment, last_moment
from ilo_archive.queries.rows import Rows


def known_captures(
    archive: ReadOnlyArchive,
    office: str | None = None,
    *,
    state: str | None = None,
    quality: str | None = None,
    since: Day | None = None,
    until: Day | None = None,
    limit: int | None = None,
) -> Rows[KnownCapture]:
    """Captures by time, the latest first. Raises BadTimestamp, UnknownOffice."""
    archive.check_office(office)
    conditions = {
        "office": ("office = :office", office),
        "state": ("state = :state", state),
        "quality": ("quality = :quality", quality),
        "since": ("captured_at >= :since", since and first_moment(since)),
        "until": ("captured_at <= :until", until and last_moment(until)),
    }
    wanted = {name: each for name, each in conditions.items() if each[1]}
    values: dict[str, Any] = {name: value for name, (_, value) in wanted.items()}
    where = " AND ".join(condition for condition, _ in wanted.values()) or "1"
    values["limit"] = -1 if limit is None else limit
    sql = f"""SELECT {columns(KnownCapture)} FROM ({_WITH_RECORDS}) WHERE {where}
              ORDER BY captured_at DESC, id LIMIT :limit"""
    return Rows(archive.all(KnownCapture, sql, values))


_WITH_RECORDS = """
SELECT captures.*, captures.warc_file AS warc_filename, captures.warc_offset AS warc_record_offset,
       capture.warc_length AS warc_record_length
FROM captures JOIN capture ON capture.key = captures.id"""
