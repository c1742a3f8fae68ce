"""Layouts of a page: the templates that its good captures were read with, and their lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from ilo_archive.queries.history import PageHistory
from ilo_archive.queries.lifeline import Bounds, Observation, trace_lifeline


@dataclass(frozen=True, slots=True)
class LayoutEra:
    """Good captures in a row that have one template; `first` and `last` are their numbers."""

    template: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class ListHeading:
    """A heading of a list, None for a list without, and the numbers of the good captures that
    show it.
    """

    heading: str | None
    shown: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LayoutPeriod:
    """A layout of a page: good captures in a row that have one template.

    `first_seen` and `last_seen` are the first and last of them, `not_before` and `absent_from` the
    captures with another layout next to them, None if there are none. `began` and `ended` are the
    bounds that follow.
    """

    page: str
    language: str | None
    template: str
    captures: int
    not_before: datetime | None
    first_seen: datetime
    last_seen: datetime
    absent_from: datetime | None
    began: Bounds
    ended: Bounds


def layout_periods(page: PageHistory) -> list[LayoutPeriod]:
    """The layouts of a page by time."""
    return [_period(page, each) for each in layout_eras(page)]


def _period(page: PageHistory, era: LayoutEra) -> LayoutPeriod:
    start = max(era.first - 1, 0)
    beside = enumerate(page.good_captures[start : era.last + 2], start=start)
    life = trace_lifeline(
        [
            Observation(
                each.capture_id, each.captured_at, each.precision, era.first <= number <= era.last
            )
            for number, each in beside
        ]
    )
    return LayoutPeriod(
        page.page,
        page.language,
        era.template,
        life.captures,
        life.not_before,
        life.first_seen,
        life.last_seen,
        life.absent_from,
        life.appeared,
        life.gone,
    )


def layout_eras(page: PageHistory) -> list[LayoutEra]:
    """The templates of a page by time."""
    templates = [each.template or "unknown" for each in page.good_captures]
    runs = groupby(enumerate(templates), key=lambda each: each[1])
    return [_era(template, [at for at, _ in run]) for template, run in runs]


def _era(template: str, numbers: Sequence[int]) -> LayoutEra:
    return LayoutEra(template, numbers[0], numbers[-1])


def list_headings(page: PageHistory) -> list[ListHeading]:
    """The headings of lists, the most frequent first."""
    shown: dict[str | None, list[int]] = {}
    for number, capture in enumerate(page.good):
        for heading in dict.fromkeys(each.section for each in capture.entries):
            shown.setdefault(heading, []).append(number)
    found = [ListHeading(heading, tuple(at)) for heading, at in shown.items()]
    return sorted(found, key=lambda each: (each.heading is None, -len(each.shown)))
