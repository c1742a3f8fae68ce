"""Raw captures kept as WARC/1.1 and found again.

One gzip member a record. The records of a capture are appended in one write, so that a kill
leaves at most a broken tail, which `WarcStore.recover` cuts back to the last whole capture.
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
"""Bytes of a file of the store: what the WARC standard recommends (ISO 28500:2017, annex C)."""

_FILE_NAME = "captures-{}.warc.gz"
_ENDINGS = (b"response", b"revisit", b"warcinfo")  # types of records that end a group
_RECORD_TYPE = re.compile(rb"\r\nWARC-Type: ([a-z]+)\r\n")
_RECORD_ID = re.compile(rb"\r\nWARC-Record-ID: (\S+)\r\n")


def store_files(folder: Path) -> list[Path]:
    """The files of a store in the order in which they were written."""
    return sorted(folder.glob(_FILE_NAME.format("[0-9]" * 5)))


class WarcStore:
    """The kept captures of one home, in `folder`. Create it with the home's lock held.

    Each capture is a group of records, written at once: the request and a metadata record where
    there is something to tell, then the response, or a revisit of an earlier one.
    """

    def __init__(
        self,
        folder: Path,
        opened_at: datetime,
        roll_at: int = ROLL_AT,
        software: str = "ilo-archive",
    ) -> None:
        """Make the folder. Raises OSError where that is not allowed.

        A file that would grow beyond `roll_at` bytes is followed by another; the warcinfo
        record at its beginning names `opened_at` and `software`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._opened_at = opened_at
        self._roll_at = roll_at
        self._software = software
        self._file: BinaryIO | None = None

    def recover(self, known: tuple[str, int]) -> dict[str, Position]:
        """Cut a broken tail off and tell which whole records lie beyond what is known.

        `known` is a file and the first byte of it that the archive knows nothing of. The answer
        is keyed by `record_id`: records that a killed run kept but did not come to record.
        """
        found: dict[str, Position] = {}
        for path in store_files(self._folder):
            if path.name >= known[0]:
                found |= _recovered(path, known[1] if path.name == known[0] else 0)
        return found

    def append(self, fetched: Fetched, original: Capture | None = None) -> Position:
        """Keep a message, safe on disk when this returns; the place of its record.

        With `original`, an earlier capture with the very same body, as a revisit of that.
        """
        *told, record = capture_records(fetched, original)
        before = b"".join(told)
        file, offset = self._room(len(before) + len(record))
        if not offset:
            before = warcinfo_record(Path(file.name).name, self._software, self._opened_at) + before
        _write(file, offset, before + record)
        return Position(Path(file.name).name, offset + len(before), len(record))

    def read(self, position: Position) -> HttpMessage:
        """The message of a response record. Raises ValueError where there is none."""
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
        """The file that so many bytes are for, and its end."""
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
        # Unbuffered: what a full disk refused may not wait in a buffer for the next flush.
        return (self._folder / _FILE_NAME.format(f"{number:05d}")).open("ab", buffering=0)


def _write(file: BinaryIO, offset: int, data: bytes) -> None:
    try:
        written = 0
        while written < len(data):
            written += file.write(data[written:])
        os.fsync(file.fileno())
    except OSError:
        os.truncate(file.name, offset)
        raise


def _recovered(path: Path, start: int) -> dict[str, Position]:
    """The captures of a file from that byte on; what follows the last of them is cut off.

    What is broken before it stays: it may be of use to somebody, and nothing is lost by it.
    """
    found: dict[str, Position] = {}
    end = start
    with path.open("r+b") as stream:
        kind = record = b""
        for piece in read_members(stream, is_warc, start):
            if piece.is_first:
                kind, record = _first(_RECORD_TYPE, piece.data), _first(_RECORD_ID, piece.data)
            if piece.end is not None and kind in _ENDINGS:
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
    """The message of a kept capture, whose body lies at `original` where it is a revisit.

    It writes nothing and needs no lock. Raises OSError or ValueError where the bytes are lost,
    damaged, or others than those of the digest.
    """
    message, kind = _record_at(folder, position)
    if kind == "revisit":
        body, kind = _record_at(folder, original)
        message = replace(message, body=body.body)
    if kind != "response" or message.digest != payload_digest:
        raise ValueError(f"not the bytes that were kept at byte {position.offset}")
    return message


def record_summary(folder: Path, position: Position) -> tuple[str, int, str]:
    """Type, HTTP status and content type of a record. Raises OSError, ValueError."""
    message, kind = _record_at(folder, position)
    return kind, message.status, message.header("Content-Type") or ""


def _record_at(folder: Path, position: Position) -> tuple[HttpMessage, str]:
    """The message of a record and the type of the record. Raises OSError, ValueError."""
    try:
        return message_at(folder / position.file, position.offset)
    except (ArchiveLoadFailed, AttributeError, EOFError, StopIteration, zlib.error) as error:
        raise ValueError(f"no record at byte {position.offset}") from error
