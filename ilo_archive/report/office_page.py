"""The page of an office: its whole history at a glance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from ilo_archive.queries.credit_years import CreditYears, credit_years
from ilo_archive.queries.steps import Step, StepsOfPages
from ilo_archive.report.anchors import capture_anchors
from ilo_archive.report.captures_list import CaptureRow, capture_rows
from ilo_archive.report.edit_list import EditedEntry, edit_numbers, edited_entries
from ilo_archive.report.environment import template
from ilo_archive.report.life_groups import LifeGroup, life_groups
from ilo_archive.report.page_drawing import PageDrawing, draw_page
from ilo_archive.report.search_data import ROOM, ROOM_ALONE, SCRIPT, SCRIPT_HASH, search_data
from ilo_archive.report.time_axis import TimeAxis, time_axis

if TYPE_CHECKING:
    from ilo_archive.queries.archive import Archive
    from ilo_archive.queries.history import HeldCapture, OfficeHistory
    from ilo_archive.report.making import Links, Making


@dataclass(frozen=True, slots=True)
class Gap:
    """The longest time without a good capture of the first page."""

    before: HeldCapture
    after: HeldCapture

    @property
    def days(self) -> int:
        """Whole days."""
        return (self.after.captured_at - self.before.captured_at).days


@dataclass(frozen=True, slots=True)
class OfficeView:
    """Everything that the page of an office shows."""

    history: OfficeHistory
    axis: TimeAxis
    anchors: Mapping[str, str]
    pages: tuple[PageDrawing, ...]
    groups: tuple[tuple[PageDrawing, tuple[LifeGroup, ...]], ...]
    edits: tuple[EditedEntry, ...]
    credits: tuple[CreditYears, ...]
    captures: tuple[CaptureRow, ...]
    steps: Mapping[int, tuple[Step, ...]]
    entries: int
    came_back: int
    longest: Gap | None

    @property
    def good(self) -> list[HeldCapture]:
        """All good captures by time."""
        return [each for each in self.history.captures if each.is_good]

    @property
    def names(self) -> list[tuple[str, str | None]]:
        """The last name on each page with its language, the first page's first."""
        found = [(page.names[-1].text, page.history.language) for page in self.pages if page.names]
        return list({text: (text, language) for text, language in reversed(found)}.values())[::-1]


def render_office(
    archive: Archive,
    history: OfficeHistory,
    steps: StepsOfPages,
    making: Making,
    links: Links,
    *,
    alone: bool,
) -> str:
    """The page of an office; `alone` with its steps in it, as one file."""
    view = office_view(archive, history, steps, links)
    return template("office").render(
        view=view,
        making=making,
        links=links,
        alone=alone,
        script=SCRIPT,
        script_hash=SCRIPT_HASH,
        data=search_data(view.pages, ROOM_ALONE if alone else ROOM),
    )


def office_view(
    archive: Archive, history: OfficeHistory, steps: StepsOfPages, links: Links
) -> OfficeView:
    """Ask and draw everything about an office that has a capture."""
    axis = time_axis(history.captures)
    anchors = capture_anchors(each.capture_id for each in history.captures)
    pages = tuple(_draw_pages(archive, history, axis, anchors))
    edits = edited_entries(history)
    of_capture = {step.after.capture_id: step for each in steps.values() for step in each}
    ids = {life.entry.entry_id for page in pages for life in page.lives}
    translations = _translations(ids)
    numbers = edit_numbers(edits)
    return OfficeView(
        history=history,
        axis=axis,
        anchors=anchors,
        pages=pages,
        groups=tuple((page, tuple(life_groups(page, numbers, translations))) for page in pages),
        edits=tuple(edits),
        credits=tuple(credit_years(history)),
        captures=tuple(capture_rows(history, of_capture, anchors, links)),
        steps={
            page.number: steps[page.history.page] for page in pages if page.history.page in steps
        },
        entries=len(ids),
        came_back=sum(life.came_back for page in pages for life in page.lives),
        longest=_longest_gap(pages),
    )


def _draw_pages(
    archive: Archive, history: OfficeHistory, axis: TimeAxis, anchors: Mapping[str, str]
) -> Iterator[PageDrawing]:
    drawn: set[str] = set()
    for number, page in enumerate(history.pages, 1):
        drawing = draw_page(archive, page, number, frozenset(drawn), axis, anchors)
        drawn |= {life.entry.entry_id for life in drawing.lives}
        yield drawing


def _translations(ids: set[str]) -> Mapping[str, Sequence[str]]:
    """The same item in other languages: ids that differ in the language after the number."""
    by_number: dict[str, list[str]] = defaultdict(list)
    for each in sorted(ids):
        if each.startswith("wcms-"):
            by_number[each.rpartition("-")[0]].append(each)
    return {
        each: [other for other in same if other != each]
        for same in by_number.values()
        for each in same
    }


def _longest_gap(pages: Sequence[PageDrawing]) -> Gap | None:
    gaps = list(_gaps(pages[0].history.good_captures))
    return max(gaps, key=lambda gap: gap.days, default=None)


def _gaps(good: Sequence[HeldCapture]) -> Iterator[Gap]:
    for before, after in pairwise(good):
        yield Gap(before, after)
