"""The drawing of one lifeline: where something stands on the captures of a page, and hatched
where nothing is known of it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ilo_archive.report.time_axis import MANY, Spot

Sense = Literal["known", "unknown", "edited"]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the axis: `known` from capture to capture, `unknown` between one that shows it
    and one that does not, `edited` between two wordings.
    """

    sense: Sense
    start: float
    end: float

    @property
    def width(self) -> float:
        """From start to end."""
        return round(self.end - self.start, 2)


@dataclass(frozen=True, slots=True)
class Mark:
    """A sign at a place, its words, and what it leads to on this page; among many captures the
    dates beside the drawing do that. `lifted` stands above the line, where there is no room on it.
    """

    sign: str
    x: float
    title: str = ""
    anchor: str = ""
    lifted: bool = False


@dataclass(frozen=True, slots=True)
class LifelineChart:
    """Stretches and marks. The line fades out to the left of `fades_from`, and to the right of
    `fades_to`, where no capture shows more; None where it does not.
    """

    spans: tuple[Span, ...]
    marks: tuple[Mark, ...]
    fades_from: float | None
    fades_to: float | None


_NARROW = 3.0  # percent of the axis; on less there is no room for the sign of an edit


def lifeline_chart(
    shown: Sequence[int],
    good: Sequence[Spot],
    words: Callable[[int], str],
    *,
    edits: Mapping[int, int] | None = None,
    absence_counts: bool = True,
) -> LifelineChart:
    """The chart of what the good captures of the numbers `shown` show; `words` names each mark.

    `edits` has for the number of the capture that shows a new wording the number of the edit.
    """
    edited = edits or {}
    if not absence_counts:  # what an offset list does not show proves nothing
        marks = tuple(Mark("good", good[at].x, words(at), good[at].anchor) for at in shown)
        return LifelineChart((), marks, None, None)
    spans = tuple(_spans(shown, good, edited))
    first, last = shown[0], shown[-1]
    return LifelineChart(
        spans,
        (*_marks(shown, good, words, edited), *_edit_marks(shown, good, edited)),
        good[first].x if first == 0 else None,
        good[last].x if last == len(good) - 1 else None,
    )


def _spans(shown: Sequence[int], good: Sequence[Spot], edited: Mapping[int, int]) -> Iterator[Span]:
    if shown[0]:
        yield _unknown(good[shown[0] - 1], good[shown[0]])
    start = shown[0]
    for before, after in zip(shown, [*shown[1:], None], strict=True):
        if after == before + 1 and after not in edited:
            continue
        if start != before:
            yield Span("known", good[start].x, good[before].x)
        if after is not None:
            start = after
            is_edit = after == before + 1
            yield (_edited if is_edit else _unknown)(good[before], good[after])
    if shown[-1] < len(good) - 1:
        yield _unknown(good[shown[-1]], good[shown[-1] + 1])


def _unknown(before: Spot, after: Spot) -> Span:
    return Span("unknown", before.x, after.x)


def _edited(before: Spot, after: Spot) -> Span:
    return Span("edited", before.x, after.x)


def _marks(
    shown: Sequence[int],
    good: Sequence[Spot],
    words: Callable[[int], str],
    edited: Mapping[int, int],
) -> Iterator[Mark]:
    here = frozenset(shown)
    for at in range(shown[0], shown[-1] + 1):
        if at not in here:
            yield Mark("absent", good[at].x, f"Not on {good[at].short}", good[at].anchor)
        elif len(good) <= MANY:
            yield Mark("good", good[at].x, words(at), good[at].anchor)
        elif _tells(at, here, edited):
            yield Mark("good", good[at].x)


def _tells(at: int, shown: frozenset[int], edited: Mapping[int, int]) -> bool:
    """Whether a capture is an end of a stretch: the first or last before a change."""
    return not {at - 1, at + 1} <= shown or at in edited or at + 1 in edited


def _edit_marks(
    shown: Sequence[int], good: Sequence[Spot], edited: Mapping[int, int]
) -> Iterator[Mark]:
    for before, after in pairwise(shown):
        if after in edited:
            one, other = good[before], good[after]
            title = f"Edited between {one.short} and {other.short}"
            middle = round((one.x + other.x) / 2, 2)
            narrow = other.x - one.x < _NARROW
            yield Mark("edit", middle, title, f"edit-{edited[after]}", narrow)
