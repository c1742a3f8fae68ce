"""Saved pages and texts as captures: their address and time, from all that tells them."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ilo_archive.atomic_files import replacing
from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import MAX_BODY, HttpMessage
from ilo_archive.offices import Registry, is_address
from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import read_page
from ilo_archive.sources.manifest import Proposal, manifest_to_fill_in, read_manifest
from ilo_archive.sources.saved_page import (
    Evidence,
    NoPage,
    SavedPage,
    parse_mhtml,
    parse_saved_page,
)
from ilo_archive.sources.saved_paths import evidence_of_path
from ilo_archive.times import BadTimestamp, Precision, check_captured, parse_timestamp
from ilo_archive.warc.captures import Damage

PAGE_TYPES = {
    ".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml",
    ".txt": "text/plain", ".mht": "text/html", ".mhtml": "text/html",
}  # fmt: skip
"""The content types of saved pages, by the endings of their names."""

_MHTML = (".mht", ".mhtml")
_DIGITS = re.compile(r"(?<!\d)\d{14}(?!\d)")
_NAMED = re.compile(r"(?P<slug>[a-z][a-z0-9-]*?)-(?P<date>\d{14}|\d{4}(?:-\d{2}){0,2})(?:\D.*)?")
_DATE_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d{2})[-_. ]?(\d{2})[-_. ]?(\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class FileHints:
    """The address, time and office that the user states for saved pages; None if not stated."""

    url: str | None = None
    at: str | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A saved page whose time or address nothing tells; `reason` is what to do about it."""

    path: Path
    reason: str
    url: str | None = None


class SavedPages:
    """Reads saved pages and texts.

    Address and time are those that the user states, else of a manifest, a sidecar, the headers and
    comments in the file, the folders of a downloader, the name of the file: the first that has one.
    """

    def __init__(self, hints: FileHints, offices: Registry) -> None:
        """`hints` are what the user states for all pages."""
        self._hints = hints
        self._offices = offices
        self._listed: dict[Path, Evidence] = {}

    def add_manifest(self, path: Path) -> Iterator[Path]:
        """Heed a manifest. Yields its files. Raises BadManifest and OSError."""
        found = read_manifest(path)
        self._listed |= found
        yield from sorted(found)

    def is_listed(self, path: Path) -> bool:
        """True for a file of a manifest."""
        return path.resolve() in self._listed

    def read(self, path: Path) -> Fetched | Damage | Unplaced:
        """The capture in a file, or why there is none. Raises OSError."""
        if path.stat().st_size > MAX_BODY:
            return Damage(path, f"more than {MAX_BODY >> 20} MB")
        body, suffix = path.read_bytes(), path.suffix.lower()
        try:
            page = parse_mhtml(body) if suffix in _MHTML else parse_saved_page(body)
        except NoPage as error:
            return Damage(path, str(error))
        named = _NAMED.fullmatch(path.stem)
        evidence = self._evidence(path, page, named)
        time = _time(evidence.at)
        if time is None:
            reason = "no capture time: use --at, or rename it, e.g. to moscow-2015-04-14.html"
            return Unplaced(path, reason, evidence.url)
        if evidence.url is not None and not is_address(evidence.url):
            return Damage(path, f"{evidence.url!r} is not a web address")
        slug = self._hints.office or (named["slug"] if named else None)
        url = evidence.url or _homepage(slug, time[0], page.body, self._offices)
        if url is None:
            return Unplaced(path, "no address: use --url, or --office with --at")
        content_type = page.content_type or PAGE_TYPES.get(suffix, "text/html")
        message = HttpMessage(200, "OK", (("Content-Type", content_type),), page.body)
        return self._capture(path, message, url, *time)

    def _capture(
        self, path: Path, message: HttpMessage, url: str, moment: datetime, precision: Precision
    ) -> Fetched | Damage:
        try:
            check_captured(moment)
        except BadTimestamp as error:
            return Damage(path, str(error))
        place = self._offices.locate(url, self._hints.office)
        capture = Capture(place, url, moment, path.name, None, 200, message.digest, precision)
        return Fetched(capture, message)

    def _evidence(self, path: Path, page: SavedPage, named: re.Match[str] | None) -> Evidence:
        digits = _DIGITS.search(path.stem)
        in_name = digits.group() if digits else named["date"] if named else None
        stated = (
            Evidence(self._hints.url, self._hints.at),
            self._listed.get(path.resolve(), Evidence()),
            _sidecar(path),
            page.evidence,
            evidence_of_path(path.resolve()),
            Evidence(None, in_name),
        )
        found = Evidence()
        for each in stated:
            found = found.completed(each)
        return found


def write_manifest(unplaced: Sequence[Unplaced], home: Path) -> Path:
    """Write a manifest to fill in into the home. Returns its path. Raises OSError."""
    number = 1
    while (path := home / f"{'' if number == 1 else f'{number}-'}manifest.csv").exists():
        number += 1
    text = manifest_to_fill_in(map(_proposal, unplaced))
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
    return path


def _proposal(unplaced: Unplaced) -> Proposal:
    """What a name and the dates on a page hint at."""
    found = _DATE_IN_NAME.search(unplaced.path.stem)
    date = "-".join(found.groups()) if found else ""
    is_date = bool(date) and _time(date) is not None
    return Proposal(
        unplaced.path,
        unplaced.url or "",
        date if is_date else "",
        "file name" if is_date else "",
        _newest_date(unplaced.path),
    )


def _newest_date(path: Path) -> str:
    """The newest date on a page; empty without one."""
    try:
        entries = read_page(path.read_bytes()).entries
    except (OSError, PageRefused):
        return ""
    return max((f"{entry.date}" for _, entry in entries if entry.date), default="")


def _sidecar(path: Path) -> Evidence:
    """The fields `url` and `captured_at` of the file `NAME.meta.json` of `NAME.html`; empty without
    it.
    """
    sidecar = path.with_name(f"{path.stem}.meta.json")
    if not sidecar.exists():
        sidecar = path.with_name(f"{path.name}.meta.json")
    try:
        fields = json.loads(sidecar.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError, RecursionError):
        return Evidence()
    if not isinstance(fields, dict):
        return Evidence()
    # People write 20150414103217 without quotes.
    url, at = (
        str(fields[name]) if fields.get(name) is not None else None
        for name in ("url", "captured_at")
    )
    return Evidence(url, at)


def _time(text: str | None) -> tuple[datetime, Precision] | None:
    """The capture time and its precision; None if that is not a date."""
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
