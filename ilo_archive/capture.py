"""Captures: an archive's act of fetching an address, and what it fetched.

These types pass through the pipelines: `Fetched` (a capture and its message), `Kept` (its message
lies in the store), or `NotFetched`.
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
    """One capture as its archive lists it; attribute names follow the CDX server.

    `url` is the URI-R as listed, port and all. `captured_at` is UTC; `precision` tells how
    much of it is known (a file named `moscow-2015-04.txt` knows the month only). `digest` is
    the base32 SHA-1 of the stored payload, or an empty string where the archive gives none.
    `uri_m` is where a reader can look at it, None for a file that came without an address.
    """

    place: PageSeries
    url: str
    captured_at: datetime
    archive: str
    uri_m: str | None = None
    status: int | None = None
    digest: str = ""
    precision: Precision = "second"

    @property
    def timestamp(self) -> str:
        """The 14 digits that archives use."""
        return self.captured_at.strftime(TIMESTAMP_FORMAT)

    @property
    def key(self) -> str:
        """An id made of the content alone, the same in whatever order captures arrive."""
        named = hashlib.sha256(f"{self.url}\n{self.digest}".encode()).hexdigest()
        return f"{self.timestamp}-{named[:12]}"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture and its message, not kept yet; `request` is None where nobody knows it.

    `notes` are what else is known of the capture, by name.
    """

    capture: Capture
    message: HttpMessage
    request: HttpRequest | None = None
    notes: tuple[tuple[str, str], ...] = ()


class Failure(StrEnum):
    """Why a capture could not be had; the words are those of the archive's view `captures`."""

    BLOCKED = "blocked"
    """The archive may not show it: somebody asked, or a law."""
    ROBOTS = "robots"
    """The archive does not show it because the site's robots.txt said so."""
    NEVER_ARCHIVED = "never_archived"
    """The archive lists it and has nothing at that address."""
    NOT_PLAYABLE = "not_playable"
    """The archive has it and cannot play it back."""
    OTHER_CAPTURE = "other_capture"
    """The archive answers with another capture, or redirects to one."""
    TOO_LARGE = "too_large"
    """Its body is beyond what is kept."""
    ARCHIVE_ERROR = "archive_error"
    """A fault of the archive's own."""
    NO_ANSWER = "no_answer"
    """No connection, or one that broke off."""

    @property
    def may_pass(self) -> bool:
        """Whether to ask again another day may help."""
        return self in (Failure.ARCHIVE_ERROR, Failure.NO_ANSWER)


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A capture that could not be had this time; `reason` is one line that names the evidence."""

    capture: Capture
    failure: Failure
    reason: str

    @property
    def retry(self) -> bool:
        """Whether asking again may help."""
        return self.failure.may_pass


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record lies: file name inside the store, first byte, bytes."""

    file: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture whose message lies in the store."""

    capture: Capture
    message: HttpMessage
    position: Position
