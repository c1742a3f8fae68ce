"""The arguments of a crawl, for all sources, and the captures that they select."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.settings import BaseSettings

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture
from ilo_archive.offices import PageSeries, Registry, load_registry

from .change_search import ChangeSearch
from .selection import Period, addresses, period, select


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
    is the largest number of captures fetched. `plan`: list captures, but fetch none.
    """

    offices: tuple[str, ...]
    language: str | None
    period: Period
    every: str | None
    limit: int | None
    plan: bool
    slug: str | None

    @classmethod
    def of(
        cls,
        office: str | Sequence[str] = "moscow",
        language: str | None = None,
        every: str | None = None,
        limit: str | int | None = None,
        plan: bool = False,
        slug: str | None = None,
        **between: str | None,
    ) -> Self:
        """Parse the arguments of a spider. Raises BadTimestamp.

        `office` may contain several, separated by commas. `from` and `to` are dates of any
        precision, both inclusive.
        """
        return cls(
            offices=tuple(office.split(",") if isinstance(office, str) else office),
            language=language,
            period=period(between.get("from"), between.get("to")),
            every=every,
            limit=int(limit) if limit else None,
            plan=plan,
            slug=slug,
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
        self, crawler: Crawler, listed: Iterable[Capture], archive: ArchiveWriter
    ) -> ChangeSearch:
        """Store captures as listed. Returns the search for the changes among them."""
        by_key = {each.key: each for each in listed}
        due = archive.list_captures(by_key.values())
        crawler.stats.inc_value("captures/known", len(by_key) - len(due))
        pages = [each for each in by_key.values() if (each.status or 200) < 300]
        return ChangeSearch(crawler, pages, archive.listings.shown, self.limit)

    def choose(
        self, listed: Iterable[Capture], archive: ArchiveWriter
    ) -> tuple[list[Capture], int]:
        """Store captures as listed. Returns those to fetch now, and how many were fetched before.

        The best capture of each period is chosen from all that are listed, so that a later run does
        not choose another one.
        """
        by_key = {each.key: each for each in listed}  # an archive may list a capture twice
        due = {each.key for each in archive.list_captures(by_key.values())}
        wanted = [each for each in select(by_key.values(), self.every) if each.key in due]
        return wanted[: self.limit], len(by_key) - len(due)


class RemoteSpider(scrapy.Spider):
    """A spider of a remote source.

    `listing_requests` counts the requests that it made for listings.
    """

    command = "crawl"
    archive: ArchiveWriter

    def __init__(self, contact: str | None = None, **arguments: Any) -> None:
        """`contact` is an e-mail address for the header of each request; for `arguments` see
        `CrawlRequest.of`.
        """
        super().__init__()
        self.contact = contact
        self.crawl_request = CrawlRequest.of(**arguments)
        self.listing_requests = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.contact = spider.contact or crawler.settings["ILO_ARCHIVE_CONTACT"]
        spider.archive = open_archive(crawler.settings)
        return spider
