"""Moments: the timestamps of archives, how much of one is known, and ISO 8601."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

from ilo_archive.errors import IloArchiveError

Precision = Literal["second", "minute", "day", "month", "year"]
TIMESTAMP_FORMAT = "%Y%m%d%H%M%S"
_ISO_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
# Every part with all its digits: "2015-1-1" would read as November. Of the years before 1000
# strftime prints fewer than four digits; none has a capture.
_MOMENT = re.compile(
    r"([12]\d{3})(?:-?(\d\d)(?:-?(\d\d)"
    r"(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


class BadTimestamp(IloArchiveError, ValueError):
    """A text that names no moment: not 4 to 14 digits, or a day that does not exist."""


def parse_timestamp(text: str) -> tuple[datetime, Precision]:
    """Read 4 to 14 digits or an ISO date as a UTC moment, with what of it is known.

    An ISO time may have a fraction, which is dropped, and a zone. Raises BadTimestamp.
    A partial one means its first instant, as on CDX servers.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise BadTimestamp(f"{text!r} is no date: give 2015, 2015-04, 2015-04-14 or 14 digits")
    *parts, zone = found.groups()
    digits = "".join(filter(None, parts))
    padded = digits + "00000101000000"[len(digits) :]
    known: dict[int, Precision] = {4: "year", 6: "month", 8: "day", 12: "minute", 14: "second"}
    try:
        moment = datetime.strptime(padded + (zone or "Z"), f"{TIMESTAMP_FORMAT}%z")
    except ValueError as error:
        raise BadTimestamp(f"{text!r} is no date: no calendar has it") from error
    return moment.astimezone(UTC), known[len(digits)]


def end_of(start: datetime, precision: Precision) -> datetime:
    """The last second of what begins with `start`: a minute, day, month or year; of a second,
    itself.
    """
    if precision == "second":
        return start
    following = {
        "minute": start + timedelta(minutes=1),
        "day": start + timedelta(days=1),
        "month": (start.replace(day=28) + timedelta(days=4)).replace(day=1),
        "year": start.replace(month=12, day=31) + timedelta(days=1),
    }
    return following[precision] - timedelta(seconds=1)


def iso(moment: datetime) -> str:
    """`2015-04-14T10:32:17Z`, the form of every time in the archive."""
    return moment.astimezone(UTC).strftime(_ISO_FORMAT)


_KNOWN: dict[Precision, str] = {
    "minute": "%Y-%m-%dT%H:%MZ",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
    "year": "%Y",
}


def as_known(moment: datetime, precision: Precision) -> str:
    """As much of a moment as is known, in ISO 8601: `2015-04` of a month."""
    form = _KNOWN.get(precision)
    return moment.strftime(form) if form else iso(moment)


def from_iso(text: str) -> datetime:
    """The inverse of `iso`."""
    return datetime.fromisoformat(text)
