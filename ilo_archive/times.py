"""Moments in UTC: timestamps of web archives, their precision, and ISO 8601."""

import re
from calendar import month_name, monthrange
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

from ilo_archive.errors import IloArchiveError

Precision = Literal["second", "minute", "day", "month", "year"]
TIMESTAMP_FORMAT = "%Y%m%d%H%M%S"
_ISO_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_YEARS = range(1000, 3000)  # strftime prints an earlier year with fewer than four digits
# Every part needs all its digits: "2015-1-1" without its hyphens would read as November.
_MOMENT = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d)"
    r"(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d)(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?)?",
    re.ASCII,
)


class BadTimestamp(IloArchiveError, ValueError):
    """A text that is not a date: not one of the accepted forms, or a day that does not exist."""


def parse_timestamp(text: str) -> tuple[datetime, Precision]:
    """Parse 4 to 14 digits or an ISO date. Returns a UTC moment and its precision.

    A partial date means its first instant, as on CDX servers: "2015" is 1 January, 00:00. An ISO
    time may have a fraction, which is dropped, and a time zone. Raises BadTimestamp.
    """
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        raise BadTimestamp(
            f"cannot read {text!r} as a date: use YYYY, YYYY-MM, YYYY-MM-DD or YYYYMMDDhhmmss"
        )
    *parts, zone = found.groups()
    digits = "".join(filter(None, parts))
    if int(digits[:4]) not in _YEARS:
        raise BadTimestamp(f"{text!r} is not a date: years run from 1000 to 2999")
    padded = digits + "00000101000000"[len(digits) :]
    year, month, day, hour, minute, second = (
        int(padded[start:end]) for start, end in pairwise((0, 4, 6, 8, 10, 12, 14))
    )
    try:  # strptime takes ten times as long
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        moment = moment if zone in (None, "Z") else moment - _offset(zone)
    except (ValueError, OverflowError) as error:
        raise BadTimestamp(f"{text!r} is not a date: {_impossible_part(padded)}") from error
    return moment, _PRECISIONS[len(digits)]


_PRECISIONS: dict[int, Precision] = {
    4: "year",
    6: "month",
    8: "day",
    12: "minute",
    14: "second",
}


def _offset(zone: str) -> timedelta:
    """The offset of a time zone: `+02:00` or `+0200`. Raises ValueError for 24 hours or more."""
    hours, minutes = int(zone[1:3]), int(zone[-2:])
    if hours > 23 or minutes > 59:
        raise ValueError("no such zone")
    offset = timedelta(hours=hours, minutes=minutes)
    return -offset if zone[0] == "-" else offset


def check_captured(moment: datetime) -> None:
    """Raise BadTimestamp for a capture before the web (1990) or more than a day in the future.

    Listings and files of web archives have such times: 1114 for 2014, a clock that is wrong.
    """
    if moment < _BEFORE_THE_WEB:
        raise BadTimestamp(f"captured in {moment.year}, before the web")
    if moment > datetime.now(UTC) + _CLOCKS_DIFFER:
        raise BadTimestamp(f"captured in the future ({iso(moment)})")


_BEFORE_THE_WEB = datetime(1990, 1, 1, tzinfo=UTC)
_CLOCKS_DIFFER = timedelta(days=1)


def _impossible_part(digits: str) -> str:
    """The part of 14 digits that makes them impossible: `there is no month 13`."""
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not 1 <= month <= 12:
        return f"there is no month {month}"
    if not 1 <= day <= monthrange(year, month)[1]:
        return f"{month_name[month]} {year} has no day {day}"
    return "there is no such time of day"


def end_of(start: datetime, precision: Precision) -> datetime:
    """The last second of the minute, day, month or year that begins with `start`.

    For precision "second" that is `start` itself.
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
    """Format a moment as every time in the archive is stored: `2015-04-14T10:32:17Z`."""
    return moment.astimezone(UTC).strftime(_ISO_FORMAT)


_PARTIAL_FORMATS: dict[Precision, str] = {
    "minute": "%Y-%m-%dT%H:%MZ",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
    "year": "%Y",
}


def as_known(moment: datetime, precision: Precision) -> str:
    """Format the known part of a moment in ISO 8601: `2015-04` for a month."""
    partial = _PARTIAL_FORMATS.get(precision)
    return moment.strftime(partial) if partial else iso(moment)


def from_iso(text: str) -> datetime:
    """Parse what `iso` formatted."""
    return datetime.fromisoformat(text)
