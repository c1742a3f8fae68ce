"""Two captures side by side: their lists in rows, the same entry beside itself where it stayed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest

from ilo_archive.queries.answers import PrintedEntry
from ilo_archive.queries.comparison import Change, ChangeKind, Comparison
from ilo_archive.queries.departure import unique_entries

_FATES: tuple[ChangeKind, ...] = ("credit", "moved", "edited", "appeared", "gone")
"""What means most comes last."""


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry on one of the two captures, and the change that means most of what became of it."""

    entry: PrintedEntry
    change: Change | None

    @property
    def fate(self) -> str:
        """The kind of the change, `same` without one."""
        return self.change.kind if self.change else "same"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A row: an entry on the earlier capture, on the later one, or on both. One that moved has a
    row on either side.
    """

    before: Placed | None
    after: Placed | None

    @property
    def stays(self) -> bool:
        """Whether both sides are the same entry."""
        if self.before is None or self.after is None:
            return False
        return self.before.entry.entry_id == self.after.entry.entry_id


def side_by_side(comparison: Comparison) -> list[SideBySide]:
    """The rows of two captures, in the order of both."""
    before = unique_entries(comparison.before.entries)
    after = unique_entries(comparison.after.entries)
    changes = _changes(comparison)
    return [
        SideBySide(_placed(one, changes), _placed(other, changes))
        for one, other in _pairs(before, after)
    ]


def _changes(comparison: Comparison) -> dict[str, Change]:
    found: dict[str, Change] = {}
    for fate in _FATES:
        for change in comparison.of(fate):
            if change.entry:
                found[change.entry.entry_id] = change
    return found


def _placed(entry: PrintedEntry | None, changes: dict[str, Change]) -> Placed | None:
    return None if entry is None else Placed(entry, changes.get(entry.entry_id))


def _pairs(
    before: Sequence[PrintedEntry], after: Sequence[PrintedEntry]
) -> Iterator[tuple[PrintedEntry | None, PrintedEntry | None]]:
    ids = [each.entry_id for each in before], [each.entry_id for each in after]
    matcher = SequenceMatcher(None, *ids, autojunk=False)
    for _, start, end, there, until in matcher.get_opcodes():
        yield from zip_longest(before[start:end], after[there:until])
