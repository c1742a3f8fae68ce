"""The gzip members of a file, read with bounded memory and found again behind damage.

zlib inflates and checks; what is ours is to go on behind a member that it cannot read, at the
next one whose content begins as a record does.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

_INPUT, _OUTPUT = 2**16, 2**20  # bytes read, and inflated, at a time
_MAGIC = b"\x1f\x8b\x08"
# Magic, method, flags, time, extra flags and system of a header that a program wrote (RFC 1952,
# 2.3.1). Only behind damage: a member that follows another is taken whatever its flags.
_HEADER = re.compile(rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]", re.DOTALL)
_HEADER_SIZE = 10
_BEGINNING = 64  # inflated bytes that tell how a member begins


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what one gzip member holds, in order.

    `member` is the first byte of the member in the file. The last piece of a member has `end`,
    the byte behind it, once its checksum held, or `broken`, why there is no more of it.
    """

    member: int
    data: bytes
    is_first: bool
    end: int | None = None
    broken: str | None = None


def read_members(
    stream: IO[bytes], begins: Callable[[bytes], object], start: int = 0
) -> Iterator[Piece]:
    """The members from `start` on, each a megabyte at a time; a broken one ends with its reason.

    Behind a broken one the next member counts that `begins` recognises by its first bytes.
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
    """The pieces of the member at that byte; none where the file ends there."""
    stream.seek(member)
    source = stream.read(_INPUT)
    if not source:
        return
    if not source.startswith(_MAGIC[: len(source)]):
        yield Piece(member, b"", True, broken="bytes that are no gzip member")
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
            yield Piece(member, b"", is_first, broken=_plain(error))
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
    """What there is before the byte that zlib stumbles over, closed in on in ever smaller steps.

    Without this a wrong checksum would cost all that zlib unpacked in the same call.
    """
    data = b""
    for step in (4096, 64, 1):
        with suppress(zlib.error):
            while source:
                tried = engine.copy()
                data += tried.decompress(source[:step])
                engine, source = tried, source[step:]
                if len(data) > _OUTPUT:
                    yield data
                    data = b""
    yield data


def _plain(error: zlib.error) -> str:
    """What zlib says behind its number: "incorrect data check"."""
    return f"broken gzip member ({str(error).rpartition(': ')[2]})"


def _next_member(stream: IO[bytes], start: int, begins: Callable[[bytes], object]) -> int | None:
    """The first byte of the next member that `begins` recognises, None where there is none."""
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
    stream.seek(member)
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return engine.decompress(stream.read(_INPUT), _BEGINNING)
    except zlib.error:
        return b""
