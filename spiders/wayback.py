"""Captures in the Internet Archive's Wayback Machine, or any archive that pywb serves."""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CloseSpider,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
)
from scrapy.http import Response

from ilo_archive import __version__
from ilo_archive.archive import ArchiveWriter
from ilo_archive.capture import (
    Capture,
    Fetched,
    HttpMessage,
    NotFetched,
    Row,
    parse_listing,
    parse_timestamp,
)
from ilo_archive.offices import Registry, registry
from ilo_archive.warc import MAX_BODY

_INTERNET_ARCHIVE = "https://web.archive.org"
_ORIGINAL = "x-archive-orig-"
_PASSED_ON = ("content-type", "content-encoding", "content-language", "location", "set-cookie")


# Of a transfer that is over; the encoding and type of the body at hand are in the bare ones.
_OF_THE_WAY = frozenset({*_PASSED_ON, "transfer-encoding", "content-length", "connection"})
_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class Archive(NamedTuple):
    """Where one archive lists its captures and plays them back."""

    name: str
    listing: str
    playback: str
    is_local: bool

    def address(self, timestamp: str, url: str, modifier: str = "") -> str:
        """The URI-M of a capture; with `id_` that of its bytes as they were captured."""
        return f"{self.playback}/{timestamp}{modifier}/{url}"


def archive_at(url: str | None) -> Archive:
    """The archive at an address, the Internet Archive by default."""
    base = (url or _INTERNET_ARCHIVE).rstrip("/")
    host = urlsplit(base).hostname or ""
    if host == "web.archive.org":
        return Archive(
            host, f"{_INTERNET_ARCHIVE}/cdx/search/cdx", f"{_INTERNET_ARCHIVE}/web", False
        )
    return Archive(urlsplit(base).netloc, f"{base}/cdx", base, _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
        **period: str | None,
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
        self.period = _digits(period.get("from")), _digits(period.get("to"))
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
        if not (self.archive.is_local or self.contact):
            raise CloseSpider("contact_missing")
        listed: dict[str, Capture] = {}  # by key: observed: rows repeat
        for url in _addresses(self.offices, self.language, registry()):
            rows = await self._listing(url)
            found = [self._capture(row) for row in rows if _within(row.timestamp, self.period)]
            listed |= {each.key: each for each in found}
        due = {each.key for each in self.ledger.list_captures(listed.values())}
        self.crawler.stats.inc_value("captures/known", len(listed) - len(due))
        # Chosen from all that are listed, lest the next run take another one of each period.
        selected = _select(listed.values(), self.every)
        self.chosen = [each for each in selected if each.key in due][: self.limit]
        for capture in () if self.plan else self.chosen:
            yield self._request(
                self.archive.address(capture.timestamp, capture.url, "id_"),
                "playback",
                callback=self.play_back,
                errback=self.give_up,
                cb_kwargs={"capture": capture},
            )

    async def _listing(self, url: str) -> list[Row]:
        """The captures of an address. Raises CloseSpider when the archive does not tell."""
        query = {"url": url, "output": "json"}
        query |= {
            name: each for name, each in zip(("from", "to"), self.period, strict=True) if each
        }
        request = self._request(f"{self.archive.listing}?{urlencode(query)}", "listing")
        try:
            response = await self.crawler.engine.download_async(request)
        except Exception as error:
            self._heed(error)
            self.logger.error("%s gives no listing: %s", self.archive.name, error)
            raise CloseSpider("listing_failed") from error
        self.listings += 1
        if response.status == 429:
            raise CloseSpider("rate_limited")
        if response.status == 404:  # what some servers answer where they hold nothing
            self.logger.warning("%s gives no listing: HTTP 404", self.archive.name)
            return []
        if response.status != 200:
            self.logger.error("%s gives no listing: HTTP %s", self.archive.name, response.status)
            raise CloseSpider("listing_failed")
        rows, odd = parse_listing(response.body)
        if odd:
            self.logger.warning(
                "%s lists %d lines that are no row, the first: %.80s",
                self.archive.name, len(odd), odd[0].lstrip(),
            )  # fmt: skip
        return rows

    def _capture(self, row: Row) -> Capture:
        return Capture(
            place=registry().locate(row.original, self.slug),
            url=row.original,
            captured_at=parse_timestamp(row.timestamp)[0],
            archive=self.archive.name,
            uri_m=self.archive.address(row.timestamp, row.original),
            status=row.status,
            digest=row.digest,
        )

    def _request(self, url: str, slot: str, **more: Any) -> scrapy.Request:
        agent = f"ilo-archive/{__version__} ({self.contact or 'loopback'})"
        return scrapy.Request(
            url,
            # Without Accept-Encoding pywb decodes a gzip body that was archived as such.
            headers={"User-Agent": agent, "Accept-Encoding": "gzip, deflate, br, zstd"},
            meta={"download_slot": "loopback" if self.archive.is_local else slot},
            dont_filter=True,  # two captures of one second share an address
            **more,
        )

    def play_back(self, response: Response, capture: Capture) -> Iterator[Fetched | NotFetched]:
        """The capture as it was archived, or why the archive does not give it."""
        memento = _header(response, "Memento-Datetime")
        if memento is None and response.status == 429:
            raise CloseSpider("rate_limited")
        if memento is None:
            yield _refused(response, capture)
        elif _moment(memento) != capture.captured_at:
            answered = f"the archive answers with the capture of {memento}"
            yield NotFetched(capture, answered, retry=False)
        else:
            # The listing of a revisit names no status.
            yield Fetched(replace(capture, status=response.status), _message(response))

    def give_up(self, failure: Any) -> Iterator[NotFetched]:
        """The capture that could not be had after all retries."""
        self._heed(failure.value)
        capture = failure.request.cb_kwargs["capture"]
        if failure.check(DownloadCancelledError):
            yield NotFetched(capture, f"more than {MAX_BODY >> 20} MB", retry=False)
        else:  # observed: a connection reset in a body has no text
            told = str(failure.value) or failure.type.__name__
            yield NotFetched(capture, f"no answer: {told}")

    def _heed(self, error: Exception) -> None:
        """Stop where a remote archive refuses connections: it blocks who asked too much."""
        if isinstance(error, DownloadConnectionRefusedError) and not self.archive.is_local:
            raise CloseSpider("rate_limited") from error


def _digits(text: str | None) -> str:
    """A partial date as CDX servers take it. Raises BadTimestamp."""
    if not text:
        return ""
    parse_timestamp(text)
    return "".join(filter(str.isdigit, text))[:14]


def _within(timestamp: str, period: tuple[str, str]) -> bool:
    first, last = period
    return timestamp[: len(first)] >= first and timestamp[: len(last)] <= last


def _addresses(offices: Iterable[str], language: str | None, known: Registry) -> Iterator[str]:
    for each in offices:
        if "://" in each:
            yield each
        else:
            for address in known.get(each).addresses:
                if language in (None, address.language):
                    yield address.url


def _select(captures: Iterable[Capture], every: str | None) -> list[Capture]:
    """One capture of each period, the earliest that is listed as good; all without `every`."""
    ordered = sorted(captures, key=lambda each: (each.place.page, each.captured_at))
    if every is None:
        return ordered
    groups = groupby(ordered, lambda each: (each.place.page, _period(each.captured_at, every)))
    return [min(group, key=lambda each: each.status != 200) for _, group in groups]


def _period(moment: datetime, every: str) -> tuple[int, ...]:
    if every == "week":
        return tuple(moment.isocalendar())[:2]
    return moment.timetuple()[: {"year": 1, "month": 2, "day": 3}[every]]


def _header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None


def _moment(memento_datetime: str) -> datetime | None:
    """The moment of a `Memento-Datetime` header (RFC 7089, 2.1.1)."""
    try:
        return parsedate_to_datetime(memento_datetime)
    except ValueError:
        return None


def _refused(response: Response, capture: Capture) -> NotFetched:
    """An answer of the archive's own, not an archived one."""
    if 300 <= response.status < 400:
        target = _header(response, "Location")
        return NotFetched(capture, f"the archive redirects to {target}", retry=False)
    retry = response.status >= 500
    return NotFetched(capture, f"the archive answers HTTP {response.status}", retry=retry)


def _message(response: Response) -> HttpMessage:
    """The archived message. Archives send most original headers as `X-Archive-Orig-…` and
    those that tell what the body is as they were (the Wayback Machine and pywb).
    """
    pairs = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    passed_on = [each for each in pairs if each[0].lower() in _PASSED_ON]
    renamed = [
        (name[len(_ORIGINAL) :], value)
        for name, value in pairs
        if name.lower().startswith(_ORIGINAL) and name.lower()[len(_ORIGINAL) :] not in _OF_THE_WAY
    ]
    return HttpMessage(
        response.status, _PHRASES.get(response.status, ""), (*passed_on, *renamed), response.body
    )
