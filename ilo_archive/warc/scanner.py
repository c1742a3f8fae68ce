"""Find the whole and the lost records of a file, in one pass.

A record is whole if the checksum of its gzip member and its digests are right and it ends where its
length says. Behind damage the search goes on at the next gzip member that begins with a record, or
the next line that begins one.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from warcio.bufferedreaders import ChunkedDataReader

from ilo_archive.http import MAX_BODY, BodyRefused, HttpMessage, decoded_body
from ilo_archive.warc.records import is_warc
from ilo_archive.warc.window import RECORD_BEGIN, RecordStart, Window

TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_MAX_HEAD = 2**16  # bytes of a record's own headers; usually they have about 1,000
_MAX_BLOCK = MAX_BODY + _MAX_HEAD
_MAX_FALSE_LENGTHS = 3  # per gzipped file: going back after one means inflating again
_WITH_PAGE = frozenset({"response", "revisit", "resource"})  # types of records
PRECEDING = frozenset({"request", "metadata"})  # types of records, before the one they describe
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,20})[ \t]*\r?\n", re.IGNORECASE)
_ARC_LENGTH = re.compile(rb" (\d{1,20})[ \t]*\r?\n")
_TYPE = re.compile(rb"\nWARC-Type:[ \t]*([\w-]+)", re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"\nContent-Type:[ \t]*([^\r\n]+)", re.IGNORECASE)
_DIGEST = re.compile(rb"\nWARC-(Block|Payload)-Digest:[ \t]*([\w-]+):([\w+/=-]+)", re.IGNORECASE)
_SEGMENT = re.compile(rb"\nWARC-Segment-Number:", re.IGNORECASE)
_ADDRESS = re.compile(rb"\nWARC-Target-URI:[ \t]*([^\r\n]+)|(https?://\S+) ", re.IGNORECASE)


class BrokenRecord(ValueError):
    """A record that is damaged or not a record; the text is the reason."""


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """An intact record that may contain a page or describe one.

    `doubt` is a contradiction that does not affect its content, None without one.
    """

    start: RecordStart
    kind: str
    data: bytes
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class LostRecord:
    """The place of something that cannot be read, and the reason."""

    start: RecordStart
    reason: str


def scan_records(window: Window) -> Iterator[WholeRecord | LostRecord]:
    """Yield the records of a file in their order, and where something cannot be read."""
    while window.next_stretch():
        is_reported = False
        while not window.is_at_end():
            start = RecordStart(window.first, window.position)
            try:
                found = read_record(window, start)
            except BrokenRecord as error:
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
    head, length, kind = _head(window)
    if length > _MAX_BLOCK:
        return _skip_record(window, start, head, length)
    size = len(head) + length
    ending = _ending(head)
    if not window.fill(size):
        raise BrokenRecord(
            _with_address(window.broken or f"record shorter than its {length} bytes", head)
        )
    window.fill(size + len(ending) + 1)  # reads on to the checksum of its gzip member
    with memoryview(window.bytes) as view, view[len(head) : size] as block:
        mismatch, is_vouched = _check_digests(head, block, kind)
    doubt = _with_address(f"record with a wrong {mismatch} digest", head) if mismatch else None
    # Files exist whose revisits have the block digest of other bytes; their body is elsewhere.
    if doubt and kind != "revisit":
        raise BrokenRecord(doubt)
    if not is_vouched and window.is_unsure(size):
        raise BrokenRecord(_with_address(window.broken or "", head))
    if window.bytes[size : size + len(ending)] != ending:
        doubt = _with_address("record that does not end after its length", head)
        if not is_vouched:
            raise BrokenRecord(doubt)
    is_wanted = kind in _WITH_PAGE or (kind in PRECEDING and length <= _MAX_HEAD)
    data = bytes(window.bytes[:size]) if is_wanted else b""
    window.skip(size)
    if data:
        return WholeRecord(start, kind, data, doubt)
    return LostRecord(start, doubt) if doubt else None


def _head(window: Window) -> tuple[bytes, int, str]:
    """The headers of the next record, the length they state, and its type. Raises BrokenRecord."""
    window.fill(_MAX_HEAD)
    begin = RECORD_BEGIN.match(window.bytes)
    if begin is None:
        raise BrokenRecord(window.broken or "not a record")
    if not is_warc(begin.group()):
        return _arc_head(begin.group())
    end = _HEAD_END.search(window.bytes, 0, _MAX_HEAD)
    if end is None:
        raise BrokenRecord(window.broken or "record whose headers do not end")
    head = bytes(window.bytes[: end.end()])
    length, kind = _LENGTH.search(head), _TYPE.search(head)
    if length is None or kind is None:
        raise BrokenRecord(_with_address("record without a length or a type", head))
    return head, int(length.group(1)), kind.group(1).decode().lower()


def _arc_head(line: bytes) -> tuple[bytes, int, str]:
    """The line that begins an ARC record, the length it states, and its type.

    Raises BrokenRecord.
    """
    length = _ARC_LENGTH.search(line, line.rstrip().rfind(b" "))
    if length is None:
        raise BrokenRecord(_with_address("record without a length", line))
    return line, int(length.group(1)), "about" if line.startswith(b"filedesc:") else "response"


def _ending(head: bytes) -> bytes:
    """The bytes that must follow the content of a record."""
    return b"\r\n\r\n" if is_warc(head) else b"\n"


def _skip_record(window: Window, start: RecordStart, head: bytes, length: int) -> LostRecord | None:
    """Move past a record that is too large to read; report it if it contains a page.

    Raises BrokenRecord if the record does not have the length that it states.
    """
    if window.false_lengths < _MAX_FALSE_LENGTHS or window.is_plain:
        window.fill(len(head) + _MAX_HEAD)
        is_page = _may_contain_page(bytes(window.bytes[: len(head) + _MAX_HEAD]))
        window.goto(start.position + len(head) + length)
        ending = _ending(head)
        if window.fill(len(ending)) and window.bytes.startswith(ending):
            reason = _with_address(f"record of more than {MAX_BODY >> 20} MB", head)
            return LostRecord(start, reason) if is_page else None
        window.false_lengths += 1
    raise BrokenRecord(_with_address(f"record shorter than its {length} bytes", head))


def _may_contain_page(beginning: bytes) -> bool:
    """True unless the type of a record or its last content type excludes a page."""
    kind = _TYPE.search(beginning)
    if kind and kind.group(1).decode().lower() not in _WITH_PAGE:
        return False
    types = _CONTENT_TYPE.findall(beginning)
    return not types or _is_text(types[-1].decode("latin-1"))


def _is_text(content_type: str) -> bool:
    """True for the content type of a page, or of an HTTP message that may contain one."""
    return is_http(content_type) or content_type.strip().lower().startswith(TEXT_TYPES)


def is_http(content_type: str) -> bool:
    """True for the content type of an HTTP message."""
    return content_type.strip().lower().startswith("application/http")


def _with_address(reason: str, head: bytes) -> str:
    """A reason with the address of the record that it concerns, if known."""
    found = _ADDRESS.search(head)
    if found is None:
        return reason
    address = found.group(found.lastindex or 0)[:200].decode("utf-8", "replace")
    return f"{reason} ({address.strip('<> ')})"


def _check_digests(head: bytes, block: memoryview, kind: str) -> tuple[str | None, bool]:
    """The wrong digest ("block", "payload" or None), and True if a right one was found."""
    is_vouched = False
    for found in _DIGEST.finditer(head):
        name, algorithm, value = (each.decode() for each in found.groups())
        if name.lower() == "payload" and (kind == "revisit" or _SEGMENT.search(head)):
            continue  # its bytes are in another record
        bodies = (block,) if name.lower() == "block" else _payloads(head, block)
        matches = _any_matches(bodies, algorithm, value)
        if matches is False:
            return name.lower(), False
        is_vouched = is_vouched or bool(matches)
    return None, is_vouched


def _any_matches(bodies: Iterable[bytes | memoryview], algorithm: str, value: str) -> bool | None:
    """True if the digest is that of one of the bodies; None if its algorithm is unknown."""
    for body in bodies:
        matches = _matches(body, algorithm, value)
        if matches is not False:
            return matches
    return False


def _matches(data: bytes | memoryview, algorithm: str, value: str) -> bool | None:
    """True if the digest is that of the data; None if its algorithm is unknown.

    The digest may be in base 32 as Heritrix writes it, base 16 or base 64.
    """
    name = algorithm.lower().replace("-", "")
    if name not in hashlib.algorithms_guaranteed or name.startswith("shake"):
        return None
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    stated = value.rstrip("=")
    if stated.upper() in (base64.b32encode(digest).decode().rstrip("="), digest.hex().upper()):
        return True
    coded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return stated.replace("+", "-").replace("/", "_") == coded


def _payloads(head: bytes, block: memoryview) -> Iterator[bytes | memoryview]:
    """Yield what writers take for the payload: the body as sent, unchunked, and decoded."""
    content_type = _CONTENT_TYPE.search(head)
    end = _HEAD_END.search(block, 0, _MAX_HEAD)
    if not content_type or not is_http(content_type.group(1).decode("latin-1")) or not end:
        yield block
        return
    with block[end.end() :] as body:
        yield body
        sent = bytes(body)
    headers = bytes(block[: end.end()]).lower()
    if b"chunked" in headers:
        sent = ChunkedDataReader(BytesIO(sent), decomp_type=None).read(len(sent))
        yield sent
    coding = re.search(rb"\ncontent-encoding:[ \t]*([\w-]+)", headers)
    if coding:
        pairs = (("Content-Encoding", coding.group(1).decode()),)
        with suppress(BodyRefused):
            yield decoded_body(HttpMessage(200, "", pairs, sent))
