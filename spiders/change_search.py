"""The captures between which a page changed, asked for in turns."""

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
"""What recorded captures show, by key; None for one that shows no page. Others are left out."""

Found = tuple[Capture, Capture]
"""Two captures of a page that differ, with none between them that shows one."""

Turns = Generator[list[Capture], None, list[Found]]
"""Captures to fetch and record before the next turn; at the end what was found."""


class ChangeSearch:
    """Asks for captures of pages in turns: what a turn brings is recorded before the next one
    asks for what still has to be known.

    `captures` are those searched; `changes` is None until the search is over.
    """

    def __init__(
        self,
        crawler: Crawler,
        captures: Sequence[Capture],
        shown: Shown,
        limit: int | None = None,
    ) -> None:
        """At most `limit` captures are asked for; a search that it cuts off is not over."""
        self.captures = captures
        self.changes: list[Found] | None = None
        self._crawler = crawler
        self._shown = shown
        self._limit = limit

    async def requests(
        self, ask: Callable[[Sequence[Capture]], Iterable[Request]]
    ) -> AsyncIterator[Request]:
        """The requests that `ask` makes of captures, until there is nothing left to ask."""
        recorded = _Recorded(self._crawler)
        turns, asked = search_changes(self.captures, self._shown), 0
        while asked != self._limit:
            try:
                turn = next(turns)
            except StopIteration as end:
                self.changes = end.value
                return
            wanted = turn[: self._limit and self._limit - asked]
            asked += len(wanted)
            recorded.expect(wanted)
            for request in ask(wanted):
                yield request
            await recorded.wait()


def search_changes(captures: Iterable[Capture], shown: Shown) -> Turns:
    """Search every page of the captures, all in the same turns."""
    ordered = sorted(captures, key=lambda each: (each.place.page, each.captured_at, each.key))
    pages = groupby(ordered, key=lambda each: each.place.page)
    searches = [_search(list(page), shown) for _, page in pages]
    found: list[Found] = []
    while searches:
        turn: list[Capture] = []
        unfinished = []
        for each in searches:
            try:
                turn += next(each)
                unfinished.append(each)
            except StopIteration as end:
                found += end.value
        searches = unfinished
        if turn:
            yield turn
    return found


def _search(page: Sequence[Capture], shown: Shown) -> Turns:
    """Search one page."""
    told = shown(page)
    known = {number: told[each.key] for number, each in enumerate(page) if each.key in told}
    search = find_changes([each.digest for each in page], known)
    try:
        wanted = next(search)
        while True:
            yield [page[number] for number in wanted]
            told = shown([page[number] for number in wanted])
            wanted = search.send({number: told.get(page[number].key) for number in wanted})
    except StopIteration as end:
        return [(page[each.before], page[each.after]) for each in end.value]


class _Recorded:
    """Waits for captures to have gone through the pipelines, or to have failed there."""

    def __init__(self, crawler: Crawler) -> None:
        self._waiting: set[str] = set()
        self._none_left = asyncio.Event()
        crawler.signals.connect(self._done, signal=signals.item_scraped)
        crawler.signals.connect(self._done, signal=signals.item_error)
        crawler.signals.connect(self._stumbled, signal=signals.spider_error)

    def expect(self, captures: Iterable[Capture]) -> None:
        """Name those to wait for, before they are asked for."""
        self._waiting = {each.key for each in captures}
        self._none_left.clear()

    async def wait(self) -> None:
        """Return when nothing is left to wait for."""
        if self._waiting:
            await self._none_left.wait()

    def _done(self, item: Any) -> None:
        self._discard(item.capture)

    def _stumbled(self, response: Any) -> None:
        if response is not None:  # an error of `start` itself ends the run
            self._discard(response.request.cb_kwargs["capture"])

    def _discard(self, capture: Capture) -> None:
        self._waiting.discard(capture.key)
        if not self._waiting:
            self._none_left.set()
