"""Step pages: the captures of a page one after the other, so many steps a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ilo_archive.report.anchors import address_of, office_file, step_anchor
from ilo_archive.report.environment import language_code, language_name, template
from ilo_archive.report.kept_copies import Copy, copy_of
from ilo_archive.report.making import Links, Making
from ilo_archive.report.step_strip import StripBar, step_strip
from ilo_archive.report.time_axis import Spot, TimeAxis, spots, time_axis

if TYPE_CHECKING:
    from ilo_archive.queries.history import OfficeHistory, PageHistory
    from ilo_archive.queries.steps import Step, StepsOfPages

STEPS = 50
"""Steps in a file."""


@dataclass(frozen=True, slots=True)
class StepFile:
    """Steps of one page that share a file, by its path in the folder of reports."""

    path: str
    page: PageHistory
    steps: tuple[Step, ...]
    total: int

    @property
    def words(self) -> str:
        """Its steps, named."""
        first, last = self.steps[0].before, self.steps[-1].after
        years = sorted({first.captured_at.year, last.captured_at.year})
        spoken = language_name(self.page.language) or self.page.page
        numbers = f"steps {self.steps[0].number}–{self.steps[-1].number} of {self.total}"
        return f"{spoken} page, {'–'.join(map(str, years))}: {numbers}"


@dataclass(frozen=True, slots=True)
class StepsView:
    """Everything that a step page shows. `copies` are those of the two captures of each step."""

    name: str
    language: str | None
    total: int
    axis: TimeAxis
    steps: tuple[Step, ...]
    strip: tuple[StripBar, ...]
    bad: tuple[Spot, ...]
    copies: tuple[tuple[Copy, Copy], ...]
    others: tuple[tuple[str, str, bool], ...]
    before: str | None
    after: str | None

    def address_before(self, index: int) -> str | None:
        """The address of the step before one of this page; None before the first."""
        return f"#{self.strip[index - 1].anchor}" if index else self.before

    def address_after(self, index: int) -> str | None:
        """The address of the step after one of this page; None after the last."""
        if index + 1 < len(self.strip):
            return f"#{self.strip[index + 1].anchor}"
        return self.after


def step_files(history: OfficeHistory, steps: StepsOfPages) -> list[StepFile]:
    """The files of an office's steps; `steps` are those of each page by its name."""
    return [
        each
        for number, page in enumerate(history.pages, 1)
        if page.page in steps
        for each in _files(history.slug, number, page, steps[page.page])
    ]


def _files(slug: str, number: int, page: PageHistory, steps: Sequence[Step]) -> Iterator[StepFile]:
    language = language_code(page.language) or "page"
    is_home = page.page == f"{page.office}/{page.language}"
    name = language if is_home else f"{language}-{number}"
    for part, start in enumerate(range(0, len(steps), STEPS), 1):
        path = f"{office_file(slug)}/{name}-{part}.html"
        yield StepFile(path, page, tuple(steps[start : start + STEPS]), len(steps))


def step_links(files: Sequence[StepFile], anchors: Mapping[str, str]) -> dict[str, str]:
    """For each capture that a step leads to its address, as seen from the folder of reports."""
    return {
        step.after.capture_id: f"{address_of(each.path)}#{_anchor(step, anchors)}"
        for each in files
        for step in each.steps
    }


def _anchor(step: Step, anchors: Mapping[str, str]) -> str:
    return step_anchor(anchors[step.after.capture_id])


def render_steps(
    file: StepFile,
    files: Sequence[StepFile],
    anchors: Mapping[str, str],
    making: Making,
    links: Links,
) -> str:
    """A step page. `files` are all those of the office, to step from one to the next."""
    view = _view(file, [each for each in files if each.page is file.page], anchors, links)
    return template("steps").render(view=view, making=making, links=links)


def _view(
    file: StepFile, files: Sequence[StepFile], anchors: Mapping[str, str], links: Links
) -> StepsView:
    start, end = file.steps[0].before.captured_at, file.steps[-1].after.captured_at
    captures = [each for each in file.page.captures if start <= each.captured_at <= end]
    axis = time_axis(captures)
    placed = spots(axis, captures, anchors)
    spot_of = dict(zip((each.capture_id for each in captures), placed, strict=True))
    at = files.index(file)
    names = [each.name for each in file.page.good if each.name]
    return StepsView(
        name=names[-1] if names else file.page.office,
        language=file.page.language,
        total=file.total,
        axis=axis,
        steps=file.steps,
        strip=tuple(step_strip(file.steps, spot_of)),
        bad=tuple(each for each in placed if each.kind != "good"),
        copies=tuple(_copies(file, links)),
        others=tuple((_beside(each), each.words, each is file) for each in files),
        before=_to(files[at - 1], -1, anchors) if at else None,
        after=_to(files[at + 1], 0, anchors) if at + 1 < len(files) else None,
    )


def _copies(file: StepFile, links: Links) -> Iterator[tuple[Copy, Copy]]:
    held = {each.capture_id: each for each in file.page.captures}
    for step in file.steps:
        before, after = held[step.before.capture_id], held[step.after.capture_id]
        yield copy_of(before, links.warc_folder), copy_of(after, links.warc_folder)


def _beside(file: StepFile) -> str:
    """The address of a step page as seen from another one of the office."""
    return address_of(file.path.rpartition("/")[2])


def _to(file: StepFile, index: int, anchors: Mapping[str, str]) -> str:
    return f"{_beside(file)}#{_anchor(file.steps[index], anchors)}"


def from_steps(links: Links) -> Links:
    """The links of an office's page as its step pages have them, one folder further down."""
    up = "../"
    return replace(
        links,
        index=None if links.index is None else up + links.index,
        office=up + links.office,
        warc_folder=None if links.warc_folder is None else up + links.warc_folder,
    )
