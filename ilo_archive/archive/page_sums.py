"""Checksums of `archive.sqlite`: to SQLite a changed bit in a text is no fault.

They are written when a writer closes the file, and deleted when the next one opens it, so that they
are missing rather than wrong after a kill.
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path

_STRETCH = 2**18  # bytes for each checksum


def sums_file(database: Path) -> Path:
    """The file with the checksums of a database."""
    return database.with_name(f".{database.name}.sums")


def drop_sums(database: Path) -> None:
    """Delete the checksums, before something is written. Raises OSError."""
    sums_file(database).unlink(missing_ok=True)


def write_sums(database: Path) -> None:
    """Write the checksums of a closed database; none while others have it open. Raises OSError."""
    journal = database.with_name(f"{database.name}-wal")
    if database.is_file() and not (journal.exists() and journal.stat().st_size):
        # Not synced: what a power cut leaves of it is no JSON, and counts as missing.
        target = sums_file(database)
        part = target.with_name(f"{target.name}.part")
        part.write_text(json.dumps(list(_sums(database))))
        part.replace(target)


def changed_stretches(database: Path) -> list[int] | None:
    """The offsets of the stretches of 256 KB that are not as they were written.

    None if that is unknown: there are no checksums, or no database. Raises OSError.
    """
    try:
        written = json.loads(sums_file(database).read_text())
        present = list(_sums(database))
    except (FileNotFoundError, ValueError):
        return None
    longest = max(len(written), len(present))
    pairs = zip(_padded(written, longest), _padded(present, longest), strict=True)
    return [number * _STRETCH for number, (old, new) in enumerate(pairs) if old != new]


def _padded(sums: list[int], length: int) -> list[int | None]:
    return [*sums, *([None] * (length - len(sums)))]


def _sums(database: Path) -> Iterator[int]:
    with database.open("rb") as stream:
        while data := stream.read(_STRETCH):
            yield zlib.crc32(data)
