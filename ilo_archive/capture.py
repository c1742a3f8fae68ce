"""Captures: an archive's act of fetching an address, and what it fetched.

The rows that archives list them in (CDX, CDXJ) become `Capture`; the HTTP message
that playback or a file gives for one becomes `Fetched`.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Literal
from urllib.parse import urlsplit

from ilo_archive.offices import Place

Precision = Literal["second", "minute", "day", "month", "year"]

_TIMESTAMP_FORMAT = "%Y%m%d%H%M%S"
_ISO_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# Every part with all its digits: "2015-1-1" would read as November. Of the years before 1000
# strftime prints fewer than four digits; none has a capture.
_MOMENT = re.compile(
    r"([12]\d{3})(?:-?(\d\d)(?:-?(\d\d)"
    r"(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
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
class Row:
    """One line of a CDX reply, with the names of the Internet Archive's server.

    `timestamp` is 14 digits; of one that had to be repaired the seconds may be unknown.
    """

    original: str
    timestamp: str
    status: int | None
    mimetype: str | None
    digest: str
    precision: Precision = "second"


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
    known: dict[int, Precision] = {4: "year", 6: "month", 8: "day", 12: "minute", 14: "second"}
    try:
        moment = datetime.strptime(padded + (zone or "Z"), f"{_TIMESTAMP_FORMAT}%z")
    except ValueError as error:
        raise BadTimestamp(f"{text!r} is no date: no calendar has it") from error
    return moment.astimezone(UTC), known[len(digits)]


def end_of(start: datetime, precision: Precision) -> datetime:
    """The last second of what begins with `start`: a minute, day, month or year; of a second,
    itself.
    """
    if precision == "second":
        return start
    following = {
        "minute": start + timedelta(minutes=1),
        "day": start + timedelta(days=1),
        "month": (start.replace(day=28) + timedelta(days=4)).replace(day=1),
        "year": start.replace(month=12, day=31) + timedelta(days=1),
    }
    return following[precision] - timedelta(seconds=1)


def iso(moment: datetime) -> str:
    """`2015-04-14T10:32:17Z`, the form of every time in the archive."""
    return moment.astimezone(UTC).strftime(_ISO_FORMAT)


_KNOWN: dict[Precision, str] = {
    "minute": "%Y-%m-%dT%H:%MZ",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
    "year": "%Y",
}


def as_known(time: str, precision: Precision) -> str:
    """As much of a time of `iso` as is known: `2015-04` of a month."""
    form = _KNOWN.get(precision)
    return from_iso(time).strftime(form) if form else time


def surely_by(time: str, precision: Precision) -> str:
    """The last second at which a capture of that time may have been made, as `iso` has it."""
    return time if precision == "second" else iso(end_of(from_iso(time), precision))


def from_iso(text: str) -> datetime:
    """The inverse of `iso`."""
    return datetime.strptime(text, _ISO_FORMAT).replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listing:
    """A reply of a CDX server: its rows, how many of them were repaired, the lines that are no
    row, and the key to go on with where the server says that there is more.

    Of a text that `is_foreign` nothing has the form of a listing: a page for people, or a table
    that was cut. It does not say that the archive holds nothing.
    """

    rows: list[Row]
    repaired: int = 0
    odd: tuple[str, ...] = ()
    resume_key: str | None = None
    is_foreign: bool = False


def parse_listing(body: bytes) -> Listing:
    """Read a CDX reply, whatever the form it comes in.

    Understood are the Internet Archive's table (one JSON array of arrays, the first naming the
    fields), pywb's and Common Crawl's objects (one a line, with `url`, `mime`, `status`), CDXJ and
    the plain lines of eleven-column and seven-column CDX. A resume key stands behind an empty
    row (`showResumeKey`).
    """
    text = body.decode("utf-8-sig", "replace")
    rows: list[Row] = []
    odd: list[str] = []
    fields, resume_key = _listed_fields(text, odd)
    is_foreign = fields is None
    repaired = 0
    for each in fields or ():
        row = _row(each)
        if row is None:
            odd.append(json.dumps(each))
        else:
            rows.append(row)
            repaired += row.precision != "second" or len(each.get("timestamp", "")) != 14
    return Listing(rows, repaired, tuple(odd), resume_key, is_foreign)


_CDX_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
_CDX_LINE = re.compile(r"\S+ \d{12,17} \S+ \S+ \S+ \S+( \S+)*")
_CDXJ_LINE = re.compile(r"(?P<urlkey>\S+) (?P<timestamp>\d{12,17}) (?P<fields>\{.*\})")


_Fields = list[dict[str, str]] | None
"""The fields of each row, None where there is nothing of the form of a listing."""


def _listed_fields(text: str, odd: list[str]) -> tuple[_Fields, str | None]:
    if text.lstrip().startswith("["):
        return _table_fields(text, odd)
    lines = text.splitlines()
    resume_key = None
    # The plain form of the Internet Archive ends in an empty line and the key. Blank lines may
    # part rows as well.
    if len(lines) > 1 and not lines[-2].strip() and _is_key(lines[-1]):
        resume_key = lines.pop().strip()
    found = []
    for line in filter(str.strip, lines):
        fields = _line_fields(line)
        if fields is None:
            odd.append(line)
        else:
            found.append(fields)
    return found if found or not odd else None, resume_key


def _is_key(line: str) -> bool:
    return bool(line.strip()) and _line_fields(line) is None


def _line_fields(line: str) -> dict[str, str] | None:
    """The fields of one line: a JSON object, CDXJ, or columns."""
    cdxj = _CDXJ_LINE.fullmatch(line.strip())
    fields = _parsed(cdxj.group("fields") if cdxj else line)
    if isinstance(fields, dict):
        named = {key: _cell(value) for key, value in fields.items()}
        return {"timestamp": cdxj.group("timestamp"), **named} if cdxj else named
    if _CDX_LINE.fullmatch(line):
        return dict(zip(_CDX_FIELDS, line.split(" "), strict=False))
    return None


def _table_fields(text: str, odd: list[str]) -> tuple[_Fields, str | None]:
    table = _parsed(text)
    if table == []:
        return [], None
    if not isinstance(table, list) or not _is_header(table[0]):
        odd.append(text)
        return None, None
    names, *rows = table
    resume_key = None
    if len(rows) > 1 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        resume_key = _cell(rows[-1][0])
        rows = rows[:-2]
    found = []
    for cells in rows:
        if isinstance(cells, list) and len(cells) == len(names):
            found.append({name: _cell(cell) for name, cell in zip(names, cells, strict=True)})
        else:
            odd.append(str(cells))
    return found, resume_key or None


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
    status = fields.get("statuscode") or fields.get("status") or "-"
    mimetype = fields.get("mimetype") or fields.get("mime")
    timestamp, precision = _repaired(fields.get("timestamp", ""))
    if not _is_page_address(original):
        return None
    try:
        moment, known = parse_timestamp(timestamp)
    except BadTimestamp:
        return None
    if known != "second":
        return None
    digest = fields.get("digest", "").removeprefix("sha1:")
    return Row(
        original=original,
        timestamp=moment.strftime(_TIMESTAMP_FORMAT),
        status=int(status) if re.fullmatch(r"[1-9][0-9][0-9]", status) else None,
        mimetype=mimetype,
        digest="" if digest == "-" else digest,
        precision=precision,
    )


def _repaired(digits: str) -> tuple[str, Precision]:
    """14 digits, and how much of them is known.

    Observed: 16 digits; a month or day of 00 was put in, which pushed the rest of the 14 to the
    right and the seconds out: 20000008241731 was 20000824 17:31 (EDGI `wayback`, `_utils.py`).
    """
    for start in (4, 6):
        if len(digits) >= 14 and digits[start : start + 2] == "00":
            known = digits[:start] + digits[start + 2 :]
            return (known[:14], "second") if len(known) >= 14 else (f"{known:0<14}", "minute")
    return digits[:14], "second"


def _is_page_address(url: str) -> bool:
    """Observed among rows: `mailto:`, `data:`, `http://mailto:me@ilo.org`, `http://[`."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and "@" not in parts.netloc
