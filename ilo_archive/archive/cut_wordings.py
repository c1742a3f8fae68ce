"""Mark wordings that are only the beginning of another: a page ended within the entry.

Such a wording is what the page printed, but neither an edit nor an entry's latest wording.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from ilo_archive.archive.database import json_array
from ilo_archive.identity.cuts import is_beginning

_Row = Mapping[Any, Any]


def mark_cut_wordings(connection: Connection, entry_ids: Collection[str]) -> None:
    """Set `reading.cut_of` for the readings of entries, or clear it where it no longer holds."""
    rows = connection.execute(_WORDINGS, {"entries": json_array(entry_ids)}).mappings()
    by_entry: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        by_entry[row["entry_id"]].append(row)
    changed = [
        {"reading": row["reading_id"], "whole": whole}
        for same in by_entry.values()
        for row, whole in _cuts(same)
        if whole != row["cut_of"]
    ]
    if changed:
        connection.execute(_MARK, changed)


def _cuts(rows: Sequence[_Row]) -> Iterator[tuple[_Row, int | None]]:
    """Yield each reading of an entry with the longest wording that its own begins, or None.

    A wording that any page shows with something below it is whole.
    """
    whole = {row["id"] for row in rows if row["is_whole"]}
    by_digest = sorted({row["id"]: row for row in rows}.values(), key=lambda row: row["digest"])
    by_length = sorted(by_digest, key=_length, reverse=True)
    for row in rows:
        longer = by_length if row["id"] not in whole else []
        yield row, next((each["id"] for each in longer if is_beginning(row, each)), None)


def _length(row: _Row) -> int:
    return sum(len(row[name] or "") for name in ("kicker", "title", "dateline", "place", "summary"))


# Entries of which a page ends within one, with all their wordings.
_WORDINGS = text("""
SELECT reading.entry_id, reading.id AS reading_id, reading.cut_of, wording.*,
       EXISTS (SELECT 1 FROM sighting WHERE sighting.reading_id = reading.id
               AND sighting.ends_page IS NULL) AS is_whole
FROM json_each(:entries) AS touched
CROSS JOIN reading ON reading.entry_id = touched.value
CROSS JOIN wording ON wording.id = reading.wording_id
WHERE EXISTS (SELECT 1 FROM reading AS own JOIN sighting ON sighting.reading_id = own.id
              WHERE own.entry_id = touched.value AND sighting.ends_page)
   OR EXISTS (SELECT 1 FROM reading AS own
              WHERE own.entry_id = touched.value AND own.cut_of IS NOT NULL)
""")
_MARK = text("UPDATE reading SET cut_of = :whole WHERE id = :reading")
