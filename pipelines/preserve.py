"""Store the raw capture, before anything else uses it."""

import logging
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from ilo_archive import __version__
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Fetched, Kept, Position
from ilo_archive.readings.ahead import Batch
from ilo_archive.warc.store import WarcStore

from .batches import BatchKeeper

logger = logging.getLogger("ilo_archive.record")


class PreservePipeline:
    """`Fetched` -> `Kept`; bytes that are stored already become a revisit record."""

    def __init__(self, store: WarcStore, archive: ArchiveWriter, stats: StatsCollector) -> None:
        """Write captures to `store`; `archive` knows which are there, `stats` counts damage."""
        self._store = store
        self._archive = archive
        self._stats = stats
        self._whole: set[Position] = set()  # records that could be read
        self._batches = BatchKeeper(store, archive, self._original)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the store of the home that the settings name."""
        home = Path(crawler.settings["ILO_ARCHIVE_HOME"])
        roll_at = crawler.settings.getint("ILO_ARCHIVE_WARC_SIZE")
        spider: Any = crawler.spider
        software = f"ilo-archive/{__version__}"
        store = WarcStore(home / "warc", datetime.now(UTC), roll_at, software)
        return cls(store, spider.archive, crawler.stats)

    def open_spider(self) -> None:
        """Register records that were stored without recording their captures, and report files of
        the store that lack bytes.
        """
        recovered = self._store.recover(self._archive.known_ends())
        for each in recovered.short:
            logger.error("%s: run `ilo-archive verify`", each)
            self._stats.inc_value("store/short")
        if recovered.orphans and self._archive.is_new():
            logger.warning(
                "the database is new, but warc/ has %d captures: `ilo-archive reread --apply`"
                " records them",
                len(recovered.orphans),
            )
        self._archive.register_orphans(recovered.orphans)

    def process_item(self, item: object) -> object:
        """Store a fetched capture, or a batch of them; pass other items on."""
        if isinstance(item, Batch):
            return self._batches.keep(item)
        return self._keep(item) if isinstance(item, Fetched) else item

    def close_spider(self) -> None:
        """Close the store."""
        self._store.close()

    def _keep(self, fetched: Fetched) -> Kept:
        capture, message = fetched.capture, fetched.message
        position = self._archive.position_of(capture, message.digest)
        if position is None:
            original = self._original(capture.place.page, message.digest)
            position = self._store.append(fetched, original)
        return Kept(capture, message, position, fetched.fault)

    def _original(self, page: str, digest: str) -> Capture | None:
        """The capture that a revisit of these bytes refers to: its record can be read.

        One that cannot is marked as lost, and the bytes are stored again.
        """
        while stored := self._archive.first_stored(page, digest):
            capture, position = stored
            if position in self._whole or self._is_whole(position, digest):
                self._whole.add(position)
                return capture
            logger.warning(
                "%s: its record in warc/%s is lost or damaged", capture.key, position.file
            )
            self._archive.mark_lost(position, datetime.now(UTC))
        return None

    def _is_whole(self, position: Position, digest: str) -> bool:
        try:
            return self._store.read(position).digest == digest
        except (OSError, ValueError):
            return False
