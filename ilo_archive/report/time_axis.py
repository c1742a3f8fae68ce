"""The time axis that all drawings of a page share, and its captures in their places."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from ilo_archive.queries.capture_kinds import CaptureKind
from ilo_archive.queries.history import HeldCapture
from ilo_archive.report.capture_dates import long_date, short_date
from ilo_archive.times import end_of

MANY = 60
"""Captures of a page beyond which a drawing shows only those that mean something."""

_LABELS = 9  # as many years fit on a phone


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Whole years, as percent of the width from left to right."""

    first_year: int
    last_year: int

    def at(self, moment: datetime) -> float:
        """The place of a moment."""
        start = datetime(self.first_year, 1, 1, tzinfo=UTC)
        end = datetime(self.last_year + 1, 1, 1, tzinfo=UTC)
        return round((moment - start) / (end - start) * 100, 2)

    def on(self, day: date) -> float:
        """The place of the beginning of a day."""
        return self.at(datetime(day.year, day.month, day.day, tzinfo=UTC))

    @property
    def years(self) -> list[tuple[int, float]]:
        """The years and the places where they begin, the end of the last one too."""
        years = range(self.first_year, self.last_year + 2)
        return [(year, self.on(date(year, 1, 1))) for year in years]

    @property
    def labels(self) -> list[tuple[int, float]]:
        """The years that are written out: all, or every second, fifth or tenth."""
        number = self.last_year - self.first_year + 1
        every = next(step for step in (1, 2, 5, 10, 50) if number <= step * _LABELS or step == 50)
        return [each for each in self.years[:-1] if each[0] % every == 0]


def time_axis(captures: Iterable[HeldCapture]) -> TimeAxis:
    """The years of some captures, at least one."""
    years = [each.captured_at.year for each in captures]
    return TimeAxis(min(years), max(years))


@dataclass(frozen=True, slots=True)
class Spot:
    """A capture at its place on an axis: its day in words and in short, and its id in the list of
    captures.
    """

    x: float
    kind: CaptureKind
    day: str
    short: str
    anchor: str


def spots(
    axis: TimeAxis, captures: Sequence[HeldCapture], anchors: Mapping[str, str]
) -> list[Spot]:
    """Captures at their places; one known to the month or year stands in its middle."""
    return [_spot(axis, each, anchors[each.capture_id]) for each in captures]


def _spot(axis: TimeAxis, capture: HeldCapture, anchor: str) -> Spot:
    start, end = capture.captured_at, end_of(capture.captured_at, capture.precision)
    x = axis.at(start + (end - start) / 2)
    return Spot(x, capture.kind, long_date(capture), short_date(capture), anchor)
