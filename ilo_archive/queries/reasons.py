"""The reasons why sightings belong to their entry."""

from datetime import date

from sqlalchemy import RowMapping

from ilo_archive.identity.similarity import Similarity, similarity
from ilo_archive.identity.wording import WordingText, parse_wording
from ilo_archive.queries.answers import Compared, Reason
from ilo_archive.queries.connection import ReadOnlyArchive, typed
from ilo_archive.queries.entry_ids import find_entry_id
from ilo_archive.times import from_iso


def reasons(archive: ReadOnlyArchive, name: str) -> list[Reason]:
    """The reasons why each sighting belongs to the entry, by time.

    `name` is its id or a former one.

    Raises UnknownEntry.
    """
    entry_id = find_entry_id(archive, name)
    return [_reason(archive, row) for row in archive.rows(_REASONS, {"entry": entry_id})]


def _reason(archive: ReadOnlyArchive, row: RowMapping) -> Reason:
    wording = _compared(row, "")
    compared = _compared(row, "their_") if row["compared"] else None
    return Reason(
        sighting=row["sighting"],
        captured_at=from_iso(row["captured_at"]),
        rule=row["rule"],
        score=row["score"],
        link=row["link"],
        wording=wording,
        compared=compared,
        likeness=_similarity(row["language"], wording, compared) if compared else None,
        note=_note(archive, row),
    )


def _compared(row: RowMapping, prefix: str) -> Compared:
    return typed(Compared, {name: row[prefix + name] for name in ("date", "title", "summary")})


def _similarity(language: str | None, wording: Compared, compared: Compared) -> Similarity | None:
    first, second = (
        parse_wording(WordingText(language, _iso(each.date), each.title, each.summary))
        for each in (wording, compared)
    )
    return similarity(first, second)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _note(archive: ReadOnlyArchive, row: RowMapping) -> str | None:
    """The note of the decision that assigned a sighting; None without a decision or a note."""
    if row["rule"] not in ("merge", "split"):
        return None
    values = {"entry": row["entry_id"], "weak": row["weak"], "kind": row["rule"]}
    return "; ".join(str(each["note"]) for each in archive.rows(_NOTES, values)) or None


_REASONS = """
SELECT capture.key || '#' || sighting.ordinal AS sighting, sighting.captured_at, reading.rule,
       reading.score, reading.entry_id, reading.weak, reading.compared, sighting.link,
       wording.language, wording.date, wording.title, wording.summary,
       theirs.date AS their_date, theirs.title AS their_title, theirs.summary AS their_summary
FROM reading
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
JOIN wording ON wording.id = reading.wording_id
LEFT JOIN wording AS theirs ON theirs.digest = reading.compared
WHERE reading.entry_id = :entry ORDER BY sighting.captured_at, capture.key, sighting.ordinal"""

_NOTES = """
SELECT DISTINCT note FROM decision
WHERE note IS NOT NULL AND kind = :kind AND (id = :weak OR present_name IN
    (SELECT strong FROM reading WHERE entry_id = :entry
     UNION SELECT weak FROM reading WHERE entry_id = :entry))
ORDER BY note"""
