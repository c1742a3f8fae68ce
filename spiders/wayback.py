"""Captures in the Internet Archive's Wayback Machine, or any archive that pywb serves."""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response

from ilo_archive.archive import ArchiveWriter
from ilo_archive.archives import archive_at
from ilo_archive.capture import Capture, Fetched, NotFetched, Row, parse_listing, parse_timestamp
from ilo_archive.offices import registry

from .choose import addresses, period, select, within
from .playback import not_played_back, playback_request, played_back, same_capture
from .politeness import polite_request, stop_if_not_asked


class WaybackSpider(scrapy.Spider):
    """`scrapy crawl wayback -a office=moscow [-a archive=URL] [-a from=2015] [-a to=2016]`."""

    name = "wayback"
    command = "crawl"
    ledger: ArchiveWriter

    def __init__(
        self,
        office: str | Sequence[str] = "moscow",
        archive: str | None = None,
        language: str | None = None,
        every: str | None = None,
        limit: str | int | None = None,
        plan: bool = False,
        contact: str | None = None,
        slug: str | None = None,
        **between: str | None,
    ) -> None:
        """`office` holds slugs or addresses, in a string separated by commas; `from` and `to`
        are partial timestamps, both inclusive; `every` is day, week, month or year.
        """
        super().__init__()
        self.offices = office.split(",") if isinstance(office, str) else office
        self.archive = archive_at(archive)
        self.language = language
        self.every = every
        self.limit = int(limit) if limit else None
        self.plan = plan
        self.contact = contact
        self.slug = slug
        self.period = period(between.get("from"), between.get("to"))
        self.listings = 0
        self.chosen: list[Capture] = []

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive of the home that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.contact = spider.contact or crawler.settings["ILO_ARCHIVE_CONTACT"]
        spider.ledger = ArchiveWriter(Path(crawler.settings["ILO_ARCHIVE_HOME"]), registry())
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """List every address, enter the captures into the ledger, ask for those it lacks."""
        listed: dict[str, Capture] = {}  # by key: observed: rows repeat
        for url in addresses(self.offices, self.language, registry()):
            rows = await self._listing(url)
            found = [self._capture(row) for row in rows if within(row.timestamp, self.period)]
            listed |= {each.key: each for each in found}
        due = {each.key for each in self.ledger.list_captures(listed.values())}
        self.crawler.stats.inc_value("captures/known", len(listed) - len(due))
        # Chosen from all that are listed, lest the next run take another one of each period.
        selected = select(listed.values(), self.every)
        self.chosen = [each for each in selected if each.key in due][: self.limit]
        for capture in () if self.plan else self.chosen:
            yield self._request(capture)

    async def _listing(self, url: str) -> list[Row]:
        """The captures of an address. Raises CloseSpider when the archive does not tell."""
        query = {"url": url, "output": "json"}
        query |= {
            name: each for name, each in zip(("from", "to"), self.period, strict=True) if each
        }
        asked = f"{self.archive.listing}?{urlencode(query)}"
        request = polite_request(self.archive, "listing", asked, self.contact)
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            stop_if_not_asked(error)
            self.logger.error("%s gives no listing: %s", self.archive.name, error)
            raise CloseSpider("listing_failed") from error
        self.listings += 1
        if response.status == 404:  # what some servers answer where they hold nothing
            self.logger.warning("%s gives no listing: HTTP 404", self.archive.name)
            return []
        if response.status != 200:
            self.logger.error("%s gives no listing: HTTP %s", self.archive.name, response.status)
            raise CloseSpider("listing_failed")
        listing = parse_listing(response.body)
        if listing.odd:
            self.logger.warning(
                "%s lists %d lines that are no row, the first: %.80s",
                self.archive.name, len(listing.odd), listing.odd[0].lstrip(),
            )  # fmt: skip
        return listing.rows

    def _capture(self, row: Row) -> Capture:
        return Capture(
            place=registry().locate(row.original, self.slug),
            url=row.original,
            captured_at=parse_timestamp(row.timestamp)[0],
            archive=self.archive.name,
            uri_m=self.archive.address(row.timestamp, row.original),
            status=row.status,
            digest=row.digest,
            precision=row.precision,
        )

    def _request(self, capture: Capture, url: str | None = None, hops: int = 0) -> scrapy.Request:
        return playback_request(
            self.archive, capture, self.contact, url,
            callback=self.play_back, errback=self.give_up,
            cb_kwargs={"capture": capture}, meta={"hops": hops},
        )  # fmt: skip

    def play_back(
        self, response: Response, capture: Capture
    ) -> Iterator[Fetched | NotFetched | scrapy.Request]:
        """The capture as it was archived, or why the archive does not give it."""
        target = same_capture(response, capture, self.archive)
        if target:
            yield self._request(capture, target, response.meta["hops"] + 1)
        else:
            yield played_back(response, capture, self.archive)

    def give_up(self, failure: Any) -> Iterator[NotFetched]:
        """The capture that could not be had after all retries."""
        yield not_played_back(failure.value, failure.request.cb_kwargs["capture"])
