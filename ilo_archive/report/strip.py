"""Where entries stand on two captures: a row of marks for each, lines between the same entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ilo_archive.diff import Comparison
    from ilo_archive.queries import Shown

WIDTH = 640  # units of the drawing, as HEIGHT
HEIGHT = 96
_MARGIN = 10
_WIDEST = 44  # from mark to mark; a short list is not spread over the whole width


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry on one capture; `shared` when it is on the other too."""

    x: float
    y: float
    shared: bool
    shown: Shown


@dataclass(frozen=True, slots=True)
class Strip:
    """Marks of both rows, and the pairs of them that a line joins, with whether it moved."""

    marks: list[Mark]
    lines: list[tuple[Mark, Mark, bool]]


def strip(comparison: Comparison) -> Strip:
    """The drawing of a comparison; an entry listed twice stands in each of its places."""
    listed = (comparison.before.entries, comparison.after.entries)
    step = min(_WIDEST, (WIDTH - 2 * _MARGIN) / max(1, *map(len, listed)))
    shared = {each.entry_id for each in listed[0]} & {each.entry_id for each in listed[1]}
    before, after = (
        _row(row, y, step, shared)
        for row, y in zip(listed, (_MARGIN, HEIGHT - _MARGIN), strict=True)
    )
    moved = {change.after.entry_id for change in comparison.of("moved") if change.after}
    first = {mark.shown.entry_id: mark for mark in reversed(before)}
    below = {mark.shown.entry_id: mark for mark in reversed(after)}
    lines = [(first[key], below[key], key in moved) for key in first if key in below]
    return Strip([*before, *after], lines)


def _row(entries: Sequence[Shown], y: float, step: float, shared: set[str]) -> list[Mark]:
    return [
        Mark(round(_MARGIN + at * step, 1), y, shown.entry_id in shared, shown)
        for at, shown in enumerate(entries)
    ]
