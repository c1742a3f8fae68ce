"""Questions that a TimeGate is asked, and its answers."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ilo_archive.sources.timegate import TimeGateReply, parse_timegate, search_captures
from ilo_archive.sources.timemap import (
    Memento,
)

PAGE = "http://www.ilo.org/moscow/lang--en/index.htm"
BASE = "http://127.0.0.1:9/a"
FIRST = datetime(2015, 4, 14, 10, 32, 17, tzinfo=UTC)
SECOND = datetime(2015, 6, 19, 7, 45, 8, tzinfo=UTC)
MEMENTOS = (
    Memento(f"{BASE}/20150414103217/{PAGE}", FIRST, PAGE),
    Memento(f"{BASE}/20150619074508/{PAGE}", SECOND, PAGE),
)
MOMENTS = st.integers(820_454_400, 2_177_452_800).map(
    lambda seconds: datetime.fromtimestamp(seconds, UTC)  # of the years 1996 to 2038
)


def test_a_redirecting_timegate_has_the_chosen_capture_and_its_neighbours() -> None:
    link = (
        f'<{PAGE}>; rel="original", <{BASE}/timemap/link/{PAGE}>; rel="timemap"; '
        f'type="application/link-format", '
        f'<{MEMENTOS[0].uri}>; rel="prev memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"'
    )
    printed = parse_timegate(link, f"{BASE}/{PAGE}", f"/a/20150619074508/{PAGE}", None)
    assert printed.memento == MEMENTOS[1]
    assert printed.named == MEMENTOS
    assert printed.timemaps == (f"{BASE}/timemap/link/{PAGE}",)
    assert printed.neighbours == {(FIRST, SECOND)}


def test_a_timegate_that_answers_itself_has_the_capture_by_its_time() -> None:
    link = f'<{MEMENTOS[0].uri}>; rel="memento"; datetime="Tue, 14 Apr 2015 10:32:17 GMT"'
    printed = parse_timegate(link, f"{BASE}/{PAGE}", None, "Tue, 14 Apr 2015 10:32:17 GMT")
    assert (printed.memento, printed.named) == (MEMENTOS[0], (MEMENTOS[0],))


def test_a_timegate_may_answer_with_nothing() -> None:
    assert parse_timegate("", BASE, None, None) == TimeGateReply()
    assert parse_timegate("", BASE, "/login", None) == TimeGateReply()


def nearest(held: Sequence[datetime], moment: datetime) -> datetime | None:
    return min(held, key=lambda each: abs(each - moment), default=None)


def last_before(held: Sequence[datetime], moment: datetime) -> datetime | None:
    number = bisect_right(held, moment)
    return held[number - 1] if number else None


def first_after(held: Sequence[datetime], moment: datetime) -> datetime | None:
    number = bisect_left(held, moment)
    return held[number] if number < len(held) else None


def asked(
    held: Sequence[datetime],
    choose: Callable[[Sequence[datetime], datetime], datetime | None],
    period: tuple[datetime, datetime],
    *,
    tells_neighbours: bool,
) -> tuple[set[datetime], int]:
    """What a survey of a TimeGate finds, and with how many questions."""
    found: set[datetime] = set()
    questions = search_captures(*period)
    number = 0
    try:
        moment = next(questions)
        while True:
            number += 1
            chosen = choose(held, moment.replace(microsecond=0))
            named = {chosen} - {None}
            beside: set[tuple[datetime, datetime]] = set()
            if chosen and tells_neighbours:
                at = held.index(chosen)
                around = held[max(0, at - 1) : at + 2]
                named |= set(around)
                beside = set(pairwise(around))
            mementos = {each: Memento(None, each) for each in named if each}
            found |= mementos.keys()
            memento = mementos[chosen] if chosen else None
            printed = TimeGateReply(memento, tuple(mementos.values()), (), frozenset(beside))
            moment = questions.send(printed)
    except StopIteration:
        return found, number


@pytest.mark.slow
@pytest.mark.parametrize("choose", [nearest, last_before, first_after])
@pytest.mark.parametrize("tells_neighbours", [False, True])
@given(st.lists(MOMENTS, max_size=12, unique=True).map(sorted))
def test_a_survey_finds_every_capture_of_a_timegate(
    choose: Callable[[Sequence[datetime], datetime], datetime | None],
    tells_neighbours: bool,
    held: list[datetime],
) -> None:
    period = datetime(1995, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC)
    found, number = asked(held, choose, period, tells_neighbours=tells_neighbours)
    assert found == set(held)
    assert number <= 6 * len(held) + 3


def test_a_survey_needs_fewer_requests_if_the_timegate_names_neighbours() -> None:
    held = [FIRST + timedelta(days=each * each) for each in range(60)]
    period = datetime(2014, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
    alone, many = asked(held, nearest, period, tells_neighbours=False)
    beside, few = asked(held, nearest, period, tells_neighbours=True)
    assert alone == beside == set(held)
    assert few < many / 2


def test_a_survey_leaves_gaps_outside_its_period_alone() -> None:
    held = [FIRST + timedelta(days=each) for each in range(100)]
    period = FIRST + timedelta(days=40), FIRST + timedelta(days=42, hours=1)
    found, number = asked(held, nearest, period, tells_neighbours=False)
    assert found >= {held[41]}
    assert number < 20
