"""Make a snapshot of the kept capture."""

from typing import Any, Self

from scrapy.crawler import Crawler

from ilo_archive.capture import Kept
from ilo_archive.offices import Registry
from ilo_archive.reader.snapshot import take_snapshot


class ReadPipeline:
    """`Kept` -> `Snapshot`."""

    def __init__(self, offices: Registry) -> None:
        """`offices` tells whose sites are one."""
        self._offices = offices

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """With the registry that the spider's archive is written by."""
        spider: Any = crawler.spider
        return cls(spider.archive.registry)

    def process_item(self, item: object) -> object:
        """Read a kept capture; pass other items on."""
        return take_snapshot(item, self._offices) if isinstance(item, Kept) else item
