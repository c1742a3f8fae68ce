"""How archives are asked: who asks, how often, and what happens when one has had enough.

`Throttle` is a downloader middleware and serves every request that `polite_request` makes; a
spider has nothing to do but to name archive and lane, and to hand what its errbacks get to
`stop_if_not_asked`.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider, DownloadConnectionRefusedError, IgnoreRequest
from scrapy.http import Response

from ilo_archive import __version__
from ilo_archive.archive.listings import Listings
from ilo_archive.sources.archives import Lane, WebArchive

LONGEST_PAUSE = 600.0
"""Seconds that a run waits for an archive; where it asks for more, the run ends."""

_STEP = 0.5  # seconds after which one who waits looks whether the run is over

logger = logging.getLogger(__name__)


class RequestRefused(IgnoreRequest):
    """A request that was not sent, or not again; `reason` is the one the run ends with."""

    def __init__(self, reason: str) -> None:
        """Keep the reason."""
        super().__init__(reason)
        self.reason = reason


def polite_request(
    archive: WebArchive, lane: Lane, url: str, contact: str | None, **more: Any
) -> scrapy.Request:
    """A request that waits for its turn in that lane of the archive; `more` is Scrapy's.

    Raises CloseSpider where a remote archive would not learn who asks.
    """
    if not (archive.is_local or contact):
        raise CloseSpider("contact_missing")
    meta = {**more.pop("meta", {}), "archive": archive, "lane": lane}
    meta["download_slot"] = _slot(archive, lane)
    # Without Accept-Encoding pywb decodes a gzip body that was archived as such.
    headers = {
        "User-Agent": f"ilo-archive/{__version__} ({contact or 'loopback'})",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        **more.pop("headers", {}),
    }
    # Two captures of one second share an address.
    return scrapy.Request(url, headers=headers, meta=meta, dont_filter=True, **more)


def stop_if_refused(error: BaseException) -> None:
    """Raise CloseSpider where a request was given up because the run is to end."""
    if isinstance(error, RequestRefused):
        raise CloseSpider(error.reason) from error


async def ask_index_with_retries(request: scrapy.Request, spider: Any) -> Response:
    """What an index answers, counted as a listing of the spider; a fault of its own is asked for
    again, as often as Scrapy tries. Raises what the downloader raises.
    """
    while True:
        response: Response = await spider.crawler.engine.download_async(request)
        spider.listing_requests += 1
        told = f"HTTP {response.status}"
        again = response.status >= 500 and get_retry_request(request, spider=spider, reason=told)
        if not again:
            return response
        request = again


def is_archive_error(response: Response) -> bool:
    """Whether an answer is the archive's own, not an archived one (RFC 7089, 4.5)."""
    return not response.headers.get("Memento-Datetime")


def retry_after(response: Response, now: float) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3); None where it does not say."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, until.replace(tzinfo=until.tzinfo or UTC).timestamp() - now)


class Throttle:
    """Sends requests at the rate that their archive allows, and stops when it refuses.

    A refusal is a 429 of the archive's own, a 503 of its own with `Retry-After`, or a connection
    that a remote archive refuses. After the first the archive is left alone for as long as it
    asks; after the second it is asked no more, and the run ends where it asks no other. Until when
    is kept in the archive, across runs.
    """

    def __init__(self, crawler: Crawler, clock: Callable[[], float] = time.time) -> None:
        """`clock` tells seconds since 1970."""
        self._crawler = crawler
        self._clock = clock
        self._next: dict[str, float] | None = None  # by slot: when it may be asked again
        self._refused_at: dict[str, float] = {}  # by archive
        self._locks: dict[str, asyncio.Lock] = {}
        self._over: dict[str, RequestRefused] = {}  # by archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware of a run."""
        return cls(crawler)

    async def process_request(self, request: scrapy.Request) -> None:
        """Let a request wait for its turn. Raises NotAsked when the run is over."""
        archive = request.meta.get("archive")
        if archive:
            slot = _slot(archive, request.meta["lane"])
            async with self._locks.setdefault(slot, asyncio.Lock()):
                await self._wait(slot)
                request.meta["asked_at"] = now = self._clock()
                interval = archive.limits.interval(request.meta["lane"])
                if interval:
                    self._hold(slot, now + interval)

    def process_response(self, request: scrapy.Request, response: Response) -> Any:
        """Take a refusal, pass on any other answer."""
        archive = request.meta.get("archive")
        if archive is None or not is_archive_error(response):
            return response
        asked = retry_after(response, self._clock())
        if response.status == 429 or (response.status == 503 and asked is not None):
            pause = archive.limits.pause if asked is None else asked
            return self._refused(request, archive, pause)
        return response

    def process_exception(self, request: scrapy.Request, exception: Exception) -> Any:
        """Take a refused connection: so remote archives turn those away who asked too much.

        Of an archive that is `one_of_many` it means that it is dead, as one is on most days.
        """
        archive = None if request.meta.get("one_of_many") else request.meta.get("archive")
        if isinstance(exception, DownloadConnectionRefusedError) and archive:
            return None if archive.is_local else self._refused(request, archive)
        return None

    async def _wait(self, slot: str) -> None:
        while True:
            left = self._next_turn(slot) - self._clock()
            name = slot.partition(" ")[0]
            if left > LONGEST_PAUSE:
                self._end(name)
            if name in self._over or not self._crawler.engine.running:
                raise self._over.get(name) or RequestRefused("shutdown")
            if left <= 0:
                return
            await asyncio.sleep(min(left, _STEP))

    def _refused(
        self, request: scrapy.Request, archive: WebArchive, pause: float | None = None
    ) -> scrapy.Request:
        """The request to send again after a pause. Raises NotAsked after the second refusal."""
        before = self._refused_at.get(archive.name)
        # Others that were under way when the first was refused are refused for the same reason.
        if before is None or request.meta["asked_at"] > before:
            self._refused_at[archive.name] = now = self._clock()
            wait = archive.limits.pause if pause is None else pause
            for lane in ("listing", "playback"):
                slot = _slot(archive, lane)
                self._hold(slot, max(self._next_turn(slot), now + wait))
            if before is not None or wait > LONGEST_PAUSE:
                self._end(archive.name)
            else:
                logger.warning("%s asks to slow down: waiting %d s", archive.name, wait)
        if archive.name in self._over:
            raise self._over[archive.name]
        return request.replace(dont_filter=True)

    def _end(self, name: str) -> None:
        if name not in self._over:
            self._over[name] = RequestRefused("rate_limited")
            until = max((at for slot, at in self._turns.items() if slot.startswith(f"{name} ")))
            told = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            logger.warning("%s is to be left alone until %s", name, told)

    @property
    def _turns(self) -> dict[str, float]:
        if self._next is None:
            self._next = self._listings.rate_holds()
        return self._next

    def _next_turn(self, slot: str) -> float:
        return self._turns.get(slot, 0.0)

    def _hold(self, slot: str, until: float) -> None:
        """Enter until when a slot is not to be asked; kept, for a run that is killed knows it
        no more.
        """
        if until > self._next_turn(slot):
            self._turns[slot] = until
            self._listings.put_rate_hold(slot, until)

    @property
    def _listings(self) -> Listings:
        spider: Any = self._crawler.spider
        listings: Listings = spider.archive.listings
        return listings


def _slot(archive: WebArchive, lane: str) -> str:
    return f"{archive.name} {lane}"
