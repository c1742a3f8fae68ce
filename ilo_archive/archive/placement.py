"""Keeping entries in line with the readings: what a recording touches is grouped anew.

Only readings that share a name with a touched one, are near to it or merged with it are looked
at, each found through an index: the cost of a capture does not grow with the archive.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, text
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive.archive import tables as t
from ilo_archive.identity.groups import Names, Near, Placed, group
from ilo_archive.identity.similarity import (
    alike_pairs,
    clues,
    least_shared,
    likeness,
    sought,
)
from ilo_archive.identity.wording import (
    Told,
    Words,
    told,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A row of the table of readings; `placed` is where it stands until now."""

    id: int
    names: Names
    wording_id: int
    placed: Placed

    @property
    def entry_id(self) -> str:
        """The entry that it is of until now."""
        return self.placed.entry_id


# -- wordings that are near ----------------------------------------------------------------


def compare_wordings(connection: Connection, rows: Sequence[Mapping[Any, Any]]) -> None:
    """Find the wordings that new ones are near to; the new ones are in their table already."""
    new = {row["id"]: told(_words(row)) for row in rows}
    _put_clues(connection, new)
    shared = _shared(connection, new)
    others = {other for each in shared.values() for other in each} - new.keys()
    beside = dict(new)
    for row in connection.execute(_WORDINGS, {"wordings": _listed(others)}).mappings():
        beside[row["id"]] = told(_words(row))
    pairs = [
        (mine, other, alike.score)
        for mine, candidates in shared.items()
        for other, times in candidates.items()
        # Two offices may print one undated wording; with a date its name is the same anyway.
        if (mine != other or new[mine].day is None)
        and times >= least_shared(new[mine], beside[other])
        and (alike := likeness(new[mine], beside[other]))
    ]
    _put_likenesses(connection, pairs)


def _shared(connection: Connection, new: Mapping[int, Told]) -> dict[int, dict[int, int]]:
    """For each of these wordings those that share enough clues with it, and how many."""
    wanted = {mine: sought(each) for mine, each in new.items()}
    numbers = {number for each in wanted.values() for number in each}
    holders: dict[int, list[int]] = defaultdict(list)
    for number, wording_id in connection.execute(_CLUES, {"numbers": _listed(numbers)}):
        holders[number].append(wording_id)
    shared = {}
    for mine, each in wanted.items():
        least = least_shared(new[mine], new[mine])
        counted = Counter(other for number in each for other in holders[number])
        shared[mine] = {other: times for other, times in counted.items() if times >= least}
    return shared


def _put_clues(connection: Connection, wordings: Mapping[int, Told]) -> None:
    rows = [
        {"number": number, "wording_id": wording_id}
        for wording_id, each in wordings.items()
        for number in set(clues(each))
    ]
    if rows:
        connection.execute(_INSERT_CLUE, rows)


def forget_wording(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> set[int]:
    """Take back what a wording was near to; the wordings that were."""
    c = t.likeness.c
    near = set(connection.scalars(select(c.other_id).where(c.wording_id == wording_id)))
    if near:
        turned = c.wording_id.in_(near) & (c.other_id == wording_id)
        connection.execute(delete(t.likeness).where(or_(c.wording_id == wording_id, turned)))
    mine = t.clue.c.number.in_(clues(told(_words(row)))) & (t.clue.c.wording_id == wording_id)
    connection.execute(delete(t.clue).where(mine))
    return near


def _words(row: Mapping[Any, Any]) -> Words:
    return Words(row["language"], row["date"], row["title"], row["summary"])


def _put_likenesses(connection: Connection, pairs: Iterable[tuple[int, int, float]]) -> None:
    rows = [
        {"wording_id": one, "other_id": other, "score": score}
        for a, b, score in pairs
        for one, other in {(a, b), (b, a)}
    ]
    if rows:
        connection.execute(_PUT_LIKENESS, rows)


def _listed(values: Iterable[Any]) -> str:
    """Values for `json_each`: one statement for any number of them."""
    return json.dumps(list(values))


# -- readings and their entries ------------------------------------------------------------


def put_reading(connection: Connection, called: Names, wording_id: int) -> int:
    """The reading of these names in this wording, entered where it is new."""
    c = t.reading.c
    strong = called.strong or ""
    mine = (c.strong == strong) & (c.weak == called.weak) & (c.wording_id == wording_id)
    held = connection.scalar(select(c.id).where(mine))
    if held is not None:
        return int(held)
    row = {"strong": strong, "weak": called.weak, "wording_id": wording_id, "entry_id": ""}
    made = insert(t.reading).values(row).returning(c.id)
    return int(connection.execute(made).scalar_one())


def regroup(connection: Connection, reading_ids: Collection[int]) -> None:
    """Place these readings and all that are related anew; those that no capture shows are gone."""
    before = related(connection, reading_ids)
    unseen = ~select(t.sighting).where(t.sighting.c.reading_id == t.reading.c.id).exists()
    gone = select(t.reading.c.id).where(t.reading.c.id.in_(reading_ids), unseen)
    dropped = set(connection.scalars(gone))
    connection.execute(delete(t.reading).where(t.reading.c.id.in_(dropped)))
    placed = place(connection, [each for each in before if each.id not in dropped])
    refresh_all(connection, before, placed)


def related(
    connection: Connection, reading_ids: Iterable[int], wording_ids: Iterable[int] = ()
) -> list[Reading]:
    """These readings, those in these wordings, and all that share a name with one, are near to
    one or merged with one, directly or through others.
    """
    found: dict[int, Reading] = {}
    called: set[str] = set()
    looked_for: set[str] = set()
    compared: set[int] = set()
    new_names: set[str] = set()
    ids, new_wordings = set(reading_ids), set(wording_ids)
    looked_in = set(new_wordings)
    while ids or new_names or new_wordings:
        asked = {
            "readings": _listed(ids),
            "names": _listed(new_names),
            "wordings": _listed(new_wordings),
        }
        rows = [_reading(row) for row in connection.execute(_RELATED, asked)]
        found.update((each.id, each) for each in rows)
        new_called = {name for each in rows for name in _names(each)} - called
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


def _reading(row: Row[Any]) -> Reading:
    placed = Placed(row.entry_id, row.rule, row.score, row.compared)
    return Reading(row.id, Names(row.strong or None, row.weak), row.wording_id, placed)


def _names(reading: Reading) -> list[str]:
    strong, weak = reading.names.strong, reading.names.weak
    return [strong, weak] if strong else [weak]


def _likenesses(
    connection: Connection, wording_ids: Collection[int]
) -> Sequence[tuple[int, int, float]]:
    if not wording_ids:
        return []
    rows = connection.execute(_LIKENESSES, {"wordings": _listed(wording_ids)})
    return [(one, other, score) for one, other, score in rows]


def _partners(connection: Connection, names: Collection[str]) -> set[str]:
    """Names that a researcher merged with one of these."""
    return {name for pair in _merged(connection, names) for name in pair}


def _merged(connection: Connection, names: Collection[str]) -> list[tuple[str, str]]:
    """What a researcher merged, of these names."""
    if not names:
        return []
    rows = connection.execute(_MERGED, {"names": _listed(names)})
    return [(one, other) for one, other in rows]


def place(connection: Connection, readings: Sequence[Reading]) -> Mapping[int, Placed]:
    """The entry of each reading, entered where it changed. `readings` are all that are related."""
    rows: dict[Names, list[int]] = defaultdict(list)
    for each in readings:
        rows[each.names].append(each.id)

    def together(one: Collection[Names], other: Collection[Names]) -> bool:
        mine, theirs = ([row for each in part for row in rows[each]] for part in (one, other))
        asked = {"ones": _listed(mine), "others": _listed(theirs)}
        return connection.execute(_TOGETHER, asked).first() is not None

    merged = _merged(connection, {name for each in readings for name in _names(each)})
    placed = group(rows, together, _near(connection, readings), merged)
    changed = [each for each in readings if placed[each.names] != each.placed]
    if changed:
        moved = [_moved(each, placed[each.names]) for each in changed]
        connection.execute(_MOVE_READING, moved)
    return {each.id: placed[each.names] for each in readings}


def _moved(reading: Reading, now: Placed) -> dict[str, Any]:
    return {
        "reading": reading.id,
        "entry": now.entry_id,
        "rule": now.rule,
        "score": now.score,
        "compared": now.compared,
    }


def _near(connection: Connection, readings: Sequence[Reading]) -> Iterator[Near]:
    """The pairs of readings whose wordings are near, but for those that share a name."""
    by_wording: dict[int, list[Names]] = defaultdict(list)
    for each in readings:
        by_wording[each.wording_id].append(each.names)
    pairs = [pair for pair in _likenesses(connection, by_wording) if pair[0] <= pair[1]]
    wordings = _listed({wording_id for pair in pairs for wording_id in pair[:2]})
    rows = connection.execute(_DIGESTS, {"wordings": wordings}) if pairs else ()
    digests: dict[int, str] = {row[0]: row[1] for row in rows}
    for one, other, score in pairs:
        compared = (digests[one], digests[other])
        if one == other:
            yield from (Near(*two, score, compared) for two in combinations(by_wording[one], 2))
        else:
            yield from (
                Near(a, b, score, compared)
                for a in by_wording[one]
                for b in by_wording.get(other, ())
                if a != b
            )


# -- entries -------------------------------------------------------------------------------


def refresh_all(
    connection: Connection, before: Iterable[Reading], placed: Mapping[int, Placed]
) -> None:
    """Make the rows of the entries that readings were in, or are in now, from their sightings;
    one without any is no more.
    """
    touched = {each.entry_id for each in before} | {each.entry_id for each in placed.values()}
    if touched := touched - {""}:
        values = {"entries": _listed(sorted(touched))}
        connection.execute(_PUT_ENTRIES, values)
        connection.execute(_DROP_ENTRIES, values)


# -- the whole archive ---------------------------------------------------------------------


def place_unplaced(connection: Connection) -> None:
    """Compare the wordings and place the readings of an archive of an older program."""
    if connection.execute(_UNPLACED).first() is None:
        return
    rows = connection.execute(select(t.wording).order_by(t.wording.c.id)).mappings().all()
    apart = {row["id"]: told(_words(row)) for row in rows}
    connection.execute(delete(t.clue))
    connection.execute(delete(t.likeness))
    _put_clues(connection, apart)
    ids = list(apart)
    pairs = alike_pairs(apart.values())
    _put_likenesses(connection, ((ids[a], ids[b], score) for a, b, score in pairs))
    while left := list(connection.scalars(_UNPLACED)):
        before = related(connection, left)
        refresh_all(connection, before, place(connection, before))


# -- SQL -----------------------------------------------------------------------------------

# Built once, and one statement for all that a capture touches: see benchmarks/growth.py.
_INSERT_CLUE = insert(t.clue)
_PUT_LIKENESS = upsert(t.likeness).on_conflict_do_nothing()
_CLUES = text("""
SELECT number, wording_id FROM clue WHERE number IN (SELECT value FROM json_each(:numbers))
""")
_WORDINGS = text("""
SELECT id, language, date, title, summary FROM wording
WHERE id IN (SELECT value FROM json_each(:wordings))
""")
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
