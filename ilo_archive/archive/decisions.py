"""A researcher's decisions on identity: these two are one entry, this sighting is of another.

A decision names sightings by what outlives a new reading and a new archive: the capture, and
the sighting's place, wording and name there. It is a line of `decisions.jsonl` in the home, which
is written with every decision and read by an archive that starts anew.
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
    """Every decision of the archive, the oldest first."""
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
    """Enter a decision and let it take hold of the captures that are recorded."""
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
        _settle_recorded(connection, key)
    reassign(connection, _concerned(connection, decision))


def _settle_recorded(connection: Connection, capture_key: str) -> None:
    """Let the decisions on a capture that is recorded take hold."""
    rows = connection.execute(_on_capture(capture_key)).all()
    spots = [
        SightingOnPage(row.ordinal, EntryKeys(row.strong or None, row.weak), row.digest)
        for row in rows
    ]
    splits, left = apply_to_capture(connection, capture_key, spots)
    touched = set(left)
    for row in rows:
        if name := splits.get(row.ordinal):
            touched |= {row.reading_id, _move(connection, row, EntryKeys(None, name))}
    reassign(connection, touched)


def _move(connection: Connection, row: Any, keys: EntryKeys) -> int:
    """Give a sighting a reading of these names."""
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


def _concerned(connection: Connection, decision: Decision) -> set[int]:
    """The readings that go by a name of a decision."""
    d = t.decision.c
    query = select(d.name, d.present_name).where(d.id == decision.id)
    called = {name for row in connection.execute(query) for name in row}
    called |= {decision.id, *(each.name for each in decision.sightings)}
    return _called(connection, called)


def _called(connection: Connection, called: Iterable[str]) -> set[int]:
    c = t.reading.c
    wanted = list(called)
    return set(
        connection.scalars(select(c.id).where(or_(c.strong.in_(wanted), c.weak.in_(wanted))))
    )


@dataclass(frozen=True, slots=True)
class SightingOnPage:
    """A sighting on a capture, as its present reading sees it."""

    ordinal: int
    keys: EntryKeys
    wording: str


def apply_to_capture(
    connection: Connection, capture_key: str, spots: Sequence[SightingOnPage]
) -> tuple[dict[int, str], set[int]]:
    """Find the sightings of a capture that decisions are about: the names of those split off, by
    ordinal, and the readings that a decision named until now and names no longer.
    """
    c = t.decision.c
    rows = connection.execute(_ON_CAPTURE, {"capture": capture_key}).all()
    found = [(row, _spot_of(row, spots)) for row in rows]
    splits = {spot.ordinal: row.id for row, spot in found if spot and row.kind == "split"}
    left: set[int] = set()
    for row, spot in found:
        if not spot or row.kind == "split":
            continue
        name = _present_name(row, spot, splits.get(spot.ordinal))
        if name != row.present_name:
            left |= _called(connection, [row.present_name])
            mine = (c.id == row.id) & (c.part == row.part)
            connection.execute(update(t.decision).where(mine).values(present_name=name))
    return splits, left


def _present_name(row: Any, spot: SightingOnPage, split_off: str | None) -> str:
    """What a merge finds its entry by. A sighting that was split off afterwards leaves the entry,
    and the merge stays with the entry; one that was split off before was merged as what it became.
    """
    if split_off and row.name.startswith(SPLIT):
        return split_off
    own = spot.keys.item_key or spot.keys.title_key
    return str(row.present_name) if own.startswith(SPLIT) else own


_ON_CAPTURE = text("SELECT * FROM decision WHERE capture_key = :capture ORDER BY id, part")


def _spot_of(row: Any, spots: Sequence[SightingOnPage]) -> SightingOnPage | None:
    """The sighting that an anchor means: in the same words or under the same name, as near to
    its old place as can be. A better reading may have changed the words and the place.
    """

    def strangeness(spot: SightingOnPage) -> tuple[bool, bool, int]:
        named = (
            row.name in (spot.keys.item_key, spot.keys.title_key) or row.id == spot.keys.title_key
        )
        return spot.wording != row.wording, not named, abs(spot.ordinal - row.ordinal)

    fitting = [spot for spot in spots if not all(strangeness(spot)[:2])]
    return min(fitting, key=strangeness, default=None)


def merge_of(
    connection: Connection, one: str, other: str, note: str | None, now: datetime
) -> Decision:
    """The decision that two entries are one. Raises BadDecision."""
    called = [name.partition("@")[0] for name in (one, other)]
    ids = [_entry_of(connection, name) for name in called]
    if ids[0] == ids[1]:
        raise BadDecision(f"{one} and {other} are one entry already: {ids[0]}")
    anchors = (_anchor_of(connection, *each) for each in zip(ids, called, strict=True))
    return Decision("merge", tuple(sorted(anchors, key=lambda a: a.name)), note, iso(now))


def _entry_of(connection: Connection, name: str) -> str:
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


def _anchor_of(connection: Connection, entry_id: str, called: str) -> SightingRef:
    """The first sighting of an entry under the name that it was called by: of entries that are
    merged already the one that was meant, so that each merge is undone for itself.
    """
    r = t.reading.c
    query = (
        select(t.capture.c.key, t.sighting.c.ordinal, t.wording.c.digest)
        .join(t.reading, r.id == t.sighting.c.reading_id)
        .join(t.wording, t.wording.c.id == r.wording_id)
        .join(t.capture, t.capture.c.id == t.sighting.c.capture_id)
        .where(r.entry_id == entry_id, or_(r.strong == called, r.weak == called))
        .order_by(t.sighting.c.captured_at, t.capture.c.key, t.sighting.c.ordinal)
    )
    key, ordinal, wording = connection.execute(query).first() or ("", 0, "")
    return SightingRef(called, key, ordinal, wording)


def split_of(
    connection: Connection, sighting: str, note: str | None, now: datetime, *, wording: bool = False
) -> Decision:
    """The decision that a sighting, `CAPTURE#ORDINAL`, is of an entry of its own; with `wording`
    every sighting of its entry in the same words goes along. Raises BadDecision.
    """
    key, ordinal = _parsed(sighting)
    rows = connection.execute(_on_capture(key)).all()
    row = next((row for row in rows if row.ordinal == ordinal), None)
    if row is None:
        raise BadDecision(f"no sighting {sighting!r}: `show ENTRY --why` names those of an entry")
    if row.weak.startswith("split-"):
        raise BadDecision(f"{sighting} is split off already, as {row.weak}")
    first = SightingRef(row.strong or row.weak, key, ordinal, row.digest)
    others = _in_same_words(connection, row) if wording else []
    anchors = (first, *(each for each in others if each != first))
    return Decision("split", anchors, note, iso(now))


def _parsed(sighting: str) -> tuple[str, int]:
    key, _, ordinal = sighting.rpartition("#")
    if not key or not ordinal.isdecimal():
        raise BadDecision(f"{sighting!r} is no sighting: give CAPTURE#NUMBER, see `show --why`")
    return key, int(ordinal)


def _in_same_words(connection: Connection, row: Any) -> Iterator[SightingRef]:
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


def merge_to_undo(connection: Connection, one: str, other: str) -> Decision:
    """The decision that merged two. Raises BadDecision."""
    wanted = {one.partition("@")[0], other.partition("@")[0]}
    for each in all_decisions(connection):
        present = select(t.decision.c.present_name).where(t.decision.c.id == each.id)
        called = ({a.name for a in each.sightings}, set(connection.scalars(present)))
        if each.kind == "merge" and wanted in called:
            return each
    raise BadDecision(f"nobody merged {one} and {other}: `show ENTRY --why` tells what was")


def split_to_undo(connection: Connection, sighting: str) -> Decision:
    """The decision that split a sighting off; its entry's id will do. Raises BadDecision."""
    for each in all_decisions(connection):
        spots = {f"{a.capture_key}#{a.ordinal}" for a in each.sightings}
        if each.kind == "split" and sighting in spots | {each.id}:
            return each
    raise BadDecision(f"nobody split {sighting} off: `show ENTRY --why` tells what was")


def undo(connection: Connection, decision: Decision, registry: Registry) -> None:
    """Take a decision back: what it joined or split is grouped as by itself."""
    touched = _concerned(connection, decision)
    connection.execute(delete(t.decision).where(t.decision.c.id == decision.id))
    if decision.kind == "split":
        for key in {each.capture_key for each in decision.sightings}:
            for row in connection.execute(_on_capture(key)).all():
                if row.weak == decision.id:
                    touched |= {row.reading_id, _move(connection, row, _own_keys(row, registry))}
            _settle_recorded(connection, key)
    reassign(connection, touched)


def _own_keys(row: Any, registry: Registry) -> EntryKeys:
    """What a sighting goes by without a decision."""
    entry = Entry(
        position=row.ordinal,
        title=row.title,
        date=date.fromisoformat(row.date) if row.date else None,
        summary=row.summary,
        link=row.link,
    )
    return entry_keys(entry, row.language, row.office, registry)
