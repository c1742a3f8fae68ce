"""Captures: a web archive's act of fetching an address, and the response it stored.

Spiders yield `Fetched` (a capture and its message) or `NotFetched`; the first pipeline turns
`Fetched` into `Kept` (its message is in the store).
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ilo_archive.http import HttpMessage, HttpRequest
from ilo_archive.offices import PageSeries
from ilo_archive.times import TIMESTAMP_FORMAT, Precision


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture as its web archive lists it; attribute names follow the CDX server.

    `place` is the page that was captured. `url` is the URI-R as listed, with its port.
    `captured_at` is UTC; `precision` is how exactly it is known ("month" for a file named
    `moscow-2015-04.txt`). `archive` names the web archive or the file that the capture came from.
    `uri_m` is the address to look at it, None for a file that came without one. `status` is that
    of the listing. `digest` is the base32 SHA-1 of the stored payload; empty if unknown. `crawl` is
    the name of the crawl that took it, or of its file (`X-Archive-Src`); None if unknown.
    `redirected_from` is the key of the capture whose redirect led to it; None without one.
    """

    place: PageSeries
    url: str
    captured_at: datetime
    archive: str
    uri_m: str | None = None
    status: int | None = None
    digest: str = ""
    precision: Precision = "second"
    crawl: str | None = None
    redirected_from: str | None = None

    @property
    def timestamp(self) -> str:
        """`captured_at` as the 14 digits that web archives use."""
        return self.captured_at.strftime(TIMESTAMP_FORMAT)

    @property
    def key(self) -> str:
        """The id of the capture: its content decides, so the order of arrival does not matter."""
        content = hashlib.sha256(f"{self.url}\n{self.digest}".encode()).hexdigest()
        return f"{self.timestamp}-{content[:12]}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture and its message, not stored yet.

    `request` is None if it is unknown. `notes` are further facts about the capture, by name.
    `fault` is what is wrong with the record that it was read from ("payload digest does not fit"),
    None if nothing is.
    """

    capture: Capture
    message: HttpMessage
    request: HttpRequest | None = None
    notes: tuple[tuple[str, str], ...] = ()
    fault: str | None = None


class Failure(StrEnum):
    """The reason why a capture could not be fetched: column `failure` of the view `captures`."""

    BLOCKED = "blocked"
    """The web archive may not show it, on request or by law."""
    ROBOTS = "robots"
    """The web archive does not show it because of the site's robots.txt."""
    OTHER_CAPTURE = "other_capture"
    """The web archive answers with another capture, or redirects to one."""
    TOO_LARGE = "too_large"
    """Its body has more bytes than are accepted."""
    TURNED_AWAY = "turned_away"
    """The web archive, or a guard in front of it, turned the request away (HTTP 401, 403, 407)."""
    NEVER_ARCHIVED = "never_archived"
    """The web archive lists it but has nothing at its address."""
    NOT_PLAYABLE = "not_playable"
    """The web archive did not play it back: a page of its own in its place, or an empty body."""
    ARCHIVE_ERROR = "archive_error"
    """The web archive itself failed."""
    NO_ANSWER = "no_answer"
    """There was no connection, or it broke off."""

    @property
    def may_pass(self) -> bool:
        """True if a later request may succeed.

        Archives answer 404, 403 and outage pages under 200 during faults that pass; only what one
        states about the capture itself is certain.
        """
        return self not in _CERTAIN


_CERTAIN = (Failure.BLOCKED, Failure.ROBOTS, Failure.OTHER_CAPTURE, Failure.TOO_LARGE)


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A capture that could not be fetched; `reason` is one line that names the evidence."""

    capture: Capture
    failure: Failure
    reason: str

    @property
    def retry(self) -> bool:
        """True if a later request may succeed."""
        return self.failure.may_pass


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a record: file name inside the store, offset of its first byte, bytes.

    A revisit has no body of its own.
    """

    file: str
    offset: int
    length: int
    is_revisit: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture whose message is in the store, at `position`; `fault` as in `Fetched`."""

    capture: Capture
    message: HttpMessage
    position: Position
    fault: str | None = None
