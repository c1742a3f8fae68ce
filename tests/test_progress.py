"""Progress: what is done, what is left, how fast, how long."""

from __future__ import annotations

import io
import logging

import pytest
from rich.console import Console

from ilo_archive.cli.progress import LINE_EVERY, CrawlProgress, Pace


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("pace", "line"),
    [
        (Pace(12, 48, 3.2), "captures: 12 of 48 done, 3.2 a second, 36 left, 11 s to go"),
        (Pace(3, 33, 0.3), "captures: 3 of 33 done, 0.3 a second, 30 left, 1 min 40 s to go"),
        (Pace(1, 7501, 1.0), "captures: 1 of 7501 done, 1.0 a second, 7500 left, 2 h 5 min to go"),
        (Pace(5, 5, 0.5), "captures: 5 of 5 done, 0.5 a second, 0 left, 0 s to go"),
        (Pace(6, 5, 0.6), "captures: 6 of 5 done, 0.6 a second, 0 left, 0 s to go"),
        (Pace(7, None, 3.5), "captures: 7 done, 3.5 a second"),
        (Pace(1, 5, None), "captures: 1 of 5 done, 4 left"),
        (Pace(1, None, None), "captures: 1 done"),
    ],
)
def test_a_progress_line_has_done_rate_left_and_remaining_time(pace: Pace, line: str) -> None:
    assert pace.line() == line


def test_without_a_terminal_a_line_is_printed_now_and_then(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "ilo_archive.progress")
    clock = Clock()
    progress = CrawlProgress(Console(file=io.StringIO()), clock)
    clock.now += 600  # the listing counts for no rate
    for _ in range(9):
        progress.advance(10)
        clock.now += LINE_EVERY / 4
    assert caplog.messages == [
        "captures: 5 of 10 done, 0.2 a second, 5 left, 25 s to go",
        "captures: 9 of 10 done, 0.2 a second, 1 left, 5 s to go",
    ]


def test_on_a_terminal_there_is_a_bar_and_no_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ilo_archive.progress")
    screen, clock = io.StringIO(), Clock()
    console = Console(file=screen, force_terminal=True, width=80)
    progress = CrawlProgress(console, clock)
    with progress.bar:
        for _ in range(3):
            progress.advance(9)
            clock.now += LINE_EVERY
        progress.bar.refresh()
        shown = screen.getvalue()
    assert caplog.messages == []
    assert "3/9" in shown
    assert "0.1 a second, 6 left, 2 min 0 s to go" in shown
