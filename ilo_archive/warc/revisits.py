"""Find the records that revisit records refer to (ISO 28500:2017, 6.7 and annex A).

Writers name the original in several ways: by its payload digest, by its record id, or by its
address and time. A revisit because the server said "not modified" (HTTP 304) often names none: then
it is the last good capture of the address before.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from warcio.recordloader import ArcWarcRecord

from ilo_archive.http import BodyRefused, HttpMessage, body_layers
from ilo_archive.times import BadTimestamp
from ilo_archive.warc.digests import EMPTY_DIGEST, canonical_digest, fits
from ilo_archive.warc.records import moment_of, parse_warc_date
from ilo_archive.warc.window import RecordStart
from ilo_archive.warc.zip_entries import Source

_NOT_MODIFIED = "server-not-modified"  # end of a WARC-Profile


@dataclass(frozen=True, slots=True)
class Located:
    """The place of a record."""

    source: Source
    start: RecordStart


@dataclass(frozen=True, slots=True)
class Reference:
    """What a revisit record says about its original.

    `digest` is canonical, empty if none is stated. `url` and `at` are those of the original if they
    are stated; `own_url` and `own_time` are those of the revisit.
    """

    digest: str
    record_id: str
    url: str
    at: datetime | None
    own_url: str
    own_time: datetime
    is_not_modified: bool

    @property
    def is_of_nothing(self) -> bool:
        """True for the revisit of an empty body. A "not modified" is none: its own body is empty
        and some writers take the digest of that.
        """
        return self.digest == EMPTY_DIGEST and not self.is_not_modified


def reference_of(record: ArcWarcRecord, status: int | None) -> Reference:
    """The reference of a revisit record with this HTTP status. Raises BadTimestamp."""
    header = record.rec_headers.get_header
    is_not_modified = status == 304 or (header("WARC-Profile") or "").rstrip("/").endswith(
        _NOT_MODIFIED
    )
    return Reference(
        digest=canonical_digest(header("WARC-Payload-Digest") or ""),
        record_id=_bare(header("WARC-Refers-To")),
        url=_bare(header("WARC-Refers-To-Target-URI")),
        at=_moment_or_none(header("WARC-Refers-To-Date")),
        own_url=_bare(header("WARC-Target-URI")),
        own_time=moment_of(record)[0],
        is_not_modified=is_not_modified,
    )


@dataclass(slots=True)
class Originals:
    """The places of the records that revisits may refer to."""

    _by_digest: dict[str, Located] = field(default_factory=dict)
    _by_id: dict[str, Located] = field(default_factory=dict)
    _by_url: dict[str, list[tuple[datetime, int, Located]]] = field(default_factory=dict)

    def add(self, record: ArcWarcRecord, digests: Iterable[str], status: int, at: Located) -> None:
        """Remember a record under its digests, its id, and its address and time.

        A revisit counts as another name of its original. Raises BadTimestamp.
        """
        header = record.rec_headers.get_header
        for digest in digests:
            self._by_digest.setdefault(digest, at)
        if record_id := _bare(header("WARC-Record-ID")):
            self._by_id.setdefault(record_id, at)
        moment = moment_of(record)[0]
        url = _url_key(_bare(header("WARC-Target-URI")))
        self._by_url.setdefault(url, []).append((moment, status, at))

    def find(self, reference: Reference, is_last: bool) -> Located | None:
        """The original of a revisit; None if it is not known.

        Only with `is_last`, after all files, is an original taken that is not named.
        """
        if not (reference.is_not_modified and reference.digest == EMPTY_DIGEST):
            found = self._by_digest.get(reference.digest)
            if found:
                return found
        found = self._by_id.get(reference.record_id) or self._at(reference)
        if found or not (is_last and reference.is_not_modified):
            return found
        return self._last_before(reference)

    def fits(self, reference: Reference, found: Located, message: HttpMessage) -> bool:
        """False if a revisit states the digest of other bytes than those of the record found."""
        is_known = self._by_digest.get(reference.digest) == found
        if is_known or reference.is_not_modified or not reference.digest:
            return True
        bodies = [message.body]
        with suppress(BodyRefused):
            bodies += body_layers(message)
        return any(fits(body, reference.digest) for body in bodies)

    def _at(self, reference: Reference) -> Located | None:
        """The record of the address and the time that a revisit states."""
        known = self._by_url.get(_url_key(reference.url or reference.own_url), ())
        return next((at for moment, _, at in known if moment == reference.at), None)

    def _last_before(self, reference: Reference) -> Located | None:
        """The last good record of the address before a revisit."""
        known = self._by_url.get(_url_key(reference.url or reference.own_url), ())
        before = [each for each in known if each[1] == 200 and each[0] <= reference.own_time]
        return max(before, key=lambda each: each[0])[2] if before else None


def revisited_message(revisit: HttpMessage | None, original: HttpMessage) -> HttpMessage:
    """The message of a revisit with the body of its original.

    A revisit without HTTP headers, and one of status 304, is the original once more: a 304 has none
    of the headers that describe the body.
    """
    if revisit is None or revisit.status == 304:
        return original
    return replace(revisit, headers=revisit.headers or original.headers, body=original.body)


def _bare(value: str | None) -> str:
    """A header's value without blanks and angle brackets."""
    return (value or "").strip().strip("<>")


def _moment_or_none(text: str | None) -> datetime | None:
    try:
        return parse_warc_date(text or "")[0]
    except BadTimestamp:
        return None


def _url_key(url: str) -> str:
    """An address without its scheme, default port and fragment, the host in lower case."""
    host, slash, path = url.partition("://")[2].partition("#")[0].partition("/")
    return host.lower().removesuffix(":80").removesuffix(":443") + (slash or "/") + path
