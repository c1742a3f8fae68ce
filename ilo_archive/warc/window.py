"""Stretches of a file that consist of whole records, read through a window of bounded size.

A stretch is the inflated content of one or more gzip members, or a plain file as a whole.
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
# Used behind damage, where the record before may lack its final line break. Two patterns because
# each starts with literal bytes, which are found quickly; a common one would try every byte.
_NEXT_WARC = re.compile(_WARC_BEGIN + rb"(?=[A-Za-z-]+:)")
_NEXT_ARC = re.compile(rb"\n(?=" + _ARC_BEGIN + b")")
LONGEST_BEGIN = 9000  # bytes; the longest match of RECORD_BEGIN
_BLANKS = re.compile(rb"[\r\n]+")


class RecordStart(NamedTuple):
    """The beginning of a record: byte `position` of the stretch that begins at byte `first` of the
    file.
    """

    first: int
    position: int


class Window:
    """A file as stretches of whole records; `bytes` is the part in sight.

    A gzipped file is divided where a member begins like a record and behind a broken member (some
    files divide their members within records). A plain file is one stretch. `first` is the offset
    of the stretch in the file, `position` that of the first byte in sight within the stretch.
    `broken` is why the stretch ends early, None if it does not. `false_lengths` counts records that
    did not have the length they state.
    """

    def __init__(self, opened: Callable[[int, int], Iterator[Piece]], is_plain: bool) -> None:
        """`opened(first, n)` yields the file from the stretch at byte `first` on, without its first
        n bytes.
        """
        self._opened = opened
        self._source = opened(0, 0)
        self._ahead: Piece | None = None
        self._is_open = False
        self.is_plain = is_plain
        self.false_lengths = 0
        self.first = 0
        self.position = 0
        self.bytes = bytearray()
        self.broken: str | None = None
        self._checked = 0  # bytes of the stretch whose checksum is right

    def open_at(self, start: RecordStart) -> None:
        """Move to a byte of any stretch."""
        self._source, self._ahead = self._opened(*start), None
        self.first, self.position = start
        self._is_open, self.broken, self._checked = True, None, 0
        self.bytes.clear()

    def next_stretch(self) -> bool:
        """Move to the next stretch, after the current one was read to its end.

        False at the end of the file.
        """
        piece = self._ahead or next(self._source, None)
        if piece is None:
            return False
        self._ahead = None
        self.first, self.position, self._checked = piece.member, 0, 0
        self.bytes.clear()
        self._add(piece)
        return True

    def _add(self, piece: Piece) -> None:
        self.bytes += piece.data
        self.broken = piece.broken
        self._is_open = piece.broken is None
        if piece.end is not None:
            self._checked = self.position + len(self.bytes)

    def is_unsure(self, size: int) -> bool:
        """True if the next `size` bytes lie in a gzip member whose checksum could not
        be verified.
        """
        return self.broken is not None and self.position + size > self._checked

    def fill(self, size: int) -> bool:
        """Read on until at least `size` bytes are in sight. False if the stretch ends before."""
        while len(self.bytes) < size and self._is_open:
            piece = next(self._source, None)
            if piece is None:
                self._is_open = False
            elif piece.is_first and (
                not piece.data or RECORD_BEGIN.match(piece.data.lstrip(b"\r\n"))
            ):
                self._ahead, self._is_open = piece, False
            else:
                self._add(piece)
        return len(self.bytes) >= size

    def skip(self, size: int) -> None:
        """Move past bytes that are in sight."""
        del self.bytes[:size]
        self.position += size

    def goto(self, position: int) -> None:
        """Move to a byte of the stretch, without storing the bytes in between."""
        is_far = position - self.position > len(self.bytes)
        if position < self.position or (is_far and self.is_plain):
            self.open_at(RecordStart(self.first, position))
        while (missing := position - self.position) and self.fill(1):
            self.skip(min(missing, len(self.bytes)))

    def is_at_end(self) -> bool:
        """True if only blank lines are left of the stretch; moves past them."""
        while self.fill(1):
            blank = _BLANKS.match(self.bytes)
            if blank is None:
                return False
            self.skip(blank.end())
        return True

    def find_record(self) -> None:
        """Move to the next line that begins a record, or to the end of the stretch."""
        while self.fill(1):
            self.fill(LONGEST_BEGIN)
            start = _next_record(self.bytes)
            if start is not None:
                self.skip(start)
                return
            seen = len(self.bytes)
            more = self.fill(seen + 1)
            self.skip(max(0, seen - LONGEST_BEGIN) if more else len(self.bytes))


def _next_record(data: bytearray) -> int | None:
    """The offset of the next beginning of a WARC or ARC record, None if there is none."""
    by_name = _NEXT_WARC.search(data)
    by_line = _NEXT_ARC.search(data, 0, by_name.start() if by_name else sys.maxsize)
    if by_line:
        return by_line.end()
    return by_name.start() if by_name else None


def gzipped_window(stream: IO[bytes]) -> Window:
    """Open a window on a gzipped file, at its first member."""

    def opened(first: int, skipped: int) -> Iterator[Piece]:
        for piece in read_members(stream, RECORD_BEGIN.match, first):
            passed = min(skipped, len(piece.data))
            skipped -= passed
            begins_stretch = piece.is_first and piece.member != first
            yield replace(piece, data=piece.data[passed:], is_first=begins_stretch)

    return Window(opened, is_plain=False)


def plain_window(stream: IO[bytes]) -> Window:
    """Open a window on an uncompressed file."""

    def opened(first: int, skipped: int) -> Iterator[Piece]:
        stream.seek(first + skipped)
        while chunk := stream.read(_CHUNK):
            yield Piece(first, chunk, is_first=False)

    return Window(opened, is_plain=True)
