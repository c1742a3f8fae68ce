"""Read the frames of a `.warc.zst` file in bounded memory, also behind damage.

Each record is a frame of its own (IIPC, "Use of Zstandard for the Compression of WARC Files"). The
first frame may contain the dictionary that all others need.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import IO

from backports import zstd

from ilo_archive.warc.effort import EMPTY_MEMBER
from ilo_archive.warc.gzip_members import (
    Begins,
    Member,
    Piece,
    find_header,
    free_of_charge,
    with_whole_beginning,
)

MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
"""Of the skippable frame that contains a dictionary."""

_OUTPUT = 2**20  # bytes decompressed at a time
_STEP = 512  # bytes compressed read at a time before damage
_HEADER = re.compile(re.escape(MAGIC))
_SKIPPABLE = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
_SKIPPABLE_HEAD = 8  # bytes: magic and size (RFC 8878, 3.1.2)
_BEGINNING = 9000  # decompressed bytes, enough to recognise the beginning of a record
_MAX_DICTIONARY = 16 * 2**20  # bytes; writers use about 100,000
_OPTIONS: Mapping[int, int] = {zstd.DecompressionParameter.window_log_max: 25}  # 32 MB


def read_frames(
    stream: IO[bytes],
    begins: Begins,
    start: int = 0,
    spend: Callable[[int], None] = free_of_charge,
) -> Iterator[Piece]:
    """Yield the frames from `start` on like `read_members`."""
    dictionary = _dictionary(stream)
    at: int | None = start
    ahead = b""
    while at is not None:
        frame = _Frame(stream, at, ahead)
        yield from with_whole_beginning(frame.pieces(dictionary))
        if frame.is_missing:
            return
        if frame.is_empty:
            spend(EMPTY_MEMBER)
        ahead = frame.rest
        at = frame.end if frame.end is not None else next_frame(stream, at + 1, begins, spend)


def _dictionary(stream: IO[bytes]) -> zstd.ZstdDict | None:
    """The dictionary in the first frame; None without one."""
    stream.seek(0)
    head = stream.read(_SKIPPABLE_HEAD)
    size = int.from_bytes(head[4:], "little")
    if not head.startswith(DICTIONARY_MAGIC) or size > _MAX_DICTIONARY:
        return None
    content = stream.read(size)
    try:
        if content.startswith(MAGIC):
            content = zstd.ZstdDecompressor(options=_OPTIONS).decompress(content, _MAX_DICTIONARY)
        return zstd.ZstdDict(content)
    except (zstd.ZstdError, ValueError):
        return None


class _Frame(Member):
    """A zstd frame."""

    def pieces(self, dictionary: zstd.ZstdDict | None) -> Iterator[Piece]:
        """Yield the content, nothing at the end of the file."""
        if len(self.source) < _SKIPPABLE_HEAD:
            self._complete_head()
        if _SKIPPABLE.match(self.source):
            yield from self._skipped()
        elif self.source and not self.source.startswith(MAGIC[: len(self.source)]):
            yield self.piece(b"", broken="not a zstd frame")
        elif self.source:
            yield from self._decompressed(dictionary)

    def _decompressed(self, dictionary: zstd.ZstdDict | None) -> Iterator[Piece]:
        engine = zstd.ZstdDecompressor(dictionary, options=_OPTIONS)
        written = 0
        while True:
            try:
                data = engine.decompress(self.source, _OUTPUT)
            except zstd.ZstdError as error:
                for data in _until_broken(self._stream, self.offset, written, dictionary):
                    yield self.piece(data)
                yield self.piece(b"", broken=_reason(error))
                return
            if engine.eof:
                yield from self.last_pieces(data, engine.unused_data)
                return
            written += len(data)
            self.source = b""
            if engine.needs_input and not self.read_on():
                yield self.piece(data, broken="the file ends within a zstd frame")
                return
            if data:
                yield self.piece(data)

    def _complete_head(self) -> None:
        """Read on where the bytes read before end within the head of the frame."""
        before = self.source
        self.read_on()
        self.source = before + self.source

    def _skipped(self) -> Iterator[Piece]:
        """Pass over a skippable frame; yield a broken piece if the file ends within it."""
        size = _SKIPPABLE_HEAD + int.from_bytes(self.source[4:8], "little")
        self._stream.seek(self.offset + size - 1)
        if self._stream.read(1):
            self.end = self.offset + size
        else:
            yield self.piece(b"", broken="the file ends within a zstd frame")


def _until_broken(
    stream: IO[bytes], frame: int, written: int, dictionary: zstd.ZstdDict | None
) -> Iterator[bytes]:
    """Yield the data of a frame from byte `written` on, up to the block that zstd rejects."""
    engine = zstd.ZstdDecompressor(dictionary, options=_OPTIONS)
    stream.seek(frame)
    with suppress(zstd.ZstdError):
        while source := stream.read(_STEP):
            while source or not engine.needs_input:
                data = engine.decompress(source, _OUTPUT)
                source = b""
                if kept := data[written:]:
                    yield kept
                written = max(0, written - len(data))


def _reason(error: zstd.ZstdError) -> str:
    return f"broken zstd frame ({str(error).rpartition(': ')[2].rstrip('.')})"


def next_frame(
    stream: IO[bytes], start: int, begins: Begins, spend: Callable[[int], None] = free_of_charge
) -> int | None:
    """The offset of the next frame whose content `begins` accepts; None if there is none."""
    dictionary = _dictionary(stream)

    def is_begin(data: bytes) -> object:
        try:
            engine = zstd.ZstdDecompressor(dictionary, options=_OPTIONS)
            return begins(engine.decompress(data, _BEGINNING))
        except zstd.ZstdError:
            return None

    return find_header(stream, start, _HEADER, is_begin, spend)


def is_zstd(beginning: bytes) -> bool:
    """True if a file begins with a frame, a skippable one included."""
    return bool(beginning.startswith(MAGIC) or _SKIPPABLE.match(beginning))
