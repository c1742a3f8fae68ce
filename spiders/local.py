"""Captures in local files: WARC files, saved pages, and folders of both."""

import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shlex import quote
from tempfile import TemporaryDirectory
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Fetched
from ilo_archive.readings.ahead import AheadReader, Batch
from ilo_archive.readings.cluster import ClusterReadings
from ilo_archive.readings.files import copy_of
from ilo_archive.sources.manifest import BadManifest, is_manifest
from ilo_archive.sources.saved_paths import (
    BACKUP,
    evidence_of_path,
    is_companion,
    is_no_page,
    is_replaced,
)
from ilo_archive.warc.captures import ENDINGS, CaptureReader, Damage, contains_records
from ilo_archive.warc.store import read_kept
from ilo_archive.worker_pool import WorkerLost

from .crawl_request import open_archive
from .proposals import write_manifest
from .saved_pages import PAGE_TYPES, FileHints, SavedPages, Unplaced

_NAMED_ONE_BY_ONE = 3  # files without a time or an address; of more there is a manifest
_HTML = re.compile(rb"<!doctype html|<html", re.IGNORECASE)


class LocalSpider(scrapy.Spider):
    """`scrapy crawl local -a paths=FILE[:FILE...] [-a workers=N]`."""

    name = "local"
    command = "ingest"
    archive: ArchiveWriter
    _ahead: AheadReader

    def __init__(
        self,
        paths: str | Sequence[str] = (),
        workers: str | int = 1,
        readings: ClusterReadings | None = None,
        **hints: Any,
    ) -> None:
        """`paths` are files and folders; in a string they are separated by colons. In a list there
        may be addresses of files too (`s3://`, `https://`).

        With more than one of `workers`, as many other processes read the captures; with `readings`
        a cluster does.
        """
        super().__init__()
        given = paths.split(":") if isinstance(paths, str) else paths
        self.paths = [each if "://" in str(each) else Path(each) for each in given]
        self._copies: TemporaryDirectory[str] | None = None
        self.workers = int(workers)
        self.readings = readings
        self.hints = FileHints(**hints)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.archive = open_archive(crawler.settings)
        spider._ahead = AheadReader(spider.archive.registry, spider.workers, spider.readings)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yield every capture that the archive does not have yet.

        Each comes with a request: Scrapy 2.19 waits forever if `start` ends while an item is in the
        pipelines (`Scraper` checks whether it is idle only after responses).
        """
        new = self._new_captures()
        try:
            for found in self._ahead.batches(new):
                yield scrapy.Request(
                    "data:,", self.hand_over, cb_kwargs={"found": found}, dont_filter=True
                )
        except WorkerLost:
            await self.crawler.engine.close_spider_async(reason="worker_lost")

    def closed(self, _: str) -> None:
        """End the processes that read, and remove copies."""
        self._ahead.close()
        if self._copies:
            self._copies.cleanup()

    def _new_captures(self) -> Iterator[Fetched]:
        """Yield what is to be recorded; report what else there is."""
        # Keys: a record may be in a file, or a file in a folder, twice. True if it had a fault.
        yielded: dict[str, bool] = {}
        unplaced: list[Unplaced] = []
        for found in self._found():
            if isinstance(found, Unplaced):
                unplaced.append(found)
            elif isinstance(found, Damage):
                self.logger.warning("%s", found)
                self.crawler.stats.inc_value("files/damaged", found.count)
            elif self._is_known(found, yielded):
                self.crawler.stats.inc_value("captures/known")
            else:
                yielded[found.capture.key] = bool(found.fault)
                yield found
        self._report(unplaced)

    def _report(self, unplaced: list[Unplaced]) -> None:
        """Say what to do about saved pages without a time or an address: of several in one line,
        with a manifest to fill in.
        """
        if not unplaced:
            return
        self.crawler.stats.inc_value("files/unplaced", len(unplaced))
        if len(unplaced) <= _NAMED_ONE_BY_ONE:
            for each in unplaced:
                self.logger.warning("%s: %s", each.path.name, each.reason)
            return
        home = Path(self.crawler.settings["ILO_ARCHIVE_HOME"])
        manifest = write_manifest(unplaced, self.archive.registry, home)
        self.logger.warning(
            "%d files without a capture time or an address (use --at and --url for one): fill in"
            " %s, with what is known of each, then run `ilo-archive ingest %s`",
            len(unplaced), manifest, quote(str(manifest)),
        )  # fmt: skip

    def _is_known(self, found: Fetched, yielded: Mapping[str, bool]) -> bool:
        """True if a capture was yielded or recorded before, and not only with a fault."""
        has_fault = bool(found.fault)
        if found.capture.key in yielded:
            return has_fault or not yielded[found.capture.key]
        is_finished = self.archive.is_finished(found.capture, has_fault=has_fault)
        return is_finished and not self._is_lost(found)

    def _is_lost(self, found: Fetched) -> bool:
        """True if a capture is recorded as stored and its bytes cannot be read; marks it as lost,
        so that it is stored again.
        """
        capture, digest = found.capture, found.message.digest
        at = self.archive.position_of(capture, digest)
        if at is None:
            return False
        first = self.archive.first_stored(capture.place.page, digest) if at.is_revisit else None
        try:
            read_kept(self._store, at, first[1] if first else at, digest)
        except (OSError, ValueError):
            self.archive.mark_lost(at, datetime.now(UTC))
            return True
        return False

    @property
    def _store(self) -> Path:
        return Path(self.crawler.settings["ILO_ARCHIVE_HOME"], "warc")

    def _found(self) -> Iterator[Fetched | Damage | Unplaced]:
        known = self.archive.registry
        reader = CaptureReader(lambda url: known.locate(url, self.hints.office))
        pages = SavedPages(self.hints, known)
        for path in self.paths:
            if isinstance(path, str):
                yield from self._captures_at(path, pages, reader)
                continue
            for file in _files(path, pages):
                if isinstance(file, Damage):
                    yield file
                else:
                    if self.readings:
                        self.readings.wait(str(file.resolve()))
                    yield from _captures(file, pages, reader)
        yield from reader.pending_revisits()

    def _captures_at(
        self, address: str, pages: SavedPages, reader: CaptureReader
    ) -> Iterator[Fetched | Damage | Unplaced]:
        """Yield what is in a file of an object store or a web server, from a copy of it.

        The copy stays to the end of the run: revisits may refer to its records.
        """
        if self._copies is None:
            self._copies = TemporaryDirectory()
        folder = Path(self._copies.name, sha256(address.encode()).hexdigest()[:12])
        if self.readings:
            self.readings.wait(address)
        try:
            copy = copy_of(address, folder)
        except OSError as error:
            yield Damage(Path(address), error.strerror or str(error))
        else:
            yield from _captures(copy, pages, reader)

    def hand_over(self, _: Response, found: Fetched | Batch) -> Iterator[Fetched | Batch]:
        """Yield what `start` found."""
        yield found


def _files(path: Path, pages: SavedPages) -> Iterator[Path | Damage]:
    """Yield the readable files of a folder, by name, and damage for what cannot be accessed.

    A file that is given itself is read whatever its name; a manifest stands for its files.
    """
    if not path.is_dir():
        yield from _files_of_manifest(path, pages) if is_manifest(path.name) else [path]
        return
    errors: list[OSError] = []
    files = sorted(_files_below(path, errors))
    for file in (each for each in files if is_manifest(each.name)):
        yield from (each for each in _files_of_manifest(file, pages) if isinstance(each, Damage))
    for file in files:
        try:
            if _is_wanted(file):
                yield file
        except OSError as error:  # a folder that may be listed but not entered
            errors.append(error)
    for each in errors:
        yield Damage(Path(each.filename), each.strerror or str(each))


def _files_below(path: Path, errors: list[OSError]) -> Iterator[Path]:
    """Yield the files of a folder, without those that a browser or wget put beside a page."""
    for folder, folders, names in os.walk(path, onerror=errors.append):
        siblings = frozenset(names)
        folders[:] = [each for each in folders if not is_companion(each, siblings)]
        yield from (Path(folder, each) for each in names if not is_replaced(each, siblings))


def _files_of_manifest(path: Path, pages: SavedPages) -> Iterator[Path | Damage]:
    try:
        yield from pages.add_manifest(path)
    except BadManifest as error:
        yield Damage(path, str(error).partition(": ")[2])
    except OSError as error:
        yield Damage(path, error.strerror or str(error))


def _is_wanted(file: Path) -> bool:
    """True for a file of a folder that is read: by its ending, or in the folders of a downloader
    by its content. Raises OSError.
    """
    if not file.is_file() or is_no_page(file.resolve()):
        return False
    if file.name.lower().endswith((*ENDINGS, *PAGE_TYPES)):
        return True
    is_of_downloader = evidence_of_path(file.resolve()).url or file.suffix == BACKUP
    if is_manifest(file.name) or not is_of_downloader:
        return False
    with file.open("rb") as stream:
        return bool(_HTML.search(stream.read(1024)))


def _captures(
    path: Path, pages: SavedPages, reader: CaptureReader
) -> Iterator[Fetched | Damage | Unplaced]:
    try:
        if path.name.lower().endswith(ENDINGS) or contains_records(path):
            yield from reader.read(path)
        elif path.suffix.lower() in PAGE_TYPES or _is_wanted(path) or pages.is_listed(path):
            yield pages.read(path)
        else:
            yield Damage(
                path, "not a WARC, ARC, WACZ, HTML, MHTML or text file, by its name and content"
            )
    except OSError as error:
        yield Damage(path, error.strerror or str(error))
