"""Verify a home: every record, every row, the database, decisions, readings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import DatabaseError

from ilo_archive.archive.database_check import check_database
from ilo_archive.capture import Capture, Kept, Position
from ilo_archive.identity.decisions import DECISIONS, BadDecision, by_id, read_decisions
from ilo_archive.maintenance.recover import unrecorded
from ilo_archive.maintenance.reread import compare_readings, reading_of
from ilo_archive.offices import Registry
from ilo_archive.queries.answers import BadRow, RecordRow, StoredCapture
from ilo_archive.queries.archive import Archive
from ilo_archive.reader.page import READER_VERSION
from ilo_archive.reader.snapshot import take_snapshot
from ilo_archive.warc.captures import Damage
from ilo_archive.warc.record_check import CheckedRecord, check_file
from ilo_archive.warc.records import record_id
from ilo_archive.warc.store import is_foreign, read_kept, short_files, store_files

SAMPLE = 100
"""Captures that are read again unless all are."""

DamageKind = Literal["file", "record", "row", "unrecorded", "database", "decisions", "reading"]
Watch = Callable[[int], object]
"""Takes the number of bytes that were checked since the last call."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One damage: its kind, where it is and what it is; the capture, if it concerns one."""

    kind: DamageKind
    text: str
    capture: Capture | None = None
    position: Position | None = None


@dataclass(slots=True)
class Verification:
    """What `verify` looks at, and what it found until now."""

    archive: Archive
    home: Path
    records: int = 0
    _whole: dict[tuple[str, int], CheckedRecord] = field(default_factory=dict)

    def findings(self, *, every: bool = False, watch: Watch = int) -> Iterator[Finding]:
        """Yield every damage. Readings are those of a sample, or of `every` capture.

        Raises OSError if a file cannot be read, other than for damage.
        """
        store = self.home / "warc"
        for line in check_database(self.archive.path):
            yield Finding("database", f"archive.sqlite: {line}")
        for short in short_files(store, self.archive.known_ends()):
            yield Finding("file", str(short))
        for path in store_files(store):
            if not is_foreign(path):
                yield from self._records(path)
            watch(path.stat().st_size)
        yield from self._revisits()
        yield from self._rows()
        yield from self._unrecorded(store)
        yield from self._decisions()
        yield from self._readings(store, every=every)

    # -- the store

    def _records(self, path: Path) -> Iterator[Finding]:
        for each in check_file(path):
            if isinstance(each, Damage):
                yield Finding("record", str(each))
            else:
                self.records += 1
                self._whole[path.name, each.at.offset] = each

    def _revisits(self) -> Iterator[Finding]:
        bodies = {each.payload_digest for each in self._whole.values() if each.kind == "response"}
        for each in self._whole.values():
            if each.kind == "revisit" and each.payload_digest not in bodies:
                where = f"{each.at.file}: a revisit at byte {each.at.offset}"
                yield Finding("record", f"{where} refers to bytes that no whole record has")

    # -- rows against records, records against rows

    def _rows(self) -> Iterator[Finding]:
        last = Position("", 0, 0)
        for row in self.archive.record_rows():
            if isinstance(row, BadRow):
                yield _of_bad_row(row.number, row.reason)
            elif fault := self._fault_of(row):
                yield _of(row, "row", fault)
        for at in self.archive.recorded_positions():
            if at.file == last.file and at.offset < last.offset + last.length:
                yield Finding("row", f"{at.file}: two captures are recorded at byte {at.offset}")
            last = at

    def _fault_of(self, stored: RecordRow) -> str | None:
        at = stored.position
        record = self._whole.get((at.file, at.offset))
        if record is None:
            return "its record is lost or damaged"
        if record.at.length != at.length:
            return "its record has another length than recorded"
        if record.id != record_id(stored.capture, stored.payload_digest):
            return "its row and its record are of different captures"
        if record.payload_digest != stored.payload_digest:
            return "its record has other bytes than recorded"
        return None

    def _unrecorded(self, store: Path) -> Iterator[Finding]:
        for each in unrecorded(self.archive, store, self.archive.registry).captures:
            yield _of(each, "unrecorded", "stored, but not recorded")

    # -- decisions and readings

    def _decisions(self) -> Iterator[Finding]:
        path = self.home / DECISIONS
        recorded = by_id(self.archive.decisions())
        try:
            written = by_id(read_decisions(path)) if path.is_file() else {}
        except BadDecision as error:
            yield Finding("decisions", str(error))
            return
        if written != recorded:
            yield Finding(
                "decisions",
                f"{DECISIONS} has {len(written)} decisions, the archive {len(recorded)},"
                " and they are not the same",
            )

    def _readings(self, store: Path, *, every: bool) -> Iterator[Finding]:
        number = len(self.archive.kept_captures())
        step = 1 if every else max(1, number // SAMPLE)
        for stored in self._stored(step):
            if isinstance(stored, Finding) or stored.reader != READER_VERSION:
                continue
            if changed := _changed_fields(store, stored, self.archive.registry):
                yield _of(stored, "reading", f"reading it again gives another {changed}")

    def _stored(self, step: int) -> Iterator[StoredCapture | Finding]:
        """Yield one capture of `step`; a finding for a row that makes no sense."""
        for number in self.archive.kept_captures()[::step]:
            try:
                yield self.archive.stored_capture(number)
            except (LookupError, TypeError, ValueError, DatabaseError) as error:
                yield _of_bad_row(number, repr(error))


def _changed_fields(store: Path, stored: StoredCapture, offices: Registry) -> str:
    """The fields in which the recorded reading differs from a new one; empty if none does."""
    try:
        message = read_kept(store, stored.position, stored.original, stored.payload_digest)
    except (OSError, ValueError):
        return ""  # a damage of its record, which is named already
    kept = Kept(stored.capture, message, stored.position, stored.fault)
    changes = compare_readings(stored.reading, reading_of(take_snapshot(kept, offices)))
    return ", ".join(dict.fromkeys(each.field for each in changes))


def _of_bad_row(number: int, reason: str) -> Finding:
    return Finding("database", f"archive.sqlite: row {number} of capture: {reason}")


def _of(stored: StoredCapture | RecordRow, kind: DamageKind, what: str) -> Finding:
    at = stored.position
    text = f"{stored.capture.key}: {what} (warc/{at.file}, byte {at.offset})"
    return Finding(kind, text, stored.capture, at)
