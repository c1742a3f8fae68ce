"""Parse what Common Crawl publishes: its list of crawls, their indexes, and WARC records.

Each crawl (`collinfo.json`) has its own index. A row names a WARC or ARC file and the bytes in it
that are one gzip member with one record. Local copies of an index can be read as well: CDXJ files,
plain or gzipped, and the columnar index (parquet).
"""

import csv
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
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
from ilo_archive.times import BadTimestamp, parse_timestamp
from ilo_archive.warc.records import http_message

_MAX_MEMBER = MAX_BODY + 2**20  # bytes; a body and its headers
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
"""Columns of the columnar index, with their names in CDXJ."""
_NEEDED = {"url", "fetch_time", "warc_filename", "warc_record_offset", "warc_record_length"}
"""The columns without which a row says neither what was captured nor where its record is."""


class BadIndex(IloArchiveError, ValueError):
    """An answer or a file that is not an index of Common Crawl, or a damaged one."""


class BadRecord(ValueError):
    """Bytes that are not the record that the index refers to."""


@dataclass(frozen=True, slots=True)
class Crawl:
    """A crawl of `collinfo.json`.

    `first` and `last` are the timestamps (14 digits) of its captures.
    """

    id: str
    first: str
    last: str

    def overlaps(self, period: tuple[str, str]) -> bool:
        """True if it has captures of a period: two timestamps of 4 to 14 digits, both inclusive."""
        first, last = period
        return self.last[: len(first)] >= first and self.first[: len(last)] <= last


@dataclass(frozen=True, slots=True)
class Location:
    """A row of an index: the capture, and where its record is.

    `file` is the path of a WARC or ARC file on the data server; `offset` and `length` are in bytes.
    """

    row: CdxRow
    file: str
    offset: int
    length: int

    @property
    def byte_range(self) -> str:
        """The value of a `Range` header (RFC 9110, 14.1.2) that requests the record alone."""
        return f"bytes={self.offset}-{self.offset + self.length - 1}"


# -- answers of the index server -----------------------------------------------------------


def parse_crawls(body: bytes) -> list[Crawl]:
    """The crawls of `collinfo.json`, latest first as in the file. Raises BadIndex."""
    parsed = json_or_none(body)
    if not isinstance(parsed, list):
        raise BadIndex("not a list of crawls")
    try:
        return [
            Crawl(each["id"], _digits(each.get("from", "1996")), _digits(each.get("to", "2999")))
            for each in parsed
        ]
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise BadIndex("not a list of crawls") from error


def _digits(text: str) -> str:
    """A timestamp of 14 digits. Raises ValueError."""
    return parse_timestamp(text)[0].strftime("%Y%m%d%H%M%S")


def parse_pages(body: bytes) -> int:
    """The number of pages in the answer to `showNumPages=true`. Raises BadIndex."""
    parsed = json_or_none(body)
    pages = parsed.get("pages") if isinstance(parsed, dict) else parsed
    if isinstance(pages, bool) or not isinstance(pages, int) or pages < 0:
        raise BadIndex("not a number of pages")
    return pages


def is_empty(status: int, body: bytes) -> bool:
    """True if an error answer means that a crawl has no capture of the address.

    The index server answers 404 with "No Captures found for: …", and 400 with "Page 1 invalid: …"
    after the last page. Any other error says nothing about captures.
    """
    parsed = json_or_none(body) if status in (400, 404) else None
    message = str(parsed.get("message", "")) if isinstance(parsed, dict) else ""
    return message.startswith(("No Captures found", "Page "))


def parse_index(body: bytes) -> tuple[list[Location], list[str]]:
    """The rows of an index query (JSON lines or CDXJ), and the lines that could not be parsed.

    Raises BadIndex if no line is a row, e.g. for an HTML page.
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
        raise BadIndex(f"not an index: {odd[0].strip():.60}")
    return found, odd


def _fields(line: str) -> Mapping[str, Any]:
    """The fields of a line `{…}` or `org,ilo)/moscow 20150414103217 {…}`; empty if it
    is another.
    """
    key, brace, rest = line.partition("{")
    parsed = json_or_none(brace + rest)
    if not isinstance(parsed, dict):
        return {}
    timestamp = key.split()[-1:]
    return {**parsed, "timestamp": timestamp[0]} if timestamp else parsed


def _location(fields: Mapping[str, Any]) -> Location | None:
    """The capture and the place of its record; None if fields are missing or invalid."""
    rows = parse_cdx(json.dumps(fields).encode()).rows
    file, offset, length = (str(fields.get(name, "")) for name in ("filename", "offset", "length"))
    is_part = offset.isdecimal() and length.isdecimal() and int(length) > 0
    if not (rows and is_part and _is_relative(file)):
        return None
    return Location(rows[0], file, int(offset), int(length))


def _is_relative(file: str) -> bool:
    """True if the path stays below the data server."""
    return bool(file) and not file.startswith("/") and not {":", "?", "#", "\\"} & {*file}


# -- local indexes -------------------------------------------------------------------------


def index_key(url: str) -> str:
    """The key that indexes are sorted by, in the form that an exact look-up needs:
    `http://www.ilo.org/Moscow` -> `org,ilo)/moscow`.
    """
    parts = urlsplit(url.lower())
    host = (parts.hostname or "").removeprefix("www.")
    query = f"?{parts.query}" if parts.query else ""
    return ",".join(reversed(host.split("."))) + ")" + (parts.path or "/") + query


def read_index(path: Path, urls: Iterable[str]) -> Iterator[Location]:
    """Yield the captures of addresses in a local index: CDXJ (also gzipped), parquet (a file or
    folder), or CSV with the columns of the columnar index.

    Rows that cannot be parsed are skipped. Raises OSError, and BadIndex for a file that is none of
    these or is damaged, or if `pyarrow` is not installed and parquet needs it.
    """
    keys = {index_key(url) for url in urls}
    if path.is_dir() or path.suffix == ".parquet":
        rows = _parquet_rows(path, keys)
    elif path.suffix.lower() == ".csv":
        rows = _csv_rows(path)
    else:
        rows = _cdxj_rows(path, keys)
    for fields in rows:
        location = _location(fields)
        if location and index_key(location.row.original) in keys:
            yield location


def _cdxj_rows(path: Path, keys: set[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the fields of the lines with one of the keys. Raises BadIndex, OSError."""
    wanted = (b"{", *(f"{key} ".encode() for key in keys))
    with path.open("rb") as plain:
        is_gzipped = plain.read(2) == _GZIP
    with gzip.open(path) if is_gzipped else path.open("rb") as lines:
        try:
            for number, line in enumerate(lines):
                if number == 0 and b"{" not in line:
                    raise BadIndex(f"{path.name}: neither CDXJ, CSV nor parquet")
                if line.startswith(wanted):
                    yield _fields(line.decode("utf-8", "replace"))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BadIndex(f"{path.name}: damaged: {error}") from error


def _csv_rows(path: Path) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a CSV file, as CDXJ fields. Raises BadIndex, OSError."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        try:
            rows = csv.DictReader(stream)
            if missing := _NEEDED - set(rows.fieldnames or ()):
                names = ", ".join(sorted(missing))
                raise BadIndex(
                    f"{path.name}: no column {names}: make it with the query that --plan prints"
                )
            for row in rows:
                fields = {ours: row[name] for name, ours in _COLUMNS.items() if row.get(name)}
                with suppress(BadTimestamp, KeyError):
                    yield {**fields, "timestamp": _digits(fields["timestamp"])}
        except (csv.Error, UnicodeDecodeError) as error:
            raise BadIndex(f"{path.name}: damaged: {error}") from error


def index_query(urls: Iterable[str], period: tuple[str, str]) -> str:
    """A query of the columnar index, for Athena or DuckDB, whose answer `read_index` reads.

    `period` are two timestamps of 4 to 14 digits, both inclusive; empty for no bound.
    """
    quoted = (key.replace("'", "''") for key in sorted(map(index_key, urls)))
    keys = ", ".join(f"'{each}'" for each in quoted)
    first, last = int(period[0][:4] or 1996), int(period[1][:4] or 2999)
    return (
        f"SELECT {', '.join(_COLUMNS)}\nFROM ccindex\nWHERE subset = 'warc'\n"
        f"  AND url_surtkey IN ({keys})\n  AND year(fetch_time) BETWEEN {first} AND {last}"
    )


def _parquet_rows(path: Path, keys: set[str]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows that may have one of the keys, as CDXJ fields. Raises BadIndex."""
    try:
        dataset = import_module("pyarrow.dataset")
    except ModuleNotFoundError as error:
        raise BadIndex(f"{path.name}: to read it, install ilo-archive[parquet]") from error
    try:
        table = dataset.dataset(path, format="parquet")
        missing = _COLUMNS.keys() - set(table.schema.names)
        if missing:
            raise BadIndex(f"{path.name}: no column {min(missing)}")
        # Common Crawl's files are sorted by this key, so only matching row groups are read.
        has_key = "url_surtkey" in table.schema.names
        chosen = dataset.field("url_surtkey").isin(sorted(keys)) if has_key else None
        for batch in table.scanner(columns=list(_COLUMNS), filter=chosen).to_batches():
            for row in batch.to_pylist():
                yield _from_columns(row)
    except (ValueError, OSError) as error:  # what pyarrow raises for other files
        raise error if isinstance(error, BadIndex) else BadIndex(f"{path.name}: {error}") from error


def _from_columns(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """A row of the columnar index as CDXJ fields."""
    fields = {ours: row[name] for name, ours in _COLUMNS.items()}
    moment = fields["timestamp"]
    if moment is not None:
        fields["timestamp"] = moment.strftime("%Y%m%d%H%M%S")
    return {name: value for name, value in fields.items() if value is not None}


# -- records -------------------------------------------------------------------------------


def record_message(body: bytes, url: str) -> HttpMessage:
    """The archived message of `url` in the bytes of a range request: one gzip member.

    Raises BadRecord if they are not that record, or not whole.
    """
    member = BytesIO(_member(body))
    try:
        record = next(ArchiveIterator(member, arc2warc=True))
        message = http_message(record)
    except (ArchiveLoadFailed, StopIteration, EOFError, AttributeError, ValueError) as error:
        raise BadRecord("not a record") from error
    found = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if not found:
        raise BadRecord("not a record")
    if index_key(found) != index_key(url):
        raise BadRecord(f"record of another address: {found}")
    if record.rec_type != "response":
        raise BadRecord(f"a {record.rec_type} record, which has no body")
    if message is None or record.rec_headers.get_header("WARC-Truncated"):
        raise BadRecord("record cut short")
    return message


def _member(body: bytes) -> bytes:
    """The content of the first gzip member.

    A range may reach into the next one. Raises BadRecord.
    """
    engine = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        member = engine.decompress(body, _MAX_MEMBER)
    except zlib.error as error:
        raise BadRecord(f"not a gzip member: {error}") from error
    if not engine.eof:
        reason = "more than 64 MB" if len(member) == _MAX_MEMBER else "gzip member cut short"
        raise BadRecord(reason)
    return member
