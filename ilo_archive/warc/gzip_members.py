"""Read the gzip members of a file in bounded memory, also behind damage.

ISA-L, if it is installed, inflates and checks members that are whole, zlib all others. Behind a
member that it cannot read, reading resumes at the next one whose content begins like a record.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import IO, NamedTuple

from ilo_archive.warc.deflate import inflate_member
from ilo_archive.warc.effort import EMPTY_MEMBER, FAILED_CANDIDATE

_INPUT, _OUTPUT = 2**16, 2**20  # bytes: compressed read at a time, inflated at a time
_MAGIC = b"\x1f\x8b\x08"
# Magic, method, flags, time, extra flags and operating system as programs write them (RFC 1952,
# 2.3.1), then no block of the reserved type 11 (RFC 1951, 3.2.3) where the data begin at once. Used
# only to resume behind damage: a member that follows another may have any flags.
_BLOCK = b"[" + re.escape(bytes(each for each in range(256) if each & 6 != 6)) + b"]"
_REST = rb".{4}[\x00\x02\x04][\x00-\x0d\xff]"
_HEADER = re.compile(
    rb"\x1f\x8b\x08(?:\x00" + _REST + _BLOCK + rb"|[\x01-\x1f]" + _REST + b")", re.DOTALL
)
_ENOUGH = 2**13  # compressed bytes in which the beginning of a record is contained
_BEGINNING = 9000  # inflated bytes, enough to recognise the beginning of a record


class Piece(NamedTuple):
    """A part of the content of one gzip member, in order.

    `member` is the offset of the member in the file. The last piece of a member has either `end`,
    the offset behind the member, if its checksum is right, or `broken`, the reason why it ends
    here. `packed` are the bytes of the file that were read for the member so far.
    """

    member: int
    data: bytes
    is_first: bool
    end: int | None = None
    broken: str | None = None
    packed: int = 0


Begins = Callable[[bytes], object]
"""True if inflated bytes start a record; used to resynchronise after damage."""


def free_of_charge(_: int) -> None:
    """Count no work."""


def read_members(
    stream: IO[bytes],
    begins: Begins,
    start: int = 0,
    spend: Callable[[int], None] = free_of_charge,
) -> Iterator[Piece]:
    """Yield the members from `start` on in pieces; a broken one ends with its reason.

    The first piece is the member as a whole or a megabyte of it; the others are at most that. A
    member of nothing is passed over. `spend` counts the work of resuming behind damage.
    """
    at: int | None = start
    ahead = b""  # bytes of the file from `at` on that were read already
    while at is not None:
        member = _Member(stream, at, ahead)
        yield from with_whole_beginning(member.pieces())
        if member.is_missing:
            return
        if member.is_empty:
            spend(EMPTY_MEMBER)
        ahead = member.rest
        at = member.end if member.end is not None else next_member(stream, at + 1, begins, spend)


def with_whole_beginning(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Join the first pieces of a member up to a megabyte, so that what it begins with is in one.

    Where it begins near the end of what is read at a time, its first piece may be a few bytes.
    """
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        size += len(piece.data)
        is_last = piece.end is not None or piece.broken is not None
        if size < _OUTPUT and not is_last and (piece.is_first or held):
            held.append(piece.data)
        elif held:
            yield piece._replace(data=b"".join([*held, piece.data]), is_first=True)
            held = []
        else:
            yield piece


class Member:
    """A part of a file that is compressed by itself: what is read of it, and where it ends.

    `ahead` are bytes of it that were read already. `end` is the offset behind it, None if it is
    broken; `rest` are bytes that were read from there on. `is_missing`: the file ends before it.
    """

    def __init__(self, stream: IO[bytes], offset: int, ahead: bytes) -> None:
        """Read the first bytes of the member at `offset`."""
        stream.seek(offset + len(ahead))
        self.offset = offset
        self.source = ahead or stream.read(_INPUT)
        self.is_missing = not self.source
        self.end: int | None = None
        self.rest = b""
        self._stream = stream
        self._read = len(self.source)
        self._is_first = True

    @property
    def is_empty(self) -> bool:
        """True if it was read to its end and contains nothing."""
        return self._is_first

    def read_on(self) -> bool:
        """Read more of the file. False at its end."""
        self.source = self._stream.read(_INPUT)
        self._read += len(self.source)
        return bool(self.source)

    def piece(self, data: bytes, broken: str | None = None) -> Piece:
        """The next piece."""
        is_first, self._is_first = self._is_first, False
        return Piece(self.offset, data, is_first, None, broken, self._read)

    def last_pieces(self, data: bytes, rest: bytes) -> Iterator[Piece]:
        """Yield the last piece, unless the member is one of nothing; `rest` is behind it."""
        self.rest = rest
        self.end = self.offset + self._read - len(rest)
        if data or not self._is_first:
            yield self.piece(data)._replace(end=self.end, packed=self.end - self.offset)


class _Member(Member):
    """A gzip member."""

    def pieces(self) -> Iterator[Piece]:
        """Yield the content, nothing at the end of the file."""
        if self.is_missing:
            return
        if not self.source.startswith(_MAGIC[: len(self.source)]):
            yield self.piece(b"", broken="not a gzip member")
            return
        if whole := inflate_member(self.source, _OUTPUT):
            yield from self.last_pieces(*whole)
            return
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        before = None  # the engine at the beginning of a step, to read up to a byte that it rejects
        while True:
            try:
                data = engine.decompress(self.source, _OUTPUT)
            except zlib.error as error:
                for data in _until_broken(before, self.source):
                    yield self.piece(data)
                yield self.piece(b"", broken=_reason(error))
                return
            if engine.eof:
                yield from self.last_pieces(data, engine.unused_data)
                return
            self.source = engine.unconsumed_tail
            # Without input zlib may have more only if it filled the output.
            if not self.source and len(data) < _OUTPUT and not self.read_on():
                yield self.piece(data, broken="the file ends within a gzip member")
                return
            if data:
                yield self.piece(data)
            before = engine.copy()


def _until_broken(engine: "zlib._Decompress | None", source: bytes) -> Iterator[bytes]:
    """Yield the data before the byte that zlib rejects, found in ever smaller steps.

    `engine` is that at the beginning of `source`, None at the beginning of a member. Without this a
    wrong checksum would cost everything that zlib inflated in the same call.
    """
    engine = engine or zlib.decompressobj(zlib.MAX_WBITS | 16)
    data = b""
    for step in (4096, 64, 1):
        with suppress(zlib.error):
            while source:
                advanced = engine.copy()
                data += advanced.decompress(source[:step])
                engine, source = advanced, source[step:]
                if len(data) > _OUTPUT:
                    yield data
                    data = b""
    yield data


def _reason(error: zlib.error) -> str:
    """Zlib's message without its error number: "incorrect data check"."""
    return f"broken gzip member ({str(error).rpartition(': ')[2]})"


def next_member(
    stream: IO[bytes], start: int, begins: Begins, spend: Callable[[int], None] = free_of_charge
) -> int | None:
    """The offset of the next member whose content `begins` accepts; None if there is none."""
    return find_header(stream, start, _HEADER, lambda data: begins(_beginning(data)), spend)


def find_header(
    stream: IO[bytes],
    start: int,
    header: re.Pattern[bytes],
    is_begin: Begins,
    spend: Callable[[int], None],
) -> int | None:
    """The offset of the next match of `header` at which `is_begin` accepts the bytes of the file.

    None if there is none.
    """
    stream.seek(start)
    window, offset, is_end = b"", start, False
    while not is_end:
        chunk = stream.read(_OUTPUT)
        is_end = not chunk
        window += chunk
        usable = len(window) if is_end else max(0, len(window) - _ENOUGH)
        for found in header.finditer(window):
            at = found.start()
            if at >= usable:
                break
            if is_begin(window[at : at + _ENOUGH]):
                return offset + at
            spend(FAILED_CANDIDATE)
        window, offset = window[usable:], offset + usable
    return None


def _beginning(data: bytes) -> bytes:
    """The first inflated bytes of a member; empty if there is none."""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(data, _BEGINNING)
    except zlib.error:
        return b""
