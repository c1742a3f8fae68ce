"""Photographers by year: whom the captures of each year credit, and for how many entries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ilo_archive.queries.answers import Homepage, PrintedEntry
from ilo_archive.queries.history import OfficeHistory


@dataclass(frozen=True, slots=True)
class CreditYears:
    """A person or, where none is named, an agency. `years` has for a year the entries that its
    captures credit, and the id of the first of these captures.
    """

    holder: str | None
    agency: str | None
    entries: int
    years: Mapping[int, tuple[int, str]]


def credit_years(history: OfficeHistory) -> list[CreditYears]:
    """Everybody credited on an office's pages, those with the most entries first."""
    entries: dict[tuple[str | None, str | None], dict[int, set[str]]] = {}
    first: dict[tuple[tuple[str | None, str | None], int], Homepage] = {}
    for page in history.pages:
        for capture in page.good:
            year = capture.captured_at.year
            for entry in capture.entries:
                for who in _credited(entry, history.holders):
                    entries.setdefault(who, {}).setdefault(year, set()).add(entry.entry_id)
                    first.setdefault((who, year), capture)
    found = [
        CreditYears(
            *who,
            len(set().union(*years.values())),
            {year: (len(ids), first[who, year].capture_id) for year, ids in years.items()},
        )
        for who, years in entries.items()
    ]
    return sorted(found, key=lambda each: (-each.entries, each.holder or each.agency or ""))


def _credited(
    entry: PrintedEntry, holders: Mapping[str, tuple[str, ...]]
) -> Iterator[tuple[str | None, str | None]]:
    """People, whatever agency stands beside their names; else the agency."""
    if entry.credit_holder:
        for name in holders.get(entry.credit_holder, (entry.credit_holder,)):
            yield name, None
    elif entry.credit_agency:
        yield None, entry.credit_agency
