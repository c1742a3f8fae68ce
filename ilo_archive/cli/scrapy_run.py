"""Running a spider through Scrapy, with its progress on the terminal."""

import asyncio
import logging
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.progress import Progress
from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings

from ilo_archive.cli import exit_code
from ilo_archive.cli.progress import CrawlProgress
from ilo_archive.errors import ExitCode
from ilo_archive.offices import Registry
from ilo_archive.readings.ahead import KeptBatch
from ilo_archive.text.printable import printable


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run that ended: its spider, its statistics and Scrapy's reason for the end."""

    spider: Any
    stats: Mapping[str, Any]
    reason: str


def run_spider(name: str, home: Path, known: Registry, arguments: Mapping[str, Any]) -> FinishedRun:
    """Run a spider of that name to its end."""
    settings = Settings()
    settings.setmodule("ilo_archive.settings", priority="project")
    settings.set("ILO_ARCHIVE_HOME", str(home))
    settings.set("ILO_ARCHIVE_OFFICES", str(known.file or ""))
    settings.set("LOG_INSTALL_ROOT_HANDLER", False)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler(name)
    with _Watch(crawler) as watch:
        task = process.crawl(crawler, **arguments)
        try:
            process.start()
        finally:
            if not task.done():
                _end_run(crawler.spider)
    if not task.done():  # interrupted twice: requests in flight were dropped
        raise KeyboardInterrupt
    error = task.exception() or watch.error
    if error:
        raise error
    stats = crawler.stats.get_stats()
    return FinishedRun(crawler.spider, stats, str(stats["finish_reason"]))


def _end_run(spider: Any) -> None:
    """Record that a run was interrupted before Scrapy could end it."""
    archive = getattr(spider, "archive", None)
    if archive:
        archive.end_open_run("shutdown", datetime.now(UTC))
        archive.close()


class _Watch:
    """Shows the progress of a run: a bar on a terminal, else one log line a capture; ends it when
    the disk is full.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._endings: list[asyncio.Future[None]] = []
        self.error: Exception | None = None
        self._progress = CrawlProgress(Console(stderr=True))
        self._bar = self._progress.bar
        logging.basicConfig(handlers=[_OneLine(self._bar)], level=logging.WARNING, force=True)
        if self._bar.disable:
            for name in ("record", "progress"):
                logging.getLogger(f"ilo_archive.{name}").setLevel(logging.INFO)
        logging.getLogger("scrapy").setLevel(logging.WARNING)
        # Errors of pipelines reach `_failed` as a signal, without a traceback.
        logging.getLogger("scrapy.core").setLevel(logging.CRITICAL)
        # A request that is given up reaches the spider, which reports it with its capture.
        logging.getLogger("scrapy.downloadermiddlewares.retry").setLevel(logging.CRITICAL)
        for parser in ("bs4", "warcio"):  # their warnings name neither capture nor file
            logging.getLogger(parser).setLevel(logging.ERROR)

    def __enter__(self) -> Self:
        self._crawler.signals.connect(self._recorded, signal=signals.item_scraped)
        self._crawler.signals.connect(self._failed, signal=signals.item_error)
        self._crawler.signals.connect(self._spider_failed, signal=signals.spider_error)
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def _recorded(self, item: object) -> None:
        spider = self._crawler.spider
        chosen = getattr(spider, "chosen", None)
        searching = getattr(spider, "search", None)  # the number of requests is unknown
        for _ in item.snapshots if isinstance(item, KeptBatch) else (item,):
            self._progress.advance(len(chosen) if chosen and not searching else None)

    def _failed(self, failure: Any) -> None:
        """A capture that could not be kept or recorded; the archive still lists it."""
        if exit_code(failure.value) != ExitCode.DISK:
            logging.getLogger("ilo_archive.record").error("%s", failure.value)
            self._crawler.stats.inc_value("captures/failed")
        elif not self._endings:  # captures in flight fail too: end the run once
            ending = self._crawler.engine.close_spider_async(reason="disk_full")
            self._endings.append(asyncio.ensure_future(ending))

    def _spider_failed(self, failure: Any, response: Any) -> None:
        """An error of the spider: in `start` it ends the run, later it fails one capture."""
        if response is None:
            self.error = failure.value
        else:
            self._failed(failure)


class _OneLine(logging.Handler):
    """Log records as single lines, without tracebacks and without a page's control characters."""

    def __init__(self, bar: Progress) -> None:
        super().__init__()
        self._bar = bar

    def emit(self, record: logging.LogRecord) -> None:
        # Scrapy puts tracebacks into messages; a file's name may have a line break, too.
        line = printable(record.getMessage().partition("\nTraceback")[0].strip())
        if self._bar.disable:
            sys.stderr.write(f"{line}\n")
        else:
            self._bar.console.print(line, markup=False, highlight=False)
