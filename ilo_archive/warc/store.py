"""Store raw captures as WARC/1.1, and read them back.

Every record is a gzip member of its own. The records of a capture are appended in one write, so
that a killed process leaves at most a broken tail; `WarcStore.recover` cuts it off.
"""

import os
import re
import zlib
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from warcio.exceptions import ArchiveLoadFailed

from ilo_archive.capture import Capture, Fetched, Position
from ilo_archive.http import HttpMessage
from ilo_archive.warc.gzip_members import read_members
from ilo_archive.warc.records import capture_records, is_warc, message_at, warcinfo_record

ROLL_AT = 10**9
"""Bytes; the largest size of a file, as ISO 28500:2017 (WARC), annex C, recommends."""

_FILE_NAME = "captures-{}.warc.gz"
_LAST_OF_GROUP = (b"response", b"revisit", b"warcinfo")  # record types
_RECORD_TYPE = re.compile(rb"\r\nWARC-Type: ([a-z]+)\r\n")
_RECORD_ID = re.compile(rb"\r\nWARC-Record-ID: (\S+)\r\n")


def store_files(folder: Path) -> list[Path]:
    """The files of a store in the order in which they were written."""
    return sorted(folder.glob(_FILE_NAME.format("[0-9]" * 5)))


class WarcStore:
    """The stored captures of one home, in `folder`. Create it while holding the home's lock.

    Each capture is a group of records in one write: its request (if known), a metadata record, then
    the response, or a revisit of an earlier response.
    """

    def __init__(
        self,
        folder: Path,
        opened_at: datetime,
        roll_at: int = ROLL_AT,
        software: str = "ilo-archive",
    ) -> None:
        """Create the folder. Raises OSError if that fails.

        A file that would grow beyond `roll_at` bytes is followed by a new one. The warcinfo record
        at the beginning of each states `opened_at` and `software`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._opened_at = opened_at
        self._roll_at = roll_at
        self._software = software
        self._file: BinaryIO | None = None

    def recover(self, known: tuple[str, int]) -> dict[str, Position]:
        """Cut off a broken tail, and return the whole records that the database does not know.

        `known` is a file and the offset in it up to which the database knows all records. The
        result is keyed by `record_id`: a killed run stored these records but did not enter them.
        """
        found: dict[str, Position] = {}
        for path in store_files(self._folder):
            if path.name >= known[0]:
                found |= _recovered(path, known[1] if path.name == known[0] else 0)
        return found

    def append(self, fetched: Fetched, original: Capture | None = None) -> Position:
        """Store a capture, safely on disk when this returns. Returns the position of its record.

        With `original`, an earlier capture with the same body, the record is a revisit of that one.
        """
        *preceding, record = capture_records(fetched, original)
        before = b"".join(preceding)
        file, offset = self._room(len(before) + len(record))
        if not offset:
            before = warcinfo_record(Path(file.name).name, self._software, self._opened_at) + before
        _write(file, offset, before + record)
        return Position(Path(file.name).name, offset + len(before), len(record))

    def read(self, position: Position) -> HttpMessage:
        """The message of a response record. Raises ValueError if there is no such record."""
        message, kind = _record_at(self._folder, position)
        if kind != "response":
            raise ValueError(f"no response record at byte {position.offset}")
        return message

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _room(self, size: int) -> tuple[BinaryIO, int]:
        """The file that has room for `size` more bytes, and its end."""
        if self._file is None:
            files = store_files(self._folder)
            self._file = self._opened(int(files[-1].name[-13:-8]) if files else 1)
        offset = self._file.seek(0, os.SEEK_END)
        if offset and offset + size > self._roll_at:
            self.close()
            self._file = self._opened(int(store_files(self._folder)[-1].name[-13:-8]) + 1)
            offset = 0
        return self._file, offset

    def _opened(self, number: int) -> BinaryIO:
        # Unbuffered: bytes that a full disk refused must not wait in a buffer for the next flush.
        return (self._folder / _FILE_NAME.format(f"{number:05d}")).open("ab", buffering=0)


def _write(file: BinaryIO, offset: int, data: bytes) -> None:
    """Append to a file and flush it to disk. A failed write is cut off again. Raises OSError."""
    try:
        written = 0
        while written < len(data):
            written += file.write(data[written:])
        os.fsync(file.fileno())
    except OSError:
        os.truncate(file.name, offset)
        raise


def _recovered(path: Path, start: int) -> dict[str, Position]:
    """The captures of a file from an offset on; everything behind the last one is cut off.

    Broken bytes between captures stay: they do no harm and may still be of use.
    """
    found: dict[str, Position] = {}
    end = start
    with path.open("r+b") as stream:
        kind = record = b""
        for piece in read_members(stream, is_warc, start):
            if piece.is_first:
                kind, record = _first(_RECORD_TYPE, piece.data), _first(_RECORD_ID, piece.data)
            if piece.end is not None and kind in _LAST_OF_GROUP:
                end = piece.end
                if kind != b"warcinfo":
                    found[record.decode()] = Position(path.name, piece.member, end - piece.member)
        stream.truncate(end)
    return found


def _first(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    found = pattern.search(data)
    return found.group(1) if found else b""


def read_kept(
    folder: Path, position: Position, original: Position, payload_digest: str
) -> HttpMessage:
    """The message of a stored capture; if it is a revisit, its body is read at `original`.

    Needs no lock. Raises OSError or ValueError if the bytes are missing, damaged, or do not have
    the digest.
    """
    message, kind = _record_at(folder, position)
    if kind == "revisit":
        body, kind = _record_at(folder, original)
        message = replace(message, body=body.body)
    if kind != "response" or message.digest != payload_digest:
        raise ValueError(f"not the bytes that were stored at byte {position.offset}")
    return message


def record_summary(folder: Path, position: Position) -> tuple[str, int, str]:
    """The type, HTTP status and content type of a record. Raises OSError, ValueError."""
    message, kind = _record_at(folder, position)
    return kind, message.status, message.header("Content-Type") or ""


def _record_at(folder: Path, position: Position) -> tuple[HttpMessage, str]:
    """The message and the type of a record. Raises OSError, ValueError."""
    try:
        return message_at(folder / position.file, position.offset)
    except (ArchiveLoadFailed, AttributeError, EOFError, StopIteration, zlib.error) as error:
        raise ValueError(f"no record at byte {position.offset}") from error
