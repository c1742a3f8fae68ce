"""TimeGates (RFC 7089): the captures of an address, found by asking for moments."""

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
"""Two moments between which a TimeGate may hold captures that it has not named yet."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a TimeGate answers: the memento it chose (None: it holds none to choose), all that
    it names, the TimeMaps that it names, and the pairs of captures with nothing between them.
    """

    memento: Memento | None = None
    named: tuple[Memento, ...] = ()
    timemaps: tuple[str, ...] = ()
    neighbours: frozenset[Interval] = frozenset()


def accept_datetime(moment: datetime) -> str:
    """The value of the header that asks a TimeGate for a moment (RFC 7089, 2.1.1)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def parse_chosen(link: str, address: str, location: str | None, moment: str | None) -> Chosen:
    """Read the answer of a TimeGate at `address`: its `Link`, its `Location` or
    `Content-Location`, its `Memento-Datetime`.

    A `next memento` and a `prev memento` are those beside the one that was chosen.
    """
    links, _ = parse_links(link)
    told = [
        (each.relations, memento)
        for each in links
        if "memento" in each.relations
        and (memento := memento_of(each.target, each.parameters.get("datetime"), address))
    ]
    named = {memento.uri: memento for _, memento in told}
    chosen = _chosen(named, address, location, moment)
    beside = {
        (min(chosen.captured_at, each.captured_at), max(chosen.captured_at, each.captured_at))
        for relations, each in told
        if chosen and relations & {"next", "prev"}
    }
    timemaps = absolute_addresses([each.target for each in links if is_page_link(each)], address)
    all_named = named | ({chosen.uri: chosen} if chosen else {})
    return Chosen(chosen, tuple(all_named.values()), timemaps, frozenset(beside))


def _chosen(
    named: Mapping[str | None, Memento], address: str, location: str | None, moment: str | None
) -> Memento | None:
    """The memento that an answer is about: of the time that it names, or where it leads to."""
    if location:
        target = next(iter(absolute_addresses([location], address)), None)
        return named.get(target) or memento_of(location, moment, address)
    at = parse_moment(moment or "")
    return next((each for each in named.values() if each.captured_at == at), None)


def search_captures(first: datetime, last: datetime) -> Generator[datetime, Chosen, None]:
    """The moments to ask a TimeGate for, until it has named every capture between two moments.

    Send it what the TimeGate answered to the last one. Whether a TimeGate takes the nearest
    capture, the last one before or the first one after is not known beforehand, so a gap counts
    as empty once neither its middle nor the end that the answer does not speak of brings another.
    """
    found = {first, last}
    closed: set[Interval] = set()
    while gap := _open_interval(sorted(found), closed, first, last):
        yield from _search(gap, found, closed)


def _search(
    gap: Interval, found: set[datetime], closed: set[Interval]
) -> Generator[datetime, Chosen, None]:
    """Ask until a gap has brought a capture or is known to hold none."""
    low, high = gap
    told = yield low + (high - low) // 2
    if _learn(told, gap, found, closed):
        return
    for moment in _other_ends(gap, told.memento):
        told = yield moment
        if _learn(told, gap, found, closed):
            return
    closed.add(gap)


def _learn(told: Chosen, gap: Interval, found: set[datetime], closed: set[Interval]) -> bool:
    """Note an answer; whether it settles the gap, by a capture in it or by its own word."""
    low, high = gap
    named = {each.captured_at for each in told.named}
    found |= named
    closed |= told.neighbours
    return gap in closed or any(low < each < high for each in named)


def _other_ends(gap: Interval, chosen: Memento | None) -> list[datetime]:
    low, high = gap
    after, before = low + _SECOND, high - _SECOND
    if chosen is None:
        return [after, before]
    return [after] if chosen.captured_at >= high else [before]


def _open_interval(
    found: list[datetime], closed: set[Interval], first: datetime, last: datetime
) -> Interval | None:
    for low, high in pairwise(found):
        if (low, high) not in closed and high - low > _SECOND and high > first and low < last:
            return low, high
    return None
