"""Interpret what archives play back: the archived message, or why there is none.

An archived answer has `Memento-Datetime` (RFC 7089); a redirect is the archive's own if it leads to
another capture. No request leaves the archive's host.
"""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.exceptions import DownloadCancelledError
from scrapy.http import Response

from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.http import MAX_BODY, BodyRefused, HttpMessage, decoded_body, reason_phrase
from ilo_archive.sources.archives import WebArchive
from ilo_archive.warc.digests import EMPTY_DIGEST, canonical_digest

from .politeness import is_archive_error, polite_request, stop_if_refused, text_of_error

MAX_HOPS = 3
"""The largest number of an archive's redirects that are followed for one capture."""

_ORIGINAL = "x-archive-orig-"
_PASSED_ON = ("content-type", "content-encoding", "content-language", "location", "set-cookie")
# Headers of the original transfer that no longer apply; type and coding of the body are in the
# headers without prefix.
_OF_TRANSFER = frozenset({*_PASSED_ON, "transfer-encoding", "content-length", "connection"})
_REPLAYED = re.compile(r"/(\d{4,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)
_LONGEST_CRAWL = 500  # characters
_WITHIN = {"second": timedelta(0), "minute": timedelta(minutes=1)}
"""The largest difference between listed and played-back time, by the precision of the listing."""


def playback_request(
    archive: WebArchive, capture: Capture, contact: str | None, url: str | None = None, **more: Any
) -> scrapy.Request:
    """The request for the bytes of a capture, at its usual address or at `url`."""
    address = url or archive.address(capture.timestamp, capture.url, "id_")
    return polite_request(archive, "playback", address, contact, **more)


def played_back(response: Response, capture: Capture, archive: WebArchive) -> Fetched | NotFetched:
    """The archived capture, whatever its status, or the reason why the archive does not
    return it.
    """
    memento_time = header(response, "Memento-Datetime")
    if memento_time is None:
        return _own_answer(response, capture)
    moment = memento_datetime(memento_time)
    if moment is None or abs(moment - capture.captured_at) > _WITHIN.get(
        capture.precision, timedelta(0)
    ):
        reason = f"the archive answers with the capture of {memento_time}"
        return NotFetched(capture, Failure.OTHER_CAPTURE, reason)
    if _leads_to_another_capture(response, capture, archive):
        return _own_answer(response, capture)
    length = header(response, f"{_ORIGINAL}content-length")
    message = as_stored(archived_message(response, archive.playback), capture.digest, length)
    if _lacks_its_body(message, capture.digest, length):
        reason = "the archive answers with an empty body, not the one that it lists"
        return NotFetched(capture, Failure.NOT_PLAYABLE, reason)
    crawl = crawl_name(header(response, "X-Archive-Src"))
    # A revisit is listed without a status.
    return Fetched(replace(capture, status=response.status, crawl=crawl), message)


def crawl_name(source: str | None) -> str | None:
    """The crawl that `X-Archive-Src` names, as it stands; None for one that no row could show."""
    name = (source or "").strip()
    return name if name and len(name) <= _LONGEST_CRAWL and name.isprintable() else None


def _lacks_its_body(message: HttpMessage, digest: str, length: str | None) -> bool:
    """True for an empty body where the listing or a header states another one.

    The bodies of redirects do not count: archives play them back without.
    """
    if message.body or not 200 <= message.status < 300 or message.status in (204, 205):
        return False
    if digest:
        return canonical_digest(digest) != EMPTY_DIGEST
    return bool(length and length.strip().isdigit() and int(length[:20]))


def replayed(address: str) -> str | None:
    """The URI-R in an address of a playback such as `.../20150414103217id_/http://...`."""
    found = _REPLAYED.search(address)
    return found.group(2) if found else None


def same_capture(response: Response, capture: Capture, archive: WebArchive) -> str | None:
    """The target of an archive-internal redirect to the same timestamp; None otherwise or after
    MAX_HOPS.
    """
    target = header(response, "Location")
    hops = response.meta.get("hops", 0)
    if not (
        target and 300 <= response.status < 400 and is_archive_error(response) and hops < MAX_HOPS
    ):
        return None
    target = within_host(response.url, target)
    found = _REPLAYED.search(target.removeprefix(archive.playback)) if target else None
    return target if found and found.group(1) == capture.timestamp else None


def within_host(address: str, target: str) -> str | None:
    """`target` resolved against an address; None if it leads to another host or port, or from https
    to http.
    """
    try:
        target = urljoin(address, target)
        here, there = urlsplit(address), urlsplit(target)
        ports = here.port, there.port
    except ValueError:
        return None
    if here.hostname != there.hostname or there.username:
        return None
    if here.scheme == there.scheme:
        return target if ports[0] == ports[1] else None
    return target if (here.scheme, there.scheme, *ports) == ("http", "https", None, None) else None


def playback_failure(error: BaseException, capture: Capture) -> NotFetched:
    """The failure of a capture after all retries. Raises CloseSpider at the end of a run."""
    return NotFetched(capture, *failure_of_error(error))


def failure_of_error(error: BaseException) -> tuple[Failure, str]:
    """The failure and the reason that a download error means.

    Raises CloseSpider at the end of a run.
    """
    stop_if_refused(error)
    if isinstance(error, DownloadCancelledError):
        return Failure.TOO_LARGE, f"more than {MAX_BODY >> 20} MB"
    # The error of a connection that is reset within a body has no text.
    return Failure.NO_ANSWER, f"no answer: {text_of_error(error)}"


def archived_message(response: Response, playback: str = "") -> HttpMessage:
    """The archived message.

    The Wayback Machine and pywb send most original headers as `X-Archive-Orig-…`, but those that
    describe the body without prefix. `playback` is the address of the archive's playback: a
    `Location` that leads there was rewritten, and is restored.
    """
    pairs = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    original = {
        name.lower()[len(_ORIGINAL) :]: value
        for name, value in pairs
        if name.lower().startswith(_ORIGINAL)
    }
    passed_on = [
        (name, original.get("location") or _original_target(value, response.url, playback))
        if name.lower() == "location"
        else (name, value)
        for name, value in pairs
        if name.lower() in _PASSED_ON
    ]
    renamed = [
        (name[len(_ORIGINAL) :], value)
        for name, value in pairs
        if name.lower().startswith(_ORIGINAL) and name.lower()[len(_ORIGINAL) :] not in _OF_TRANSFER
    ]
    return HttpMessage(
        response.status, reason_phrase(response.status), (*passed_on, *renamed), response.body
    )


def as_stored(message: HttpMessage, digest: str, length: str | None = None) -> HttpMessage:
    """The message with the body that the archive stores.

    The Wayback Machine compresses bodies for the transfer, with a header that an archived body may
    have too. The listed digest, or else the original length, decides whether to decompress.
    """
    if message.digest == digest or not (digest or length):
        return message
    unpacked = replace(message, body=_unpacked(message))
    is_original = unpacked.digest == digest if digest else str(len(unpacked.body)) == length
    if not is_original or unpacked.body == message.body:
        return message
    headers = tuple(pair for pair in message.headers if pair[0].lower() != "content-encoding")
    return replace(unpacked, headers=headers)


def unpacked_body(response: Response) -> bytes:
    """The decompressed body of an answer of the archive itself."""
    headers = (("Content-Encoding", header(response, "Content-Encoding") or ""),)
    return _unpacked(HttpMessage(response.status, "", headers, response.body))


def _unpacked(message: HttpMessage) -> bytes:
    try:
        return decoded_body(message)
    except BodyRefused:
        return message.body


def header(response: Response, name: str) -> str | None:
    """The first header of this name; None if it is missing or empty."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def memento_datetime(text: str) -> datetime | None:
    """The time in a `Memento-Datetime` header (RFC 7089, 2.1.1); None if it cannot be parsed."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


# -- answers of the archive itself ----------------------------------------------------------


def _own_answer(response: Response, capture: Capture) -> NotFetched:
    if 300 <= response.status < 400:
        target = header(response, "Location")
        return NotFetched(capture, Failure.OTHER_CAPTURE, f"the archive redirects to {target}")
    failure = failure_of_response(response)
    error = header(response, "X-Archive-Wayback-Runtime-Error")
    reason = f"the archive answers HTTP {response.status}" + (f": {error}" if error else "")
    return NotFetched(capture, failure, reason)


def failure_of_response(response: Response) -> Failure:
    """The failure that an answer of the archive itself means, also to a listing.

    The texts are those of the Wayback Machine, as EDGI's client `wayback` distinguishes them; 451
    is pywb's status for a capture that it may not show.
    """
    error = header(response, "X-Archive-Wayback-Runtime-Error") or ""
    text = unpacked_body(response)[:20_000].decode("utf-8", "replace")
    if "AdministrativeAccessControl" in error + text or "URL has been excluded" in text:
        return Failure.BLOCKED
    if response.status == 451:
        return Failure.BLOCKED
    if "RobotAccessControl" in error + text or (response.status >= 400 and "robots.txt" in text):
        return Failure.ROBOTS
    if response.status >= 500 and not error:
        return Failure.ARCHIVE_ERROR
    if response.status in (401, 403, 407):
        return Failure.TURNED_AWAY
    if response.status == 404:
        return Failure.NEVER_ARCHIVED
    return Failure.NOT_PLAYABLE


def _leads_to_another_capture(response: Response, capture: Capture, archive: WebArchive) -> bool:
    """True if a redirect with `Memento-Datetime` leads to the same address at another time.

    That is a redirect of the archive: no archived page can link to a time.
    """
    target = header(response, "Location")
    if not (target and 300 <= response.status < 400):
        return False
    found = _REPLAYED.search(_in_archive(target, response.url, archive.playback) or "")
    return bool(found and found.group(2) == capture.url and found.group(1) != capture.timestamp)


def _in_archive(target: str, base: str, playback: str) -> str | None:
    """The part of an address after that of the playback; None if it leads elsewhere."""
    try:
        path = urljoin(base, target).partition(":")[2]
    except ValueError:
        return None
    prefix = playback.partition(":")[2]  # without the scheme: http and https count as equal
    return path.removeprefix(prefix) if prefix and path.startswith(prefix) else None


def _original_target(target: str, base: str, playback: str) -> str:
    found = _REPLAYED.fullmatch(_in_archive(target, base, playback) or "")
    return found.group(2) if found else target
