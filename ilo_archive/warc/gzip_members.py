"""Read the gzip members of a file in bounded memory, also behind damage.

zlib inflates and checks a member. Behind a member that it cannot read, reading resumes at the next
one whose content begins like a record.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

_INPUT, _OUTPUT = 2**16, 2**20  # bytes: compressed read at a time, inflated at a time
_MAGIC = b"\x1f\x8b\x08"
# Magic, method, flags, time, extra flags and operating system as programs write them (RFC 1952,
# 2.3.1). Used only to resume behind damage: a member that follows another may have any flags.
_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]", re.DOTALL)
_HEADER_SIZE = 10
_BEGINNING = 64  # inflated bytes, enough to recognise the beginning of a record


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of the content of one gzip member, in order.

    `member` is the offset of the member in the file. The last piece of a member has either `end`,
    the offset behind the member, if its checksum is right, or `broken`, the reason why it ends
    here.
    """

    member: int
    data: bytes
    is_first: bool
    end: int | None = None
    broken: str | None = None


def read_members(
    stream: IO[bytes], begins: Callable[[bytes], object], start: int = 0
) -> Iterator[Piece]:
    """Yield the members from `start` on in pieces of at most a megabyte; a broken one ends with its
    reason.

    `begins(data)`: true if inflated bytes start a record; used to resynchronise after damage.
    """
    at: int | None = start
    while at is not None:
        last = None
        for last in _inflated(stream, at):
            yield last
        if last is None:
            return
        at = last.end if last.end is not None else _next_member(stream, at + 1, begins)


def _inflated(stream: IO[bytes], member: int) -> Iterator[Piece]:
    """Yield the pieces of the member at an offset; nothing at the end of the file."""
    stream.seek(member)
    source = stream.read(_INPUT)
    if not source:
        return
    if not source.startswith(_MAGIC[: len(source)]):
        yield Piece(member, b"", True, broken="not a gzip member")
        return
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    read, is_first = len(source), True
    while True:
        before = engine.copy()
        try:
            data = engine.decompress(source, _OUTPUT)
        except zlib.error as error:
            for data in _until_broken(before, source):
                yield Piece(member, data, is_first)
                is_first = False
            yield Piece(member, b"", is_first, broken=_reason(error))
            return
        if engine.eof:
            end = member + read - len(engine.unused_data)
            yield Piece(member, data, is_first, end=end)
            return
        source = engine.unconsumed_tail
        if not source and len(data) < _OUTPUT:  # else zlib may have more without more input
            source = stream.read(_INPUT)
            read += len(source)
            if not source:
                yield Piece(member, data, is_first, broken="the file ends within a gzip member")
                return
        if data:
            yield Piece(member, data, is_first)
            is_first = False


def _until_broken(engine: "zlib._Decompress", source: bytes) -> Iterator[bytes]:
    """Yield the data before the byte that zlib rejects, found in ever smaller steps.

    Without this a wrong checksum would cost everything that zlib inflated in the same call.
    """
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


def _next_member(stream: IO[bytes], start: int, begins: Callable[[bytes], object]) -> int | None:
    """The offset of the next member whose content `begins` accepts; None if there is none."""
    stream.seek(start)
    window, offset = b"", start
    while chunk := stream.read(_OUTPUT):
        window += chunk
        for found in _HEADER.finditer(window):
            if begins(_beginning(stream, offset + found.start())):
                return offset + found.start()
        keep = min(len(window), _HEADER_SIZE - 1)
        offset += len(window) - keep
        window = window[-keep:]
        stream.seek(offset + keep)
    return None


def _beginning(stream: IO[bytes], member: int) -> bytes:
    """The first inflated bytes at an offset; empty if there is no member."""
    stream.seek(member)
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return engine.decompress(stream.read(_INPUT), _BEGINNING)
    except zlib.error:
        return b""
