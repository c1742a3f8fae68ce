"""The calendar of captures: a table of months, each as dark as it has good captures."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilo_archive.queries.capture_kinds import CAPTURE_KINDS, CaptureKind
from ilo_archive.queries.history import HeldCapture, PageHistory
from ilo_archive.report.capture_dates import month_in_words
from ilo_archive.text.counted import counted

MARKED = 3
"""Captures of a month that are marked one by one; a number stands for more."""

_SHADES = (1, 2, 4, 10)  # good captures from which on a month is a shade darker


@dataclass(frozen=True, slots=True)
class MonthCell:
    """A month: `signs` are the kinds of its captures, none where they are too many. `shade` is
    from 0, no good capture, to 4. `words` say what the cell shows. An `outside` month is before
    the first capture or after the last.
    """

    words: str
    signs: tuple[CaptureKind, ...] = ()
    count: int = 0
    shade: int = 0
    anchor: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class YearRow:
    """A year: twelve months, captures that are known to the year only, the number of good ones, and
    the numbers of others by their kind.
    """

    year: int
    months: tuple[MonthCell, ...]
    undated: MonthCell | None
    good: int
    others: tuple[tuple[CaptureKind, int], ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """The years of a page, and its captures in words."""

    page: PageHistory
    rows: tuple[YearRow, ...]
    sum: str


def month_calendar(page: PageHistory, anchors: Mapping[str, str]) -> Calendar:
    """The calendar of a page, from the year of its first capture to that of its last."""
    by_month: dict[str, list[HeldCapture]] = {}
    for each in page.captures:
        length = 4 if each.precision == "year" else 7
        by_month.setdefault(each.captured_at.isoformat()[:length], []).append(each)
    known = sorted(month for month in by_month if len(month) == 7)
    ends = (known[0], known[-1]) if known else ("9", "0")
    years = range(page.captures[0].captured_at.year, page.captures[-1].captured_at.year + 1)
    rows = tuple(_row(year, by_month, anchors, ends) for year in years)
    return Calendar(page, rows, in_words(page.captures))


def _row(
    year: int,
    by_month: Mapping[str, Sequence[HeldCapture]],
    anchors: Mapping[str, str],
    ends: tuple[str, str],
) -> YearRow:
    months = [f"{year:04}-{number:02}" for number in range(1, 13)]
    whole = by_month.get(f"{year:04}", ())
    captures = [each for month in months for each in by_month.get(month, ())]
    counts = Counter(each.kind for each in (*captures, *whole))
    return YearRow(
        year,
        tuple(_cell(month, by_month.get(month, ()), anchors, ends) for month in months),
        _cell(str(year), whole, anchors, ends) if whole else None,
        counts["good"],
        tuple((kind, counts[kind]) for kind in CAPTURE_KINDS[1:] if counts[kind]),
    )


def _cell(
    month: str,
    captures: Sequence[HeldCapture],
    anchors: Mapping[str, str],
    ends: tuple[str, str],
) -> MonthCell:
    name = month_in_words(month)
    if not captures:
        return MonthCell(f"{name}: no capture known", outside=not ends[0] < month < ends[1])
    good = sum(each.is_good for each in captures)
    kinds = tuple(each.kind for each in captures)
    return MonthCell(
        f"{name}: {in_words(captures)}",
        kinds if len(kinds) <= MARKED else (),
        len(captures),
        sum(good >= least for least in _SHADES),
        anchors[captures[0].capture_id],
    )


def in_words(captures: Sequence[HeldCapture]) -> str:
    """Captures by kind: "2 good, 1 failed"."""
    counts = Counter(each.kind for each in captures)
    return ", ".join(f"{counts[kind]:,} {kind}" for kind in CAPTURE_KINDS if counts[kind])


def captures_in_words(captures: Sequence[HeldCapture]) -> str:
    """How many captures, and of which kinds where not all are good."""
    number = counted(len(captures), "capture")
    return number if all(each.is_good for each in captures) else f"{number}: {in_words(captures)}"
