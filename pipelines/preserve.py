"""Store the raw capture, before anything else uses it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from scrapy.crawler import Crawler

from ilo_archive import __version__
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Fetched, Kept
from ilo_archive.warc.store import WarcStore


class PreservePipeline:
    """`Fetched` -> `Kept`; bytes that are stored already become a revisit record."""

    def __init__(self, store: WarcStore, archive: ArchiveWriter) -> None:
        """Write captures to `store`; `archive` knows which are there."""
        self._store = store
        self._archive = archive

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Open the store of the home that the settings name."""
        home = Path(crawler.settings["ILO_ARCHIVE_HOME"])
        roll_at = crawler.settings.getint("ILO_ARCHIVE_WARC_SIZE")
        spider: Any = crawler.spider
        software = f"ilo-archive/{__version__}"
        store = WarcStore(home / "warc", datetime.now(UTC), roll_at, software)
        return cls(store, spider.archive)

    def open_spider(self) -> None:
        """Register records that a killed run stored without recording their captures."""
        self._archive.register_orphans(self._store.recover(self._archive.last_known_byte()))

    def process_item(self, item: object) -> object:
        """Store a fetched capture; pass other items on."""
        return self._keep(item) if isinstance(item, Fetched) else item

    def close_spider(self) -> None:
        """Close the store."""
        self._store.close()

    def _keep(self, fetched: Fetched) -> Kept:
        capture, message = fetched.capture, fetched.message
        position = self._archive.position_of(capture, message.digest)
        if position is None:
            original = self._archive.first_stored(capture.place.page, message.digest)
            position = self._store.append(fetched, original)
        return Kept(capture, message, position, fetched.fault)
