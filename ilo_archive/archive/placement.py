"""Keep entries consistent: the keyed wordings that a recording touches are grouped again.

Only keyed wordings that share a key with a touched one, are similar to it or merged with it are
loaded, each through an index, so that the cost of recording a capture does not grow with the
archive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.cut_wordings import mark_cut_wordings
from ilo_archive.archive.database import json_array
from ilo_archive.archive.similar_wordings import put_blocking_keys, put_similarities, wording_text
from ilo_archive.identity.candidates import similar_pairs
from ilo_archive.identity.groups import Assignment, SimilarPair, group
from ilo_archive.identity.keys import EntryKeys
from ilo_archive.identity.wording import parse_wording


@dataclass(frozen=True, slots=True)
class KeyedWording:
    """A row of the table `reading`: keys and a wording. `placed` is its present assignment."""

    id: int
    keys: EntryKeys
    wording_id: int
    placed: Assignment

    @property
    def entry_id(self) -> str:
        """The id of the entry that it is assigned to."""
        return self.placed.entry_id


def put_keyed_wording(connection: Connection, keys: EntryKeys, wording_id: int) -> int:
    """The id of the keyed wording with these keys and this wording; a new row if there is none."""
    c = t.reading.c
    strong = keys.item_key or ""
    condition = (c.strong == strong) & (c.weak == keys.title_key) & (c.wording_id == wording_id)
    found = connection.scalar(select(c.id).where(condition))
    if found is not None:
        return int(found)
    row = {"strong": strong, "weak": keys.title_key, "wording_id": wording_id, "entry_id": ""}
    statement = insert(t.reading).values(row).returning(c.id)
    return int(connection.execute(statement).scalar_one())


def reassign(connection: Connection, reading_ids: Collection[int]) -> None:
    """Assign these keyed wordings and all related ones again; delete those without sightings."""
    before = load_related(connection, reading_ids)
    unseen = ~select(t.sighting).where(t.sighting.c.reading_id == t.reading.c.id).exists()
    unseen_ids = select(t.reading.c.id).where(t.reading.c.id.in_(reading_ids), unseen)
    dropped = set(connection.scalars(unseen_ids))
    connection.execute(delete(t.reading).where(t.reading.c.id.in_(dropped)))
    assignments = assign_entries(connection, [each for each in before if each.id not in dropped])
    refresh_entries(connection, before, assignments)


def load_related(
    connection: Connection, reading_ids: Iterable[int], wording_ids: Iterable[int] = ()
) -> list[KeyedWording]:
    """Load these keyed wordings, those with these wordings, and all related ones.

    Related keyed wordings share a key, have similar wordings or are merged, directly or through
    others.
    """
    found: dict[int, KeyedWording] = {}
    keys: set[str] = set()
    searched_keys: set[str] = set()
    compared_wordings: set[int] = set()
    new_keys: set[str] = set()
    new_ids, new_wordings = set(reading_ids), set(wording_ids)
    searched_wordings = set(new_wordings)
    while new_ids or new_keys or new_wordings:
        parameters = {
            "readings": json_array(new_ids),
            "names": json_array(new_keys),
            "wordings": json_array(new_wordings),
        }
        rows = [_reading(row) for row in connection.execute(_RELATED, parameters)]
        found.update((each.id, each) for each in rows)
        found_keys = {name for each in rows for name in _keys_of(each)} - keys
        found_wordings = {each.wording_id for each in rows} - compared_wordings
        new_keys = (found_keys | _partners(connection, found_keys)) - searched_keys
        keys |= found_keys
        searched_keys |= new_keys
        compared_wordings |= found_wordings
        # Other keyed wordings may have one of these wordings: after a split, or if two offices
        # print an undated entry.
        similar = _similarities(connection, found_wordings)
        new_wordings = {other for _, other, _ in similar} - searched_wordings
        searched_wordings |= new_wordings
        new_ids = set()
    return list(found.values())


def _reading(row: Row[Any]) -> KeyedWording:
    placed = Assignment(row.entry_id, row.rule, row.score, row.compared)
    return KeyedWording(row.id, EntryKeys(row.strong or None, row.weak), row.wording_id, placed)


def _keys_of(reading: KeyedWording) -> list[str]:
    strong, weak = reading.keys.item_key, reading.keys.title_key
    return [strong, weak] if strong else [weak]


def _similarities(
    connection: Connection, wording_ids: Collection[int]
) -> Sequence[tuple[int, int, float]]:
    """Pairs of similar wordings with their scores; the first of each pair is one of these."""
    if not wording_ids:
        return []
    rows = connection.execute(_SIMILARITIES, {"wordings": json_array(wording_ids)})
    return [(first, second, score) for first, second, score in rows]


def _partners(connection: Connection, names: Collection[str]) -> set[str]:
    """The names that a researcher merged with one of these, and these."""
    return {name for pair in _merged(connection, names) for name in pair}


def _merged(connection: Connection, names: Collection[str]) -> list[tuple[str, str]]:
    """The pairs of merged names in which one of these occurs."""
    if not names:
        return []
    rows = connection.execute(_MERGED, {"names": json_array(names)})
    return [(first, second) for first, second in rows]


def assign_entries(
    connection: Connection, readings: Sequence[KeyedWording]
) -> Mapping[int, Assignment]:
    """Group keyed wordings into entries and store what changed.

    `readings` must include all related ones.
    """
    rows: dict[EntryKeys, list[int]] = defaultdict(list)
    for each in readings:
        rows[each.keys].append(each.id)

    def on_one_capture(first: Collection[EntryKeys], second: Collection[EntryKeys]) -> bool:
        first_ids, second_ids = (
            [row for each in part for row in rows[each]] for part in (first, second)
        )
        parameters = {"first": json_array(first_ids), "second": json_array(second_ids)}
        return connection.execute(_ON_ONE_CAPTURE, parameters).first() is not None

    merged = _merged(connection, {name for each in readings for name in _keys_of(each)})
    assignments = group(rows, on_one_capture, _similar_readings(connection, readings), merged)
    changed = [each for each in readings if assignments[each.keys] != each.placed]
    if changed:
        updates = [_assignment_row(each, assignments[each.keys]) for each in changed]
        connection.execute(_UPDATE_ASSIGNMENT, updates)
    return {each.id: assignments[each.keys] for each in readings}


def _assignment_row(reading: KeyedWording, assignment: Assignment) -> dict[str, Any]:
    return {
        "reading": reading.id,
        "entry": assignment.entry_id,
        "rule": assignment.rule,
        "score": assignment.score,
        "compared": assignment.compared,
    }


def _similar_readings(
    connection: Connection, readings: Sequence[KeyedWording]
) -> Iterator[SimilarPair]:
    """Yield the pairs of keyed wordings with similar wordings but different keys."""
    by_wording: dict[int, list[EntryKeys]] = defaultdict(list)
    for each in readings:
        by_wording[each.wording_id].append(each.keys)
    pairs = [pair for pair in _similarities(connection, by_wording) if pair[0] <= pair[1]]
    wordings = json_array({wording_id for pair in pairs for wording_id in pair[:2]})
    rows = connection.execute(_DIGESTS, {"wordings": wordings}) if pairs else ()
    digests: dict[int, str] = {row[0]: row[1] for row in rows}
    for first, second, score in pairs:
        compared = (digests[first], digests[second])
        if first == second:
            yield from (
                SimilarPair(*pair, score, compared) for pair in combinations(by_wording[first], 2)
            )
        else:
            yield from (
                SimilarPair(a, b, score, compared)
                for a in by_wording[first]
                for b in by_wording.get(second, ())
                if a != b
            )


def refresh_entries(
    connection: Connection,
    before: Iterable[KeyedWording],
    assignments: Mapping[int, Assignment],
    settled: Set[str] = frozenset(),
) -> None:
    """Rebuild the rows of entries that keyed wordings belong or belonged to, and of `settled` ones,
    of which only the sightings changed; delete those without sightings.
    """
    touched = {each.entry_id for each in before} | {each.entry_id for each in assignments.values()}
    touched |= settled
    if touched := touched - {""}:
        mark_cut_wordings(connection, touched)
        values = {"entries": json_array(sorted(touched))}
        connection.execute(_PUT_ENTRIES, values)
        connection.execute(_DROP_ENTRIES, values)


def assign_unassigned(connection: Connection) -> None:
    """Compare all wordings and assign all keyed wordings of an archive of an older release."""
    if connection.execute(_UNASSIGNED).first() is None:
        return
    rows = connection.execute(select(t.wording).order_by(t.wording.c.id)).mappings().all()
    parsed = {row["id"]: parse_wording(wording_text(row)) for row in rows}
    connection.execute(delete(t.clue))
    connection.execute(delete(t.likeness))
    put_blocking_keys(connection, parsed)
    ids = list(parsed)
    pairs = similar_pairs(parsed.values())
    put_similarities(connection, ((ids[a], ids[b], score) for a, b, score in pairs))
    while remaining := list(connection.scalars(_UNASSIGNED)):
        before = load_related(connection, remaining)
        refresh_entries(connection, before, assign_entries(connection, before))


_DIGESTS = text("""
SELECT id, digest FROM wording WHERE id IN (SELECT value FROM json_each(:wordings))
""")
_SIMILARITIES = text("""
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
_ON_ONE_CAPTURE = text("""
SELECT 1 FROM json_each(:first) AS mine
CROSS JOIN sighting AS a ON a.reading_id = mine.value
CROSS JOIN sighting AS b ON b.capture_id = a.capture_id
WHERE b.reading_id IN (SELECT value FROM json_each(:second)) LIMIT 1
""")
_UPDATE_ASSIGNMENT = text("""
UPDATE reading SET entry_id = :entry, rule = :rule, score = :score, compared = :compared
WHERE id = :reading
""")
_UNASSIGNED = text("SELECT id FROM reading WHERE rule IS NULL LIMIT 200")
# It reads the index (reading_id, captured_at) for the keyed wordings of each entry.
_PUT_ENTRIES = text("""
INSERT INTO entry (id, wording_id, last_capture_id, last_ordinal, first_seen, last_seen, date,
                   office, revisions)
WITH span AS MATERIALIZED (
    SELECT reading.entry_id,
           min((SELECT min(s.captured_at) FROM sighting s WHERE s.reading_id = reading.id))
               AS first_seen,
           max((SELECT max(s.captured_at) FROM sighting s WHERE s.reading_id = reading.id))
               AS last_seen,
           count(DISTINCT coalesce(reading.cut_of, reading.wording_id)) AS revisions
    FROM json_each(:entries) AS touched CROSS JOIN reading ON reading.entry_id = touched.value
    GROUP BY reading.entry_id)
SELECT entry_id, wording_id, capture_id, ordinal, first_seen, last_seen, date, office, revisions
FROM (SELECT span.entry_id, wording.id AS wording_id, sighting.capture_id, sighting.ordinal,
             span.first_seen, span.last_seen, wording.date, capture.office, span.revisions,
             row_number() OVER (PARTITION BY span.entry_id
                                ORDER BY capture.key DESC, sighting.ordinal) AS place
      FROM span
      CROSS JOIN reading ON reading.entry_id = span.entry_id
      CROSS JOIN sighting ON sighting.reading_id = reading.id
                         AND sighting.captured_at = span.last_seen
      CROSS JOIN capture ON capture.id = sighting.capture_id
      CROSS JOIN wording ON wording.id = coalesce(reading.cut_of, reading.wording_id))
WHERE place = 1
ON CONFLICT (id) DO UPDATE SET
    wording_id = excluded.wording_id, last_capture_id = excluded.last_capture_id,
    last_ordinal = excluded.last_ordinal, first_seen = excluded.first_seen,
    last_seen = excluded.last_seen, date = excluded.date, office = excluded.office,
    revisions = excluded.revisions
""")
_DROP_ENTRIES = text("""
DELETE FROM entry WHERE id IN (SELECT value FROM json_each(:entries))
  AND NOT EXISTS (SELECT 1 FROM reading JOIN sighting ON sighting.reading_id = reading.id
                  WHERE reading.entry_id = entry.id)
""")
