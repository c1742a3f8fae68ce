"""Record snapshots: `ArchiveWriter` is the only writer of the database.

Each capture is one transaction. The content of the database depends only on the set of captures
recorded: not on their order, and not on how often one is recorded.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.dialects.sqlite import insert as upsert

from ilo_archive.archive import decisions
from ilo_archive.archive import tables as t
from ilo_archive.archive.captures import (
    capture_row,
    finished_keys,
    is_faulty,
    list_captures,
    put_captures,
)
from ilo_archive.archive.database import migrate, open_engine
from ilo_archive.archive.listings import Listings
from ilo_archive.archive.page_sums import changed_stretches, drop_sums, write_sums
from ilo_archive.archive.placement import (
    assign_unassigned,
)
from ilo_archive.archive.recording import Recorded, record_snapshots
from ilo_archive.archive.retries import (
    Attempts,
    add_attempt,
    end_attempts,
    one_more_attempt,
)
from ilo_archive.archive.sightings import KeysOfEntries
from ilo_archive.archive.stored_bytes import (
    StoredBytes,
    first_capture,
    known_ends,
    mark_lost,
    position_of,
    stored_captures,
)
from ilo_archive.capture import Capture, NotFetched, Position
from ilo_archive.errors import ExitCode, IloArchiveError
from ilo_archive.identity.decisions import (
    DECISIONS,
    Decision,
    adopt_prepared,
    by_id,
    prepare_decisions,
    read_decisions,
    settle_prepared,
    write_decisions,
)
from ilo_archive.offices import Registry
from ilo_archive.reader.snapshot import Snapshot, State
from ilo_archive.times import iso
from ilo_archive.warc.records import record_id

logger = logging.getLogger(__name__)


_NAMED_DAMAGES = 20  # of one verification


class ArchiveLocked(IloArchiveError):
    """Another run writes to this home."""

    exit_code = ExitCode.LOCKED


class ArchiveWriter:
    """Writes to the archive of a home, one writer at a time.

    Raises ArchiveLocked if another run has the home's lock, ArchiveMismatch if the file is not an
    archive of this version, OSError or sqlalchemy's OperationalError for disk errors.
    """

    def __init__(self, home: Path, registry: Registry) -> None:
        """Lock the home, open its archive and migrate it."""
        home.mkdir(parents=True, exist_ok=True)
        self.registry = registry
        self._open_run: int | None = None
        self._left: dict[str, Position] = {}  # records whose transaction did not end, by record id
        self._keys = KeysOfEntries(registry)
        self._decisions = home / DECISIONS
        self._lock = FileLock(home / ".lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise ArchiveLocked(f"another run writes to {home}: wait for it to end") from None
        self._path = home / "archive.sqlite"
        # Damage found by them stays visible to `verify`: then they are neither dropped nor renewed.
        self._renews_sums = not changed_stretches(self._path)
        if self._renews_sums:
            drop_sums(self._path)
        self._engine = open_engine(self._path)
        self.listings = Listings(self._engine)
        is_open = False
        try:
            migrate(self._engine)
            with self._engine.begin() as connection:
                assign_unassigned(connection)
            self._settle_decisions()
            is_open = True
        finally:
            if not is_open:
                self._renews_sums = False
                self.close()

    def close(self) -> None:
        """Close the file and release the lock."""
        self._engine.dispose()
        if self._lock.is_locked and self._renews_sums:
            with suppress(OSError):  # a full disk: then there are no checksums
                write_sums(self._path)
        self._lock.release()

    # -- captures

    def list_captures(self, captures: Iterable[Capture]) -> list[Capture]:
        """Store captures as listed, in one transaction. Returns those still to be fetched.

        A capture that came from a file without URI-M gets that of the archive. A capture listed
        without a digest, as in TimeMaps, counts as fetched if any capture of its page and second
        is.
        """
        with self._engine.begin() as connection:
            return list_captures(connection, [*captures])

    def is_finished(self, capture: Capture, *, has_fault: bool = True) -> bool:
        """True if this capture needs no further work.

        One that was recorded from a record with a fault does if it is there without one
        (`has_fault` False).
        """
        with self._engine.connect() as connection:
            is_finished = bool(finished_keys(connection, [capture]))
            return is_finished and (has_fault or not is_faulty(connection, capture))

    def first_stored(self, page: str, payload_digest: str) -> tuple[Capture, Position] | None:
        """The capture of a page with which these bytes were first stored, and the position of its
        record; None for new bytes.
        """
        with self._engine.connect() as connection:
            return first_capture(connection, page, payload_digest)

    def position_of(self, capture: Capture, payload_digest: str) -> Position | None:
        """The position of a capture's record with these bytes; None if it is not stored."""
        with self._engine.connect() as connection:
            return position_of(connection, capture, payload_digest)

    def register_orphans(self, orphans: Mapping[str, Position]) -> None:
        """Store the positions of records that a killed run stored without recording their captures.

        They are remembered until their captures are recorded.
        """
        if orphans:
            with self._engine.begin() as connection:
                _put_orphans(connection, orphans)

    def settle_orphans(self) -> None:
        """Mark the records without a row as looked at: what could be recorded of them is."""
        with self._engine.begin() as connection:
            connection.execute(update(t.orphan).values(settled=1))

    def known_ends(self) -> dict[str, int]:
        """For each file of the store the offset behind the last record that the database knows."""
        with self._engine.connect() as connection:
            return known_ends(connection)

    def is_new(self) -> bool:
        """True if no capture is known."""
        with self._engine.connect() as connection:
            return connection.execute(select(t.capture.c.id).limit(1)).first() is None

    def mark_lost(self, position: Position, now: datetime) -> None:
        """Mark the captures whose record is at a position as lost: a later run may have them again.

        Their readings stay.
        """
        with self._engine.begin() as connection:
            mark_lost(connection, position, now)

    def stored_bytes(self, *, is_lost: bool, sample: int | None = None) -> list[StoredBytes]:
        """The captures whose bytes are lost, or the others; at most `sample`, evenly chosen."""
        with self._engine.connect() as connection:
            found = stored_captures(connection, is_lost=is_lost)
        step = -(-len(found) // sample) if sample and found else 1
        return found[::step]

    def record_verification(
        self, scope: str, records: int, damages: Sequence[str], now: datetime
    ) -> None:
        """Store what a run of `verify` found."""
        values = {
            "verified_at": iso(now),
            "scope": scope,
            "records": records,
            "damages": len(damages),
            "summary": "\n".join(damages[:_NAMED_DAMAGES]),
        }
        with self._engine.begin() as connection:
            connection.execute(insert(t.verification).values(values))

    def renew_checksums(self) -> None:
        """Take the present bytes of the database for right: it was found to be, or was repaired."""
        self._renews_sums = True

    # -- runs

    def start_run(self, command: str, now: datetime) -> int:
        """Store the start of a run.

        Returns its id. An earlier run without an outcome was killed.
        """
        with self._engine.begin() as connection:
            unended = update(t.run).where(t.run.c.outcome.is_(None))
            connection.execute(unended.values(outcome="killed"))
            values = {"command": command, "started_at": iso(now)}
            self._open_run = _inserted(connection.execute(insert(t.run).values(values)))
        return self._open_run

    def end_run(self, run_id: int, outcome: str, now: datetime) -> None:
        """Store how a run ended."""
        values = {"outcome": outcome, "ended_at": iso(now)}
        with self._engine.begin() as connection:
            connection.execute(update(t.run).where(t.run.c.id == run_id).values(values))
        self._open_run = None

    def end_open_run(self, outcome: str, now: datetime) -> None:
        """Store how the run ended that this writer started; nothing if it has ended."""
        if self._open_run is not None:
            self.end_run(self._open_run, outcome, now)

    # -- recording

    def record_failure(
        self, failure: NotFetched, run_id: int, now: datetime | None = None
    ) -> Attempts:
        """Store a capture that could not be fetched, with the reason.

        Returns the attempts so far; `now` is the time of this one.
        """
        state: State = "failed" if failure.retry else "skipped"
        row = capture_row(failure.capture) | {
            "state": state,
            "reason": failure.reason,
            "failure": failure.failure.value,
        }
        with self._engine.begin() as connection:
            attempts = one_more_attempt(connection, failure, now or datetime.now(UTC))
            put_captures(connection, [row | attempts.columns()])
            _count(connection, run_id, failed=1)
        return attempts

    def add_attempt(self, key: str) -> None:
        """Count an attempt in vain to follow the redirect that a capture is."""
        with self._engine.begin() as connection:
            add_attempt(connection, key, datetime.now(UTC))

    def end_attempts(self, key: str) -> None:
        """Forget the attempts to follow a redirect: its target was had."""
        with self._engine.begin() as connection:
            end_attempts(connection, key)

    def record(self, snapshot: Snapshot, run_id: int) -> Recorded:
        """Record a snapshot. Recording it again changes nothing."""
        return self.record_many([snapshot], run_id)[0]

    def record_many(self, snapshots: Sequence[Snapshot], run_id: int) -> list[Recorded]:
        """Record snapshots in one transaction: all of them or none.

        The archive is then the same as after recording them one by one, in whatever order. Returns
        the counts of each; of two snapshots of one capture the last one counts. Their records are
        in the store already: where the transaction fails, the next one registers them as orphans,
        so that a later run does not store them again.
        """
        left, self._left = (
            self._left,
            self._left
            | {record_id(each.capture, each.payload_digest): each.position for each in snapshots},
        )
        with self._engine.begin() as connection:
            _put_orphans(connection, left)
            recorded = record_snapshots(connection, snapshots, self._keys, run_id)
            _count(
                connection,
                run_id,
                captures=len({each.capture.key for each in snapshots}),
                new_entries=sum(each.new for each in recorded),
                revised=sum(each.revised for each in recorded),
                failed=sum(each.state != "read" for each in snapshots),
            )
        self._left = {}
        return recorded

    def record_loss(self, position: Position, run_id: int, now: datetime) -> None:
        """Mark and count a capture whose stored bytes are lost or damaged; its snapshot stays."""
        with self._engine.begin() as connection:
            mark_lost(connection, position, now)
            _count(connection, run_id, failed=1)

    # -- decisions

    def merge(self, first: str, second: str, note: str | None, now: datetime) -> Decision:
        """Record that two entries are one. Raises BadDecision."""
        return self._decide(lambda c: decisions.merge_of(c, first, second, note, now))

    def split(
        self, sighting: str, note: str | None, now: datetime, *, wording: bool = False
    ) -> Decision:
        """Record that a sighting, `CAPTURE#ORDINAL`, is an entry of its own. Raises BadDecision.

        With `wording`, all sightings of its entry with the same wording are included.
        """
        return self._decide(lambda c: decisions.split_of(c, sighting, note, now, wording=wording))

    def undo_merge(self, first: str, second: str) -> Decision:
        """Undo the merge of two entries. Raises BadDecision."""
        return self._undo(lambda c: decisions.merge_to_undo(c, first, second))

    def undo_split(self, sighting: str) -> Decision:
        """Undo the split of a sighting. Raises BadDecision."""
        return self._undo(lambda c: decisions.split_to_undo(c, sighting))

    def import_decisions(self, imported: Iterable[Decision]) -> None:
        """Record decisions that were made elsewhere; those already recorded stay as they are.

        A decision on captures that are not recorded takes effect when they are.
        """
        with self._changed_decisions() as connection:
            known = {each.id for each in decisions.all_decisions(connection)}
            for each in imported:
                if each.id not in known:
                    decisions.apply_decision(connection, each)

    def _decide(self, decide: Callable[[Connection], Decision]) -> Decision:
        with self._changed_decisions() as connection:
            decision = decide(connection)
            decisions.apply_decision(connection, decision)
        return decision

    def _undo(self, find: Callable[[Connection], Decision]) -> Decision:
        with self._changed_decisions() as connection:
            decision = find(connection)
            decisions.undo(connection, decision, self.registry)
        return decision

    @contextmanager
    def _changed_decisions(self) -> Iterator[Connection]:
        """A transaction in which decisions change, and with them the file of the home.

        The file is written before the commit and takes its place after it, so that
        `_settle_decisions` knows after a kill whether the commit happened.
        """
        with self._engine.begin() as connection:
            yield connection
            prepare_decisions(self._decisions, decisions.all_decisions(connection))
        adopt_prepared(self._decisions)

    def _settle_decisions(self) -> None:
        """Bring the file of decisions and the table to one state.

        A prepared file counts if the database has its decisions. Otherwise the file is right: the
        database is new, or an older one that was put back.
        """
        with self._engine.connect() as connection:
            recorded = decisions.all_decisions(connection)
        settle_prepared(self._decisions, recorded)
        if not self._decisions.is_file():
            if recorded:
                write_decisions(self._decisions, recorded)
            return
        written = by_id(read_decisions(self._decisions))
        undone = [each for each in recorded if each.id not in written]
        if written == by_id(recorded):
            return
        with self._changed_decisions() as connection:
            for each in undone:
                decisions.undo(connection, each, self.registry)
            for each in written.values():
                if each not in recorded:
                    decisions.apply_decision(connection, each)
        if undone:
            kept = self._decisions.with_suffix(".undone.jsonl")
            write_decisions(kept, undone)
            logger.warning(
                "%d decisions of the database are not in %s: undone, and kept in %s",
                len(undone), self._decisions.name, kept.name,
            )  # fmt: skip


def _inserted(result: Any) -> int:
    return int(result.inserted_primary_key[0])


def _put_orphans(connection: Connection, orphans: Mapping[str, Position]) -> None:
    rows = [
        {
            "record_id": each,
            "warc_file": at.file,
            "warc_offset": at.offset,
            "warc_length": at.length,
            "is_revisit": int(at.is_revisit),
        }
        for each, at in orphans.items()
    ]
    if rows:
        connection.execute(upsert(t.orphan).on_conflict_do_nothing(), rows)


def _count(connection: Connection, run_id: int, **more: int) -> None:
    counts = {"captures": 0, "new_entries": 0, "revised": 0, "failed": 0} | more
    connection.execute(_COUNT, {**counts, "run": run_id})


_COUNT = text("""
UPDATE run SET captures = captures + :captures, new_entries = new_entries + :new_entries,
               revised = revised + :revised, failed = failed + :failed
WHERE id = :run
""")
