"""How a run goes on: captures done and left, rate, time to go. A bar on a terminal, log lines
elsewhere.
"""

import logging
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
    """So many captures done, at so many a second; `total` is None while nobody knows it, `rate`
    before there are two.
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
        """Seconds that what is left takes at this rate; None while that cannot be told."""
        return self.left / self.rate if self.left is not None and self.rate else None

    def told(self) -> str:
        """`3.2 a second, 360 left, 1 min 52 s to go`, as far as it can be told."""
        parts = [
            f"{self.rate:.1f} a second" if self.rate else "",
            "" if self.left is None else f"{self.left} left",
            "" if self.to_go is None else f"{_duration(self.to_go)} to go",
        ]
        return ", ".join(filter(None, parts))

    def line(self) -> str:
        """`captures: 120 of 480 done, ...` with the rest as `told`."""
        of = "" if self.total is None else f" of {self.total}"
        return ", ".join(filter(None, (f"captures: {self.done}{of} done", self.told())))


class CrawlProgress:
    """Shows the pace of a run."""

    def __init__(self, console: Console, clock: Callable[[], float] = monotonic) -> None:
        """On a terminal a bar is shown from `start` to `stop` of `bar`; `clock` gives seconds."""
        self._clock = clock
        self._first = self._told = clock()
        self._pace = Pace(0, None, None)
        columns = (BarColumn(bar_width=10), MofNCompleteColumn(), _PaceColumn(lambda: self._pace))
        self.bar = Progress("{task.description}", *columns, console=console, transient=True)
        self.bar.disable = not console.is_terminal
        self._task = self.bar.add_task("captures", total=None)

    def advance(self, total: int | None) -> None:
        """One more capture is done, of so many as far as is known now.

        The rate counts from the first one: what came before was the listing.
        """
        now = self._clock()
        before = self._pace.done
        if not before:
            self._first = self._told = now
        seconds = now - self._first
        self._pace = Pace(before + 1, total, before / seconds if seconds > 0 else None)
        self.bar.update(self._task, completed=self._pace.done, total=total)
        if self.bar.disable and now - self._told >= LINE_EVERY:
            self._told = now
            logger.info("%s", self._pace.line())


class _PaceColumn(ProgressColumn):
    """Rate, captures left and time to go."""

    def __init__(self, pace: Callable[[], Pace]) -> None:
        super().__init__()
        self._pace = pace

    def render(self, task: Task) -> Text:  # noqa: ARG002 - rich's
        return Text(self._pace().told())


def _duration(seconds: float) -> str:
    """`52 s`, `1 min 52 s`, `2 h 5 min`."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
