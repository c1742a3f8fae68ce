"""Captures of Common Crawl: from the indexes of its crawls, with a range request for
each record.
"""

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
    index_query,
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
from .politeness import ask_index_with_retries, polite_request, stop_if_refused, text_of_error
from .selection import within


class _Unreachable(Exception):
    """An index that does not answer, or not with an index."""


class CommonCrawlSpider(RemoteSpider):
    """`scrapy crawl commoncrawl -a office=moscow [-a index=FILE] [-a from=2015] [-a to=2016]`."""

    name = "commoncrawl"

    def __init__(
        self, archive: str | None = None, index: str | None = None, **arguments: Any
    ) -> None:
        """`archive` is the address of a server with `collinfo.json`, indexes and files; `index` is
        a local index, used instead of the server's. For the others see `RemoteSpider`.
        """
        super().__init__(**arguments)
        self.web_archive = commoncrawl_at(archive)
        self.index = Path(index) if index else None
        self.search: ChangeSearch | None = None
        self.query = ""  # of the columnar index, for the captures wanted

    @property
    def playbacks(self) -> int:
        """The number of requests for the captures."""
        return len(self.chosen)

    @property
    def minutes(self) -> float:
        """The shortest time that they take."""
        return self.playbacks * self.web_archive.limits.interval("playback") / 60

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """List the captures of every address in the index of every crawl, then request the new
        records.
        """
        urls = self.crawl_request.addresses(self.archive.registry)
        self.query = index_query(urls, self.crawl_request.period)
        listed = self._listed_locally(urls) if self.index else await self._listed(urls)
        if self.crawl_request.every == "change":
            self.search = self.search_for_changes(self.enter(listed))
            if not self.crawl_request.plan:
                async for request in self.search.requests(self._request_batch):
                    yield request
            return
        self.chosen = self.choose(self.enter(listed))
        for capture in () if self.crawl_request.plan else self.chosen:
            yield self._request(capture)

    def _request_batch(self, captures: Sequence[Capture]) -> list[scrapy.Request]:
        self.chosen += captures
        return [self._request(each) for each in captures]

    def _listed_locally(self, urls: list[str]) -> list[Capture]:
        """The captures of the addresses in the local index. Raises BadIndex, OSError."""
        return self._captures_in_period(read_index(self.index, urls) if self.index else ())

    def _captures_in_period(self, rows: Iterable[Location]) -> list[Capture]:
        return [
            self._capture(e) for e in rows if within(e.row.timestamp, self.crawl_request.period)
        ]

    # -- the index server

    async def _listed(self, urls: list[str]) -> list[Capture]:
        """The captures of the addresses in the indexes of the server.

        A crawl whose index does not answer is reported and left out. Raises CloseSpider if none
        answers.
        """
        crawls = await self._crawls()
        dead: set[str] = set()
        questions = [
            ListingRequest(self.web_archive.name, url, *self.crawl_request.period) for url in urls
        ]
        for question in questions if crawls else ():
            await self._list(question, crawls, dead)
            if len(dead) == len(crawls):
                raise CloseSpider("listing_failed")
        self.crawler.stats.inc_value("archives/dead", len(dead))
        return [each.capture for each in self.archive.listings.listed(questions)]

    async def _list(self, question: ListingRequest, crawls: list[Crawl], dead: set[str]) -> None:
        """Store the captures of an address, one index after the other.

        A listing that was interrupted resumes with the index that was next.
        """
        ids = [each.id for each in crawls]
        next_id = self.archive.listings.start(question)
        for number in range(ids.index(next_id) if next_id in ids else 0, len(crawls)):
            crawl = crawls[number]
            rows: list[Location] = []
            odd: list[str] = []
            if crawl.id not in dead:
                try:
                    rows, odd = await self._rows(crawl, question.url)
                except (_Unreachable, BadIndex) as error:
                    dead.add(crawl.id)
                    self.logger.warning("%s: could not list captures: %s", crawl.id, error)
            captures = self._captures_in_period(rows)
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
            self.logger.error(
                "%s: could not get the list of crawls: %s", self.web_archive.name, error
            )
            raise CloseSpider("listing_failed") from error
        return [each for each in crawls if each.overlaps(self.crawl_request.period)]

    async def _rows(self, crawl: Crawl, url: str) -> tuple[list[Location], list[str]]:
        """The rows of an address in one index, from all pages, and the lines that could not be
        parsed.

        Most crawls have no capture of an address, so the number of pages is requested only if the
        first page has rows.
        """
        query = {"url": url, "output": "json"}
        rows, odd = parse_index(await self._index(crawl, {**query, "page": 0}))
        if rows or odd:
            pages = parse_pages(await self._index(crawl, {**query, "showNumPages": "true"}))
            for page in range(1, pages):
                more, more_odd = parse_index(await self._index(crawl, {**query, "page": page}))
                rows, odd = [*rows, *more], [*odd, *more_odd]
        if odd:
            self.logger.warning(
                "%s: lines of the listing that could not be parsed: %d, the first: %.80s",
                crawl.id, len(odd), odd[0].lstrip(),
            )  # fmt: skip
        return rows, odd

    async def _index(self, crawl: Crawl, query: dict[str, Any]) -> bytes:
        """The answer of an index; empty if it has no captures."""
        response = await self._ask(f"{crawl.id}-index?{urlencode(query)}")
        body = unpacked_body(response)
        if is_empty(response.status, body):
            return b""
        if response.status != 200:
            raise _Unreachable(f"HTTP {response.status}")
        return body

    async def _ask(self, path: str) -> Response:
        """Send one request and wait: the index refuses clients that send several."""
        address = f"{self.web_archive.listing}/{path}"
        request = polite_request(self.web_archive, "listing", address, self.contact)
        try:
            return await ask_index_with_retries(request, self)
        except Exception as error:
            stop_if_refused(error)
            raise _Unreachable(text_of_error(error)) from error

    # -- records

    def _capture(self, location: Location) -> Capture:
        row = location.row
        return Capture(
            place=self.crawl_request.page_series(row.original, self.archive.registry),
            url=row.original,
            captured_at=parse_timestamp(row.timestamp)[0],
            archive=self.web_archive.name,
            # Common Crawl has no playback: this is the file and the byte range of the record.
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
            meta={"refusal": 403},  # how its file server turns eager clients away, for a day
            callback=self.unpack, errback=self.give_up, cb_kwargs={"capture": capture},
        )  # fmt: skip

    def unpack(
        self, response: Response, capture: Capture
    ) -> Iterator[Fetched | NotFetched | scrapy.Request]:
        """Yield the capture in the bytes received, or the reason why there is none."""
        request = response.status >= 500 and response.request
        again = request and get_retry_request(
            request, spider=self, reason=f"HTTP {response.status}"
        )
        if again:
            yield again
            return
        if response.status != 206:
            # A server that ignores the range (200) may be a proxy in between.
            failure = Failure.NEVER_ARCHIVED if response.status == 404 else Failure.ARCHIVE_ERROR
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
        """Yield the failure of a capture after all retries."""
        yield playback_failure(failure.value, failure.request.cb_kwargs["capture"])


def _length(capture: Capture) -> int:
    """The number of bytes of a record: its address ends in `#bytes=FIRST-LAST`."""
    first, last = (capture.uri_m or "").rpartition("=")[2].split("-")
    return int(last) - int(first) + 1
