"""The dateline of a line: whether its date is that of publication, and the kicker beside it."""

import re

from ilo_archive.reader.html.day_month_order import DayMonthOrder
from ilo_archive.reader.html.lines import Line
from ilo_archive.reader.html.words import begins_as_meta, leads_to_later_date
from ilo_archive.text.datelines import Dateline, parse_common_dateline


def is_later(line: Line) -> bool:
    """Whether the words before a date say that it is not that of publication."""
    return line.date is not None and leads_to_later_date(line.text[: line.date.start])


def dateline_of(line: Line, order: DayMonthOrder) -> Dateline:
    """The dateline of a line with a date: with its place where nothing else is printed."""
    date = line.date
    assert date is not None
    printed = line.text[date.start : date.end]
    text = line.text.lstrip(" ,;|·•-–—").rstrip(" ;|·•-–—")
    if text[:1] + text[-1:] in ("()", "[]"):
        text, printed = text[1:-1].strip(), printed.strip("()[]")
    if date.is_range or 0 < len(text) - len(printed) < 80:
        language = "en-US" if order.month_first else None
        whole = parse_common_dateline(text, language) if len(text) < 120 else None
        if whole and whole.date:
            return whole
        part = parse_common_dateline(printed, language) if date.is_range else None
        if part and part.date:
            return part
    day = date.date(month_first=order.month_first)
    return Dateline(printed.strip(), day, None, None, date.order == "open")


_BESIDE_DATE = re.compile(r"([^\d|·•/:]{3,40}?)\s*(?:[|·•/]|\s[-–—])\s*$")


def kicker_beside_date(line: Line) -> str | None:
    """The kicker in the line of the date: "Press release | 3 March 2021"."""
    date = line.date
    if date is None or not 2 < date.start < 48:
        return None
    found = _BESIDE_DATE.match(line.text[: date.start])
    return found[1] if found and not begins_as_meta(found[1]) else None
