"""Entries by month and list."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilo_archive.queries.lives import Life


@dataclass(frozen=True, slots=True)
class MonthlyEntries:
    """Entries of one list by the month of their printed dates (`2015-04`), and how many of them
    have no date. `heading` is None for entries that never stood under one.
    """

    heading: str | None
    months: Mapping[str, int]
    undated: int

    @property
    def dated(self) -> int:
        """All entries with a date."""
        return sum(self.months.values())


def entries_by_month(lives: Sequence[Life]) -> list[MonthlyEntries]:
    """The lists of a page, each entry counted once, the longest list first."""
    months: dict[str | None, Counter[str]] = {}
    undated: Counter[str | None] = Counter()
    for life in lives:
        counts = months.setdefault(life.section, Counter())
        if life.entry.date:
            counts[f"{life.entry.date:%Y-%m}"] += 1
        else:
            undated[life.section] += 1
    found = [
        MonthlyEntries(heading, dict(sorted(counts.items())), undated[heading])
        for heading, counts in months.items()
    ]
    return sorted(found, key=lambda each: (-each.dated, -each.undated, each.heading or ""))
