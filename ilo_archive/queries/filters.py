"""`EntryFilter`, which selects entries, and its conditions in SQL."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypedDict

from ilo_archive.queries.connection import ReadOnlyArchive, folded_name
from ilo_archive.times import end_of, parse_timestamp

Day = str | date
"""A day, month or year: a `date`, or text such as `2015`, `2015-04`, `2015-04-14`."""


class Narrowing(TypedDict, total=False):
    """The keyword arguments of a question that become an `EntryFilter`."""

    language: str | None
    since: Day | None
    until: Day | None
    credit: str | None
    section: str | None
    limit: int | None


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Conditions that entries must meet; None means any.

    `office`: an office whose page showed the entry. `language`: that of the entry. `since`,
    `until`: bounds of the entry's own date, both inclusive, possibly partial. `credit`: part of a
    holder's or agency's name, in any of its forms. `section`: the heading of the list. `limit`: the
    largest number of entries returned.
    """

    office: str | None = None
    language: str | None = None
    since: Day | None = None
    until: Day | None = None
    credit: str | None = None
    section: str | None = None
    limit: int | None = None

    def where(self, archive: ReadOnlyArchive) -> tuple[str, dict[str, Any]]:
        """A WHERE clause over the view `news`, and its values with `limit` (-1 for no limit).

        Raises UnknownOffice, BadTimestamp.
        """
        archive.check_office(self.office)
        conditions = {
            "office": (SEEN_AT if self.office else "", self.office),
            "language": ("language = :language", self.language),
            "since": ("date >= :since", self.since and first_day(self.since)),
            "until": (_UNTIL, self.until and last_day(self.until)),
            "credit": (_CREDITED, self.credit and folded_name(self.credit)),
            "section": ("folded(section) = :section", self.section and self.section.casefold()),
        }
        wanted = {name: each for name, each in conditions.items() if each[1]}
        values: dict[str, Any] = {name: value for name, (_, value) in wanted.items()}
        values["limit"] = -1 if self.limit is None else self.limit
        clause = " AND ".join(condition for condition, _ in wanted.values())
        return (f"WHERE {clause}" if clause else ""), values


def first_moment(day: Day) -> datetime:
    """The first second of a day, month or year, in UTC. Raises BadTimestamp."""
    return parse_timestamp(str(day))[0]


def last_moment(day: Day) -> datetime:
    """The last second of a day, month or year, in UTC. Raises BadTimestamp."""
    return end_of(*parse_timestamp(str(day)))


def first_day(day: Day) -> date:
    """The first day of a day, month or year. Raises BadTimestamp."""
    return first_moment(day).date()


def last_day(day: Day) -> date:
    """The last day of a day, month or year. Raises BadTimestamp."""
    return last_moment(day).date()


SEEN_AT = """
entry_id IN (SELECT reading.entry_id FROM capture
    JOIN sighting ON sighting.capture_id = capture.id
    JOIN reading ON reading.id = sighting.reading_id WHERE capture.office = :office)"""
"""The condition for an office. An entry that several offices list is an entry of each."""

# An end is never before its beginning: the first part only makes SQLite use an index.
_UNTIL = "date <= :until AND coalesce(date_end, date) <= :until"

ANY_FORM = "(SELECT shown FROM holder WHERE instr(folded(form), :credit))"
"""Holders with a form that contains the name: "R. Aho" finds "Rita Aho" if they are one person."""
_CREDITED = f"""
(credit_holder IN (SELECT credited FROM holder WHERE shown IN {ANY_FORM})
 OR instr(folded(credit_holder), :credit) OR instr(folded(credit_agency), :credit))"""
