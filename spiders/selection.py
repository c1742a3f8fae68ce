"""Select captures: which addresses, which period, one of how many."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from urllib.parse import urlsplit

from ilo_archive.archive.listings import ListedCapture
from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import HttpMessage
from ilo_archive.offices import PageSeries, Registry
from ilo_archive.times import parse_timestamp

Period = tuple[str, str]
"""First and last timestamp of 4 to 14 digits, both inclusive; empty if open."""


def period(first: str | None, last: str | None) -> Period:
    """The period between two dates of any precision. Raises BadTimestamp."""
    return _digits(first), _digits(last)


def within(timestamp: str, wanted: Period) -> bool:
    """True if a timestamp of 14 digits is in the period."""
    first, last = wanted
    return timestamp[: len(first)] >= first and timestamp[: len(last)] <= last


def addresses(offices: Iterable[str], language: str | None, known: Registry) -> list[str]:
    """The addresses of the offices' homepages.

    Those of a slug are listed for every host that serves them: an archive treats `www.` and `https`
    as the same page, but not another host. An address stays as it is.
    """
    found: dict[str, None] = {}
    for office in offices:
        if "://" in office:
            found[office] = None
        else:
            for address in known.get(office).addresses:
                if language in (None, address.language):
                    found |= dict.fromkeys(_aliases(address.url, known))
    return list(found)


def _aliases(url: str, known: Registry) -> Iterator[str]:
    """Yield the address, and the same with the other names of its host."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    yield url
    served = known.hosts.get(host, host)
    names = [served, *(alias for alias, each in known.hosts.items() if each == served)]
    for name in names:
        if name != host:
            yield parts._replace(netloc=f"www.{name}").geturl()


RETRIED = {"failed": {"failed"}, "skipped": {"skipped"}, "all": {"failed", "skipped"}}
"""The states of captures that `--retry` asks for at once, by its value."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Which of the captures that could not be had are asked for again: those whose pause is over
    at `now`, and those in the states of `retry`.
    """

    now: datetime
    retry: str | None = None

    def is_due(self, listed: ListedCapture) -> bool:
        """True if the pause after the last attempt is over, or is not to be kept."""
        is_over = listed.retry_at is None or listed.retry_at <= self.now
        return is_over or self.retry in ("failed", "all")

    def asks(self, listed: ListedCapture) -> bool:
        """True if the capture is to be fetched."""
        if listed.state in RETRIED.get(self.retry or "", ()):
            return True
        return not (listed.is_done or listed.waits(self.now))

    def waits(self, listed: ListedCapture) -> bool:
        """True if the capture is to be fetched, but later."""
        return listed.waits(self.now) and not self.asks(listed)


@dataclass(frozen=True, slots=True)
class Choice:
    """The captures of a listing to fetch now, those that wait for their next attempt, and the
    number of those that need no further work.
    """

    wanted: list[Capture]
    waiting: list[ListedCapture]
    known: int


def choose(
    listed: Sequence[ListedCapture], every: str | None, limit: int | None, terms: Terms
) -> Choice:
    """Choose from all captures that are listed, so that a later run does not choose others.

    Those that failed before come last: a limited run gets to the others.
    """
    by_key = {each.capture.key: each for each in listed}
    captures = [each.capture for each in by_key.values()]
    selected = [by_key[each.key] for each in select(captures, every, capture_ranks(listed, terms))]
    wanted = sorted(filter(terms.asks, selected), key=lambda each: each.attempts > 0)
    return Choice(
        [each.capture for each in wanted][:limit],
        [each for each in selected if terms.waits(each)],
        sum(each.is_done and not terms.asks(each) for each in by_key.values()),
    )


def select(
    captures: Iterable[Capture], every: str | None, rank: Mapping[str, int] | None = None
) -> list[Capture]:
    """One capture of each page and period (day, week, month, year); without `every`, all.

    It is the one with the lowest `rank` (by key), or one listed with status 200; of several the
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


FIRST_UNUSABLE_RANK = 5
"""From this rank on a capture shows no page: it redirects, failed or has another quality."""


def capture_ranks(captures: Iterable[ListedCapture], terms: Terms) -> dict[str, int]:
    """The rank of each capture for its period, by key; 0 is the best.

    A recorded capture is ranked by its quality, another one by its listed status. A revisit is
    listed without a status; it gets that of the capture with the same bytes. One that failed comes
    after those that were not asked for yet.
    """
    listed = list(captures)
    status_of_bytes = {
        (each.capture.place.page, each.capture.digest): each.capture.status
        for each in listed
        if each.capture.digest and each.capture.status
    }
    ranks = {}
    for each in listed:
        repeated = status_of_bytes.get((each.capture.place.page, each.capture.digest))
        ranks[each.capture.key] = _rank_of(each, each.capture.status or repeated, terms)
    return ranks


def _rank_of(listed: ListedCapture, status: int | None, terms: Terms) -> int:
    if listed.is_done and not terms.asks(listed):
        return {"good": 0, "empty": 4}.get(listed.quality or "", 6)
    if terms.waits(listed):
        return 6
    if status is not None and status >= 300:
        return FIRST_UNUSABLE_RANK if status < 400 else 7
    if listed.attempts:
        return 3
    return 2 if status is None else 1


def series_on_the_way(url: str, office: str, offices: Registry) -> PageSeries:
    """The page series of an address that a redirect leads to.

    Another known homepage keeps its office; any other address belongs to the office that was
    requested.
    """
    known = offices.locate(url)
    return known if known.office in offices.offices else offices.locate(url, office)


# -- the same bytes ------------------------------------------------------------------------


def group_by_digest(captures: Sequence[Capture]) -> Iterator[tuple[Capture, list[Capture]]]:
    """Yield each capture to fetch, with the others of the same page that are listed with its bytes.

    The first one that is listed with a status is fetched. Redirects are all fetched: two of them
    may have the same body and different targets.
    """
    groups: dict[tuple[str, str], list[Capture]] = {}
    for capture in captures:
        if capture.digest and can_reuse_body(capture, capture.status or 200):
            groups.setdefault((capture.place.page, capture.digest), []).append(capture)
        else:
            groups[capture.key, ""] = [capture]
    for group in groups.values():
        leader = next((each for each in group if each.status), group[0])
        yield leader, [each for each in group if each is not leader]


def can_reuse_body(capture: Capture, status: int) -> bool:
    """True if a capture need not be fetched because its bytes are stored from an answer with this
    status.
    """
    return capture.status in (None, status) and not 300 <= status < 400


def with_reused_body(capture: Capture, message: HttpMessage) -> Fetched:
    """A capture with the bytes of `message`, which was archived at another time.

    Only those of its headers apply that describe the bytes.
    """
    headers = tuple(pair for pair in message.headers if pair[0].lower() in _OF_THE_BYTES)
    return Fetched(replace(capture, status=message.status), replace(message, headers=headers))


_OF_THE_BYTES = ("content-type", "content-encoding", "content-language")


def _digits(text: str | None) -> str:
    """A date as the digits that CDX servers accept."""
    if not text:
        return ""
    parse_timestamp(text)
    return "".join(filter(str.isdigit, text))[:14]


def _period(moment: datetime, every: str) -> tuple[int, ...]:
    if every == "week":
        return tuple(moment.isocalendar())[:2]
    return moment.timetuple()[: {"year": 1, "month": 2, "day": 3}[every]]
