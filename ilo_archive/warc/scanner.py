"""Web archive files of others: every undamaged record read, every damaged one named.

WARC, ARC and WACZ files, plain or gzipped, in one pass and with memory that does not grow with
them. warcio parses the single record; ours is to find the next one where it gives up: at the
next gzip member, or the next line that begins a record. A record is whole when the checksum of
its member and its digests hold and when it ends where it says.
"""

import base64
import hashlib
import re
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urljoin
from zipfile import BadZipFile, ZipFile

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeadersParserException

from ilo_archive.capture import (
    Capture,
    Fetched,
    HttpMessage,
    HttpRequest,
    parse_timestamp,
)
from ilo_archive.offices import Place
from ilo_archive.warc.gzip_members import Piece, pieces
from ilo_archive.warc.store import (
    FIELDS,
    MAX_BODY,
    BodyRefused,
    RecordLoader,
    as_told,
    decoded_body,
    fields_of,
    http_message,
)

RECORD_ENDINGS = (".warc", ".warc.gz", ".arc", ".arc.gz")
ENDINGS = (*RECORD_ENDINGS, ".wacz")
"""What the names of these files end in."""

_TEXT_TYPES = ("text/html", "application/xhtml+xml", "text/plain")
_CHUNK = 2**20  # bytes of a plain file read at a time
_MAX_HEAD = 2**16  # bytes of a record's own headers; real ones have a kilobyte
_MAX_BLOCK = MAX_BODY + _MAX_HEAD
_LOST_WAYS = 3  # false lengths beyond that which are tried in a gzipped file
_GZIP, _ZIP = b"\x1f\x8b", b"PK\3\4"
_SAVED = frozenset({"response", "revisit", "resource"})
_BESIDE = frozenset({"request", "metadata"})  # which stand before the record they belong to
_MAX_BESIDE = 16  # of these at hand, lest a file of nothing else fill the memory

_WARC_BEGIN = rb"WARC/(?:1\.[01]|0\.1[78])[ \t]*\r?\n"
_ARC_BEGIN = (
    rb"(?:https?|ftp|dns|whois|filedesc|file):[^\r\n]{1,8000} "
    rb"\d{1,3}(?:\.\d{1,3}){3} \d{8,18} [^\r\n]{0,500}\r?\n"
)
_BEGIN = re.compile(_WARC_BEGIN + b"|" + _ARC_BEGIN)
# Behind damage: what comes before the record may have lost its line break.
# Two patterns, for each begins with bytes that are found at once; one of both looks at every byte.
_NEXT_WARC = re.compile(_WARC_BEGIN + rb"(?=[A-Za-z-]+:)")
_NEXT_ARC = re.compile(rb"\n(?=" + _ARC_BEGIN + b")")
_LONGEST_BEGIN = 9000  # bytes that a search must see at once

_BLANKS = re.compile(rb"[\r\n]+")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LENGTH = re.compile(rb"\nContent-Length:[ \t]*(\d{1,20})[ \t]*\r?\n", re.IGNORECASE)
_ARC_LENGTH = re.compile(rb" (\d{1,20})[ \t]*\r?\n")
_TYPE = re.compile(rb"\nWARC-Type:[ \t]*([\w-]+)", re.IGNORECASE)
_CONTENT_TYPE = re.compile(rb"\nContent-Type:[ \t]*([^\r\n]+)", re.IGNORECASE)
_DIGEST = re.compile(rb"\nWARC-(Block|Payload)-Digest:[ \t]*([\w-]+):([\w+/=-]+)", re.IGNORECASE)
_SEGMENT = re.compile(rb"\nWARC-Segment-Number:", re.IGNORECASE)
_ADDRESS = re.compile(rb"\nWARC-Target-URI:[ \t]*([^\r\n]+)|(https?://\S+) ", re.IGNORECASE)


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


class _Place(NamedTuple):
    """Where a record begins: in the stretch that begins at byte `first` of the file."""

    first: int
    position: int


class _Broken(ValueError):
    """A record that is not what it says it is."""


# -- bytes between boundaries --------------------------------------------------------------


class _Window:
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

    def open_at(self, place: _Place) -> None:
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
            elif piece.is_first and (not piece.data or _BEGIN.match(piece.data.lstrip(b"\r\n"))):
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
            self.open_at(_Place(self.first, position))
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
            self.holds(_LONGEST_BEGIN)
            start = _next_record(self.bytes)
            if start is not None:
                self.skip(start)
                return
            seen = len(self.bytes)
            more = self.holds(seen + 1)
            self.skip(max(0, seen - _LONGEST_BEGIN) if more else len(self.bytes))


def _next_record(data: bytearray) -> int | None:
    by_name = _NEXT_WARC.search(data)
    by_line = _NEXT_ARC.search(data, 0, by_name.start() if by_name else sys.maxsize)
    if by_line:
        return by_line.end()
    return by_name.start() if by_name else None


def _gzipped(stream: IO[bytes]) -> _Window:
    def opened(first: int, skipped: int) -> Iterator[Piece]:
        for piece in pieces(stream, _BEGIN.match, first):
            passed = min(skipped, len(piece.data))
            skipped -= passed
            parts = piece.is_first and piece.member != first
            yield replace(piece, data=piece.data[passed:], is_first=parts)

    return _Window(opened, is_plain=False)


def _plain(stream: IO[bytes]) -> _Window:
    def opened(first: int, skipped: int) -> Iterator[Piece]:
        stream.seek(first + skipped)
        while chunk := stream.read(_CHUNK):
            yield Piece(first, chunk, is_first=False)

    return _Window(opened, is_plain=True)


# -- records between bytes -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Whole:
    """A record that may hold a page or tell of one, checked; `doubt` is what it does not need."""

    place: _Place
    kind: str
    data: bytes
    doubt: str | None = None


@dataclass(frozen=True, slots=True)
class _Lost:
    """Where something cannot be read, and why."""

    place: _Place
    reason: str


def _records(window: _Window) -> Iterator[_Whole | _Lost]:
    while window.next_stretch():
        is_told = False
        while not window.is_at_end():
            place = _Place(window.first, window.position)
            try:
                found = _record(window, place)
            except _Broken as error:
                found = _Lost(place, str(error))
                is_told = window.broken is not None
                window.goto(place.position + 1)
                window.find_record()
            if found:
                yield found
        if window.broken and not is_told:
            yield _Lost(_Place(window.first, window.position), window.broken)


def _record(window: _Window, place: _Place) -> _Whole | _Lost | None:
    """The next record, None where it holds no page; the window stands behind it.

    Raises _Broken, with the window anywhere behind the first byte of the record.
    """
    head, claimed, kind = _head(window)
    if claimed > _MAX_BLOCK:
        return _pass_over(window, place, head, claimed)
    size = len(head) + claimed
    ending = _ending(head)
    if not window.holds(size):
        raise _Broken(_named(window.broken or f"record cut short of its {claimed} bytes", head))
    window.holds(size + len(ending) + 1)  # on to where the checksum of its member is
    with memoryview(window.bytes) as view, view[len(head) : size] as block:
        wrong, is_vouched = _checked(head, block, kind)
    doubt = _named(f"{wrong} digest that does not fit", head) if wrong else None
    # Observed: revisits with a block digest that was never theirs; their body is elsewhere.
    if doubt and kind != "revisit":
        raise _Broken(doubt)
    if not is_vouched and window.is_unsure(size):
        raise _Broken(_named(window.broken or "", head))
    if window.bytes[size : size + len(ending)] != ending:
        doubt = _named("record that does not end where it says", head)
        if not is_vouched:
            raise _Broken(doubt)
    is_wanted = kind in _SAVED or (kind in _BESIDE and claimed <= _MAX_HEAD)
    data = bytes(window.bytes[:size]) if is_wanted else b""
    window.skip(size)
    if data:
        return _Whole(place, kind, data, doubt)
    return _Lost(place, doubt) if doubt else None


def _head(window: _Window) -> tuple[bytes, int, str]:
    """The headers of the next record, the length they claim, the type of the record."""
    window.holds(_MAX_HEAD)
    begin = _BEGIN.match(window.bytes)
    if begin is None:
        raise _Broken(window.broken or "bytes that begin no record")
    if not begin.group().startswith(b"WARC/"):
        return _arc_head(begin.group())
    end = _HEAD_END.search(window.bytes, 0, _MAX_HEAD)
    if end is None:
        raise _Broken(window.broken or "record without an end of its headers")
    head = bytes(window.bytes[: end.end()])
    claimed, kind = _LENGTH.search(head), _TYPE.search(head)
    if claimed is None or kind is None:
        raise _Broken(_named("record that tells no length or no type", head))
    return head, int(claimed.group(1)), kind.group(1).decode().lower()


def _arc_head(line: bytes) -> tuple[bytes, int, str]:
    claimed = _ARC_LENGTH.search(line, line.rstrip().rfind(b" "))
    if claimed is None:
        raise _Broken(_named("record that tells no length", line))
    return line, int(claimed.group(1)), "about" if line.startswith(b"filedesc:") else "response"


def _ending(head: bytes) -> bytes:
    return b"\r\n\r\n" if head.startswith(b"WARC/") else b"\n"


def _pass_over(window: _Window, place: _Place, head: bytes, claimed: int) -> _Lost | None:
    """Move behind a record that is too large to be kept, and say so where it is a page."""
    if window.lost_ways < _LOST_WAYS or window.is_plain:
        window.holds(len(head) + _MAX_HEAD)
        is_page = _may_hold_page(bytes(window.bytes[: len(head) + _MAX_HEAD]))
        window.goto(place.position + len(head) + claimed)
        ending = _ending(head)
        if window.holds(len(ending)) and window.bytes.startswith(ending):
            told = _named(f"record of more than {MAX_BODY >> 20} MB", head)
            return _Lost(place, told) if is_page else None
        window.lost_ways += 1
    raise _Broken(_named(f"record cut short of its {claimed} bytes", head))


def _may_hold_page(beginning: bytes) -> bool:
    """Whether the last content type that a record names at its beginning is that of a page."""
    kind = _TYPE.search(beginning)
    if kind and kind.group(1).decode().lower() not in _SAVED:
        return False
    named = _CONTENT_TYPE.findall(beginning)
    return not named or _is_text(named[-1].decode("latin-1"))


def _is_text(content_type: str) -> bool:
    return _is_http(content_type) or content_type.strip().lower().startswith(_TEXT_TYPES)


def _is_http(content_type: str) -> bool:
    return content_type.strip().lower().startswith("application/http")


def _named(reason: str, head: bytes) -> str:
    found = _ADDRESS.search(head)
    if found is None:
        return reason
    address = found.group(found.lastindex or 0)[:200].decode("utf-8", "replace")
    return f"{reason} ({address.strip('<> ')})"


# -- digests -------------------------------------------------------------------------------


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
    if not content_type or not _is_http(content_type.group(1).decode("latin-1")) or not end:
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


# -- captures from records -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Source:
    """A file that holds records, or one inside a WACZ."""

    path: Path
    entry: str | None = None
    number: int = 0  # of the entry: a zip file may have two of one name

    @contextmanager
    def opened(self) -> Iterator[_Window]:
        with ExitStack() as files:
            stream: IO[bytes] = files.enter_context(self.path.open("rb"))
            if self.entry:
                inside = files.enter_context(ZipFile(stream))
                stream = files.enter_context(inside.open(inside.infolist()[self.number]))
                # Records have checksums of their own. For that of the whole, zipfile would
                # withhold the last megabyte of a file with one flipped byte; going back to the
                # beginning takes it up again.
                stream._expected_crc = stream._orig_crc = None  # type: ignore[attr-defined]
            beginning = stream.read(_LONGEST_BEGIN)
            is_gzipped = beginning.startswith(_GZIP) or (
                self._name.endswith((".gz", ".wacz")) and not _BEGIN.match(beginning)
            )
            stream.seek(0)
            yield _gzipped(stream) if is_gzipped else _plain(stream)

    @property
    def _name(self) -> str:
        return (self.entry or self.path.name).lower()


class RecordReader:
    """Reads captures of pages from files, in their order; what is broken comes as Damage.

    Records of other kinds (requests, images, style sheets) are passed over. A revisit record is
    a capture with the message of the record it refers to, in whatever file that was; one that
    came before it is told by `late`.
    """

    def __init__(self, locate: Callable[[str], Place]) -> None:
        """`locate` tells office and page of an address, and raises ValueError for none."""
        self._locate = locate
        self._originals: dict[str, tuple[_Source, _Place]] = {}
        self._waiting: list[tuple[_Source, _Place]] = []
        self._beside: dict[str, _Beside] = {}

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
            for found in _records(window):
                told = found.reason if isinstance(found, _Lost) else found.doubt
                if told:
                    yield Damage(source.path, told, _offset(found.place), source.entry)
                if isinstance(found, _Whole) and found.kind in _BESIDE:
                    self._put_beside(found)
                elif isinstance(found, _Whole):
                    yield from self._captured(source, found)

    def _captured(
        self, source: _Source, whole: _Whole, is_last: bool = False
    ) -> Iterator[Fetched | Damage]:
        try:
            fetched = self._fetched(source, whole)
        except _NoOriginal as error:
            if is_last:
                yield Damage(source.path, str(error), _offset(whole.place), source.entry)
            else:
                self._waiting.append((source, whole.place))
        except (_Broken, *_PARSER_ERRORS) as error:
            yield Damage(source.path, _reason(error), _offset(whole.place), source.entry)
        else:
            if fetched:
                yield fetched

    def _fetched(self, source: _Source, whole: _Whole) -> Fetched | None:
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
        told = self._beside.pop(header("WARC-Record-ID") or "", _Beside())
        capture = _capture(source.path, record, message, digest, self._locate)
        return Fetched(told.completed(capture), message, told.request)

    def _put_beside(self, whole: _Whole) -> None:
        """Remember what a request or metadata record tells of the record that follows it."""
        with suppress(*_PARSER_ERRORS):
            record = _parsed(whole)
            own = record.rec_headers.get_header("WARC-Concurrent-To") or ""
            told = self._beside.pop(own, _Beside())
            self._beside[own] = told.joined(record)
        while len(self._beside) > _MAX_BESIDE:
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
class _Beside:
    """What the records before a capture tell of it."""

    request: HttpRequest | None = None
    fields: Mapping[str, str] = field(default_factory=dict)

    def joined(self, record: ArcWarcRecord) -> "_Beside":
        """With what one more record tells."""
        if record.content_type == FIELDS:
            return replace(self, fields=fields_of(record.raw_stream.read()))
        return replace(self, request=_request(record))

    def completed(self, capture: Capture) -> Capture:
        """The capture as our own store keeps it, where a store of ours told of it."""
        return replace(as_told(capture, self.fields), place=capture.place)


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
        beginning = stream.read(_LONGEST_BEGIN)
    return bool(beginning.startswith((_GZIP, _ZIP)) or _BEGIN.match(beginning))


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


def _offset(place: _Place) -> int:
    """The byte of the file: in a gzipped one where the member begins, in the first one (which
    may hold all there is) the byte of what it unpacks to.
    """
    return place.first or place.position


def _whole_at(source: _Source, place: _Place) -> _Whole:
    with source.opened() as window:
        window.open_at(place)
        found = _record(window, place)
    if not isinstance(found, _Whole):
        raise _Broken("the record that was there is gone")
    return found


def _parsed(whole: _Whole) -> ArcWarcRecord:
    return _LOADER.parse_record_stream(BytesIO(whole.data), known_format=_format(whole.data))


def _format(data: bytes) -> str:
    return "warc" if data.startswith(b"WARC/") else "arc"


def _message(record: ArcWarcRecord, kind: str) -> HttpMessage | None:
    """The archived response; None where the record is none, such as the look-up of a name.

    Raises _Broken where it is not whole. A resource record is a page without HTTP headers.
    """
    content_type = record.content_type or "application/http"
    if kind == "resource":
        address = record.rec_headers.get_header("WARC-Target-URI") or ""
        if not (content_type.lower().startswith(_TEXT_TYPES) and address.startswith("http")):
            return None  # such as the log of the crawl
        return HttpMessage(200, "OK", (("Content-Type", content_type),), record.raw_stream.read())
    if record.format == "warc" and not _is_http(content_type):
        return None
    message = http_message(record)
    if message is None or record.rec_headers.get_header("WARC-Truncated"):
        raise _Broken("record cut short or without HTTP headers")
    return message


def _is_page(message: HttpMessage) -> bool:
    kind = (message.header("Content-Type") or "").lower()
    return not kind or kind.startswith(_TEXT_TYPES) or message.status >= 300


def _capture(
    path: Path,
    record: ArcWarcRecord,
    message: HttpMessage,
    digest: str,
    locate: Callable[[str], Place],
) -> Capture:
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    date = (record.rec_headers.get_header("WARC-Date") or "")[:19]
    if not url:
        raise _Broken("record without an address")
    try:
        place = locate(url)
        moment, precision = parse_timestamp(date)
    except ValueError as error:
        raise _Broken(f"record of {url}: {error}") from error
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
