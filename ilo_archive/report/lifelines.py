"""Lifelines in words: bounds instead of a date, and what the captures do not show.

A capture without an entry proves only that it was not there at that moment. So no sentence says
that somebody removed it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ilo_archive.offices import is_offset_list
from ilo_archive.report.sentences import capitalized, departure_in_words
from ilo_archive.text.prose_dates import day_in_words
from ilo_archive.times import iso

if TYPE_CHECKING:
    from ilo_archive.identity.translations import Translation
    from ilo_archive.queries.answers import Host, Stay, Story
    from ilo_archive.queries.lifeline import Bounds, Delay


def span_in_words(start: datetime, end: datetime) -> str:
    """A time between two moments: "between 1 and 14 April 2015", "on 14 April 2015, between 08:00
    and 10:32 UTC".
    """
    first, last = day_in_words(start.date()), day_in_words(end.date())
    if start == end:
        return f"on {last}, {end:%H:%M} UTC"
    if first == last:
        return f"on {last}, between {start:%H:%M} and {end:%H:%M} UTC"
    if (start.year, start.month) == (end.year, end.month):
        return f"between {start.day} and {last}"
    if start.year == end.year:
        return f"between {first.removesuffix(f' {start.year}')} and {last}"
    return f"between {first} and {last}"


def appearance(bounds: Bounds, state: str = "on the page") -> str:
    """The time at which an entry or a wording appeared; `state` is what it has been since."""
    if bounds.earliest and bounds.latest:
        return f"appeared {span_in_words(bounds.earliest, bounds.latest)}"
    by = day_in_words(bounds.latest.date()) if bounds.latest else "an unknown day"
    return f"{state} by {by} (no earlier capture to say since when)"


def disappearance(bounds: Bounds, verb: str = "left", state: str = "on the page") -> str:
    """The time at which an entry or a wording disappeared; `state` is what it was until then."""
    if bounds.earliest and bounds.latest:
        return f"{verb} {span_in_words(bounds.earliest, bounds.latest)}"
    until = day_in_words(bounds.earliest.date()) if bounds.earliest else "an unknown day"
    return f"{state} until at least {until} (no later capture to say until when)"


def delay_in_words(delay: Delay) -> str:
    """The time from the first appearance to another one."""
    least, most = delay.least, delay.most
    if least is None:
        return "no capture shows how much later" if most is None else f"at most {_days(most)} later"
    if least < 0:
        if most is None:
            return f"no more than {_days(-least)} earlier, or any time later"
        return f"between {_days(-least)} earlier and {_days(most)} later"
    if most is None:
        return f"at least {_days(least)} later"
    if least == most:
        return f"{_days(most)} later"
    return f"between {least} and {_days(most)} later"


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def lifeline_text(story: Story) -> Iterator[str]:
    """Yield the lines that describe an entry's time on each page, and its translations."""
    first, *others = story.stays
    yield "Lifeline, from the captures in this archive"
    yield from _stay(first)
    for stay in others:
        yield ""
        yield "The same entry elsewhere"
        yield from _stay(stay)
    if story.twins:
        yield ""
        yield "In other languages"
        yield from (_translation(each) for each in story.twins)


def _stay(stay: Stay) -> Iterator[str]:
    later = f", {delay_in_words(stay.delay)}" if stay.delay else ""
    yield f"  {stay.page}, on {stay.captures} of {stay.good_captures} good captures{later}"
    if is_offset_list(stay.page):
        yield f"  seen on         {iso(stay.first_seen)} to {iso(stay.last_seen)}"
        yield "  This is part of a moving list: captures without the entry prove nothing."
    else:
        yield from _bounded(stay)
    if len(stay.hosts) > 1:
        yield from (_host(each) for each in stay.hosts)


def _bounded(stay: Stay) -> Iterator[str]:
    yield f"  not yet on      {_moment(stay.not_before, 'no earlier good capture of the page')}"
    yield f"  first seen on   {iso(stay.first_seen)}"
    for gap in stay.gaps:
        first, *further = gap.not_on
        yield f"  not on          {iso(first)} ({departure_in_words(gap.departure)})"
        yield from (f"  not on          {iso(each)}" for each in further)
    yield f"  last seen on    {iso(stay.last_seen)}"
    yield f"  no longer on    {_moment(stay.absent_from, 'no later good capture of the page')}"
    departure = f"; {departure_in_words(stay.departure)}" if stay.departure else ""
    yield f"  {capitalized(appearance(stay.appeared))}; {disappearance(stay.gone)}{departure}."


def _moment(moment: datetime | None, without: str) -> str:
    return iso(moment) if moment else without


def _host(host: Host) -> str:
    later = f", {delay_in_words(host.delay)}" if host.delay else ""
    return f"  under {host.name} from {iso(host.first_seen)} to {iso(host.last_seen)}{later}"


def _translation(translation: Translation) -> str:
    title = translation.title or "(without a title)"
    return f"  {translation.language}  {translation.entry_id}  {title}  [{translation.rule}]"
