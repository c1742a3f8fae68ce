"""Stretches of a file that consist of whole records, read through a window of bounded size.

A stretch is the inflated content of one or more gzip members or zstd frames, or a plain file as a
whole.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple

from ilo_archive.warc.arc import ARC_BEGIN, LONGEST_LINE
from ilo_archive.warc.effort import BOMB, USUAL_RATIO, Effort
from ilo_archive.warc.gzip_members import Piece, next_member, read_members
from ilo_archive.warc.zip_entries import Inflating
from ilo_archive.warc.zstd_members import next_frame, read_frames

_CHUNK = 2**20  # bytes of a plain file read at a time
_FIRST_CHUNK = 2**16  # bytes read first: often a single record is wanted
_WARC_BEGIN = rb"WARC/(?:1\.[01]|0\.1[78])[ \t]*\r?\n"
RECORD_BEGIN = re.compile(_WARC_BEGIN + b"|" + ARC_BEGIN)
BLANKS_AND_RECORD = re.compile(rb"[\r\n]*+(?:" + _WARC_BEGIN + b"|" + ARC_BEGIN + b")")
# Used behind damage, where the record before may lack its final line break. Two patterns because
# each starts with literal bytes, which are found quickly; a common one would try every byte.
_NEXT_WARC = re.compile(_WARC_BEGIN + rb"(?=[A-Za-z-]+:)")
_NEXT_ARC = re.compile(rb"\n(?=" + ARC_BEGIN + b")")
LONGEST_BEGIN = LONGEST_LINE  # bytes; the longest match of RECORD_BEGIN
_BLANKS = re.compile(rb"[\r\n]+")
_PIECE_COST = 2**13  # work on a member within a stretch, besides its bytes


class RecordStart(NamedTuple):
    """The beginning of a record: byte `position` of the stretch that begins at byte `first` of the
    file.
    """

    first: int
    position: int


class Bomb(ValueError):
    """A stretch inflates to far more than it may and contains no record there."""


class Contents(NamedTuple):
    """How to read a file: `pieces(first, n)` are those of the stretch at byte `first` on without
    its first n bytes, `following(first)` those behind the broken stretch at `first`.

    `size` is that of a file that is read at any place without inflating it; None for another.
    """

    pieces: Callable[[int, int], Iterator[Piece]]
    following: Callable[[int], Iterator[Piece]]
    size: int | None = None


class Window:
    """A file as stretches of whole records; `bytes` is the part in sight.

    A gzipped file is divided where a member begins like a record and behind a broken member (some
    files divide their members within records). A plain file is one stretch. `first` is the offset
    of the stretch in the file, `position` that of the first byte in sight within the stretch.
    `broken` is why the stretch ends early, None if it does not. `false_lengths` counts records that
    did not have the length they state, `proper_endings` those that ended as the standard wants it.
    """

    def __init__(self, contents: Contents, effort: Effort) -> None:
        """`effort` bounds the work on what is no record."""
        self._contents = contents
        self._source = contents.pieces(0, 0)
        self._ahead: Piece | None = None
        self._is_open = False
        self.effort = effort
        self.false_lengths = 0
        self.proper_endings = 0
        self.first = 0
        self.position = 0
        self.bytes = bytearray()
        self.broken: str | None = None
        self._checked = 0  # bytes of the stretch whose checksum is right
        self._packed = 0  # bytes of the file that the stretch was inflated from
        self._packed_before = 0  # of these, the bytes of all members but the last
        self._member = 0  # the last member of the stretch
        self._useless = 0  # bytes of the stretch that are no record

    @property
    def is_plain(self) -> bool:
        """True for a file that is not compressed."""
        return self._contents.size is not None

    def open_at(self, start: RecordStart) -> None:
        """Move to a byte of any stretch."""
        self._source, self._ahead = self._contents.pieces(*start), None
        self.first, self.position = start
        self._is_open, self.broken, self._checked = True, None, 0
        self.bytes.clear()

    def move_to(self, start: RecordStart) -> None:
        """Move to a byte of any stretch; at little cost if it is in sight."""
        ahead = start.position - self.position
        if start.first == self.first and 0 <= ahead < len(self.bytes):
            self.skip(ahead)
        else:
            self.open_at(start)

    def next_stretch(self) -> bool:
        """Move to the next stretch, after the current one was read to its end.

        False at the end of the file. Raises Exhausted.
        """
        self._settle()
        piece = self._ahead or next(self._source, None)
        if piece is None:
            return False
        self._ahead = None
        self.first, self.position, self._checked = piece.member, 0, 0
        self.bytes.clear()
        self._add(piece)
        return True

    def give_up(self) -> None:
        """Leave the stretch at the member read last; the next stretch begins behind it."""
        self._settle()
        self._source, self._ahead = self._contents.following(self._member), None
        self._is_open = False
        self.bytes.clear()

    def _settle(self) -> None:
        """Count what the stretch contained besides records, more than its size justifies."""
        self.effort.spend(max(0, self._useless - USUAL_RATIO * self._packed))
        self._useless = self._packed = self._packed_before = 0

    def _add(self, piece: Piece) -> None:
        self.bytes += piece.data
        self.broken = piece.broken
        self._is_open = piece.broken is None
        if piece.is_first:
            self._packed_before = self._packed
        self._packed, self._member = self._packed_before + piece.packed, piece.member
        if piece.end is not None:
            self._checked = self.position + len(self.bytes)

    def is_unsure(self, size: int) -> bool:
        """True if the next `size` bytes lie in a gzip member whose checksum could not
        be verified.
        """
        return self.broken is not None and self.position + size > self._checked

    def ends_within(self, size: int) -> bool:
        """True if the file is known to end before `size` more bytes."""
        length = self._contents.size
        return length is not None and self.first + self.position + size > length

    def fill(self, size: int) -> bool:
        """Read on until at least `size` bytes are in sight. False if the stretch ends before."""
        while len(self.bytes) < size and self._is_open:
            piece = next(self._source, None)
            if piece is None:
                self._is_open = False
            elif piece.is_first and (not piece.data or BLANKS_AND_RECORD.match(piece.data)):
                self._ahead, self._is_open = piece, False
            else:
                self._add(piece)
                self.effort.spend(_PIECE_COST if piece.is_first else 0)
        return len(self.bytes) >= size

    def skip(self, size: int) -> None:
        """Move past bytes that are in sight."""
        del self.bytes[:size]
        self.position += size

    def _pass_over(self, size: int) -> None:
        """Move past bytes in sight that are no record. Raises Bomb."""
        self.skip(size)
        self._useless += size
        if self._useless > max(BOMB, USUAL_RATIO * self._packed) and not self.is_plain:
            raise Bomb(f"more than {BOMB >> 20} MB of it are no record")

    def goto(self, position: int) -> None:
        """Move to a byte of the stretch, without storing the bytes in between. Raises Bomb."""
        is_far = position - self.position > len(self.bytes)
        if position < self.position and self.is_plain:
            self.effort.spend(_CHUNK)
        if position < self.position or (is_far and self.is_plain):
            self.open_at(RecordStart(self.first, position))
        while (missing := position - self.position) and self.fill(1):
            self._pass_over(min(missing, len(self.bytes)))

    def is_at_end(self) -> bool:
        """True if only blank lines are left of the stretch; moves past them. Raises Bomb."""
        while self.fill(1):
            blank = _BLANKS.match(self.bytes)
            if blank is None:
                return False
            self._pass_over(blank.end())
        return True

    def find_record(self) -> None:
        """Move to the next line that begins a record, or to the end of the stretch.

        Raises Bomb.
        """
        while self.fill(1):
            self.fill(LONGEST_BEGIN)
            start = _next_record(self.bytes)
            if start is not None:
                self._pass_over(start)
                return
            seen = len(self.bytes)
            more = self.fill(seen + 1)
            self._pass_over(max(0, seen - LONGEST_BEGIN) if more else len(self.bytes))


def _next_record(data: bytearray) -> int | None:
    """The offset of the next beginning of a WARC or ARC record, None if there is none.

    A first look at a few bytes saves looking at all of a megabyte again for each of many beginnings
    in it.
    """
    for size in (LONGEST_BEGIN, 4 * LONGEST_BEGIN, len(data)):
        by_name = _NEXT_WARC.search(data, 0, size)
        limit = by_name.start() if by_name else size
        by_line = _NEXT_ARC.search(data, 0, limit + LONGEST_BEGIN)
        if by_line and by_line.start() < limit:
            return by_line.end()
        if by_name:
            return by_name.start()
        if size >= len(data):
            break
    return None


def gzipped_window(stream: IO[bytes], effort: Effort) -> Window:
    """Open a window on a gzipped file, at its first member."""

    def following(member: int) -> Iterator[Piece]:
        at = next_member(stream, member + 1, RECORD_BEGIN.match, effort.spend)
        return iter(()) if at is None else _read(at)

    def _read(first: int) -> Iterator[Piece]:
        return read_members(stream, RECORD_BEGIN.match, first, effort.spend)

    return Window(Contents(_skipping(_read, effort), following), effort)


def zstd_window(stream: IO[bytes], effort: Effort) -> Window:
    """Open a window on a file of zstd frames, at its first one."""

    def following(frame: int) -> Iterator[Piece]:
        at = next_frame(stream, frame + 1, RECORD_BEGIN.match, effort.spend)
        return iter(()) if at is None else _read(at)

    def _read(first: int) -> Iterator[Piece]:
        return read_frames(stream, RECORD_BEGIN.match, first, effort.spend)

    return Window(Contents(_skipping(_read, effort), following), effort)


def _skipping(
    read: Callable[[int], Iterator[Piece]], effort: Effort
) -> Callable[[int, int], Iterator[Piece]]:
    """A function that reads members from the one at byte `first` on without their first bytes."""

    def pieces(first: int, skipped: int) -> Iterator[Piece]:
        for piece in read(first):
            passed = min(skipped, len(piece.data))
            skipped -= passed
            effort.spend(passed)
            # The first member continues the stretch, wherever in it reading begins.
            is_first = piece.is_first and piece.member != first
            yield piece._replace(data=piece.data[passed:], is_first=is_first)

    return pieces


def plain_window(stream: IO[bytes], effort: Effort) -> Window:
    """Open a window on an uncompressed file."""
    size = stream.seek(0, os.SEEK_END)

    def pieces(first: int, skipped: int) -> Iterator[Piece]:
        stream.seek(first + skipped)
        wanted = _FIRST_CHUNK
        while chunk := stream.read(wanted):
            yield Piece(first, chunk, is_first=False)
            wanted = min(2 * wanted, _CHUNK)

    return Window(Contents(pieces, _nothing, size), effort)


def inflating_window(stream: IO[bytes], raw: Inflating, effort: Effort) -> Window:
    """Open a window on an uncompressed file that is deflated inside a zip file.

    `stream` reads `raw`.
    """

    def pieces(first: int, skipped: int) -> Iterator[Piece]:
        stream.seek(skipped)
        while chunk := stream.read(_CHUNK):
            yield Piece(first, chunk, is_first=False, packed=raw.packed_bytes)

    return Window(Contents(pieces, _nothing), effort)


def _nothing(_: int) -> Iterator[Piece]:
    return iter(())
