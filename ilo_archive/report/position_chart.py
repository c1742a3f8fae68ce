"""Where entries stand on two captures: a row of marks for each, lines between the same entries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from ilo_archive.queries.answers import PrintedEntry
    from ilo_archive.queries.comparison import Comparison

_WIDTH = 640  # at most; all in pixels of the drawing
_HEIGHT = 96
_MARGIN = 10
_STEP = 40  # from mark to mark, less where a list is long


@dataclass(frozen=True, slots=True)
class Mark:
    """An entry on one capture. `fate` is `shared` when it is on the other too, else `appeared`
    or `gone`.
    """

    x: float
    y: float
    fate: Literal["shared", "appeared", "gone"]
    shown: PrintedEntry


@dataclass(frozen=True, slots=True)
class PositionChart:
    """Marks of both rows, and the pairs of them that a line joins, with whether it moved."""

    width: int
    height: int
    marks: list[Mark]
    lines: list[tuple[Mark, Mark, bool]]


def position_chart(comparison: Comparison) -> PositionChart:
    """The drawing of a comparison; an entry listed twice stands in each of its places."""
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
