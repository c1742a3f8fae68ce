"""The strip of steps: at each good capture a bar up for what appeared, down for what is no longer
there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilo_archive.queries.comparison import Comparison
from ilo_archive.queries.steps import Step
from ilo_archive.report.anchors import step_anchor
from ilo_archive.report.time_axis import Spot

BASE = 62
"""Pixels from the top to the line of the captures."""

_HIGHEST = 34
_UNIT = 5  # pixels an entry, at most
_GAP = 9  # between a bar and the line


@dataclass(frozen=True, slots=True)
class StripBar:
    """A step at the place of its later capture; heights in pixels."""

    anchor: str
    before: Spot
    after: Spot
    up: float
    down: float
    words: str

    @property
    def top(self) -> float:
        """The upper edge of the bar up."""
        return round(BASE - _GAP - self.up, 1)

    @property
    def bottom(self) -> int:
        """The upper edge of the bar down."""
        return BASE + _GAP


def step_strip(steps: Sequence[Step], spot_of: Mapping[str, Spot]) -> list[StripBar]:
    """The strip of some steps; `spot_of` has the place of each capture by its id."""
    sizes = [_size(each.comparison) for each in steps]
    unit = min(_UNIT, _HIGHEST / (max((max(pair) for pair in sizes), default=0) or 1))
    return [
        _bar(step, up * unit, down * unit, spot_of)
        for step, (up, down) in zip(steps, sizes, strict=True)
    ]


def _size(comparison: Comparison) -> tuple[int, int]:
    return len(comparison.of("appeared")), len(comparison.of("gone"))


def _bar(step: Step, up: float, down: float, spot_of: Mapping[str, Spot]) -> StripBar:
    before, after = spot_of[step.before.capture_id], spot_of[step.after.capture_id]
    words = f"{before.day} to {after.day}: {in_short(step)}"
    return StripBar(step_anchor(after.anchor), before, after, round(up, 1), round(down, 1), words)


def in_short(step: Step) -> str:
    """A step in signs: "+2, −2, 1 edited"."""
    kinds = {"appeared": "+{}", "gone": "−{}", "edited": "{} edited"}
    counts = {kind: len(step.comparison.of(kind)) for kind in ("appeared", "gone", "edited")}
    parts = [kinds[kind].format(number) for kind, number in counts.items() if number]
    if step.comparison.of("page"):
        parts.append("description")
    return ", ".join(parts) or ("order or credits" if step.comparison.differs else "no change")
