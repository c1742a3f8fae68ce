"""Snapshots: our reading of one capture, with what it is worth as evidence."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

from ilo_archive.capture import Capture, Kept, Position
from ilo_archive.http import BodyRefused, decoded_body, missing_bytes
from ilo_archive.offices import Registry
from ilo_archive.reader.block import PageRefused
from ilo_archive.reader.html.paragraphs import paragraphs_of
from ilo_archive.reader.page import Page, read_page
from ilo_archive.reader.refusals import (
    Refusal,
    Verdict,
    elsewhere,
    page_title,
    refresh_of,
    refusal,
)

State = Literal["listed", "fetched", "read", "unreadable", "failed", "skipped"]
Quality = Literal["good", "empty", "redirect", "error", "damaged", "partial"] | Verdict

_ANNOUNCED = timedelta(days=366)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A capture, where its bytes lie, and what the reader made of them.

    Only one of quality `good` says anything about entries that it does not show. `page` is
    None where there is no page to read; `reason` then says why. `fault` is what is wrong with the
    record that the capture was read from, None if nothing is.
    """

    capture: Capture
    payload_digest: str
    position: Position
    state: State
    quality: Quality
    page: Page | None = None
    reason: str | None = None
    fault: str | None = None


def take_snapshot(kept: Kept, offices: Registry | None = None) -> Snapshot:
    """Read a kept capture. Whatever the bytes are, the answer is a Snapshot.

    `offices` says whose sites are one (default: the registry that the program ships).
    """
    if without := _without_page(kept):
        return without
    try:
        body = decoded_body(kept.message)
    except BodyRefused as error:
        return _none(kept, "damaged", str(error))
    try:
        page = read_page(body, kept.capture.url, kept.message.header("Content-Type"))
        refused = _refused(kept, body, page, offices)
        onward = None if page.sections else refresh_of(body, paragraphs_of(body))
    except PageRefused as error:
        return _none(kept, "damaged", str(error))
    except Exception as error:
        # The bytes are safe; a page that the reader stumbles over must not lose its row.
        logger.exception("the reader failed on %s", kept.capture.url)
        return _none(kept, "damaged", f"the reader failed: {type(error).__name__}: {error}")
    if refused:
        return _none(kept, refused.verdict, refused.reason)
    if onward:
        return _none(kept, "redirect", f"a page that only sends its reader on, to {onward}")
    page = replace(page, warnings=(*page.warnings, *_early(page, kept.capture)))
    if not page.sections:
        return _snapshot(kept, "empty", page, "no entries found")
    return _snapshot(kept, "good", page, None)


def _without_page(kept: Kept) -> Snapshot | None:
    """The snapshot of an answer that by its status is no page; None if it may be one.

    Part of a page (206) would read as if entries were absent. A 304 and a redirect that lead
    nowhere may still have a page as their body, which browsers show: 3xx are not always redirects.
    """
    message = kept.message
    status = f"archived HTTP {message.status} {message.reason}".rstrip()
    if message.status >= 400:
        return _none(kept, "error", status)
    if message.status == 206:
        part = message.header("Content-Range")
        return _none(kept, "partial", f"{status}, {part}" if part else status)
    if message.status < 300 or (message.body and not message.header("Location")):
        missing = missing_bytes(message)
        short = f"cut short: {missing} of {len(message.body) + missing} bytes missing"
        return _none(kept, "partial", short) if missing else None
    if message.status == 304:
        return _none(kept, "error", f"{status}, without a page")
    target = message.header("Location") or "nowhere"
    return _none(kept, "redirect", f"archived redirect to {target}")


def _early(page: Page, capture: Capture) -> Iterator[str]:
    """Entries dated later than an announced event can be: the date is kept, and doubted."""
    latest = capture.captured_at.date() + _ANNOUNCED
    for _, entry in page.entries:
        if entry.date and entry.date > latest:
            yield f"dated more than a year after the capture: {entry.dateline}"


def _refused(kept: Kept, body: bytes, page: Page, offices: Registry | None) -> Refusal | None:
    """What the page is in place of a homepage. One with dated entries may still be that of
    another site; only without them is the rest worth a second look.
    """
    if page.template == "text":
        return None
    content_type = kept.message.header("Content-Type")
    title = page_title(body, page.charset.name)
    if any(entry.date for _, entry in page.entries):
        return elsewhere(body, title, kept.capture.url, offices)
    blocks = paragraphs_of(body, content_type)
    return refusal(body, blocks, title, kept.capture.url, len(page.entries), offices)


def _none(kept: Kept, quality: Quality, reason: str) -> Snapshot:
    return replace(_snapshot(kept, quality, None, reason), state="unreadable")


def _snapshot(kept: Kept, quality: Quality, page: Page | None, reason: str | None) -> Snapshot:
    digest = kept.message.digest
    return Snapshot(kept.capture, digest, kept.position, "read", quality, page, reason, kept.fault)
