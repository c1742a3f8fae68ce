"""Days as prose prints them, in English whatever the locale of the user."""

from datetime import date

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
"""Not `calendar.month_name`, which follows the locale."""


def day_in_words(day: date) -> str:
    """A day in English: "14 April 2015"."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"
