"""Captures of pages from web archive files of others: WARC, ARC and WACZ, plain or gzipped.

Every undamaged record is read and every damaged one named, in one pass and with memory that does
not grow with the file. warcio parses the single record; `scanner` finds the next one.
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
    FIELDS,
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
"""What the names of these files end in."""

_GZIP, _ZIP = b"\x1f\x8b", b"PK\3\4"
_MAX_PRECEDING = 16  # of these at hand, lest a file of nothing else fill the memory


@dataclass(frozen=True, slots=True)
class Damage:
    """A file, or the part of one from byte `offset` on, that could not be read, and why.

    `entry` is the file inside a WACZ.
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
    """A file that holds records, or one inside a WACZ."""

    path: Path
    entry: str | None = None
    number: int = 0  # of the entry: a zip file may have two of one name

    @contextmanager
    def opened(self) -> Iterator[Window]:
        with ExitStack() as files:
            stream: IO[bytes] = files.enter_context(self.path.open("rb"))
            if self.entry:
                inside = files.enter_context(ZipFile(stream))
                stream = files.enter_context(inside.open(inside.infolist()[self.number]))
                # Records have checksums of their own. For that of the whole, zipfile would
                # withhold the last megabyte of a file with one flipped byte; going back to the
                # beginning takes it up again.
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
    """Reads captures of pages from files, in their order; what is broken comes as Damage.

    Records of other kinds (requests, images, style sheets) are passed over. A revisit record is
    a capture with the message of the record it refers to, in whatever file that was; one that
    came before it is told by `late`.
    """

    def __init__(self, locate: Callable[[str], PageSeries]) -> None:
        """`locate` tells office and page of an address, and raises ValueError for none."""
        self._locate = locate
        self._originals: dict[str, tuple[_Source, RecordStart]] = {}
        self._waiting: list[tuple[_Source, RecordStart]] = []
        self._beside: dict[str, _PrecedingRecords] = {}

    def read(self, path: Path) -> Iterator[Fetched | Damage]:
        """The captures of a file. Raises OSError where it cannot be opened or read."""
        try:
            sources = _sources(path)
        except BadZipFile:  # its members are gzip members like others, found one by one
            yield Damage(path, "no whole zip file: read without its table of contents")
            for found in self._captures(_Source(path)):
                if isinstance(found, Fetched) or found.offset:  # that of the zip file is told
                    yield found
            return
        if not sources:
            yield Damage(path, "zip file without a WARC file in it")
        for source in sources:
            try:
                yield from self._captures(source)
            except _ZIP_ERRORS as error:  # encrypted, packed in an unknown way, damaged
                yield Damage(path, _reason(error), entry=source.entry)

    def late(self) -> Iterator[Fetched | Damage]:
        """The revisits that came before what they refer to, once every file is read."""
        waiting, self._waiting = self._waiting, []
        for source, place in waiting:
            yield from self._captured(source, _whole_at(source, place), is_last=True)

    def _captures(self, source: _Source) -> Iterator[Fetched | Damage]:
        with source.opened() as window:
            for found in scan_records(window):
                told = found.reason if isinstance(found, LostRecord) else found.doubt
                if told:
                    yield Damage(source.path, told, _offset(found.place), source.entry)
                if isinstance(found, WholeRecord) and found.kind in PRECEDING:
                    self._put_beside(found)
                elif isinstance(found, WholeRecord):
                    yield from self._captured(source, found)

    def _captured(
        self, source: _Source, whole: WholeRecord, is_last: bool = False
    ) -> Iterator[Fetched | Damage]:
        try:
            fetched = self._fetched(source, whole)
        except _NoOriginal as error:
            if is_last:
                yield Damage(source.path, str(error), _offset(whole.place), source.entry)
            else:
                self._waiting.append((source, whole.place))
        except (BrokenRecord, *_PARSER_ERRORS) as error:
            yield Damage(source.path, _reason(error), _offset(whole.place), source.entry)
        else:
            if fetched:
                yield fetched

    def _fetched(self, source: _Source, whole: WholeRecord) -> Fetched | None:
        """The capture of a record, None for one of no page."""
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
            self._originals.setdefault(digest, (source, whole.place))
        told = self._beside.pop(header("WARC-Record-ID") or "", _PrecedingRecords())
        capture = _capture(source.path, record, message, digest, self._locate)
        return Fetched(told.completed(capture), message, told.request)

    def _put_beside(self, whole: WholeRecord) -> None:
        """Remember what a request or metadata record tells of the record that follows it."""
        with suppress(*_PARSER_ERRORS):
            record = _parsed(whole)
            own = record.rec_headers.get_header("WARC-Concurrent-To") or ""
            told = self._beside.pop(own, _PrecedingRecords())
            self._beside[own] = told.joined(record)
        while len(self._beside) > _MAX_PRECEDING:
            del self._beside[next(iter(self._beside))]

    def _revisited(self, record: ArcWarcRecord, digest: str) -> HttpMessage | None:
        """The message of a revisit with the body of the record that it refers to."""
        message = http_message(record)  # observed: revisits without any
        if message and not _is_page(message):
            return None
        if digest not in self._originals:
            raise _NoOriginal("revisit of a record that is not there")
        source, place = self._originals[digest]
        whole = _whole_at(source, place)
        original = _message(_parsed(whole), whole.kind)
        if original is None or message is None:
            return original
        return replace(message, headers=message.headers or original.headers, body=original.body)


@dataclass(frozen=True, slots=True)
class _PrecedingRecords:
    """What the records before a capture tell of it."""

    request: HttpRequest | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def joined(self, record: ArcWarcRecord) -> "_PrecedingRecords":
        """With what one more record tells."""
        if record.content_type == FIELDS:
            return replace(self, fields=fields_of(record.raw_stream.read()))
        return replace(self, request=_request(record))

    def completed(self, capture: Capture) -> Capture:
        """The capture as our own store keeps it, where a store of ours told of it."""
        return replace(capture_from_fields(capture, self.fields), place=capture.place)


def _request(record: ArcWarcRecord) -> HttpRequest | None:
    """The request of a record; None where it is none of a page."""
    if record.rec_type != "request" or record.http_headers is None:
        return None
    headers = record.http_headers
    path = headers.statusline.rpartition(" ")[0]
    host = headers.get_header("Host")
    url = urljoin(f"http://{host}/", path) if host else record.rec_headers["WARC-Target-URI"]
    return HttpRequest(headers.protocol, url, tuple(headers.headers))


class _NoOriginal(ValueError):
    """A revisit of a record that no file has shown yet."""


_PARSER_ERRORS = (
    ArchiveLoadFailed,
    AttributeError,  # observed: warcio asks a missing address what it starts with
    EOFError,
    StatusAndHeadersParserException,
    ValueError,
)
_ZIP_ERRORS = (BadZipFile, EOFError, RuntimeError, zlib.error)
_LOADER = RecordLoader(verify_http=False, arc2warc=True)


def holds_records(path: Path) -> bool:
    """Whether a file begins as one with records does, whatever its name."""
    with path.open("rb") as stream:
        beginning = stream.read(LONGEST_BEGIN)
    return bool(beginning.startswith((_GZIP, _ZIP)) or RECORD_BEGIN.match(beginning))


def _sources(path: Path) -> list[_Source]:
    """The file itself, or the files of records in a WACZ. Raises BadZipFile."""
    with path.open("rb") as stream:
        is_zip = stream.read(len(_ZIP)) == _ZIP
    if not is_zip:
        if path.name.lower().endswith(".wacz"):
            raise BadZipFile
        return [_Source(path)]
    with ZipFile(path) as inside:
        names = enumerate(inside.namelist())
    return [_Source(path, each, n) for n, each in names if each.lower().endswith(RECORD_ENDINGS)]


def _offset(place: RecordStart) -> int:
    """The byte of the file: in a gzipped one where the member begins, in the first one (which
    may hold all there is) the byte of what it unpacks to.
    """
    return place.first or place.position


def _whole_at(source: _Source, place: RecordStart) -> WholeRecord:
    with source.opened() as window:
        window.open_at(place)
        found = read_record(window, place)
    if not isinstance(found, WholeRecord):
        raise BrokenRecord("the record that was there is gone")
    return found


def _parsed(whole: WholeRecord) -> ArcWarcRecord:
    return _LOADER.parse_record_stream(BytesIO(whole.data), known_format=_format(whole.data))


def _format(data: bytes) -> str:
    return "warc" if is_warc(data) else "arc"


def _message(record: ArcWarcRecord, kind: str) -> HttpMessage | None:
    """The archived response; None where the record is none, such as the look-up of a name.

    Raises BrokenRecord where it is not whole. A resource record is a page without HTTP headers.
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
    kind = (message.header("Content-Type") or "").lower()
    return not kind or kind.startswith(TEXT_TYPES) or message.status >= 300


def _capture(
    path: Path,
    record: ArcWarcRecord,
    message: HttpMessage,
    digest: str,
    locate: Callable[[str], PageSeries],
) -> Capture:
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
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
