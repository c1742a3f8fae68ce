"""The words that all formats of a report share: times, headings, sentences.

Words follow the evidence: an entry is on the capture of one day and not on that of another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

from ilo_archive.text.printable import printable
from ilo_archive.text.prose_dates import MONTHS, day_in_words

if TYPE_CHECKING:
    from ilo_archive.queries.answers import Homepage, PrintedEntry
    from ilo_archive.queries.comparison import Change, ChangeKind, Comparison
    from ilo_archive.queries.departure import Departure

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind, with their heading."""

    kind: ChangeKind
    heading: str
    changes: list[Change]


def safe(answer: _T) -> _T:
    """An answer of the archive with every text made `printable`."""
    cleaned: _T = _safe(answer)
    return cleaned


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return tuple(map(_safe, value))
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{each.name: _safe(getattr(value, each.name)) for each in fields(value)}
        )
    return value


# -- times ---------------------------------------------------------------------------------


def capture_time(page: Homepage) -> str:
    """The time of a capture, as exactly as it is known: "14 April 2015, 10:32 UTC"."""
    return _times(page)[1]


def capture_names(comparison: Comparison) -> tuple[str, str]:
    """Short names of the two captures: their days, or their times if the days are equal."""
    before, after = _times(comparison.before), _times(comparison.after)
    for pair in zip(before, after, strict=True):
        if pair[0] != pair[1]:
            return pair
    return f"{before[0]} (the first)", f"{after[0]} (the second)"


def _times(page: Homepage) -> tuple[str, str, str]:
    """The time of a capture to the day, the minute and the second, as far as it is known."""
    at = page.captured_at
    day = day_in_words(at.date())
    if page.precision == "second":
        return day, f"{day}, {at:%H:%M} UTC", f"{day}, {at:%H:%M:%S} UTC"
    if page.precision == "minute":
        return day, f"{day}, {at:%H:%M} UTC", f"{day}, {at:%H:%M} UTC"
    known = {"year": str(at.year), "month": day.partition(" ")[2]}.get(page.precision, day)
    return known, known, known


def entry_date(shown: PrintedEntry) -> str:
    """Date and place of an entry; the printed dateline if it has no date."""
    if shown.date is None:
        return shown.dateline or ""
    days = _days(shown.date, shown.date_end or shown.date)
    return ", ".join(filter(None, (days, shown.place)))


def _days(first: date, last: date) -> str:
    """A day or a range: "21–22 September 2015", "28 March – 3 April 2015"."""
    if first == last:
        return day_in_words(first)
    if first.year != last.year:
        return f"{day_in_words(first)} – {day_in_words(last)}"
    if first.month != last.month:
        return f"{first.day} {MONTHS[first.month - 1]} – {day_in_words(last)}"
    return f"{first.day}–{day_in_words(last)}"


# -- the page ------------------------------------------------------------------------------


def office_name(comparison: Comparison) -> str:
    """The office's name on the later capture, else on the earlier one, else its slug."""
    names = (comparison.after.name, comparison.before.name)
    return next((name for name in names if name and name.strip()), comparison.after.office)


def entry_title(shown: PrintedEntry) -> str:
    """The title, or "(no title)"."""
    return (shown.title or "").strip() or "(no title)"


def entry_details(shown: PrintedEntry) -> list[str]:
    """The details of an entry besides its title: section, kicker, date and place, credit, id."""
    parts = (shown.section, shown.kicker, entry_date(shown), shown.credit, shown.entry_id)
    return [part for part in parts if part]


def groups(comparison: Comparison) -> Iterator[Group]:
    """Yield the changes with a weight, kind by kind."""
    before, after = capture_names(comparison)
    headings: dict[ChangeKind, str] = {
        "page": "Name and description of the office",
        "named": f"Named on the capture of {after}, not on that of {before}",
        "not-named": f"Named on the capture of {before}, not on that of {after}",
        "appeared": f"On the capture of {after}, not on that of {before}",
        "edited": "On both, worded differently",
        "moved": "On both, at another position",
        "credit": "On both, credited differently",
        "gone": f"On the capture of {before}, not on that of {after}",
    }
    for kind, heading in headings.items():
        if changes := comparison.of(kind):
            yield Group(kind, heading, changes)


def absence(change: Change) -> str:
    """A sentence on how an entry is missing from its list; empty if the list does not show it."""
    departure = change.departure
    if departure is None or departure.manner == "unclear":
        return ""
    return f"{capitalized(departure_in_words(departure))}."


def capitalized(words: str) -> str:
    """The text with a capital at its beginning."""
    return words[:1].upper() + words[1:]


def departure_in_words(departure: Departure) -> str:
    """The manner in which an entry is missing from its list."""
    if departure.manner == "dropped":
        older = number(len(departure.older), "older entry", "older entries")
        return f"dropped while {older} stayed"
    if departure.manner == "pushed":
        newer = number(len(departure.newer), "newer entry fills", "newer entries fill")
        return f"pushed below the fold, {newer} the list"
    return "the list does not show whether it was dropped or pushed off by newer entries"


def move(change: Change) -> str:
    """The positions between which an entry moved, with the sections if they differ."""
    if change.before is None or change.after is None:
        return ""
    was, now = f"position {change.before.position}", f"position {change.after.position}"
    if change.before.section != change.after.section:
        was += _of_section(change.before)
        now += _of_section(change.after)
    return f"from {was} to {now}"


def _of_section(shown: PrintedEntry) -> str:
    return f" of “{shown.section}”" if shown.section else " of a list without a heading"


# -- sums ----------------------------------------------------------------------------------


def counts(comparison: Comparison) -> list[tuple[int, str]]:
    """The numbers of entries by kind of change; credits only if any changed."""
    kinds: dict[ChangeKind, str] = {
        "appeared": "appeared",
        "gone": "no longer there",
        "edited": "edited",
        "moved": "moved",
        "credit": "credited differently",
    }
    numbers = [(len(comparison.of(kind)), word) for kind, word in kinds.items()]
    if not numbers[-1][0]:
        numbers.pop()
    return [*numbers, (comparison.unchanged, "unchanged")]


def between(comparison: Comparison) -> str:
    """A clause on the captures between the two."""
    captures = comparison.captures_between
    if not captures:
        return "no captures in between"
    show = number(captures, "capture in between shows", "captures in between show")
    if not comparison.passed:
        return f"{show} no other entries"
    entries = number(comparison.passed, "entry that is", "entries that are")
    return f"{show} {entries} on neither page"


def summary(comparison: Comparison) -> str:
    """All numbers in one sentence."""
    sums = ", ".join(f"{count} {word}" for count, word in counts(comparison))
    return f"{sums}; {between(comparison)}."


def credit_years(comparison: Comparison) -> str:
    """A sentence on credits in which only the year differs; empty if there are none."""
    years = len(comparison.of("credit-year"))
    if not years:
        return ""
    return (
        f"In {number(years, 'credit', 'credits')} only the year differs:"
        " the site prints the current year."
    )


def nothing_differs(comparison: Comparison) -> str:
    """The sentence for a comparison without changes."""
    before, after = comparison.before, comparison.after
    if before.capture_id == after.capture_id:
        return f"Both dates lead to the same capture ({capture_time(after)}): nothing to compare."
    first, last = capture_names(comparison)
    entries = number(comparison.unchanged, "entry", "entries")
    return (
        f"Nothing differs between the captures of {first} and {last}:"
        f" {entries} on both; {between(comparison)}."
    )


def number(count: int, singular: str, plural: str) -> str:
    """A count with its noun: "no captures", "1 capture", "2 captures"."""
    return f"{count or 'no'} {singular if count == 1 else plural}"
