"""The folder of reports: an index, a page an office, its steps, the latest changes and the feed;
each file is written beside its place and renamed, so that none is ever half written.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ilo_archive.atomic_files import replacing
from ilo_archive.queries.since import LAST_RUN, updates_of
from ilo_archive.queries.steps import steps_of_pages
from ilo_archive.report.anchors import address_of, capture_anchors, office_file, step_anchor
from ilo_archive.report.feed import ITEMS, render_feed
from ilo_archive.report.index_page import office_line, render_index
from ilo_archive.report.latest_page import render_latest
from ilo_archive.report.making import Links, Making
from ilo_archive.report.office_page import render_office
from ilo_archive.report.steps_page import from_steps, render_steps, step_files, step_links

if TYPE_CHECKING:
    from ilo_archive.queries.archive import Archive
    from ilo_archive.queries.history import OfficeHistory

INDEX = "index.html"
LATEST = "latest.html"
FEED = "feed.atom"
WARC_FOLDER = "../warc/"
"""The store as seen from the folder of reports, which lies beside it in the home."""


def write_reports(
    archive: Archive, folder: Path, offices: Sequence[str], making: Making
) -> list[Path]:
    """Write the pages of some offices, the index of all that the archive has captures of, what
    the last run brought to them, and the feed of their changes.

    The files that were written, the index first. Step pages that are no longer part of an
    office's report are removed; other files of the folder are left alone.
    """
    written, lines, updates = [], [], []
    for slug in _held_offices(archive):
        history = archive.history(slug)
        lines.append(office_line(history))
        updates += updates_of(history)[-ITEMS:]
        if slug in offices:
            written += write_office(archive, history, folder, making)
    updates.sort(key=lambda each: (each.after.captured_at, each.after.capture_id))
    since = archive.changes_since(LAST_RUN)
    notices = [f"{each.text}: {each.cure}" for each in archive.alarms(making.at)]
    pages = {
        folder / INDEX: render_index(lines, notices, making),
        folder / LATEST: render_latest(since, making, index=INDEX),
        folder / FEED: render_feed(updates, making.at),
    }
    for path, text in pages.items():
        write_whole(path, text)
    return [*pages, *written]


def _held_offices(archive: Archive) -> list[str]:
    return [each.slug for each in archive.offices() if each.captures]


def write_office(
    archive: Archive, history: OfficeHistory, folder: Path, making: Making
) -> list[Path]:
    """Write the page of an office and its step pages; the files that were written."""
    anchors = capture_anchors(each.capture_id for each in history.captures)
    steps = steps_of_pages(history)
    files = step_files(history, steps)
    links = Links(
        index=INDEX,
        office=f"{address_of(office_file(history.slug))}.html",
        steps=step_links(files, anchors),
        step_pages=tuple((address_of(each.path), each.words) for each in files),
        warc_folder=WARC_FOLDER,
    )
    pages = {
        folder / each.path: render_steps(each, files, anchors, making, from_steps(links))
        for each in files
    }
    pages[folder / f"{office_file(history.slug)}.html"] = render_office(
        archive, history, steps, making, links, alone=False
    )
    for path, text in pages.items():
        write_whole(path, text)
    _remove_others(folder / office_file(history.slug), set(pages))
    return sorted(pages)


def write_alone(archive: Archive, office: str, path: Path, making: Making) -> None:
    """Write the history of one office as one self-contained file. Raises UnknownOffice."""
    history = archive.history(office)
    anchors = capture_anchors(each.capture_id for each in history.captures)
    steps = steps_of_pages(history)
    addresses = {
        step.after.capture_id: f"#{step_anchor(anchors[step.after.capture_id])}"
        for each in steps.values()
        for step in each
    }
    links = Links(steps=addresses)
    write_whole(path, render_office(archive, history, steps, making, links, alone=True))


def write_whole(path: Path, text: str) -> None:
    """Write a file beside its place and rename it: at its place it is whole or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path.resolve()) as part:  # of a link the file, not the link, is replaced
        part.write_text(text, encoding="utf-8", newline="\n")


def _remove_others(folder: Path, written: set[Path]) -> None:
    """Remove the step pages of an earlier report that this one does not have."""
    if folder.is_dir():
        for each in sorted(folder.glob("*.html")):
            if each not in written:
                each.unlink()
