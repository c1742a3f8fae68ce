"""Captures in local files: WARC files, saved pages, and folders of both."""

import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import MAX_BODY, HttpMessage
from ilo_archive.offices import Registry, is_address
from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import read_page
from ilo_archive.times import BadTimestamp, Precision, parse_timestamp
from ilo_archive.warc.captures import ENDINGS, CaptureReader, Damage, contains_records

from .crawl_request import open_archive

_PAGE_TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain"}
_DIGITS = re.compile(r"(?<!\d)\d{14}(?!\d)")
_NAMED = re.compile(r"(?P<slug>[a-z][a-z0-9-]*?)-(?P<date>\d{14}|\d{4}(?:-\d{2}){0,2})(?:\D.*)?")


@dataclass(frozen=True, slots=True)
class FileHints:
    """The address, time and office that the user states for saved pages; None if not stated."""

    url: str | None = None
    at: str | None = None
    office: str | None = None


class LocalSpider(scrapy.Spider):
    """`scrapy crawl local -a paths=FILE[:FILE...]`."""

    name = "local"
    command = "ingest"
    archive: ArchiveWriter

    def __init__(self, paths: str | Sequence[str] = (), **hints: Any) -> None:
        """`paths` are files and folders; in a string they are separated by colons."""
        super().__init__()
        self.paths = [
            Path(each) for each in (paths.split(":") if isinstance(paths, str) else paths)
        ]
        self.hints = FileHints(**hints)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.archive = open_archive(crawler.settings)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Yield every capture that the archive does not have yet.

        Each comes with a request: Scrapy 2.19 waits forever if `start` ends while an item is in the
        pipelines (`Scraper` checks whether it is idle only after responses).
        """
        # Keys: a record may be in a file, or a file in a folder, twice. True if it had a fault.
        yielded: dict[str, bool] = {}
        for found in self._found():
            if isinstance(found, Damage):
                self.logger.warning("%s", found)
                self.crawler.stats.inc_value("files/damaged", found.count)
            elif self._is_known(found, yielded):
                self.crawler.stats.inc_value("captures/known")
            else:
                yielded[found.capture.key] = bool(found.fault)
                yield scrapy.Request(
                    "data:,", self.hand_over, cb_kwargs={"found": found}, dont_filter=True
                )

    def _is_known(self, found: Fetched, yielded: Mapping[str, bool]) -> bool:
        """True if a capture was yielded or recorded before, and not only with a fault."""
        has_fault = bool(found.fault)
        if found.capture.key in yielded:
            return has_fault or not yielded[found.capture.key]
        return self.archive.is_finished(found.capture, has_fault=has_fault)

    def _found(self) -> Iterator[Fetched | Damage]:
        known = self.archive.registry
        reader = CaptureReader(lambda url: known.locate(url, self.hints.office))
        for path in self.paths:
            for file in _files(path):
                if isinstance(file, Damage):
                    yield file
                else:
                    yield from _captures(file, self.hints, known, reader)
        yield from reader.pending_revisits()

    def hand_over(self, _: Response, found: Fetched) -> Iterator[Fetched]:
        """Yield what `start` found."""
        yield found


def _files(path: Path) -> Iterator[Path | Damage]:
    """Yield the readable files of a folder, by name, and damage for what cannot be accessed.

    A file that is given itself is read whatever its name.
    """
    if not path.is_dir():
        yield path
        return
    errors: list[OSError] = []
    walk = os.walk(path, onerror=errors.append)
    for file in sorted(Path(folder, name) for folder, _, names in walk for name in names):
        if file.name.lower().endswith((*ENDINGS, *_PAGE_TYPES)):
            try:
                if file.is_file():
                    yield file
            except OSError as error:  # a folder that may be listed but not entered
                errors.append(error)
    for each in errors:
        yield Damage(Path(each.filename), each.strerror or str(each))


def _captures(
    path: Path, hints: FileHints, offices: Registry, reader: CaptureReader
) -> Iterator[Fetched | Damage]:
    try:
        if path.suffix.lower() in _PAGE_TYPES:
            yield _saved_page(path, hints, offices)
        elif path.name.lower().endswith(ENDINGS) or contains_records(path):
            yield from reader.read(path)
        else:
            yield Damage(path, "not a WARC, ARC, WACZ, HTML or text file, by its name and content")
    except OSError as error:
        yield Damage(path, error.strerror or str(error))


def _saved_page(path: Path, hints: FileHints, offices: Registry) -> Fetched | Damage:
    sidecar = _sidecar(path)
    name_parts = _NAMED.fullmatch(path.stem)
    time = _time(path, hints.at or sidecar.get("captured_at"), name_parts)
    if time is None:
        return Damage(
            path, "no capture time: use --at, or rename it, e.g. to moscow-2015-04-14.html"
        )
    moment, precision = time
    slug = hints.office or (name_parts.group("slug") if name_parts else None)
    url = hints.url or sidecar.get("url")
    if url is not None and not is_address(url):
        return Damage(path, f"{url!r} is not a web address")
    if path.stat().st_size > MAX_BODY:
        return Damage(path, f"more than {MAX_BODY >> 20} MB")
    body = path.read_bytes()
    url = url or _homepage(slug, moment, body, offices)
    if url is None:
        return Damage(path, "no address: use --url, or --office with --at")
    headers = (("Content-Type", _PAGE_TYPES[path.suffix.lower()]),)
    message = HttpMessage(200, "OK", headers, body)
    capture = Capture(
        place=offices.locate(url, hints.office),
        url=url,
        captured_at=moment,
        archive=path.name,
        status=200,
        digest=message.digest,
        precision=precision,
    )
    return Fetched(capture, message)


def _sidecar(path: Path) -> dict[str, str]:
    """The fields `url` and `captured_at` of the file `NAME.meta.json` of `NAME.html`; empty without
    it.
    """
    sidecar = path.with_name(f"{path.stem}.meta.json")
    if not sidecar.exists():
        sidecar = path.with_name(f"{path.name}.meta.json")
    try:
        fields = json.loads(sidecar.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    if not isinstance(fields, dict):
        return {}
    # People write 20150414103217 without quotes.
    return {name: str(value) for name, value in fields.items() if value is not None}


def _time(
    path: Path, stated: str | None, name_parts: re.Match[str] | None
) -> tuple[datetime, Precision] | None:
    """The capture time and its precision: as stated, else from the name; None if that is not a
    date.
    """
    digits = _DIGITS.search(path.stem)
    text = stated or (digits and digits.group()) or (name_parts and name_parts.group("date"))
    try:
        return parse_timestamp(text) if text else None
    except BadTimestamp:
        return None


def _homepage(slug: str | None, moment: datetime, body: bytes, offices: Registry) -> str | None:
    """The address of an office's homepage at a time, in the language of the page.

    None without an office; `file:///SLUG` for an office that is not in the registry.
    """
    if slug is None:
        return None
    if slug not in offices.offices:
        return f"file:///{slug}"
    office = offices.offices[slug]
    language = _language(body) if len(office.languages) > 1 else None
    return office.address(language if language in office.languages else None, moment.year).url


def _language(body: bytes) -> str | None:
    try:
        return read_page(body).language
    except PageRefused:  # stored all the same: what is wrong with it is found after that
        return None
