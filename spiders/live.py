"""The present page of an office: a capture of it, and one of each redirect on the way there."""

import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

import scrapy
from protego import Protego
from scrapy.http import Headers, Response

from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.http import HttpMessage, HttpRequest, reason_phrase
from ilo_archive.offices import PageSeries, is_address
from ilo_archive.sources.archives import Lane, WebArchive, is_loopback, limits_of
from ilo_archive.sources.page_metadata import declared_metadata

from .crawl_request import RemoteSpider
from .playback import failure_of_error, header, unpacked_body
from .politeness import polite_request
from .redirect_targets import reason_not_to_follow
from .selection import series_on_the_way

# A child of the logger that reports every capture, so that both are shown together.
logger = logging.getLogger("ilo_archive.record.live")

_ROBOT = "ilo-archive"
_MOST_HOPS = 10
_ROBOTS_HOPS = 5  # RFC 9309, 2.3.1.2
_ROBOTS_SIZE = 512_000  # bytes of a robots.txt that are parsed: RFC 9309, 2.5


class _CannotFetch(Exception):
    """A page that must not or cannot be fetched, with the failure and the reason."""

    def __init__(self, failure: Failure, reason: str) -> None:
        super().__init__(reason)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class _Hop:
    """An address on the way to a page, and the answer to it."""

    url: str
    message: HttpMessage
    request: HttpRequest | None
    captured_at: datetime

    @property
    def target(self) -> str | None:
        """The target of a redirect; None if the answer is not a redirect."""
        location = self.message.header("Location")
        return location if 300 <= self.message.status < 400 else None


class LiveSpider(RemoteSpider):
    """`scrapy crawl live -a office=moscow -a contact=you@example.org`."""

    name = "live"

    def __init__(self, **arguments: Any) -> None:
        """For the arguments see `RemoteSpider`; a period does not apply."""
        super().__init__(**arguments)
        self._robots: dict[str, Protego] = {}

    @property
    def playbacks(self) -> int:
        """The number of pages; each redirect on the way is one more request."""
        return len(self.chosen)

    @property
    def minutes(self) -> float:
        """The shortest time that they take."""
        return sum(_site(url).limits.interval("playback") for url in self.chosen) / 60

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Follow the redirects of every present homepage to its end."""
        self.chosen = self.crawl_request.present_addresses(self.archive.registry)
        for url in () if self.crawl_request.plan else self.chosen:
            async for found in self._follow_redirects(url):
                # Scrapy waits forever if `start` ends while an item is in the pipelines.
                yield scrapy.Request(
                    "data:,", self.hand_over, cb_kwargs={"found": found}, dont_filter=True
                )

    def hand_over(self, _: Response, found: Fetched | NotFetched) -> Iterator[Fetched | NotFetched]:
        """Yield what `start` found."""
        yield found

    async def _follow_redirects(self, url: str) -> AsyncIterator[Fetched | NotFetched]:
        """Yield a capture for every hop, or the reason why the last one cannot be fetched."""
        office = self.crawl_request.page_series(url, self.archive.registry).office
        visited: list[str] = []
        while True:
            visited.append(url)
            try:
                hop = await self._hop(visited)
            except _CannotFetch as error:
                missed = _new_capture(
                    url, series_on_the_way(url, office, self.archive.registry), _now()
                )
                yield NotFetched(missed, error.failure, str(error))
                return
            yield self._capture(hop, office)
            target = hop.target and _joined(url, hop.target)
            if not target:
                return
            url = target

    async def _hop(self, visited: list[str]) -> _Hop:
        """The answer to the last of the addresses. Raises _CannotFetch."""
        *before, url = visited
        if url in before:
            raise _CannotFetch(Failure.NOT_PLAYABLE, f"a redirect back to {url}")
        if len(before) > _MOST_HOPS:
            raise _CannotFetch(Failure.NOT_PLAYABLE, f"more than {_MOST_HOPS} redirects")
        reason = before and await reason_not_to_follow(visited[0], url)
        if reason:
            raise _CannotFetch(Failure.BLOCKED, reason)
        await self._check_robots(url)
        response = await self._ask("playback", url)
        return _Hop(url, _message(response), _sent(response), _now())

    async def _ask(self, lane: Lane, url: str) -> Response:
        request = polite_request(_site(url), lane, url, self.contact)
        try:
            return await self.crawler.engine.download_async(request)
        except Exception as error:
            raise _CannotFetch(*failure_of_error(error)) from error

    def _capture(self, hop: _Hop, office: str) -> Fetched:
        """The capture of a hop. A page's declarations become notes.

        The declared language is that of the page series if the address does not state one.
        """
        series = series_on_the_way(hop.url, office, self.archive.registry)
        notes: dict[str, str | None] = {}
        if hop.target is None:
            declared = declared_metadata(hop.message, hop.url)
            series = replace(series, language=series.language or declared.language)
            notes = {"canonical": declared.canonical, "rendered-language": declared.language}
            logger.info("%s declares: %s", hop.url, notes)
        capture = _new_capture(hop.url, series, hop.captured_at, hop.message)
        known = tuple((name, value) for name, value in notes.items() if value)
        return Fetched(capture, hop.message, hop.request, known)

    # -- robots.txt

    async def _check_robots(self, url: str) -> None:
        """Raise _CannotFetch for an address that robots.txt disallows."""
        parts = urlsplit(url)
        site = f"{parts.scheme}://{parts.netloc}"
        if site not in self._robots:
            self._robots[site] = await self._robots_of(site)
        if not self._robots[site].can_fetch(url, _ROBOT):
            raise _CannotFetch(Failure.ROBOTS, f"{site}/robots.txt disallows it")

    async def _robots_of(self, site: str) -> Protego:
        """The rules of a site (RFC 9309, 2.3.1): without a robots.txt everything is allowed.

        Raises _CannotFetch if the site does not answer.
        """
        url = f"{site}/robots.txt"
        for _ in range(_ROBOTS_HOPS + 1):
            self.listing_requests += 1
            response = await self._ask("listing", url)
            location = header(response, "Location") if 300 <= response.status < 400 else None
            target = location and _joined(url, location)
            if not target or await reason_not_to_follow(site, target):
                break
            url = target
        if response.status >= 500:
            raise _CannotFetch(Failure.ARCHIVE_ERROR, f"{url}: HTTP {response.status}")
        text = unpacked_body(response)[:_ROBOTS_SIZE] if response.status == 200 else b""
        return Protego.parse(text.decode("utf-8", "replace"))


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _site(url: str) -> WebArchive:
    """A site as an archive with one capture, with the rate limits of a small archive."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return WebArchive(parts.netloc, url, url, is_loopback(host), limits_of(host))


def _joined(base: str, target: str) -> str | None:
    """The target of a redirect; None if it is not a web address, e.g. `http://[`."""
    try:
        url = urljoin(base, target)
    except ValueError:
        return None
    return url if is_address(url) else None


def _new_capture(
    url: str, series: PageSeries, moment: datetime, message: HttpMessage | None = None
) -> Capture:
    status, digest = (message.status, message.digest) if message else (None, "")
    return Capture(series, url, moment, "live", None, status, digest)


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
