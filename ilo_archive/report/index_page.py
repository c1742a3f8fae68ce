"""The index of offices: what is held of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ilo_archive.queries.office_alarms import OfficeAlarm, office_alarms
from ilo_archive.report.anchors import address_of, office_file
from ilo_archive.report.capture_dates import length_of_time, long_date
from ilo_archive.report.environment import template
from ilo_archive.report.sparkline import Sparkline, SparkScale, spark_scale, sparkline
from ilo_archive.report.time_axis import TimeAxis
from ilo_archive.text.counted import counted
from ilo_archive.text.prose_dates import day_in_words

if TYPE_CHECKING:
    from ilo_archive.queries.history import HeldCapture, OfficeHistory
    from ilo_archive.report.making import Making


@dataclass(frozen=True, slots=True)
class OfficeLine:
    """What the index needs of an office: enough to draw it without its entries."""

    slug: str
    name: str
    captures: tuple[HeldCapture, ...]
    entries: int
    alarms: tuple[OfficeAlarm, ...]

    @property
    def good(self) -> list[HeldCapture]:
        """The good captures by time."""
        return [each for each in self.captures if each.is_good]

    @property
    def last_good(self) -> HeldCapture | None:
        """The last of them."""
        return max(self.good, key=lambda each: each.captured_at, default=None)


@dataclass(frozen=True, slots=True)
class OfficeRow:
    """An office in the index."""

    line: OfficeLine
    address: str
    spark: Sparkline
    words: str
    age: str
    alarms: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class IndexView:
    """Everything that the index shows, offices with the oldest last good capture first."""

    rows: tuple[OfficeRow, ...]
    scale: SparkScale
    axis: TimeAxis
    notices: tuple[str, ...]

    @property
    def good(self) -> int:
        """Good captures of all offices."""
        return sum(len(each.line.good) for each in self.rows)

    @property
    def entries(self) -> int:
        """Entries of all offices."""
        return sum(each.line.entries for each in self.rows)

    @property
    def alarmed(self) -> int:
        """Offices with an alarm."""
        return sum(bool(each.alarms) for each in self.rows)


def office_line(history: OfficeHistory) -> OfficeLine:
    """What the index needs of an office."""
    names = [capture.name for page in history.pages[:1] for capture in page.good if capture.name]
    ids = {
        entry.entry_id
        for page in history.pages
        for capture in page.good
        for entry in capture.entries
    }
    return OfficeLine(
        history.slug,
        names[-1] if names and history.name == history.slug else history.name,
        tuple(history.captures),
        len(ids),
        tuple(office_alarms(history)),
    )


def render_index(lines: Sequence[OfficeLine], notices: Sequence[str], making: Making) -> str:
    """The index; `notices` are the alarms of the archive as a whole."""
    return template("index").render(view=_view(lines, notices, making), making=making)


def _view(lines: Sequence[OfficeLine], notices: Sequence[str], making: Making) -> IndexView:
    scale = spark_scale([each.captures for each in lines])
    ordered = sorted(lines, key=_age)
    return IndexView(
        tuple(_row(each, scale, making.at) for each in ordered),
        scale,
        TimeAxis(scale.first_year, scale.last_year),
        tuple(notices),
    )


def _age(line: OfficeLine) -> tuple[str, str]:
    return line.last_good.captured_at.isoformat() if line.last_good else "", line.slug


def _row(line: OfficeLine, scale: SparkScale, now: datetime) -> OfficeRow:
    last = line.last_good
    days = (now - last.captured_at).days if last else 0
    return OfficeRow(
        line,
        f"{address_of(office_file(line.slug))}.html",
        sparkline(line.captures, scale),
        _captures_in_words(line),
        f"{length_of_time(days)} before this report" if days > 0 else "",
        tuple((each.kind, _alarm_in_words(each)) for each in line.alarms),
    )


def _captures_in_words(line: OfficeLine) -> str:
    if not line.good:
        return f"no good capture of {counted(len(line.captures), 'capture')}"
    first, last = line.good[0], line.good[-1]
    number = counted(len(line.good), "good capture")
    return f"{number} from {long_date(first)} to {long_date(last)}"


def _alarm_in_words(alarm: OfficeAlarm) -> str:
    number, since = counted(alarm.captures, "capture"), day_in_words(alarm.since.date())
    if alarm.kind == "missing":
        return f"{alarm.page}: {number} not fetched yet, from {since} on"
    kind = {"redirected": "leads elsewhere"}.get(alarm.kind, alarm.kind)
    return f"{alarm.page}: {kind} since {since}, {number}"
