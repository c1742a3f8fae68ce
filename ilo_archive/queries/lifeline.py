"""How far captures bear out the life of an entry: when it stood on a page, how it left, and how
its wording changed.

Pure functions of what good captures show. Only these say anything about what they do not show,
and a capture known to the month only may have been made on any day of it: what follows from its
place in time is told as bounds.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby, pairwise
from math import ceil, floor
from typing import Literal, Protocol, TypeVar

from ilo_archive.capture import Precision, from_iso, surely_by
from ilo_archive.identity.groups import normalised

# -- wordings ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of an entry or of the page, before and after; None where it is missing."""

    field: str
    before: str | None
    after: str | None


class Worded(Protocol):
    """What an entry is worded as. Dates are ISO 8601."""

    @property
    def kicker(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def dateline(self) -> str | None: ...
    @property
    def date(self) -> str | None: ...
    @property
    def date_end(self) -> str | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def summary(self) -> str | None: ...


def changed_fields(before: Worded, after: Worded) -> tuple[FieldChange, ...]:
    """The fields in which two wordings differ. White space, case, the style of quotes and dashes,
    and how a date is printed are no wording.
    """
    return tuple(_changed_fields(before, after))


def _changed_fields(before: Worded, after: Worded) -> Iterator[FieldChange]:
    for name in ("kicker", "title"):
        yield from _changed(name, getattr(before, name), getattr(after, name))
    if before.date or after.date:
        yield from _changed("date", _days(before), _days(after))
    else:
        yield from _changed("dateline", before.dateline, after.dateline)
    for name in ("place", "summary"):
        yield from _changed(name, getattr(before, name), getattr(after, name))


def _changed(name: str, before: str | None, after: str | None) -> Iterator[FieldChange]:
    if normalised(before) != normalised(after):
        yield FieldChange(name, before, after)


def _days(worded: Worded) -> str | None:
    """A day, or first and last day as an interval of ISO 8601."""
    return f"{worded.date}/{worded.date_end}" if worded.date_end else worded.date


# -- lifelines -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bounds:
    """Two times between which something came about, both included; None where the captures set
    no bound.
    """

    earliest: str | None
    latest: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """A good capture of a page, and whether the entry stands on it."""

    capture_id: str
    captured_at: str
    precision: Precision
    shows: bool

    @property
    def surely_by(self) -> str:
        """The last second at which the capture may have been made."""
        return surely_by(self.captured_at, self.precision)


@dataclass(frozen=True, slots=True)
class Absence:
    """Good captures in a row without the entry: between one that shows it and, where the entry
    came back, the next that does.
    """

    last_with: Look
    without: tuple[Look, ...]
    next_with: Look | None


@dataclass(frozen=True, slots=True)
class Life:
    """When an entry stood on a page. `first_seen` and `last_seen` are captures that show it,
    `not_before` and `absent_from` the nearest good ones around these that do not.

    `appeared` and `gone` are the same as bounds of what happened in between; `gone.latest` is
    None where no later capture lacks the entry. `absences` leave out captures of which it is not
    known whether one with the entry came before or after.
    """

    not_before: str | None
    first_seen: str
    last_seen: str
    absent_from: str | None
    captures: int
    appeared: Bounds
    gone: Bounds
    absences: tuple[Absence, ...]


def lifeline(looks: Sequence[Look], *, absence_counts: bool = True) -> Life:
    """The life of an entry on a page of which these are the good captures, in any order.

    At least one shows it. Without `absence_counts` the others prove nothing: an offset list
    shows other items on every capture.
    """
    ordered = sorted(looks, key=_place)
    seen = [each for each in ordered if each.shows]
    first, last = seen[0].captured_at, seen[-1].captured_at
    lacking = [each for each in ordered if not each.shows and absence_counts]
    placed = [each for each in lacking if _is_placed(each, seen)]
    return Life(
        max((each.captured_at for each in lacking if each.captured_at < first), default=None),
        first,
        last,
        min((each.captured_at for each in lacking if each.captured_at > last), default=None),
        len(seen),
        _appeared(seen, lacking),
        _gone(seen, lacking),
        tuple(_absences(sorted([*seen, *placed], key=_place))),
    )


def _place(look: Look) -> tuple[str, str]:
    return look.captured_at, look.capture_id


def _appeared(seen: Sequence[Look], lacking: Sequence[Look]) -> Bounds:
    first = min(each.captured_at for each in seen)
    before = [each.captured_at for each in lacking if each.surely_by < first]
    return Bounds(max(before, default=None), min(each.surely_by for each in seen))


def _gone(seen: Sequence[Look], lacking: Sequence[Look]) -> Bounds:
    last = max(each.surely_by for each in seen)
    after = [each.surely_by for each in lacking if each.captured_at > last]
    return Bounds(max(each.captured_at for each in seen), min(after, default=None))


def _is_placed(lacking: Look, seen: Sequence[Look]) -> bool:
    """Whether it is known of each capture with the entry that it is earlier, or that it is later,
    than the one without.
    """
    if lacking.precision == "second":
        seen = [each for each in seen if each.precision != "second"]
    return all(
        each.surely_by < lacking.captured_at or each.captured_at > lacking.surely_by
        for each in seen
    )


def _absences(ordered: Sequence[Look]) -> Iterator[Absence]:
    """Two captures of one second count as one: it shows the entry where either does."""
    moments = [
        next((each for each in same if each.shows), same[0])
        for same in (list(group) for _, group in groupby(ordered, lambda each: each.captured_at))
    ]
    runs = [list(run) for _, run in groupby(moments, lambda each: each.shows)]
    for number, (run, lacking) in enumerate(pairwise(runs)):
        if run[-1].shows:
            after = runs[number + 2][0] if number + 2 < len(runs) else None
            yield Absence(run[-1], tuple(lacking), after)


# -- how an entry left a list --------------------------------------------------------------


class Listed(Protocol):
    """An entry at its place on a capture."""

    @property
    def entry_id(self) -> str: ...
    @property
    def section(self) -> str | None: ...
    @property
    def date(self) -> str | None: ...


_L = TypeVar("_L", bound=Listed)


@dataclass(frozen=True, slots=True)
class Departure:
    """How an entry of one capture is missing from a list of a later one.

    `dropped`: entries that are older and stood below it, `older`, stand there still, so newer
    ones did not push it off. `pushed`: no such entry does, and `newer` ones fill the list down to
    its place at least: on a page that shows the newest it would be below the fold. `unclear`:
    neither, or the list is not on the page.
    """

    manner: Literal["dropped", "pushed", "unclear"]
    older: tuple[str, ...] = ()
    newer: tuple[str, ...] = ()


def departure(entry_id: str, before: Sequence[Listed], after: Sequence[Listed]) -> Departure:
    """How an entry that stands on `before` is missing from `after`, both in the order of the page.

    Entries are newer or older by their dates, of one day by their places; an old one pinned
    above it stays for reasons of its own, and tells nothing.
    """
    listed = once(before)
    gone = next(each for each in listed if each.entry_id == entry_id)
    was = [each for each in listed if each.section == gone.section]
    now = once(_same_list(was, gone, after))
    known = {each.entry_id for each in was}
    below = {each.entry_id for each in was[was.index(gone) + 1 :]}
    older = [each for each in now if each.entry_id in below and _older(each, gone)]
    if older:
        return Departure("dropped", older=_ids(older))
    newer = [each for each in now if _newer(each, gone, below)]
    place = sum(_newer(each, gone, below) for each in was if each is not gone)
    unsure = [each for each in now if each.entry_id not in known and each not in newer]
    if len(newer) > place and not unsure:
        return Departure("pushed", newer=_ids(newer))
    return Departure("unclear")


def _ids(entries: Sequence[Listed]) -> tuple[str, ...]:
    return tuple(each.entry_id for each in entries)


def _older(one: Listed, other: Listed) -> bool:
    """Whether the one, which stands below the other, is older: not if its date is later or only
    one of them has a date.
    """
    if one.date and other.date:
        return one.date <= other.date
    return not one.date and not other.date


def _newer(one: Listed, gone: Listed, below: Set[str]) -> bool:
    """Whether the one is newer than that which is gone; what stood below it must be dated later."""
    if one.date and gone.date and one.date != gone.date:
        return one.date > gone.date
    return bool(one.date) == bool(gone.date) and one.entry_id not in below


def once(entries: Sequence[_L]) -> list[_L]:
    """Each entry in its first place: a page may list one twice."""
    first: dict[str, _L] = {}
    for each in entries:
        first.setdefault(each.entry_id, each)
    return list(first.values())


def _same_list(was: Sequence[Listed], gone: Listed, after: Sequence[Listed]) -> list[Listed]:
    """The list of the later capture that goes on with the earlier one: of the same heading, else
    that which holds most of its entries, else the only one. Headings are sometimes lost.
    """
    headings = {each.section for each in after}
    heading = normalised(gone.section)
    found = {each for each in headings if gone.section and normalised(each) == heading}
    if not found:
        known = {each.entry_id for each in was}
        shared = Counter(each.section for each in after if each.entry_id in known)
        found = {section for section, _ in shared.most_common(1)}
    if not found and len(headings) == 1:
        found = headings
    return [each for each in after if each.section in found]


# -- delays --------------------------------------------------------------------------------


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


def _difference(start: str | None, end: str | None, rounded: Callable[[float], int]) -> int | None:
    if start is None or end is None:
        return None
    return rounded((from_iso(end) - from_iso(start)) / timedelta(days=1))
