"""Parse a record that is in memory.

warcio parses records of any form. Nearly all have headers of one plain form, which need no reading
line by line: those are split at once, with the same result.
"""

import re
from io import BytesIO

from warcio.exceptions import ArchiveLoadFailed
from warcio.limitreader import LimitReader
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException

from ilo_archive.warc.arc import as_warc
from ilo_archive.warc.records import RecordLoader, is_warc
from ilo_archive.warc.scanner import BrokenRecord

PARSER_ERRORS = (
    ArchiveLoadFailed,
    EOFError,
    StatusAndHeadersParserException,
    ValueError,
)
"""The errors of `parse_record`."""

HEAD_END = re.compile(rb"\n\r?\n")
"""The end of the headers of a record or a message. It begins with one byte, found quickly."""

BEGINS_HTTP = re.compile(rb"HTTP/", re.IGNORECASE)
"""The beginning of an HTTP response."""

_LOADER = RecordLoader(verify_http=False)
_MAX_HTTP_HEAD = 2**18  # bytes; browsers and servers accept no larger one
_VERSIONS = frozenset({"WARC/1.0", "WARC/1.1"})


def parse_record(data: bytes) -> ArcWarcRecord:
    """Parse a record of a WARC or ARC file. Raises BrokenRecord and PARSER_ERRORS."""
    data = data if is_warc(data) else as_warc(data)
    end = HEAD_END.search(data)
    if end and BEGINS_HTTP.match(data, end.end()):
        _check_http_head(data, end.end())
    try:
        return _plain_record(data) or _LOADER.parse_record_stream(
            BytesIO(data), known_format="warc"
        )
    except AttributeError as error:  # warcio calls `startswith` on an address that is missing
        raise BrokenRecord("record without an address") from error


def _check_http_head(data: bytes, start: int) -> None:
    """Raise BrokenRecord for HTTP headers that are too large to parse, or damaged."""
    end = HEAD_END.search(data, start, start + _MAX_HTTP_HEAD)
    if end is None and len(data) - start > _MAX_HTTP_HEAD:
        raise BrokenRecord(f"HTTP headers of more than {_MAX_HTTP_HEAD >> 10} KB")
    if b"\0" in data[start : end.start() if end else None]:
        raise BrokenRecord("damaged HTTP headers")


class _Headers(StatusAndHeaders):  # type: ignore[misc]
    """Headers that are found by name at once. They are not changed."""

    def __init__(self, first_line: str, headers: list[tuple[str, str]], size: int) -> None:
        """`size` is that of the block in bytes, with the blank line behind it."""
        self.protocol, _, status = first_line.partition(" ")
        self.statusline = status.strip()
        self.headers = headers
        self.total_len = size
        self.headers_buff = None
        self._first = {name.lower(): value for name, value in reversed(headers)}

    def get_header(self, name: str, default_value: str | None = None) -> str | None:
        """The value of the first header of a name, in any case."""
        return self._first.get(name.lower(), default_value)


def _plain_record(data: bytes) -> ArcWarcRecord | None:
    """A WARC record as warcio parses it; None if its headers do not have the plain form."""
    headers = _plain_headers(data, 0, len(data))
    if headers is None or headers.protocol not in _VERSIONS:
        return None
    kind, url = headers.get_header("WARC-Type"), headers.get_header("WARC-Target-URI")
    stated = headers.get_header("Content-Length") or ""
    is_plain = stated.isascii() and stated.isdecimal() and len(stated) < 12
    if url is None or url.startswith("<") or " " in url or not is_plain:
        return None
    length, start = int(stated), headers.total_len
    http_headers = None
    if length and kind in _LOADER.HTTP_RECORDS and url.startswith(_LOADER.HTTP_SCHEMES):
        http_headers = _plain_headers(data, start, start + length)
        if http_headers is None:
            return None
    head_size = http_headers.total_len if http_headers else 0
    stream = BytesIO(data)
    stream.seek(start + head_size)
    body = LimitReader(stream, length - head_size)
    content_type = headers.get_header("Content-Type")
    return ArcWarcRecord("warc", kind, headers, body, http_headers, content_type, length)


def _plain_headers(data: bytes, start: int, limit: int) -> _Headers | None:
    """The headers from `start` on that end before `limit`.

    None unless all are UTF-8, none is continued on a second line, and they end with two CRLF.
    """
    end = data.find(b"\r\n\r\n", start, limit)
    if end < 0:
        return None
    try:
        first, *lines = data[start:end].decode().split("\n")
    except UnicodeDecodeError:
        return None
    headers = []
    for each in lines:
        line = each.rstrip()
        if not line or line[0] in " \t":
            return None
        name, colon, value = line.partition(":")
        if colon:
            headers.append((name.rstrip(" \t"), value.lstrip()))
    first = first.rstrip()
    return _Headers(first, headers, end + 4 - start) if first else None
