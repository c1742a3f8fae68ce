"""A chart of the positions of entries on two captures: two rows of dots, joined by lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ilo_archive.queries.answers import PrintedEntry
    from ilo_archive.queries.comparison import Comparison

# Pixels of the drawing.
_WIDTH = 640  # at most
_HEIGHT = 96
_MARGIN = 10
_STEP = 40  # between two dots; less if a list is long


@dataclass(frozen=True, slots=True)
class Mark:
    """The dot of an entry on one capture.

    `fate` is `shared` if the other capture shows it too, else `appeared` or `gone`.
    """

    x: float
    y: float
    fate: Literal["shared", "appeared", "gone"]
    shown: PrintedEntry


@dataclass(frozen=True, slots=True)
class PositionChart:
    """The dots of both rows, and the pairs joined by a line, with true for an entry that moved."""

    width: int
    height: int
    marks: list[Mark]
    lines: list[tuple[Mark, Mark, bool]]


def position_chart(comparison: Comparison) -> PositionChart:
    """The chart of a comparison. An entry that is listed twice has two dots."""
    listed = (comparison.before.entries, comparison.after.entries)
    steps = max(1, *(len(row) - 1 for row in listed))
    step = min(_STEP, (_WIDTH - 2 * _MARGIN) / steps)
    shared = {each.entry_id for each in listed[0]} & {each.entry_id for each in listed[1]}
    above = _row(listed[0], _MARGIN, step, shared, "gone")
    below = _row(listed[1], _HEIGHT - _MARGIN, step, shared, "appeared")
    moved = {change.after.entry_id for change in comparison.of("moved") if change.after}
    ends = _first(below)
    lines = [(mark, ends[key], key in moved) for key, mark in _first(above).items() if key in ends]
    return PositionChart(round(2 * _MARGIN + step * steps), _HEIGHT, [*above, *below], lines)


def _row(
    entries: Sequence[PrintedEntry],
    y: float,
    step: float,
    shared: set[str],
    alone: Literal["appeared", "gone"],
) -> list[Mark]:
    return [
        Mark(
            round(_MARGIN + at * step, 1),
            y,
            "shared" if shown.entry_id in shared else alone,
            shown,
        )
        for at, shown in enumerate(entries)
    ]


def _first(row: Sequence[Mark]) -> dict[str, Mark]:
    return {mark.shown.entry_id: mark for mark in reversed(row)}
