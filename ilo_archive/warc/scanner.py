"""Whole and lost records of a file, in one pass.

A record is whole when the checksum of its gzip member and its digests fit and when it ends where
it says. Behind damage the next record is looked for: at the next gzip member, or the next line
that begins one.
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
_MAX_HEAD = 2**16  # bytes of a record's own headers; real ones have a kilobyte
_MAX_BLOCK = MAX_BODY + _MAX_HEAD
_MAX_FALSE_LENGTHS = 3  # false lengths beyond that which are tried in a gzipped file
_SAVED = frozenset({"response", "revisit", "resource"})
PRECEDING = frozenset({"request", "metadata"})  # which stand before the record they belong to
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,20})[ \t]*\r?\n", re.IGNORECASE)
_ARC_LENGTH = re.compile(rb" (\d{1,20})[ \t]*\r?\n")
_TYPE = re.compile(rb"\nWARC-Type:[ \t]*([\w-]+)", re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"\nContent-Type:[ \t]*([^\r\n]+)", re.IGNORECASE)
_DIGEST = re.compile(rb"\nWARC-(Block|Payload)-Digest:[ \t]*([\w-]+):([\w+/=-]+)", re.IGNORECASE)
_SEGMENT = re.compile(rb"\nWARC-Segment-Number:", re.IGNORECASE)
_ADDRESS = re.compile(rb"\nWARC-Target-URI:[ \t]*([^\r\n]+)|(https?://\S+) ", re.IGNORECASE)


class BrokenRecord(ValueError):
    """A record that is not what it says it is."""


@dataclass(frozen=True, slots=True)
class WholeRecord:
    """A record that may hold a page or tell of one, checked; `doubt` is what it does not need."""

    place: RecordStart
    kind: str
    data: bytes
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class LostRecord:
    """Where something cannot be read, and why."""

    place: RecordStart
    reason: str


def scan_records(window: Window) -> Iterator[WholeRecord | LostRecord]:
    """Read the records of a file in their order, and name what cannot be read."""
    while window.next_stretch():
        is_told = False
        while not window.is_at_end():
            place = RecordStart(window.first, window.position)
            try:
                found = read_record(window, place)
            except BrokenRecord as error:
                found = LostRecord(place, str(error))
                is_told = window.broken is not None
                window.goto(place.position + 1)
                window.find_record()
            if found:
                yield found
        if window.broken and not is_told:
            yield LostRecord(RecordStart(window.first, window.position), window.broken)


def read_record(window: Window, place: RecordStart) -> WholeRecord | LostRecord | None:
    """The next record, None where it holds no page; the window stands behind it.

    Raises BrokenRecord, with the window anywhere behind the first byte of the record.
    """
    head, claimed, kind = _head(window)
    if claimed > _MAX_BLOCK:
        return _skip_record(window, place, head, claimed)
    size = len(head) + claimed
    ending = _ending(head)
    if not window.holds(size):
        raise BrokenRecord(
            _with_address(window.broken or f"record cut short of its {claimed} bytes", head)
        )
    window.holds(size + len(ending) + 1)  # on to where the checksum of its member is
    with memoryview(window.bytes) as view, view[len(head) : size] as block:
        wrong, is_vouched = _checked(head, block, kind)
    doubt = _with_address(f"{wrong} digest that does not fit", head) if wrong else None
    # Observed: revisits with a block digest that was never theirs; their body is elsewhere.
    if doubt and kind != "revisit":
        raise BrokenRecord(doubt)
    if not is_vouched and window.is_unsure(size):
        raise BrokenRecord(_with_address(window.broken or "", head))
    if window.bytes[size : size + len(ending)] != ending:
        doubt = _with_address("record that does not end where it says", head)
        if not is_vouched:
            raise BrokenRecord(doubt)
    is_wanted = kind in _SAVED or (kind in PRECEDING and claimed <= _MAX_HEAD)
    data = bytes(window.bytes[:size]) if is_wanted else b""
    window.skip(size)
    if data:
        return WholeRecord(place, kind, data, doubt)
    return LostRecord(place, doubt) if doubt else None


def _head(window: Window) -> tuple[bytes, int, str]:
    """The headers of the next record, the length they claim, the type of the record."""
    window.holds(_MAX_HEAD)
    begin = RECORD_BEGIN.match(window.bytes)
    if begin is None:
        raise BrokenRecord(window.broken or "bytes that begin no record")
    if not is_warc(begin.group()):
        return _arc_head(begin.group())
    end = _HEAD_END.search(window.bytes, 0, _MAX_HEAD)
    if end is None:
        raise BrokenRecord(window.broken or "record without an end of its headers")
    head = bytes(window.bytes[: end.end()])
    claimed, kind = _LENGTH.search(head), _TYPE.search(head)
    if claimed is None or kind is None:
        raise BrokenRecord(_with_address("record that tells no length or no type", head))
    return head, int(claimed.group(1)), kind.group(1).decode().lower()


def _arc_head(line: bytes) -> tuple[bytes, int, str]:
    claimed = _ARC_LENGTH.search(line, line.rstrip().rfind(b" "))
    if claimed is None:
        raise BrokenRecord(_with_address("record that tells no length", line))
    return line, int(claimed.group(1)), "about" if line.startswith(b"filedesc:") else "response"


def _ending(head: bytes) -> bytes:
    return b"\r\n\r\n" if is_warc(head) else b"\n"


def _skip_record(
    window: Window, place: RecordStart, head: bytes, claimed: int
) -> LostRecord | None:
    """Move behind a record that is too large to be kept, and say so where it is a page."""
    if window.lost_ways < _MAX_FALSE_LENGTHS or window.is_plain:
        window.holds(len(head) + _MAX_HEAD)
        is_page = _may_hold_page(bytes(window.bytes[: len(head) + _MAX_HEAD]))
        window.goto(place.position + len(head) + claimed)
        ending = _ending(head)
        if window.holds(len(ending)) and window.bytes.startswith(ending):
            told = _with_address(f"record of more than {MAX_BODY >> 20} MB", head)
            return LostRecord(place, told) if is_page else None
        window.lost_ways += 1
    raise BrokenRecord(_with_address(f"record cut short of its {claimed} bytes", head))


def _may_hold_page(beginning: bytes) -> bool:
    """Whether the last content type that a record names at its beginning is that of a page."""
    kind = _TYPE.search(beginning)
    if kind and kind.group(1).decode().lower() not in _SAVED:
        return False
    named = _CONTENT_TYPE.findall(beginning)
    return not named or _is_text(named[-1].decode("latin-1"))


def _is_text(content_type: str) -> bool:
    return is_http(content_type) or content_type.strip().lower().startswith(TEXT_TYPES)


def is_http(content_type: str) -> bool:
    """True for the content type of an HTTP message."""
    return content_type.strip().lower().startswith("application/http")


def _with_address(reason: str, head: bytes) -> str:
    found = _ADDRESS.search(head)
    if found is None:
        return reason
    address = found.group(found.lastindex or 0)[:200].decode("utf-8", "replace")
    return f"{reason} ({address.strip('<> ')})"


def _checked(head: bytes, block: memoryview, kind: str) -> tuple[str | None, bool]:
    """Which digest does not fit, and whether one that does vouches for the record."""
    is_vouched = False
    for found in _DIGEST.finditer(head):
        name, algorithm, value = (each.decode() for each in found.groups())
        if name.lower() == "payload" and (kind == "revisit" or _SEGMENT.search(head)):
            continue  # of bytes that are in another record
        bodies = (block,) if name.lower() == "block" else _payloads(head, block)
        fits = _any_fits(bodies, algorithm, value)
        if fits is False:
            return name.lower(), False
        is_vouched = is_vouched or bool(fits)
    return None, is_vouched


def _any_fits(bodies: Iterable[bytes | memoryview], algorithm: str, value: str) -> bool | None:
    for body in bodies:
        fits = _fits(body, algorithm, value)
        if fits is not False:
            return fits
    return False


def _fits(data: bytes | memoryview, algorithm: str, value: str) -> bool | None:
    """Whether a digest is that of the data; None for an algorithm that nobody here knows.

    In base 32 as Heritrix writes it, in base 16, or in base 64.
    """
    name = algorithm.lower().replace("-", "")
    if name not in hashlib.algorithms_guaranteed or name.startswith("shake"):
        return None
    digest = hashlib.new(name, data, usedforsecurity=False).digest()
    told = value.rstrip("=")
    if told.upper() in (base64.b32encode(digest).decode().rstrip("="), digest.hex().upper()):
        return True
    coded = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return told.replace("+", "-").replace("/", "_") == coded


def _payloads(head: bytes, block: memoryview) -> Iterator[bytes | memoryview]:
    """What writers take for the payload: the body as sent, unchunked, or decoded as well."""
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
    named = re.search(rb"\ncontent-encoding:[ \t]*([\w-]+)", headers)
    if named:
        pairs = (("Content-Encoding", named.group(1).decode()),)
        with suppress(BodyRefused):
            yield decoded_body(HttpMessage(200, "", pairs, sent))
