"""Apply a researcher's decisions on identity: two entries are one, a sighting is another entry.

A decision identifies sightings by what survives a new reading and a new archive: the capture, and
the sighting's position, wording and name. Every decision is also stored in `decisions.jsonl` in the
home; an empty archive imports that file.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, delete, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive.archive import tables as t
from ilo_archive.archive.placement import put_keyed_wording, reassign
from ilo_archive.identity.decisions import BadDecision, Decision, SightingRef
from ilo_archive.identity.keys import SPLIT, EntryKeys, entry_keys
from ilo_archive.offices import Registry
from ilo_archive.reader.entry import Entry
from ilo_archive.times import iso


def all_decisions(connection: Connection) -> list[Decision]:
    """Every decision of the archive, oldest first."""
    c = t.decision.c
    rows: dict[str, list[Any]] = {}
    for row in connection.execute(select(t.decision).order_by(c.decided_at, c.id, c.part)):
        rows.setdefault(row.id, []).append(row)
    return [
        Decision(
            parts[0].kind,
            tuple(
                SightingRef(each.name, each.capture_key, each.ordinal, each.wording)
                for each in parts
            ),
            parts[0].note,
            parts[0].decided_at,
        )
        for parts in rows.values()
    ]


def apply_decision(connection: Connection, decision: Decision) -> None:
    """Store a decision and apply it to the captures that are recorded."""
    rows = [
        {
            "id": decision.id,
            "part": part,
            "kind": decision.kind,
            "name": each.name,
            "capture_key": each.capture_key,
            "ordinal": each.ordinal,
            "wording": each.wording,
            "present_name": decision.id if decision.kind == "split" else each.name,
            "note": decision.note,
            "decided_at": decision.decided_at,
        }
        for part, each in enumerate(decision.sightings)
    ]
    connection.execute(delete(t.decision).where(t.decision.c.id == decision.id))
    connection.execute(upsert(t.decision), rows)
    for key in {each.capture_key for each in decision.sightings}:
        _apply_to_recorded(connection, key)
    reassign(connection, _readings_of_decision(connection, decision))


def _apply_to_recorded(connection: Connection, capture_key: str) -> None:
    """Apply the decisions on a capture, if it is recorded."""
    rows = connection.execute(_on_capture(capture_key)).all()
    sightings = [
        SightingOnPage(row.ordinal, EntryKeys(row.strong or None, row.weak), row.digest)
        for row in rows
    ]
    splits, left = apply_to_capture(connection, capture_key, sightings)
    touched = set(left)
    for row in rows:
        if name := splits.get(row.ordinal):
            touched |= {row.reading_id, _move(connection, row, EntryKeys(None, name))}
    reassign(connection, touched)


def _move(connection: Connection, row: Any, keys: EntryKeys) -> int:
    """Assign a sighting to the reading with these keys. Returns the id of the reading."""
    reading_id = put_keyed_wording(connection, keys, row.wording_id)
    c = t.sighting.c
    mine = (c.capture_id == row.capture_id) & (c.ordinal == row.ordinal)
    connection.execute(update(t.sighting).where(mine).values(reading_id=reading_id))
    return reading_id


def _on_capture(capture_key: str) -> Any:
    return (
        select(
            t.sighting.c.capture_id, t.sighting.c.ordinal, t.sighting.c.reading_id,
            t.sighting.c.link, t.capture.c.office, t.reading.c.strong, t.reading.c.weak,
            t.reading.c.wording_id, t.reading.c.entry_id, t.wording.c.digest,
            t.wording.c.language, t.wording.c.date, t.wording.c.title, t.wording.c.summary,
        )
        .join(t.capture, t.capture.c.id == t.sighting.c.capture_id)
        .join(t.reading, t.reading.c.id == t.sighting.c.reading_id)
        .join(t.wording, t.wording.c.id == t.reading.c.wording_id)
        .where(t.capture.c.key == capture_key)
        .order_by(t.sighting.c.ordinal)
    )  # fmt: skip


def _readings_of_decision(connection: Connection, decision: Decision) -> set[int]:
    """The ids of the readings that have a name of the decision as a key."""
    d = t.decision.c
    query = select(d.name, d.present_name).where(d.id == decision.id)
    names = {name for row in connection.execute(query) for name in row}
    names |= {decision.id, *(each.name for each in decision.sightings)}
    return _readings_with_key(connection, names)


def _readings_with_key(connection: Connection, names: Iterable[str]) -> set[int]:
    """The ids of the readings that have one of the names as a key."""
    c = t.reading.c
    keys = list(names)
    return set(connection.scalars(select(c.id).where(or_(c.strong.in_(keys), c.weak.in_(keys)))))


@dataclass(frozen=True, slots=True)
class SightingOnPage:
    """A sighting on a capture, according to the present reading."""

    ordinal: int
    keys: EntryKeys
    wording: str


def apply_to_capture(
    connection: Connection, capture_key: str, sightings: Sequence[SightingOnPage]
) -> tuple[dict[int, str], set[int]]:
    """Find the sightings of a capture that decisions concern.

    Returns the names of the split-off ones by ordinal, and the ids of readings that a decision
    referred to until now. `sightings` are those of the present reading.
    """
    c = t.decision.c
    rows = connection.execute(_ON_CAPTURE, {"capture": capture_key}).all()
    found = [(row, _find_sighting(row, sightings)) for row in rows]
    splits = {
        sighting.ordinal: row.id for row, sighting in found if sighting and row.kind == "split"
    }
    left: set[int] = set()
    for row, sighting in found:
        if not sighting or row.kind == "split":
            continue
        name = _present_name(row, sighting, splits.get(sighting.ordinal))
        if name != row.present_name:
            left |= _readings_with_key(connection, [row.present_name])
            this_row = (c.id == row.id) & (c.part == row.part)
            connection.execute(update(t.decision).where(this_row).values(present_name=name))
    return splits, left


def _present_name(row: Any, sighting: SightingOnPage, split_off: str | None) -> str:
    """The name by which a merge finds its entry.

    A sighting that was split off after the merge leaves the entry, and the merge stays with the
    entry. A sighting that had been split off before was merged under its new name.
    """
    if split_off and row.name.startswith(SPLIT):
        return split_off
    key = sighting.keys.item_key or sighting.keys.title_key
    return str(row.present_name) if key.startswith(SPLIT) else key


_ON_CAPTURE = text("SELECT * FROM decision WHERE capture_key = :capture ORDER BY id, part")


def _find_sighting(row: Any, sightings: Sequence[SightingOnPage]) -> SightingOnPage | None:
    """The sighting that a decision means: with the same wording or name, nearest to the old
    position.

    A better reading may have changed both the wording and the position. None if there is none.
    """

    def distance(sighting: SightingOnPage) -> tuple[bool, bool, int]:
        has_name = (
            row.name in (sighting.keys.item_key, sighting.keys.title_key)
            or row.id == sighting.keys.title_key
        )
        return sighting.wording != row.wording, not has_name, abs(sighting.ordinal - row.ordinal)

    candidates = [sighting for sighting in sightings if not all(distance(sighting)[:2])]
    return min(candidates, key=distance, default=None)


def merge_of(
    connection: Connection, first: str, second: str, note: str | None, now: datetime
) -> Decision:
    """The decision that two entries are one. Raises BadDecision."""
    names = [name.partition("@")[0] for name in (first, second)]
    ids = [_entry_of(connection, name) for name in names]
    if ids[0] == ids[1]:
        raise BadDecision(f"{first} and {second} are already one entry: {ids[0]}")
    sightings = (_first_sighting(connection, *each) for each in zip(ids, names, strict=True))
    return Decision("merge", tuple(sorted(sightings, key=lambda a: a.name)), note, iso(now))


def _entry_of(connection: Connection, name: str) -> str:
    """The id of the entry with this id or key. Raises BadDecision."""
    c = t.reading.c
    query = (
        select(c.entry_id)
        .where(or_(c.entry_id == name, c.strong == name, c.weak == name))
        .order_by(c.entry_id != name)
    )
    found = connection.scalar(query)
    if found is None:
        raise BadDecision(f"no entry {name!r}: see `ilo-archive entries`")
    return str(found)


def _first_sighting(connection: Connection, entry_id: str, name: str) -> SightingRef:
    """The first sighting of an entry under the given name.

    If entries are merged already, this selects the one that was named, so that each merge can be
    undone separately.
    """
    r = t.reading.c
    query = (
        select(t.capture.c.key, t.sighting.c.ordinal, t.wording.c.digest)
        .join(t.reading, r.id == t.sighting.c.reading_id)
        .join(t.wording, t.wording.c.id == r.wording_id)
        .join(t.capture, t.capture.c.id == t.sighting.c.capture_id)
        .where(r.entry_id == entry_id, or_(r.strong == name, r.weak == name))
        .order_by(t.sighting.c.captured_at, t.capture.c.key, t.sighting.c.ordinal)
    )
    key, ordinal, wording = connection.execute(query).first() or ("", 0, "")
    return SightingRef(name, key, ordinal, wording)


def split_of(
    connection: Connection, sighting: str, note: str | None, now: datetime, *, wording: bool = False
) -> Decision:
    """The decision that a sighting, `CAPTURE#ORDINAL`, is an entry of its own. Raises BadDecision.

    With `wording`, every sighting of its entry with the same wording is included.
    """
    key, ordinal = _parse_sighting(sighting)
    rows = connection.execute(_on_capture(key)).all()
    row = next((row for row in rows if row.ordinal == ordinal), None)
    if row is None:
        raise BadDecision(f"no sighting {sighting!r}: `show ENTRY --why` lists those of an entry")
    if row.weak.startswith("split-"):
        raise BadDecision(f"{sighting} is already split off, as {row.weak}")
    first = SightingRef(row.strong or row.weak, key, ordinal, row.digest)
    others = _with_same_wording(connection, row) if wording else []
    sightings = (first, *(each for each in others if each != first))
    return Decision("split", sightings, note, iso(now))


def _parse_sighting(sighting: str) -> tuple[str, int]:
    """The capture key and the ordinal of `CAPTURE#ORDINAL`. Raises BadDecision."""
    key, _, ordinal = sighting.rpartition("#")
    if not key or not ordinal.isdecimal():
        raise BadDecision(
            f"{sighting!r} is not a sighting: use CAPTURE#NUMBER, see `show ENTRY --why`"
        )
    return key, int(ordinal)


def _with_same_wording(connection: Connection, row: Any) -> Iterator[SightingRef]:
    """Yield the sightings of an entry that have the wording of `row`."""
    r = t.reading.c
    query = (
        select(r.strong, r.weak, t.capture.c.key, t.sighting.c.ordinal)
        .join(t.reading, r.id == t.sighting.c.reading_id)
        .join(t.capture, t.capture.c.id == t.sighting.c.capture_id)
        .where(r.entry_id == row.entry_id, r.wording_id == row.wording_id)
        .order_by(t.sighting.c.captured_at, t.capture.c.key, t.sighting.c.ordinal)
    )
    for strong, weak, key, ordinal in connection.execute(query):
        yield SightingRef(strong or weak, key, ordinal, row.digest)


def merge_to_undo(connection: Connection, first: str, second: str) -> Decision:
    """The decision that merged two entries. Raises BadDecision."""
    wanted = {first.partition("@")[0], second.partition("@")[0]}
    for decision in all_decisions(connection):
        present = select(t.decision.c.present_name).where(t.decision.c.id == decision.id)
        called = ({a.name for a in decision.sightings}, set(connection.scalars(present)))
        if decision.kind == "merge" and wanted in called:
            return decision
    raise BadDecision(f"{first} and {second} were not merged: see `show ENTRY --why`")


def split_to_undo(connection: Connection, sighting: str) -> Decision:
    """The decision that split off a sighting or made this entry. Raises BadDecision."""
    for decision in all_decisions(connection):
        references = {f"{a.capture_key}#{a.ordinal}" for a in decision.sightings}
        if decision.kind == "split" and sighting in references | {decision.id}:
            return decision
    raise BadDecision(f"{sighting} was not split off: see `show ENTRY --why`")


def undo(connection: Connection, decision: Decision, registry: Registry) -> None:
    """Delete a decision and group the readings concerned again."""
    touched = _readings_of_decision(connection, decision)
    connection.execute(delete(t.decision).where(t.decision.c.id == decision.id))
    if decision.kind == "split":
        for key in {each.capture_key for each in decision.sightings}:
            for row in connection.execute(_on_capture(key)).all():
                if row.weak == decision.id:
                    touched |= {row.reading_id, _move(connection, row, _own_keys(row, registry))}
            _apply_to_recorded(connection, key)
    reassign(connection, touched)


def _own_keys(row: Any, registry: Registry) -> EntryKeys:
    """The keys of a sighting without any decision."""
    entry = Entry(
        position=row.ordinal,
        title=row.title,
        date=date.fromisoformat(row.date) if row.date else None,
        summary=row.summary,
        link=row.link,
    )
    return entry_keys(entry, row.language, row.office, registry)
