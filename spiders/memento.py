"""Captures of any Memento archive (RFC 7089): of all that `archives.toml` lists, or of one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import scrapy
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from ilo_archive.capture import Capture, Fetched, NotFetched
from ilo_archive.sources.archives import MementoArchive, memento_archives
from ilo_archive.sources.timegate import (
    TimeGateReply,
    accept_datetime,
    parse_timegate,
    search_captures,
)
from ilo_archive.sources.timemap import (
    Memento,
    NotATimeMap,
    parse_moment,
    parse_timemap,
    with_modifier,
)

from .crawl_request import RemoteSpider
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
from .politeness import RequestRefused, polite_request
from .selection import within

_MOST_PAGES = 500  # of one TimeMap
_MOST_QUESTIONS = 500  # to one TimeGate about one address
_LISTING_TIMEOUT = {"download_timeout": 60, "max_retry_times": 1}
"""For what tells captures: one of many archives is dead on most days."""
_FIRST_CAPTURE = datetime(1996, 1, 1, tzinfo=UTC)  # of any web archive


class _Unreachable(Exception):
    """An archive that does not tell what it holds, and why."""


@dataclass(frozen=True, slots=True)
class _Located:
    """A capture, the archive that holds it and the address that gives it."""

    capture: Capture
    archive: MementoArchive
    address: str


class MementoSpider(RemoteSpider):
    """`scrapy crawl memento -a office=moscow [-a archive=HOST|URL] [-a from=2015] [-a to=2016]`."""

    name = "memento"

    def __init__(self, archive: str | None = None, **asked: Any) -> None:
        """`archive` is a host of `archives.toml` or the address of a collection; without one all
        of the list are asked. The rest is told by `OrderedSpider`.
        """
        super().__init__(**asked)
        self.archives = memento_archives(archive)
        self.chosen: list[Capture] = []

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask every archive what it holds, enter that into the archive, ask for what it lacks."""
        told = await asyncio.gather(*map(self._told_by, self.archives))
        if not any(each is not None for each in told):
            raise CloseSpider("listing_failed")
        held = {each.capture.key: each for some in told if some for each in some}
        self.chosen, known = self.order.choose([e.capture for e in held.values()], self.archive)
        self.crawler.stats.inc_value("captures/known", known)
        for capture in () if self.order.plan else self.chosen:
            yield self._request(held[capture.key])

    @property
    def playbacks(self) -> int:
        """Requests that the captures take."""
        return len(self.chosen)

    @property
    def minutes(self) -> float:
        """How long the captures take at least: the archives are asked side by side."""
        numbers = Counter(each.archive for each in self.chosen)
        servers = {each.server.name: each.server for each in self.archives}
        intervals = {name: servers[name].limits.interval("playback") for name in numbers}
        return max((intervals[name] * numbers[name] / 60 for name in numbers), default=0)

    # -- what archives hold

    async def _told_by(self, archive: MementoArchive) -> list[_Located] | None:
        """What an archive says that it holds; None for a dead one, which is named."""
        found: list[_Located] = []
        strange = 0
        try:
            for url in self.order.addresses(self.archive.registry):
                for memento in await self._mementos(archive, url):
                    held = self._held(archive, memento, url)
                    if held is None:
                        strange += 1
                    elif within(held.capture.timestamp, self.order.period):
                        found.append(held)
        except _Unreachable as error:
            self.logger.warning("%s gives no listing: %s", archive.server.name, error)
            self.crawler.stats.inc_value("archives/dead")
            return found or None
        except RequestRefused as error:
            self._left_alone(error)
            return found
        if strange:
            self.logger.warning(
                "%s: captures of another host left aside: %d", archive.server.name, strange
            )
        return found

    def _held(self, archive: MementoArchive, memento: Memento, asked: str) -> _Located | None:
        url = memento.url or asked
        digits = f"{memento.captured_at:%Y%m%d%H%M%S}"
        uri = archive.request_address(memento.uri or archive.server.address(digits, url))
        if uri is None:
            return None
        capture = Capture(
            place=self.order.place(url, self.archive.registry),
            url=url,
            captured_at=memento.captured_at,
            archive=archive.server.name,
            uri_m=uri if archive.raw is None else with_modifier(uri, ""),
            status=memento.status,
            digest=memento.digest,
            precision=memento.precision,
        )
        return _Located(
            capture, archive, uri if archive.raw is None else with_modifier(uri, archive.raw)
        )

    async def _mementos(self, archive: MementoArchive, url: str) -> list[Memento]:
        if archive.timemap:
            found = await self._of_timemap(archive, archive.timemap.replace("{url}", url))
            if found is not None or not archive.guessed:
                return found or []
        return await self._of_timegate(archive, url)

    async def _of_timemap(self, archive: MementoArchive, address: str) -> list[Memento] | None:
        """The mementos of a TimeMap, page after page; None where there is none."""
        found: list[Memento] = []
        pages = [address]
        for page in pages:
            response = await self._ask(archive, page, follow=True)
            if response.status == 404 and page == address:
                return None
            if response.status != 200:
                raise _Unreachable(f"HTTP {response.status}")
            try:
                timemap = parse_timemap(unpacked_body(response), response.url)
            except NotATimeMap as error:
                raise _Unreachable(str(error)) from error
            found += timemap.mementos
            if timemap.odd:
                self._name_odd(archive, timemap.odd)
            more = [each for each in map(archive.request_address, timemap.pages) if each]
            pages += [each for each in dict.fromkeys(more) if each not in {*pages, response.url}]
            if len(pages) > _MOST_PAGES:
                raise _Unreachable(f"a TimeMap of more than {_MOST_PAGES} pages")
        return found

    def _name_odd(self, archive: MementoArchive, odd: tuple[str, ...]) -> None:
        self.logger.warning(
            "%s tells %d things that are no capture, the first: %.80s",
            archive.server.name, len(odd), odd[0].lstrip(),
        )  # fmt: skip

    async def _of_timegate(self, archive: MementoArchive, url: str) -> list[Memento]:
        """The mementos of a TimeMap that the TimeGate names, else all that it can be asked for."""
        if archive.timegate is None:
            return []
        gate = archive.timegate.replace("{url}", url)
        questions = search_captures(*self._span())
        named: dict[Memento, None] = {}
        moment = next(questions)
        for _ in range(_MOST_QUESTIONS):
            told = await self._choice(archive, gate, moment)
            for timemap in (
                () if named else filter(None, map(archive.request_address, told.timemaps))
            ):
                found = await self._of_timemap(archive, timemap)
                if found is not None:
                    return found
            named |= dict.fromkeys(told.named)
            try:
                moment = questions.send(told)
            except StopIteration:
                return list(named)
        self.logger.warning(
            "%s has more captures than %d questions bring: narrow --from and --to",
            archive.server.name, _MOST_QUESTIONS,
        )  # fmt: skip
        return list(named)

    def _span(self) -> tuple[datetime, datetime]:
        """The period asked for, with a moment where it is open."""
        first, last = self.order.period
        start = parse_moment(first) or _FIRST_CAPTURE
        end = parse_moment(last.ljust(14, "9")) if last else None
        return start, end or datetime.now(UTC).replace(microsecond=0)

    async def _choice(self, archive: MementoArchive, gate: str, moment: datetime) -> TimeGateReply:
        asked = {"Accept-Datetime": accept_datetime(moment)}
        response = await self._ask(archive, gate, headers=asked)
        told = header(response, "Memento-Datetime")
        if told is None and response.status == 404:
            return TimeGateReply()
        if told is None and not 300 <= response.status < 400:
            raise _Unreachable(f"HTTP {response.status}")
        # A capture of a redirect is played back as one: its Location is not the TimeGate's.
        location = header(response, "Content-Location" if told else "Location")
        links = b", ".join(response.headers.getlist("Link")).decode("latin-1")
        return parse_timegate(links, response.url, location, told)

    async def _ask(
        self, archive: MementoArchive, url: str, *, follow: bool = False, **more: Any
    ) -> Response:
        """One question; a redirect is followed within the host. Raises _Dead, NotAsked."""
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
                raise _Unreachable(str(error) or type(error).__name__) from error
            target = header(response, "Location") if 300 <= response.status < 400 else None
            if not (follow and target):
                return response
            url = within_host(url, target) or ""
            if not url:
                raise _Unreachable(f"it leads off to {target}")
        raise _Unreachable(f"more than {MAX_HOPS} redirects")

    # -- captures

    def _request(self, held: _Located, url: str | None = None, hops: int = 0) -> scrapy.Request:
        return playback_request(
            held.archive.server, held.capture, self.contact, url or held.address,
            callback=self.play_back, errback=self.give_up,
            cb_kwargs={"held": held}, meta={"hops": hops},
        )  # fmt: skip

    def play_back(
        self, response: Response, held: _Located
    ) -> Iterator[Fetched | NotFetched | scrapy.Request]:
        """The capture as it was archived, or why the archive does not give it."""
        target = same_capture(response, held.capture, held.archive.server)
        if target:
            yield self._request(held, target, response.meta["hops"] + 1)
            return
        found = played_back(response, held.capture, held.archive.server)
        if isinstance(found, Fetched) and not found.capture.digest:
            # TimeMaps tell no digest: the one of the bytes makes it the capture that others know.
            found = replace(found, capture=replace(found.capture, digest=found.message.digest))
        yield found

    def give_up(self, failure: Any) -> Iterator[NotFetched]:
        """The capture that could not be had after all retries."""
        if isinstance(failure.value, RequestRefused):
            self._left_alone(failure.value)
        else:
            yield playback_failure(failure.value, failure.request.cb_kwargs["held"].capture)

    def _left_alone(self, error: RequestRefused) -> None:
        """End the run where no other archive is left to ask."""
        if error.reason != "rate_limited" or len(self.archives) == 1:
            raise CloseSpider(error.reason) from error
        self.crawler.stats.set_value("archives/refused", True)
