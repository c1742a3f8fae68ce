"""Records of WARC files, written and parsed one at a time, by warcio."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import cast, get_args
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_URL, uuid5

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataReader
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import MAX_BODY, HttpMessage, HttpRequest
from ilo_archive.offices import PageSeries
from ilo_archive.times import Precision, iso

FIELDS = "application/warc-fields"
"""The content type of a metadata record."""

_LAST_CHUNK = re.compile(rb"\r\n0+(?:;[^\r\n]*)?\r\n(?:[^\r\n]+\r\n)*\r\n$")
"""The chunk of length zero and the trailers that end a chunked body (RFC 9112, 7.1)."""


class RecordLoader(ArcWarcRecordLoader):  # type: ignore[misc]
    """warcio's parser of single records, for pages without an address of the web, too: a saved
    one of an office that nobody knows is kept as `file:///rivers`.
    """

    HTTP_SCHEMES = ("http:", "https:", "file:")


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


def message_at(path: Path, offset: int) -> tuple[HttpMessage, str]:
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


def capture_records(fetched: Fetched, original: Capture | None) -> list[bytes]:
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
    told = (*capture_fields(capture).items(), *fetched.notes)
    lines = _one_line([(name, value) for name, value in told if value])
    body = "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
    headers = _concurrent(capture, own, "metadata")
    return _written("metadata", capture.url, body, headers, content_type=FIELDS)


def fields_of(body: bytes) -> dict[str, str]:
    """The fields of a metadata record; of two of one name the first, notes come last."""
    lines = [line for line in body.decode("utf-8", "replace").splitlines() if ": " in line]
    return dict(line.split(": ", 1) for line in reversed(lines))


def capture_fields(capture: Capture) -> dict[str, str]:
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


def capture_from_fields(capture: Capture, told: Mapping[str, str]) -> Capture:
    """The capture as `told_of` told of it; as it is where nothing was told.

    Raises ValueError for a status that is no number.
    """
    precision = told.get("precision")
    if "archive" not in told or precision not in get_args(Precision):
        return capture
    place = capture.place
    if "office" in told and "page" in told:
        place = PageSeries(told["office"], told.get("language"), told["page"])
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


def warcinfo_record(name: str, software: str, opened_at: datetime) -> bytes:
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


def is_warc(data: bytes) -> bool:
    """True for bytes that begin as a WARC record does."""
    return data.startswith(b"WARC/")
