"""Raw captures kept as WARC/1.1 and found again.

One gzip member a record. A record is appended in one write, so that a kill leaves at most a
broken tail, which `WarcStore.recover` cuts back to the last whole record.
"""

import os
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import NAMESPACE_URL, uuid5

import brotli
from backports import zstd
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.capture import Capture, HttpMessage, iso

MAX_BODY = 64 * 2**20
"""Bytes of a body, raw or decoded, beyond which it is refused: no homepage comes near."""

_GZIP, _ZLIB, _ZSTD = b"\x1f\x8b", b"\x78", b"\x28\xb5\x2f\xfd"
_FILE_NAME = "captures-00001.warc.gz"
_LAST_CHUNK = re.compile(rb"\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n$")
"""The chunk of length zero and the trailers that end a chunked body (RFC 9112, 7.1)."""


class BodyRefused(ValueError):
    """A body that is larger than MAX_BODY or whose encoding is broken."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record lies: file name inside the store, first byte, bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture whose message lies in the store."""

    capture: Capture
    message: HttpMessage
    position: Position


# -- bodies --------------------------------------------------------------------------------


def decoded_body(message: HttpMessage) -> bytes:
    """The body without its content encoding.

    The magic bytes are tried first, then the header: archives serve gzip with a blank or a
    wrong `Content-Encoding` (observed), and plain text under that of a packed body. Raises
    BodyRefused, also for a body that is cut: half a page would read as the absence of entries.
    """
    named = (message.header("Content-Encoding") or "").strip().lower()
    body = message.body
    try:
        if body.startswith(_GZIP):
            return _unpacked(body, _GZIP, partial(zlib.decompressobj, zlib.MAX_WBITS | 16))
        if body.startswith(_ZSTD):
            return _unpacked(body, _ZSTD, zstd.ZstdDecompressor)
        if named == "br":
            return _unbrotlied(body)
        if named == "deflate":
            return _deflated(body)
    except (zlib.error, zstd.ZstdError) as error:
        raise BodyRefused(f"broken {named or 'compressed'} body: {error}") from error
    return body


def _unpacked(body: bytes, magic: bytes, opened: Callable[[], Any]) -> bytes:
    """Every gzip member or zstd frame of the body (RFC 1952, 2.2: there may be several)."""
    unpacked = b""
    while body.startswith(magic):
        engine = opened()
        unpacked += engine.decompress(body, MAX_BODY + 1 - len(unpacked))
        _check(unpacked, engine.eof)
        body = engine.unused_data
    return unpacked


def _check(unpacked: bytes, is_whole: bool) -> None:
    if len(unpacked) > MAX_BODY:
        raise BodyRefused(f"more than {MAX_BODY >> 20} MB when decompressed")
    if not is_whole:
        raise BodyRefused("compressed body cut short")


def _deflated(body: bytes) -> bytes:
    """With or without the zlib header: servers send both (RFC 9110, 8.4.1.2, note).

    The body itself where it is neither.
    """
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        engine = zlib.decompressobj(window)
        try:
            unpacked = engine.decompress(body, MAX_BODY + 1)
        except zlib.error:
            continue
        _check(unpacked, engine.eof)
        return unpacked
    if body.startswith(_ZLIB):
        raise BodyRefused("broken deflate body")
    return body


def _unbrotlied(body: bytes) -> bytes:
    """Decoded; the body itself where it is no Brotli (it has no magic bytes to tell by)."""
    engine = brotli.Decompressor()
    try:
        unpacked: bytes = engine.process(body, output_buffer_limit=MAX_BODY + 1)
    except brotli.error:
        return body
    _check(unpacked, engine.is_finished())
    return unpacked


# -- records --------------------------------------------------------------------------------


def http_message(record: ArcWarcRecord) -> HttpMessage | None:
    """The archived response with its body unchunked; None when it is not whole."""
    headers = record.http_headers
    if headers is None or not headers.get_statuscode().isdigit():
        return None
    body: bytes = record.raw_stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY or record.raw_stream.limit:
        return None
    if "chunked" in (headers.get_header("Transfer-Encoding") or "").lower():
        unchunked: bytes = ChunkedDataReader(BytesIO(body), decomp_type=None).read(len(body))
        if unchunked != body and not _LAST_CHUNK.search(body, max(0, len(body) - 4096)):
            return None
        body = unchunked
    _, _, reason = headers.statusline.partition(" ")
    return HttpMessage(int(headers.get_statuscode()), reason, tuple(headers.headers), body)


def _any_message_at(path: Path, offset: int) -> tuple[HttpMessage, str]:
    """The message of a record, and the type of the record: a revisit has no body."""
    with path.open("rb") as stream:
        stream.seek(offset)
        record = next(ArchiveIterator(stream, arc2warc=True))
        message = http_message(record)
    if message is None:
        raise ValueError(f"no whole record at byte {offset}")
    return message, str(record.rec_type)


# -- our own store -------------------------------------------------------------------------


class WarcStore:
    """The kept captures of one home, in `folder`. Create it with the home's lock held."""

    def __init__(self, folder: Path) -> None:
        """Make the folder. Raises OSError where that is not allowed."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file: BinaryIO | None = None

    def recover(self, known_end: int) -> dict[str, Position]:
        """Cut a broken tail off and tell which whole records lie beyond `known_end`.

        `known_end` is the first byte that the archive knows nothing of. The answer is keyed
        by `record_id`: records that a killed run kept but did not come to record.
        """
        path = self._folder / _FILE_NAME
        if not path.exists() or path.stat().st_size <= known_end:
            return {}
        found: dict[str, Position] = {}
        end = known_end
        with path.open("r+b") as stream:
            stream.seek(known_end)
            with suppress(ArchiveLoadFailed, StopIteration):  # a member that is no record
                for member, length in _members(stream):
                    found[_id_of(member)] = Position(_FILE_NAME, end, length)
                    end += length
            stream.truncate(end)
        return found

    def append(self, capture: Capture, message: HttpMessage) -> Position:
        """Keep a message as a response record, safe on disk when this returns."""
        return self._append(capture, message, None)

    def append_revisit(self, capture: Capture, message: HttpMessage, original: Capture) -> Position:
        """Keep that `message` is, byte for byte, that of `original`, kept earlier."""
        return self._append(capture, message, original)

    def read(self, position: Position) -> HttpMessage:
        """The message of a response record. Raises ValueError where there is none."""
        message, kind = _record_at(self._folder, position)
        if kind != "response":
            raise ValueError(f"no response record at byte {position.offset}")
        return message

    def close(self) -> None:
        """Close the file."""
        if self._file:
            self._file.close()
            self._file = None

    def _append(self, capture: Capture, message: HttpMessage, original: Capture | None) -> Position:
        record = _record(capture, message, original)
        if self._file is None:
            # Unbuffered: what a full disk refused may not wait in a buffer for the next flush.
            self._file = (self._folder / _FILE_NAME).open("ab", buffering=0)
        offset = self._file.seek(0, os.SEEK_END)
        try:
            written = 0
            while written < len(record):
                written += self._file.write(record[written:])
            os.fsync(self._file.fileno())
        except OSError:
            os.truncate(self._folder / _FILE_NAME, offset)
            raise
        return Position(_FILE_NAME, offset, len(record))


def read_kept(
    folder: Path, position: Position, original: Position, payload_digest: str
) -> HttpMessage:
    """The message of a kept capture, whose body lies at `original` where it is a revisit.

    It writes nothing and needs no lock. Raises OSError or ValueError where the bytes are lost,
    damaged, or others than those of the digest.
    """
    message, kind = _record_at(folder, position)
    if kind == "revisit":
        body, kind = _record_at(folder, original)
        message = replace(message, body=body.body)
    if kind != "response" or message.digest != payload_digest:
        raise ValueError(f"not the bytes that were kept at byte {position.offset}")
    return message


def _record_at(folder: Path, position: Position) -> tuple[HttpMessage, str]:
    """The message of a record and the type of the record. Raises OSError, ValueError."""
    try:
        return _any_message_at(folder / position.file, position.offset)
    except (ArchiveLoadFailed, AttributeError, EOFError, StopIteration, zlib.error) as error:
        raise ValueError(f"no record at byte {position.offset}") from error


def _record(capture: Capture, message: HttpMessage, original: Capture | None) -> bytes:
    buffer = BytesIO()
    writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
    headers = {"WARC-Record-ID": record_id(capture), "WARC-Date": iso(capture.captured_at)}
    if capture.uri_m:
        headers["WARC-Source-URI"] = capture.uri_m
    http_headers = StatusAndHeaders(
        f"{message.status} {message.reason}".strip(), _unchunked(message), protocol="HTTP/1.1"
    )
    if original is None:
        record = writer.create_warc_record(
            capture.url, "response", BytesIO(message.body), len(message.body),
            warc_headers_dict=headers, http_headers=http_headers,
        )  # fmt: skip
    else:
        record = writer.create_revisit_record(
            capture.url, f"sha1:{message.digest}", original.url, iso(original.captured_at),
            http_headers=http_headers, warc_headers_dict=headers,
        )  # fmt: skip
    writer.write_record(record)
    return buffer.getvalue()


def _unchunked(message: HttpMessage) -> list[tuple[str, str]]:
    """The headers without the transfer encoding that the body no longer has, each one line."""
    return [
        (name, " ".join(value.split("\r\n")).replace("\n", " "))
        for name, value in message.headers
        if name.lower() != "transfer-encoding"
    ]


def _members(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """The whole gzip members from here on, decompressed, with their length on disk."""
    pending = b""
    while True:
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        member, length = b"", 0
        while not engine.eof:
            pending = pending or stream.read(2**16)
            if not pending:
                return
            try:
                member += engine.decompress(pending)
            except zlib.error:
                return
            length += len(pending) - len(engine.unused_data)
            pending = engine.unused_data
        yield member, length


def record_id(capture: Capture) -> str:
    """The WARC-Record-ID of a capture, made of its key: what a killed run kept is known again."""
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, capture.key)}>"


def _id_of(member: bytes) -> str:
    record = next(iter(ArchiveIterator(BytesIO(member))))
    return str(record.rec_headers.get_header("WARC-Record-ID"))
