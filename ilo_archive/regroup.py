"""Keeping entries in line with the readings: what a recording touches is grouped anew.

Only readings that share a name with a touched one, are near to it or merged with it are looked
at, each found through an index: the cost of a capture does not grow with the archive.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive import tables as t
from ilo_archive.identity import Names, Near, Placed, group
from ilo_archive.likeness import (
    Told,
    Words,
    alike_pairs,
    clues,
    least_shared,
    likeness,
    sought,
    told,
)


@dataclass(frozen=True, slots=True)
class Reading:
    """A row of the table of readings."""

    id: int
    names: Names
    wording_id: int
    entry_id: str


# -- wordings that are near ----------------------------------------------------------------


def compare_wording(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> None:
    """Find the wordings that a new one is near to."""
    mine = told(_words(row))
    numbers = [{"number": each, "wording_id": wording_id} for each in sorted(set(clues(mine)))]
    if numbers:
        connection.execute(insert(t.clue), numbers)
    found = (
        select(t.clue.c.wording_id, func.count().label("shared"))
        .where(t.clue.c.number.in_(sought(mine)))
        .group_by(t.clue.c.wording_id)
        .subquery()
    )
    beside = select(t.wording, found.c.shared).join(found, found.c.wording_id == t.wording.c.id)
    beside = beside.where(found.c.shared >= least_shared(mine, mine))
    pairs = []
    for each in connection.execute(beside).mappings():
        # Two offices may print one undated wording; with a date its name is the same anyway.
        if each["id"] != wording_id or mine.day is None:
            other = told(_words(each))
            enough = each["shared"] >= least_shared(mine, other)
            alike = likeness(mine, other) if enough else None
            pairs += [(wording_id, each["id"], alike.score)] if alike else []
    _put_likenesses(connection, pairs)


def forget_wording(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> set[int]:
    """Take back what a wording was near to; the wordings that were."""
    c = t.likeness.c
    near = set(connection.scalars(select(c.other_id).where(c.wording_id == wording_id)))
    if near:
        connection.execute(
            delete(t.likeness).where(
                or_(
                    c.wording_id == wording_id,
                    c.wording_id.in_(near) & (c.other_id == wording_id),
                )
            )
        )
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
        connection.execute(upsert(t.likeness).on_conflict_do_nothing(), rows)


# -- readings and their entries ------------------------------------------------------------


def put_reading(connection: Connection, called: Names, wording_id: int) -> int:
    """The reading of these names in this wording, entered where it is new."""
    c = t.reading.c
    strong = called.strong or ""
    held = connection.scalar(
        select(c.id).where(
            c.strong == strong, c.weak == called.weak, c.wording_id == wording_id
        )
    )  # fmt: skip
    if held is not None:
        return int(held)
    row = {"strong": strong, "weak": called.weak, "wording_id": wording_id, "entry_id": ""}
    return int((connection.execute(insert(t.reading).values(row)).inserted_primary_key or [0])[0])


def regroup(connection: Connection, reading_ids: Collection[int]) -> None:
    """Place these readings and all that are related anew; those that no capture shows are gone."""
    before = related(connection, reading_ids)
    unseen = ~select(t.sighting).where(t.sighting.c.reading_id == t.reading.c.id).exists()
    gone = select(t.reading.c.id).where(t.reading.c.id.in_(reading_ids), unseen)
    dropped = set(connection.scalars(gone))
    connection.execute(delete(t.reading).where(t.reading.c.id.in_(dropped)))
    placed = place(connection, [each for each in before if each.id not in dropped])
    refresh_all(connection, before, placed)


def refresh_all(
    connection: Connection, before: Iterable[Reading], placed: Mapping[int, Placed]
) -> None:
    """Bring the entries in line that readings were in, or are in now."""
    touched = {each.entry_id for each in before} | {each.entry_id for each in placed.values()}
    for entry_id in sorted(touched - {""}):
        refresh(connection, entry_id)


def related(
    connection: Connection, reading_ids: Collection[int], wording_ids: Collection[int] = ()
) -> list[Reading]:
    """These readings, those in these wordings, and all that share a name with one, are near to
    one or merged with one, directly or through others.
    """
    c = t.reading.c
    found: dict[int, Reading] = {}
    asked: set[str] = set()
    compared: set[int] = set()
    condition: ColumnElement[bool] = or_(c.id.in_(reading_ids), c.wording_id.in_(wording_ids))
    while True:
        for row in connection.execute(select(t.reading).where(condition)):
            found[row.id] = _reading(row)
        named = {name for each in found.values() for name in _names(each)} - asked
        worded = {each.wording_id for each in found.values()} - compared
        if not named and not worded:
            return list(found.values())
        asked |= named
        compared |= worded
        beside = _beside(connection, worded)
        merged = _partners(connection, named)
        asked |= merged
        named |= merged
        condition = or_(c.strong.in_(named), c.weak.in_(named), c.wording_id.in_(beside))


def _reading(row: Row[Any]) -> Reading:
    return Reading(row.id, Names(row.strong or None, row.weak), row.wording_id, row.entry_id)


def _names(reading: Reading) -> list[str]:
    return list(filter(None, (reading.names.strong, reading.names.weak)))


def _beside(connection: Connection, wording_ids: Collection[int]) -> set[int]:
    c = t.likeness.c
    return set(connection.scalars(select(c.other_id).where(c.wording_id.in_(wording_ids))))


_HALF = t.decision.alias("half")


def _partners(connection: Connection, names: Collection[str]) -> set[str]:
    """Names that a researcher merged with one of these."""
    query = (
        select(_HALF.c.present_name)
        .join(t.decision, (t.decision.c.id == _HALF.c.id) & (t.decision.c.part != _HALF.c.part))
        .where(t.decision.c.present_name.in_(names), t.decision.c.kind == "merge")
    )
    return set(connection.scalars(query))


def place(connection: Connection, readings: Sequence[Reading]) -> Mapping[int, Placed]:
    """The entry of each reading, entered where it changed. `readings` are all that are related."""
    rows: dict[Names, list[int]] = defaultdict(list)
    for each in readings:
        rows[each.names].append(each.id)
    placed = group(
        rows,
        lambda one, other: _together(
            connection, [row for each in one for row in rows[each]],
            [row for each in other for row in rows[each]],
        ),
        _near(connection, readings),
        _merged(connection, {name for each in readings for name in _names(each)}),
    )  # fmt: skip
    before = _placed_before(connection, [each.id for each in readings])
    for each in readings:
        if before[each.id] != (now := placed[each.names]):
            values = {
                "entry_id": now.entry_id, "rule": now.rule,
                "score": now.score, "compared": now.compared,
            }  # fmt: skip
            connection.execute(update(t.reading).where(t.reading.c.id == each.id).values(values))
    return {each.id: placed[each.names] for each in readings}


def _placed_before(connection: Connection, reading_ids: Collection[int]) -> dict[int, Placed]:
    c = t.reading.c
    query = select(c.id, c.entry_id, c.rule, c.score, c.compared).where(c.id.in_(reading_ids))
    return {row[0]: Placed(*row[1:]) for row in connection.execute(query)}


def _together(connection: Connection, one: Collection[int], other: Collection[int]) -> bool:
    """Whether a reading of one and one of the other stand on one capture."""
    a, b = t.sighting.alias(), t.sighting.alias()
    query = (
        select(a.c.capture_id)
        .join(b, b.c.capture_id == a.c.capture_id)
        .where(a.c.reading_id.in_(one), b.c.reading_id.in_(other))
        .limit(1)
    )
    return connection.scalar(query) is not None


def _near(connection: Connection, readings: Sequence[Reading]) -> Iterator[Near]:
    """The pairs of readings whose wordings are near, but for those that share a name."""
    by_wording: dict[int, list[Names]] = defaultdict(list)
    for each in readings:
        by_wording[each.wording_id].append(each.names)
    c = t.likeness.c
    pairs = connection.execute(
        select(t.likeness).where(
            c.wording_id.in_(list(by_wording)), c.wording_id <= c.other_id
        )
    ).all()  # fmt: skip
    ids = {wording for pair in pairs for wording in pair[:2]}
    digests = dict(
        connection.execute(
            select(t.wording.c.id, t.wording.c.digest).where(t.wording.c.id.in_(ids))
        ).all()
    )  # fmt: skip
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


def _merged(connection: Connection, names: Collection[str]) -> Iterator[tuple[str, str]]:
    """What a researcher merged, of these names."""
    query = (
        select(t.decision.c.present_name, _HALF.c.present_name)
        .join(_HALF, (t.decision.c.id == _HALF.c.id) & (t.decision.c.part < _HALF.c.part))
        .where(t.decision.c.kind == "merge", t.decision.c.present_name.in_(names))
    )
    yield from ((one, other) for one, other in connection.execute(query))


# -- entries -------------------------------------------------------------------------------


def refresh(connection: Connection, entry_id: str) -> None:
    """Make the row of an entry from its sightings; without any it is no more."""
    last = connection.execute(text(_LAST_SIGHTING), {"entry": entry_id}).first()
    if last is None:
        connection.execute(delete(t.entry).where(t.entry.c.id == entry_id))
        return
    first_seen = connection.scalar(text(_FIRST_SEEN), {"entry": entry_id})
    row = {**last._mapping, "id": entry_id, "first_seen": first_seen}
    statement = upsert(t.entry).values(row)
    connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))


# Both walk the index (reading_id, captured_at) of a handful of readings.
_LAST_SIGHTING = """
SELECT reading.wording_id, sighting.capture_id AS last_capture_id,
       sighting.ordinal AS last_ordinal, sighting.captured_at AS last_seen
FROM reading
JOIN sighting ON sighting.reading_id = reading.id
JOIN capture ON capture.id = sighting.capture_id
WHERE reading.entry_id = :entry
  AND sighting.captured_at = (SELECT max((SELECT max(s.captured_at) FROM sighting s
                                          WHERE s.reading_id = r.id))
                              FROM reading r WHERE r.entry_id = :entry)
ORDER BY capture.key DESC, sighting.ordinal
LIMIT 1
"""
_FIRST_SEEN = """
SELECT min((SELECT min(s.captured_at) FROM sighting s WHERE s.reading_id = r.id))
FROM reading r WHERE r.entry_id = :entry
"""


# -- the whole archive ---------------------------------------------------------------------


def regroup_all(connection: Connection) -> None:
    """Compare all wordings and place all readings, where an older program did not."""
    rows = connection.execute(select(t.wording)).mappings().all()
    apart: list[Told] = [told(_words(row)) for row in rows]
    numbers = [
        {"number": number, "wording_id": row["id"]}
        for row, each in zip(rows, apart, strict=True)
        for number in sorted(set(clues(each)))
    ]
    if numbers:
        connection.execute(insert(t.clue), numbers)
    pairs = alike_pairs(apart)
    _put_likenesses(connection, [(rows[a]["id"], rows[b]["id"], score) for a, b, score in pairs])
    waiting = list(connection.scalars(select(t.reading.c.id).order_by(t.reading.c.id)))
    done: set[int] = set()
    while waiting:
        some, waiting = waiting[:_AT_ONCE], waiting[_AT_ONCE:]
        if left := set(some) - done:
            before = related(connection, left)
            done |= {each.id for each in before}
            refresh_all(connection, before, place(connection, before))


_AT_ONCE = 200  # readings; SQLite takes 32,766 values in a statement
