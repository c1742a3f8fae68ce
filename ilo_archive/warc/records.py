"""Write and parse single WARC records, with warcio."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import MAX_BODY, HttpMessage, HttpRequest, unchunked
from ilo_archive.offices import PageSeries
from ilo_archive.times import BadTimestamp, Precision, iso, parse_timestamp
from ilo_archive.warc.deflate import gzip_member

WARC_FIELDS = "application/warc-fields"
"""The content type of a metadata record (ISO 28500:2017, 6.6)."""


class RecordLoader(ArcWarcRecordLoader):  # type: ignore[misc]
    """warcio's parser of single records, which also accepts a `file:` address: a saved page of an
    unknown office is stored as `file:///rivers`.
    """

    HTTP_SCHEMES = ("http:", "https:", "file:")


def http_message(record: ArcWarcRecord) -> HttpMessage | None:
    """The archived response without transfer coding; None if it is incomplete or larger than
    MAX_BODY.
    """
    headers = record.http_headers
    if headers is None or not headers.get_statuscode().isdigit():
        return None
    body: bytes = record.raw_stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY or record.raw_stream.limit:
        return None
    if "chunked" in (headers.get_header("Transfer-Encoding") or "").lower():
        whole = unchunked(body)
        if whole is None:
            return None
        body = whole
    _, _, reason = headers.statusline.partition(" ")
    return HttpMessage(int(headers.get_statuscode()), reason, tuple(headers.headers), body)


def message_at(path: Path, offset: int) -> tuple[HttpMessage, str]:
    """The message of a record (without body for a revisit) and the type of the record.

    Raises ValueError if the record is not whole, and the errors of warcio.
    """
    with path.open("rb") as stream:
        stream.seek(offset)
        records = ArchiveIterator(stream)
        records.loader = RecordLoader(verify_http=False)
        record = next(records)
        message = http_message(record)
    if message is None:
        raise ValueError(f"no whole record at byte {offset}")
    return message, str(record.rec_type)


def moment_of(record: ArcWarcRecord) -> tuple[datetime, Precision]:
    """The time of a record, and how exactly it is known. Raises BadTimestamp."""
    return parse_warc_date(record.rec_headers.get_header("WARC-Date") or "")


@lru_cache(maxsize=64)
def parse_warc_date(text: str) -> tuple[datetime, Precision]:
    """Parse a `WARC-Date`. Raises BadTimestamp.

    The standard wants UTC, with parts left out or fractions since WARC/1.1 (ISO 28500:2017, 5.4).
    Some writers state a time zone, or one that is none (`2014-06-12T10:00:00 UTC`).
    """
    try:
        return parse_timestamp(text)
    except BadTimestamp:
        if len(text) <= _SECONDS or text[_SECONDS] in "+-":
            raise
        return parse_timestamp(text[:_SECONDS])


_SECONDS = len("2014-06-12T10:00:00")


def capture_records(fetched: Fetched, original: Capture | None) -> list[bytes]:
    """The records of a capture, that of the message last: without it the others are of no use."""
    capture, message = fetched.capture, fetched.message
    own_id = record_id(capture, message.digest)
    records = [_metadata(fetched, own_id), _response(capture, message, own_id, original)]
    return [_request(capture, fetched.request, own_id), *records] if fetched.request else records


def _response(
    capture: Capture, message: HttpMessage, own_id: str, original: Capture | None
) -> bytes:
    """The response record, or a revisit record of `original`."""
    headers = {"WARC-Record-ID": own_id, "WARC-Date": iso(capture.captured_at)}
    if capture.uri_m:
        headers["WARC-Source-URI"] = capture.uri_m
    http_headers = StatusAndHeaders(
        f"{message.status} {message.reason}".strip(), _unchunked(message), protocol="HTTP/1.1"
    )
    if original is None:
        return _build_record("response", capture.url, message.body, headers, http_headers)
    writer = WARCWriter(BytesIO(), warc_version="WARC/1.1")
    headers["WARC-Refers-To"] = record_id(original, message.digest)
    record = writer.create_revisit_record(
        capture.url, f"sha1:{message.digest}", original.url, iso(original.captured_at),
        http_headers=http_headers, warc_headers_dict=headers,
    )  # fmt: skip
    return _serialised(record)


def _request(capture: Capture, request: HttpRequest, own_id: str) -> bytes:
    """The request as sent: to the web archive, if one played the capture back."""
    split = urlsplit(request.url)
    path = urlunsplit(("", "", split.path or "/", split.query, ""))
    lines = [("Host", split.netloc), *(each for each in request.headers if each[0] != "Host")]
    line = f"{request.method} {path} HTTP/1.1"
    http_headers = StatusAndHeaders(line, _on_one_line(lines), is_http_request=True)
    return _build_record(
        "request", capture.url, b"", _concurrent_headers(capture, own_id, "request"), http_headers
    )


def _metadata(fetched: Fetched, own_id: str) -> bytes:
    """The metadata record: the fields of the capture, its fault, then its notes."""
    capture = fetched.capture
    fields = (*capture_fields(capture).items(), ("fault", fetched.fault or ""), *fetched.notes)
    lines = _on_one_line([(name, value) for name, value in fields if value])
    body = "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
    headers = _concurrent_headers(capture, own_id, "metadata")
    return _build_record("metadata", capture.url, body, headers, content_type=WARC_FIELDS)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a metadata record. The first of two with one name counts: notes come last."""
    lines = [line for line in body.decode("utf-8", "replace").splitlines() if ": " in line]
    return dict(line.split(": ", 1) for line in reversed(lines))


def capture_fields(capture: Capture) -> dict[str, str]:
    """Facts about the capture that its own record does not have, by name.

    With them the database can be rebuilt from the store.
    """
    fields = {
        "archive": capture.archive,
        "via": capture.uri_m,
        "listed-digest": capture.digest,
        "listed-status": capture.status and str(capture.status),
        "precision": capture.precision,
        "office": capture.place.office,
        "language": capture.place.language,
        "page": capture.place.page,
        "crawl": capture.crawl,
    }
    return {name: value for name, value in fields.items() if value}


def capture_from_fields(capture: Capture, fields: Mapping[str, str]) -> Capture:
    """Complete a capture by what `capture_fields` stored of it; unchanged if `fields` are others.

    Raises ValueError if the status is not a number.
    """
    precision = fields.get("precision")
    if "archive" not in fields or precision not in get_args(Precision):
        return capture
    place = capture.place
    if "office" in fields and "page" in fields:
        place = PageSeries(fields["office"], fields.get("language"), fields["page"])
    return replace(
        capture,
        place=place,
        archive=fields["archive"],
        uri_m=fields.get("via"),
        status=int(fields["listed-status"]) if "listed-status" in fields else None,
        digest=fields.get("listed-digest", ""),
        precision=cast(Precision, precision),
        crawl=fields.get("crawl"),
    )


def _concurrent_headers(capture: Capture, own_id: str, kind: str) -> dict[str, str]:
    """The headers of a record that belongs to the record `own_id`."""
    return {
        "WARC-Record-ID": f"<urn:uuid:{uuid5(NAMESPACE_URL, own_id + kind)}>",
        "WARC-Date": iso(capture.captured_at),
        "WARC-Concurrent-To": own_id,
    }


def warcinfo_record(name: str, software: str, opened_at: datetime) -> bytes:
    """The record that begins a file of the store."""
    writer = WARCWriter(BytesIO(), warc_version="WARC/1.1")
    fields = {
        "software": software,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
    }
    record = writer.create_warcinfo_record(name, fields)
    own_id = uuid5(NAMESPACE_URL, f"{name} {iso(opened_at)}")
    record.rec_headers.replace_header("WARC-Record-ID", f"<urn:uuid:{own_id}>")
    record.rec_headers.replace_header("WARC-Date", iso(opened_at))
    return _serialised(record)


def _build_record(
    kind: str,
    url: str,
    body: bytes,
    headers: dict[str, str],
    http_headers: StatusAndHeaders | None = None,
    content_type: str = "",
) -> bytes:
    """Build a record of any type but revisit and warcinfo, and serialise it."""
    writer = WARCWriter(BytesIO(), warc_version="WARC/1.1")
    record = writer.create_warc_record(
        url, kind, BytesIO(body), len(body), warc_content_type=content_type,
        warc_headers_dict=headers, http_headers=http_headers,
    )  # fmt: skip
    return _serialised(record)


def _serialised(record: ArcWarcRecord) -> bytes:
    """A record with its digests, as a gzip member."""
    buffer = BytesIO()
    WARCWriter(buffer, gzip=False, warc_version="WARC/1.1").write_record(record)
    return gzip_member(buffer.getvalue())


def _unchunked(message: HttpMessage) -> list[tuple[str, str]]:
    """The headers without the transfer coding that the body no longer has."""
    return _on_one_line(
        [each for each in message.headers if each[0].lower() != "transfer-encoding"]
    )


def _on_one_line(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Headers whose values have no line breaks."""
    return [(name, " ".join(value.split("\r\n")).replace("\n", " ")) for name, value in headers]


def record_id(capture: Capture, payload_digest: str) -> str:
    """The WARC-Record-ID of a capture with this body, the same in every run.

    It identifies records that a killed run stored. It includes the digest of the body because a web
    archive may list no digest, or a wrong one.
    """
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{capture.key} {payload_digest}')}>"


def is_warc(data: bytes) -> bool:
    """True if the bytes begin like a WARC record."""
    return data.startswith(b"WARC/")
