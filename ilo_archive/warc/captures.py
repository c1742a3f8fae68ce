"""Read captures of pages from files written elsewhere: WARC, ARC and WACZ, plain or gzipped.

One pass reads every undamaged record and reports every damaged one; memory does not grow with the
file. warcio parses single records; `scanner` finds them.
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import IO
from urllib.parse import urljoin
from zipfile import BadZipFile, ZipFile

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import HttpMessage, HttpRequest
from ilo_archive.offices import PageSeries
from ilo_archive.times import parse_timestamp
from ilo_archive.warc.records import (
    WARC_FIELDS,
    RecordLoader,
    capture_from_fields,
    fields_of,
    http_message,
    is_warc,
)
from ilo_archive.warc.scanner import (
    PRECEDING,
    TEXT_TYPES,
    BrokenRecord,
    LostRecord,
    WholeRecord,
    is_http,
    read_record,
    scan_records,
)
from ilo_archive.warc.window import (
    LONGEST_BEGIN,
    RECORD_BEGIN,
    RecordStart,
    Window,
    gzipped_window,
    plain_window,
)

RECORD_ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")
ENDINGS = (*RECORD_ENDINGS, ".wacz")
"""Endings of the names of files that `CaptureReader` reads."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\3\4"
_MAX_PRECEDING = 16  # records remembered; a file of nothing else must not fill the memory


@dataclass(frozen=True, slots=True)
class Damage:
    """A part of a file that could not be read, and why.

    `offset` is the first byte of the part, None for the whole file. `entry` is the file inside a
    WACZ.
    """

    path: Path
    reason: str
    offset: int | None = None
    entry: str | None = None

    def __str__(self) -> str:
        name = f"{self.path.name}/{self.entry}" if self.entry else self.path.name
        where = "" if self.offset is None else f" at byte {self.offset}"
        return f"{name}: {self.reason}{where}"


@dataclass(frozen=True, slots=True)
class _Source:
    """A file with records, or one inside a WACZ."""

    path: Path
    entry: str | None = None
    number: int = 0  # index of the entry: two entries may have the same name

    @contextmanager
    def opened(self) -> Iterator[Window]:
        """Open a window on the content."""
        with ExitStack() as files:
            stream: IO[bytes] = files.enter_context(self.path.open("rb"))
            if self.entry:
                archive = files.enter_context(ZipFile(stream))
                stream = files.enter_context(archive.open(archive.infolist()[self.number]))
                # Records have their own checksums. For the checksum of the whole entry zipfile
                # would withhold the last megabyte of one with a flipped byte. Seeking back to the
                # beginning restores the expected checksum, so the original one is cleared too.
                stream._expected_crc = stream._orig_crc = None  # type: ignore[attr-defined]
            beginning = stream.read(LONGEST_BEGIN)
            is_gzipped = beginning.startswith(_GZIP) or (
                self._name.endswith((".gz", ".wacz")) and not RECORD_BEGIN.match(beginning)
            )
            stream.seek(0)
            yield gzipped_window(stream) if is_gzipped else plain_window(stream)

    @property
    def _name(self) -> str:
        return (self.entry or self.path.name).lower()


class CaptureReader:
    """Reads captures of pages from files; what cannot be read is yielded as Damage.

    Other records (images, style sheets) are skipped. A revisit record becomes a capture with the
    message of the record that it refers to, in whichever file that was. Call `pending_revisits`
    after the last file for revisits that came before their original.
    """

    def __init__(self, locate: Callable[[str], PageSeries]) -> None:
        """`locate` maps an address to its page series and raises ValueError if that is
        impossible.
        """
        self._locate = locate
        self._originals: dict[str, tuple[_Source, RecordStart]] = {}
        self._waiting: list[tuple[_Source, RecordStart]] = []
        self._preceding: dict[str, _PrecedingRecords] = {}

    def read(self, path: Path) -> Iterator[Fetched | Damage]:
        """Yield the captures and the damage of a file. Raises OSError if it cannot be read."""
        try:
            sources = _sources(path)
        except BadZipFile:  # the gzip members in it can still be found
            yield Damage(path, "damaged zip file: read without its table of contents")
            for found in self._captures(_Source(path)):
                # Byte 0 is the header of the zip file, which is reported already.
                if isinstance(found, Fetched) or found.offset:
                    yield found
            return
        if not sources:
            yield Damage(path, "the zip file contains no WARC file")
        for source in sources:
            try:
                yield from self._captures(source)
            except _ZIP_ERRORS as error:  # encrypted, compressed by an unknown method, damaged
                yield Damage(path, _reason(error), entry=source.entry)

    def pending_revisits(self) -> Iterator[Fetched | Damage]:
        """Yield the revisits that came before the record they refer to.

        Call it after the last file.
        """
        waiting, self._waiting = self._waiting, []
        for source, start in waiting:
            yield from self._read_record(source, _whole_at(source, start), is_last=True)

    def _captures(self, source: _Source) -> Iterator[Fetched | Damage]:
        with source.opened() as window:
            for found in scan_records(window):
                reason = found.reason if isinstance(found, LostRecord) else found.doubt
                if reason:
                    yield Damage(source.path, reason, _offset(found.start), source.entry)
                if isinstance(found, WholeRecord) and found.kind in PRECEDING:
                    self._note_preceding(found)
                elif isinstance(found, WholeRecord):
                    yield from self._read_record(source, found)

    def _read_record(
        self, source: _Source, whole: WholeRecord, is_last: bool = False
    ) -> Iterator[Fetched | Damage]:
        """Yield the capture of a record, or the reason why there is none.

        A revisit of an unknown record waits, unless `is_last`.
        """
        try:
            fetched = self._parse_capture(source, whole)
        except _NoOriginal as error:
            if is_last:
                yield Damage(source.path, str(error), _offset(whole.start), source.entry)
            else:
                self._waiting.append((source, whole.start))
        except (BrokenRecord, *_PARSER_ERRORS) as error:
            yield Damage(source.path, _reason(error), _offset(whole.start), source.entry)
        else:
            if fetched:
                yield fetched

    def _parse_capture(self, source: _Source, whole: WholeRecord) -> Fetched | None:
        """The capture of a record, None if it contains no page.

        Raises BrokenRecord and parser errors.
        """
        record = _parsed(whole)
        header = record.rec_headers.get_header
        digest = (header("WARC-Payload-Digest") or "").removeprefix("sha1:")
        if whole.kind == "revisit":
            message = self._revisited(record, digest)
        else:
            message = _message(record, whole.kind)
        if message is None or not _is_page(message):
            return None
        digest = digest or message.digest
        if whole.kind != "revisit":
            self._originals.setdefault(digest, (source, whole.start))
        preceding = self._preceding.pop(header("WARC-Record-ID") or "", _PrecedingRecords())
        capture = _capture(source.path, record, message, digest, self._locate)
        return Fetched(preceding.completed(capture), message, preceding.request)

    def _note_preceding(self, whole: WholeRecord) -> None:
        """Remember what a request or metadata record says about the record that follows it."""
        with suppress(*_PARSER_ERRORS):
            record = _parsed(whole)
            own_id = record.rec_headers.get_header("WARC-Concurrent-To") or ""
            preceding = self._preceding.pop(own_id, _PrecedingRecords())
            self._preceding[own_id] = preceding.joined(record)
        while len(self._preceding) > _MAX_PRECEDING:
            del self._preceding[next(iter(self._preceding))]

    def _revisited(self, record: ArcWarcRecord, digest: str) -> HttpMessage | None:
        """The message of a revisit with the body of the record that it refers to."""
        message = http_message(record)  # None for a revisit without HTTP headers
        if message and not _is_page(message):
            return None
        if digest not in self._originals:
            raise _NoOriginal("revisit of a record that was not found")
        source, start = self._originals[digest]
        whole = _whole_at(source, start)
        original = _message(_parsed(whole), whole.kind)
        if original is None or message is None:
            return original
        return replace(message, headers=message.headers or original.headers, body=original.body)


@dataclass(frozen=True, slots=True)
class _PrecedingRecords:
    """The content of the request and metadata records before a capture."""

    request: HttpRequest | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def joined(self, record: ArcWarcRecord) -> "_PrecedingRecords":
        """Add one more record."""
        if record.content_type == WARC_FIELDS:
            return replace(self, fields=fields_of(record.raw_stream.read()))
        return replace(self, request=_request(record))

    def completed(self, capture: Capture) -> Capture:
        """The capture with the fields that our own store keeps in metadata records, if there are
        any.
        """
        return replace(capture_from_fields(capture, self.fields), place=capture.place)


def _request(record: ArcWarcRecord) -> HttpRequest | None:
    """The request in a record; None if the record is not a request or has no HTTP headers."""
    if record.rec_type != "request" or record.http_headers is None:
        return None
    headers = record.http_headers
    path = headers.statusline.rpartition(" ")[0]
    host = headers.get_header("Host")
    url = urljoin(f"http://{host}/", path) if host else record.rec_headers["WARC-Target-URI"]
    return HttpRequest(headers.protocol, url, tuple(headers.headers))


class _NoOriginal(ValueError):
    """A revisit of a record that has not been read yet."""


_PARSER_ERRORS = (
    ArchiveLoadFailed,
    AttributeError,  # warcio calls `startswith` on an address that is missing
    EOFError,
    StatusAndHeadersParserException,
    ValueError,
)
_ZIP_ERRORS = (BadZipFile, EOFError, RuntimeError, zlib.error)
_LOADER = RecordLoader(verify_http=False, arc2warc=True)


def contains_records(path: Path) -> bool:
    """True if a file begins like one with records, whatever its name. Raises OSError."""
    with path.open("rb") as stream:
        beginning = stream.read(LONGEST_BEGIN)
    return bool(beginning.startswith((_GZIP, _ZIP)) or RECORD_BEGIN.match(beginning))


def _sources(path: Path) -> list[_Source]:
    """The file itself, or the files with records inside a WACZ. Raises BadZipFile."""
    with path.open("rb") as stream:
        is_zip = stream.read(len(_ZIP)) == _ZIP
    if not is_zip:
        if path.name.lower().endswith(".wacz"):
            raise BadZipFile
        return [_Source(path)]
    with ZipFile(path) as archive:
        names = enumerate(archive.namelist())
    return [_Source(path, each, n) for n, each in names if each.lower().endswith(RECORD_ENDINGS)]


def _offset(start: RecordStart) -> int:
    """The offset of a record in its file.

    In a gzipped file it is that of the member, or within the first member that of the inflated
    data.
    """
    return start.first or start.position


def _whole_at(source: _Source, start: RecordStart) -> WholeRecord:
    """Read a record again. Raises BrokenRecord if it cannot be read."""
    with source.opened() as window:
        window.open_at(start)
        found = read_record(window, start)
    if not isinstance(found, WholeRecord):
        raise BrokenRecord("the record is no longer there")
    return found


def _parsed(whole: WholeRecord) -> ArcWarcRecord:
    return _LOADER.parse_record_stream(BytesIO(whole.data), known_format=_format(whole.data))


def _format(data: bytes) -> str:
    return "warc" if is_warc(data) else "arc"


def _message(record: ArcWarcRecord, kind: str) -> HttpMessage | None:
    """The archived response, None if the record has none (a DNS record, the log of the crawl).

    A resource record is a page without HTTP headers. Raises BrokenRecord if the response is not
    whole.
    """
    content_type = record.content_type or "application/http"
    if kind == "resource":
        address = record.rec_headers.get_header("WARC-Target-URI") or ""
        if not (content_type.lower().startswith(TEXT_TYPES) and address.startswith("http")):
            return None  # such as the log of the crawl
        return HttpMessage(200, "OK", (("Content-Type", content_type),), record.raw_stream.read())
    if record.format == "warc" and not is_http(content_type):
        return None
    message = http_message(record)
    if message is None or record.rec_headers.get_header("WARC-Truncated"):
        raise BrokenRecord("record cut short or without HTTP headers")
    return message


def _is_page(message: HttpMessage) -> bool:
    """True if the message may be a page. One with an error or redirect status always may."""
    kind = (message.header("Content-Type") or "").lower()
    return not kind or kind.startswith(TEXT_TYPES) or message.status >= 300


def _capture(
    path: Path,
    record: ArcWarcRecord,
    message: HttpMessage,
    digest: str,
    locate: Callable[[str], PageSeries],
) -> Capture:
    """The capture that a record describes.

    Raises BrokenRecord without an address or a valid date.
    """
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    date = (record.rec_headers.get_header("WARC-Date") or "")[:19]
    if not url:
        raise BrokenRecord("record without an address")
    try:
        place = locate(url)
        moment, precision = parse_timestamp(date)
    except ValueError as error:
        raise BrokenRecord(f"record of {url}: {error}") from error
    return Capture(
        place=place,
        url=url,
        captured_at=moment,
        archive=path.name,
        status=message.status,
        digest=digest,
        precision=precision,
        uri_m=record.rec_headers.get_header("WARC-Source-URI"),
    )


def _reason(error: Exception) -> str:
    """The first line of an error's text, or its type."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
