"""Find the files with records inside a WACZ file, also those of WACZ files inside it.

The download of a Browsertrix collection is a WACZ of WACZ files (WACZ 1.1.1; its "multi-WACZ"
profile). Entries are read by their offsets, so that the table of contents is read once.
"""

import io
import os
import struct
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from ilo_archive.warc.effort import BOMB, USUAL_RATIO, ZIP_ENTRY, Effort

ZIP_MAGIC = b"PK\3\4"
RECORD_ENDINGS = (".warc", ".warc.gz", ".warc.zst", ".arc", ".arc.gz")
_ZIP_ENDINGS = (".wacz", ".zip")
_MAX_DEPTH = 3  # WACZ files inside each other; a collection has 2
_MAX_TABLE = 4 * 2**20  # bytes of a table of contents; one of 30,000 files has half of that
_END = b"PK\5\6"
_END_SIZE, _MAX_COMMENT = 22, 2**16  # bytes
_LOCAL_SIZE = 30  # bytes of the header before an entry's name (APPNOTE 4.3.7)
_ENCRYPTED = 1
_CHUNK = 2**16  # bytes


class UnreadableEntry(Exception):
    """An entry of a zip file that is not read; the text is the reason and what to do."""


ZIP_ERRORS = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OverflowError,
    UnreadableEntry,
    ValueError,  # a negative offset, a name that is not UTF-8
    struct.error,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes of a file that are a file of their own: `packed` from byte `offset` on.

    They inflate to `size` bytes if they are deflated.
    """

    offset: int
    packed: int
    size: int
    is_deflated: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A file with records, or one inside a WACZ.

    `entry` is its name there; `parts` lead to its bytes, each inside the one before.
    """

    path: Path
    entry: str | None = None
    parts: tuple[Part, ...] = ()

    @property
    def name(self) -> str:
        """The name of the file or of the entry, in lower case."""
        return (self.entry or self.path.name).lower()

    @contextmanager
    def opened(self, effort: Effort) -> Iterator[IO[bytes]]:
        """Open the content. Reading it raises OSError, ZIP_ERRORS and Exhausted."""
        with ExitStack() as files:
            stream: IO[bytes] = files.enter_context(self.path.open("rb"))
            for part in self.parts:
                stream = files.enter_context(_opened_part(stream, part, effort))
            yield stream


@dataclass(frozen=True, slots=True)
class BadEntry:
    """An entry of a zip file that cannot be read, None for the file as a whole, and the reason."""

    entry: str | None
    reason: str


def find_sources(path: Path, effort: Effort) -> Iterator[Source | BadEntry]:
    """Yield the files with records in a zip file. Raises ZIP_ERRORS, OSError, Exhausted."""
    yield from _sources_in(Source(path), 1, effort)


def _sources_in(outer: Source, depth: int, effort: Effort) -> Iterator[Source | BadEntry]:
    with outer.opened(effort) as stream:
        for info in _entries(stream):
            effort.spend(ZIP_ENTRY)
            name = f"{outer.entry}/{info.filename}" if outer.entry else info.filename
            if not info.filename.lower().endswith((*RECORD_ENDINGS, *_ZIP_ENDINGS)):
                continue
            try:
                part = _part_of(stream, info)
            except ZIP_ERRORS as error:
                yield BadEntry(name, _reason(error))
                continue
            inner = Source(outer.path, name, (*outer.parts, part))
            if info.filename.lower().endswith(RECORD_ENDINGS):
                if info.file_size:
                    yield inner
            else:
                yield from _nested(inner, depth + 1, effort)


def _nested(inner: Source, depth: int, effort: Effort) -> Iterator[Source | BadEntry]:
    """Yield the files with records in a zip file inside another."""
    if depth > _MAX_DEPTH:
        yield BadEntry(inner.entry, f"more than {_MAX_DEPTH} zip files inside each other")
        return
    try:
        yield from _sources_in(inner, depth, effort)
    except ZIP_ERRORS as error:
        yield BadEntry(inner.entry, _reason(error))


def _entries(stream: IO[bytes]) -> Iterable[ZipInfo]:
    """The table of contents. Raises ZIP_ERRORS."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _END_SIZE - _MAX_COMMENT))
    tail = stream.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        raise BadZipFile("damaged zip file")
    (table,) = struct.unpack_from("<L", tail, at + 12)
    if table > _MAX_TABLE:
        raise UnreadableEntry(
            "the zip file lists too many files: unpack it, then ingest the folder"
        )
    with ZipFile(stream) as archive:
        return archive.infolist()


def _part_of(stream: IO[bytes], info: ZipInfo) -> Part:
    """Where the bytes of an entry are. Raises BadZipFile, UnreadableEntry."""
    if info.flag_bits & _ENCRYPTED:
        raise UnreadableEntry("encrypted: decrypt it first")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise UnreadableEntry("compressed by a method other than deflate: unpack it first")
    stream.seek(info.header_offset)
    head = stream.read(_LOCAL_SIZE)
    if len(head) < _LOCAL_SIZE or not head.startswith(ZIP_MAGIC):
        raise BadZipFile("damaged zip file: no entry where its table of contents says")
    name, extra = struct.unpack_from("<HH", head, 26)
    offset = info.header_offset + _LOCAL_SIZE + name + extra
    return Part(offset, info.compress_size, info.file_size, info.compress_type == ZIP_DEFLATED)


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


@contextmanager
def _opened_part(stream: IO[bytes], part: Part, effort: Effort) -> Iterator[IO[bytes]]:
    raw: io.RawIOBase = _Slice(stream, part.offset, part.packed)
    if part.is_deflated:
        raw = Inflating(raw, effort)
    with io.BufferedReader(raw, _CHUNK) as buffered:
        yield buffered


class _Slice(io.RawIOBase):
    """A part of a file as a file. Closing it leaves the file open."""

    def __init__(self, stream: IO[bytes], offset: int, size: int) -> None:
        self._stream = stream
        self._offset = offset
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._stream.seek(self._offset + self._position)
        data = self._stream.read(min(len(buffer), max(0, self._size - self._position)))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position


class Inflating(io.RawIOBase):
    """The content of deflated bytes as a file; moving back begins anew.

    Reading raises zlib.error and EOFError for damaged data, UnreadableEntry for a decompression
    bomb, and Exhausted.
    """

    def __init__(self, packed: io.RawIOBase, effort: Effort) -> None:
        self._packed = packed
        self._effort = effort
        self._restart()

    def _restart(self) -> None:
        self._packed.seek(0)
        self._engine = zlib.decompressobj(-zlib.MAX_WBITS)
        self._position = 0
        self._credit = 0  # bytes that may be inflated without counting as work
        self._excess = 0  # bytes that were inflated beyond that

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        data = b""
        while not (data or self._engine.eof):
            source = self._engine.unconsumed_tail or self._more()
            data = self._engine.decompress(source, len(buffer))
            if not (source or data or self._engine.eof):
                raise EOFError("the zip file ends within an entry")
        self._count(len(data))
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def _more(self) -> bytes:
        source = self._packed.read(_CHUNK) or b""
        self._credit += USUAL_RATIO * len(source)
        return source

    def _count(self, size: int) -> None:
        self._credit -= size
        if self._credit < 0:
            self._excess -= self._credit
            self._effort.spend(-self._credit)
            self._credit = 0
        if self._excess > BOMB:
            raise UnreadableEntry(f"it inflates to more than {BOMB >> 20} MB: refused")

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            while self.read(_CHUNK):
                pass
        base = 0 if whence == os.SEEK_SET else self._position
        target = max(0, base + offset)
        if target < self._position:
            self._effort.spend(self._position)
            self._restart()
        while self._position < target and self.read(min(_CHUNK, target - self._position)):
            pass
        return self._position

    @property
    def packed_bytes(self) -> int:
        """The number of deflated bytes that were read."""
        return self._packed.tell()
