"""Find out what programs that save pages write about address and time into the file itself."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from email.utils import parsedate_to_datetime

from ilo_archive.offices import is_address
from ilo_archive.sources.timemap import split_uri_m

_SEARCHED = 2**16  # bytes from the beginning of a page, where programs put their comments
_SEARCHED_BEHIND = 2**13  # bytes from its end, where the Wayback Machine does
_ADDRESS = rb"[^\s<>\"']{8,4000}"

# Internet Explorer, Chrome and others; the number is the length of the address.
_SAVED_FROM = re.compile(rb"<!-- saved from url=\(\d+\)(" + _ADDRESS + rb") ?-->")
_SINGLE_FILE = re.compile(
    rb"Page saved with SingleFile\s+url: (" + _ADDRESS + rb")\s+"
    rb"saved date: \w{3} (\w{3} \d\d \d{4}) (\d\d:\d\d:\d\d) GMT([+-]\d{4})"
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
_HEAD = re.compile(rb"HTTP/1\.[01] \d{3}[^\r\n]*\r?\n(?:[\w-]+:[^\r\n]*\r?\n)+\r?\n")
_DATE = re.compile(rb"^Date:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_TYPE = re.compile(rb"^Content-Type:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


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
    """A page without what was saved around it, its content type if that is known, and the evidence
    in the file.
    """

    body: bytes
    content_type: str | None
    evidence: Evidence


class NoPage(ValueError):
    """A file without a page in it; the text is the reason."""


def parse_saved_page(body: bytes) -> SavedPage:
    """Parse a saved page: HTML, or HTML with the headers of its transfer in front (`wget -S`)."""
    head = _HEAD.match(body[:_SEARCHED])
    if head is None:
        return SavedPage(body, None, _evidence_in(body))
    date, type_ = _DATE.search(head[0]), _TYPE.search(head[0])
    evidence = Evidence(None, _iso(date[1].decode("latin-1")) if date else None, "HTTP headers")
    page = body[head.end() :]
    content_type = type_[1].decode("latin-1").strip() if type_ else None
    return SavedPage(page, content_type, evidence.completed(_evidence_in(page)))


def parse_mhtml(body: bytes) -> SavedPage:
    """Parse a page in MHTML (RFC 2557), as browsers save it. Raises NoPage."""
    try:
        message = message_from_bytes(body)
        parts = [each for each in message.walk() if each.get_content_type() == "text/html"]
    except (MessageError, ValueError, LookupError, RecursionError) as error:
        raise NoPage("broken MHTML") from error
    url = _header(message, "Snapshot-Content-Location") or _location(parts)
    chosen = next((each for each in parts if _header(each, "Content-Location") == url), None)
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


def _location(parts: list[Message]) -> str | None:
    return next(filter(None, (_header(each, "Content-Location") for each in parts)), None)


def _evidence_in(body: bytes) -> Evidence:
    """What comments in a page say, the first one first."""
    found = Evidence()
    for each in _comments(body[:_SEARCHED], body[-_SEARCHED_BEHIND:]):
        found = found.completed(_settled(each))
    return found


def _comments(begin: bytes, end: bytes) -> Iterator[Evidence]:
    if found := _SINGLE_FILE.search(begin):
        url, day, time, zone = (each.decode("utf-8", "replace") for each in found.groups())
        yield Evidence(url, _iso(f"{day[4:6]} {day[:3]} {day[7:]} {time} {zone}"), "SingleFile")
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
    if replayed:
        return Evidence(replayed[1], replayed[0], stated.source)
    return stated if is_address(stated.url) else Evidence(None, None, "")


def _iso(text: str) -> str | None:
    """A date of RFC 5322 in ISO 8601; None if it is none."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
