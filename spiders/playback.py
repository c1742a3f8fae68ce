"""What archives play back: the archived message, or why there is none.

An answer of the archive's own is told from an archived one by `Memento-Datetime` (RFC 7089) and by
the address that a redirect leads to. Nothing here leads off to the live web.
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

from .politeness import is_archive_error, polite_request, stop_if_refused

MAX_HOPS = 3
"""Redirects of an archive's own that are followed from one address of a capture to another."""

_ORIGINAL = "x-archive-orig-"
_PASSED_ON = ("content-type", "content-encoding", "content-language", "location", "set-cookie")
# Of a transfer that is over; the encoding and type of the body at hand are in the bare ones.
_OF_THE_WAY = frozenset({*_PASSED_ON, "transfer-encoding", "content-length", "connection"})
_REPLAYED = re.compile(r"/(\d{4,14})(?:[a-z]{2}_)?/(.+)", re.DOTALL)
_WITHIN = {"second": timedelta(0), "minute": timedelta(minutes=1)}
"""How far off the moment that is played back may be, by the precision of the listing."""


def playback_request(
    archive: WebArchive, capture: Capture, contact: str | None, url: str | None = None, **more: Any
) -> scrapy.Request:
    """The request for the bytes of a capture, at `url` where that is not the usual address."""
    address = url or archive.address(capture.timestamp, capture.url, "id_")
    return polite_request(archive, "playback", address, contact, **more)


def played_back(response: Response, capture: Capture, archive: WebArchive) -> Fetched | NotFetched:
    """The capture as it was archived, whatever its status, or why the archive does not give it."""
    told = header(response, "Memento-Datetime")
    if told is None:
        return _own_answer(response, capture)
    moment = memento_datetime(told)
    if moment is None or abs(moment - capture.captured_at) > _WITHIN.get(
        capture.precision, timedelta(0)
    ):
        answered = f"the archive answers with the capture of {told}"
        return NotFetched(capture, Failure.OTHER_CAPTURE, answered)
    if _leads_to_another_capture(response, capture, archive):
        return _own_answer(response, capture)
    length = header(response, f"{_ORIGINAL}content-length")
    message = as_stored(archived_message(response, archive.playback), capture.digest, length)
    # The listing of a revisit names no status.
    return Fetched(replace(capture, status=response.status), message)


def same_capture(response: Response, capture: Capture, archive: WebArchive) -> str | None:
    """Where a redirect of the archive's own leads when that is the same capture under another
    address of the same archive; None for any other answer, and after MAX_HOPS.
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
    """`target` as seen from an address, None where it leads to another host or port, or from
    https to http.
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
    """A capture that could not be had after all retries. Raises CloseSpider at the end of a run."""
    return NotFetched(capture, *failure_of_error(error))


def failure_of_error(error: BaseException) -> tuple[Failure, str]:
    """What an error of a download means. Raises CloseSpider at the end of a run."""
    stop_if_refused(error)
    if isinstance(error, DownloadCancelledError):
        return Failure.TOO_LARGE, f"more than {MAX_BODY >> 20} MB"
    # Observed: a connection reset in a body has no text.
    return Failure.NO_ANSWER, f"no answer: {str(error) or type(error).__name__}"


def archived_message(response: Response, playback: str = "") -> HttpMessage:
    """The archived message. Archives send most original headers as `X-Archive-Orig-…` and
    those that tell what the body is as they were (the Wayback Machine and pywb).

    `playback` is the address under which the archive plays back: a `Location` that leads there
    was rewritten, and is given as it was.
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
        (name, original.get("location") or _unreplayed(value, response.url, playback))
        if name.lower() == "location"
        else (name, value)
        for name, value in pairs
        if name.lower() in _PASSED_ON
    ]
    renamed = [
        (name[len(_ORIGINAL) :], value)
        for name, value in pairs
        if name.lower().startswith(_ORIGINAL) and name.lower()[len(_ORIGINAL) :] not in _OF_THE_WAY
    ]
    return HttpMessage(
        response.status, reason_phrase(response.status), (*passed_on, *renamed), response.body
    )


def as_stored(message: HttpMessage, digest: str, length: str | None = None) -> HttpMessage:
    """The message with the payload that the archive stores, told by its digest, or where it lists
    none by the length that it had: the Wayback Machine packs bodies for the way, under a header
    that an archived one may have as well.
    """
    if message.digest == digest or not (digest or length):
        return message
    unpacked = replace(message, body=_unpacked(message))
    fits = unpacked.digest == digest if digest else str(len(unpacked.body)) == length
    if not fits or unpacked.body == message.body:
        return message
    kept = tuple(pair for pair in message.headers if pair[0].lower() != "content-encoding")
    return replace(unpacked, headers=kept)


def unpacked_body(response: Response) -> bytes:
    """The body of an answer of the archive's own, unpacked."""
    packing = (("Content-Encoding", header(response, "Content-Encoding") or ""),)
    return _unpacked(HttpMessage(response.status, "", packing, response.body))


def _unpacked(message: HttpMessage) -> bytes:
    try:
        return decoded_body(message)
    except BodyRefused:
        return message.body


def header(response: Response, name: str) -> str | None:
    """The first header of that name; None where it is missing or empty."""
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def memento_datetime(text: str) -> datetime | None:
    """The moment of a `Memento-Datetime` header (RFC 7089, 2.1.1); None for any other text."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=moment.tzinfo or UTC)


# -- answers of the archive's own ----------------------------------------------------------


def _own_answer(response: Response, capture: Capture) -> NotFetched:
    if 300 <= response.status < 400:
        target = header(response, "Location")
        return NotFetched(capture, Failure.OTHER_CAPTURE, f"the archive redirects to {target}")
    failure = failure_of_response(response)
    told = header(response, "X-Archive-Wayback-Runtime-Error")
    answered = f"the archive answers HTTP {response.status}" + (f": {told}" if told else "")
    return NotFetched(capture, failure, answered)


def failure_of_response(response: Response) -> Failure:
    """What an answer of the archive's own means, a listing's too.

    The words are those of the Wayback Machine, as the client `wayback` of EDGI tells them apart;
    451 is what pywb answers for what it may not show.
    """
    told = header(response, "X-Archive-Wayback-Runtime-Error") or ""
    text = unpacked_body(response)[:20_000].decode("utf-8", "replace")
    if "AdministrativeAccessControl" in told + text or "URL has been excluded" in text:
        return Failure.BLOCKED
    if response.status == 451:
        return Failure.BLOCKED
    if "RobotAccessControl" in told + text or (response.status >= 400 and "robots.txt" in text):
        return Failure.ROBOTS
    if response.status >= 500 and not told:
        return Failure.ARCHIVE_ERROR
    if response.status == 404:
        return Failure.NEVER_ARCHIVED
    return Failure.NOT_PLAYABLE


def _leads_to_another_capture(response: Response, capture: Capture, archive: WebArchive) -> bool:
    """Whether a redirect with `Memento-Datetime` leads to the same address at another time,
    which no archived page can ask for.
    """
    target = header(response, "Location")
    if not (target and 300 <= response.status < 400):
        return False
    found = _REPLAYED.search(_in_archive(target, response.url, archive.playback) or "")
    return bool(found and found.group(2) == capture.url and found.group(1) != capture.timestamp)


def _in_archive(target: str, base: str, playback: str) -> str | None:
    """The part of an address behind that of the playback; None where it leads elsewhere."""
    try:
        path = urljoin(base, target).partition(":")[2]
    except ValueError:
        return None
    prefix = playback.partition(":")[2]  # whichever of http and https either is under
    return path.removeprefix(prefix) if prefix and path.startswith(prefix) else None


def _unreplayed(target: str, base: str, playback: str) -> str:
    found = _REPLAYED.fullmatch(_in_archive(target, base, playback) or "")
    return found.group(2) if found else target
