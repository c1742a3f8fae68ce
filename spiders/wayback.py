"""Captures in the Internet Archive's Wayback Machine, or any archive that pywb serves."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import scrapy
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from ilo_archive.archive.listings import Counts, ListingRequest
from ilo_archive.archive.stored_bytes import KeptBody
from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.sources.archives import archive_at
from ilo_archive.sources.cdx import CdxReply, CdxRow, parse_cdx
from ilo_archive.times import parse_timestamp
from ilo_archive.warc.store import read_kept

from .change_search import ChangeSearch
from .crawl_request import RemoteSpider
from .playback import (
    MAX_HOPS,
    failure_of_response,
    header,
    playback_failure,
    playback_request,
    played_back,
    same_capture,
    unpacked_body,
    within_host,
)
from .politeness import ask_index_with_retries, polite_request, stop_if_refused
from .selection import (
    FIRST_UNUSABLE_RANK,
    can_reuse_body,
    capture_ranks,
    group_by_digest,
    select,
    with_reused_body,
    within,
)

PAGE_SIZE = 2000
"""Rows that one request to an index asks for."""

_Yielded = Fetched | NotFetched | scrapy.Request


class WaybackSpider(RemoteSpider):
    """`scrapy crawl wayback -a office=moscow [-a archive=URL] [-a from=2015] [-a to=2016]`."""

    name = "wayback"

    def __init__(self, archive: str | None = None, **asked: Any) -> None:
        """`archive` is the address of a collection as pywb serves it, the Internet Archive by
        default. The rest is told by `OrderedSpider`.
        """
        super().__init__(**asked)
        self.web_archive = archive_at(archive)
        self.playbacks = 0  # requests that the captures take
        self.chosen: list[Capture] = []
        self.search: ChangeSearch | None = None

    @property
    def minutes(self) -> float:
        """How long the captures take at least."""
        return self.playbacks * self.web_archive.limits.interval("playback") / 60

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """List every address, enter the captures into the archive, ask for those it lacks."""
        questions = [
            ListingRequest(self.web_archive.name, url, *self.order.period)
            for url in self.order.addresses(self.archive.registry)
        ]
        for question in questions:
            await self._list(question)
        self._tell(questions)
        if self.order.every == "change":
            async for request in self._search(questions):
                yield request
            return
        requests = self._choose(questions)
        for request in () if self.order.plan else requests:
            yield request

    # -- the listing

    async def _list(self, question: ListingRequest) -> None:
        """Enter the captures of an address, page by page, from where an earlier run was cut off."""
        key = self.archive.listings.start(question)
        asked: set[str | None] = set()
        while key not in asked:  # lest a server send us in circles
            asked.add(key)
            response = await self._ask(question, key)
            if key and response.status in (400, 404):  # an old key
                self.archive.listings.restart(question)
                asked, key = set(), None
                continue
            listing = self._read_listing(question, response)
            if listing is None:
                return
            captures = [
                self._capture(row)
                for row in listing.rows
                if within(row.timestamp, self.order.period)
            ]
            counts = Counts(len(captures), 0, listing.repaired, len(listing.odd))
            key = _next_page(listing, key)
            self.archive.listings.add(question, captures, counts, key)
            if key is None:
                return
        self.logger.warning("%s lists %s in circles", self.web_archive.name, question.url)
        self.archive.listings.add(question, [], Counts(), None)

    async def _ask(self, question: ListingRequest, key: str | None) -> Response:
        query = {"url": question.url, "output": "json", "limit": PAGE_SIZE, "showResumeKey": "true"}
        between = {"from": question.first, "to": question.last}
        query |= {name: each for name, each in between.items() if each} | dict(parse_qsl(key or ""))
        url: str | None = f"{self.web_archive.listing}?{urlencode(query)}"
        for _ in range(MAX_HOPS):
            response = await self._download(str(url))
            target = header(response, "Location")
            url = within_host(response.url, target) if target and response.status < 400 else None
            if url is None:
                break
        return response

    async def _download(self, url: str) -> Response:
        """An answer of the index, after retries. Raises CloseSpider where there is none."""
        request = polite_request(self.web_archive, "listing", url, self.contact)
        try:
            return await ask_index_with_retries(request, self)
        except Exception as error:
            stop_if_refused(error)
            raise self._no_listing(str(error) or type(error).__name__) from error

    def _read_listing(self, question: ListingRequest, response: Response) -> CdxReply | None:
        """The rows of an answer, None where the archive lists nothing and said so."""
        listing = parse_cdx(unpacked_body(response))
        failure = failure_of_response(response)
        if failure in (Failure.BLOCKED, Failure.ROBOTS) and not listing.rows:
            self._lists_nothing(question, failure)
            self.archive.listings.refuse(question, failure)
            return None
        if response.status == 404:  # what some servers answer where they hold nothing
            self._lists_nothing(question, "HTTP 404")
            self.archive.listings.add(question, [], Counts(), None)
            return None
        if response.status != 200:
            raise self._no_listing(f"HTTP {response.status}")
        if listing.is_not_cdx:  # the key stays, to go on with
            raise self._no_listing(f"no row in {listing.odd[0].lstrip():.60}")
        if listing.odd:
            self.logger.warning(
                "%s lists %d lines that are no row, set aside, the first: %.80s",
                self.web_archive.name, len(listing.odd), listing.odd[0].lstrip(),
            )  # fmt: skip
        return listing

    def _lists_nothing(self, question: ListingRequest, told: str) -> None:
        self.logger.warning("%s lists nothing of %s: %s", question.archive, question.url, told)

    def _no_listing(self, told: str) -> CloseSpider:
        self.logger.error("%s gives no listing: %s", self.web_archive.name, told)
        return CloseSpider("listing_failed")

    def _capture(self, row: CdxRow) -> Capture:
        return Capture(
            place=self.order.place(row.original, self.archive.registry),
            url=row.original,
            captured_at=parse_timestamp(row.timestamp)[0],
            archive=self.web_archive.name,
            uri_m=self.web_archive.address(row.timestamp, row.original),
            status=row.status,
            digest=row.digest,
            precision=row.precision,
        )

    def _tell(self, questions: Sequence[ListingRequest]) -> None:
        """Leave what the listing consisted of with the statistics of the run."""
        counts = self.archive.listings.counts(questions)
        for name in ("rows", "repeats", "repaired", "odd"):
            self.crawler.stats.set_value(f"listing/{name}", getattr(counts, name))

    # -- the captures

    def _choose(self, questions: Sequence[ListingRequest]) -> list[scrapy.Request]:
        """The requests for what is wanted and due; of bytes that were kept before, none."""
        held = self.archive.listings.listed(questions)
        due = {each.capture.key for each in held if not each.is_done}
        self.crawler.stats.inc_value("captures/known", len(held) - len(due))
        # Chosen from all that are listed, lest the next run take another one of each period.
        selected = select(
            [self._here(each.capture) for each in held], self.order.every, capture_ranks(held)
        )
        self.chosen = [each for each in selected if each.key in due][: self.order.limit]
        return self._requests(self.chosen)

    async def _search(self, questions: Sequence[ListingRequest]) -> AsyncIterator[scrapy.Request]:
        """The requests for the captures around each change, in turns, each turn when what the
        last one brought is recorded.
        """
        held = self.archive.listings.listed(questions)
        self.crawler.stats.inc_value("captures/known", sum(each.is_done for each in held))
        rank = capture_ranks(held)
        captures = [
            self._here(each.capture)
            for each in held
            if rank[each.capture.key] < FIRST_UNUSABLE_RANK
        ]
        self.search = ChangeSearch(
            self.crawler, captures, self.archive.listings.shown, self.order.limit
        )
        if not self.order.plan:
            async for request in self.search.requests(self._of_a_turn):
                yield request

    def _of_a_turn(self, captures: Sequence[Capture]) -> list[scrapy.Request]:
        self.chosen += captures
        return self._requests(captures)

    def _requests(self, captures: Sequence[Capture]) -> list[scrapy.Request]:
        """Those that the captures take; those of bytes that were kept before go nowhere."""
        bodies = {each.key: self._kept(each) for each in captures}
        unasked = [self._unasked(each, body) for each in captures if (body := bodies[each.key])]
        wanted = [each for each in captures if not bodies[each.key]]
        asked = [self._request(leader, others) for leader, others in group_by_digest(wanted)]
        self.playbacks += len(asked)
        return [*unasked, *asked]

    def _here(self, capture: Capture) -> Capture:
        """A capture that the archive knows, as this archive has it."""
        uri_m = self.web_archive.address(capture.timestamp, capture.url)
        return replace(capture, archive=self.web_archive.name, uri_m=uri_m)

    def _kept(self, capture: Capture) -> KeptBody | None:
        if not capture.digest:
            return None
        body = self.archive.listings.kept_body(capture.place.page, capture.digest)
        return body if body and can_reuse_body(capture, body.status) else None

    def _request(
        self,
        capture: Capture,
        followers: Sequence[Capture] = (),
        url: str | None = None,
        hops: int = 0,
    ) -> scrapy.Request:
        """Ask for a capture; `followers` are listed with the same bytes."""
        return playback_request(
            self.web_archive, capture, self.contact, url,
            callback=self.play_back, errback=self.give_up, meta={"hops": hops},
            cb_kwargs={"capture": capture, "followers": followers},
        )  # fmt: skip

    def _unasked(self, capture: Capture, body: KeptBody) -> scrapy.Request:
        # Scrapy waits for ever when `start` closes with an item in the pipelines: no item without
        # a request, and this one goes nowhere.
        kept = {"capture": capture, "body": body}
        return scrapy.Request("data:,", self.take_kept, cb_kwargs=kept, dont_filter=True)

    def play_back(
        self, response: Response, capture: Capture, followers: Sequence[Capture]
    ) -> Iterator[_Yielded]:
        """The capture as it was archived, with those of the same bytes, or why there is none."""
        target = same_capture(response, capture, self.web_archive)
        if target:
            yield self._request(capture, followers, target, response.meta["hops"] + 1)
            return
        given = played_back(response, capture, self.web_archive)
        if isinstance(given, Fetched):
            yield given
            for each in followers:
                yield self._follow(each, given)
            return
        told = given.failure is Failure.ARCHIVE_ERROR and response.request
        again = told and get_retry_request(told, spider=self, reason=given.reason)
        if again:
            yield again
        else:
            yield given
            yield from self._next_of(followers)

    def give_up(self, failure: Any) -> Iterator[_Yielded]:
        """The capture that could not be had after all retries."""
        told = failure.request.cb_kwargs
        yield playback_failure(failure.value, told["capture"])
        yield from self._next_of(told["followers"])

    def take_kept(self, _: Response, capture: Capture, body: KeptBody) -> Iterator[_Yielded]:
        """A capture whose bytes the store has, without asking for it."""
        folder = Path(self.crawler.settings["ILO_ARCHIVE_HOME"], "warc")
        try:
            message = read_kept(folder, body.position, body.original, body.payload_digest)
        except (OSError, ValueError) as error:
            self.logger.warning("the store cannot give what it kept, asking again: %s", error)
            yield self._request(capture)
        else:
            self.crawler.stats.inc_value("captures/unchanged")
            yield with_reused_body(capture, message)

    def _follow(self, capture: Capture, given: Fetched) -> _Yielded:
        if not can_reuse_body(capture, given.message.status):
            return self._request(capture)
        self.crawler.stats.inc_value("captures/unchanged")
        return with_reused_body(capture, given.message)

    def _next_of(self, followers: Sequence[Capture]) -> Iterator[scrapy.Request]:
        if followers:
            yield self._request(followers[0], followers[1:])


def _next_page(listing: CdxReply, key: str | None) -> str | None:
    """What to add to the question for the next page; None where there is none.

    pywb cuts a listing at `limit` and has no resume keys: there the next page begins with the
    second that the last one ended in, and rows of that second come again.
    """
    if listing.resume_key:
        return urlencode({"resumeKey": listing.resume_key})
    if len(listing.rows) + len(listing.odd) < PAGE_SIZE or "resumeKey" in (key or ""):
        return None
    return urlencode({"from": max(row.timestamp for row in listing.rows)}) if listing.rows else None
