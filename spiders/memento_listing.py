"""What a Memento archive lists: its captures, each once, and where to request their bytes."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern

from ilo_archive.capture import Capture
from ilo_archive.offices import PageSeries
from ilo_archive.sources.archives import MementoArchive
from ilo_archive.sources.timemap import Memento, with_modifier

from .selection import Period, within

MOST_CAPTURES = 100_000
"""Captures of one archive that are listed in a run."""


@dataclass(frozen=True, slots=True)
class Located:
    """A capture, its archive, and the address of its bytes."""

    capture: Capture
    archive: MementoArchive
    address: str


@dataclass(slots=True)
class MementoListing:
    """The captures of an archive within a period, by key; `foreign` counts those on other hosts.

    `is_cut` is True if the archive lists more than are read.
    """

    archive: MementoArchive
    series: Callable[[str], PageSeries]
    period: Period
    captures: dict[str, Located] = field(default_factory=dict)
    foreign: int = 0
    is_cut: bool = False
    _seen: set[int] = field(default_factory=set)  # hashes: aliases list the same captures

    def __post_init__(self) -> None:
        """Remember the page series of an address: a TimeMap repeats it on every line."""
        self.series = lru_cache(maxsize=1000)(self.series)

    def add(self, mementos: Iterable[Memento], address: str) -> None:
        """Add the mementos of a TimeMap of an address."""
        for memento in mementos:
            url = memento.url or address
            digits = f"{memento.captured_at:%Y%m%d%H%M%S}"
            seen = hash((digits, url, memento.uri, memento.digest))
            if seen in self._seen or not within(digits, self.period):
                continue
            if len(self.captures) >= MOST_CAPTURES:
                self.is_cut = True
                return
            self._seen.add(seen)
            self._add(memento, url, digits)

    def _add(self, memento: Memento, url: str, digits: str) -> None:
        uri = self.archive.request_address(memento.uri or self.archive.server.address(digits, url))
        if uri is None:
            self.foreign += 1
            return
        raw = self.archive.raw
        capture = Capture(
            place=self.series(url),
            url=intern(url),
            captured_at=memento.captured_at,
            archive=self.archive.server.name,
            uri_m=uri if raw is None else with_modifier(uri, ""),
            status=memento.status,
            digest=memento.digest,
            precision=memento.precision,
        )
        address = uri if raw is None else with_modifier(uri, raw)
        self.captures[capture.key] = Located(capture, self.archive, address)
