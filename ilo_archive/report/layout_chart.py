"""Layouts of a page over time: a box for each template, hatched where one gave way to the next."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ilo_archive.queries.layouts import LayoutEra
from ilo_archive.report.lifeline_chart import Span
from ilo_archive.report.time_axis import Spot

_WIDE = 6.0  # percent of the axis: room for a name


@dataclass(frozen=True, slots=True)
class EraBox:
    """A template on captures in a row; `label` is empty where it has no room."""

    era: LayoutEra
    first: Spot
    last: Spot
    label: str

    @property
    def width(self) -> float:
        """Percent of the axis."""
        return round(self.last.x - self.first.x, 2)


@dataclass(frozen=True, slots=True)
class EraChange:
    """The stretch in which one template gave way to another, in words too."""

    span: Span
    words: str


@dataclass(frozen=True, slots=True)
class LayoutChart:
    """The boxes, the hatched stretches between them, and where the captures begin and end."""

    boxes: tuple[EraBox, ...]
    changes: tuple[EraChange, ...]
    fades_from: float
    fades_to: float


def layout_chart(eras: Sequence[LayoutEra], good: Sequence[Spot]) -> LayoutChart:
    """The chart of the templates of a page; at least one."""
    boxes = tuple(_box(each, good) for each in eras)
    changes = tuple(_change(before, after) for before, after in pairwise(boxes))
    return LayoutChart(boxes, changes, good[0].x, good[-1].x)


def _box(era: LayoutEra, good: Sequence[Spot]) -> EraBox:
    first, last = good[era.first], good[era.last]
    return EraBox(era, first, last, era.template if last.x - first.x > _WIDE else "")


def _change(before: EraBox, after: EraBox) -> EraChange:
    words = (
        f"The layout changed from {before.era.template} to {after.era.template}"
        f" between {before.last.day} and {after.first.day}"
    )
    return EraChange(Span("unknown", before.last.x, after.first.x), words)
