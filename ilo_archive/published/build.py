"""Making the published copy from an archive."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ilo_archive import __version__
from ilo_archive.archive.database import SCHEMA_REVISION
from ilo_archive.atomic_files import replacing
from ilo_archive.published.codebook import tables
from ilo_archive.queries.answers import Edit
from ilo_archive.queries.archive import Archive
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.times import iso

FORMAT = 1
"""Raised when a table or column of the copy changes its name or meaning."""

_CACHE = -64 * 1024  # SQLite's page cache, in KiB


def published_copy(archive: Archive, target: Path, now: datetime) -> Path:
    """Make `target` the published copy of an archive, unless it is up to date.

    Raises OSError or sqlite3.OperationalError where the disk refuses; then `target` stays as it
    was.
    """
    if not is_current(archive, target):
        with replacing(target) as part:
            _build(archive, part, now)
    return target


def is_archive(path: Path) -> bool:
    """True if a file is an archive, which no copy may replace."""
    return path.is_file() and _value(path, _HAS_MIGRATIONS) is not None


def is_current(archive: Archive, copy: Path) -> bool:
    """True if a file is a published copy of the archive as it is now."""
    if not copy.is_file():
        return False
    return bool(_value(copy, _STATE_OF_COPY) == _state(archive))


def _value(path: Path, sql: str) -> Any:
    """The first value that a database answers; None for a file that has no answer or is none."""
    try:
        with closing(_read_only(path)) as database:
            row = database.execute(sql).fetchone()
    except sqlite3.DatabaseError:
        return None
    return row and row[0]


def _state(archive: Archive) -> str:
    """A hash of all that a copy depends on: every write to an archive changes it."""
    with closing(_read_only(archive.path)) as database:
        rows = [database.execute(statement).fetchall() for statement in _STATE]
    names = sorted((each.slug, each.name) for each in archive.registry.offices.values())
    parts = (FORMAT, __version__, SCHEMA_REVISION, READER_VERSION, names, rows)
    return sha256(json.dumps(parts).encode()).hexdigest()


def _read_only(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro", uri=True)


def _build(archive: Archive, target: Path, now: datetime) -> None:
    source = f"file:{quote(str(archive.path.resolve()))}?mode=ro"
    with closing(sqlite3.connect(f"file:{quote(str(target))}", uri=True)) as database:
        # The file is made anew after a crash: no journal is needed.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = {_CACHE}"):
            database.execute(f"PRAGMA {pragma}")
        database.execute("ATTACH ? AS source", (source,))
        for table in tables():
            database.execute(table.create)
        _copy_rows(database, archive)
        for table in tables():
            for statement in table.indexes:
                database.execute(statement)
        database.executescript(_FULL_TEXT)
        _insert_about(database, archive, now)
        database.commit()
        database.execute("DETACH source")
        database.execute("ANALYZE")
        database.commit()


def _copy_rows(database: sqlite3.Connection, archive: Archive) -> None:
    database.executescript(_NUMBERS)
    names = [(each.slug, each.name) for each in archive.offices()]
    database.executemany("INSERT INTO office_name VALUES (?, ?)", names)
    database.executescript(_ROWS)
    database.executemany(_INSERT_EDIT, _edit_rows(archive.edits()))


def _edit_rows(edits: Iterable[Edit]) -> Iterator[dict[str, object]]:
    for each in edits:
        yield {
            "entry": each.entry_id,
            "office": each.office,
            "field": each.field,
            "before": each.before,
            "after": each.after,
            "before_capture": each.before_capture,
            "after_capture": each.after_capture,
            "before_at": iso(each.before_at),
            "after_at": iso(each.after_at),
        }


def _insert_about(database: sqlite3.Connection, archive: Archive, now: datetime) -> None:
    counts = [
        (f"number of {name}", database.execute(f"SELECT count(*) FROM {name}").fetchone()[0])
        for name in ("offices", "captures", "entries", "sightings")
    ]
    sources = [row[0] for row in database.execute(_SOURCES)]
    first, last = database.execute(
        "SELECT min(captured_at), max(captured_at) FROM captures"
    ).fetchone()
    facts = [
        ("title", "Published copy of an ILO office archive"),
        ("made at", iso(now)),
        ("made by", f"ilo-archive {__version__}"),
        ("format", FORMAT),
        ("reader version", READER_VERSION),
        *counts,
        ("first capture", first),
        ("last capture", last),
        ("sources", "; ".join(sources)),
        ("how to cite", citation(archive, now)),
        ("times", "UTC, ISO 8601. Nothing is known of the time between two captures."),
        ("state", _state(archive)),
    ]
    database.executemany("INSERT INTO about (name, value) VALUES (?, ?)", facts)


def citation(archive: Archive, now: datetime) -> str:
    """How to cite a copy that is made now."""
    offices = ", ".join(each.slug for each in archive.offices() if each.captures) or "no office"
    return (
        f"Archive of office homepages of the International Labour Organization ({offices}),"
        f" made with ilo-archive {__version__}, copy of {now:%Y-%m-%d}."
        " Cite single entries with their captures: `ilo-archive cite ENTRY`."
    )


_HAS_MIGRATIONS = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
_STATE_OF_COPY = "SELECT value FROM about WHERE name = 'state'"
_STATE = (
    "SELECT id, command, outcome, captures, new_entries, revised, failed FROM run ORDER BY id",
    "SELECT state, quality, reader, count(*) FROM capture GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
    "SELECT id, part FROM decision ORDER BY id, part",
    "SELECT max(rowid), count(*) FROM sighting",
)

# Numbers follow the ids, which are made of content: two archives of the same captures have equal
# copies.
_NUMBERS = """
CREATE TEMP TABLE office_name (slug TEXT PRIMARY KEY, name TEXT);
CREATE TEMP TABLE office_number (slug TEXT PRIMARY KEY, number INTEGER);
INSERT INTO office_number
SELECT office, row_number() OVER (ORDER BY office)
FROM (SELECT DISTINCT office FROM source.capture);
CREATE TEMP TABLE capture_number (capture_id INTEGER PRIMARY KEY, number INTEGER);
INSERT INTO capture_number SELECT id, row_number() OVER (ORDER BY key) FROM source.capture;
CREATE TEMP TABLE entry_number (entry_id TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
INSERT INTO entry_number SELECT id, row_number() OVER (ORDER BY id) FROM source.entry;
CREATE TEMP TABLE reading_count (reading_id INTEGER PRIMARY KEY, sightings INTEGER,
                                 best INTEGER, first_seen TEXT, last_seen TEXT);
INSERT INTO reading_count
SELECT reading_id, count(*), min(position), min(captured_at), max(captured_at)
FROM source.sighting GROUP BY reading_id;
CREATE TEMP TABLE revision_number (reading_id INTEGER PRIMARY KEY, number INTEGER);
INSERT INTO revision_number
SELECT reading.id, dense_rank() OVER (ORDER BY reading.entry_id, wording.digest)
FROM source.reading JOIN source.wording ON wording.id = reading.wording_id
WHERE reading.id IN (SELECT reading_id FROM reading_count);
"""

_ROWS = """
INSERT INTO captures
SELECT n.number, c.key, o.number, coalesce(s.language, c.language), c.page, c.url, c.captured_at,
       c.precision, c.archive, c.uri_m, c.status, c.state, c.quality, c.reason, c.failure,
       coalesce(nullif(c.digest, ''), c.payload_digest), s.template, s.name, s.description,
       CASE WHEN s.capture_id IS NOT NULL THEN
           (SELECT count(*) FROM source.sighting WHERE sighting.capture_id = c.id) END,
       s.charset, c.reader, c.warc_file, c.warc_offset, c.warc_length
FROM source.capture AS c
JOIN capture_number AS n ON n.capture_id = c.id
JOIN office_number AS o ON o.slug = c.office
LEFT JOIN source.snapshot AS s ON s.capture_id = c.id
ORDER BY n.number;

INSERT INTO entries
SELECT n.number, e.id, o.number, w.language, s.section, w.kicker, w.title, w.dateline, w.date,
       w.date_end, w.place, w.summary, s.link, s.image, s.credit, s.credit_holder,
       s.credit_agency, e.first_seen, e.last_seen,
       (SELECT min(later.captured_at) FROM source.capture AS later
        WHERE later.page = c.page AND later.quality = 'good' AND later.captured_at > e.last_seen
          AND NOT instr(later.page, '/nextRow--')),
       counted.sightings, e.revisions, counted.best
FROM source.entry AS e
JOIN entry_number AS n ON n.entry_id = e.id
JOIN source.wording AS w ON w.id = e.wording_id
JOIN source.sighting AS s ON s.capture_id = e.last_capture_id AND s.ordinal = e.last_ordinal
JOIN source.capture AS c ON c.id = e.last_capture_id
JOIN office_number AS o ON o.slug = c.office
JOIN (SELECT r.entry_id, sum(k.sightings) AS sightings, min(k.best) AS best
      FROM source.reading AS r JOIN reading_count AS k ON k.reading_id = r.id
      GROUP BY r.entry_id) AS counted ON counted.entry_id = e.id
ORDER BY n.number;

INSERT INTO offices
SELECT o.number, o.slug, coalesce(office_name.name, o.slug), count(*),
       sum(coalesce(c.quality, '') = 'good'), 0, min(c.captured_at), max(c.captured_at),
       max(CASE WHEN c.quality = 'good' THEN c.captured_at END)
FROM office_number AS o
JOIN source.capture AS c ON c.office = o.slug
LEFT JOIN office_name ON office_name.slug = o.slug
GROUP BY o.number ORDER BY o.number;

INSERT INTO revisions
SELECT r.number, reading.entry_id || '@' || substr(w.digest, 1, 8), e.number, w.language,
       w.kicker, w.title, w.dateline, w.date, w.date_end, w.place, w.summary,
       min(k.first_seen), max(k.last_seen), sum(k.sightings),
       (SELECT reading.entry_id || '@' || substr(whole.digest, 1, 8)
        FROM source.wording AS whole WHERE whole.id = reading.cut_of)
FROM revision_number AS r
JOIN reading_count AS k ON k.reading_id = r.reading_id
JOIN source.reading ON reading.id = r.reading_id
JOIN source.wording AS w ON w.id = reading.wording_id
JOIN entry_number AS e ON e.entry_id = reading.entry_id
GROUP BY r.number ORDER BY r.number;

INSERT INTO sightings (entry, revision, capture, captured_at, section, position, credit,
                       credit_holder, credit_agency, credit_year, link, image, rule, score)
SELECT e.number, r.number, n.number, s.captured_at, s.section, s.position, s.credit,
       s.credit_holder, s.credit_agency, s.credit_year, s.link, s.image, reading.rule,
       reading.score
FROM capture_number AS n
JOIN source.sighting AS s ON s.capture_id = n.capture_id
JOIN source.reading ON reading.id = s.reading_id
JOIN revision_number AS r ON r.reading_id = s.reading_id
JOIN entry_number AS e ON e.entry_id = reading.entry_id
ORDER BY n.number, s.ordinal;

UPDATE offices SET entries =
(SELECT count(DISTINCT s.entry) FROM sightings AS s JOIN captures AS c ON c.id = s.capture
 WHERE c.office = offices.id);

INSERT INTO lifelines (entry, office, page, not_before, first_seen, last_seen, absent_from,
                       captures, gaps)
SELECT e.number, o.number, l.page, l.not_before, l.first_seen, l.last_seen, l.absent_from,
       l.captures, l.gaps
FROM source.lifelines AS l
JOIN entry_number AS e ON e.entry_id = l.entry_id
JOIN office_number AS o ON o.slug = l.office
ORDER BY e.number, l.first_seen, l.page;

INSERT INTO descriptions (office, language, field, text, not_before, first_seen, last_seen,
                          absent_from, captures)
SELECT o.number, d.language, d.field, d.text, d.not_before, d.first_seen, d.last_seen,
       d.absent_from, d.captures
FROM source.descriptions AS d JOIN office_number AS o ON o.slug = d.office
ORDER BY o.number, d.language, d.field DESC, d.first_seen, d.text;

INSERT INTO credits (holder, agency, forms, entries, offices, first_seen, last_seen)
SELECT holder, agency, forms, entries, offices, first_seen, last_seen FROM source.credits
ORDER BY holder, agency;

INSERT INTO runs (id, command, started_at, ended_at, outcome, captures, new_entries, revised,
                  failed)
SELECT id, command, started_at, ended_at, outcome, captures, new_entries, revised, failed
FROM source.run ORDER BY id;
"""

_INSERT_EDIT = """
INSERT INTO edits (entry, office, field, before, after, before_capture, after_capture,
                   before_at, after_at, days_after_publication)
SELECT e.id, o.id, :field, :before, :after, b.id, a.id, :before_at, :after_at,
       CAST(julianday(substr(:after_at, 1, 10)) - julianday(e.date) AS INTEGER)
FROM entries AS e, offices AS o, captures AS b, captures AS a
WHERE e.entry_id = :entry AND o.slug = :office
  AND b.capture_id = :before_capture AND a.capture_id = :after_capture
"""

_FULL_TEXT = """
CREATE VIRTUAL TABLE entries_fts USING fts5(
    title, kicker, summary, content='entries', content_rowid='id',
    tokenize='unicode61 remove_diacritics 2');
INSERT INTO entries_fts (entries_fts) VALUES ('rebuild');
CREATE VIRTUAL TABLE revisions_fts USING fts5(
    title, kicker, summary, content='revisions', content_rowid='id',
    tokenize='unicode61 remove_diacritics 2');
INSERT INTO revisions_fts (revisions_fts) VALUES ('rebuild');
"""

_SOURCES = "SELECT DISTINCT archive FROM captures ORDER BY archive"
