"""Rate limits: who sends a request, how often, and what happens when an archive refuses.

`Throttle` is a downloader middleware for all requests that `polite_request` makes. A spider only
names archive and lane, and passes the errors that its errbacks get to `stop_if_refused`. Requests
for listings are repeated here; those for captures by the spiders within a run, and by
`ilo_archive.archive.retries` between runs.
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
"""Seconds; the longest time that a run waits for an archive. If it asks for more, the run ends."""

LONGEST_HOLD = 86_400.0
"""Seconds; the longest time that an archive is left alone on its word, whatever it asks for.

RFC 9110, 10.2.3 leaves the time to the client: a number out of bounds must not bar an archive for
ever.
"""

_STEP = 0.5  # seconds between two checks whether the run has ended, while waiting

logger = logging.getLogger(__name__)


class RequestRefused(IgnoreRequest):
    """A request that was not sent, or not repeated; `reason` is Scrapy's reason for the end of the
    run.
    """

    def __init__(self, reason: str) -> None:
        """Store the reason."""
        super().__init__(reason)
        self.reason = reason


def polite_request(
    archive: WebArchive, lane: Lane, url: str, contact: str | None, **more: Any
) -> scrapy.Request:
    """A request that waits for its turn in a lane of the archive; `more` are Scrapy's arguments.

    Raises CloseSpider if a remote archive would not learn who sends it.
    """
    if not (archive.is_local or contact):
        raise CloseSpider("contact_missing")
    meta = {**more.pop("meta", {}), "archive": archive, "lane": lane}
    meta["download_slot"] = _slot(archive, lane)
    # Without Accept-Encoding pywb decodes a body that was archived with gzip coding.
    headers = {
        "User-Agent": f"ilo-archive/{__version__} ({contact or 'loopback'})",
        "Accept-Encoding": "gzip, deflate, br, zstd",
        **more.pop("headers", {}),
    }
    # Two captures of one second share an address.
    return scrapy.Request(url, headers=headers, meta=meta, dont_filter=True, **more)


def stop_if_refused(error: BaseException) -> None:
    """Raise CloseSpider if a request was given up because the run must end."""
    if isinstance(error, RequestRefused):
        raise CloseSpider(error.reason) from error


def text_of_error(error: BaseException) -> str:
    """What a download error says, in one line: of several causes the last; its type if it says
    nothing.
    """
    # Scrapy puts its own error before Twisted's ResponseFailed, which has several.
    reasons = getattr(error.__cause__ or error, "reasons", None)
    cause = reasons[-1].value if reasons else error
    return str(cause) or type(cause).__name__


async def ask_index_with_retries(request: scrapy.Request, spider: Any) -> Response:
    """The answer of an index, after retries of server errors as often as Scrapy allows.

    Each request is counted in `spider.listing_requests`. Raises the errors of the downloader.
    """
    while True:
        response: Response = await spider.crawler.engine.download_async(request)
        spider.listing_requests += 1
        reason = f"HTTP {response.status}"
        again = response.status >= 500 and get_retry_request(request, spider=spider, reason=reason)
        if not again:
            return response
        request = again


def is_archive_error(response: Response) -> bool:
    """True if an answer is from the archive itself, not an archived one (RFC 7089, 4.5)."""
    return not response.headers.get("Memento-Datetime")


def retry_after(response: Response, now: float) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110, 10.2.3); None if it does not."""
    text = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if text.isascii() and text.isdigit():
        return float(text[:20])
    try:
        until = parsedate_to_datetime(text)
        return max(0.0, until.replace(tzinfo=until.tzinfo or UTC).timestamp() - now)
    except (ValueError, OverflowError):
        return None


class Throttle:
    """Sends requests at the rate that their archive allows, and stops if it refuses.

    A refusal is a 429 of the archive itself, a 503 of its own with `Retry-After`, a status that the
    request's meta names as `refusal`, or a refused connection to a remote archive. After the first
    refusal no requests are sent for as long as the archive asks, at most LONGEST_HOLD; after the
    second one no more are sent in this run, which ends unless it uses other archives. The waiting
    times are stored in the database, for later runs; one with `--retry` asks all the same.
    """

    def __init__(self, crawler: Crawler, clock: Callable[[], float] = time.time) -> None:
        """`clock` returns seconds since 1970."""
        self._crawler = crawler
        self._clock = clock
        self._stored: dict[str, float] | None = None  # by slot: time of the next request
        self._refused_at: dict[str, float] = {}  # by archive: time of the last refusal
        self._locks: dict[str, asyncio.Lock] = {}
        self._ended: dict[str, RequestRefused] = {}  # by archive that gets no more requests

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The middleware of a run."""
        return cls(crawler)

    async def process_request(self, request: scrapy.Request) -> None:
        """Let a request wait for its turn. Raises RequestRefused when the run ends."""
        archive = request.meta.get("archive")
        if archive:
            slot = _slot(archive, request.meta["lane"])
            async with self._locks.setdefault(slot, asyncio.Lock()):
                await self._wait(slot)
                request.meta["asked_at"] = now = self._clock()
                interval = archive.limits.interval(request.meta["lane"])
                if interval:
                    self._put_rate_hold(slot, now + interval)

    def process_response(self, request: scrapy.Request, response: Response) -> Any:
        """Handle a refusal; pass on any other answer."""
        archive = request.meta.get("archive")
        if archive is None or not is_archive_error(response):
            return response
        seconds = retry_after(response, self._clock())
        is_refusal = response.status in (429, request.meta.get("refusal"))
        if is_refusal or (response.status == 503 and seconds is not None):
            pause = archive.limits.pause if seconds is None else seconds
            return self._refused(request, archive, pause)
        return response

    def process_exception(self, request: scrapy.Request, exception: Exception) -> Any:
        """Handle a refused connection, which is how remote archives turn away eager clients.

        For an archive that is `one_of_many` it means that the archive is down.
        """
        archive = None if request.meta.get("one_of_many") else request.meta.get("archive")
        if isinstance(exception, DownloadConnectionRefusedError) and archive:
            return None if archive.is_local else self._refused(request, archive)
        return None

    async def _wait(self, slot: str) -> None:
        while True:
            left = self._held_until(slot) - self._clock()
            name = slot.partition(" ")[0]
            if left > LONGEST_PAUSE:
                self._end(name)
            if name in self._ended or not self._crawler.engine.running:
                raise self._ended.get(name) or RequestRefused("shutdown")
            if left <= 0:
                return
            await asyncio.sleep(min(left, _STEP))

    def _refused(
        self, request: scrapy.Request, archive: WebArchive, pause: float | None = None
    ) -> scrapy.Request:
        """The request to send again after a pause.

        Raises RequestRefused after the second refusal.
        """
        previous = self._refused_at.get(archive.name)
        # A request that was sent before the previous refusal counts as part of it.
        if previous is None or request.meta["asked_at"] > previous:
            self._refused_at[archive.name] = now = self._clock()
            wait = min(archive.limits.pause if pause is None else pause, LONGEST_HOLD)
            for lane in ("listing", "playback"):
                slot = _slot(archive, lane)
                self._put_rate_hold(slot, max(self._held_until(slot), now + wait))
            if previous is not None or wait > LONGEST_PAUSE:
                self._end(archive.name)
            else:
                logger.warning("%s asks to slow down: waiting %d s", archive.name, wait)
        if archive.name in self._ended:
            raise self._ended[archive.name]
        return request.replace(dont_filter=True)

    def _end(self, name: str) -> None:
        if name not in self._ended:
            self._ended[name] = RequestRefused("rate_limited")
            holds = self._rate_holds.items()
            until = max(at for slot, at in holds if slot.startswith(f"{name} "))
            moment = datetime.fromtimestamp(until, UTC)
            self._crawler.stats.max_value("archives/held_until", moment)
            logger.warning("%s must not be asked again before %s", name, in_words(moment))

    @property
    def _rate_holds(self) -> dict[str, float]:
        if self._stored is None:
            self._stored = self._listings.rate_holds()
            latest = self._clock() + LONGEST_HOLD
            for slot, until in [*self._stored.items()]:
                if self._is_probe and until - self._clock() > LONGEST_PAUSE:
                    del self._stored[slot]
                elif until > latest:  # earlier versions stored any time that was asked for
                    self._stored[slot] = latest
                    self._listings.put_rate_hold(slot, latest)
        return self._stored

    @property
    def _is_probe(self) -> bool:
        """True if the user asks again for what failed, without waiting for an archive."""
        request = getattr(self._crawler.spider, "crawl_request", None)
        return bool(request and request.terms.retry)

    def _held_until(self, slot: str) -> float:
        return self._rate_holds.get(slot, 0.0)

    def _put_rate_hold(self, slot: str, until: float) -> None:
        """Set the time until which a slot must not be used.

        Persisted, so that the next run honours it even if this one is killed.
        """
        if until > self._held_until(slot):
            self._rate_holds[slot] = until
            self._listings.put_rate_hold(slot, until)

    @property
    def _listings(self) -> Listings:
        spider: Any = self._crawler.spider
        listings: Listings = spider.archive.listings
        return listings


def in_words(moment: datetime) -> str:
    """A moment for messages."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _slot(archive: WebArchive, lane: str) -> str:
    return f"{archive.name} {lane}"
