"""The arguments of a crawl, for all sources, and the captures that they select."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from ilo_archive.archive.listings import BrokenOff, ListedCapture, ListingRequest
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture
from ilo_archive.offices import PageSeries, Registry, load_registry

from .change_search import ChangeSearch
from .listing_end import EXPLANATIONS
from .politeness import stop_if_refused
from .redirects import RedirectFollower
from .selection import (
    FIRST_UNUSABLE_RANK,
    Choice,
    Period,
    Terms,
    addresses,
    capture_ranks,
    choose,
    period,
)


def open_archive(settings: BaseSettings) -> ArchiveWriter:
    """The archive and the registry that the settings name.

    Raises the errors of ArchiveWriter and load_registry.
    """
    offices = load_registry(settings["ILO_ARCHIVE_OFFICES"])
    return ArchiveWriter(Path(settings["ILO_ARCHIVE_HOME"]), offices)


@dataclass(frozen=True, slots=True)
class CrawlRequest:
    """The arguments of a crawl.

    `offices` are slugs or addresses; `slug` names the office of an address that the registry does
    not know. `every` is "day", "week", "month", "year", "change", or None for all captures. `limit`
    is the largest number of captures fetched. `plan`: list captures, but fetch none. `terms` say
    which captures that could not be had are asked for again.
    """

    offices: tuple[str, ...]
    language: str | None
    period: Period
    every: str | None
    limit: int | None
    plan: bool
    slug: str | None
    terms: Terms

    @classmethod
    def of(
        cls,
        office: str | Sequence[str] = "moscow",
        language: str | None = None,
        every: str | None = None,
        limit: str | int | None = None,
        plan: bool = False,
        slug: str | None = None,
        retry: str | None = None,
        **between: str | None,
    ) -> Self:
        """Parse the arguments of a spider. Raises BadTimestamp.

        `office` may contain several, separated by commas. `from` and `to` are dates of any
        precision, both inclusive. `retry` is a key of RETRIED.
        """
        return cls(
            offices=tuple(office.split(",") if isinstance(office, str) else office),
            language=language,
            period=period(between.get("from"), between.get("to")),
            every=every,
            limit=int(limit) if limit else None,
            plan=plan,
            slug=slug,
            terms=Terms(datetime.now(UTC), retry),
        )

    def addresses(self, known: Registry) -> list[str]:
        """The addresses of the requested homepages, past and present, without repetitions."""
        return list(dict.fromkeys(addresses(self.offices, self.language, known)))

    def present_addresses(self, known: Registry) -> list[str]:
        """The addresses of the requested homepages as of today."""
        found: dict[str, None] = {}
        for each in self.offices:
            if "://" in each:
                found[each] = None
                continue
            office = known.get(each)
            for language in office.languages:
                if self.language in (None, language):
                    found[office.address(language).url] = None
        return list(found)

    def page_series(self, url: str, known: Registry) -> PageSeries:
        """The page series that an address belongs to."""
        return known.locate(url, self.slug)

    def change_search(
        self, crawler: Crawler, listed: Sequence[ListedCapture], archive: ArchiveWriter
    ) -> ChangeSearch:
        """The search for the changes among listed captures."""
        rank = capture_ranks(listed, self.terms)
        usable = [each.capture for each in listed if rank[each.capture.key] < FIRST_UNUSABLE_RANK]
        return ChangeSearch(crawler, usable, archive.listings.shown, self.limit)

    def choose(self, listed: Sequence[ListedCapture]) -> Choice:
        """Choose the captures to fetch now, the best one of each period."""
        every = None if self.every == "change" else self.every
        return choose(listed, every, self.limit, self.terms)


class RemoteSpider(scrapy.Spider):
    """A spider of a remote source.

    `listing_requests` counts the requests that it made for listings.
    """

    command = "crawl"
    archive: ArchiveWriter
    chosen: list[Any]
    covered: frozenset[str] = frozenset()
    """The pages that the run lists."""

    def __init__(self, contact: str | None = None, **arguments: Any) -> None:
        """`contact` is an e-mail address for the header of each request; for `arguments` see
        `CrawlRequest.of`.
        """
        super().__init__()
        self.contact = contact
        self.crawl_request = CrawlRequest.of(**arguments)
        self.listing_requests = 0
        self.chosen = []
        self.redirects = RedirectFollower(self)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.contact = spider.contact or crawler.settings["ILO_ARCHIVE_CONTACT"]
        spider.archive = open_archive(crawler.settings)
        spider.archive.listings.reopen_passing()
        known = spider.archive.registry
        pages = map(known.locate, spider.crawl_request.addresses(known))
        spider.covered = frozenset(each.page for each in pages)
        return spider

    def end_if_refused(self, error: BaseException) -> bool:
        """True if a request was given up because one of several archives refuses.

        Raises CloseSpider if the run must end.
        """
        stop_if_refused(error)
        return False

    def enter(self, captures: Iterable[Capture]) -> list[ListedCapture]:
        """Store captures as listed. Returns what is known of each, in the same order."""
        by_key = {each.key: each for each in captures}  # an archive may list a capture twice
        due = {each.key for each in self.archive.list_captures(by_key.values())}
        known = self.archive.listings.known(by_key.values())
        return [
            replace(known[key], capture=capture)
            if key in known and (key in due or known[key].is_done)
            # Fetched under another key: with the digest that this listing lacks.
            else ListedCapture(capture, "read", "good")
            for key, capture in by_key.items()
        ]

    def break_off(self, question: ListingRequest, reason: BrokenOff) -> None:
        """End a listing before its last page; what it brought stays listed."""
        self.report_end(question.archive, question.url, reason)
        self.archive.listings.break_off(question, reason)

    def report_end(self, archive: str, url: str, reason: BrokenOff) -> None:
        """Say that a listing was ended before its last page."""
        self.logger.warning(
            "%s: the listing of %s ended early: %s", archive, url, EXPLANATIONS[reason]
        )
        self.crawler.stats.inc_value("listings/broken_off")

    def choose(self, listed: Sequence[ListedCapture]) -> list[Capture]:
        """The captures to fetch now. What this run does not fetch is added to its statistics."""
        choice = self.crawl_request.choose(listed)
        self._count(choice)
        return choice.wanted

    def unfollowed(self, listed: Iterable[ListedCapture]) -> list[Capture]:
        """The redirects whose targets earlier runs could not have, and that are due again."""
        request = self.crawl_request
        due = [
            each.capture
            for each in listed
            if each.quality == "redirect" and each.attempts and request.terms.is_due(each)
        ]
        return [] if request.plan else due

    def search_for_changes(self, listed: Sequence[ListedCapture]) -> ChangeSearch:
        """The search for the changes among listed captures."""
        self._count(replace(self.crawl_request.choose(listed), wanted=[]))
        return self.crawl_request.change_search(self.crawler, listed, self.archive)

    def _count(self, choice: Choice) -> None:
        stats = self.crawler.stats
        stats.inc_value("captures/known", choice.known)
        if choice.waiting:
            stats.inc_value("captures/waiting", len(choice.waiting))
            stats.max_value("captures/attempts", max(each.attempts for each in choice.waiting))
            next_ = min(each.retry_at for each in choice.waiting if each.retry_at)
            stats.min_value("captures/retry_at", next_)
