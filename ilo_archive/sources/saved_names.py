"""Find dates in the names of saved pages, as people and browsers write them.

Such a date is a proposal: it may be that of the page, of the copy, or of an event.
"""

import re
from collections.abc import Iterator

from ilo_archive.text.datelines import parse_common_dateline
from ilo_archive.times import BadTimestamp, parse_timestamp

_YEAR = r"(?P<year>(?:19|20)\d{2})"
_GAP = r"[-_./ ]"
_FORMS = (
    rf"{_YEAR}{_GAP}?(?P<month>\d{{2}}){_GAP}?(?P<day>\d{{2}})",
    rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}",  # nobody has the month first
    rf"(?P<first>\d{{1,2}}){_GAP}(?P<second>\d{{1,2}}){_GAP}{_YEAR}",
    rf"(?P<words>\d{{1,2}}{_GAP}[^\W\d_]{{3,12}}{_GAP}{_YEAR})",
    rf"(?P<words>[^\W\d_]{{3,12}}{_GAP}\d{{1,2}},?{_GAP}{_YEAR})",
    rf"{_YEAR}[-_.](?P<month>\d{{2}})",
)
_DATES = tuple(re.compile(rf"(?<!\d){form}(?!\d)") for form in _FORMS)


def date_in_name(name: str) -> str | None:
    """The date or month in a name or another text, in ISO 8601; None without one.

    `5-6-2018` is neither May nor June: None.
    """
    for date in _dates(name):
        try:
            parse_timestamp(date)
        except BadTimestamp:
            continue
        return date
    return None


def _dates(name: str) -> Iterator[str]:
    """Yield what may be a date, the most certain form first."""
    for form in _DATES:
        if found := form.search(name):
            yield from _iso(found.groupdict())


def _iso(parts: dict[str, str | None]) -> Iterator[str]:
    if words := parts.get("words"):
        parsed = parse_common_dateline(re.sub(_GAP, " ", words))
        if parsed and parsed.date:
            yield parsed.date.isoformat()
        return
    day, month = parts.get("day"), parts.get("month")
    if first := parts.get("first"):
        day, month = _ordered(first, parts.get("second") or "")
    numbers = filter(None, (month, day))
    if month:
        yield "-".join([parts["year"] or "", *(f"{int(each):02d}" for each in numbers)])


def _ordered(first: str, second: str) -> tuple[str | None, str | None]:
    """Day and month of two numbers; None if both may be either."""
    if int(first) > 12 or first == second:
        return first, second
    return (second, first) if int(second) > 12 else (None, None)
