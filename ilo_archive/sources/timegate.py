"""TimeGates (RFC 7089): find the captures of an address by asking for moments."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

from ilo_archive.sources.links import parse_links
from ilo_archive.sources.timemap import (
    Memento,
    absolute_addresses,
    is_page_link,
    memento_of,
    parse_moment,
)

_SECOND = timedelta(seconds=1)
Interval = tuple[datetime, datetime]
"""Two moments between which a TimeGate may have captures that it has not listed yet."""


@dataclass(frozen=True, slots=True)
class TimeGateReply:
    """An answer of a TimeGate.

    `memento` is the one that it chose, None if it has none. `named` are all mementos in the answer,
    `timemaps` the TimeMaps. `neighbours` are pairs of captures with no other capture in between.
    """

    memento: Memento | None = None
    named: tuple[Memento, ...] = ()
    timemaps: tuple[str, ...] = ()
    neighbours: frozenset[Interval] = frozenset()


def accept_datetime(moment: datetime) -> str:
    """The value of the `Accept-Datetime` header that requests a moment (RFC 7089, 2.1.1)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_timegate(
    link: str, address: str, location: str | None, moment: str | None
) -> TimeGateReply:
    """Parse the answer of a TimeGate at `address`.

    `link`, `location` and `moment` are its headers `Link`, `Location` or `Content-Location`, and
    `Memento-Datetime`. A `next memento` or `prev memento` is next to the chosen one.
    """
    links, _ = parse_links(link)
    related = [
        (each.relations, memento)
        for each in links
        if "memento" in each.relations
        and (memento := memento_of(each.target, each.parameters.get("datetime"), address))
    ]
    named = {memento.uri: memento for _, memento in related}
    chosen = _chosen(named, address, location, moment)
    neighbours = {
        (min(chosen.captured_at, each.captured_at), max(chosen.captured_at, each.captured_at))
        for relations, each in related
        if chosen and relations & {"next", "prev"}
    }
    timemaps = absolute_addresses([each.target for each in links if is_page_link(each)], address)
    all_named = named | ({chosen.uri: chosen} if chosen else {})
    return TimeGateReply(chosen, tuple(all_named.values()), timemaps, frozenset(neighbours))


def _chosen(
    named: Mapping[str | None, Memento], address: str, location: str | None, moment: str | None
) -> Memento | None:
    """The memento that an answer is about: the target of its redirect, or the one of its time."""
    if location:
        target = next(iter(absolute_addresses([location], address)), None)
        return named.get(target) or memento_of(location, moment, address)
    at = parse_moment(moment or "")
    return next((each for each in named.values() if each.captured_at == at), None)


def search_captures(first: datetime, last: datetime) -> Generator[datetime, TimeGateReply, None]:
    """Find every capture of a TimeGate between two moments.

    Generator protocol: yields a moment to ask for; send() it the parsed answer. A TimeGate may
    choose the nearest capture, the last one before or the first one after a moment. So an interval
    counts as empty only after both its middle and the end that the first answer did not cover were
    asked for.
    """
    found = {first, last}
    closed: set[Interval] = set()
    while interval := _open_interval(sorted(found), closed, first, last):
        yield from _search_interval(interval, found, closed)


def _search_interval(
    interval: Interval, found: set[datetime], closed: set[Interval]
) -> Generator[datetime, TimeGateReply, None]:
    """Ask until an interval has yielded a capture or is known to be empty."""
    low, high = interval
    reply = yield low + (high - low) // 2
    if _learn(reply, interval, found, closed):
        return
    for moment in _other_ends(interval, reply.memento):
        reply = yield moment
        if _learn(reply, interval, found, closed):
            return
    closed.add(interval)


def _learn(
    reply: TimeGateReply, interval: Interval, found: set[datetime], closed: set[Interval]
) -> bool:
    """Note an answer. True if it settles the interval: by a capture in it, or as empty."""
    low, high = interval
    named = {each.captured_at for each in reply.named}
    found |= named
    closed |= reply.neighbours
    return interval in closed or any(low < each < high for each in named)


def _other_ends(interval: Interval, chosen: Memento | None) -> list[datetime]:
    """The moments inside an interval that are left to ask for, near its ends."""
    low, high = interval
    after, before = low + _SECOND, high - _SECOND
    if chosen is None:
        return [after, before]
    return [after] if chosen.captured_at >= high else [before]


def _open_interval(
    found: list[datetime], closed: set[Interval], first: datetime, last: datetime
) -> Interval | None:
    """The first interval that may still have captures between `first` and `last`; None if done."""
    for low, high in pairwise(found):
        if (low, high) not in closed and high - low > _SECOND and high > first and low < last:
            return low, high
    return None
