"""Keeping entries in line with the readings: what a recording touches is grouped anew.

Only readings that share a name with a touched one, are near to it or merged with it are looked
at, each found through an index: the cost of a capture does not grow with the archive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.database import json_array
from ilo_archive.archive.similar_wordings import put_blocking_keys, put_similarities, wording_text
from ilo_archive.identity.candidates import similar_pairs
from ilo_archive.identity.groups import Assignment, SimilarPair, group
from ilo_archive.identity.keys import EntryKeys
from ilo_archive.identity.wording import parse_wording


@dataclass(frozen=True, slots=True)
class KeyedWording:
    """A row of the table of readings; `placed` is where it stands until now."""

    id: int
    keys: EntryKeys
    wording_id: int
    placed: Assignment

    @property
    def entry_id(self) -> str:
        """The entry that it is of until now."""
        return self.placed.entry_id


def put_keyed_wording(connection: Connection, keys: EntryKeys, wording_id: int) -> int:
    """The reading of these names in this wording, entered where it is new."""
    c = t.reading.c
    strong = keys.item_key or ""
    mine = (c.strong == strong) & (c.weak == keys.title_key) & (c.wording_id == wording_id)
    held = connection.scalar(select(c.id).where(mine))
    if held is not None:
        return int(held)
    row = {"strong": strong, "weak": keys.title_key, "wording_id": wording_id, "entry_id": ""}
    made = insert(t.reading).values(row).returning(c.id)
    return int(connection.execute(made).scalar_one())


def reassign(connection: Connection, reading_ids: Collection[int]) -> None:
    """Place these readings and all that are related anew; those that no capture shows are gone."""
    before = load_related(connection, reading_ids)
    unseen = ~select(t.sighting).where(t.sighting.c.reading_id == t.reading.c.id).exists()
    gone = select(t.reading.c.id).where(t.reading.c.id.in_(reading_ids), unseen)
    dropped = set(connection.scalars(gone))
    connection.execute(delete(t.reading).where(t.reading.c.id.in_(dropped)))
    placed = assign_entries(connection, [each for each in before if each.id not in dropped])
    refresh_entries(connection, before, placed)


def load_related(
    connection: Connection, reading_ids: Iterable[int], wording_ids: Iterable[int] = ()
) -> list[KeyedWording]:
    """These readings, those in these wordings, and all that share a name with one, are near to
    one or merged with one, directly or through others.
    """
    found: dict[int, KeyedWording] = {}
    called: set[str] = set()
    looked_for: set[str] = set()
    compared: set[int] = set()
    new_names: set[str] = set()
    ids, new_wordings = set(reading_ids), set(wording_ids)
    looked_in = set(new_wordings)
    while ids or new_names or new_wordings:
        asked = {
            "readings": json_array(ids),
            "names": json_array(new_names),
            "wordings": json_array(new_wordings),
        }
        rows = [_reading(row) for row in connection.execute(_RELATED, asked)]
        found.update((each.id, each) for each in rows)
        new_called = {name for each in rows for name in _keys_of(each)} - called
        worded = {each.wording_id for each in rows} - compared
        new_names = (new_called | _partners(connection, new_called)) - looked_for
        called |= new_called
        looked_for |= new_names
        compared |= worded
        # One that a reading was found in may be that of others too: of a sighting that was split
        # off, or of an undated entry of two offices.
        beside = _likenesses(connection, worded)
        new_wordings = {other for _, other, _ in beside} - looked_in
        looked_in |= new_wordings
        ids = set()
    return list(found.values())


def _reading(row: Row[Any]) -> KeyedWording:
    placed = Assignment(row.entry_id, row.rule, row.score, row.compared)
    return KeyedWording(row.id, EntryKeys(row.strong or None, row.weak), row.wording_id, placed)


def _keys_of(reading: KeyedWording) -> list[str]:
    strong, weak = reading.keys.item_key, reading.keys.title_key
    return [strong, weak] if strong else [weak]


def _likenesses(
    connection: Connection, wording_ids: Collection[int]
) -> Sequence[tuple[int, int, float]]:
    if not wording_ids:
        return []
    rows = connection.execute(_LIKENESSES, {"wordings": json_array(wording_ids)})
    return [(one, other, score) for one, other, score in rows]


def _partners(connection: Connection, names: Collection[str]) -> set[str]:
    """Names that a researcher merged with one of these."""
    return {name for pair in _merged(connection, names) for name in pair}


def _merged(connection: Connection, names: Collection[str]) -> list[tuple[str, str]]:
    """What a researcher merged, of these names."""
    if not names:
        return []
    rows = connection.execute(_MERGED, {"names": json_array(names)})
    return [(one, other) for one, other in rows]


def assign_entries(
    connection: Connection, readings: Sequence[KeyedWording]
) -> Mapping[int, Assignment]:
    """The entry of each reading, entered where it changed. `readings` are all that are related."""
    rows: dict[EntryKeys, list[int]] = defaultdict(list)
    for each in readings:
        rows[each.keys].append(each.id)

    def together(one: Collection[EntryKeys], other: Collection[EntryKeys]) -> bool:
        mine, theirs = ([row for each in part for row in rows[each]] for part in (one, other))
        asked = {"ones": json_array(mine), "others": json_array(theirs)}
        return connection.execute(_TOGETHER, asked).first() is not None

    merged = _merged(connection, {name for each in readings for name in _keys_of(each)})
    placed = group(rows, together, _near(connection, readings), merged)
    changed = [each for each in readings if placed[each.keys] != each.placed]
    if changed:
        moved = [_moved(each, placed[each.keys]) for each in changed]
        connection.execute(_MOVE_READING, moved)
    return {each.id: placed[each.keys] for each in readings}


def _moved(reading: KeyedWording, now: Assignment) -> dict[str, Any]:
    return {
        "reading": reading.id,
        "entry": now.entry_id,
        "rule": now.rule,
        "score": now.score,
        "compared": now.compared,
    }


def _near(connection: Connection, readings: Sequence[KeyedWording]) -> Iterator[SimilarPair]:
    """The pairs of readings whose wordings are near, but for those that share a name."""
    by_wording: dict[int, list[EntryKeys]] = defaultdict(list)
    for each in readings:
        by_wording[each.wording_id].append(each.keys)
    pairs = [pair for pair in _likenesses(connection, by_wording) if pair[0] <= pair[1]]
    wordings = json_array({wording_id for pair in pairs for wording_id in pair[:2]})
    rows = connection.execute(_DIGESTS, {"wordings": wordings}) if pairs else ()
    digests: dict[int, str] = {row[0]: row[1] for row in rows}
    for one, other, score in pairs:
        compared = (digests[one], digests[other])
        if one == other:
            yield from (
                SimilarPair(*two, score, compared) for two in combinations(by_wording[one], 2)
            )
        else:
            yield from (
                SimilarPair(a, b, score, compared)
                for a in by_wording[one]
                for b in by_wording.get(other, ())
                if a != b
            )


def refresh_entries(
    connection: Connection, before: Iterable[KeyedWording], placed: Mapping[int, Assignment]
) -> None:
    """Make the rows of the entries that readings were in, or are in now, from their sightings;
    one without any is no more.
    """
    touched = {each.entry_id for each in before} | {each.entry_id for each in placed.values()}
    if touched := touched - {""}:
        values = {"entries": json_array(sorted(touched))}
        connection.execute(_PUT_ENTRIES, values)
        connection.execute(_DROP_ENTRIES, values)


def assign_unassigned(connection: Connection) -> None:
    """Compare the wordings and place the readings of an archive of an older program."""
    if connection.execute(_UNPLACED).first() is None:
        return
    rows = connection.execute(select(t.wording).order_by(t.wording.c.id)).mappings().all()
    apart = {row["id"]: parse_wording(wording_text(row)) for row in rows}
    connection.execute(delete(t.clue))
    connection.execute(delete(t.likeness))
    put_blocking_keys(connection, apart)
    ids = list(apart)
    pairs = similar_pairs(apart.values())
    put_similarities(connection, ((ids[a], ids[b], score) for a, b, score in pairs))
    while left := list(connection.scalars(_UNPLACED)):
        before = load_related(connection, left)
        refresh_entries(connection, before, assign_entries(connection, before))


_DIGESTS = text("""
SELECT id, digest FROM wording WHERE id IN (SELECT value FROM json_each(:wordings))
""")
_LIKENESSES = text("""
SELECT wording_id, other_id, score FROM likeness
WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
_RELATED = text("""
SELECT * FROM reading WHERE id IN (SELECT value FROM json_each(:readings))
UNION ALL SELECT * FROM reading WHERE strong IN (SELECT value FROM json_each(:names))
UNION ALL SELECT * FROM reading WHERE weak IN (SELECT value FROM json_each(:names))
UNION ALL SELECT * FROM reading WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
_MERGED = text("""
SELECT one.present_name, other.present_name
FROM decision AS here JOIN decision AS one ON one.id = here.id
JOIN decision AS other ON other.id = one.id AND other.part > one.part
WHERE here.kind = 'merge' AND here.present_name IN (SELECT value FROM json_each(:names))
""")
_TOGETHER = text("""
SELECT 1 FROM json_each(:ones) AS mine
CROSS JOIN sighting AS a ON a.reading_id = mine.value
CROSS JOIN sighting AS b ON b.capture_id = a.capture_id
WHERE b.reading_id IN (SELECT value FROM json_each(:others)) LIMIT 1
""")
_MOVE_READING = text("""
UPDATE reading SET entry_id = :entry, rule = :rule, score = :score, compared = :compared
WHERE id = :reading
""")
_UNPLACED = text("SELECT id FROM reading WHERE rule IS NULL LIMIT 200")
# Walks the index (reading_id, captured_at) of the readings of each entry.
_PUT_ENTRIES = text("""
INSERT INTO entry (id, wording_id, last_capture_id, last_ordinal, first_seen, last_seen, date)
WITH span AS MATERIALIZED (
    SELECT reading.entry_id,
           min((SELECT min(s.captured_at) FROM sighting s WHERE s.reading_id = reading.id))
               AS first_seen,
           max((SELECT max(s.captured_at) FROM sighting s WHERE s.reading_id = reading.id))
               AS last_seen
    FROM json_each(:entries) AS touched CROSS JOIN reading ON reading.entry_id = touched.value
    GROUP BY reading.entry_id)
SELECT entry_id, wording_id, capture_id, ordinal, first_seen, last_seen, date
FROM (SELECT span.entry_id, reading.wording_id, sighting.capture_id, sighting.ordinal,
             span.first_seen, span.last_seen, wording.date,
             row_number() OVER (PARTITION BY span.entry_id
                                ORDER BY capture.key DESC, sighting.ordinal) AS place
      FROM span
      CROSS JOIN reading ON reading.entry_id = span.entry_id
      CROSS JOIN sighting ON sighting.reading_id = reading.id
                         AND sighting.captured_at = span.last_seen
      CROSS JOIN capture ON capture.id = sighting.capture_id
      CROSS JOIN wording ON wording.id = reading.wording_id)
WHERE place = 1
ON CONFLICT (id) DO UPDATE SET
    wording_id = excluded.wording_id, last_capture_id = excluded.last_capture_id,
    last_ordinal = excluded.last_ordinal, first_seen = excluded.first_seen,
    last_seen = excluded.last_seen, date = excluded.date
""")
_DROP_ENTRIES = text("""
DELETE FROM entry WHERE id IN (SELECT value FROM json_each(:entries))
  AND NOT EXISTS (SELECT 1 FROM reading JOIN sighting ON sighting.reading_id = reading.id
                  WHERE reading.entry_id = entry.id)
""")
