"""Propose address and time for saved pages that state none, in a manifest to fill in."""

import re
from collections.abc import Sequence
from pathlib import Path

from ilo_archive.atomic_files import replacing
from ilo_archive.http import HttpMessage
from ilo_archive.offices import Registry, is_address
from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.page import read_page
from ilo_archive.sources.manifest import Proposal, manifest_to_fill_in
from ilo_archive.sources.page_metadata import declared_metadata
from ilo_archive.sources.saved_names import date_in_name
from ilo_archive.times import parse_timestamp

from .saved_pages import Unplaced, homepage_at, parse_file

_WORD = re.compile(r"[a-z]+")


def write_manifest(unplaced: Sequence[Unplaced], offices: Registry, home: Path) -> Path:
    """Write a manifest to fill in into the home, unless the last one there is the same. Returns its
    path. Raises OSError.
    """
    text = manifest_to_fill_in(_proposal(each, offices) for each in unplaced)
    number, last = 1, home / "manifest.csv"
    while (path := home / f"{'' if number == 1 else f'{number}-'}manifest.csv").exists():
        number, last = number + 1, path
    if last.is_file() and last.read_bytes() == text.encode(errors="surrogateescape"):
        return last
    with replacing(path) as part:
        part.write_bytes(text.encode(errors="surrogateescape"))
    return path


def _proposal(unplaced: Unplaced, offices: Registry) -> Proposal:
    """What is known of a file, and what its name and page hint at."""
    path, known = unplaced.path, unplaced.known
    date = None if known.at else date_in_name(unplaced.unread) or date_in_name(path.stem)
    hints = []
    if unplaced.unread:
        hints.append(f"{unplaced.unread!r} is stated")
    elif date:
        hints.append("file name")
    body = parse_file(path).body
    url = ""
    if not known.url:
        url, hint = _proposed_address(path, body, known.at or date, offices)
        hints += [hint] if hint else []
    return Proposal(
        file=str(path.resolve()),
        url=known.url or "",
        captured_at=known.at or "",
        proposed_url=url,
        proposed_time=date or "",
        proposed_by="; ".join(hints),
        not_before=_newest_date(body),
    )


def _proposed_address(
    path: Path, body: bytes, date: str | None, offices: Registry
) -> tuple[str, str]:
    """An address that something hints at, and what; empty without one."""
    canonical = declared_metadata(HttpMessage(200, "OK", (), body), "").canonical
    if canonical and is_address(canonical):
        return canonical, "canonical link"
    words = _WORD.findall(path.stem.lower())
    slug = next((each for each in words if each in offices.offices), None)
    if slug is None or date is None:
        return "", ""
    moment, _ = parse_timestamp(date)
    return homepage_at(slug, moment, body, offices) or "", "office in the file name"


def _newest_date(body: bytes) -> str:
    """The newest date on a page; empty without one."""
    try:
        entries = read_page(body).entries
    except PageRefused:
        return ""
    return max((f"{entry.date}" for _, entry in entries if entry.date), default="")
