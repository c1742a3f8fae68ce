"""Captures: an archive's act of fetching an address, and what it fetched.

The rows that archives list them in (CDX, CDXJ) become `Capture`; the HTTP message
that playback or a file gives for one becomes `Fetched`.
"""

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from ilo_archive.offices import Place

Precision = Literal["second", "day", "month", "year"]

_TIMESTAMP_FORMAT = "%Y%m%d%H%M%S"
_ISO_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# Every part with all its digits: "2015-1-1" would read as November. Of the years before 1000
# strftime prints fewer than four digits; none has a capture.
_MOMENT = re.compile(
    r"([12]\d{3})(?:-?(\d\d)(?:-?(\d\d)"
    r"(?:[T ]?(\d\d):?(\d\d):?(\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


class BadTimestamp(ValueError):
    """A text that names no moment: not 4 to 14 digits, or a day that does not exist."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture as its archive lists it; attribute names follow the CDX server.

    `url` is the URI-R as listed, port and all. `captured_at` is UTC; `precision` tells how
    much of it is known (a file named `moscow-2015-04.txt` knows the month only). `digest` is
    the base32 SHA-1 of the stored payload, or an empty string where the archive gives none.
    `uri_m` is where a reader can look at it, None for a file that came without an address.
    """

    place: Place
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
        return self.captured_at.strftime(_TIMESTAMP_FORMAT)

    @property
    def key(self) -> str:
        """An id made of the content alone, the same in whatever order captures arrive."""
        named = hashlib.sha256(f"{self.url}\n{self.digest}".encode()).hexdigest()
        return f"{self.timestamp}-{named[:12]}"


@dataclass(frozen=True, slots=True)
class HttpMessage:
    """An archived response: the body as it was sent, content encoding untouched, unchunked."""

    status: int
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)

    def header(self, name: str) -> str | None:
        """The first header of that name, whatever its case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def digest(self) -> str:
        """Base32 SHA-1 of the body, the form of `WARC-Payload-Digest` and of CDX rows."""
        return base64.b32encode(hashlib.sha1(self.body, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What was asked for, and of whom: of the archive, where one played the capture back."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fetched:
    """A capture and its message, not kept yet; `request` is None where nobody knows it."""

    capture: Capture
    message: HttpMessage
    request: HttpRequest | None = None


@dataclass(frozen=True, slots=True)
class NotFetched:
    """A capture that could not be had this time; `retry` tells whether asking again may help."""

    capture: Capture
    reason: str
    retry: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a CDX reply, with the names of the Internet Archive's server."""

    original: str
    timestamp: str
    status: int | None
    mimetype: str | None
    digest: str


def parse_timestamp(text: str) -> tuple[datetime, Precision]:
    """Read 4 to 14 digits or an ISO date as a UTC moment, with what of it is known.

    An ISO time may have a fraction, which is dropped, and a zone. Raises BadTimestamp.
    A partial one means its first instant, as on CDX servers.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise BadTimestamp(f"{text!r} is no date: give 2015, 2015-04, 2015-04-14 or 14 digits")
    *parts, zone = found.groups()
    digits = "".join(filter(None, parts))
    padded = digits + "00000101000000"[len(digits) :]
    known: dict[int, Precision] = {4: "year", 6: "month", 8: "day", 14: "second"}
    try:
        moment = datetime.strptime(padded + (zone or "Z"), f"{_TIMESTAMP_FORMAT}%z")
    except ValueError as error:
        raise BadTimestamp(f"{text!r} is no date: no calendar has it") from error
    return moment.astimezone(UTC), known[len(digits)]


def iso(moment: datetime) -> str:
    """`2015-04-14T10:32:17Z`, the form of every time in the archive."""
    return moment.astimezone(UTC).strftime(_ISO_FORMAT)


def from_iso(text: str) -> datetime:
    """The inverse of `iso`."""
    return datetime.strptime(text, _ISO_FORMAT).replace(tzinfo=UTC)


def parse_listing(body: bytes) -> tuple[list[Row], list[str]]:
    """Rows of a CDX reply, and the lines that are none.

    Two servers are understood: the Internet Archive's (one JSON array of arrays, the first
    naming the fields) and pywb's (one JSON object a line, with `url`, `mime`, `status`).
    """
    rows: list[Row] = []
    odd: list[str] = []
    for fields in _listed_fields(body.decode("utf-8-sig", "replace"), odd):
        row = _row(fields)
        if row is None:
            odd.append(json.dumps(fields))
        else:
            rows.append(row)
    return rows, odd


def _listed_fields(text: str, odd: list[str]) -> Iterator[dict[str, str]]:
    if text.lstrip().startswith("["):
        yield from _table_fields(text, odd)
        return
    for line in text.splitlines():
        if not line.strip():
            continue
        fields = _parsed(line)
        if isinstance(fields, dict):
            yield {key: _cell(value) for key, value in fields.items()}
        else:
            odd.append(line)


def _table_fields(text: str, odd: list[str]) -> Iterator[dict[str, str]]:
    table = _parsed(text)
    if table == []:
        return
    if not isinstance(table, list) or not _is_header(table[0]):
        odd.append(text)
        return
    for cells in table[1:]:
        if isinstance(cells, list) and len(cells) == len(table[0]):
            yield {name: _cell(cell) for name, cell in zip(table[0], cells, strict=True)}
        else:
            odd.append(str(cells))


def _parsed(text: str) -> Any:
    """The value of a JSON text, None for one that is none or nests too deep."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _is_header(names: object) -> bool:
    return isinstance(names, list) and all(isinstance(name, str) for name in names)


def _cell(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _row(fields: dict[str, str]) -> Row | None:
    original = fields.get("original") or fields.get("url") or ""
    timestamp = fields.get("timestamp", "")[:14]  # observed: 16 digits
    status = fields.get("statuscode") or fields.get("status") or "-"
    mimetype = fields.get("mimetype") or fields.get("mime")
    if not original.startswith(("http://", "https://")):  # observed: mailto:, data:
        return None
    try:
        urlsplit(original)  # "http://[" is none either
        moment, precision = parse_timestamp(timestamp)
    except ValueError:  # observed: month or day 00
        return None
    if precision != "second":
        return None
    digest = fields.get("digest", "").removeprefix("sha1:")
    return Row(
        original=original,
        timestamp=moment.strftime(_TIMESTAMP_FORMAT),
        status=int(status) if re.fullmatch(r"[1-9][0-9][0-9]", status) else None,
        mimetype=mimetype,
        digest="" if digest == "-" else digest,
    )
