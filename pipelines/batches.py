"""Store the captures of a batch with one flush to disk."""

from collections.abc import Callable
from dataclasses import replace

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Position
from ilo_archive.readings.ahead import Batch, KeptBatch, ReadAhead
from ilo_archive.warc.records import capture_records
from ilo_archive.warc.store import RecordGroup, WarcStore

FindOriginal = Callable[[str, str], Capture | None]
"""The stored capture of a page with the bytes of this digest, None if there is none."""


class BatchKeeper:
    """`Batch` -> `KeptBatch`; the store is the same as if each capture were stored by itself."""

    def __init__(self, store: WarcStore, archive: ArchiveWriter, original: FindOriginal) -> None:
        """Write to `store`; `archive` and `original` know what is there."""
        self._store = store
        self._archive = archive
        self._original = original

    def keep(self, batch: Batch) -> KeptBatch:
        """Store what is not stored yet. Raises OSError: then nothing of the batch is stored."""
        positions: dict[str, Position] = {}
        groups: dict[str, RecordGroup] = {}
        firsts: dict[tuple[str, str], Capture] = {}  # in this batch, by page and digest
        for each in batch.captures:
            capture, digest = each.fetched.capture, each.snapshot.payload_digest
            series = capture.place.page, digest
            if known := self._archive.position_of(capture, digest):
                positions[capture.key] = known
                is_revisit = known.is_revisit
            else:
                original = self._original(*series) or firsts.get(series)
                groups[capture.key] = _group(each, original)
                is_revisit = original is not None
            if not is_revisit:
                firsts.setdefault(series, capture)
        positions |= zip(groups, self._store.append_groups([*groups.values()]), strict=True)
        return KeptBatch(
            tuple(
                replace(each.snapshot, position=positions[each.fetched.capture.key])
                for each in batch.captures
            )
        )


def _group(each: ReadAhead, original: Capture | None) -> RecordGroup:
    records = capture_records(each.fetched, original) if original else each.records
    return RecordGroup(b"".join(records[:-1]), records[-1], original is not None)
