"""The present page of an office: one capture of it, and one of each redirect on the way there."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from protego import Protego
from scrapy.http import Headers, Response

from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.http import HttpMessage, HttpRequest, reason_phrase
from ilo_archive.offices import PageSeries, Registry, is_address
from ilo_archive.sources.archives import Lane, WebArchive, is_loopback, limits_of
from ilo_archive.sources.page_metadata import declared_metadata

from .crawl_request import RemoteSpider
from .playback import failure_of_error, header, unpacked_body
from .politeness import polite_request

# Below the one that tells of every capture, to be shown with it.
logger = logging.getLogger("ilo_archive.record.live")

_ROBOT = "ilo-archive"
_MOST_HOPS = 10
_ROBOTS_HOPS = 5  # RFC 9309, 2.3.1.2
_ROBOTS_SIZE = 512_000  # bytes that are read of a robots.txt: RFC 9309, 2.5


class _Refused(Exception):
    """A page that is not to be asked for."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Hop:
    """An address on the way, and the answer to it."""

    url: str
    message: HttpMessage
    request: HttpRequest | None
    captured_at: datetime

    @property
    def target(self) -> str | None:
        """Where a redirect leads, None where the way ends."""
        location = self.message.header("Location")
        return location if 300 <= self.message.status < 400 else None


class LiveSpider(RemoteSpider):
    """`scrapy crawl live -a office=moscow -a contact=you@example.org`."""

    name = "live"

    def __init__(self, **asked: Any) -> None:
        """What is asked for is told by `OrderedSpider`; a period means nothing to the present."""
        super().__init__(**asked)
        self.chosen: list[str] = []
        self._robots: dict[str, Protego] = {}

    @property
    def playbacks(self) -> int:
        """Pages to ask for; each redirect on the way to one is a request more."""
        return len(self.chosen)

    @property
    def minutes(self) -> float:
        """How long that takes at least."""
        return sum(_site(url).limits.interval("playback") for url in self.chosen) / 60

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Go the way of every present homepage, hop by hop, to its end."""
        self.chosen = self.order.present(self.archive.registry)
        for url in () if self.order.plan else self.chosen:
            async for found in self._way(url):
                # Scrapy waits for ever when `start` closes with an item in the pipelines.
                yield scrapy.Request(
                    "data:,", self.hand_over, cb_kwargs={"found": found}, dont_filter=True
                )

    def hand_over(self, _: Response, found: Fetched | NotFetched) -> Iterator[Fetched | NotFetched]:
        """What `start` found."""
        yield found

    async def _way(self, url: str) -> AsyncIterator[Fetched | NotFetched]:
        """A capture for every hop. Where one cannot be had, the way ends with the reason."""
        office = self.order.place(url, self.archive.registry).office
        been: list[str] = []
        while True:
            been.append(url)
            try:
                hop = await self._hop(been)
            except _Refused as error:
                missed = _new_capture(url, _place(url, office, self.archive.registry), _now())
                yield NotFetched(missed, error.failure, str(error))
                return
            yield self._capture(hop, office)
            target = hop.target and _joined(url, hop.target)
            if not target:
                return
            url = target

    async def _hop(self, been: list[str]) -> _Hop:
        """The answer to the last of these addresses. Raises _Refused."""
        *before, url = been
        if url in before:
            raise _Refused(Failure.NOT_PLAYABLE, f"a redirect back to {url}")
        if len(before) > _MOST_HOPS:
            raise _Refused(Failure.NOT_PLAYABLE, f"more than {_MOST_HOPS} redirects")
        if await _is_private(url) and not await _is_private(been[0]):
            raise _Refused(Failure.BLOCKED, f"a redirect to the private address {url}")
        await self._obey(url)
        response = await self._ask("playback", url)
        return _Hop(url, _message(response), _sent(response), _now())

    async def _ask(self, lane: Lane, url: str) -> Response:
        request = polite_request(_site(url), lane, url, self.contact)
        try:
            return await self.crawler.engine.download_async(request)
        except Exception as error:
            raise _Refused(*failure_of_error(error)) from error

    def _capture(self, hop: _Hop, office: str) -> Fetched:
        """The capture of a hop. What the page says of itself is noted, and its language is that of
        the place where the address names none.
        """
        place = _place(hop.url, office, self.archive.registry)
        notes: dict[str, str | None] = {}
        if hop.target is None:
            told = declared_metadata(hop.message, hop.url)
            place = replace(place, language=place.language or told.language)
            notes = {"canonical": told.canonical, "rendered-language": told.language}
            logger.info("%s says: %s", hop.url, notes)
        capture = _new_capture(hop.url, place, hop.captured_at, hop.message)
        known = tuple((name, value) for name, value in notes.items() if value)
        return Fetched(capture, hop.message, hop.request, known)

    # -- whether it may be asked for

    async def _obey(self, url: str) -> None:
        """Raises _Refused for an address that robots.txt bars."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = await self._robots_of(site)
        if not self._robots[site].can_fetch(url, _ROBOT):
            raise _Refused(Failure.ROBOTS, f"{site}/robots.txt bars it")

    async def _robots_of(self, site: str) -> Protego:
        """The rules of a site (RFC 9309, 2.3.1): none where it has no such file, everything
        barred where it does not answer.
        """
        url = f"{site}/robots.txt"
        for _ in range(_ROBOTS_HOPS + 1):
            self.listing_requests += 1
            response = await self._ask("listing", url)
            location = header(response, "Location") if 300 <= response.status < 400 else None
            target = location and _joined(url, location)
            if not target or await _is_private(target) > await _is_private(site):
                break
            url = target
        if response.status >= 500:
            raise _Refused(Failure.ARCHIVE_ERROR, f"{url}: HTTP {response.status}")
        text = unpacked_body(response)[:_ROBOTS_SIZE] if response.status == 200 else b""
        return Protego.parse(text.decode("utf-8", "replace"))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _site(url: str) -> WebArchive:
    """A site as an archive of one capture, asked as gently as a small archive."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return WebArchive(parts.netloc, url, url, is_loopback(host), limits_of(host))


def _joined(base: str, target: str) -> str | None:
    """Where a redirect leads; None where that is no address of the web (observed: `http://[`)."""
    try:
        url = urljoin(base, target)
    except ValueError:
        return None
    return url if is_address(url) else None


def _place(url: str, office: str, offices: Registry) -> PageSeries:
    """The place of an address on the way: another homepage that the registry knows keeps its
    office, anything else belongs to the office asked for.
    """
    known = offices.locate(url)
    return known if known.office in offices.offices else offices.locate(url, office)


def _new_capture(
    url: str, place: PageSeries, moment: datetime, message: HttpMessage | None = None
) -> Capture:
    status, digest = (message.status, message.digest) if message else (None, "")
    return Capture(place, url, moment, "live", None, status, digest)


def _message(response: Response) -> HttpMessage:
    phrase = reason_phrase(response.status)
    return HttpMessage(response.status, phrase, _pairs(response.headers), response.body)


def _sent(response: Response) -> HttpRequest | None:
    sent = response.request
    return HttpRequest(sent.method, sent.url, _pairs(sent.headers)) if sent else None


def _pairs(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in headers.items()
        for value in values
    )


async def _is_private(url: str) -> bool:
    """Whether a host is no public one: by its own number, or by one that its name stands for."""
    host = urlsplit(url).hostname or ""
    try:
        numbers = {host} if _is_number(host) else await _numbers(host)
    except OSError:  # behind a proxy no name is known here
        return host == "localhost"
    return any(not ip_address(each.partition("%")[0]).is_global for each in numbers)


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


async def _numbers(host: str) -> set[str]:
    told = await asyncio.get_running_loop().getaddrinfo(host, None)
    return {str(address[0]) for *_, address in told}
