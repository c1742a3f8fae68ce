"""Days as prose prints them, in English whatever the locale of the user."""

from datetime import date, datetime

from ilo_archive.times import Precision

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
"""Not `calendar.month_name`, which follows the locale."""


def day_in_words(day: date) -> str:
    """A day in English: "14 April 2015"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def days_in_words(first: date, last: date | None = None) -> str:
    """A day, or a range of days: "13–14 February 2015", "28 June – 3 July 2015"."""
    if last is None or last == first:
        return day_in_words(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day_in_words(last)}"
    start = day_in_words(first)
    return f"{start.removesuffix(f' {last.year}')} – {day_in_words(last)}"


def moment_in_words(moment: datetime, precision: Precision) -> str:
    """As much of a moment as is known: "14 April 2015, 10:32 UTC", "April 2015", "2015"."""
    if precision == "year":
        return str(moment.year)
    if precision == "month":
        return f"{MONTHS[moment.month - 1]} {moment.year}"
    day = day_in_words(moment.date())
    return day if precision == "day" else f"{day}, {moment:%H:%M} UTC"
