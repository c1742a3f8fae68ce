"""Stretches of bytes that contain whole records, each seen through a window.

What is read is bounded, whatever the size of the file.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import IO, NamedTuple

from ilo_archive.warc.gzip_members import Piece, read_members

_CHUNK = 2**20  # bytes of a plain file read at a time
_WARC_BEGIN = rb"WARC/(?:1\.[01]|0\.1[78])[ \t]*\r?\n"
_ARC_BEGIN = (
    rb"(?:https?|ftp|dns|whois|filedesc|file):[^\r\n]{1,8000} "
    rb"\d{1,3}(?:\.\d{1,3}){3} \d{8,18} [^\r\n]{0,500}\r?\n"
)
RECORD_BEGIN = re.compile(_WARC_BEGIN + b"|" + _ARC_BEGIN)
# Behind damage: what comes before the record may have lost its line break.
# Two patterns, for each begins with bytes that are found at once; one of both looks at every byte.
_NEXT_WARC = re.compile(_WARC_BEGIN + rb"(?=[A-Za-z-]+:)")
_NEXT_ARC = re.compile(rb"\n(?=" + _ARC_BEGIN + b")")
LONGEST_BEGIN = 9000  # bytes that a search must see at once
_BLANKS = re.compile(rb"[\r\n]+")


class RecordStart(NamedTuple):
    """Where a record begins: in the stretch that begins at byte `first` of the file."""

    first: int
    position: int


class Window:
    """A file as stretches of bytes that hold whole records, each seen through a window.

    The stretches of a gzipped file are parted where a member begins as a record does and where
    one is broken (some files cut their members in the midst of records); a plain file is one.
    """

    def __init__(self, opened: Callable[[int, int], Iterator[Piece]], is_plain: bool) -> None:
        """`opened(first, n)` gives a file from the stretch at byte `first` on, less n bytes."""
        self._opened = opened
        self._source = opened(0, 0)
        self._ahead: Piece | None = None
        self._is_open = False
        self.is_plain = is_plain
        self.lost_ways = 0
        self.first = 0  # where the stretch begins in the file
        self.position = 0  # of the first byte in sight, in the stretch
        self.bytes = bytearray()
        self.broken: str | None = None
        self._checked = 0  # bytes of the stretch whose checksum held

    def open_at(self, place: RecordStart) -> None:
        """Move to any byte of any stretch."""
        self._source, self._ahead = self._opened(*place), None
        self.first, self.position = place
        self._is_open, self.broken, self._checked = True, None, 0
        self.bytes.clear()

    def next_stretch(self) -> bool:
        """Go on to the next stretch, once the last is read to its end; False at the file's."""
        piece = self._ahead or next(self._source, None)
        if piece is None:
            return False
        self._ahead = None
        self.first, self.position, self._checked = piece.member, 0, 0
        self.bytes.clear()
        self._take(piece)
        return True

    def _take(self, piece: Piece) -> None:
        self.bytes += piece.data
        self.broken = piece.broken
        self._is_open = piece.broken is None
        if piece.end is not None:
            self._checked = self.position + len(self.bytes)

    def is_unsure(self, size: int) -> bool:
        """Whether so many bytes more are of a broken member, whose checksum nobody can tell."""
        return self.broken is not None and self.position + size > self._checked

    def holds(self, size: int) -> bool:
        """Whether the stretch has so many bytes more; they are in sight then."""
        while len(self.bytes) < size and self._is_open:
            piece = next(self._source, None)
            if piece is None:
                self._is_open = False
            elif piece.is_first and (
                not piece.data or RECORD_BEGIN.match(piece.data.lstrip(b"\r\n"))
            ):
                self._ahead, self._is_open = piece, False
            else:
                self._take(piece)
        return len(self.bytes) >= size

    def skip(self, size: int) -> None:
        """Move on by bytes that are in sight."""
        del self.bytes[:size]
        self.position += size

    def goto(self, position: int) -> None:
        """Move to a byte of the stretch without keeping what lies between."""
        is_far = position - self.position > len(self.bytes)
        if position < self.position or (is_far and self.is_plain):
            self.open_at(RecordStart(self.first, position))
        while (missing := position - self.position) and self.holds(1):
            self.skip(min(missing, len(self.bytes)))

    def is_at_end(self) -> bool:
        """Whether nothing but blank lines is left of the stretch; moves behind them."""
        while self.holds(1):
            blank = _BLANKS.match(self.bytes)
            if blank is None:
                return False
            self.skip(blank.end())
        return True

    def find_record(self) -> None:
        """Move to the next line that begins a record, or to the end of the stretch."""
        while self.holds(1):
            self.holds(LONGEST_BEGIN)
            start = _next_record(self.bytes)
            if start is not None:
                self.skip(start)
                return
            seen = len(self.bytes)
            more = self.holds(seen + 1)
            self.skip(max(0, seen - LONGEST_BEGIN) if more else len(self.bytes))


def _next_record(data: bytearray) -> int | None:
    by_name = _NEXT_WARC.search(data)
    by_line = _NEXT_ARC.search(data, 0, by_name.start() if by_name else sys.maxsize)
    if by_line:
        return by_line.end()
    return by_name.start() if by_name else None


def gzipped_window(stream: IO[bytes]) -> Window:
    """The window on a gzipped file, from its first member."""

    def opened(first: int, skipped: int) -> Iterator[Piece]:
        for piece in read_members(stream, RECORD_BEGIN.match, first):
            passed = min(skipped, len(piece.data))
            skipped -= passed
            parts = piece.is_first and piece.member != first
            yield replace(piece, data=piece.data[passed:], is_first=parts)

    return Window(opened, is_plain=False)


def plain_window(stream: IO[bytes]) -> Window:
    """The window on a file that is not compressed."""

    def opened(first: int, skipped: int) -> Iterator[Piece]:
        stream.seek(first + skipped)
        while chunk := stream.read(_CHUNK):
            yield Piece(first, chunk, is_first=False)

    return Window(opened, is_plain=True)
