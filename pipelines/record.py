"""Fold the snapshot into the archive, one transaction a capture."""

from datetime import UTC, datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler

from ilo_archive.archive import ArchiveWriter
from ilo_archive.capture import NotFetched
from ilo_archive.snapshot import Snapshot


class RecordPipeline:
    """`Snapshot` and `NotFetched` -> rows; the run gets a row of its own."""

    def __init__(self, ledger: ArchiveWriter, command: str) -> None:
        """Record into `ledger`, as a run of `command`."""
        self._ledger = ledger
        self._command = command
        self._run = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The archive that the spider lists its captures in."""
        spider: Any = crawler.spider
        pipeline = cls(spider.ledger, spider.command)
        crawler.signals.connect(pipeline.closing, signal=signals.spider_closed)
        return pipeline

    def open_spider(self) -> None:
        """Enter the run."""
        self._run = self._ledger.start_run(self._command, datetime.now(UTC))

    def process_item(self, item: object) -> object:
        """Record a snapshot or a failure."""
        if isinstance(item, Snapshot):
            self._ledger.record(item, self._run)
        elif isinstance(item, NotFetched):
            self._ledger.record_failure(item, self._run)
        return item

    def closing(self, reason: str) -> None:
        """Enter how the run ended, once every item is recorded."""
        self._ledger.end_run(self._run, reason, datetime.now(UTC))
        self._ledger.close()
