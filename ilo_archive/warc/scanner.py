"""Find the whole and the lost records of a file, in one pass.

A record is whole if the checksum of its gzip member is right and it ends where its length says. One
whose digest does not fit is whole too, but has a fault. Behind damage the search goes on at the
next gzip member that begins with a record, or the next line that begins one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ilo_archive.http import MAX_BODY, TEXT_TYPES, is_binary
from ilo_archive.warc.arc import parse_line
from ilo_archive.warc.digests import DigestCheck, check_digests
from ilo_archive.warc.effort import LOST_RECORD
from ilo_archive.warc.records import is_warc
from ilo_archive.warc.window import (
    BLANKS_AND_RECORD,
    LONGEST_BEGIN,
    RECORD_BEGIN,
    Bomb,
    RecordStart,
    Window,
)

_MAX_HEAD = 2**16  # bytes of a record's own headers
_USUAL_HEAD = 2**11  # bytes; most have about 600
_MAX_BLOCK = MAX_BODY + _MAX_HEAD
_MAX_FALSE_LENGTHS = 3  # per gzipped file: going back after one means inflating again
_WITH_PAGE = frozenset({"response", "revisit", "resource"})  # types of records
DESCRIBING = frozenset({"request", "metadata", "warcinfo"})  # types of records about others
_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,20})[ \t]*\r?\n", re.IGNORECASE)
_TYPE = re.compile(rb"\nWARC-Type:[ \t]*([\w-]+)", re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"\nContent-Type:[ \t]*([^\r\n]+)", re.IGNORECASE)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
# Where bytes between two records are lost the rest of their headers looks like those of one record,
# and gives the page of the second the address of the first.
_ONCE = (b"\nWARC-Record-ID:", b"\nWARC-Date:", b"\nWARC-Target-URI:", b"\nContent-Length:")
_HEAD_END = re.compile(rb"\n\r?\n")  # begins with one byte, which is found quickly
_ADDRESS = re.compile(rb"\nWARC-Target-URI:[ \t]*([^\r\n]+)|(https?://\S+) ", re.IGNORECASE)
_BLANKS = re.compile(rb"[\r\n]*+")


class BrokenRecord(ValueError):
    """A record that is damaged or not a record; the text is the reason."""


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """A record with all its bytes that may contain a page or describe one.

    `doubt` is a contradiction that does not affect its content, `fault` one that may; None without.
    """

    start: RecordStart
    kind: str
    data: bytes
    doubt: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class LostRecord:
    """The place of something that cannot be read, and the reason."""

    start: RecordStart
    reason: str


@dataclass(frozen=True, slots=True)
class _Head:
    """The headers of a record: their bytes, the length that they state, and the type."""

    data: bytes
    length: int
    kind: str

    @property
    def size(self) -> int:
        """The number of bytes of the record."""
        return len(self.data) + self.length

    @property
    def endings(self) -> tuple[bytes, ...]:
        """The bytes that must follow the content, and what some writers put there instead."""
        if not is_warc(self.data):
            return b"\n", b"\r\n"
        return (b"\r\n\r\n",) if self.data.endswith(b"\r\n") else (b"\n\n", b"\r\n\r\n")

    def reason(self, text: str) -> str:
        """A reason with the address of the record, if known."""
        found = _ADDRESS.search(self.data)
        if found is None:
            return text
        address = found.group(found.lastindex or 0)[:200].decode("utf-8", "replace")
        return f"{text} ({address.strip('<> ')})"


def scan_records(window: Window) -> Iterator[WholeRecord | LostRecord]:
    """Yield the records of a file in their order, and where something cannot be read.

    Raises Exhausted if the file costs more work than its size justifies.
    """
    while window.next_stretch():
        start = RecordStart(window.first, window.position)
        try:
            yield from _scan_stretch(window)
        except Bomb as bomb:
            yield LostRecord(start, f"compressed data refused: {bomb}")
            window.give_up()


def _scan_stretch(window: Window) -> Iterator[WholeRecord | LostRecord]:
    """Yield the records of a stretch. Raises Bomb, Exhausted."""
    is_reported = False
    while not window.is_at_end():
        start = RecordStart(window.first, window.position)
        try:
            found = read_record(window, start)
        except BrokenRecord as error:
            window.effort.spend(LOST_RECORD)
            found = LostRecord(start, str(error))
            is_reported = window.broken is not None
            window.goto(start.position + 1)
            window.find_record()
        if found:
            yield found
    if window.broken and not is_reported:
        yield LostRecord(RecordStart(window.first, window.position), window.broken)


def read_record(window: Window, start: RecordStart) -> WholeRecord | LostRecord | None:
    """The next record, None if it contains no page; moves past it.

    Raises BrokenRecord, with the window anywhere behind the first byte of the record.
    """
    head = _head(window)
    if head.length > _MAX_BLOCK:
        return _skip_record(window, start, head)
    if window.ends_within(head.size) or not window.fill(head.size):
        shorter = f"record shorter than its {head.length} bytes"
        raise BrokenRecord(head.reason(window.broken or shorter))
    window.fill(head.size + LONGEST_BEGIN)  # reads on to the checksum of its gzip member
    is_wanted = head.kind in _WITH_PAGE or (head.kind in DESCRIBING and head.length <= _MAX_HEAD)
    doubt, fault = _check(window, head)
    data = b""
    if is_wanted:
        with memoryview(window.bytes) as view:
            data = bytes(view[: head.size])
    window.skip(head.size)
    if data:
        return WholeRecord(start, head.kind, data, doubt, fault)
    return LostRecord(start, doubt) if doubt else None


def _check(window: Window, head: _Head) -> tuple[str | None, str | None]:
    """The doubt and the fault of a record that is in sight.

    Raises BrokenRecord if nothing proves that it is whole.
    """
    ending_fault, is_ended = _check_ending(window, head)
    if not is_ended and b"igest:" in head.data:
        window.effort.spend(head.length)
    with memoryview(window.bytes) as view, view[len(head.data) : head.size] as block:
        digests = check_digests(head.data, block, head.kind == "revisit")
    if digests.is_vouched:
        odd_end = "record that does not end after its length"
        return None if is_ended else head.reason(odd_end), _digest_fault(digests)
    if window.is_unsure(head.size):
        raise BrokenRecord(head.reason(window.broken or ""))
    if not is_ended:
        raise BrokenRecord(head.reason("record that does not end after its length"))
    if head.kind in _WITH_PAGE - {"revisit"} and digests.mismatch:
        if window.is_plain and (digests.are_both_wrong or _is_overwritten(window, head)):
            raise BrokenRecord(head.reason(f"record with a wrong {digests.mismatch} digest"))
        return None, _digest_fault(digests)
    return None, ending_fault


def _digest_fault(digests: DigestCheck) -> str | None:
    return f"{digests.mismatch} digest does not fit" if digests.mismatch else None


def _is_overwritten(window: Window, head: _Head) -> bool:
    """True if a page contains bytes that text does not have: the digest is right, they are not.

    A wrong digest alone is mostly the fault of the program that wrote it.
    """
    block = bytes(window.bytes[len(head.data) : head.size])
    end = _HEAD_END.search(block, 0, _MAX_HEAD) if block.startswith(b"HTTP/") else None
    headers, body = (block[: end.end()], block[end.end() :]) if end else (b"", block)
    # Decoding a compressed body will show whether it is damaged.
    return b"encoding:" not in headers.lower() and is_binary(body, len(body))


def _check_ending(window: Window, head: _Head) -> tuple[str | None, bool]:
    """What is odd about the end of a record, None if nothing; and False if it ends elsewhere.

    Some writers put one line break or none behind a record: then another record follows, or
    nothing. In a file whose other records end properly its length may be false.
    """
    size = head.size
    after = bytes(window.bytes[size : size + 4])
    if after.startswith(head.endings):
        window.proper_endings += 1
        return None, True
    blanks = _BLANKS.match(window.bytes, size)
    end = blanks.end() if blanks else size
    is_short = window.bytes[size:end] in (b"", head.endings[0][: len(head.endings[0]) // 2])
    follows = end == len(window.bytes) or BLANKS_AND_RECORD.match(window.bytes, end)
    if not (is_short and follows):
        return None, False
    return ("no blank lines behind the record" if window.proper_endings else None), True


def _head(window: Window) -> _Head:
    """The headers of the next record. Raises BrokenRecord."""
    window.fill(_MAX_HEAD)
    begin = RECORD_BEGIN.match(window.bytes)
    if begin is None:
        raise BrokenRecord(window.broken or "not a record")
    if not is_warc(begin.group()):
        return _arc_head(begin.group())
    end = _head_end(window.bytes)
    if end is None:
        raise BrokenRecord(window.broken or "record whose headers do not end")
    data = bytes(window.bytes[:end])
    length, kind = _LENGTH.search(data), _TYPE.search(data)
    head = _Head(data, int(length[1]) if length else 0, kind[1].decode().lower() if kind else "")
    if length is None or kind is None:
        raise BrokenRecord(head.reason("record without a length or a type"))
    if _CONTROL.search(data):
        raise BrokenRecord(head.reason("record with damaged headers"))
    if any(data.count(name) > 1 for name in _ONCE):
        raise BrokenRecord(head.reason("record with the headers of two"))
    return head


def _head_end(data: bytearray) -> int | None:
    """The offset behind the blank line that ends the headers; None if it is too far.

    Another record cannot begin within them.
    """
    found = _HEAD_END.search(data, 0, _USUAL_HEAD)
    if found is None or data.find(b"WARC/1.", 1, found.start()) > 0:
        following = data.find(b"WARC/1.", 1, _MAX_HEAD)
        found = _HEAD_END.search(data, 0, following if following > 0 else _MAX_HEAD)
    return found.end() if found else None


def _arc_head(data: bytes) -> _Head:
    """The line that begins an ARC record. Raises BrokenRecord."""
    line = parse_line(data)
    if line is None:
        raise BrokenRecord(_Head(data, 0, "").reason("record without a length"))
    return _Head(data, line.length, line.kind)


def _skip_record(window: Window, start: RecordStart, head: _Head) -> LostRecord | None:
    """Move past a record that is too large to read; report it if it contains a page.

    Raises BrokenRecord if the record does not have the length that it states.
    """
    is_possible = window.is_plain or window.false_lengths < _MAX_FALSE_LENGTHS
    if is_possible and not window.ends_within(head.size):
        window.fill(len(head.data) + _MAX_HEAD)
        is_page = _may_contain_page(bytes(window.bytes[: len(head.data) + _MAX_HEAD]))
        window.goto(start.position + head.size)
        if window.fill(len(head.endings[0])) and window.bytes.startswith(head.endings):
            reason = head.reason(f"record of more than {MAX_BODY >> 20} MB")
            return LostRecord(start, reason) if is_page else None
        window.false_lengths += 1
    raise BrokenRecord(head.reason(f"record shorter than its {head.length} bytes"))


def _may_contain_page(beginning: bytes) -> bool:
    """True unless the type of a record or its last content type excludes a page."""
    kind = _TYPE.search(beginning)
    if kind and kind.group(1).decode().lower() not in _WITH_PAGE:
        return False
    types = _CONTENT_TYPE.findall(beginning)
    return not types or _is_text(types[-1].decode("latin-1"))


def _is_text(content_type: str) -> bool:
    """True for the content type of a page, or of an HTTP message that may contain one."""
    kind = content_type.strip().lower()
    return kind.startswith(("application/http", *TEXT_TYPES))
