"""An entry as a page prints it."""

import datetime
from dataclasses import dataclass

from ilo_archive.text.credits import Credit


@dataclass(frozen=True, slots=True)
class Entry:
    """One item as printed. `position` counts from 1 within its section; `dateline` is the
    printed date with its place, `date` and `date_end` the days it means.
    """

    position: int
    kicker: str | None = None
    title: str | None = None
    dateline: str | None = None
    date: datetime.date | None = None
    date_end: datetime.date | None = None
    place: str | None = None
    summary: str | None = None
    link: str | None = None
    image: str | None = None
    credit: Credit | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A list of entries under its heading, None where the list has none."""

    heading: str | None
    entries: tuple[Entry, ...]
