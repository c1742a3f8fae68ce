"""Captures in the Internet Archive's Wayback Machine or in any archive served by pywb."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import scrapy
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from ilo_archive.archive.listings import BrokenOff, Counts, ListedCapture, ListingRequest
from ilo_archive.archive.stored_bytes import KeptBody
from ilo_archive.capture import Capture, Failure, Fetched, NotFetched
from ilo_archive.sources.archives import archive_at
from ilo_archive.sources.cdx import CdxReply, CdxRow, parse_cdx
from ilo_archive.times import parse_timestamp
from ilo_archive.warc.store import read_kept

from .change_search import ChangeSearch
from .crawl_request import RemoteSpider
from .listing_end import ListingEnd
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
from .politeness import ask_index_with_retries, polite_request, stop_if_refused, text_of_error
from .selection import can_reuse_body, group_by_digest, with_reused_body, within

PAGE_SIZE = 2000
"""Rows requested from an index at a time."""

_Yielded = Fetched | NotFetched | scrapy.Request


class WaybackSpider(RemoteSpider):
    """`scrapy crawl wayback -a office=moscow [-a archive=URL] [-a from=2015] [-a to=2016]`."""

    name = "wayback"

    def __init__(self, archive: str | None = None, **arguments: Any) -> None:
        """`archive` is the address of a pywb collection (default: the Internet Archive).

        For the others see `RemoteSpider`.
        """
        super().__init__(**arguments)
        self.web_archive = archive_at(archive)
        self.playbacks = 0  # the number of requests for the captures
        self.search: ChangeSearch | None = None

    @property
    def minutes(self) -> float:
        """The shortest time that the captures take."""
        return self.playbacks * self.web_archive.limits.interval("playback") / 60

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """List the captures of every address, store them as listed, and request those still to be
        fetched.
        """
        questions = [
            ListingRequest(self.web_archive.name, url, *self.crawl_request.period)
            for url in self.crawl_request.addresses(self.archive.registry)
        ]
        for question in questions:
            await self._list(question)
        self._count_rows(questions)
        if self.crawl_request.every == "change":
            async for request in self._search(questions):
                yield request
            return
        requests = self._choose(questions)
        for request in () if self.crawl_request.plan else requests:
            yield request

    # -- the listing

    async def _list(self, question: ListingRequest) -> None:
        """Store the captures of an address, page by page, from where an earlier run was
        interrupted.
        """
        key = self.archive.listings.start(question)
        end, reason = ListingEnd(), None
        while reason is None:
            response = await self._ask(question, key)
            if key and response.status in (400, 404):  # the key is no longer valid
                reason = end.refuse_key()
                if reason is None:
                    self.archive.listings.restart(question)
                    key = None
                continue
            reply = self._read_listing(question, response)
            if reply is None:
                return
            key = self._add_page(question, reply, key, end)
            if key is None and not reply.is_cut:
                return
            reason = end.before(key) if key else BrokenOff.TOO_LONG
        self.break_off(question, reason)

    def _add_page(
        self, question: ListingRequest, reply: CdxReply, key: str | None, end: ListingEnd
    ) -> str | None:
        """Store a page of a listing. Returns the key of the next page, None after the last one."""
        captures = [
            self._capture(row)
            for row in reply.rows
            if within(row.timestamp, self.crawl_request.period)
        ]
        repeats = end.add((row.timestamp, row.original, row.digest) for row in reply.rows)
        counts = Counts(len(captures), repeats, reply.repaired, len(reply.odd))
        key = _next_page(reply, key)
        self.archive.listings.add(question, captures, counts, key)
        return key

    async def _ask(self, question: ListingRequest, key: str | None) -> Response:
        query = {"url": question.url, "output": "json", "limit": PAGE_SIZE, "showResumeKey": "true"}
        bounds = {"from": question.first, "to": question.last}
        query |= {name: each for name, each in bounds.items() if each} | dict(parse_qsl(key or ""))
        url: str | None = f"{self.web_archive.listing}?{urlencode(query)}"
        for _ in range(MAX_HOPS):
            response = await self._download(str(url))
            target = header(response, "Location")
            url = within_host(response.url, target) if target and response.status < 400 else None
            if url is None:
                break
        return response

    async def _download(self, url: str) -> Response:
        """An answer of the index, after retries. Raises CloseSpider if there is none."""
        request = polite_request(self.web_archive, "listing", url, self.contact)
        try:
            return await ask_index_with_retries(request, self)
        except Exception as error:
            stop_if_refused(error)
            raise self._no_listing(text_of_error(error)) from error

    def _read_listing(self, question: ListingRequest, response: Response) -> CdxReply | None:
        """The parsed answer; None if the archive has no captures. Raises CloseSpider."""
        reply = parse_cdx(unpacked_body(response))
        failure = failure_of_response(response)
        if failure in (Failure.BLOCKED, Failure.ROBOTS) and not reply.rows:
            self._report_empty(question, failure)
            self.archive.listings.refuse(question, failure)
            return None
        if response.status == 404:  # the answer of some servers if they have no captures
            self._report_empty(question, "HTTP 404")
            self.archive.listings.add(question, [], Counts(), None)
            return None
        if response.status != 200:
            raise self._no_listing(f"HTTP {response.status}")
        if reply.is_not_cdx:  # the stored key stays, so that the next run can resume
            raise self._no_listing(f"not a CDX reply: {reply.odd.first:.60}")
        if reply.odd:
            self.logger.warning(
                "%s: lines of the listing that could not be parsed: %d, the first: %.80s",
                self.web_archive.name, len(reply.odd), reply.odd.first,
            )  # fmt: skip
        return reply

    def _report_empty(self, question: ListingRequest, reason: str) -> None:
        self.logger.warning(
            "%s lists no captures of %s: %s", question.archive, question.url, reason
        )

    def _no_listing(self, reason: str) -> CloseSpider:
        self.logger.error("%s: could not list captures: %s", self.web_archive.name, reason)
        return CloseSpider("listing_failed")

    def _capture(self, row: CdxRow) -> Capture:
        return Capture(
            place=self.crawl_request.page_series(row.original, self.archive.registry),
            url=row.original,
            captured_at=parse_timestamp(row.timestamp)[0],
            archive=self.web_archive.name,
            uri_m=self.web_archive.address(row.timestamp, row.original),
            status=row.status,
            digest=row.digest,
            precision=row.precision,
        )

    def _count_rows(self, questions: Sequence[ListingRequest]) -> None:
        """Add the numbers of listed rows to the statistics of the run."""
        counts = self.archive.listings.counts(questions)
        for name in ("rows", "repeats", "repaired", "odd"):
            self.crawler.stats.set_value(f"listing/{name}", getattr(counts, name))

    # -- the captures

    def _choose(self, questions: Sequence[ListingRequest]) -> list[scrapy.Request]:
        """The requests for captures that are selected and still to be fetched."""
        listed = self._listed(questions)
        self.chosen = self.choose(listed)
        again = [self._follow_again(each) for each in self.unfollowed(listed)]
        return [*self._requests(self.chosen), *again]

    def _follow_again(self, redirect: Capture) -> scrapy.Request:
        address = self.web_archive.address(redirect.timestamp, redirect.url, "id_")
        return self.redirects.again(redirect, self.web_archive, address)

    async def _search(self, questions: Sequence[ListingRequest]) -> AsyncIterator[scrapy.Request]:
        """Yield the requests for the captures around each change, batch by batch."""
        self.search = self.search_for_changes(self._listed(questions))
        if not self.crawl_request.plan:
            async for request in self.search.requests(self._request_batch):
                yield request

    def _request_batch(self, captures: Sequence[Capture]) -> list[scrapy.Request]:
        self.chosen += captures
        return self._requests(captures)

    def _requests(self, captures: Sequence[Capture]) -> list[scrapy.Request]:
        """The requests for captures. If the bytes of one are stored, its request goes nowhere."""
        bodies = {each.key: self._stored_body(each) for each in captures}
        reused = [
            self._reuse_request(each, body) for each in captures if (body := bodies[each.key])
        ]
        wanted = [each for each in captures if not bodies[each.key]]
        asked = [self._request(leader, others) for leader, others in group_by_digest(wanted)]
        self.playbacks += len(asked)
        return [*reused, *asked]

    def _listed(self, questions: Sequence[ListingRequest]) -> list[ListedCapture]:
        """What is listed, with the name and URI-M of this archive."""
        name, address = self.web_archive.name, self.web_archive.address
        return [
            replace(
                each,
                capture=replace(
                    each.capture,
                    archive=name,
                    uri_m=address(each.capture.timestamp, each.capture.url),
                ),
            )
            for each in self.archive.listings.listed(questions)
        ]

    def _stored_body(self, capture: Capture) -> KeptBody | None:
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
        """Request a capture; `followers` are listed with the same bytes."""
        return playback_request(
            self.web_archive, capture, self.contact, url,
            callback=self.play_back, errback=self.give_up, meta={"hops": hops},
            cb_kwargs={"capture": capture, "followers": followers},
        )  # fmt: skip

    def _reuse_request(self, capture: Capture, body: KeptBody) -> scrapy.Request:
        # Scrapy waits forever if `start` ends while an item is in the pipelines. So each item needs
        # a request, even if that goes nowhere.
        arguments = {"capture": capture, "body": body}
        return scrapy.Request("data:,", self.reuse_stored, cb_kwargs=arguments, dont_filter=True)

    def play_back(
        self, response: Response, capture: Capture, followers: Sequence[Capture]
    ) -> Iterator[_Yielded]:
        """Yield the archived capture and those with the same bytes, or the reason why there is
        none.
        """
        target = same_capture(response, capture, self.web_archive)
        if target:
            yield self._request(capture, followers, target, response.meta["hops"] + 1)
            return
        outcome = played_back(response, capture, self.web_archive)
        if isinstance(outcome, Fetched):
            yield outcome
            yield from self.redirects.follow(outcome, self.web_archive)
            for each in followers:
                yield self._follow(each, outcome)
            return
        failed_request = outcome.failure is Failure.ARCHIVE_ERROR and response.request
        again = failed_request and get_retry_request(
            failed_request, spider=self, reason=outcome.reason
        )
        if again:
            yield again
        else:
            yield outcome
            yield from self._request_next(followers)

    def give_up(self, failure: Any) -> Iterator[_Yielded]:
        """Yield the failure of a capture after all retries."""
        arguments = failure.request.cb_kwargs
        yield playback_failure(failure.value, arguments["capture"])
        yield from self._request_next(arguments["followers"])

    def reuse_stored(self, _: Response, capture: Capture, body: KeptBody) -> Iterator[_Yielded]:
        """Yield a capture whose bytes are stored, without fetching it."""
        folder = Path(self.crawler.settings["ILO_ARCHIVE_HOME"], "warc")
        try:
            message = read_kept(folder, body.position, body.original, body.payload_digest)
        except (OSError, ValueError) as error:
            self.logger.warning("cannot read stored bytes, fetching them again: %s", error)
            yield self._request(capture)
        else:
            self.crawler.stats.inc_value("captures/unchanged")
            yield with_reused_body(capture, message)

    def _follow(self, capture: Capture, fetched: Fetched) -> _Yielded:
        if not can_reuse_body(capture, fetched.message.status):
            return self._request(capture)
        self.crawler.stats.inc_value("captures/unchanged")
        return with_reused_body(capture, fetched.message)

    def _request_next(self, followers: Sequence[Capture]) -> Iterator[scrapy.Request]:
        if followers:
            yield self._request(followers[0], followers[1:])


def _next_page(reply: CdxReply, key: str | None) -> str | None:
    """The parameters that request the next page; None after the last one.

    pywb cuts a listing at `limit` and has no resume keys. The next page then begins with the last
    second of this one, so that rows of that second are repeated.
    """
    if reply.resume_key:
        return urlencode({"resumeKey": reply.resume_key})
    if len(reply.rows) + len(reply.odd) < PAGE_SIZE or "resumeKey" in (key or ""):
        return None
    return urlencode({"from": max(row.timestamp for row in reply.rows)}) if reply.rows else None
