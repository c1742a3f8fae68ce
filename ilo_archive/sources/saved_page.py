"""Find out what programs that save pages write about address and time into the file itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime

from ilo_archive.offices import is_address
from ilo_archive.sources.timemap import split_uri_m

_SEARCHED = 2**16  # bytes from the beginning of a page, where programs put their comments
_SEARCHED_BEHIND = 2**13  # bytes from its end, where the Wayback Machine does
_ADDRESS = rb"[^\s<>\"']{8,4000}"

# Internet Explorer, Chrome and others; the number is the length of the address.
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(" + _ADDRESS + rb") ?-->")
# The first words are those of its versions until 2020; the date can be switched off.
_SINGLE_FILE = re.compile(
    rb"<!--\s{0,9}(?:Page saved with|Archive processed by) SingleFile\s{1,9}url: ("
    + _ADDRESS
    + rb")(?:\s{1,9}saved date: "
    rb"\w{3} (\w{3}) (\d\d) (\d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4}))?"
)
_HTTRACK = re.compile(
    rb"<!-- Mirrored from (" + _ADDRESS + rb") by HTTrack[^>]{0,80}?, (\w{3}, [\w :]{20,30}) -->"
)
_SCRAPBOOK = re.compile(
    rb"<html\b[^>]{0,500}? data-scrapbook-source=\"(" + _ADDRESS + rb")\""
    rb"(?:[^>]{0,500}? data-scrapbook-create=\"(\d{14})\d*\")?"
)
_ARCHIVED_ON = re.compile(
    rb"FILE ARCHIVED ON (\d\d:\d\d:\d\d) (\w{3} \d\d), (\d{4}) AND RETRIEVED FROM"
)
_HEAD = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})[^\r\n]*\r?\n((?:[\w-]+:[^\r\n]*\r?\n)+)\r?\n")
_MAX_HEADS = 20  # each redirect on the way to a page has one (`curl -i -L`)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What something says about a saved page.

    `url` is its address and `at` its capture time, as `parse_timestamp` accepts it; None if it is
    not said. `source` names what says so.
    """

    url: str | None = None
    at: str | None = None
    source: str = ""

    def completed(self, other: "Evidence") -> "Evidence":
        """This evidence, with what it lacks from another one."""
        source = ", ".join(filter(None, dict.fromkeys((self.source, other.source))))
        return Evidence(self.url or other.url, self.at or other.at, source)


@dataclass(frozen=True, slots=True)
class SavedPage:
    """A page without what was saved around it, and the evidence in the file.

    `content_type` is None if it is unknown; `status` is 200 unless the file says otherwise.
    """

    body: bytes
    content_type: str | None
    evidence: Evidence
    status: int = 200


class NoPage(ValueError):
    """A file without a page in it; the text is the reason."""


def parse_saved_page(body: bytes) -> SavedPage:
    """Parse a saved page: HTML, or HTML behind the headers of its transfer (`wget --save-headers`,
    `curl -i`).

    A comment in the page counts before the headers, whose `Date` is when the file was fetched: for
    a page of a web archive not when it was captured.
    """
    head = None
    for _ in range(_MAX_HEADS):
        following = _HEAD.match(body[:_SEARCHED])
        if following is None:
            break
        head, body = following, body[following.end() :]
    if head is None:
        return SavedPage(body, None, _evidence_in(body))
    fields = _fields(head[2].decode("latin-1"))
    at = _iso(fields.get("memento-datetime") or fields.get("date") or "")
    evidence = _evidence_in(body).completed(Evidence(None, at, "HTTP headers"))
    return SavedPage(body, fields.get("content-type"), evidence, int(head[1]))


def _fields(lines: str) -> dict[str, str]:
    """Header fields by their names in lower case."""
    pairs = (line.partition(":") for line in lines.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def parse_mhtml(body: bytes) -> SavedPage:
    """Parse a page in MHTML (RFC 2557), as browsers save it. Raises NoPage."""
    try:
        message = message_from_bytes(body)
        parts = [each for each in message.walk() if each.get_content_type() == "text/html"]
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise NoPage("broken MHTML") from error
    url = _address(message, "Snapshot-Content-Location") or _location(parts)
    chosen = next((each for each in parts if _address(each, "Content-Location") == url), None)
    part = chosen or (parts[0] if parts else None)
    content = part.get_payload(decode=True) if part else None
    if part is None or not isinstance(content, bytes):
        raise NoPage("MHTML without an HTML page in it")
    stated = Evidence(url, _iso(_header(message, "Date") or ""), "MHTML headers")
    evidence = _settled(stated).completed(_evidence_in(content))
    return SavedPage(content, _header(part, "Content-Type"), evidence)


def _header(part: Message, name: str) -> str | None:
    value = part.get(name)
    return "".join(str(value).split("\n")).strip() or None if value is not None else None


def _address(part: Message, name: str) -> str | None:
    """The address in a header; a long one is folded at any place or encoded (RFC 2557, 4.4)."""
    text = _header(part, name)
    try:
        decoded = str(make_header(decode_header(text))) if text else ""
    except (MessageError, ValueError, LookupError):
        decoded = text or ""
    return "".join(decoded.split()) or None


def _location(parts: list[Message]) -> str | None:
    return next(filter(None, (_address(each, "Content-Location") for each in parts)), None)


def _evidence_in(body: bytes) -> Evidence:
    """What comments in a page say, the first one first."""
    found = Evidence()
    for each in _comments(_searched(body, _SEARCHED), _searched(body, -_SEARCHED_BEHIND)):
        found = found.completed(_settled(each))
    return found


def _searched(body: bytes, number: int) -> bytes:
    """That many bytes from the beginning, or the end; those of UTF-16 (Internet Explorer saves it)
    without the zeros.
    """
    part = body[:number] if number > 0 else body[number:]
    return part.replace(b"\0", b"") if body.startswith(_UTF_16) else part


def _comments(begin: bytes, end: bytes) -> Iterator[Evidence]:
    if found := _SINGLE_FILE.search(begin):
        url, month, day, year, time, zone = (_text(each or b"") for each in found.groups())
        yield Evidence(url, _iso(f"{day} {month} {year} {time} {zone}"), "SingleFile")
    if found := _SCRAPBOOK.search(begin):
        yield Evidence(_text(found[1]), _text(found[2] or b"") or None, "WebScrapBook")
    if found := _SAVED_FROM.search(begin):
        yield Evidence(_text(found[1]), None, "comment “saved from url”")
    if found := _HTTRACK.search(begin):
        yield Evidence("http://" + _text(found[1]), _iso(_text(found[2])), "comment of HTTrack")
    if found := _ARCHIVED_ON.search(end):
        time, day, year = (each.decode() for each in found.groups())
        at = _iso(f"{day[4:]} {day[:3]} {year} {time} +0000")
        yield Evidence(None, at, "comment of the Wayback Machine")


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _settled(stated: Evidence) -> Evidence:
    """The evidence with the capture behind an archive's address, and without what is no address.

    A page that was saved from a playback was captured when the archive did, not when it was saved.
    """
    if stated.url is None:
        return stated
    replayed = split_uri_m(stated.url)
    if replayed and is_address(replayed[1]):
        return Evidence(replayed[1], replayed[0], stated.source)
    return stated if is_address(stated.url) else Evidence(None, None, "")


def _iso(text: str) -> str | None:
    """A date of RFC 5322 in ISO 8601; None if it is none."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
