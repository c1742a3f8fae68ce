"""The lifelines of a page as rows: by list, and by year where a list is long."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ilo_archive.queries.lives import Life
from ilo_archive.report.anchors import entry_anchor
from ilo_archive.report.lifeline_chart import LifelineChart, lifeline_chart
from ilo_archive.report.page_drawing import PageDrawing
from ilo_archive.report.time_axis import Spot
from ilo_archive.text.counted import counted

LONG = 12
"""Entries of a list beyond which it is divided by years."""

_HIGHEST = 18  # pixels of the bars of a year

EditNumbers = Mapping[tuple[str, str, str], int]
"""Page, entry and the capture that shows the new wording -> the number of the edit."""


@dataclass(frozen=True, slots=True)
class LifeRow:
    """An entry on a page. `anchor` is the id of the row, `numbers` are those of its edits,
    `translations` the ids of the same item in other languages.
    """

    anchor: str
    life: Life
    chart: LifelineChart
    first: Spot
    last: Spot
    words: str
    numbers: tuple[int, ...]
    translations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class YearOfLives:
    """Entries of a year, None without a date. `bars` are the captures that show any of them:
    place and height.
    """

    year: int | None
    rows: tuple[LifeRow, ...]
    bars: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class LifeGroup:
    """A list of a page, None without a heading; one that is not divided has one year."""

    heading: str | None
    years: tuple[YearOfLives, ...]
    count: int

    @property
    def is_divided(self) -> bool:
        """Whether its years are printed apart."""
        return self.count > LONG


def life_groups(
    page: PageDrawing, edits: EditNumbers, translations: Mapping[str, Sequence[str]]
) -> list[LifeGroup]:
    """The lists of a page, that with the newest entry first, each with its newest entry first."""
    by_heading: dict[str | None, list[Life]] = defaultdict(list)
    for life in sorted(page.lives, key=_age, reverse=True):
        by_heading[life.section].append(life)
    return [
        _group(page, heading, lives, edits, translations) for heading, lives in by_heading.items()
    ]


def _age(life: Life) -> tuple[str, int, str]:
    day = life.entry.date
    return day.isoformat() if day else "", life.shown[0], life.entry.entry_id


def _group(
    page: PageDrawing,
    heading: str | None,
    lives: Sequence[Life],
    edits: EditNumbers,
    translations: Mapping[str, Sequence[str]],
) -> LifeGroup:
    by_year: dict[int | None, list[Life]] = defaultdict(list)
    for life in lives:
        year = life.entry.date.year if life.entry.date else None
        by_year[year if len(lives) > LONG else None].append(life)
    years = tuple(_year(page, year, same, edits, translations) for year, same in by_year.items())
    return LifeGroup(heading, years, len(lives))


def _year(
    page: PageDrawing,
    year: int | None,
    lives: Sequence[Life],
    edits: EditNumbers,
    translations: Mapping[str, Sequence[str]],
) -> YearOfLives:
    shown = Counter(at for life in lives for at in life.shown)
    unit = min(3, _HIGHEST / max(shown.values()))
    bars = tuple((page.good[at].x, round(shown[at] * unit, 1)) for at in sorted(shown))
    rows = tuple(
        _row(page, life, edits, tuple(translations.get(life.entry.entry_id, ()))) for life in lives
    )
    return YearOfLives(year, rows, bars)


def _row(
    page: PageDrawing, life: Life, edits: EditNumbers, translations: tuple[str, ...]
) -> LifeRow:
    good = page.history.good
    key = page.history.page, life.entry.entry_id
    edited = {
        at: edits[*key, good[at].capture_id]
        for at in life.shown
        if (*key, good[at].capture_id) in edits
    }
    place = dict(_places(page, life))
    chart = lifeline_chart(
        life.shown,
        page.good,
        lambda at: f"Place {place[at]} on {page.good[at].short}",
        edits=edited,
        absence_counts=page.history.absence_counts,
    )
    first, last = page.good[life.shown[0]], page.good[life.shown[-1]]
    numbers = tuple(edited.values())
    anchor = row_anchor(life.entry.entry_id, page.number, page.elsewhere)
    return LifeRow(anchor, life, chart, first, last, in_words(page, life), numbers, translations)


def row_anchor(entry_id: str, page: int, elsewhere: frozenset[str]) -> str:
    """The id of the row of an entry; on further pages it has the number of the page."""
    anchor = entry_anchor(entry_id)
    return f"{anchor}--{page}" if entry_id in elsewhere else anchor


def _places(page: PageDrawing, life: Life) -> Iterator[tuple[int, int]]:
    for at in life.shown:
        entries = page.history.good[at].entries
        yield at, next(e.position for e in entries if e.entry_id == life.entry.entry_id)


def in_words(page: PageDrawing, life: Life) -> str:
    """What the drawing shows of a life: on how many captures, and on which not."""
    number = counted(len(page.good), "good capture")
    line = f"on {len(life.shown)} of {number}"
    if not page.history.absence_counts:
        return f"{line} of a part of a list, which prove nothing where they lack it"
    here = frozenset(life.shown)
    absent = [page.good[at].short for at in range(life.shown[0], life.shown[-1]) if at not in here]
    if absent:
        line += f"; not on {', '.join(absent)}, then back"
    if life.shown[0]:
        line += f"; not yet on {page.good[life.shown[0] - 1].short}"
    if life.shown[-1] < len(page.good) - 1:
        return f"{line}; no longer on {page.good[life.shown[-1] + 1].short}"
    return f"{line}; no later good capture"
