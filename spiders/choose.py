"""Which captures are wanted: of which addresses, of which period, how many."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby

from ilo_archive.capture import Capture, parse_timestamp
from ilo_archive.offices import Registry

Period = tuple[str, str]
"""First and last partial timestamp, as digits, both inclusive and empty where open."""


def period(first: str | None, last: str | None) -> Period:
    """The period between two partial dates. Raises BadTimestamp."""
    return _digits(first), _digits(last)


def within(timestamp: str, wanted: Period) -> bool:
    """Whether 14 digits lie in the period."""
    first, last = wanted
    return timestamp[: len(first)] >= first and timestamp[: len(last)] <= last


def addresses(offices: Iterable[str], language: str | None, known: Registry) -> Iterator[str]:
    """The homepages of offices, given by slug or as an address."""
    for each in offices:
        if "://" in each:
            yield each
        else:
            for address in known.get(each).addresses:
                if language in (None, address.language):
                    yield address.url


def select(
    captures: Iterable[Capture], every: str | None, rank: Mapping[str, int] | None = None
) -> list[Capture]:
    """One capture of each page and period (day, week, month, year), all without `every`.

    The best one: of those that `rank` (by key) puts first, or that are listed as good, the
    earliest.
    """
    ordered = sorted(captures, key=lambda each: (each.place.page, each.captured_at))
    if every is None:
        return ordered
    ranks = rank or {}
    groups = groupby(ordered, lambda each: (each.place.page, _period(each.captured_at, every)))
    return [
        min(group, key=lambda each: ranks.get(each.key, each.status != 200)) for _, group in groups
    ]


def _digits(text: str | None) -> str:
    """A partial date as CDX servers take it."""
    if not text:
        return ""
    parse_timestamp(text)
    return "".join(filter(str.isdigit, text))[:14]


def _period(moment: datetime, every: str) -> tuple[int, ...]:
    if every == "week":
        return tuple(moment.isocalendar())[:2]
    return moment.timetuple()[: {"year": 1, "month": 2, "day": 3}[every]]
