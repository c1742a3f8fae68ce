"""Get the archived response out of a record, and the capture that it is."""

from collections.abc import Callable
from pathlib import Path

from warcio.recordloader import ArcWarcRecord

from ilo_archive.capture import Capture
from ilo_archive.http import HttpMessage, is_binary, may_be_page
from ilo_archive.offices import PageSeries
from ilo_archive.times import check_captured
from ilo_archive.warc.record_parser import BEGINS_HTTP, HEAD_END, parse_record
from ilo_archive.warc.records import RecordLoader, http_message, is_warc, moment_of
from ilo_archive.warc.scanner import BrokenRecord

_MAX_ADDRESS = 8000  # characters, as RFC 9110, 4.1 recommends to support
_NOT_OF_THE_WEB = (
    "about:", "blob:", "crawl-data:", "data:", "dns:", "filedesc:", "ftp:", "ftps:", "gopher:",
    "javascript:", "mailto:", "metadata:", "pageinfo:", "patch:", "screenshot:", "text:",
    "thumbnail:", "urn:", "warcinfo:", "whois:", "x-",
)  # fmt: skip
"""The beginnings of addresses of records that are no damage but no pages either."""

_NO_HEAD = "record cut short or without HTTP headers"
_IS_HTTP = "application/http"  # beginning of the content type of a record


def archived_response(data: bytes) -> tuple[ArcWarcRecord, HttpMessage | None]:
    """The record in some bytes, and the archived response; None if it has none (a DNS record, the
    log of the crawl).

    A resource record is a page without HTTP headers. Raises BrokenRecord if the response is not
    whole, and PARSER_ERRORS.
    """
    record = parse_record(data)
    header = record.rec_headers.get_header
    content_type = (record.content_type or _IS_HTTP).lower()
    if record.rec_type == "resource":
        return record, _resource(record, is_headless=not is_warc(data))
    address = (header("WARC-Target-URI") or "").strip("<>")
    if not address.startswith(RecordLoader.HTTP_SCHEMES):
        if not address.lower().startswith(_NOT_OF_THE_WEB):
            raise BrokenRecord(f"record of no web address: {address[:100]!r}")
        return record, None
    if not _has_http_head(data):
        return record, _headless(data, content_type)
    message = http_message(record)
    if message is None or header("WARC-Truncated"):
        raise BrokenRecord(_NO_HEAD)
    return record, message


def _has_http_head(data: bytes) -> bool:
    end = HEAD_END.search(data) if is_warc(data) else None
    return end is None or bool(BEGINS_HTTP.match(data, end.end()))


def _resource(record: ArcWarcRecord, *, is_headless: bool) -> HttpMessage | None:
    """The page in a resource record; None for another thing, such as the log of the crawl.

    Raises BrokenRecord if it is an answer without a head that is no text either.
    """
    if not (record.rec_headers.get_header("WARC-Target-URI") or "").startswith("http"):
        return None
    headers = (("Content-Type", record.content_type),) if record.content_type else ()
    message = HttpMessage(200, "OK", headers, record.raw_stream.read())
    if not may_be_page(message):
        return None
    if is_headless and (is_binary(message.body) or not message.body.strip()):
        raise BrokenRecord(_NO_HEAD)
    return message


def _headless(data: bytes, content_type: str) -> HttpMessage | None:
    """The answer of a server that sends no headers (HTTP/0.9; RFC 1945, 6): the page alone.

    Raises BrokenRecord for other bytes where HTTP headers should be.
    """
    body = data[HEAD_END.search(data).end() :]  # type: ignore[union-attr]
    headers = () if content_type.startswith(_IS_HTTP) else (("Content-Type", content_type),)
    message = HttpMessage(200, "OK", headers, body)
    if may_be_page(HttpMessage(200, "OK", (("Content-Type", "unknown/unknown"),), body)):
        return message
    if content_type.startswith(_IS_HTTP):
        raise BrokenRecord(_NO_HEAD)
    return None


def capture_of(
    path: Path,
    record: ArcWarcRecord,
    message: HttpMessage,
    digest: str,
    locate: Callable[[str], PageSeries],
) -> Capture:
    """The capture that a record describes.

    Raises BrokenRecord without an address, or without a date at which there was a web.
    """
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if not url:
        raise BrokenRecord("record without an address")
    if len(url) > _MAX_ADDRESS:
        raise BrokenRecord(f"record with an address of {len(url)} characters: {url[:100]}…")
    try:
        place = locate(url)
        moment, precision = moment_of(record)
        check_captured(moment)
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
        crawl=message.header("X-Archive-Src"),
    )
