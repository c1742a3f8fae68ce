"""Captures that the archive has, asked for again: lost ones to heal, whole ones to compare."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response

from ilo_archive.archive.stored_bytes import StoredBytes
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Fetched
from ilo_archive.sources.archives import WebArchive, archive_at, is_loopback, limits_of

from .crawl_request import open_archive
from .playback import MAX_HOPS, playback_failure, playback_request, played_back, same_capture


class RefetchSpider(scrapy.Spider):
    """`scrapy crawl refetch`: fetches lost captures again, from where they came.

    With `against`, the address of an archive, it fetches a sample of the whole ones there, stores
    nothing, and counts how many have other bytes: `differing` names them.
    """

    name = "refetch"
    command = "verify"
    archive: ArchiveWriter

    def __init__(
        self, contact: str | None = None, against: str | None = None, sample: int | None = None
    ) -> None:
        """`sample` is how many captures to compare, None for all."""
        super().__init__()
        self.contact = contact
        self.against = archive_at(against) if against else None
        self.sample = sample
        self.differing: list[str] = []
        self.failed: list[str] = []
        self.same = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> "RefetchSpider":
        """Open the archive that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.archive = open_archive(crawler.settings)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yield a request for each capture."""
        is_lost = self.against is None
        for known in self.archive.stored_bytes(is_lost=is_lost, sample=self.sample):
            archive = self.against or _archive_of(known.capture)
            if archive:
                yield self._request(archive, known)

    def _request(
        self, archive: WebArchive, known: StoredBytes, url: str | None = None, hops: int = 0
    ) -> scrapy.Request:
        return playback_request(
            archive, known.capture, self.contact, url,
            callback=self.play_back, errback=self.give_up, meta={"hops": hops},
            cb_kwargs={"web_archive": archive, "known": known},
        )  # fmt: skip

    def play_back(
        self, response: Response, web_archive: WebArchive, known: StoredBytes
    ) -> Iterator[scrapy.Request | Fetched]:
        """Yield a lost capture with the same bytes as before; count the others."""
        hops = response.meta["hops"]
        target = same_capture(response, known.capture, web_archive) if hops < MAX_HOPS else None
        if target:
            yield self._request(web_archive, known, target, hops + 1)
            return
        outcome = played_back(response, known.capture, web_archive)
        if not isinstance(outcome, Fetched):
            self.failed.append(f"{known.capture.key}: {outcome.reason}")
        elif outcome.message.digest != known.payload_digest:
            self.differing.append(f"{known.capture.key}: {web_archive.name} has other bytes")
        else:
            self.same += 1
            if self.against is None:
                yield outcome

    def give_up(self, failure: Any) -> None:
        """Count a capture that could not be fetched. Raises CloseSpider at the end of a run."""
        capture = failure.request.cb_kwargs["known"].capture
        self.failed.append(f"{capture.key}: {playback_failure(failure.value, capture).reason}")


def _archive_of(capture: Capture) -> WebArchive | None:
    """The web archive that a capture came from, by its URI-M; None for a file."""
    base, found, _ = (capture.uri_m or "").partition(f"/{capture.timestamp}")
    parts = urlsplit(base)
    if not found or parts.scheme not in ("http", "https"):
        return None
    host = parts.hostname or ""
    return WebArchive(capture.archive, "", base, is_loopback(host), limits_of(host))
