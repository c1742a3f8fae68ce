"""The lives of all entries of a page: on which of its good captures each stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ilo_archive.queries.answers import Homepage, PrintedEntry
from ilo_archive.queries.history import PageHistory
from ilo_archive.queries.lifeline import Lifeline, Observation, trace_lifeline


@dataclass(frozen=True, slots=True)
class Life:
    """An entry on one page. `entry` is how the last capture shows it; `shown` are the numbers of
    the good captures that do, from 0. `section` is the last heading that it stood under.
    """

    entry: PrintedEntry
    section: str | None
    shown: tuple[int, ...]
    line: Lifeline

    @property
    def came_back(self) -> bool:
        """Whether a good capture between two that show the entry lacks it."""
        return any(each.next_with for each in self.line.absences)


def page_lives(page: PageHistory) -> list[Life]:
    """Every entry of a page in the order of first appearance."""
    shown: dict[str, list[int]] = {}
    sections: dict[str, str] = {}
    latest: dict[str, PrintedEntry] = {}
    for number, capture in enumerate(page.good):
        for entry in reversed(capture.entries):  # of an entry listed twice the first place counts
            if number not in shown.setdefault(entry.entry_id, [])[-1:]:
                shown[entry.entry_id].append(number)
            latest[entry.entry_id] = entry
            if entry.section:
                sections[entry.entry_id] = entry.section
    return [
        Life(latest[each], sections.get(each), tuple(at), _lifeline(page, at))
        for each, at in shown.items()
    ]


def _lifeline(page: PageHistory, shown: Sequence[int]) -> Lifeline:
    here = frozenset(shown)
    looks = [_observation(page.good[at], at in here) for at in _around(page.good, shown)]
    return trace_lifeline(looks, absence_counts=page.absence_counts)


def _around(good: Sequence[Homepage], shown: Sequence[int]) -> Iterator[int]:
    """The captures that bear on a life: from the last that is surely before it to the first that
    is surely after it.
    """
    begin, end = shown[0], shown[-1]
    first, last = _look(good[begin]), _look(good[end])
    while begin and _look(good[begin]).surely_by >= first.captured_at:
        begin -= 1
    while end < len(good) - 1 and _look(good[end]).captured_at <= last.surely_by:
        end += 1
    yield from range(begin, end + 1)


def _look(capture: Homepage) -> Observation:
    return _observation(capture, shows=False)


def _observation(capture: Homepage, shows: bool) -> Observation:
    return Observation(capture.capture_id, capture.captured_at, capture.precision, shows)
