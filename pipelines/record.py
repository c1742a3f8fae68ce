"""Record the snapshot in the archive, one transaction a capture."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Self

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector
from sqlalchemy.exc import DatabaseError

from ilo_archive.archive.recording import Recorded
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, NotFetched
from ilo_archive.reader.snapshot import Snapshot
from ilo_archive.readings.ahead import KeptBatch
from ilo_archive.times import iso

logger = logging.getLogger("ilo_archive.record")


class RecordPipeline:
    """Records `Snapshot` and `NotFetched` items, and the run itself."""

    def __init__(self, archive: ArchiveWriter, command: str, stats: StatsCollector) -> None:
        """Record into `archive` as a run of `command`; `stats` counts the results."""
        self._archive = archive
        self._command = command
        self._stats = stats
        self._run = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Use the spider's archive."""
        spider: Any = crawler.spider
        pipeline = cls(spider.archive, spider.command, crawler.stats)
        crawler.signals.connect(pipeline.closing, signal=signals.spider_closed)
        return pipeline

    def open_spider(self) -> None:
        """Store the start of the run."""
        self._run = self._archive.start_run(self._command, datetime.now(UTC))

    def process_item(self, item: object) -> object:
        """Record a snapshot or a failure."""
        if isinstance(item, Snapshot):
            self._record([item])
        elif isinstance(item, KeptBatch):
            self._record_batch(item.snapshots)
        elif isinstance(item, NotFetched):
            attempts = self._archive.record_failure(item, self._run)
            if attempts.retry_at:
                self._stats.min_value("captures/retry_at", attempts.retry_at)
            self._stats.inc_value(f"captures/{'failed' if item.retry else 'skipped'}")
            _log(item.capture, item.reason)
        return item

    def _record_batch(self, snapshots: Sequence[Snapshot]) -> None:
        """Record in one transaction; if that fails, one by one: each error is of one capture."""
        try:
            self._record(snapshots)
        except Exception:
            errors = [error for each in snapshots if (error := self._failure(each))]
            if len(errors) == len(snapshots):
                raise
            for error in errors[1:]:
                logger.error("%s", error)
                self._stats.inc_value("captures/failed")
            if errors:
                raise errors[0] from None

    def _failure(self, snapshot: Snapshot) -> Exception | None:
        """Record a snapshot. Returns the error if that fails."""
        try:
            self._record([snapshot])
        except Exception as error:  # noqa: BLE001 - the caller raises or reports it
            return error
        return None

    def _record(self, snapshots: Sequence[Snapshot]) -> None:
        recorded = self._archive.record_many(snapshots, self._run)
        for snapshot, counts in zip(snapshots, recorded, strict=True):
            self._count(snapshot, counts)

    def _count(self, snapshot: Snapshot, recorded: Recorded) -> None:
        """Count and log a snapshot that was recorded."""
        self._stats.inc_value(f"captures/{snapshot.state}")
        if snapshot.quality == "good":
            self._stats.inc_value("captures/good")
        self._stats.inc_value("entries/new", recorded.new)
        self._stats.inc_value("entries/revised", recorded.revised)
        number = len(snapshot.page.entries) if snapshot.page else 0
        entries = "1 entry" if number == 1 else f"{number} entries"
        message = snapshot.reason or f"{entries}, {recorded.new} new"
        if recorded.revised:
            message += f", {recorded.revised} in a new wording"
        if snapshot.fault:
            message += f" ({snapshot.fault})"
        _log(snapshot.capture, message)

    def closing(self, reason: str) -> None:
        """Store how the run ended, after every item was recorded."""
        # A full disk has no room for this either; then the next run marks this one as killed.
        with suppress(DatabaseError):
            self._archive.end_run(self._run, reason, datetime.now(UTC))
        self._archive.close()


def _log(capture: Capture, message: str) -> None:
    page = f"{capture.place.office} {capture.place.language or ''}".rstrip()
    logger.info("%s %s: %s", iso(capture.captured_at), page, message)
