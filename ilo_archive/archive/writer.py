"""Recording: `ArchiveWriter` folds readings into the archive and is its only writer.

One transaction a capture. What is stored is a function of the set of captures recorded: the
same whatever their order, and unchanged when one is recorded again.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import (
    Connection,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.sql.dml import ReturningInsert

from ilo_archive.archive import decisions
from ilo_archive.archive import tables as t
from ilo_archive.archive.decisions import Decision, Spot, settle
from ilo_archive.archive.listings import DONE, Ledger, capture_row, listed_row
from ilo_archive.archive.placement import (
    compare_wordings,
    forget_wording,
    place,
    place_unplaced,
    refresh_all,
    related,
)
from ilo_archive.capture import Capture, NotFetched, from_iso, iso
from ilo_archive.identity.groups import Names, names, wording_digest
from ilo_archive.offices import Place, Registry
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import READER_VERSION, Page, Section
from ilo_archive.reader.snapshot import Snapshot, State
from ilo_archive.text.credits import holders_of, shown_holders, surname
from ilo_archive.warc.store import Position, record_id


class ArchiveLocked(Exception):
    """Another run writes to this home."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording one capture brought: entries never seen before, entries in a wording
    never seen before, and entries seen again as they were.
    """

    new: int = 0
    revised: int = 0
    again: int = 0


class ArchiveWriter:
    """Writes to the archive of a home, one writer at a time.

    Raises ArchiveLocked when another run holds the home, ArchiveMismatch when the file is not
    ours, OSError or sqlalchemy's OperationalError when the disk refuses.
    """

    def __init__(self, home: Path, registry: Registry) -> None:
        """Lock the home, open its archive and bring the schema up to date."""
        home.mkdir(parents=True, exist_ok=True)
        self.registry = registry
        self._decisions = home / decisions.DECISIONS
        self._lock = FileLock(home / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ArchiveLocked(f"another run writes to {home}: wait for it to end") from None
        self._engine = t.open_engine(home / "archive.sqlite")
        self.listings = Ledger(self._engine)
        try:
            t.migrate(self._engine)
            with self._engine.begin() as connection:
                place_unplaced(connection)
            self._take_written()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file and let go of the home."""
        self._engine.dispose()
        self._lock.release()

    # -- the ledger

    def list_captures(self, captures: Iterable[Capture]) -> list[Capture]:
        """Enter captures into the ledger, in one transaction; those still to be fetched.

        One that a file brought without a URI-M gets that of the archive that lists it. One that
        is listed without a digest, as in TimeMaps, is any that is done of that page and second.
        """
        wanted = list(captures)
        with self._engine.begin() as connection:
            for each in wanted:
                if not _show_namesake(connection, each):
                    connection.execute(listed_row(each))
            return [each for each in wanted if not _is_done(connection, each)]

    def holds(self, wanted: Capture) -> bool:
        """Whether nothing is left to do for this capture."""
        with self._engine.connect() as connection:
            return _is_done(connection, wanted)

    def kept_before(self, page: str, payload_digest: str) -> Capture | None:
        """The capture of that page under which the very same bytes were kept first."""
        c = t.capture.c
        query = (
            select(c.url, c.captured_at, c.archive, c.digest)
            .where(c.payload_digest == payload_digest, c.page == page)
            .order_by(c.warc_file, c.warc_offset)
        )
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        moment = from_iso(row.captured_at)
        return Capture(Place("", None, ""), row.url, moment, row.archive, digest=row.digest)

    def kept_at(self, capture: Capture, payload_digest: str) -> Position | None:
        """Where the record of a capture with that body lies, once it is kept.

        The same capture with another body, as a killed run may have been given it, is none.
        """
        c, o = t.capture.c, t.orphan.c
        recorded = select(c.warc_file, c.warc_offset, c.warc_length).where(
            c.key == capture.key,
            c.payload_digest == payload_digest,
            c.warc_offset.is_not(None),
        )
        orphaned = select(o.warc_file, o.warc_offset, o.warc_length).where(
            o.record_id == record_id(capture, payload_digest)
        )
        with self._engine.connect() as connection:
            row = connection.execute(recorded).first() or connection.execute(orphaned).first()
        return Position(*row) if row else None

    def adopt(self, orphans: Mapping[str, Position]) -> None:
        """Enter records that a killed run kept without recording their captures.

        They are remembered until their captures come, whenever that is and whatever is kept
        behind them in between.
        """
        rows = [
            {
                "record_id": each,
                "warc_file": at.file,
                "warc_offset": at.offset,
                "warc_length": at.length,
            }
            for each, at in orphans.items()
        ]
        if rows:
            with self._engine.begin() as connection:
                connection.execute(upsert(t.orphan).on_conflict_do_nothing(), rows)

    def warc_end(self) -> tuple[str, int]:
        """The last file of the store that the archive knows, and its first byte unknown to it."""
        ends = [
            select(c.warc_file, (c.warc_offset + c.warc_length).label("end"))
            .where(c.warc_file.is_not(None))
            .order_by(c.warc_file.desc(), text('"end" DESC'))
            .limit(1)
            for c in (t.capture.c, t.orphan.c)
        ]
        with self._engine.connect() as connection:
            found = [connection.execute(each).first() for each in ends]
        return max(((row.warc_file, int(row.end)) for row in found if row), default=("", 0))

    # -- runs

    def start_run(self, command: str, now: datetime) -> int:
        """Enter a run. An earlier one without an outcome was killed."""
        with self._engine.begin() as connection:
            unended = update(t.run).where(t.run.c.outcome.is_(None))
            connection.execute(unended.values(outcome="killed"))
            values = {"command": command, "started_at": iso(now)}
            return _inserted(connection.execute(insert(t.run).values(values)))

    def end_run(self, run_id: int, outcome: str, now: datetime) -> None:
        """Enter how a run ended."""
        values = {"outcome": outcome, "ended_at": iso(now)}
        with self._engine.begin() as connection:
            connection.execute(update(t.run).where(t.run.c.id == run_id).values(values))

    # -- recording

    def record_failure(self, failure: NotFetched, run_id: int) -> None:
        """Enter a capture that could not be had, with its reason."""
        state: State = "failed" if failure.retry else "skipped"
        row = capture_row(failure.capture) | {
            "state": state,
            "reason": failure.reason,
            "failure": failure.failure.value,
        }
        with self._engine.begin() as connection:
            _put_capture(connection, row)
            _count(connection, run_id, failed=1)

    def record(self, snapshot: Snapshot, run_id: int) -> Recorded:
        """Fold a reading into the archive; recording it again changes nothing."""
        with self._engine.begin() as connection:
            capture_id = _put_capture(connection, _snapshot_row(snapshot))
            _drop_bare_listing(connection, snapshot.capture)
            credited = _credited(connection, capture_id)
            stale = _forget(connection, capture_id)
            seen: list[_Seen] = []
            moved: set[int] = set()
            if snapshot.page:
                seen = list(_seen(snapshot, snapshot.page, self.registry))
                stale |= _decide(connection, snapshot.capture.key, seen)
                _put_reading_of_page(connection, capture_id, snapshot.page)
                moved |= _put_sightings(connection, capture_id, snapshot.capture, seen)
            _put_holders(connection, credited, _credited(connection, capture_id))
            moved |= _reprint(connection, stale)
            recorded = _resolve(connection, seen, stale, moved)
            failed = int(snapshot.state != "read")
            _count(
                connection, run_id,
                captures=1, new_entries=recorded.new, revised=recorded.revised, failed=failed,
            )  # fmt: skip
        return recorded

    def record_loss(self, run_id: int) -> None:
        """Count a capture whose kept bytes are lost or damaged; its reading stays as it is."""
        with self._engine.begin() as connection:
            _count(connection, run_id, failed=1)

    # -- decisions

    def merge(self, one: str, other: str, note: str | None, now: datetime) -> Decision:
        """Record that two entries are one. Raises BadDecision."""
        return self._decide(lambda c: decisions.merge_of(c, one, other, note, now))

    def split(
        self, sighting: str, note: str | None, now: datetime, *, wording: bool = False
    ) -> Decision:
        """Record that a sighting, `CAPTURE#ORDINAL`, is of an entry of its own; with `wording`
        all sightings of its entry in the same words. Raises BadDecision.
        """
        return self._decide(lambda c: decisions.split_of(c, sighting, note, now, wording=wording))

    def undo_merge(self, one: str, other: str) -> Decision:
        """Take back that two entries are one. Raises BadDecision."""
        return self._undo(lambda c: decisions.merge_to_undo(c, one, other))

    def undo_split(self, sighting: str) -> Decision:
        """Take back that a sighting is of another entry. Raises BadDecision."""
        return self._undo(lambda c: decisions.split_to_undo(c, sighting))

    def take(self, taken: Iterable[Decision]) -> None:
        """Record decisions that were taken elsewhere; those held already stay as they are.

        A decision on captures that are not recorded waits for them.
        """
        with self._engine.begin() as connection:
            held = {each.id for each in decisions.all_decisions(connection)}
            for each in taken:
                if each.id not in held:
                    decisions.take(connection, each)
        self._write_decisions()

    def _decide(self, decide: Callable[[Connection], Decision]) -> Decision:
        with self._engine.begin() as connection:
            decision = decide(connection)
            decisions.take(connection, decision)
        self._write_decisions()
        return decision

    def _undo(self, find: Callable[[Connection], Decision]) -> Decision:
        with self._engine.begin() as connection:
            decision = find(connection)
            decisions.undo(connection, decision, self.registry)
        self._write_decisions()
        return decision

    def _write_decisions(self) -> None:
        with self._engine.connect() as connection:
            held = decisions.all_decisions(connection)
        decisions.write_decisions(self._decisions, held)

    def _take_written(self) -> None:
        """An archive that starts anew takes the decisions that its home holds."""
        if self._decisions.is_file():
            with self._engine.connect() as connection:
                is_new = connection.scalar(select(func.count()).select_from(t.capture)) == 0
            if is_new:
                self.take(decisions.read_decisions(self._decisions))


# -- captures and runs ---------------------------------------------------------------------


def _inserted(result: Any) -> int:
    return int(result.inserted_primary_key[0])


def _count(connection: Connection, run_id: int, **more: int) -> None:
    none = {"captures": 0, "new_entries": 0, "revised": 0, "failed": 0}
    connection.execute(_COUNT, {**none, **more, "run": run_id})


def _is_done(connection: Connection, capture: Capture) -> bool:
    query = select(t.capture.c.state).where(t.capture.c.key == capture.key)
    if connection.scalar(query) in DONE:
        return True
    return not capture.digest and connection.scalar(_namesakes(capture)) is not None


def _namesakes(capture: Capture) -> Select[tuple[int]]:
    """What is done of the page and second of a capture that is listed without a digest."""
    c = t.capture.c
    same = (c.page == capture.place.page) & (c.captured_at == iso(capture.captured_at))
    return select(c.id).where(same, c.state.in_(DONE), c.key != capture.key)


def _show_namesake(connection: Connection, capture: Capture) -> bool:
    """Whether a capture is done under its digest; it is entered where that can be looked at."""
    if capture.digest or connection.scalar(_namesakes(capture)) is None:
        return False
    shown = {"archive": capture.archive, "uri_m": capture.uri_m}
    unknown = t.capture.c.id.in_(_namesakes(capture)) & t.capture.c.uri_m.is_(None)
    connection.execute(update(t.capture).where(unknown).values(shown))
    return True


def _drop_bare_listing(connection: Connection, capture: Capture) -> None:
    """Forget the row that a capture was listed under before its digest was known."""
    bare = replace(capture, digest="")
    if bare.key != capture.key:
        row = (t.capture.c.key == bare.key) & t.capture.c.warc_offset.is_(None)
        listed = select(t.listed.c.capture_id)
        connection.execute(delete(t.capture).where(row, t.capture.c.id.not_in(listed)))


def _snapshot_row(snapshot: Snapshot) -> dict[str, Any]:
    return capture_row(snapshot.capture) | {
        "payload_digest": snapshot.payload_digest,
        "state": snapshot.state,
        "reason": snapshot.reason,
        "failure": None,
        "quality": snapshot.quality,
        "reader": READER_VERSION,
        "warc_file": snapshot.position.file,
        "warc_offset": snapshot.position.offset,
        "warc_length": snapshot.position.length,
    }


def _put_capture(connection: Connection, row: Mapping[str, Any]) -> int:
    return int(connection.scalar(_put_capture_with(tuple(row)), row) or 0)


@cache
def _put_capture_with(names: tuple[str, ...]) -> ReturningInsert[tuple[int]]:
    statement = upsert(t.capture).values({name: bindparam(name) for name in names})
    new = {name: statement.excluded[name] for name in names}
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=new)
    return statement.returning(t.capture.c.id)


def _forget(connection: Connection, capture_id: int) -> set[int]:
    """Take back what an earlier reading of a capture said; the readings it touched."""
    mine = {"capture": capture_id}
    stale = set(connection.scalars(_READINGS_OF_CAPTURE, mine))
    if stale:
        connection.execute(delete(t.sighting).where(t.sighting.c.capture_id == capture_id))
    connection.execute(_DROP_SNAPSHOT, mine)
    return stale


def _put_reading_of_page(connection: Connection, capture_id: int, page: Page) -> None:
    row = {
        "capture_id": capture_id,
        "name": page.office,
        "description": page.description,
        "language": page.language,
        "template": page.template,
        "warnings": json.dumps(page.warnings, ensure_ascii=False),
        "charset": page.charset.name,
        "charset_reason": page.charset.reason,
    }
    connection.execute(_INSERT_SNAPSHOT, row)


# -- sightings -----------------------------------------------------------------------------


@dataclass(slots=True)
class _Seen:
    """An entry of the page at hand, with what it goes by in the archive."""

    section: Section
    entry: Entry
    names: Names
    wording: dict[str, Any]
    reading_id: int = 0


def _seen(snapshot: Snapshot, page: Page, registry: Registry) -> Iterable[_Seen]:
    place = snapshot.capture.place
    language = page.language or place.language  # a page of a few names tells none
    for section, entry in page.entries:
        yield _Seen(
            section,
            entry,
            names(entry, language, place.office, registry),
            _wording_row(entry, language, snapshot.capture),
        )


def _wording_row(entry: Entry, language: str | None, capture: Capture) -> dict[str, Any]:
    printed = {name: _text(getattr(entry, name)) for name in t.PRINTED}
    fixed = {"digest": wording_digest(entry, language), "language": language}
    return {**printed, **fixed, "printed_at": iso(capture.captured_at)}


def _text(value: str | date | None) -> str | None:
    return value.isoformat() if isinstance(value, date) else value


def _decide(connection: Connection, capture_key: str, seen: Sequence[_Seen]) -> set[int]:
    """Let a researcher's decisions on sightings of a capture take hold; the readings that a
    decision left because of it.
    """
    spots = [
        Spot(ordinal, each.names, each.wording["digest"])
        for ordinal, each in enumerate(seen, start=1)
    ]
    splits, left = settle(connection, capture_key, spots)
    for ordinal, name in splits.items():
        seen[ordinal - 1].names = Names(None, name)
    return left


def _put_sightings(
    connection: Connection, capture_id: int, capture: Capture, seen: Sequence[_Seen]
) -> set[int]:
    """Enter the sightings of a capture; the wordings whose likeness moved with their print."""
    moved: set[int] = set()
    prints = _put_wordings(connection, [each.wording for each in seen], moved)
    _put_readings(connection, seen, [wording_id for wording_id, _ in prints])
    rows = []
    for ordinal, (each, (_, printed)) in enumerate(zip(seen, prints, strict=True), start=1):
        credit = each.entry.credit
        rows.append(
            {
                "capture_id": capture_id,
                "ordinal": ordinal,
                "reading_id": each.reading_id,
                "captured_at": iso(capture.captured_at),
                "section": each.section.heading,
                "position": each.entry.position,
                "link": each.entry.link,
                "image": each.entry.image,
                "credit": credit and credit.text,
                "credit_holder": credit and credit.holder,
                "credit_agency": credit and credit.agency,
                "credit_year": credit and credit.year,
                "printed": printed,
            }
        )
    if rows:
        connection.execute(_INSERT_SIGHTING, rows)
    return moved


def _put_wordings(
    connection: Connection, rows: Sequence[Mapping[str, Any]], moved: set[int]
) -> list[tuple[int, str | None]]:
    """The id of each wording, and the print at hand where the wording shows another.

    Of prints that differ in what is not wording (quotes, case) the earliest is shown, so that
    the order of recording shows nowhere.
    """
    asked = {"digests": json.dumps([row["digest"] for row in rows])}
    found = connection.execute(_WORDINGS, asked).mappings()
    held: dict[str, Mapping[Any, Any]] = {row["digest"]: row for row in found}
    new: list[dict[str, Any]] = []
    following = _next_id(connection, t.wording)
    # In the order of prints: what one wording is shown as cannot change under the page's own rows.
    for row in sorted(rows, key=_print_order):
        shown = held.get(row["digest"])
        if shown is None:
            new.append({**row, "id": following + len(new)})
            held[row["digest"]] = new[-1]
        elif _print_order(row) < _print_order(shown):
            moved |= _show_print(connection, shown, row)
            held[row["digest"]] = {**row, "id": shown["id"]}
    if new:
        connection.execute(_INSERT_WORDING, new)
        connection.execute(_INDEX_WORDING, new)
        compare_wordings(connection, new)
    return [_shown_as(row, held[row["digest"]]) for row in rows]


def _shown_as(row: Mapping[str, Any], held: Mapping[Any, Any]) -> tuple[int, str | None]:
    same = all(row[name] == held[name] for name in t.PRINTED)
    return int(held["id"]), None if same else _print(row)


def _next_id(connection: Connection, table: Table) -> int:
    """The id that SQLite would give to the next row; there is one writer."""
    return int(connection.scalar(_HIGHEST[table.name]) or 0) + 1


def _show_print(
    connection: Connection, held: Mapping[Any, Any], row: Mapping[str, Any]
) -> set[int]:
    """Show another print of a wording; sightings go on to say how they print it. A capital may
    make a name of a word: the wordings whose likeness moved are returned.
    """
    old, new = _print(held), _print(row)
    moved: set[int] = set()
    if old != new:
        moved = {held["id"]} | forget_wording(connection, held["id"], held)
        _unindex(connection, held["id"], held)
        _index(connection, held["id"], row)
        values = {"wording": held["id"], "old": old, "new": new}
        connection.execute(text(_SWAP_PRINTS), values)
    shown = {name: row[name] for name in (*t.PRINTED, "printed_at")}
    connection.execute(update(t.wording).where(t.wording.c.id == held["id"]).values(shown))
    if moved:
        compare_wordings(connection, [{**held, **shown}])
    return moved


def _reprint(connection: Connection, stale: set[int]) -> set[int]:
    """Show the earliest print of wordings again after readings of them were taken back; the
    wordings whose likeness moved.
    """
    moved: set[int] = set()
    if not stale:
        return moved
    touched = select(t.reading.c.wording_id).where(t.reading.c.id.in_(stale))
    query = select(t.wording).where(t.wording.c.id.in_(touched))
    for held in connection.execute(query).mappings().all():
        found = connection.execute(text(_PRINTS), {"wording": held["id"]})
        rows = [_unprint(printed or _print(held), at) for printed, at in found]
        if rows and (first := min(rows, key=_print_order)) != _unprint(
            _print(held), held["printed_at"]
        ):
            moved |= _show_print(connection, held, first)
    return moved


def _print(row: Mapping[Any, Any]) -> str:
    return json.dumps([row[name] for name in t.PRINTED], ensure_ascii=False)


def _unprint(printed: str, printed_at: str) -> dict[str, Any]:
    return {**dict(zip(t.PRINTED, json.loads(printed), strict=True)), "printed_at": printed_at}


def _print_order(row: Mapping[Any, Any]) -> tuple[str, ...]:
    return (row["printed_at"], *(row[name] or "" for name in t.PRINTED))


def _index(connection: Connection, wording_id: int, row: Mapping[str, Any]) -> None:
    connection.execute(_INDEX_WORDING, {"id": wording_id, **_indexed(row)})


def _unindex(connection: Connection, wording_id: int, row: Mapping[Any, Any]) -> None:
    """Remove a wording from the index, by the command that FTS5 has for external content."""
    sql = (
        "INSERT INTO wording_fts (wording_fts, rowid, kicker, title, summary)"
        " VALUES ('delete', :rowid, :kicker, :title, :summary)"
    )
    connection.execute(text(sql), {"rowid": wording_id, **_indexed(row)})


def _indexed(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("kicker", "title", "summary")}


def _put_readings(
    connection: Connection, seen: Sequence[_Seen], wording_ids: Sequence[int]
) -> None:
    """Give each entry of the page the reading of its names in its wording."""
    found = connection.execute(_READINGS, {"wordings": json.dumps(wording_ids)})
    held = {(row.strong, row.weak, row.wording_id): int(row.id) for row in found}
    new: list[dict[str, Any]] = []
    following = _next_id(connection, t.reading)
    for each, wording_id in zip(seen, wording_ids, strict=True):
        key = (each.names.strong or "", each.names.weak, wording_id)
        if key not in held:
            held[key] = following + len(new)
            values = (held[key], *key, "")
            new.append(dict(zip(_READING_COLUMNS, values, strict=True)))
        each.reading_id = held[key]
    if new:
        connection.execute(_INSERT_READING, new)


# -- holders -------------------------------------------------------------------------------


def _credited(connection: Connection, capture_id: int) -> set[str]:
    """Whom the sightings of a capture credit, as printed."""
    return set(connection.scalars(_HOLDERS_OF_CAPTURE, {"capture": capture_id}))


def _put_holders(connection: Connection, before: set[str], after: set[str]) -> None:
    """Bring the holders in line with a capture that credited some and now credits others."""
    if before == after:
        return
    c = t.holder.c
    known = set(connection.scalars(select(c.credited).where(c.credited.in_(before | after))))
    used = select(t.sighting.c.credit_holder).where(t.sighting.c.credit_holder.in_(before - after))
    gone = before - after - set(connection.scalars(used))
    changed = gone | (after - known)
    if not changed:
        return
    connection.execute(delete(t.holder).where(c.credited.in_(gone)))
    rows = [_holder_row(each, form) for each in sorted(after - known) for form in holders_of(each)]
    if rows:
        connection.execute(insert(t.holder), rows)
    _show_holders(connection, {surname(form) for each in changed for form in holders_of(each)})


def _holder_row(credited: str, form: str) -> dict[str, str]:
    return {"credited": credited, "form": form, "surname": surname(form), "shown": form}


def _show_holders(connection: Connection, surnames: set[str]) -> None:
    """Choose anew the name under which people of these surnames are shown."""
    c = t.holder.c
    query = select(c.form, c.shown).where(c.surname.in_(surnames))
    before = [(form, shown) for form, shown in connection.execute(query)]
    shown = shown_holders(form for form, _ in before)
    for form in {form for form, was in before if shown[form] != was}:
        connection.execute(update(t.holder).where(c.form == form).values(shown=shown[form]))


# -- identity ------------------------------------------------------------------------------


def _resolve(
    connection: Connection, seen: Sequence[_Seen], stale: set[int], moved: set[int]
) -> Recorded:
    """Bring the entries in line with the readings that a recording touched, and with those in
    wordings whose likeness moved.
    """
    before = related(connection, {each.reading_id for each in seen} | stale, moved)
    gone = _drop_unseen(connection, stale)
    placed = place(connection, [each for each in before if each.id not in gone])
    refresh_all(connection, before, placed)
    # With those taken back: an entry that another reader finds again is none never seen before.
    known = {(each.entry_id, each.wording_id) for each in before}
    wordings = {each.id: each.wording_id for each in before}
    return _tally(
        [(placed[each.reading_id].entry_id, wordings[each.reading_id]) for each in seen], known
    )


def _drop_unseen(connection: Connection, stale: set[int]) -> set[int]:
    """Delete those of the readings that no capture shows any more, and their wordings."""
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
        _unindex(connection, row["id"], row)
        forget_wording(connection, row["id"], row)
    connection.execute(delete(t.wording).where(unused))
    return gone


def _tally(seen: Sequence[tuple[str, int]], known: set[tuple[str, int]]) -> Recorded:
    """Count sightings of (entry, wording) by whether entry and wording were known."""
    entries = {entry for entry, _ in known}
    new = {entry for entry, _ in seen if entry not in entries}
    revised = {entry for entry, each in seen if entry in entries and (entry, each) not in known}
    again = {entry for entry, _ in seen} - new - revised
    return Recorded(len(new), len(revised), len(again))


# -- SQL -----------------------------------------------------------------------------------

# One statement for all rows of a capture, built once: to build one takes SQLAlchemy ten times as
# long as SQLite takes for the row (measured by benchmarks/growth.py).
_INSERT_SNAPSHOT = insert(t.snapshot)
_INSERT_SIGHTING = insert(t.sighting)
_INSERT_WORDING = insert(t.wording)
_INSERT_READING = insert(t.reading)
_READING_COLUMNS = ("id", "strong", "weak", "wording_id", "entry_id")
_HIGHEST = {each.name: select(func.max(each.c.id)) for each in (t.wording, t.reading)}

_COUNT = text("""
UPDATE run SET captures = captures + :captures, new_entries = new_entries + :new_entries,
               revised = revised + :revised, failed = failed + :failed
WHERE id = :run
""")
_READINGS_OF_CAPTURE = text("SELECT DISTINCT reading_id FROM sighting WHERE capture_id = :capture")
_HOLDERS_OF_CAPTURE = text("""
SELECT DISTINCT credit_holder FROM sighting
WHERE capture_id = :capture AND credit_holder IS NOT NULL
""")
_DROP_SNAPSHOT = text("DELETE FROM snapshot WHERE capture_id = :capture")

_INDEX_WORDING = text(
    "INSERT INTO wording_fts (rowid, kicker, title, summary)"
    " VALUES (:id, :kicker, :title, :summary)"
)
_WORDINGS = text("""
SELECT wording.* FROM wording WHERE digest IN (SELECT value FROM json_each(:digests))
""")
_READINGS = text("""
SELECT id, strong, weak, wording_id FROM reading
WHERE wording_id IN (SELECT value FROM json_each(:wordings))
""")

# A sighting without a print of its own has that of its wording.
_SWAP_PRINTS = """
UPDATE sighting SET printed = CASE WHEN printed IS NULL THEN :old END
WHERE reading_id IN (SELECT id FROM reading WHERE wording_id = :wording)
  AND (printed IS NULL OR printed = :new)
"""
_PRINTS = """
SELECT sighting.printed, min(sighting.captured_at)
FROM reading JOIN sighting ON sighting.reading_id = reading.id
WHERE reading.wording_id = :wording GROUP BY sighting.printed
"""
