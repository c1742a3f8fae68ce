"""What captures prove about an entry on a page: when it was there, and when it was not.

Pure functions of good captures; only these are evidence of absence. A capture of which only the
month is known may be from any day of it, so that conclusions about time are bounds. The column
`absent_from` of the views is computed by the same rule in `archive/views.sql`.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import ceil, floor

from ilo_archive.times import Precision, end_of


@dataclass(frozen=True, slots=True)
class Bounds:
    """The earliest and latest time of an event, both inclusive; None if the captures
    set no bound.
    """

    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class Observation:
    """A good capture of a page, and whether it shows the entry."""

    capture_id: str
    captured_at: datetime
    precision: Precision
    shows: bool

    @property
    def surely_by(self) -> datetime:
        """The latest time at which the capture may have been made."""
        return end_of(self.captured_at, self.precision)


@dataclass(frozen=True, slots=True)
class AbsenceOnCaptures:
    """Successive good captures without the entry, with the last one before and the next one after
    that show it.

    `next_with` is None if the entry did not come back.
    """

    last_with: Observation
    without: tuple[Observation, ...]
    next_with: Observation | None


@dataclass(frozen=True, slots=True)
class Lifeline:
    """The time of an entry on a page.

    `first_seen` and `last_seen` are captures that show it, `not_before` and `absent_from` the
    nearest good captures before and after that do not. `appeared` and `gone` are bounds for what
    happened in between; `gone.latest` is None if no later capture is without the entry. `absences`
    leave out captures that may be from before or after one with the entry.
    """

    not_before: datetime | None
    first_seen: datetime
    last_seen: datetime
    absent_from: datetime | None
    captures: int
    appeared: Bounds
    gone: Bounds
    absences: tuple[AbsenceOnCaptures, ...]


def trace_lifeline(observations: Sequence[Observation], *, absence_counts: bool = True) -> Lifeline:
    """The lifeline of an entry on a page, from the good captures of that page in any order.

    At least one must show the entry. Without `absence_counts` the others prove nothing: an offset
    list shows other items on every capture.
    """
    ordered = sorted(observations, key=_time_order)
    seen = [each for each in ordered if each.shows]
    first, last = seen[0].captured_at, seen[-1].captured_at
    without_entry = [each for each in ordered if not each.shows and absence_counts]
    in_known_order = [each for each in without_entry if _has_known_order(each, seen)]
    return Lifeline(
        max((each.captured_at for each in without_entry if each.captured_at < first), default=None),
        first,
        last,
        min((each.captured_at for each in without_entry if each.captured_at > last), default=None),
        len(seen),
        _appeared(seen, without_entry),
        _gone(seen, without_entry),
        tuple(_absences(sorted([*seen, *in_known_order], key=_time_order))),
    )


def _time_order(observation: Observation) -> tuple[datetime, str]:
    return observation.captured_at, observation.capture_id


def _appeared(seen: Sequence[Observation], without_entry: Sequence[Observation]) -> Bounds:
    first = min(each.captured_at for each in seen)
    before = [each.captured_at for each in without_entry if each.surely_by < first]
    return Bounds(max(before, default=None), min(each.surely_by for each in seen))


def _gone(seen: Sequence[Observation], without_entry: Sequence[Observation]) -> Bounds:
    last = max(each.surely_by for each in seen)
    after = [each.surely_by for each in without_entry if each.captured_at > last]
    return Bounds(max(each.captured_at for each in seen), min(after, default=None))


def _has_known_order(observation: Observation, seen: Sequence[Observation]) -> bool:
    """True if every capture with the entry is certainly earlier or certainly later than
    this one.
    """
    if observation.precision == "second":
        seen = [each for each in seen if each.precision != "second"]
    return all(
        each.surely_by < observation.captured_at or each.captured_at > observation.surely_by
        for each in seen
    )


def _absences(ordered: Sequence[Observation]) -> Iterator[AbsenceOnCaptures]:
    """Yield the absences.

    Two captures of one second count as one that shows the entry if either does.
    """
    moments = [
        next((each for each in same if each.shows), same[0])
        for same in (list(group) for _, group in groupby(ordered, lambda each: each.captured_at))
    ]
    runs = [list(run) for _, run in groupby(moments, lambda each: each.shows)]
    for number, (run, without_entry) in enumerate(pairwise(runs)):
        if run[-1].shows:
            after = runs[number + 2][0] if number + 2 < len(runs) else None
            yield AbsenceOnCaptures(run[-1], tuple(without_entry), after)


@dataclass(frozen=True, slots=True)
class Delay:
    """Days from one appearance to another, as bounds.

    `least` is negative if the order of the two is uncertain; None if the captures set no bound.
    """

    least: int | None
    most: int | None


def delay(first: Bounds, later: Bounds) -> Delay:
    """The time from `first` to `later` as bounds in whole days."""
    return Delay(
        _difference(first.latest, later.earliest, floor),
        _difference(first.earliest, later.latest, ceil),
    )


def _difference(
    start: datetime | None, end: datetime | None, rounded: Callable[[float], int]
) -> int | None:
    if start is None or end is None:
        return None
    return rounded((end - start) / timedelta(days=1))
