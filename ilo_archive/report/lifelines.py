"""Lifelines in words: bounds in place of a date, and what the captures do not tell.

A capture that lacks an entry proves that it was not there at that moment, no more: nothing here
is worded as an act of somebody.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ilo_archive.offices import is_offset_list
from ilo_archive.report.sentences import capitalized, departed
from ilo_archive.text.prose_dates import day_in_words
from ilo_archive.times import iso

if TYPE_CHECKING:
    from ilo_archive.identity.translations import Translation
    from ilo_archive.queries.answers import Host, Stay, Story
    from ilo_archive.queries.lifeline import Bounds, Delay


def span(start: datetime, end: datetime) -> str:
    """From when to when: "between 1 and 14 April 2015", "on 14 April 2015, between 08:00 and
    10:32 UTC".
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


def appeared(bounds: Bounds) -> str:
    """When an entry or a wording came up."""
    if bounds.earliest and bounds.latest:
        return f"appeared {span(bounds.earliest, bounds.latest)}"
    by = day_in_words(bounds.latest.date()) if bounds.latest else "some day"
    return f"appeared by {by}, no capture tells since when"


def left(bounds: Bounds, verb: str = "left") -> str:
    """When it went."""
    if bounds.earliest and bounds.latest:
        return f"{verb} {span(bounds.earliest, bounds.latest)}"
    since = day_in_words(bounds.earliest.date()) if bounds.earliest else "some day"
    return f"{verb} no earlier than {since}, if at all"


def delayed(how: Delay) -> str:
    """How long after the first appearance another one came."""
    least, most = how.least, how.most
    if least is None:
        return "no capture tells how much later" if most is None else f"at most {_days(most)} later"
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


def life_lines(story: Story) -> Iterator[str]:
    """The lifeline of an entry on each page, and its twins, in lines."""
    first, *others = story.stays
    yield "Lifeline, by the captures held"
    yield from _stay(first)
    for stay in others:
        yield ""
        yield "The same entry elsewhere"
        yield from _stay(stay)
    if story.twins:
        yield ""
        yield "In other languages"
        yield from (_twin(each) for each in story.twins)


def _stay(stay: Stay) -> Iterator[str]:
    later = f", {delayed(stay.delay)}" if stay.delay else ""
    yield f"  {stay.page}, on {stay.captures} of {stay.good_captures} good captures{later}"
    if is_offset_list(stay.page):
        yield f"  seen on         {iso(stay.first_seen)} to {iso(stay.last_seen)}"
        yield "  A part of a list that moves on: captures without it prove nothing."
    else:
        yield from _bounded(stay)
    if len(stay.hosts) > 1:
        yield from (_host(each) for each in stay.hosts)


def _bounded(stay: Stay) -> Iterator[str]:
    yield f"  not yet on      {_moment(stay.not_before, 'no earlier good capture of the page')}"
    yield f"  first seen on   {iso(stay.first_seen)}"
    for gap in stay.gaps:
        first, *further = gap.not_on
        yield f"  not on          {iso(first)} ({departed(gap.departure)})"
        yield from (f"  not on          {iso(each)}" for each in further)
    yield f"  last seen on    {iso(stay.last_seen)}"
    yield f"  no longer on    {_moment(stay.absent_from, 'no later good capture of the page')}"
    how = f"; {departed(stay.departure)}" if stay.departure else ""
    yield f"  {capitalized(appeared(stay.appeared))}; {left(stay.gone)}{how}."


def _moment(moment: datetime | None, without: str) -> str:
    return iso(moment) if moment else without


def _host(host: Host) -> str:
    later = f", {delayed(host.delay)}" if host.delay else ""
    return f"  under {host.name} from {iso(host.first_seen)} to {iso(host.last_seen)}{later}"


def _twin(twin: Translation) -> str:
    return f"  {twin.language}  {twin.entry_id}  {twin.title or '(without a title)'}  [{twin.rule}]"
