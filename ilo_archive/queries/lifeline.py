"""How far captures bear out the life of an entry: when it stood on a page, how it left, and how
its wording changed.

Pure functions of what good captures show. Only these say anything about what they do not show,
and a capture known to the month only may have been made on any day of it: what follows from its
place in time is told as bounds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import ceil, floor

from ilo_archive.times import Precision, end_of


@dataclass(frozen=True, slots=True)
class Bounds:
    """Two times between which something came about, both included; None where the captures set
    no bound.
    """

    earliest: datetime | None
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class Observation:
    """A good capture of a page, and whether the entry stands on it."""

    capture_id: str
    captured_at: datetime
    precision: Precision
    shows: bool

    @property
    def surely_by(self) -> datetime:
        """The last second at which the capture may have been made."""
        return end_of(self.captured_at, self.precision)


@dataclass(frozen=True, slots=True)
class AbsenceOnCaptures:
    """Good captures in a row without the entry: between one that shows it and, where the entry
    came back, the next that does.
    """

    last_with: Observation
    without: tuple[Observation, ...]
    next_with: Observation | None


@dataclass(frozen=True, slots=True)
class Lifeline:
    """When an entry stood on a page. `first_seen` and `last_seen` are captures that show it,
    `not_before` and `absent_from` the nearest good ones around these that do not.

    `appeared` and `gone` are the same as bounds of what happened in between; `gone.latest` is
    None where no later capture lacks the entry. `absences` leave out captures of which it is not
    known whether one with the entry came before or after.
    """

    not_before: datetime | None
    first_seen: datetime
    last_seen: datetime
    absent_from: datetime | None
    captures: int
    appeared: Bounds
    gone: Bounds
    absences: tuple[AbsenceOnCaptures, ...]


def trace_lifeline(looks: Sequence[Observation], *, absence_counts: bool = True) -> Lifeline:
    """The life of an entry on a page of which these are the good captures, in any order.

    At least one shows it. Without `absence_counts` the others prove nothing: an offset list
    shows other items on every capture.
    """
    ordered = sorted(looks, key=_place)
    seen = [each for each in ordered if each.shows]
    first, last = seen[0].captured_at, seen[-1].captured_at
    lacking = [each for each in ordered if not each.shows and absence_counts]
    placed = [each for each in lacking if _is_placed(each, seen)]
    return Lifeline(
        max((each.captured_at for each in lacking if each.captured_at < first), default=None),
        first,
        last,
        min((each.captured_at for each in lacking if each.captured_at > last), default=None),
        len(seen),
        _appeared(seen, lacking),
        _gone(seen, lacking),
        tuple(_absences(sorted([*seen, *placed], key=_place))),
    )


def _place(look: Observation) -> tuple[datetime, str]:
    return look.captured_at, look.capture_id


def _appeared(seen: Sequence[Observation], lacking: Sequence[Observation]) -> Bounds:
    first = min(each.captured_at for each in seen)
    before = [each.captured_at for each in lacking if each.surely_by < first]
    return Bounds(max(before, default=None), min(each.surely_by for each in seen))


def _gone(seen: Sequence[Observation], lacking: Sequence[Observation]) -> Bounds:
    last = max(each.surely_by for each in seen)
    after = [each.surely_by for each in lacking if each.captured_at > last]
    return Bounds(max(each.captured_at for each in seen), min(after, default=None))


def _is_placed(lacking: Observation, seen: Sequence[Observation]) -> bool:
    """Whether it is known of each capture with the entry that it is earlier, or that it is later,
    than the one without.
    """
    if lacking.precision == "second":
        seen = [each for each in seen if each.precision != "second"]
    return all(
        each.surely_by < lacking.captured_at or each.captured_at > lacking.surely_by
        for each in seen
    )


def _absences(ordered: Sequence[Observation]) -> Iterator[AbsenceOnCaptures]:
    """Two captures of one second count as one: it shows the entry where either does."""
    moments = [
        next((each for each in same if each.shows), same[0])
        for same in (list(group) for _, group in groupby(ordered, lambda each: each.captured_at))
    ]
    runs = [list(run) for _, run in groupby(moments, lambda each: each.shows)]
    for number, (run, lacking) in enumerate(pairwise(runs)):
        if run[-1].shows:
            after = runs[number + 2][0] if number + 2 < len(runs) else None
            yield AbsenceOnCaptures(run[-1], tuple(lacking), after)


@dataclass(frozen=True, slots=True)
class Delay:
    """Days from one appearance to another, as bounds: `least` below zero where the order of the
    two is not sure, None where the captures set no bound.
    """

    least: int | None
    most: int | None


def delay(first: Bounds, later: Bounds) -> Delay:
    """How long after `first` came `later`, in whole days that hold the true time between them."""
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
