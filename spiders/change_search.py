"""Fetch the captures between which a page changed, in batches: `--every change`.

Which captures to fetch next is decided by `ilo_archive.sources.bisection`.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Generator,
    Hashable,
    Iterable,
    Mapping,
    Sequence,
)
from itertools import groupby
from typing import Any

from scrapy import Request, signals
from scrapy.crawler import Crawler

from ilo_archive.capture import Capture
from ilo_archive.sources.bisection import find_changes

Shown = Callable[[Iterable[Capture]], Mapping[str, Hashable | None]]
"""What captures show, by key; None for one that shows no page. Unrecorded ones are left out."""

Found = tuple[Capture, Capture]
"""Two captures of a page that differ; those in between show no page."""

Batches = Generator[list[Capture], None, list[Found]]
"""Generator protocol: yields captures to fetch and record before the next; returns changes."""


class ChangeSearch:
    """Fetches captures of pages in batches: each is recorded before the next one is chosen.

    `captures` are the captures to search; `changes` is None until the search is complete.
    """

    def __init__(
        self,
        crawler: Crawler,
        captures: Sequence[Capture],
        shown: Shown,
        limit: int | None = None,
    ) -> None:
        """At most `limit` captures are fetched; a search that this stops remains incomplete."""
        self.captures = captures
        self.changes: list[Found] | None = None
        self._crawler = crawler
        self._shown = shown
        self._limit = limit

    async def requests(
        self, ask: Callable[[Sequence[Capture]], Iterable[Request]]
    ) -> AsyncIterator[Request]:
        """Yield the requests that `ask` makes for captures, until the search ends."""
        pending = _PendingCaptures(self._crawler)
        batches, count = search_changes(self.captures, self._shown), 0
        while count != self._limit:
            try:
                batch = next(batches)
            except StopIteration as end:
                self.changes = end.value
                return
            wanted = batch[: self._limit and self._limit - count]
            count += len(wanted)
            pending.expect(wanted)
            for request in ask(wanted):
                yield request
            await pending.wait()


def search_changes(captures: Iterable[Capture], shown: Shown) -> Batches:
    """Search the pages of all captures together, batch by batch."""
    ordered = sorted(captures, key=lambda each: (each.place.page, each.captured_at, each.key))
    pages = groupby(ordered, key=lambda each: each.place.page)
    searches = [_search(list(page), shown) for _, page in pages]
    found: list[Found] = []
    while searches:
        batch: list[Capture] = []
        unfinished = []
        for search in searches:
            try:
                batch += next(search)
                unfinished.append(search)
            except StopIteration as end:
                found += end.value
        searches = unfinished
        if batch:
            yield batch
    return found


def _search(page: Sequence[Capture], shown: Shown) -> Batches:
    """Search the captures of one page."""
    recorded = shown(page)
    known = {number: recorded[each.key] for number, each in enumerate(page) if each.key in recorded}
    search = find_changes([each.digest for each in page], known)
    try:
        wanted = next(search)
        while True:
            yield [page[number] for number in wanted]
            recorded = shown([page[number] for number in wanted])
            wanted = search.send({number: recorded.get(page[number].key) for number in wanted})
    except StopIteration as end:
        return [(page[each.before], page[each.after]) for each in end.value]


class _PendingCaptures:
    """Captures that have not passed through the pipelines yet, successfully or not."""

    def __init__(self, crawler: Crawler) -> None:
        self._keys: set[str] = set()
        self._all_done = asyncio.Event()
        crawler.signals.connect(self._done, signal=signals.item_scraped)
        crawler.signals.connect(self._done, signal=signals.item_error)
        crawler.signals.connect(self._failed, signal=signals.spider_error)

    def expect(self, captures: Iterable[Capture]) -> None:
        """Set the captures to wait for, before they are requested."""
        self._keys = {each.key for each in captures}
        self._all_done.clear()

    async def wait(self) -> None:
        """Return when all expected captures are done."""
        if self._keys:
            await self._all_done.wait()

    def _done(self, item: Any) -> None:
        self._discard(item.capture)

    def _failed(self, response: Any) -> None:
        if response is not None:  # an error of `start` itself ends the run
            self._discard(response.request.cb_kwargs["capture"])

    def _discard(self, capture: Capture) -> None:
        self._keys.discard(capture.key)
        if not self._keys:
            self._all_done.set()
