"""Store raw captures as WARC/1.1, and read them back.

Every record is a gzip member of its own. The records of a capture are appended in one write, so
that a killed process leaves at most a broken tail; `WarcStore.recover` cuts it off.

A file that is missing or shorter than the database knows is damaged: it is never extended and its
name never used again. Nor is a file of somebody else touched.
"""

import os
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from warcio.exceptions import ArchiveLoadFailed

from ilo_archive.atomic_files import sync_folder
from ilo_archive.capture import Capture, Fetched, Position
from ilo_archive.http import HttpMessage
from ilo_archive.warc.gzip_members import read_members
from ilo_archive.warc.records import capture_records, is_warc, message_at, warcinfo_record

ROLL_AT = 10**9
"""Bytes; the largest size of a file, as ISO 28500:2017 (WARC), annex C, recommends."""

_FILE_NAME = "captures-{}.warc.gz"
_LAST_OF_GROUP = (b"response", b"revisit", b"warcinfo")  # record types
_RECORD_TYPE = re.compile(rb"\r\nWARC-Type: ([a-z]+)\r\n")
_WARCINFO_SIZE = 4096  # bytes in which a warcinfo record is contained
_OWN_WARCINFO = re.compile(
    rb"WARC-Type: warcinfo\r\n.*?^software: ilo-archive", re.DOTALL | re.MULTILINE
)
_RECORD_ID = re.compile(rb"\r\nWARC-Record-ID: (\S+)\r\n")


def store_files(folder: Path) -> list[Path]:
    """The files of a store in the order in which they were written."""
    return sorted(folder.glob(_FILE_NAME.format("[0-9]" * 5)))


def is_foreign(path: Path) -> bool:
    """True if a file begins with a whole record that this program did not write.

    Our files begin with a warcinfo record that names the program. Raises OSError.
    """
    with path.open("rb") as stream:
        begin = stream.read(_WARCINFO_SIZE)
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        record = unpacking.decompress(begin, _WARCINFO_SIZE)
    except zlib.error:
        return False  # damage at the beginning does not make it another's
    is_whole = unpacking.eof or len(record) == _WARCINFO_SIZE
    return is_whole and not _OWN_WARCINFO.search(record)


@dataclass(frozen=True, slots=True)
class ShortFile:
    """A file of the store that lacks bytes: `size` of the `known` ones are there."""

    name: str
    known: int
    size: int

    def __str__(self) -> str:
        """One line about it."""
        if not self.size:
            return f"warc/{self.name} is missing, {self.known} bytes of captures were in it"
        return f"warc/{self.name} has {self.size} bytes of {self.known}: captures are lost"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What `WarcStore.recover` found: whole records that the database does not know, by
    `record_id`, and files that lack bytes.
    """

    orphans: Mapping[str, Position]
    short: tuple[ShortFile, ...]


def short_files(folder: Path, known_ends: Mapping[str, int]) -> tuple[ShortFile, ...]:
    """The files that are shorter than the ends of their last known records, or missing."""
    found = []
    for name, end in sorted(known_ends.items()):
        path = folder / name
        size = path.stat().st_size if path.is_file() else 0
        if size < end:
            found.append(ShortFile(name, end, size))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """The compressed records of a capture: those before that of its message, and that record."""

    before: bytes
    record: bytes
    is_revisit: bool


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
        sync_folder(folder.parent)
        self._folder = folder
        self._opened_at = opened_at
        self._roll_at = roll_at
        self._software = software
        self._file: BinaryIO | None = None
        self._closed: set[str] = set()  # files that are not continued
        self._last_number = 0  # of the files that the database knows

    def recover(self, known_ends: Mapping[str, int]) -> Recovered:
        """Cut off a broken tail, and find the whole records that the database does not know: a
        killed run stored them but did not record them, or the database is new or an older one.

        `known_ends` are the offsets behind the last known record of each file.
        """
        short = short_files(self._folder, known_ends)
        self._closed = {each.name for each in short}
        self._last_number = max(map(_number, known_ends), default=0)
        last = max(known_ends, default="")
        orphans: dict[str, Position] = {}
        for path in store_files(self._folder):
            if path.name not in known_ends and is_foreign(path):
                self._closed.add(path.name)
            elif path.name >= last and path.name not in self._closed:
                orphans |= _recovered(path, known_ends.get(path.name, 0))
        return Recovered(orphans, short)

    def append(self, fetched: Fetched, original: Capture | None = None) -> Position:
        """Store a capture, safely on disk when this returns. Returns the position of its record.

        With `original`, an earlier capture with the same body, the record is a revisit of that one.
        """
        *preceding, record = capture_records(fetched, original)
        group = RecordGroup(b"".join(preceding), record, original is not None)
        return self.append_groups([group])[0]

    def append_groups(self, groups: Sequence["RecordGroup"]) -> list[Position]:
        """Store captures, safely on disk when this returns. Returns the position of each."""
        positions: list[Position] = []
        waiting = bytearray()
        for group in groups:
            size = len(group.before) + len(group.record)
            if waiting and not self._has_room(len(waiting) + size):
                self._flush(waiting)
            file, offset = self._room(len(waiting) + size)
            name = Path(file.name).name
            if not offset and not waiting:
                waiting += warcinfo_record(name, self._software, self._opened_at)
            waiting += group.before
            at = offset + len(waiting)
            positions.append(Position(name, at, len(group.record), group.is_revisit))
            waiting += group.record
        if waiting:
            self._flush(waiting)
        return positions

    def _flush(self, waiting: bytearray) -> None:
        """Write what waits to the open file, and empty it. Raises OSError."""
        file, offset = self._room(0)
        _write(file, offset, bytes(waiting))
        waiting.clear()

    def _has_room(self, size: int) -> bool:
        """True if the open file is not made too large by `size` more bytes."""
        return self._room(0)[1] + size <= self._roll_at

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
            last = files[-1] if files else None
            continued = last and last.name not in self._closed and _number(last.name)
            self._file = self._opened(continued or self._next_number())
        offset = self._file.seek(0, os.SEEK_END)
        if offset and offset + size > self._roll_at:
            self.close()
            self._file = self._opened(self._next_number())
            offset = 0
        return self._file, offset

    def _next_number(self) -> int:
        """The number of a new file: no file has it, nor had it as far as the database knows."""
        numbers = (_number(each.name) for each in store_files(self._folder))
        return max(self._last_number, *numbers, 0) + 1

    def _opened(self, number: int) -> BinaryIO:
        # Unbuffered: bytes that a full disk refused must not wait in a buffer for the next flush.
        path = self._folder / _FILE_NAME.format(f"{number:05d}")
        is_new = not path.exists()
        file = path.open("ab", buffering=0)
        if is_new:
            sync_folder(self._folder)
        return file


def _number(name: str) -> int:
    """The number in the name of a file of the store."""
    return int(name[len("captures-") : -len(".warc.gz")])


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
                kind, record = record_type(piece.data), _first(_RECORD_ID, piece.data)
            if piece.end is not None and kind in _LAST_OF_GROUP:
                end = piece.end
                if kind != b"warcinfo":
                    at = Position(path.name, piece.member, end - piece.member, kind == b"revisit")
                    found[record.decode()] = at
        if end < stream.seek(0, os.SEEK_END):
            stream.truncate(end)
    return found


def record_type(data: bytes) -> bytes:
    """The type in the headers of a record (`response`, `revisit`, ...); empty without any."""
    return _first(_RECORD_TYPE, data)


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
