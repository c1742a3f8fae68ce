"""Alarms of an office: since when its page could not be had, and what was not fetched yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from ilo_archive.queries.capture_kinds import CaptureKind
from ilo_archive.queries.history import HeldCapture, OfficeHistory, PageHistory


@dataclass(frozen=True, slots=True)
class OfficeAlarm:
    """What stands in the way of the newest captures of a page: all `captures` since `since` are
    of that kind. Missing captures are listed and not fetched yet, at whatever time.
    """

    kind: CaptureKind
    page: str
    since: datetime
    captures: int


def office_alarms(history: OfficeHistory) -> list[OfficeAlarm]:
    """The alarms of an office, page by page."""
    return [alarm for page in history.pages for alarm in _alarms(page)]


def _alarms(page: PageHistory) -> Iterator[OfficeAlarm]:
    missing = [each for each in page.captures if each.kind == "missing"]
    if missing:
        yield _alarm(page, missing)
    if not page.absence_counts:
        return
    known = [each for each in page.captures if each.kind != "missing"]
    last_good = max((at for at, each in enumerate(known) if each.is_good), default=-1)
    since = known[last_good + 1 :]
    if since and {each.kind for each in since} == {since[0].kind}:
        yield _alarm(page, since)
    elif since:
        yield OfficeAlarm("failed", page.page, since[0].captured_at, len(since))


def _alarm(page: PageHistory, captures: Sequence[HeldCapture]) -> OfficeAlarm:
    first = captures[0]
    return OfficeAlarm(first.kind, page.page, first.captured_at, len(captures))
