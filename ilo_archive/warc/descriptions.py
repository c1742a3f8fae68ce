"""What records say about others: requests and metadata about a capture, warcinfo about a file."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin

from warcio.recordloader import ArcWarcRecord

from ilo_archive.capture import Capture
from ilo_archive.http import HttpRequest
from ilo_archive.warc.record_parser import PARSER_ERRORS, parse_record
from ilo_archive.warc.records import WARC_FIELDS, capture_from_fields, fields_of
from ilo_archive.warc.scanner import WholeRecord

_MAX_REMEMBERED = 16  # records; a file of nothing else must not fill the memory


@dataclass(frozen=True, slots=True)
class Described:
    """The content of the request and metadata records about a capture.

    `crawl` is the one that the file states for all its captures (`isPartOf`), None if none.
    """

    request: HttpRequest | None = None
    fields: Mapping[str, str] = field(default_factory=dict)
    crawl: str | None = None

    @property
    def fault(self) -> str | None:
        """The fault that our own store noted when it took the capture from another file."""
        return self.fields.get("fault") if "archive" in self.fields else None

    def joined(self, record: ArcWarcRecord) -> "Described":
        """Add one more record."""
        if record.rec_type == "request":
            return replace(self, request=_request(record))
        if record.content_type == WARC_FIELDS:
            return replace(self, fields=fields_of(record.raw_stream.read()))
        return self

    def completed(self, capture: Capture) -> Capture:
        """The capture with the fields that our own store keeps in metadata records, if there are
        any, and its crawl.
        """
        own = capture_from_fields(capture, self.fields)
        crawl = own.crawl or self.crawl
        if own is capture and crawl == own.crawl:
            return own
        return replace(own, place=capture.place, crawl=crawl)


class Descriptions:
    """The last descriptions of a file, each until its capture follows."""

    def __init__(self) -> None:
        """Begin a file."""
        self._by_id: dict[str, Described] = {}
        self.crawl: str | None = None

    def note(self, whole: WholeRecord) -> None:
        """Remember what a record says; one that cannot be parsed says nothing."""
        with suppress(*PARSER_ERRORS):
            record = parse_record(whole.data)
            if whole.kind == "warcinfo":
                self.crawl = _crawl(record)
                return
            own_id = record.rec_headers.get_header("WARC-Concurrent-To") or ""
            self._by_id[own_id] = self._by_id.pop(own_id, Described()).joined(record)
        while len(self._by_id) > _MAX_REMEMBERED:
            del self._by_id[next(iter(self._by_id))]

    def of(self, record: ArcWarcRecord) -> Described:
        """What was said about a record."""
        own_id = record.rec_headers.get_header("WARC-Record-ID") or ""
        described = self._by_id.pop(own_id, None)
        return replace(described, crawl=self.crawl) if described else Described(crawl=self.crawl)


def _crawl(warcinfo: ArcWarcRecord) -> str | None:
    """The crawl that a file is part of (ISO 28500:2017, 6.2): Heritrix and Browsertrix state it."""
    stated = warcinfo.rec_headers.get_header("isPartOf")  # of an ARC file
    fields = {} if stated else fields_of(warcinfo.raw_stream.read())
    return (stated or fields.get("isPartOf") or "").strip()[:200] or None


def _request(record: ArcWarcRecord) -> HttpRequest | None:
    """The request in a record; None without HTTP headers."""
    if record.http_headers is None:
        return None
    headers = record.http_headers
    path = headers.statusline.rpartition(" ")[0]
    host = headers.get_header("Host")
    url = urljoin(f"http://{host}/", path) if host else record.rec_headers["WARC-Target-URI"]
    return HttpRequest(headers.protocol, url, tuple(headers.headers))
