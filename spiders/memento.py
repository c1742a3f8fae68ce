"""Captures in Memento archives (RFC 7089): in all of `archives.toml`, or in one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import scrapy
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from ilo_archive.archive.listings import BrokenOff
from ilo_archive.capture import Fetched, NotFetched
from ilo_archive.sources.archives import MementoArchive, memento_archives
from ilo_archive.sources.odd_lines import OddLines
from ilo_archive.sources.timegate import (
    TimeGateReply,
    accept_datetime,
    parse_timegate,
    search_captures,
)
from ilo_archive.sources.timemap import (
    NotATimeMap,
    parse_moment,
    parse_timemap,
)

from .crawl_request import RemoteSpider
from .listing_end import MOST_PAGES
from .memento_listing import Located, MementoListing
from .playback import (
    MAX_HOPS,
    header,
    playback_failure,
    playback_request,
    played_back,
    same_capture,
    unpacked_body,
    within_host,
)
from .politeness import RequestRefused, polite_request, text_of_error

_MOST_QUESTIONS = 500  # requests to one TimeGate for one address
_LISTING_TIMEOUT = {"download_timeout": 60, "max_retry_times": 1}
"""Timeout (seconds) and retries for listings, fewer than Scrapy's: of many archives one is down."""
_FIRST_CAPTURE = datetime(1996, 1, 1, tzinfo=UTC)  # before the first capture of any web archive


class _Unreachable(Exception):
    """An archive that does not list its captures; the text is the reason."""


class MementoSpider(RemoteSpider):
    """`scrapy crawl memento -a office=moscow [-a archive=HOST|URL] [-a from=2015] [-a to=2016]`."""

    name = "memento"

    def __init__(self, archive: str | None = None, **arguments: Any) -> None:
        """`archive` is a host of `archives.toml` or the address of a collection; without it all
        archives of the file are used. For the others see `RemoteSpider`.
        """
        super().__init__(**arguments)
        self.archives = memento_archives(archive)

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """List the captures of every archive, store them as listed, and request those still to be
        fetched.
        """
        answers = await asyncio.gather(*map(self._captures_of, self.archives))
        if all(each is None for each in answers):
            raise CloseSpider("listing_failed")
        located = {key: each for found in answers if found for key, each in found.items()}
        listed = self.enter(each.capture for each in located.values())
        self.chosen = self.choose(listed)
        for redirect in self.unfollowed(listed):
            found = located[redirect.key]
            server, raw = found.archive.server, found.archive.raw or ""
            yield self.redirects.again(redirect, server, found.address, raw)
        for capture in () if self.crawl_request.plan else self.chosen:
            yield self._request(located[capture.key])

    @property
    def playbacks(self) -> int:
        """The number of requests for the captures."""
        return len(self.chosen)

    @property
    def minutes(self) -> float:
        """The shortest time that the captures take; archives are used in parallel."""
        numbers = Counter(each.archive for each in self.chosen)
        servers = {each.server.name: each.server for each in self.archives}
        intervals = {name: servers[name].limits.interval("playback") for name in numbers}
        return max((intervals[name] * numbers[name] / 60 for name in numbers), default=0)

    # -- listings

    async def _captures_of(self, archive: MementoArchive) -> dict[str, Located] | None:
        """The captures that an archive lists, by key. None if it does not answer, which is
        reported.
        """
        known = self.archive.registry
        request = self.crawl_request
        listing = MementoListing(
            archive, lambda url: request.page_series(url, known), request.period
        )
        is_dead = False
        try:
            for url in request.addresses(known):
                await self._list(listing, url)
                if listing.is_cut:  # its other addresses are as long
                    self.report_end(archive.server.name, url, BrokenOff.TOO_LONG)
                    break
        except _Unreachable as error:
            self.logger.warning("%s: could not list captures: %s", archive.server.name, error)
            self.crawler.stats.inc_value("archives/dead")
            is_dead = True
        except RequestRefused as error:
            self._handle_refusal(error)
        if listing.foreign:
            self.logger.warning(
                "%s: captures of another host skipped: %d", archive.server.name, listing.foreign
            )
        return listing.captures or (None if is_dead else {})

    async def _list(self, listing: MementoListing, url: str) -> None:
        """List the captures of an address by TimeMap, else by TimeGate."""
        archive = listing.archive
        if archive.timemap:
            is_timemap = await self._read_timemap(
                listing, archive.timemap.replace("{url}", url), url
            )
            if is_timemap or not archive.guessed:
                return
        await self._search_timegate(listing, url)

    async def _read_timemap(self, listing: MementoListing, address: str, url: str) -> bool:
        """List the mementos on all pages of a TimeMap. False if there is no TimeMap."""
        archive = listing.archive
        pages = [address]
        for page in pages:
            response = await self._ask(archive, page, follow=True)
            if response.status == 404 and page == address:
                return False
            if response.status != 200:
                raise _Unreachable(f"HTTP {response.status}")
            try:
                timemap = parse_timemap(unpacked_body(response), response.url)
            except NotATimeMap as error:
                raise _Unreachable(str(error)) from error
            listing.add(timemap.mementos, url)
            if timemap.odd:
                self._report_odd(archive, timemap.odd)
            more = [each for each in map(archive.request_address, timemap.pages) if each]
            pages += [each for each in dict.fromkeys(more) if each not in {*pages, response.url}]
            listing.is_cut = listing.is_cut or timemap.is_cut or len(pages) > MOST_PAGES
            if listing.is_cut:
                break
        return True

    def _report_odd(self, archive: MementoArchive, odd: OddLines) -> None:
        self.logger.warning(
            "%s: items of a TimeMap that could not be parsed: %d, the first: %.80s",
            archive.server.name, len(odd), odd.first,
        )  # fmt: skip

    async def _search_timegate(self, listing: MementoListing, url: str) -> None:
        """List the mementos of a TimeMap that the TimeGate names, else those found by asking the
        TimeGate.
        """
        archive = listing.archive
        if archive.timegate is None:
            return
        gate = archive.timegate.replace("{url}", url)
        questions = search_captures(*self._span())
        is_first = True
        moment = next(questions)
        for _ in range(_MOST_QUESTIONS):
            reply = await self._ask_timegate(archive, gate, moment)
            addresses = [*map(archive.request_address, reply.timemaps)] if is_first else []
            for timemap in filter(None, addresses):
                if await self._read_timemap(listing, timemap, url):
                    return
            is_first = is_first and not reply.named
            listing.add(reply.named, url)
            try:
                moment = questions.send(reply)
            except StopIteration:
                return
        self.logger.warning(
            "%s has more captures than %d requests can find: narrow --from and --to",
            archive.server.name, _MOST_QUESTIONS,
        )  # fmt: skip

    def _span(self) -> tuple[datetime, datetime]:
        """The start and end of the requested period, also if it is open."""
        first, last = self.crawl_request.period
        start = parse_moment(first) or _FIRST_CAPTURE
        end = parse_moment(last.ljust(14, "9")) if last else None
        return start, end or datetime.now(UTC).replace(microsecond=0)

    async def _ask_timegate(
        self, archive: MementoArchive, gate: str, moment: datetime
    ) -> TimeGateReply:
        headers = {"Accept-Datetime": accept_datetime(moment)}
        response = await self._ask(archive, gate, headers=headers)
        memento_datetime = header(response, "Memento-Datetime")
        if memento_datetime is None and response.status == 404:
            return TimeGateReply()
        if memento_datetime is None and not 300 <= response.status < 400:
            raise _Unreachable(f"HTTP {response.status}")
        # An archived redirect is played back as a redirect: then Location is not the TimeGate's.
        location = header(response, "Content-Location" if memento_datetime else "Location")
        links = b", ".join(response.headers.getlist("Link")).decode("latin-1")
        return parse_timegate(links, response.url, location, memento_datetime)

    async def _ask(
        self, archive: MementoArchive, url: str, *, follow: bool = False, **more: Any
    ) -> Response:
        """Send one request; with `follow`, follow redirects within the host.

        Raises _Unreachable and RequestRefused.
        """
        for _ in range(MAX_HOPS + 1):
            meta = {**_LISTING_TIMEOUT, "one_of_many": len(self.archives) > 1}
            request = polite_request(
                archive.server, "listing", url, self.contact, meta=meta, **more
            )
            self.listing_requests += 1
            try:
                response: Response = await self.crawler.engine.download_async(request)
            except RequestRefused:
                raise
            except Exception as error:
                raise _Unreachable(text_of_error(error)) from error
            target = header(response, "Location") if 300 <= response.status < 400 else None
            if not (follow and target):
                return response
            url = within_host(url, target) or ""
            if not url:
                raise _Unreachable(f"it redirects to another host: {target}")
        raise _Unreachable(f"more than {MAX_HOPS} redirects")

    # -- captures

    def _request(self, located: Located, url: str | None = None, hops: int = 0) -> scrapy.Request:
        return playback_request(
            located.archive.server, located.capture, self.contact, url or located.address,
            callback=self.play_back, errback=self.give_up,
            cb_kwargs={"located": located}, meta={"hops": hops},
        )  # fmt: skip

    def play_back(
        self, response: Response, located: Located
    ) -> Iterator[Fetched | NotFetched | scrapy.Request]:
        """Yield the archived capture, or the reason why the archive does not return it."""
        target = same_capture(response, located.capture, located.archive.server)
        if target:
            yield self._request(located, target, response.meta["hops"] + 1)
            return
        found = played_back(response, located.capture, located.archive.server)
        if isinstance(found, Fetched) and not found.capture.digest:
            # TimeMaps have no digest. With that of its bytes it equals what other sources list.
            found = replace(found, capture=replace(found.capture, digest=found.message.digest))
        yield found
        if isinstance(found, Fetched):
            archive = located.archive
            yield from self.redirects.follow(found, archive.server, archive.raw or "")

    def give_up(self, failure: Any) -> Iterator[NotFetched]:
        """Yield the failure of a capture after all retries."""
        if not self.end_if_refused(failure.value):
            yield playback_failure(failure.value, failure.request.cb_kwargs["located"].capture)

    def end_if_refused(self, error: BaseException) -> bool:
        """True if a request was given up because one of several archives refuses.

        Raises CloseSpider if the run must end.
        """
        if isinstance(error, RequestRefused):
            self._handle_refusal(error)
        return isinstance(error, RequestRefused)

    def _handle_refusal(self, error: RequestRefused) -> None:
        """End the run unless other archives are left."""
        if error.reason != "rate_limited" or len(self.archives) == 1:
            raise CloseSpider(error.reason) from error
        self.crawler.stats.set_value("archives/refused", True)
