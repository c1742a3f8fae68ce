"""The list of all captures: when, of which page, what it shows, and where a copy is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ilo_archive.queries.history import HeldCapture, OfficeHistory
from ilo_archive.queries.steps import Step
from ilo_archive.report.kept_copies import Copy, copy_of
from ilo_archive.report.making import Links
from ilo_archive.report.step_strip import in_short
from ilo_archive.text.counted import counted

LONG_GAP = 180
"""Days without a good capture from which on the list says so."""


@dataclass(frozen=True, slots=True)
class CaptureRow:
    """A capture. `gap` are the days since the last good capture of the page, where they are many;
    `step` leads to what changed since then.
    """

    capture: HeldCapture
    anchor: str
    words: str
    change: str
    step: str | None
    copy: Copy
    gap: int | None


def capture_rows(
    history: OfficeHistory,
    steps: Mapping[str, Step],
    anchors: Mapping[str, str],
    links: Links,
) -> Iterator[CaptureRow]:
    """All captures by time. `steps` has for a capture the step that leads to it."""
    last_good: dict[str, datetime] = {}
    shown = {
        each.capture_id: len({entry.entry_id for entry in each.entries})
        for page in history.pages
        for each in page.good
    }
    for each in history.captures:
        gap = _gap(each, last_good)
        step = steps.get(each.capture_id)
        yield CaptureRow(
            each,
            anchors[each.capture_id],
            _words(each, shown.get(each.capture_id, 0)),
            in_short(step) if step else "first good capture" if each.is_good else "",
            links.steps.get(each.capture_id),
            copy_of(each, links.warc_folder),
            gap,
        )


def _gap(capture: HeldCapture, last_good: dict[str, datetime]) -> int | None:
    if not capture.is_good:
        return None
    before = last_good.get(capture.page)
    last_good[capture.page] = capture.captured_at
    days = (capture.captured_at - before).days if before else 0
    return days if days > LONG_GAP else None


def _words(capture: HeldCapture, entries: int) -> str:
    if capture.is_good:
        return counted(entries, "entry", "entries")
    reason = capture.reason or ("not fetched yet" if capture.kind == "missing" else capture.kind)
    return f"{reason}; says nothing about entries"
