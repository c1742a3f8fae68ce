"""Saved pages and texts as captures: their address and time, from all that states them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from pathlib import Path

from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import MAX_BODY, HttpMessage
from ilo_archive.offices import Registry, is_address
from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import read_page
from ilo_archive.sources.manifest import (
    MAX_SIZE,
    parse_manifest,
    possible_places,
)
from ilo_archive.sources.saved_page import (
    Evidence,
    NoPage,
    SavedPage,
    parse_mhtml,
    parse_saved_page,
)
from ilo_archive.sources.saved_paths import evidence_of_path
from ilo_archive.text.counted import counted
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


@dataclass(frozen=True, slots=True)
class FileHints:
    """The address, time and office that the user states for saved pages; None if not stated."""

    url: str | None = None
    at: str | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A saved page whose time or address nothing states; `reason` is what to do about it.

    `known` is what is stated, `unread` a text that is stated as its time and is none.
    """

    path: Path
    reason: str
    known: Evidence
    unread: str = ""


class SavedPages:
    """Reads saved pages and texts.

    Address and time are those that the user states, else of a manifest, a sidecar, the folders of a
    downloader of captures, the headers and comments in the file, the folders of a downloader of
    sites, the name of the file: the first that has one.
    """

    def __init__(self, hints: FileHints, offices: Registry) -> None:
        """`hints` are what the user states for all pages."""
        self._hints = hints
        self._offices = offices
        self._listed: dict[Path, Evidence] = {}

    def add_manifest(self, path: Path) -> Iterator[Path | Damage]:
        """Heed a manifest. Yields its files, and what is wrong with it. Raises BadManifest and
        OSError.
        """
        with path.open("rb") as stream:
            rows = parse_manifest(stream.read(MAX_SIZE + 1), path.name)
        found: dict[Path, Evidence] = {}
        missing, doubled = list[str](), set[Path]()
        for row in rows:
            file = _existing(path.parent, row.file)
            if file is None:
                missing.append(row.file)
            elif found.setdefault(file, row.evidence) != row.evidence:
                doubled.add(file)
        if missing:
            yield Damage(path, f"{counted(len(missing), 'file')} in it not found: {missing[0]}")
        for file in sorted(doubled):
            yield Damage(path, f"two rows disagree on {file.name}: leave one of them")
        self._listed |= {file: found[file] for file in found.keys() - doubled}
        yield from sorted(found.keys() - doubled)

    def is_listed(self, path: Path) -> bool:
        """True for a file of a manifest."""
        return path.resolve() in self._listed

    def read(self, path: Path) -> Fetched | Damage | Unplaced:
        """The capture in a file, or why there is none. Raises OSError."""
        if path.stat().st_size > MAX_BODY:
            return Damage(path, f"more than {MAX_BODY >> 20} MB")
        try:
            page = parse_file(path)
        except NoPage as error:
            return Damage(path, str(error))
        named = _NAMED.fullmatch(path.stem)
        evidence = self._evidence(path, page, named)
        if evidence.url is not None and not is_address(evidence.url):
            return Damage(path, f"{evidence.url!r} is not a web address")
        try:
            time = parse_timestamp(evidence.at) if evidence.at else None
        except BadTimestamp as error:
            return Unplaced(path, str(error), replace(evidence, at=None), evidence.at or "")
        if time is None:
            reason = "no capture time: use --at, or rename it, e.g. to moscow-2015-04-14.html"
            return Unplaced(path, reason, evidence)
        slug = self._hints.office or (named["slug"] if named else None)
        url = evidence.url or homepage_at(slug, time[0], page.body, self._offices)
        if url is None:
            return Unplaced(path, "no address: use --url, or --office with --at", evidence)
        return self._capture(path, page, url, *time)

    def _capture(
        self, path: Path, page: SavedPage, url: str, moment: datetime, precision: Precision
    ) -> Fetched | Damage:
        try:
            check_captured(moment)
            reason = HTTPStatus(page.status).phrase
        except BadTimestamp as error:
            return Damage(path, str(error))
        except ValueError:  # a status that HTTP does not have
            reason = ""
        content_type = page.content_type or PAGE_TYPES.get(path.suffix.lower(), "text/html")
        message = HttpMessage(page.status, reason, (("Content-Type", content_type),), page.body)
        place = self._offices.locate(url, self._hints.office)
        capture = Capture(
            place, url, moment, path.name, None, page.status, message.digest, precision
        )
        return Fetched(capture, message)

    def _evidence(self, path: Path, page: SavedPage, named: re.Match[str] | None) -> Evidence:
        digits = _DIGITS.search(path.stem)
        in_name = digits.group() if digits else named["date"] if named else None
        folders = evidence_of_path(path.resolve())
        # `20150414103217.html` is no name that a site has, whatever folder somebody put it into.
        of_site = Evidence() if in_name or folders.at else folders
        stated = (
            Evidence(self._hints.url, self._hints.at),
            self._listed.get(path.resolve(), Evidence()),
            _sidecar(path),
            folders if folders.at else Evidence(),
            page.evidence,
            of_site,
            Evidence(None, in_name),
        )
        found = Evidence()
        for each in stated:
            found = found.completed(each)
        return found


def _existing(folder: Path, name: str) -> Path | None:
    """The file that a manifest in a folder means; None if it is not there."""
    paths = (folder / each for each in possible_places(name))
    return next((each.resolve() for each in paths if each.is_file()), None)


def parse_file(path: Path) -> SavedPage:
    """The page in a file. Raises NoPage and OSError."""
    body = path.read_bytes()
    return parse_mhtml(body) if path.suffix.lower() in _MHTML else parse_saved_page(body)


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


def homepage_at(slug: str | None, moment: datetime, body: bytes, offices: Registry) -> str | None:
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
