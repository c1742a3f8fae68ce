"""When a capture was made, in words and as far as it is known."""

from datetime import date, datetime
from typing import Protocol

from ilo_archive.text.counted import counted
from ilo_archive.text.prose_dates import MONTHS, day_in_words
from ilo_archive.times import Precision

_DAYS_IN_MONTH = 30.44
_IN_DAYS = 50  # up to so many days a time is printed in days


class Dated(Protocol):
    """A capture: a moment, and how much of it is known."""

    @property
    def captured_at(self) -> datetime: ...
    @property
    def precision(self) -> Precision: ...


def long_date(capture: Dated) -> str:
    """`14 April 2015`, `April 2015`, `2015`."""
    return _known(capture, day_in_words(capture.captured_at.date()))


def short_date(capture: Dated) -> str:
    """`14 Apr 2015`, `Apr 2015`, `2015`."""
    return _known(capture, short_day(capture.captured_at.date()))


def short_day(day: date) -> str:
    """`14 Apr 2015`."""
    return f"{day.day} {MONTHS[day.month - 1][:3]} {day.year}"


def date_and_time(capture: Dated) -> str:
    """`14 April 2015, 10:32 UTC`, or the date alone where the time is not known."""
    known = long_date(capture)
    if capture.precision in ("second", "minute"):
        return f"{known}, {capture.captured_at:%H:%M} UTC"
    return known


def month_in_words(month: str) -> str:
    """`2015-04` as `April 2015`; a year alone as it is."""
    year, _, number = month.partition("-")
    return f"{MONTHS[int(number) - 1]} {year}" if number else year


def length_of_time(days: int) -> str:
    """`8 days`, `13 months`."""
    if days < _IN_DAYS:
        return counted(days, "day")
    return counted(round(days / _DAYS_IN_MONTH), "month")


def _known(capture: Dated, day: str) -> str:
    if capture.precision == "year":
        return str(capture.captured_at.year)
    return day.partition(" ")[2] if capture.precision == "month" else day
