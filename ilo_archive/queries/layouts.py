"""Layouts of a page: the templates that its good captures were read with, and their lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from ilo_archive.queries.history import PageHistory


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
