"""Read a snapshot from the stored capture."""

from typing import Any, Self

from scrapy.crawler import Crawler

from ilo_archive.capture import Kept
from ilo_archive.offices import Registry
from ilo_archive.reader.snapshot import take_snapshot


class ReadPipeline:
    """`Kept` -> `Snapshot`."""

    def __init__(self, offices: Registry) -> None:
        """`offices` is the registry that distinguishes the organisation's own sites from others."""
        self._offices = offices

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the registry of the spider's archive."""
        spider: Any = crawler.spider
        return cls(spider.archive.registry)

    def process_item(self, item: object) -> object:
        """Read a stored capture; pass other items on."""
        return take_snapshot(item, self._offices) if isinstance(item, Kept) else item
