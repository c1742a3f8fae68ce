"""Read stored captures again with the present reader, and compare with what is recorded."""

from collections import deque
from collections.abc import Callable, Generator, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import Literal

from ilo_archive.archive.tables import PRINTED
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Kept
from ilo_archive.offices import Registry, item_number
from ilo_archive.queries.answers import (
    RecordedEntry,
    RecordedPage,
    StoredCapture,
)
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.reader.entry import Entry
from ilo_archive.reader.page import READER_VERSION, Section
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.readings.files import Readings, known_snapshot
from ilo_archive.text.normalise import normalised
from ilo_archive.warc.store import read_kept
from ilo_archive.worker_pool import WorkerPool

RereadKind = Literal["differs", "appears", "vanishes"]
Value = str | int | None

_BATCH = 50  # captures recorded in one transaction


@dataclass(frozen=True, slots=True)
class RereadChange:
    """A field that two readings of a capture differ in.

    `section`, `position` and `item` (the number in its link) identify the entry, as in the new
    reading; `position` is None for a field of the page. If only one reading has the entry, each of
    its fields is reported, with kind "appears" or "vanishes".
    """

    field: str
    old: Value
    new: Value
    kind: RereadKind = "differs"
    section: str | None = None
    position: int | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True)
class Reread:
    """A capture that was read again, with the differences from its recorded reading."""

    stored: StoredCapture
    snapshot: Snapshot
    changes: tuple[RereadChange, ...]

    @property
    def is_due(self) -> bool:
        """True if recording it would change anything, even if only the version of the reader."""
        return bool(self.changes) or self.stored.reader != READER_VERSION


@dataclass(frozen=True, slots=True)
class Lost:
    """A capture whose bytes are missing or damaged; only its recorded reading is left."""

    stored: StoredCapture
    reason: str


# -- two readings --------------------------------------------------------------------------


def reading_of(snapshot: Snapshot) -> RecordedPage:
    """A snapshot in the form of recorded readings."""
    page = snapshot.page
    return RecordedPage(
        state=snapshot.state,
        quality=snapshot.quality,
        reason=snapshot.reason,
        template=page.template if page else None,
        language=page.language if page else None,
        office=page.office if page else None,
        description=page.description if page else None,
        warnings=tuple(page.warnings) if page else (),
        entries=tuple(_read_entry(*each) for each in page.entries) if page else (),
        charset=page.charset.name if page else None,
        charset_reason=page.charset.reason if page else None,
    )


def _read_entry(section: Section, entry: Entry) -> RecordedEntry:
    credit = entry.credit
    return RecordedEntry(
        section=section.heading,
        position=entry.position,
        link=entry.link,
        image=entry.image,
        credit=credit.text if credit else None,
        credit_holder=credit.holder if credit else None,
        credit_agency=credit.agency if credit else None,
        credit_year=credit.year if credit else None,
        **{name: getattr(entry, name) for name in PRINTED},
    )


def compare_readings(old: RecordedPage, new: RecordedPage) -> tuple[RereadChange, ...]:
    """The changes that a new reading brings: of the page, then of entries in the new order, then of
    entries that vanish.
    """
    changes = list(_page_changes(old, new))
    pairs = _paired(old.entries, new.entries)
    partners = {after: before for before, after in pairs}
    for number, entry in enumerate(new.entries):
        before = old.entries[partners[number]] if number in partners else None
        changes += _entry_changes(before, entry)
    paired = {before for before, _ in pairs}
    for number, entry in enumerate(old.entries):
        if number not in paired:
            changes += _entry_changes(entry, None)
    return tuple(changes)


def _page_changes(old: RecordedPage, new: RecordedPage) -> Iterator[RereadChange]:
    for name in (each.name for each in fields(RecordedPage)):
        before, after = getattr(old, name), getattr(new, name)
        if name == "warnings":
            before, after = "; ".join(before) or None, "; ".join(after) or None
        if name != "entries" and before != after:
            yield RereadChange(name, before, after)


def _entry_changes(old: RecordedEntry | None, new: RecordedEntry | None) -> Iterator[RereadChange]:
    known = new or old
    if known is None:
        return
    kind: RereadKind = "appears" if old is None else "vanishes" if new is None else "differs"
    number = item_number(known.link)
    item = f"wcms-{number}" if number else None
    for name in (each.name for each in fields(RecordedEntry)):
        before, after = getattr(old, name, None), getattr(new, name, None)
        if before != after:
            yield RereadChange(name, before, after, kind, known.section, known.position, item)


# Keys by which an entry is recognised in a new reading, the most reliable first; None if missing.
_KEYS: tuple[Callable[[RecordedEntry], Hashable], ...] = (
    lambda entry: (entry.link, entry.title, entry.date) if entry.link else None,
    lambda entry: entry.link,
    lambda entry: (normalised(entry.title), entry.date) if entry.title else None,
    lambda entry: normalised(entry.title) or None,
    lambda entry: entry.summary,
    lambda entry: (entry.position, entry.dateline) if entry.dateline else None,
)


def _paired(old: Sequence[RecordedEntry], new: Sequence[RecordedEntry]) -> list[tuple[int, int]]:
    """Index pairs of the same entries in two readings, found by the most reliable key."""
    pairs: list[tuple[int, int]] = []
    before, after = dict(enumerate(old)), dict(enumerate(new))
    for key in _KEYS:
        waiting: dict[Hashable, deque[int]] = {}
        for number, entry in before.items():
            waiting.setdefault(key(entry), deque()).append(number)
        waiting.pop(None, None)
        found = [
            (same.popleft(), number)
            for number, entry in after.items()
            if (same := waiting.get(key(entry)))
        ]
        pairs += found
        for left, right in found:
            del before[left], after[right]
    return pairs


# -- all captures --------------------------------------------------------------------------


def reread(
    archive: Archive,
    folder: Path,
    office: str | None = None,
    workers: int = 1,
    more: Iterable[StoredCapture] = (),
    readings: Readings | None = None,
) -> Generator[Reread | Lost, None, None]:
    """Read every stored capture again, by time; `folder` is the store.

    `more` are stored captures that the archive does not know; they come last. Nothing is recorded.
    With more than one worker, other processes read; with `readings` none does that is in them.
    Raises UnknownOffice, and WorkerLost if a
    process was killed.
    """
    known = (archive.stored_capture(number) for number in archive.kept_captures(office))
    count = 1 if readings else workers
    pool = WorkerPool(_read_sent, (folder, archive.registry, readings), count)
    try:
        for capture, outcome in pool.map(chain(known, more), _without_reading):
            if isinstance(outcome, Snapshot):
                changes = compare_readings(capture.reading, reading_of(outcome))
                yield Reread(capture, outcome, changes)
            else:
                yield Lost(capture, outcome)
    finally:
        pool.close()


def recorded(
    outcomes: Iterable[Reread | Lost], writer: ArchiveWriter, run_id: int
) -> Iterator[Reread | Lost]:
    """Pass the outcomes on, each after it was recorded; fifty are recorded in one transaction."""
    left = iter(outcomes)
    while batch := list(islice(left, _BATCH)):
        due = [each.snapshot for each in batch if isinstance(each, Reread) and each.is_due]
        if due:
            writer.record_many(due, run_id)
        for item in batch:
            if isinstance(item, Lost):
                writer.record_loss(item.stored.position, run_id, datetime.now(UTC))
            yield item


_Outcome = Snapshot | str


def read_again(
    folder: Path, offices: Registry, stored: StoredCapture, readings: Readings | None = None
) -> _Outcome:
    """The new snapshot of a capture, or the reason why its bytes cannot be read."""
    try:
        message = read_kept(folder, stored.position, stored.original, stored.payload_digest)
    except (OSError, ValueError) as error:
        return str(getattr(error, "strerror", None) or error)
    kept = Kept(stored.capture, message, stored.position, stored.fault)
    return known_snapshot(kept, offices, readings)


def _without_reading(stored: StoredCapture) -> StoredCapture:
    """What a worker needs of a stored capture."""
    return replace(stored, reading=_NO_READING)


def _read_sent(shared: tuple[Path, Registry, Readings | None], stored: StoredCapture) -> _Outcome:
    folder, offices, readings = shared
    return read_again(folder, offices, stored, readings)


_NO_READING = RecordedPage("listed", None, None, None, None, None, None, ())
