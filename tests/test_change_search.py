"""`crawl --every change`: the captures between which a page changed, with few requests."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from tests.support.homes import assert_same_archive, column
from tests.support.paths import HOMEPAGE, SAMPLE
from tests.support.run import Outcome, end, interrupt, run, start
from tests.support.web_archive import Answer, Front, always, is_playback, timestamp_of

pytestmark = pytest.mark.slow

START = datetime(2012, 1, 1, 12, tzinfo=UTC)
CHANGES = (90, 300, 301, 640, 998)
"""The captures of the series, by number, that are the first with something new."""
SEARCH = ("crawl", HOMEPAGE, "--every", "change")
MOST = 2 + len(CHANGES) * 10
"""Both ends, and for each change ceil(log2(1000))."""


@dataclass(frozen=True, slots=True)
class Series:
    """A thousand captures of one page, three days apart, whose bytes always differ: a counter
    runs, and the year of the credit is that of the capture.
    """

    starts: tuple[int, ...] = CHANGES
    bad: frozenset[int] = frozenset()
    digest: Callable[[int], str] = "{:032}".format
    size: int = 1000

    def moment(self, number: int) -> datetime:
        return START + timedelta(days=3 * number)

    def timestamp(self, number: int) -> str:
        return self.moment(number).strftime("%Y%m%d%H%M%S")

    def page(self, number: int) -> bytes:
        version = bisect_right(self.starts, number)
        description = "It works in ten countries." if version < 3 else "It works in eleven."
        items = "".join(
            f'<li><span class="caption">© A. Person / ILO {self.moment(number).year}</span>'
            f'<h5 class="item-title"><a href="/moscow/news/WCMS_{item}/lang--en/index.htm">'
            f"Item number {item} opens</a></h5>"
            f'<p class="item-info">{item + 1} January 2012</p><p>What item {item} says.</p></li>'
            for item in range(version // 2, version // 2 + 4 + version % 2)
        )
        return (
            f"<html><head><title>ILO Moscow</title></head><body><!-- visitor {number} -->"
            f"<h1>ILO Moscow</h1><p>{description}</p>"
            f'<div class="furniture"><h4>News</h4><ol class="item-list">{items}</ol></div></body>'
        ).encode()

    def answer(self, path: str) -> Answer:
        if not is_playback(path):
            rows = [
                {
                    "url": HOMEPAGE,
                    "timestamp": self.timestamp(number),
                    "status": "200",
                    "mime": "text/html",
                    "digest": self.digest(number),
                }
                for number in range(self.size)
            ]
            return Answer(200, "\n".join(map(json.dumps, rows)).encode())
        number = self.numbers([timestamp_of(path)])[0]
        if number in self.bad:
            return Answer(404, b"no capture")
        memento = format_datetime(self.moment(number), usegmt=True)
        headers = {"Memento-Datetime": memento, "Content-Type": "text/html; charset=utf-8"}
        return Answer(200, self.page(number), headers)

    def numbers(self, timestamps: list[str]) -> list[int]:
        moments = [datetime.strptime(f"{each}Z", "%Y%m%d%H%M%S%z") for each in timestamps]
        return [(moment - START).days // 3 for moment in moments]


@pytest.fixture
def front() -> Iterator[Front]:
    """An archive with the series of the test."""
    with Front().serving() as server:
        yield server


def crawl(home: Path, front: Front, *options: str) -> Outcome:
    return run(home, *SEARCH, "--archive", front.address, *options)


def fetched(home: Path) -> list[int]:
    """The numbers of the captures that were read."""
    read = "SELECT captured_at FROM captures WHERE state = 'read' ORDER BY 1"
    return Series().numbers([re.sub(r"\D", "", each) for each in column(home, read)])


def test_five_changes_in_a_thousand_captures_are_found_with_few_requests(
    home: Path, front: Front
) -> None:
    series = Series()
    front.rule = series.answer
    outcome = crawl(home, front)
    assert (outcome.code, outcome.messages) == (0, [])
    asked = series.numbers(front.playbacks)
    assert len(asked) == len(set(asked)) <= MOST
    assert len(asked) == 38  # as the README says
    assert {number for start in CHANGES for number in (start - 1, start)} <= set(asked)
    printed = f"5 changes in 1,000 captures, found with {len(asked)} requests"
    assert printed in outcome.out
    assert asked == fetched(home)
    descriptions = "SELECT count(*) FROM descriptions WHERE field = 'description'"
    assert column(home, descriptions) == [2]


def test_in_a_real_archive_errors_and_repeats_are_not_requested(
    home: Path, pywb: Callable[..., str]
) -> None:
    """In the sample every good capture differs from the one before but a revisit of 2016."""
    with Front(pywb(SAMPLE)).serving() as front:
        outcome = run(home, "crawl", "moscow", "--every", "change", "--archive", front.address)
        asked = front.playbacks
    assert outcome.code == 0
    assert "20160212051920" not in asked
    assert "20170823140912" not in asked  # listed as an error
    assert len(asked) == 12
    # Eleven captures in English that differ, one after the other, and one in Russian.
    assert "10 changes in 13 captures, found with 12 requests" in outcome.out
    line = "  moscow/en: from 2016-02-12T05:19:20Z to 2016-11-09T21:30:04Z"
    assert line in outcome.out.splitlines()


def test_equal_digests_need_no_request(home: Path, front: Front) -> None:
    series = Series(digest=lambda number: f"{bisect_right(CHANGES, number):032}")
    front.rule = series.answer
    outcome = crawl(home, front)
    assert len(front.playbacks) == len(CHANGES) + 1
    assert "5 changes in 1,000 captures, found with 6 requests" in outcome.out


def test_a_page_that_never_changed_costs_two_requests(home: Path, front: Front) -> None:
    series = Series(starts=())
    front.rule = series.answer
    assert "0 changes in 1,000 captures, found with 2 requests" in crawl(home, front).out
    assert series.numbers(front.playbacks) == [0, 999]


def test_captures_that_cannot_be_fetched_are_skipped(home: Path, front: Front) -> None:
    series = Series(bad=frozenset({0, 299, 300, 999, *range(85, 95)}))
    front.rule = series.answer
    outcome = crawl(home, front)
    assert outcome.code == 4
    # At 300 and 301 two changes fall into the gap of the captures 299 and 300, and are one.
    assert "4 changes in 1,000 captures" in outcome.out
    assert {84, 95, 298, 301, 639, 640, 997, 998} <= set(fetched(home))
    assert len(front.playbacks) <= MOST + len(series.bad)


def test_an_interrupted_search_resumes_and_requests_nothing_twice(home: Path, front: Front) -> None:
    series = Series()
    front.rule = series.answer
    undisturbed = home.with_name("undisturbed")
    assert crawl(undisturbed, front).code == 0
    once = front.playbacks
    front.forget()
    front.rule = series.answer
    assert crawl(home, front, "--limit", "9").code == 0
    assert len(front.playbacks) == 9
    outcome = crawl(home, front)
    assert "5 changes in 1,000 captures" in outcome.out
    assert front.playbacks == once
    assert_same_archive(home, undisturbed)


def test_a_rate_limit_ends_the_search_and_the_next_run_resumes_it(home: Path, front: Front) -> None:
    series = Series()
    front.rule = series.answer

    def stop(number: int) -> None:
        if number == 12:
            front.rule = always(Answer(429, b"slow down"))

    front.answered = stop
    assert crawl(home, front).code == 5
    front.forget()
    front.rule = series.answer
    outcome = crawl(home, front)
    assert outcome.code == 0
    assert "5 changes in 1,000 captures" in outcome.out
    assert len(fetched(home)) <= MOST


def test_a_source_without_digests_is_refused(home: Path, front: Front) -> None:
    outcome = run(home, *SEARCH, "--source", "memento", "--archive", front.address)
    assert (outcome.code, len(outcome.messages), front.asked) == (2, 1, [])


def test_a_plan_prints_the_requests_for_each_change(home: Path, front: Front) -> None:
    front.rule = Series().answer
    outcome = crawl(home, front, "--plan")
    assert (outcome.code, front.playbacks) == (0, [])
    assert "2 for each page and at most 10 for each change" in outcome.out


def test_an_interrupted_search_ends_at_once_and_the_next_run_resumes_it(
    home: Path, front: Front
) -> None:
    series = Series()
    front.rule = series.answer
    process = start(home, *SEARCH, "--archive", front.address)
    front.answered = lambda number: interrupt(process) if number == 8 else None
    assert end(process).code == 130
    front.forget()
    front.rule = series.answer
    assert "5 changes in 1,000 captures" in crawl(home, front).out
    assert len(fetched(home)) <= MOST
