"""What the captures that were recorded since a run or a day brought."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Literal

from ilo_archive.queries.answers import Homepage
from ilo_archive.queries.comparison import Change, ChangeKind, Comparison, compare
from ilo_archive.queries.connection import ReadOnlyArchive
from ilo_archive.queries.filters import first_moment
from ilo_archive.queries.history import OfficeHistory, PageHistory, office_history
from ilo_archive.queries.pages import NoCapture
from ilo_archive.times import from_iso, iso

LAST_RUN = "last-run"
"""The word for the last run of `crawl` or `ingest`, in place of a day."""

Weight = Literal["major", "minor", "noise"]

_OF_THE_PAGE: tuple[ChangeKind, ...] = ("page", "named", "not-named")


@dataclass(frozen=True, slots=True)
class Update:
    """What a good capture shows that differs from the good capture of the page before it.

    `before` is None for the first capture of a page. `layout` has the templates of the two
    captures where these differ. `was_redesigned` is true if most entries of the earlier capture
    are gone with the layout: then `changes` has only those of the description.
    """

    before: Homepage | None
    after: Homepage
    changes: tuple[Change, ...] = ()
    layout: tuple[str, str] | None = None
    was_redesigned: bool = False

    @property
    def differs(self) -> bool:
        """True if there is more than noise."""
        noted = self.before is None or self.layout is not None
        return noted or any(weight_of(each) != "noise" for each in self.changes)


@dataclass(frozen=True, slots=True)
class Since:
    """The updates since a moment. `captures` were recorded since then, whatever came of them, by
    runs of which the last is `command`.
    """

    moment: datetime
    command: str | None
    captures: int
    updates: tuple[Update, ...]

    @property
    def differs(self) -> bool:
        """True if some update has more than noise."""
        return any(each.differs for each in self.updates)


def weight_of(change: Change) -> Weight:
    """The weight of a change: an entry that newer ones pushed off the list is a minor one."""
    if change.departure and change.departure.manner == "pushed":
        return "minor"
    return "major" if change.weight == 3 else "minor" if change.weight else "noise"


def changes_since(archive: ReadOnlyArchive, when: str, office: str | None = None) -> Since:
    """What the captures recorded since a day, month or year, or by the last run, brought.

    `reread` records nothing new; captures that it changed count as recorded before. Raises
    NoCapture without a run, BadTimestamp, UnknownOffice.
    """
    archive.check_office(office)
    runs = archive.rows(_LAST_RUN)
    if not runs:
        raise NoCapture("nothing was recorded in this archive yet: `crawl` or `ingest` brings some")
    first = from_iso(runs[0]["started_at"]) if when == LAST_RUN else first_moment(when)
    rows = archive.rows(_RECORDED, {"since": iso(first), "office": office})
    keys = {str(row["key"]) for row in rows}
    offices = sorted({str(row["office"]) for row in rows if row["quality"] == "good"})
    updates = (
        update
        for each in offices
        for update in updates_of(office_history(archive, each), keys)
        if update.changes or update.differs
    )
    return Since(first, str(runs[0]["command"]), len(rows), tuple(updates))


def updates_of(history: OfficeHistory, captures: Collection[str] | None = None) -> list[Update]:
    """The updates of an office's pages that these captures brought, all by default; by time."""
    found = [
        update
        for page in history.pages
        if page.absence_counts
        for update in _of_page(page, captures)
    ]
    return sorted(found, key=lambda each: (each.after.captured_at, each.after.capture_id))


def _of_page(page: PageHistory, captures: Collection[str] | None) -> Iterator[Update]:
    templates = [each.template for each in page.good_captures]
    first = page.good[:1]
    if first and (captures is None or first[0].capture_id in captures):
        yield Update(None, first[0])
    for (before, after), layouts in zip(pairwise(page.good), pairwise(templates), strict=True):
        if captures is None or after.capture_id in captures:
            yield _update(compare(before, after), layouts)


def _update(found: Comparison, layouts: tuple[str | None, str | None]) -> Update:
    old, new = layouts
    layout = (old, new) if old and new and old != new else None
    gone = len({each.entry.entry_id for each in found.of("gone") if each.entry})
    known = len({each.entry_id for each in found.before.entries})
    if layout and 2 * gone > known:
        changes = tuple(found.of(*_OF_THE_PAGE))
        return Update(found.before, found.after, changes, layout, was_redesigned=True)
    return Update(found.before, found.after, found.changes, layout)


_LAST_RUN = """
SELECT command, started_at FROM run WHERE command <> 'reread' ORDER BY id DESC LIMIT 1"""

_RECORDED = """
SELECT capture.key, capture.office, capture.quality
FROM capture JOIN run ON run.id = capture.run_id
WHERE run.command <> 'reread' AND run.started_at >= :since
      AND capture.office = coalesce(:office, capture.office)"""
