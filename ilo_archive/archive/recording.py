"""Record snapshots in sets: one transaction and one set of statements for any number of captures.

The result is that of recording them one by one, in any order (`tests/test_recording.py`).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, select, text

from ilo_archive.archive import tables as t
from ilo_archive.archive.batch import BatchCapture, PageEntry
from ilo_archive.archive.captures import (
    drop_bare_listings,
    forget_readings,
    put_captures,
    put_snapshots,
    snapshot_row,
)
from ilo_archive.archive.crowds import forget_crowds, put_crowds
from ilo_archive.archive.database import json_array
from ilo_archive.archive.holders import credited_in, put_holders
from ilo_archive.archive.placement import assign_entries, load_related, refresh_entries
from ilo_archive.archive.sightings import (
    KeysOfEntries,
    apply_decisions,
    put_sightings,
)
from ilo_archive.archive.similar_wordings import compare_wordings, forget_wording
from ilo_archive.archive.wordings import show_earliest_prints, unindex
from ilo_archive.reader.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many entries of a capture were new, known in a new wording, or known as they were."""

    new: int = 0
    revised: int = 0
    again: int = 0


def record_snapshots(
    connection: Connection, snapshots: Sequence[Snapshot], keys: KeysOfEntries, run_id: int
) -> list[Recorded]:
    """Record snapshots, and count the entries of each in that order.

    A capture that is recorded already is replaced; of two snapshots of one capture the last one
    counts.
    """
    last = {each.capture.key: each for each in snapshots}
    ids = put_captures(connection, [snapshot_row(each, run_id) for each in last.values()])
    drop_bare_listings(connection, [each.capture for each in last.values()])
    credited = credited_in(connection, ids.values())
    stale = forget_readings(connection, ids.values())
    rescored = forget_crowds(connection, ids.values()) if stale else set()
    captures = [BatchCapture(ids[key], each, _entries(each, keys)) for key, each in last.items()]
    stale |= apply_decisions(connection, captures)
    put_snapshots(connection, captures)
    displayed, new = put_sightings(connection, captures)
    rescored |= displayed | put_crowds(connection, captures)
    compare_wordings(connection, new)
    put_holders(connection, credited, credited_in(connection, ids.values()))
    rescored |= show_earliest_prints(connection, stale)
    counted = _assign(connection, captures, stale, rescored)
    return [counted.pop(each.capture.key, Recorded()) for each in snapshots]


def _entries(snapshot: Snapshot, keys: KeysOfEntries) -> list[PageEntry]:
    return list(keys.page_entries(snapshot, snapshot.page)) if snapshot.page else []


@dataclass(frozen=True, slots=True)
class _Known:
    """What the readings of a batch were before it: their entries ("" for new ones) and wordings."""

    entries: Mapping[int, str]
    wordings: Mapping[int, int]


def _assign(
    connection: Connection,
    captures: Sequence[BatchCapture],
    stale: set[int],
    rescored: set[int],
) -> dict[str, Recorded]:
    """Assign the readings of a batch to entries, and refresh the entries that they touch.

    Only readings whose entry can change are grouped again: new ones, stale ones, those with similar
    wordings, and those that one capture shows beside another reading of the same entry.
    """
    known = _known_readings(connection, captures)
    changing = stale | _changing(connection, captures, known)
    changing |= _readings_with(connection, rescored)
    before = load_related(connection, changing, rescored)
    gone = _drop_unseen(connection, stale)
    assignments = assign_entries(connection, [each for each in before if each.id not in gone])
    settled = {known.entries[each] for each in known.entries if each not in changing}
    refresh_entries(connection, before, assignments, settled)
    entry_of = {number: each.entry_id for number, each in assignments.items()}
    # Including deleted readings: an entry that a new reading of the capture finds again is not new.
    old = {each.id: (each.entry_id, each.wording_id) for each in before if each.entry_id}
    old |= {each: (entry, known.wordings[each]) for each, entry in known.entries.items() if entry}
    whole = _whole_wordings(connection, {*old, *known.entries})
    seen = {(entry_id, whole.get(each, wording)) for each, (entry_id, wording) in old.items()}
    known = replace(known, wordings={**known.wordings, **whole})
    return dict(_counts(captures, known, entry_of, seen))


def _whole_wordings(connection: Connection, reading_ids: set[int]) -> dict[int, int]:
    """The whole wordings of readings of which a page cut the words off."""
    if not reading_ids:
        return {}
    rows = connection.execute(_CUT, {"readings": json_array(reading_ids)})
    return {row.id: row.cut_of for row in rows}


def _readings_with(connection: Connection, wordings: set[int]) -> set[int]:
    """The readings with these wordings."""
    if not wordings:
        return set()
    return set(connection.scalars(_WITH_WORDINGS, {"wordings": json_array(wordings)}))


def _known_readings(connection: Connection, captures: Iterable[BatchCapture]) -> _Known:
    ids = {entry.reading_id for capture in captures for entry in capture.entries}
    if not ids:
        return _Known({}, {})
    rows = connection.execute(_BY_ID, {"readings": json_array(ids)}).all()
    return _Known({row.id: row.entry_id for row in rows}, {row.id: row.wording_id for row in rows})


def _changing(connection: Connection, captures: Sequence[BatchCapture], known: _Known) -> set[int]:
    """The readings of a batch whose entry can change because of it."""
    new = {number for number, entry_id in known.entries.items() if not entry_id}
    if not known.entries:
        return new
    parameters = {"readings": json_array(known.entries)}
    similar = set(connection.scalars(_WITH_SIMILAR_WORDING, parameters))
    return new | similar | set(_side_by_side(captures, known))


def _side_by_side(captures: Sequence[BatchCapture], known: _Known) -> Iterator[int]:
    """The readings that a capture shows beside another reading of the same entry."""
    for capture in captures:
        readings: dict[str, set[int]] = defaultdict(set)
        for entry in capture.entries:
            readings[known.entries[entry.reading_id]].add(entry.reading_id)
        for same in readings.values():
            if len(same) > 1:
                yield from same


def _counts(
    captures: Sequence[BatchCapture],
    known: _Known,
    entry_of: Mapping[int, str],
    seen: set[tuple[str, int]],
) -> Iterator[tuple[str, Recorded]]:
    """The counts of each capture, by key; what an earlier one of the batch shows is known."""
    entries = {entry_id for entry_id, _ in seen}
    for capture in captures:
        pairs = {
            (
                entry_of.get(each.reading_id, known.entries[each.reading_id]),
                known.wordings[each.reading_id],
            )
            for each in capture.entries
        }
        new = {entry_id for entry_id, _ in pairs} - entries
        revised = {pair[0] for pair in pairs - seen} - new
        again = {entry_id for entry_id, _ in pairs} - new - revised
        yield capture.snapshot.capture.key, Recorded(len(new), len(revised), len(again))
        seen |= pairs
        entries |= new


def _drop_unseen(connection: Connection, stale: set[int]) -> set[int]:
    """Delete readings without sightings, and their wordings. Returns the ids of the deleted
    readings.
    """
    shown = select(t.sighting.c.reading_id).where(t.sighting.c.reading_id.in_(stale))
    gone = stale - set(connection.scalars(shown)) if stale else set()
    if not gone:
        return gone
    chosen = t.reading.c.id.in_(gone)
    wordings = set(connection.scalars(select(t.reading.c.wording_id).where(chosen)))
    connection.execute(delete(t.reading).where(chosen))
    used = select(t.reading.c.wording_id).where(t.reading.c.wording_id.in_(wordings))
    unused = t.wording.c.id.in_(wordings - set(connection.scalars(used)))
    for row in connection.execute(select(t.wording).where(unused)).mappings().all():
        unindex(connection, row["id"], row)
        forget_wording(connection, row["id"], row)
    connection.execute(delete(t.wording).where(unused))
    return gone


_BY_ID = text("""
SELECT id, entry_id, wording_id FROM reading WHERE id IN (SELECT value FROM json_each(:readings))
""")
_CUT = text("""
SELECT id, cut_of FROM reading
WHERE id IN (SELECT value FROM json_each(:readings)) AND cut_of IS NOT NULL
""")
_WITH_WORDINGS = text("""
SELECT id FROM reading WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")
_WITH_SIMILAR_WORDING = text("""
SELECT reading.id FROM json_each(:readings) AS mine
CROSS JOIN reading ON reading.id = mine.value
WHERE EXISTS (SELECT 1 FROM likeness WHERE likeness.wording_id = reading.wording_id)
""")
