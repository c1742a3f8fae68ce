"""Progress of a run: captures done and left, rate, time to go. A bar on a terminal, log lines
elsewhere.
"""

import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task
from rich.text import Text

LINE_EVERY = 20.0
"""Seconds from one log line to the next."""

logger = logging.getLogger("ilo_archive.progress")


@dataclass(frozen=True, slots=True)
class Pace:
    """Captures done, of `total` (None while it is unknown), at `rate` a second (None before the
    second one).
    """

    done: int
    total: int | None
    rate: float | None

    @property
    def left(self) -> int | None:
        """Captures to come."""
        return None if self.total is None else max(self.total - self.done, 0)

    @property
    def to_go(self) -> float | None:
        """Seconds to go at this rate; None while they cannot be estimated."""
        return self.left / self.rate if self.left is not None and self.rate else None

    def in_words(self) -> str:
        """`3.2 a second, 360 left, 1 min 52 s to go`, without the parts that are unknown."""
        parts = [
            f"{self.rate:.1f} a second" if self.rate else "",
            "" if self.left is None else f"{self.left} left",
            "" if self.to_go is None else f"{_duration(self.to_go)} to go",
        ]
        return ", ".join(filter(None, parts))

    def line(self) -> str:
        """`captures: 120 of 480 done, ...` with the rest as `in_words`."""
        of = "" if self.total is None else f" of {self.total}"
        return ", ".join(filter(None, (f"captures: {self.done}{of} done", self.in_words())))


class CrawlProgress:
    """Shows the pace of a run."""

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        """A terminal shows a bar from `bar.start()` to `bar.stop()`; `clock` returns seconds."""
        self._clock = clock
        self._first = self._logged = clock()
        self._pace = Pace(0, None, None)
        columns = (BarColumn(bar_width=10), MofNCompleteColumn(), _PaceColumn(lambda: self._pace))
        self.bar = Progress(
            "{task.description}", *columns, console=console, transient=True,
            redirect_stdout=sys.stdout.isatty(),
        )  # fmt: skip
        self.bar.disable = not console.is_terminal
        self._task = self.bar.add_task("captures", total=None)

    def advance(self, total: int | None) -> None:
        """Count one more capture as done, of `total` as far as is known now.

        The rate counts from the first one: before it was the listing.
        """
        now = self._clock()
        before = self._pace.done
        if not before:
            self._first = self._logged = now
        seconds = now - self._first
        self._pace = Pace(before + 1, total, before / seconds if seconds > 0 else None)
        self.bar.update(self._task, completed=self._pace.done, total=total)
        if self.bar.disable and now - self._logged >= LINE_EVERY:
            self._logged = now
            logger.info("%s", self._pace.line())


class _PaceColumn(ProgressColumn):
    """Rate, captures left and time to go."""

    def __init__(self, pace: Callable[[], Pace]) -> None:
        super().__init__()
        self._pace = pace

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's
        return Text(self._pace().in_words())


def _duration(seconds: float) -> str:
    """`52 s`, `1 min 52 s`, `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
