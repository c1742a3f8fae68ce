"""Common Crawl: its crawls, their indexes, and the records that these lead to.

Each crawl (`collinfo.json`) has an index of its own; a row of one names a WARC or ARC file and
the bytes in it that are one gzip member, one record. Local copies of an index are read as well:
CDXJ files, plain or gzipped, and the columnar index (parquet). Nothing here asks the network.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from ilo_archive.errors import IloArchiveError
from ilo_archive.http import MAX_BODY, HttpMessage
from ilo_archive.sources.cdx import CdxRow, parse_cdx
from ilo_archive.sources.tolerant_json import json_or_none
from ilo_archive.times import parse_timestamp
from ilo_archive.warc.records import http_message

_MAX_MEMBER = MAX_BODY + 2**20  # bytes of a record with its headers
_GZIP = b"\x1f\x8b"
_COLUMNS = {
    "url": "url",
    "fetch_time": "timestamp",
    "fetch_status": "status",
    "content_mime_type": "mime",
    "content_digest": "digest",
    "warc_filename": "filename",
    "warc_record_offset": "offset",
    "warc_record_length": "length",
}
"""Columns of the columnar index and what CDXJ calls them."""


class BadIndex(IloArchiveError, ValueError):
    """An answer or a file that is no index of Common Crawl, or one that is damaged."""


class BadRecord(ValueError):
    """Bytes that are not the record that the index led to."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """One crawl of `collinfo.json`; `first` and `last` are the 14 digits of its captures."""

    id: str
    first: str
    last: str

    def meets(self, period: tuple[str, str]) -> bool:
        """Whether it has captures of a period, two partial timestamps, both inclusive."""
        first, last = period
        return self.last[: len(first)] >= first and self.first[: len(last)] <= last


@dataclass(frozen=True, slots=True)
class Location:
    """A row of an index: the capture, and where in which file its record lies."""

    row: CdxRow
    file: str
    offset: int
    length: int

    @property
    def byte_range(self) -> str:
        """The value of a `Range` header (RFC 9110, 14.1.2) that asks for the record alone."""
        return f"bytes={self.offset}-{self.offset + self.length - 1}"


# -- answers of the index server -----------------------------------------------------------


def parse_crawls(body: bytes) -> list[Crawl]:
    """The crawls of `collinfo.json`, the latest first as it lists them. Raises BadIndex."""
    told = json_or_none(body)
    if not isinstance(told, list):
        raise BadIndex("no list of crawls")
    try:
        return [
            Crawl(each["id"], _digits(each.get("from", "1996")), _digits(each.get("to", "2999")))
            for each in told
        ]
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise BadIndex("no list of crawls") from error


def _digits(text: str) -> str:
    return parse_timestamp(text)[0].strftime("%Y%m%d%H%M%S")


def parse_pages(body: bytes) -> int:
    """The number of pages that `showNumPages=true` is answered with. Raises BadIndex."""
    told = json_or_none(body)
    pages = told.get("pages") if isinstance(told, dict) else told
    if isinstance(pages, bool) or not isinstance(pages, int) or pages < 0:
        raise BadIndex("no number of pages")
    return pages


def is_empty(status: int, body: bytes) -> bool:
    """Whether an answer says that a crawl has no capture of the address.

    Observed: 404 with "No Captures found for: …", and 400 with "Page 1 invalid: …" behind the
    last page. Any other error is none of the address.
    """
    told = json_or_none(body) if status in (400, 404) else None
    message = str(told.get("message", "")) if isinstance(told, dict) else ""
    return message.startswith(("No Captures found", "Page "))


def parse_index(body: bytes) -> tuple[list[Location], list[str]]:
    """The rows of an index query (JSON lines or CDXJ), and the lines that are none.

    Raises BadIndex for another page, which does not say that the index has nothing.
    """
    found: list[Location] = []
    odd: list[str] = []
    is_index = False
    for line in filter(str.strip, body.decode("utf-8", "replace").splitlines()):
        fields = _fields(line)
        is_index = is_index or bool(fields)
        location = _location(fields)
        if location:
            found.append(location)
        else:
            odd.append(line)
    if odd and not is_index:
        raise BadIndex(f"no row in {odd[0].strip():.60}")
    return found, odd


def _fields(line: str) -> Mapping[str, Any]:
    """`{…}` or `org,ilo)/moscow 20150414103217 {…}`."""
    key, brace, rest = line.partition("{")
    told = json_or_none(brace + rest)
    if not isinstance(told, dict):
        return {}
    timestamp = key.split()[-1:]
    return {**told, "timestamp": timestamp[0]} if timestamp else told


def _location(fields: Mapping[str, Any]) -> Location | None:
    rows = parse_cdx(json.dumps(fields).encode()).rows
    file, offset, length = (str(fields.get(name, "")) for name in ("filename", "offset", "length"))
    is_part = offset.isdecimal() and length.isdecimal() and int(length) > 0
    if not (rows and is_part and _is_relative(file)):
        return None
    return Location(rows[0], file, int(offset), int(length))


def _is_relative(file: str) -> bool:
    """Whether it names a file below the data server, and nothing else."""
    return bool(file) and not file.startswith("/") and not {":", "?", "#", "\\"} & {*file}


# -- local indexes -------------------------------------------------------------------------


def index_key(url: str) -> str:
    """The key that indexes are sorted by, as far as an exact question needs it:
    `http://www.ilo.org/Moscow` -> `org,ilo)/moscow`.
    """
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return ",".join(reversed(host.split("."))) + ")" + (parts.path or "/") + query


def read_index(path: Path, urls: Iterable[str]) -> Iterator[Location]:
    """The captures of these addresses in a local index: CDXJ, also gzipped, or parquet (a file,
    or a folder of such files), streamed. Rows that are odd are passed over.

    Raises OSError, and BadIndex for a file that is neither or is damaged, and where parquet is
    wanted and `pyarrow` is not installed.
    """
    keys = {index_key(url) for url in urls}
    if path.is_dir() or path.suffix == ".parquet":
        rows = _parquet_rows(path, keys)
    else:
        rows = _cdxj_rows(path, keys)
    for fields in rows:
        location = _location(fields)
        if location and index_key(location.row.original) in keys:
            yield location


def _cdxj_rows(path: Path, keys: set[str]) -> Iterator[Mapping[str, Any]]:
    wanted = (b"{", *(f"{key} ".encode() for key in keys))
    with path.open("rb") as plain:
        packed = plain.read(2) == _GZIP
    with gzip.open(path) if packed else path.open("rb") as lines:
        try:
            for number, line in enumerate(lines):
                if number == 0 and b"{" not in line:
                    raise BadIndex(f"{path.name}: neither CDXJ nor parquet")
                if line.startswith(wanted):
                    yield _fields(line.decode("utf-8", "replace"))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BadIndex(f"{path.name}: damaged: {error}") from error


def _parquet_rows(path: Path, keys: set[str]) -> Iterator[Mapping[str, Any]]:
    try:
        dataset = import_module("pyarrow.dataset")
    except ModuleNotFoundError as error:
        raise BadIndex(f"{path.name}: install pyarrow to read it: ilo-archive[parquet]") from error
    try:
        table = dataset.dataset(path, format="parquet")
        missing = _COLUMNS.keys() - set(table.schema.names)
        if missing:
            raise BadIndex(f"{path.name}: no column {min(missing)}")
        # Sorted by it: of files of Common Crawl itself only the row groups that fit are read.
        has_key = "url_surtkey" in table.schema.names
        chosen = dataset.field("url_surtkey").isin(sorted(keys)) if has_key else None
        for batch in table.scanner(columns=list(_COLUMNS), filter=chosen).to_batches():
            for row in batch.to_pylist():
                yield _of_columns(row)
    except (ValueError, OSError) as error:  # what pyarrow raises for other files
        raise error if isinstance(error, BadIndex) else BadIndex(f"{path.name}: {error}") from error


def _of_columns(row: Mapping[str, Any]) -> Mapping[str, Any]:
    told = {ours: row[name] for name, ours in _COLUMNS.items()}
    moment = told["timestamp"]
    if moment is not None:
        told["timestamp"] = moment.strftime("%Y%m%d%H%M%S")
    return {name: value for name, value in told.items() if value is not None}


# -- records -------------------------------------------------------------------------------


def record_message(body: bytes, url: str) -> HttpMessage:
    """The archived message of `url` in the bytes that a Range request brought: one gzip member.

    Raises BadRecord where they are not that record whole.
    """
    member = BytesIO(_member(body))
    try:
        record = next(ArchiveIterator(member, arc2warc=True))
        message = http_message(record)
    except (ArchiveLoadFailed, StopIteration, EOFError, AttributeError, ValueError) as error:
        raise BadRecord("no record in these bytes") from error
    found = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if not found:
        raise BadRecord("no record in these bytes")
    if index_key(found) != index_key(url):
        raise BadRecord(f"the record of another address: {found}")
    if record.rec_type != "response":
        raise BadRecord(f"a {record.rec_type} record, which has no body")
    if message is None or record.rec_headers.get_header("WARC-Truncated"):
        raise BadRecord("record cut short")
    return message


def _member(body: bytes) -> bytes:
    """The first gzip member of the bytes. A range may reach into the next."""
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        member = engine.decompress(body, _MAX_MEMBER)
    except zlib.error as error:
        raise BadRecord(f"no gzip member: {error}") from error
    if not engine.eof:
        told = "more than 64 MB" if len(member) == _MAX_MEMBER else "gzip member cut short"
        raise BadRecord(told)
    return member
