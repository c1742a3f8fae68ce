"""Whether a page prints the month first in 03/04/2015: decided once, by the dates that can tell."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from ilo_archive.reader.html.dated_texts import Dated, day_of_time, times_of
from ilo_archive.reader.html.markup import Markup
from ilo_archive.text.dates_in_lines import weekday_beside


class DayMonthOrder(NamedTuple):
    """`is_proved` says that dates of the page show it; else it is the habit of its language."""

    month_first: bool
    is_proved: bool


_ENOUGH_IN_ORDER = 4  # open dates in a row that run one way as read one way only


def day_month_order(
    markup: Markup, dates: Sequence[Dated], url: str | None = None
) -> DayMonthOrder:
    """The order of day and month in the numeric dates of a page."""
    open_dates = [each for each in dates if each.date.order == "open"]
    votes = sum(map(_vote, dates))
    if not open_dates:
        return DayMonthOrder(month_first=votes > 0, is_proved=True)
    votes = votes or sum(_time_votes(markup, open_dates))
    votes = votes or sum(map(_weekday_vote, open_dates)) or _sorted_vote(open_dates)
    if votes:
        return DayMonthOrder(month_first=votes > 0, is_proved=True)
    return DayMonthOrder(_is_american(markup, dates, url), is_proved=False)


def _vote(each: Dated) -> int:
    """1 for a date with a day above 12 in second place, -1 for one in first place."""
    date = each.date
    printed = each.text[date.start : date.end]
    if date.named or "." in printed or date.order not in ("day first", "month first"):
        return 0
    if date.day <= 12:
        return 0
    return 1 if date.order == "month first" else -1


def _weekday_vote(each: Dated) -> int:
    """By the day of the week printed beside a date, which fits one reading only."""
    date = each.date
    day = weekday_beside(each.text, date)
    readings = date.date(month_first=True), date.date(month_first=False)
    fits = [reading is not None and reading.weekday() == day for reading in readings]
    return fits[0] - fits[1] if day is not None else 0


def _time_votes(markup: Markup, dates: Sequence[Dated]) -> list[int]:
    """By the `datetime` attributes around the texts of dates."""
    times = times_of(markup)
    votes = []
    for each in dates if times else ():
        number = markup.around_slot(each.slot)
        printed = times.get(number) or times.get(markup.parent(number))
        day = day_of_time(printed) if printed else None
        if day:
            said = day.date()
            votes.append((each.date.date(month_first=True) == said) - (each.date.date() == said))
    return votes


def _sorted_vote(dates: Sequence[Dated]) -> int:
    """By the order of a list: dates that run one way in one reading and to and fro in the other."""
    if len(dates) < _ENOUGH_IN_ORDER:
        return 0
    breaks = {month_first: _breaks(dates, month_first=month_first) for month_first in (True, False)}
    if min(breaks.values()) == 0 and max(breaks.values()) > 1:
        return 1 if breaks[True] == 0 else -1
    return 0


def _breaks(dates: Sequence[Dated], *, month_first: bool) -> int:
    """How often the days do not run the way that most of them run."""
    days = [day for each in dates if (day := each.date.date(month_first=month_first))]
    if len(days) < len(dates):
        return len(dates)
    up = sum(one < other for one, other in pairwise(days))
    down = sum(one > other for one, other in pairwise(days))
    return min(up, down)


_ENGLISH = re.compile(
    r"\b(?:Jan(?:uary)?|Feb(?:ruary)?|March|April|May|June|July|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b",
    re.IGNORECASE,
)
_AMERICAN_ENDINGS = (".gov", ".mil", ".us")


def _is_american(markup: Markup, dates: Sequence[Dated], url: str | None) -> bool:
    """Whether what cannot prove it speaks for the month first: the language of the page, its
    other dates, an office in the United States.
    """
    language = (markup.language or "").lower().replace("_", "-")
    named = [each.date.order for each in dates if each.date.named and _ENGLISH.search(each.text)]
    if named and (not language or language.startswith("en")):
        return named.count("month first") > len(named) / 2
    host = (url or "").split("//")[-1].split("/")[0].lower()
    return language == "en-us" or host.endswith(_AMERICAN_ENDINGS) or "/washington" in (url or "")
