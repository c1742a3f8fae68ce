"""Captures of Common Crawl: the indexes of its crawls, one Range request a record."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import scrapy
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from ilo_archive.archive.listings import Counts, ListingRequest
from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.sources.archives import commoncrawl_at
from ilo_archive.sources.commoncrawl import (
    BadIndex,
    BadRecord,
    Crawl,
    Location,
    is_empty,
    parse_crawls,
    parse_index,
    parse_pages,
    read_index,
    record_message,
)
from ilo_archive.times import parse_timestamp

from .change_search import ChangeSearch
from .crawl_request import RemoteSpider
from .playback import playback_failure, unpacked_body
from .politeness import ask_index_with_retries, polite_request, stop_if_refused
from .selection import within


class _Unreachable(Exception):
    """An index that does not answer, or with something else."""


class CommonCrawlSpider(RemoteSpider):
    """`scrapy crawl commoncrawl -a office=moscow [-a index=FILE] [-a from=2015] [-a to=2016]`."""

    name = "commoncrawl"

    def __init__(self, archive: str | None = None, index: str | None = None, **asked: Any) -> None:
        """`archive` is the address of a server with `collinfo.json`, indexes and files; `index` a
        local index, asked instead of those of the server. The rest is told by `OrderedSpider`.
        """
        super().__init__(**asked)
        self.web_archive = commoncrawl_at(archive)
        self.index = Path(index) if index else None
        self.chosen: list[Capture] = []
        self.search: ChangeSearch | None = None

    @property
    def playbacks(self) -> int:
        """Requests that the captures take."""
        return len(self.chosen)

    @property
    def minutes(self) -> float:
        """How long they take at least."""
        return self.playbacks * self.web_archive.limits.interval("playback") / 60

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Ask the index of every crawl for every address, then for the records that are new."""
        urls = self.order.addresses(self.archive.registry)
        listed = self._local(urls) if self.index else await self._listed(urls)
        if self.order.every == "change":
            self.search = self.order.search(self.crawler, listed, self.archive)
            if not self.order.plan:
                async for request in self.search.requests(self._of_a_turn):
                    yield request
            return
        self.chosen, known = self.order.choose(listed, self.archive)
        self.crawler.stats.inc_value("captures/known", known)
        for capture in () if self.order.plan else self.chosen:
            yield self._request(capture)

    def _of_a_turn(self, captures: Sequence[Capture]) -> list[scrapy.Request]:
        self.chosen += captures
        return [self._request(each) for each in captures]

    def _local(self, urls: list[str]) -> list[Capture]:
        """What the local index holds of the addresses. Raises BadIndex, OSError."""
        return self._wanted(read_index(self.index, urls) if self.index else ())

    def _wanted(self, rows: Iterable[Location]) -> list[Capture]:
        return [self._capture(e) for e in rows if within(e.row.timestamp, self.order.period)]

    # -- the index server

    async def _listed(self, urls: list[str]) -> list[Capture]:
        """What the indexes hold of the addresses. A crawl whose index is dead is named and left
        out. Raises CloseSpider where none answers.
        """
        crawls = await self._crawls()
        dead: set[str] = set()
        questions = [ListingRequest(self.web_archive.name, url, *self.order.period) for url in urls]
        for question in questions if crawls else ():
            await self._list(question, crawls, dead)
            if len(dead) == len(crawls):
                raise CloseSpider("listing_failed")
        self.crawler.stats.inc_value("archives/dead", len(dead))
        return [each.capture for each in self.archive.listings.listed(questions)]

    async def _list(self, question: ListingRequest, crawls: list[Crawl], dead: set[str]) -> None:
        """Enter what one index after the other holds of an address, from the one on that an
        earlier run was cut off at.
        """
        ids = [each.id for each in crawls]
        begun = self.archive.listings.start(question)
        for number in range(ids.index(begun) if begun in ids else 0, len(crawls)):
            crawl = crawls[number]
            rows: list[Location] = []
            odd: list[str] = []
            if crawl.id not in dead:
                try:
                    rows, odd = await self._rows(crawl, question.url)
                except (_Unreachable, BadIndex) as error:
                    dead.add(crawl.id)
                    self.logger.warning("%s: its index gives no listing: %s", crawl.id, error)
            captures = self._wanted(rows)
            counts = Counts(len(captures), odd=len(odd))
            key = ids[number + 1] if number + 1 < len(ids) else None
            self.archive.listings.add(question, captures, counts, key)

    async def _crawls(self) -> list[Crawl]:
        try:
            response = await self._ask("collinfo.json")
            if response.status != 200:
                raise BadIndex(f"HTTP {response.status}")
            crawls = parse_crawls(unpacked_body(response))
        except (_Unreachable, BadIndex) as error:
            self.logger.error("%s gives no list of crawls: %s", self.web_archive.name, error)
            raise CloseSpider("listing_failed") from error
        return [each for each in crawls if each.overlaps(self.order.period)]

    async def _rows(self, crawl: Crawl, url: str) -> tuple[list[Location], list[str]]:
        """The rows of an address in one index, page after page, and the lines that are none.

        Most crawls have nothing of an address: how many pages there are is asked for only where
        the first one holds something.
        """
        query = {"url": url, "output": "json"}
        rows, odd = parse_index(await self._index(crawl, {**query, "page": 0}))
        if rows or odd:
            pages = parse_pages(await self._index(crawl, {**query, "showNumPages": "true"}))
            for page in range(1, pages):
                more, strange = parse_index(await self._index(crawl, {**query, "page": page}))
                rows, odd = [*rows, *more], [*odd, *strange]
        if odd:
            self.logger.warning(
                "%s lists %d lines that are no row, set aside, the first: %.80s",
                crawl.id, len(odd), odd[0].lstrip(),
            )  # fmt: skip
        return rows, odd

    async def _index(self, crawl: Crawl, query: dict[str, Any]) -> bytes:
        """The answer of an index, empty where it has nothing."""
        response = await self._ask(f"{crawl.id}-index?{urlencode(query)}")
        body = unpacked_body(response)
        if is_empty(response.status, body):
            return b""
        if response.status != 200:
            raise _Unreachable(f"HTTP {response.status}")
        return body

    async def _ask(self, path: str) -> Response:
        """One question, before the next is asked: the index turns eager clients away."""
        address = f"{self.web_archive.listing}/{path}"
        request = polite_request(self.web_archive, "listing", address, self.contact)
        try:
            return await ask_index_with_retries(request, self)
        except Exception as error:
            stop_if_refused(error)
            raise _Unreachable(str(error) or type(error).__name__) from error

    # -- records

    def _capture(self, location: Location) -> Capture:
        row = location.row
        return Capture(
            place=self.order.place(row.original, self.archive.registry),
            url=row.original,
            captured_at=parse_timestamp(row.timestamp)[0],
            archive=self.web_archive.name,
            # Common Crawl plays nothing back: the file, and the bytes of it that are the record.
            uri_m=f"{self.web_archive.playback}/{location.file}#{location.byte_range}",
            status=row.status,
            digest=row.digest,
            precision=row.precision,
        )

    def _request(self, capture: Capture) -> scrapy.Request:
        file, _, wanted = (capture.uri_m or "").partition("#")
        return polite_request(
            self.web_archive, "playback", file, self.contact,
            headers={"Range": wanted, "Accept-Encoding": "identity"},
            callback=self.unpack, errback=self.give_up, cb_kwargs={"capture": capture},
        )  # fmt: skip

    def unpack(
        self, response: Response, capture: Capture
    ) -> Iterator[Fetched | NotFetched | scrapy.Request]:
        """The capture in the bytes that came, or why it is not."""
        asked = response.status >= 500 and response.request
        again = asked and get_retry_request(asked, spider=self, reason=f"HTTP {response.status}")
        if again:
            yield again
            return
        if response.status != 206:
            # A server that heeds no range, 200, may be one between here and the archive.
            is_fault = response.status >= 500 or response.status == 200
            failure = Failure.ARCHIVE_ERROR if is_fault else Failure.NOT_PLAYABLE
            yield NotFetched(capture, failure, f"the archive answers HTTP {response.status}")
            return
        missing = _length(capture) - len(response.body)
        if missing > 0:
            yield NotFetched(capture, Failure.NO_ANSWER, f"{missing} bytes of the record missing")
            return
        try:
            message = record_message(response.body, capture.url)
        except BadRecord as error:
            yield NotFetched(capture, Failure.NOT_PLAYABLE, str(error))
        else:
            yield Fetched(replace(capture, status=message.status), message)

    def give_up(self, failure: Any) -> Iterator[NotFetched]:
        """The capture that could not be had after all retries."""
        yield playback_failure(failure.value, failure.request.cb_kwargs["capture"])


def _length(capture: Capture) -> int:
    """How many bytes the record of a capture has: its address ends in `#bytes=FIRST-LAST`."""
    first, last = (capture.uri_m or "").rpartition("=")[2].split("-")
    return int(last) - int(first) + 1
