"""One page of an office with everything that the report draws of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from ilo_archive.offices import PageSeries
from ilo_archive.queries.descriptions import Described, NamedCountry, named_countries, wordings
from ilo_archive.queries.entry_months import MonthlyEntries, entries_by_month
from ilo_archive.queries.layouts import ListHeading, layout_eras, list_headings
from ilo_archive.queries.lives import Life, page_lives
from ilo_archive.queries.prominence import Overtaking, Standing, overtakings, standings
from ilo_archive.report.gap_chart import GapChart, gap_chart
from ilo_archive.report.layout_chart import LayoutChart, layout_chart
from ilo_archive.report.lifeline_chart import LifelineChart, lifeline_chart
from ilo_archive.report.month_bars import MonthRow, month_rows
from ilo_archive.report.month_calendar import Calendar, month_calendar
from ilo_archive.report.place_chart import PlacePanel, place_panels
from ilo_archive.report.time_axis import MANY, Spot, TimeAxis, spots

if TYPE_CHECKING:
    from ilo_archive.queries.archive import Archive
    from ilo_archive.queries.history import PageHistory


@dataclass(frozen=True, slots=True)
class Charted:
    """Something with its lifeline: a heading, a country, a wording."""

    name: str | None
    shown: tuple[int, ...]
    chart: LifelineChart


@dataclass(frozen=True, slots=True)
class PageDrawing:
    """A page: what was asked of it, and the drawings.

    `number` distinguishes its drawings from those of other pages; `elsewhere` are the entries that
    an earlier page has a row for; `good` are the places of its good captures.
    """

    number: int
    elsewhere: frozenset[str]
    history: PageHistory
    captures: tuple[Spot, ...]
    good: tuple[Spot, ...]
    calendar: Calendar
    gaps: GapChart
    lives: tuple[Life, ...]
    names: tuple[Described, ...]
    descriptions: tuple[Described, ...]
    named: tuple[Charted, ...]
    worded: tuple[Charted, ...]
    months: tuple[MonthRow, ...]
    undated: int
    layouts: LayoutChart | None
    headings: tuple[Charted, ...]
    standings: tuple[Standing, ...]
    overtakings: tuple[Overtaking, ...]
    panels: tuple[PlacePanel, ...]

    @property
    def has_many(self) -> bool:
        """Whether its captures are too many to be marked one by one."""
        return len(self.captures) > MANY

    @property
    def axis_captures(self) -> list[Spot]:
        """The captures that are marked on the axis: of too many those that are not good."""
        return [each for each in self.captures if not self.has_many or each.kind != "good"]


def draw_page(
    archive: Archive,
    history: PageHistory,
    number: int,
    elsewhere: frozenset[str],
    axis: TimeAxis,
    anchors: Mapping[str, str],
) -> PageDrawing:
    """Ask and draw everything about one page."""
    captures = tuple(spots(axis, history.captures, anchors))
    good = tuple(spots(axis, history.good_captures, anchors))
    spot_of = dict(zip((each.capture_id for each in history.captures), captures, strict=True))
    series = PageSeries(history.office, history.language, history.page)
    lives = page_lives(history)
    counts = entries_by_month(lives)
    described = wordings(history, "description")
    order = list(overtakings(history)) if history.absence_counts else []
    places = standings(history) if history.absence_counts else []
    draw = partial(_charted, good=good, absence_counts=history.absence_counts)
    return PageDrawing(
        number=number,
        elsewhere=elsewhere,
        history=history,
        captures=captures,
        good=good,
        calendar=month_calendar(history, anchors),
        gaps=gap_chart(archive.probably_missed(series), spot_of),
        lives=tuple(lives),
        names=tuple(wordings(history, "name")),
        descriptions=tuple(described),
        named=tuple(_named(draw, named_countries(described))),
        worded=tuple(_worded(draw, described)),
        months=tuple(month_rows(counts, lives, axis, good)),
        undated=_undated(counts),
        layouts=layout_chart(layout_eras(history), good) if good else None,
        headings=tuple(_headed(draw, list_headings(history))),
        standings=tuple(places),
        overtakings=tuple(order),
        panels=tuple(place_panels(places, order, good)),
    )


def _charted(
    name: str | None,
    shown: Sequence[int],
    words: str,
    *,
    good: Sequence[Spot],
    absence_counts: bool,
) -> Charted:
    chart = lifeline_chart(
        shown, good, lambda at: f"{words} {good[at].short}", absence_counts=absence_counts
    )
    return Charted(name, tuple(shown), chart)


def _named(draw: Callable[..., Charted], countries: Sequence[NamedCountry]) -> list[Charted]:
    return [
        draw(each.country.name, each.shown, f"{each.country.name} named on") for each in countries
    ]


def _worded(draw: Callable[..., Charted], described: Sequence[Described]) -> list[Charted]:
    return [
        draw(f"Wording {number}", each.shown, "This wording on")
        for number, each in enumerate(described, 1)
    ]


def _headed(draw: Callable[..., Charted], headings: Sequence[ListHeading]) -> list[Charted]:
    return [
        draw(each.heading, each.shown, f"{each.heading or 'A list without a heading'} on")
        for each in headings
    ]


def _undated(counts: Sequence[MonthlyEntries]) -> int:
    return sum(each.undated for each in counts)
