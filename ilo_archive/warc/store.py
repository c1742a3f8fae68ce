"""Raw captures kept as WARC/1.1 and found again.

One gzip member a record. The records of a capture are appended in one write, so that a kill
leaves at most a broken tail, which `WarcStore.recover` cuts back to the last whole capture.
"""

import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, cast, get_args
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

import brotli
from backports import zstd
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.capture import Capture, Fetched, HttpMessage, HttpRequest, Precision, iso
from ilo_archive.offices import Place
from ilo_archive.warc.gzip_members import pieces

MAX_BODY = 64 * 2**20
"""Bytes of a body, raw or decoded, beyond which it is refused: no homepage comes near."""

ROLL_AT = 10**9
"""Bytes of a file of the store: what the WARC standard recommends (ISO 28500:2017, annex C)."""

FIELDS = "application/warc-fields"
"""The content type of a metadata record."""

_STEP = 2**20  # bytes decompressed at a time
_COUNTED_FROM = 8 * _STEP  # decompressed bytes beyond which all are counted first
_CUT = "compressed body cut short"
_GZIP, _ZLIB, _ZSTD = b"\x1f\x8b", b"\x78", b"\x28\xb5\x2f\xfd"
_ZLIB_HEADER = re.compile(rb"\x78[\x01\x5e\x9c\xda]")  # of every level (RFC 1950, 2.2)
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")  # bytes that packed bodies abound in
_LOOKED_AT = 1024  # bytes of a body that tell whether it is text
_FILE_NAME = "captures-{}.warc.gz"
_ENDINGS = (b"response", b"revisit", b"warcinfo")  # types of records that end a group
_RECORD_TYPE = re.compile(rb"\r\nWARC-Type: ([a-z]+)\r\n")
_RECORD_ID = re.compile(rb"\r\nWARC-Record-ID: (\S+)\r\n")
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
    wrong `Content-Encoding` (observed), and plain text under that of a packed body. Brotli has
    none: bytes that are no text are taken for it where they unpack to their end. Raises
    BodyRefused, also for a body that is cut: half a page would read as the absence of entries.
    """
    named = (message.header("Content-Encoding") or "").strip().lower()
    body = message.body
    try:
        if body.startswith(_GZIP):
            return _joined(lambda: _gunzipped(body))
        if body.startswith(_ZSTD):
            return _joined(lambda: _unzstded(body))
        decoded = _as_named(named, body)
    except (zlib.error, zstd.ZstdError) as error:
        raise BodyRefused(f"broken {named or 'compressed'} body: {error}") from error
    return _guessed(body) if decoded is body and _is_packed(body) else decoded


def _as_named(named: str, body: bytes) -> bytes:
    """The body itself where it is not packed as its header says."""
    if named == "deflate":
        return _deflated(body)
    if _ZLIB_HEADER.match(body) and _is_packed(body):
        with suppress(zlib.error):
            return _joined(partial(_deflated_parts, zlib.MAX_WBITS, body))
    return _unbrotlied(body) if named == "br" else body


def _is_packed(body: bytes) -> bool:
    return bool(_NO_TEXT.search(body, 0, _LOOKED_AT))


def _guessed(body: bytes) -> bytes:
    """As Brotli, the body itself where that makes no more of it than there was."""
    with suppress(brotli.error, BodyRefused):
        unpacked = _joined(lambda: _unbrotlied_parts(body))
        return unpacked if len(unpacked) > len(body) else body
    return body


def _joined(parts: Callable[[], Iterator[bytes]]) -> bytes:
    """All parts; what is large is counted before it is kept, so that a bomb takes no memory."""
    kept, size = [], 0
    for part in parts():
        size += len(part)
        if size > MAX_BODY:
            raise BodyRefused(f"more than {MAX_BODY >> 20} MB when decompressed")
        if size <= _COUNTED_FROM:
            kept.append(part)
    return b"".join(kept if size <= _COUNTED_FROM else parts())


def _gunzipped(body: bytes) -> Iterator[bytes]:
    """Of every gzip member (RFC 1952, 2.2: there may be several)."""
    while body.startswith(_GZIP):
        engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
        yield from _inflated(engine, body)
        body = engine.unused_data


def _inflated(engine: "zlib._Decompress", body: bytes) -> Iterator[bytes]:
    while not engine.eof:
        part = engine.decompress(body, _STEP)
        body = engine.unconsumed_tail
        if not (part or body or engine.eof):
            raise BodyRefused(_CUT)
        yield part


def _unzstded(body: bytes) -> Iterator[bytes]:
    """Of every frame, none with a larger window than the web allows (RFC 9659: 8 MB)."""
    while body.startswith(_ZSTD):
        engine = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: 23})
        while not engine.eof:
            part = engine.decompress(body, _STEP)
            body = b""
            if not part and engine.needs_input:
                raise BodyRefused(_CUT)
            yield part
        body = engine.unused_data


def _deflated(body: bytes) -> bytes:
    """With or without the zlib header: servers send both (RFC 9110, 8.4.1.2, note).

    The body itself where it is neither.
    """
    for window in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
        with suppress(zlib.error):
            return _joined(partial(_deflated_parts, window, body))
    if body.startswith(_ZLIB):
        raise BodyRefused("broken deflate body")
    return body


def _deflated_parts(window: int, body: bytes) -> Iterator[bytes]:
    return _inflated(zlib.decompressobj(window), body)


def _unbrotlied(body: bytes) -> bytes:
    """Decoded; the body itself where it is no Brotli (it has no magic bytes to tell by)."""
    try:
        return _joined(lambda: _unbrotlied_parts(body))
    except brotli.error:
        return body


def _unbrotlied_parts(body: bytes) -> Iterator[bytes]:
    engine = brotli.Decompressor()
    while not engine.is_finished():
        part = engine.process(body, output_buffer_limit=_STEP)
        body = b""
        if not (part or engine.is_finished()):
            raise BodyRefused(_CUT)
        yield part


class RecordLoader(ArcWarcRecordLoader):  # type: ignore[misc]
    """warcio's parser of single records, for pages without an address of the web, too: a saved
    one of an office that nobody knows is kept as `file:///rivers`.
    """

    HTTP_SCHEMES = ("http:", "https:", "file:")


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
        records = ArchiveIterator(stream)
        records.loader = RecordLoader(verify_http=False)
        record = next(records)
        message = http_message(record)
    if message is None:
        raise ValueError(f"no whole record at byte {offset}")
    return message, str(record.rec_type)


# -- our own store -------------------------------------------------------------------------


def store_files(folder: Path) -> list[Path]:
    """The files of a store in the order in which they were written."""
    return sorted(folder.glob(_FILE_NAME.format("[0-9]" * 5)))


class WarcStore:
    """The kept captures of one home, in `folder`. Create it with the home's lock held.

    Each capture is a group of records, written at once: the request and a metadata record where
    there is something to tell, then the response, or a revisit of an earlier one.
    """

    def __init__(
        self,
        folder: Path,
        opened_at: datetime,
        roll_at: int = ROLL_AT,
        software: str = "ilo-archive",
    ) -> None:
        """Make the folder. Raises OSError where that is not allowed.

        A file that would grow beyond `roll_at` bytes is followed by another; the warcinfo
        record at its beginning names `opened_at` and `software`.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._opened_at = opened_at
        self._roll_at = roll_at
        self._software = software
        self._file: BinaryIO | None = None

    def recover(self, known: tuple[str, int]) -> dict[str, Position]:
        """Cut a broken tail off and tell which whole records lie beyond what is known.

        `known` is a file and the first byte of it that the archive knows nothing of. The answer
        is keyed by `record_id`: records that a killed run kept but did not come to record.
        """
        found: dict[str, Position] = {}
        for path in store_files(self._folder):
            if path.name >= known[0]:
                found |= _recovered(path, known[1] if path.name == known[0] else 0)
        return found

    def append(self, fetched: Fetched, original: Capture | None = None) -> Position:
        """Keep a message, safe on disk when this returns; the place of its record.

        With `original`, an earlier capture with the very same body, as a revisit of that.
        """
        *told, record = _group(fetched, original)
        before = b"".join(told)
        file, offset = self._room(len(before) + len(record))
        if not offset:
            before = _info(Path(file.name).name, self._software, self._opened_at) + before
        _write(file, offset, before + record)
        return Position(Path(file.name).name, offset + len(before), len(record))

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

    def _room(self, size: int) -> tuple[BinaryIO, int]:
        """The file that so many bytes are for, and its end."""
        if self._file is None:
            files = store_files(self._folder)
            self._file = self._opened(int(files[-1].name[-13:-8]) if files else 1)
        offset = self._file.seek(0, os.SEEK_END)
        if offset and offset + size > self._roll_at:
            self.close()
            self._file = self._opened(int(store_files(self._folder)[-1].name[-13:-8]) + 1)
            offset = 0
        return self._file, offset

    def _opened(self, number: int) -> BinaryIO:
        # Unbuffered: what a full disk refused may not wait in a buffer for the next flush.
        return (self._folder / _FILE_NAME.format(f"{number:05d}")).open("ab", buffering=0)


def _write(file: BinaryIO, offset: int, data: bytes) -> None:
    try:
        written = 0
        while written < len(data):
            written += file.write(data[written:])
        os.fsync(file.fileno())
    except OSError:
        os.truncate(file.name, offset)
        raise


def _recovered(path: Path, start: int) -> dict[str, Position]:
    """The captures of a file from that byte on; what follows the last of them is cut off.

    What is broken before it stays: it may be of use to somebody, and nothing is lost by it.
    """
    found: dict[str, Position] = {}
    end = start
    with path.open("r+b") as stream:
        kind = record = b""
        for piece in pieces(stream, _is_warc, start):
            if piece.is_first:
                kind, record = _first(_RECORD_TYPE, piece.data), _first(_RECORD_ID, piece.data)
            if piece.end is not None and kind in _ENDINGS:
                end = piece.end
                if kind != b"warcinfo":
                    found[record.decode()] = Position(path.name, piece.member, end - piece.member)
        stream.truncate(end)
    return found


def _first(pattern: re.Pattern[bytes], data: bytes) -> bytes:
    found = pattern.search(data)
    return found.group(1) if found else b""


def _is_warc(data: bytes) -> bool:
    return data.startswith(b"WARC/")


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


def kept_head(folder: Path, position: Position) -> tuple[str, int, str]:
    """Type, HTTP status and content type of a record. Raises OSError, ValueError."""
    message, kind = _record_at(folder, position)
    return kind, message.status, message.header("Content-Type") or ""


def _record_at(folder: Path, position: Position) -> tuple[HttpMessage, str]:
    """The message of a record and the type of the record. Raises OSError, ValueError."""
    try:
        return _any_message_at(folder / position.file, position.offset)
    except (ArchiveLoadFailed, AttributeError, EOFError, StopIteration, zlib.error) as error:
        raise ValueError(f"no record at byte {position.offset}") from error


def _group(fetched: Fetched, original: Capture | None) -> list[bytes]:
    """The records of a capture, that of the message last: without it the others are nothing."""
    capture, message = fetched.capture, fetched.message
    own = record_id(capture, message.digest)
    records = [_metadata(fetched, own), _kept(capture, message, own, original)]
    return [_request(capture, fetched.request, own), *records] if fetched.request else records


def _kept(capture: Capture, message: HttpMessage, own: str, original: Capture | None) -> bytes:
    headers = {"WARC-Record-ID": own, "WARC-Date": iso(capture.captured_at)}
    if capture.uri_m:
        headers["WARC-Source-URI"] = capture.uri_m
    told = StatusAndHeaders(
        f"{message.status} {message.reason}".strip(), _unchunked(message), protocol="HTTP/1.1"
    )
    if original is None:
        return _written("response", capture.url, message.body, headers, told)
    writer = WARCWriter(BytesIO(), warc_version="WARC/1.1")
    headers["WARC-Refers-To"] = record_id(original, message.digest)
    record = writer.create_revisit_record(
        capture.url, f"sha1:{message.digest}", original.url, iso(original.captured_at),
        http_headers=told, warc_headers_dict=headers,
    )  # fmt: skip
    return _packed(record)


def _request(capture: Capture, request: HttpRequest, own: str) -> bytes:
    """What was sent, word for word, so of an archive where one answered for the address."""
    split = urlsplit(request.url)
    path = urlunsplit(("", "", split.path or "/", split.query, ""))
    lines = [("Host", split.netloc), *(each for each in request.headers if each[0] != "Host")]
    line = f"{request.method} {path} HTTP/1.1"
    told = StatusAndHeaders(line, _one_line(lines), is_http_request=True)
    return _written("request", capture.url, b"", _concurrent(capture, own, "request"), told)


def _metadata(fetched: Fetched, own: str) -> bytes:
    """What was told of the capture, and the notes of it behind that."""
    capture = fetched.capture
    told = (*told_of(capture).items(), *fetched.notes)
    lines = _one_line([(name, value) for name, value in told if value])
    body = "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
    headers = _concurrent(capture, own, "metadata")
    return _written("metadata", capture.url, body, headers, content_type=FIELDS)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a metadata record; of two of one name the first, notes come last."""
    lines = [line for line in body.decode("utf-8", "replace").splitlines() if ": " in line]
    return dict(line.split(": ", 1) for line in reversed(lines))


def told_of(capture: Capture) -> dict[str, str]:
    """What the archive, and whoever asked it, told of the capture beyond what its record says:
    with it alone the ledger can be made again.
    """
    told = {
        "archive": capture.archive,
        "via": capture.uri_m,
        "listed-digest": capture.digest,
        "listed-status": capture.status and str(capture.status),
        "precision": capture.precision,
        "office": capture.place.office,
        "language": capture.place.language,
        "page": capture.place.page,
    }
    return {name: value for name, value in told.items() if value}


def as_told(capture: Capture, told: Mapping[str, str]) -> Capture:
    """The capture as `told_of` told of it; as it is where nothing was told.

    Raises ValueError for a status that is no number.
    """
    precision = told.get("precision")
    if "archive" not in told or precision not in get_args(Precision):
        return capture
    place = capture.place
    if "office" in told and "page" in told:
        place = Place(told["office"], told.get("language"), told["page"])
    return replace(
        capture,
        place=place,
        archive=told["archive"],
        uri_m=told.get("via"),
        status=int(told["listed-status"]) if "listed-status" in told else None,
        digest=told.get("listed-digest", ""),
        precision=cast(Precision, precision),
    )


def _concurrent(capture: Capture, own: str, kind: str) -> dict[str, str]:
    return {
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, own + kind)}>",
        "WARC-Date": iso(capture.captured_at),
        "WARC-Concurrent-To": own,
    }


def _info(name: str, software: str, opened_at: datetime) -> bytes:
    """The record that begins a file."""
    writer = WARCWriter(BytesIO(), warc_version="WARC/1.1")
    told = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    record = writer.create_warcinfo_record(name, told)
    own = uuid5(NAMESPACE_URL, f"{name} {iso(opened_at)}")
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{own}>")
    record.rec_headers.replace_header("WARC-Date", iso(opened_at))
    return _packed(record)


def _written(
    kind: str,
    url: str,
    body: bytes,
    headers: dict[str, str],
    http_headers: StatusAndHeaders | None = None,
    content_type: str = "",
) -> bytes:
    writer = WARCWriter(BytesIO(), warc_version="WARC/1.1")
    record = writer.create_warc_record(
        url, kind, BytesIO(body), len(body), warc_content_type=content_type,
        warc_headers_dict=headers, http_headers=http_headers,
    )  # fmt: skip
    return _packed(record)


def _packed(record: ArcWarcRecord) -> bytes:
    """The record with its digests, as a gzip member of its own."""
    buffer = BytesIO()
    WARCWriter(buffer, gzip=True, warc_version="WARC/1.1").write_record(record)
    return buffer.getvalue()


def _unchunked(message: HttpMessage) -> list[tuple[str, str]]:
    """The headers without the transfer encoding that the body no longer has."""
    return _one_line([each for each in message.headers if each[0].lower() != "transfer-encoding"])


def _one_line(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, " ".join(value.split("\r\n")).replace("\n", " ")) for name, value in headers]


def record_id(capture: Capture, payload_digest: str) -> str:
    """The WARC-Record-ID of a capture with that body: what a killed run kept is known again.

    The digest counts beside the key because an archive may list no digest, or another one.
    """
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{capture.key} {payload_digest}')}>"
