"""Compare two snapshots of a page: changes of entries, each with its weight.

Words follow the evidence: an entry is "on this capture and not on that one", never "deleted".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from ilo_archive.identity.cuts import begins
from ilo_archive.queries.answers import (
    Homepage,
    PrintedEntry,
)
from ilo_archive.queries.departure import Departure, departure, unique_entries
from ilo_archive.queries.wording_changes import FieldChange, changed_fields
from ilo_archive.text.credits import credit_without_year, parse_credit
from ilo_archive.text.normalise import normalised
from ilo_archive.text.office_facts import parse_description

if TYPE_CHECKING:
    from ilo_archive.queries.archive import Archive

ChangeKind = Literal[
    "page", "named", "not-named", "appeared", "gone", "edited", "moved", "credit", "credit-year"
]

WEIGHTS: dict[ChangeKind, int] = {
    "page": 3, "named": 3, "not-named": 3, "appeared": 3, "gone": 3, "edited": 2, "moved": 1,
    "credit": 1, "credit-year": 0,
}  # fmt: skip
"""Weights, 0 to 3: 3 for content, 2 for its wording, 1 for its presentation, 0 for the year of a
credit, which the site renews every January.
"""


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    `before` and `after` are the entry on each capture, None for a change of the page.

    `departure` is how an entry with kind "gone" is missing from its list. `named` and `not-named`
    are facts that the description states only on the later or only on the earlier capture; such a
    change has one field, which is None for the other capture.
    """

    kind: ChangeKind
    before: PrintedEntry | None = None
    after: PrintedEntry | None = None
    fields: tuple[FieldChange, ...] = ()
    departure: Departure | None = None

    @property
    def weight(self) -> int:
        """The weight from WEIGHTS."""
        return WEIGHTS[self.kind]

    @property
    def entry(self) -> PrintedEntry | None:
        """The entry in its later form; None for a change of the page."""
        return self.after or self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two snapshots of one page and their differences.

    `unchanged` counts entries that are on both in the same form; `passed` counts entries that are
    on neither, but on some of the `captures_between`, which `pages_between` holds by time.
    """

    before: Homepage
    after: Homepage
    changes: tuple[Change, ...]
    unchanged: int
    captures_between: int = 0
    passed: int = 0
    pages_between: tuple[Homepage, ...] = ()

    @property
    def differs(self) -> bool:
        """True if a change has a weight above 0."""
        return any(change.weight for change in self.changes)

    def of(self, *kinds: ChangeKind) -> list[Change]:
        """The changes of these kinds, in order."""
        return [change for change in self.changes if change.kind in kinds]


def compare_captures(
    archive: Archive, office: str, first: str | None, last: str | None, language: str | None
) -> Comparison:
    """Compare an office's page at two times; without both times, on the last two good captures.

    `first` selects the first good capture in a day, month or year, `last` the last one. Raises
    NoCapture, UnknownOffice, BadTimestamp.
    """
    if first is None or last is None:
        before, after = archive.last_two(office, language)
    else:
        before = archive.homepage(office, first, "earliest", language)
        after = archive.homepage(office, last, "latest", language)
    captures, passed = archive.between(before, after)
    found = compare(before, after, captures, passed)
    return replace(found, pages_between=tuple(archive.pages_between(before, after)))


def compare(before: Homepage, after: Homepage, between: int = 0, passed: int = 0) -> Comparison:
    """The changes from one page to another, in the order of the later page."""
    listed, listed_before = unique_entries(after.entries), unique_entries(before.entries)
    old = {shown.entry_id: shown for shown in listed_before}
    new = {shown.entry_id for shown in listed}
    moved = _moved(
        [shown.entry_id for shown in listed_before if shown.entry_id in new],
        [shown.entry_id for shown in listed if shown.entry_id in old],
    )
    changes = [
        *_page_changes(before, after),
        *_fact_changes(before, after),
        *(
            change
            for shown in listed
            for change in _entry_changes(old.get(shown.entry_id), shown, shown.entry_id in moved)
        ),
        *(_gone(shown, before, after) for shown in listed_before if shown.entry_id not in new),
    ]
    changed = {change.after.entry_id for change in changes if change.weight and change.after}
    unchanged = len(new & set(old) - changed)
    return Comparison(before, after, tuple(changes), unchanged, between, passed)


def _gone(shown: PrintedEntry, before: Homepage, after: Homepage) -> Change:
    """The change of an entry that is not on the other page.

    Its departure is known only if that is a later capture of the same page.
    """
    if before.page != after.page or before.captured_at > after.captured_at:
        return Change("gone", shown)
    how = departure(shown.entry_id, before.entries, after.entries)
    return Change("gone", shown, departure=how)


def _page_changes(before: Homepage, after: Homepage) -> Iterator[Change]:
    pairs = (
        FieldChange("office name", before.name, after.name),
        FieldChange("description", before.description, after.description),
    )
    for pair in pairs:
        if normalised(pair.before) != normalised(pair.after):
            yield Change("page", fields=(pair,))


def _fact_changes(before: Homepage, after: Homepage) -> Iterator[Change]:
    """Yield facts that only one of two descriptions states; a page without one says nothing."""
    old_text, new_text = normalised(before.description), normalised(after.description)
    if not old_text or not new_text or old_text == new_text:
        return
    old, new = _facts(before), _facts(after)
    for key, fact in new.items():
        if key not in old:
            yield Change("named", fields=(FieldChange(key[0], None, fact),))
    for key, fact in old.items():
        if key not in new:
            yield Change("not-named", fields=(FieldChange(key[0], fact, None),))


def _facts(page: Homepage) -> dict[tuple[str, str], str]:
    """The facts of a description as text, by field and value. A country's value is its code."""
    facts = parse_description(page.description, page.language, page.name)
    described = {("country", each.code): f"{each.name} ({each.code})" for each in facts.countries}
    described |= {("since", str(year)): str(year) for year in facts.since}
    described |= {("former name", normalised(name)): name for name in facts.former_names}
    if facts.renamed:
        described["renamed", facts.renamed] = facts.renamed
    if facts.announced:
        described["number of countries", str(facts.announced)] = str(facts.announced)
    return described


def _entry_changes(
    before: PrintedEntry | None, after: PrintedEntry, is_moved: bool
) -> Iterator[Change]:
    if before is None:
        yield Change("appeared", None, after)
        return
    changed = () if before.revision_id == after.revision_id else _rewritten(before, after)
    if changed:
        yield Change("edited", before, after, changed)
    if is_moved:
        positions = FieldChange("place in the list", str(before.position), str(after.position))
        yield Change("moved", before, after, (positions,))
    if _credit_key(before.credit) != _credit_key(after.credit):
        kind: ChangeKind = "credit-year" if _same_credit(before, after) else "credit"
        yield Change(kind, before, after, (FieldChange("credit", before.credit, after.credit),))


def _rewritten(before: PrintedEntry, after: PrintedEntry) -> tuple[FieldChange, ...]:
    """The fields in which two wordings differ, but for those that one of the two pages cut."""
    changes = changed_fields(before, after)
    if before.is_cut:
        changes = tuple(each for each in changes if not begins(each.before, each.after))
    if after.is_cut:
        changes = tuple(each for each in changes if not begins(each.after, each.before))
    return changes


def _credit_key(credit: str | None) -> str:
    """A credit without its style: "A / B" becomes "A/B"."""
    return normalised(credit).replace(" ", "")


def _same_credit(before: PrintedEntry, after: PrintedEntry) -> bool:
    """True if two credits differ at most in the year that the template adds."""
    old, new = parse_credit(before.credit or ""), parse_credit(after.credit or "")
    return bool(old and new and credit_without_year(old) == credit_without_year(new))


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Entries that changed their order among those on both pages.

    A longest run of entries in the old order has not moved, so that a new entry at the top moves
    nothing.
    """
    old_index = {entry_id: at for at, entry_id in enumerate(before)}
    ends: list[int] = []  # for each length, the lowest old index at which a run ends
    runs: list[list[str]] = []  # for each length, that run
    for entry_id in after:
        length = bisect_left(ends, old_index[entry_id])
        run = [*(runs[length - 1] if length else []), entry_id]
        ends[length : length + 1] = [old_index[entry_id]]
        runs[length : length + 1] = [run]
    return set(after) - set(runs[-1] if runs else ())
