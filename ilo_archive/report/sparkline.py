"""A sparkline of captures: a bar for each month or year as high as it has good captures, and
below the line a sign for each kind of others.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ilo_archive.queries.capture_kinds import CAPTURE_KINDS, CaptureKind
from ilo_archive.queries.history import HeldCapture
from ilo_archive.report.capture_dates import month_in_words
from ilo_archive.report.month_calendar import in_words

BASE = 26
"""Pixels from the top to the line."""

_HIGHEST = 24
_BY_MONTH = 10  # years at most; of more the bars would be too thin


@dataclass(frozen=True, slots=True)
class SparkBar:
    """A month or year: its place, its good captures, the signs of the others, and its words."""

    x: float
    width: float
    height: float
    signs: tuple[CaptureKind, ...]
    words: str

    @property
    def y(self) -> float:
        """The upper edge."""
        return round(BASE - self.height, 1)

    @property
    def middle(self) -> float:
        """Where signs stand."""
        return round(self.x + self.width / 2, 2)


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Bars, and the years between the first capture and the last of which no capture is known:
    where each begins and how wide it is.
    """

    bars: tuple[SparkBar, ...]
    unknown: tuple[tuple[float, float, int], ...]


@dataclass(frozen=True, slots=True)
class SparkScale:
    """The axis and the scale that all sparklines of a page share."""

    first_year: int
    last_year: int
    by_month: bool
    highest: int

    @property
    def years(self) -> int:
        """Number of years."""
        return self.last_year - self.first_year + 1


def spark_scale(offices: Sequence[Sequence[HeldCapture]]) -> SparkScale:
    """The scale for the captures of some offices."""
    years = [each.captured_at.year for captures in offices for each in captures]
    by_month = max(years) - min(years) < _BY_MONTH
    good = [
        Counter(_unit(each, by_month) for each in captures if each.is_good) for captures in offices
    ]
    highest = max((max(counts.values()) for counts in good if counts), default=1)
    return SparkScale(min(years), max(years), by_month, highest)


def sparkline(captures: Sequence[HeldCapture], scale: SparkScale) -> Sparkline:
    """The captures of an office."""
    by_unit: dict[str, list[HeldCapture]] = {}
    for each in captures:
        by_unit.setdefault(_unit(each, scale.by_month), []).append(each)
    bars = tuple(_bar(unit, same, scale) for unit, same in sorted(by_unit.items()))
    return Sparkline(bars, tuple(_unknown(captures, scale)))


def _unit(capture: HeldCapture, by_month: bool) -> str:
    return capture.captured_at.isoformat()[: 7 if by_month else 4]


def _bar(unit: str, captures: Sequence[HeldCapture], scale: SparkScale) -> SparkBar:
    parts = 12 if scale.by_month else 1
    number = (int(unit[:4]) - scale.first_year) * parts + (int(unit[5:] or "1") - 1)
    width = 100 / (scale.years * parts)
    good = sum(each.is_good for each in captures)
    kinds = {each.kind for each in captures}
    return SparkBar(
        round(number * width, 2),
        round(width * 0.75, 2),
        round(good / scale.highest * _HIGHEST, 1),
        tuple(kind for kind in CAPTURE_KINDS[1:] if kind in kinds),
        f"{month_in_words(unit)}: {in_words(captures)}",
    )


def _unknown(
    captures: Sequence[HeldCapture], scale: SparkScale
) -> Iterator[tuple[float, float, int]]:
    known = {each.captured_at.year for each in captures}
    width = 100 / scale.years
    for year in range(min(known) + 1, max(known)):
        if year not in known:
            yield round((year - scale.first_year) * width, 2), round(width * 0.9, 2), year
