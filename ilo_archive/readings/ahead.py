"""Captures that are read before they are stored, so that other processes can read them."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass

from ilo_archive.capture import Fetched, Kept, Position
from ilo_archive.offices import Registry
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.readings.files import Readings, known_snapshot
from ilo_archive.warc.records import capture_records
from ilo_archive.worker_pool import WorkerPool

_BATCH = 50  # captures that are stored and recorded together
_BATCH_SIZE = 4 * 2**20  # bytes of their bodies
_NOWHERE = Position("", 0, 0)


@dataclass(frozen=True, slots=True)
class ReadAhead:
    """A capture that is not stored yet, with what the reader made of it.

    The snapshot has no position yet. `records` are the compressed records of the capture, that of
    the message last.
    """

    fetched: Fetched
    snapshot: Snapshot
    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Captures that are stored and recorded together, in order; no two of them are the same."""

    captures: tuple[ReadAhead, ...]


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """The snapshots of a batch, after its captures were stored."""

    snapshots: tuple[Snapshot, ...]


class AheadReader:
    """Reads captures in other processes, in order, or finds what was read of them."""

    def __init__(self, offices: Registry, workers: int, readings: Readings | None = None) -> None:
        """`offices` as for `take_snapshot`. With `readings` no process is started."""
        count = 1 if readings else workers
        self._pool = WorkerPool(_read, (offices, readings), count)

    def batches(self, captures: Iterable[Fetched]) -> Generator[Batch, None, None]:
        """Yield the captures in batches. Raises WorkerLost."""
        batch: dict[str, ReadAhead] = {}
        size = 0
        for fetched, (snapshot, records) in self._pool.map(captures, _itself, _size):
            # A record with a fault may be followed by the same capture without one.
            is_full = len(batch) == _BATCH or size > _BATCH_SIZE
            if batch and (is_full or fetched.capture.key in batch):
                yield Batch(tuple(batch.values()))
                batch, size = {}, 0
            batch[fetched.capture.key] = ReadAhead(fetched, snapshot, records)
            size += _size(fetched)
        if batch:
            yield Batch(tuple(batch.values()))

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


def _read(
    shared: tuple[Registry, Readings | None], fetched: Fetched
) -> tuple[Snapshot, tuple[bytes, ...]]:
    kept = Kept(fetched.capture, fetched.message, _NOWHERE, fetched.fault)
    return known_snapshot(kept, *shared), tuple(capture_records(fetched, None))


def _itself(fetched: Fetched) -> Fetched:
    return fetched


def _size(fetched: Fetched) -> int:
    return len(fetched.message.body)
