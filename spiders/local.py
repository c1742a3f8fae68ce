"""Captures in local files: WARC files, saved pages, folders of both."""

import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Sequence
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
from ilo_archive.reader.page import read_page
from ilo_archive.times import BadTimestamp, Precision, parse_timestamp
from ilo_archive.warc.captures import ENDINGS, CaptureReader, Damage, contains_records

from .crawl_request import open_archive

_PAGE_TYPES = {".html": "text/html", ".htm": "text/html", ".txt": "text/plain"}
_DIGITS = re.compile(r"(?<!\d)\d{14}(?!\d)")
_NAMED = re.compile(r"(?P<slug>[a-z][a-z0-9-]*?)-(?P<date>\d{14}|\d{4}(?:-\d{2}){0,2})(?:\D.*)?")


@dataclass(frozen=True, slots=True)
class FileHints:
    """What the caller says of loose files: address, time, office; each None if not said."""

    url: str | None = None
    at: str | None = None
    office: str | None = None


class LocalSpider(scrapy.Spider):
    """`scrapy crawl local -a paths=FILE[:FILE...]`."""

    name = "local"
    command = "ingest"
    archive: ArchiveWriter

    def __init__(self, paths: str | Sequence[str] = (), **told: Any) -> None:
        """`paths` are files and folders, in a string separated by colons."""
        super().__init__()
        self.paths = [
            Path(each) for each in (paths.split(":") if isinstance(paths, str) else paths)
        ]
        self.told = FileHints(**told)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Open the archive of the home that the settings name."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.archive = open_archive(crawler.settings)
        return spider

    async def start(self) -> AsyncIterator[scrapy.Request]:
        """Every capture that the archive does not have yet.

        Each comes with a request: closed with an item of `start` in its pipelines, Scrapy 2.19
        waits for ever (`Scraper` looks whether it is idle only after responses).
        """
        handed: set[str] = set()  # keys: a file may hold a record twice, a folder a file
        for found in self._found():
            if isinstance(found, Damage):
                self.logger.warning("%s", found)
                self.crawler.stats.inc_value("files/damaged")
            elif found.capture.key in handed or self.archive.is_finished(found.capture):
                self.crawler.stats.inc_value("captures/known")
            else:
                handed.add(found.capture.key)
                yield scrapy.Request(
                    "data:,", self.hand_over, cb_kwargs={"found": found}, dont_filter=True
                )

    def _found(self) -> Iterator[Fetched | Damage]:
        known = self.archive.registry
        reader = CaptureReader(lambda url: known.locate(url, self.told.office))
        for path in self.paths:
            for file in _files(path):
                if isinstance(file, Damage):
                    yield file
                else:
                    yield from _captures(file, self.told, known, reader)
        yield from reader.pending_revisits()

    def hand_over(self, _: Response, found: Fetched) -> Iterator[Fetched]:
        """What `start` found."""
        yield found


def _files(path: Path) -> Iterator[Path | Damage]:
    """The readable files of a folder, by name, and what of it may not be looked at; a file named
    outright whatever its ending.
    """
    if not path.is_dir():
        yield path
        return
    closed: list[OSError] = []
    walk = os.walk(path, onerror=closed.append)
    for each in sorted(Path(folder, name) for folder, _, names in walk for name in names):
        if each.name.lower().endswith((*ENDINGS, *_PAGE_TYPES)):
            try:
                if each.is_file():
                    yield each
            except OSError as error:  # a folder that may be listed and not entered
                closed.append(error)
    for shut in closed:
        yield Damage(Path(shut.filename), shut.strerror or str(shut))


def _captures(
    path: Path, told: FileHints, offices: Registry, reader: CaptureReader
) -> Iterator[Fetched | Damage]:
    try:
        if path.suffix.lower() in _PAGE_TYPES:
            yield _saved_page(path, told, offices)
        elif path.name.lower().endswith(ENDINGS) or contains_records(path):
            yield from reader.read(path)
        else:
            yield Damage(path, "neither WARC, ARC, WACZ, HTML nor text, by its name and content")
    except OSError as error:
        yield Damage(path, error.strerror or str(error))


def _saved_page(path: Path, told: FileHints, offices: Registry) -> Fetched | Damage:
    sidecar = _sidecar(path)
    named = _NAMED.fullmatch(path.stem)
    time = _time(path, told.at or sidecar.get("captured_at"), named)
    if time is None:
        return Damage(path, "no time known: give --at, or a name such as moscow-2015-04.html")
    moment, precision = time
    slug = told.office or (named.group("slug") if named else None)
    url = told.url or sidecar.get("url")
    if url is not None and not is_address(url):
        return Damage(path, f"{url!r} is no address of the web")
    if path.stat().st_size > MAX_BODY:
        return Damage(path, f"more than {MAX_BODY >> 20} MB")
    body = path.read_bytes()
    url = url or _homepage(slug, moment, body, offices)
    if url is None:
        return Damage(path, "no address: give --url, or --office and --at")
    headers = (("Content-Type", _PAGE_TYPES[path.suffix.lower()]),)
    message = HttpMessage(200, "OK", headers, body)
    capture = Capture(
        place=offices.locate(url, told.office),
        url=url,
        captured_at=moment,
        archive=path.name,
        status=200,
        digest=message.digest,
        precision=precision,
    )
    return Fetched(capture, message)


def _sidecar(path: Path) -> dict[str, str]:
    """`NAME.meta.json` beside `NAME.html`, with `url` and `captured_at`."""
    beside = path.with_name(f"{path.stem}.meta.json")
    if not beside.exists():
        beside = path.with_name(f"{path.name}.meta.json")
    try:
        told = json.loads(beside.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    # 20150414103217 without quotes is what people write.
    return {name: str(value) for name, value in told.items() if value is not None}


def _time(
    path: Path, told: str | None, named: re.Match[str] | None
) -> tuple[datetime, Precision] | None:
    digits = _DIGITS.search(path.stem)
    text = told or (digits and digits.group()) or (named and named.group("date"))
    try:
        return parse_timestamp(text) if text else None
    except BadTimestamp:
        return None


def _homepage(slug: str | None, moment: datetime, body: bytes, offices: Registry) -> str | None:
    """The address of an office at that time, in the language that the page is in; a made-up one
    for an office nobody knows.
    """
    if slug is None:
        return None
    if slug not in offices.offices:
        return f"file:///{slug}"
    office = offices.offices[slug]
    spoken = read_page(body).language if len(office.languages) > 1 else None
    return office.address(spoken if spoken in office.languages else None, moment.year).url
