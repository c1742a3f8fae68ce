"""Which fields differ between two wordings of an entry."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from ilo_archive.text.normalise import normalised


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field of an entry or page, before and after; None where it is missing."""

    field: str
    before: str | None
    after: str | None


class Worded(Protocol):
    """The parts of an entry that make up its wording."""

    @property
    def kicker(self) -> str | None: ...
    @property
    def title(self) -> str | None: ...
    @property
    def dateline(self) -> str | None: ...
    @property
    def date(self) -> datetime.date | None: ...
    @property
    def date_end(self) -> datetime.date | None: ...
    @property
    def place(self) -> str | None: ...
    @property
    def summary(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class PlainWording:
    """A wording without anything else."""

    kicker: str | None
    title: str | None
    dateline: str | None
    date: datetime.date | None
    date_end: datetime.date | None
    place: str | None
    summary: str | None


def changed_fields(before: Worded, after: Worded) -> tuple[FieldChange, ...]:
    """The fields in which two wordings differ.

    White space, case, the style of quotes and dashes, and the form of a printed date do not count.
    """
    return tuple(_changed_fields(before, after))


def _changed_fields(before: Worded, after: Worded) -> Iterator[FieldChange]:
    for name in ("kicker", "title"):
        yield from _changed(name, getattr(before, name), getattr(after, name))
    if before.date or after.date:
        yield from _changed("date", _days(before), _days(after))
    else:
        yield from _changed("dateline", before.dateline, after.dateline)
    for name in ("place", "summary"):
        yield from _changed(name, getattr(before, name), getattr(after, name))


def _changed(name: str, before: str | None, after: str | None) -> Iterator[FieldChange]:
    if normalised(before) != normalised(after):
        yield FieldChange(name, before, after)


def _days(worded: Worded) -> str | None:
    """A day, or first and last day as an ISO 8601 interval; None without a date."""
    if worded.date is None:
        return None
    first = worded.date.isoformat()
    return f"{first}/{worded.date_end.isoformat()}" if worded.date_end else first
