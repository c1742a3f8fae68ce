"""What the gaps between captures may hide: a block for each, as high as its range of entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ilo_archive.queries.missed import Gap
from ilo_archive.report.time_axis import Spot
from ilo_archive.text.counted import counted

HEIGHT = 100
"""Pixels of the highest block."""

_WIDE = 4.0  # percent of the axis: room for a number
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class GapBlock:
    """A gap. `y` is the upper edge, in pixels from the top; `label` is empty where it has no room.
    A gap of which the lists cannot tell has no height.
    """

    gap: Gap
    before: Spot
    after: Spot
    y: float
    height: float
    label: str
    words: str

    @property
    def width(self) -> float:
        """Percent of the axis."""
        return round(self.after.x - self.before.x, 2)


@dataclass(frozen=True, slots=True)
class GapChart:
    """The blocks of a page, and the lines of the scale: entries and pixels from the top."""

    blocks: tuple[GapBlock, ...]
    scale: tuple[tuple[int, float], ...]

    @property
    def telling(self) -> list[GapBlock]:
        """The gaps in which something was probably missed, or of which nothing can be said."""
        return [each for each in self.blocks if each.gap.most != 0]


def gap_chart(gaps: Sequence[Gap], spot_of: Mapping[str, Spot]) -> GapChart:
    """The chart of a page's gaps; `spot_of` has the place of each capture by its id."""
    highest = max((each.most or 0 for each in gaps), default=0) or 1
    step = next((each for each in _STEPS if highest / each <= 3), _STEPS[-1])
    unit = HEIGHT / highest
    lines = tuple((number, _from_top(number, unit)) for number in range(0, highest + 1, step))
    return GapChart(tuple(_block(each, spot_of, unit) for each in gaps), lines)


def _block(gap: Gap, spot_of: Mapping[str, Spot], unit: float) -> GapBlock:
    before, after = spot_of[gap.before], spot_of[gap.after]
    least, most = gap.least or 0, gap.most or 0
    label = _label(gap) if most and after.x - before.x > _WIDE else ""
    height = round((most - least) * unit, 1)
    time = f"{before.short} to {after.short}, {counted(gap.days, 'day')}"
    words = f"{time}: {in_words(gap)}"
    return GapBlock(gap, before, after, _from_top(most, unit), height, label, words)


def _from_top(number: int, unit: float) -> float:
    return round(HEIGHT - number * unit, 1)


def _label(gap: Gap) -> str:
    return str(gap.most) if gap.least == gap.most else f"{gap.least}–{gap.most}"


def in_words(gap: Gap) -> str:
    """How many entries a gap probably hides."""
    if gap.most is None:
        return "the lists have too few dates to tell"
    if not gap.most:
        return "probably none missed"
    return f"probably {_label(gap)} entries never captured"
