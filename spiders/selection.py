"""Which captures are wanted: of which addresses, of which period, how many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby
from urllib.parse import urlsplit

from ilo_archive.archive.listings import ListedCapture
from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import HttpMessage
from ilo_archive.offices import Registry
from ilo_archive.times import parse_timestamp

Period = tuple[str, str]
"""First and last partial timestamp, as digits, both inclusive and empty where open."""


def period(first: str | None, last: str | None) -> Period:
    """The period between two partial dates. Raises BadTimestamp."""
    return _digits(first), _digits(last)


def within(timestamp: str, wanted: Period) -> bool:
    """Whether 14 digits lie in the period."""
    first, last = wanted
    return timestamp[: len(first)] >= first and timestamp[: len(last)] <= last


def addresses(offices: Iterable[str], language: str | None, known: Registry) -> list[str]:
    """The homepages of offices. Those of a slug come under every host that serves them: an
    archive knows `www.` and `https` to be the same page, but not another host. An address is
    taken as it is.
    """
    found: dict[str, None] = {}
    for each in offices:
        if "://" in each:
            found[each] = None
        else:
            for address in known.get(each).addresses:
                if language in (None, address.language):
                    found |= dict.fromkeys(_aliases(address.url, known))
    return list(found)


def _aliases(url: str, known: Registry) -> Iterator[str]:
    """The address itself, and the same under the other names of its host."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    yield url
    served = known.hosts.get(host, host)
    names = [served, *(alias for alias, each in known.hosts.items() if each == served)]
    for name in names:
        if name != host:
            yield parts._replace(netloc=f"www.{name}").geturl()


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


def capture_ranks(held: Iterable[ListedCapture]) -> dict[str, int]:
    """How good each capture is for its period, by key, 0 for the best.

    What was read counts for what it turned out to be, what was not for what its archive lists. A
    revisit, which is listed without a status, has that of the capture whose bytes it repeats.
    """
    every = list(held)
    listed = {
        (each.capture.place.page, each.capture.digest): each.capture.status
        for each in every
        if each.capture.digest and each.capture.status
    }
    found = {}
    for each in every:
        repeated = listed.get((each.capture.place.page, each.capture.digest))
        found[each.capture.key] = _rank_of(each, each.capture.status or repeated)
    return found


FIRST_UNUSABLE_RANK = 4
"""From this rank on a capture shows no page: it redirects, fails, or turned out to be none."""


def _rank_of(held: ListedCapture, status: int | None) -> int:
    if held.is_done:
        return {"good": 0, "empty": 3}.get(held.quality or "", 5)
    if status is None:
        return 2
    return 1 if status < 300 else FIRST_UNUSABLE_RANK if status < 400 else 6


# -- the same bytes ------------------------------------------------------------------------


def group_by_digest(captures: Sequence[Capture]) -> Iterator[tuple[Capture, list[Capture]]]:
    """Each capture to ask for, with those that are listed with its bytes on the same page.

    Of the same bytes the first that is listed with a status is asked for. Redirects are all asked
    for: the bodies of two are the same, and their targets are not.
    """
    groups: dict[tuple[str, str], list[Capture]] = {}
    for each in captures:
        if each.digest and can_reuse_body(each, each.status or 200):
            groups.setdefault((each.place.page, each.digest), []).append(each)
        else:
            groups[each.key, ""] = [each]
    for group in groups.values():
        leader = next((each for each in group if each.status), group[0])
        yield leader, [each for each in group if each is not leader]


def can_reuse_body(capture: Capture, status: int) -> bool:
    """Whether a capture of bytes that were answered with this status needs no asking."""
    return capture.status in (None, status) and not 300 <= status < 400


def with_reused_body(capture: Capture, message: HttpMessage) -> Fetched:
    """A capture of the very bytes of `message`, which was archived at another time: of its
    headers only those hold that say what the bytes are.
    """
    kept = tuple(pair for pair in message.headers if pair[0].lower() in _OF_THE_BYTES)
    return Fetched(replace(capture, status=message.status), replace(message, headers=kept))


_OF_THE_BYTES = ("content-type", "content-encoding", "content-language")


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
