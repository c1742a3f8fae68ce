"""Steps: what changed from each good capture of a page to the next."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ilo_archive.queries.answers import Homepage
from ilo_archive.queries.comparison import Comparison, compare
from ilo_archive.queries.history import HeldCapture, OfficeHistory, PageHistory


@dataclass(frozen=True, slots=True)
class Step:
    """A comparison of two good captures that follow each other, counted from 1; `between` are
    the captures that lie between them and do not show the page.
    """

    number: int
    comparison: Comparison
    between: tuple[HeldCapture, ...]

    @property
    def before(self) -> Homepage:
        """The earlier capture."""
        return self.comparison.before

    @property
    def after(self) -> Homepage:
        """The later capture."""
        return self.comparison.after


StepsOfPages = Mapping[str, tuple[Step, ...]]
"""The steps of each page, by its name."""


def steps_of_pages(history: OfficeHistory) -> StepsOfPages:
    """The steps of an office's pages: of those with two good captures, offset lists left out."""
    return {
        page.page: tuple(page_steps(page))
        for page in history.pages
        if page.absence_counts and len(page.good) > 1
    }


def page_steps(page: PageHistory) -> Iterator[Step]:
    """The steps of a page by time, from its first good capture to its last."""
    bad = [each for each in page.captures if not each.is_good]
    return steps(page.good, bad)


def steps(good: Sequence[Homepage], bad: Sequence[HeldCapture] = ()) -> Iterator[Step]:
    """The steps through some captures of one page."""
    for number, (before, after) in enumerate(pairwise(good), 1):
        between = (each for each in bad if before.captured_at < each.captured_at)
        within = tuple(each for each in between if each.captured_at < after.captured_at)
        yield Step(number, compare(before, after), within)
