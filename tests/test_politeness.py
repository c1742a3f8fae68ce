"""How archives are asked: a clock of the test's own, no network."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from datetime import UTC, datetime
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import CloseSpider, DownloadConnectionRefusedError
from scrapy.http import Response
from scrapy.statscollectors import StatsCollector
from scrapy.utils.test import get_crawler

from ilo_archive.sources.archives import (
    Lane,
    Limits,
    WebArchive,
    archive_at,
    is_loopback,
    limits_of,
)
from spiders.politeness import LONGEST_PAUSE, RequestRefused, Throttle, polite_request, retry_after
from spiders.selection import Terms

INTERNET_ARCHIVE = archive_at(None)
NOON = 1_800_000_000.0


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


class Turns:
    """What the archive keeps."""

    def __init__(self) -> None:
        self.kept: dict[str, float] = {}

    def rate_holds(self) -> dict[str, float]:
        return dict(self.kept)

    def put_rate_hold(self, lane: str, until: float) -> None:
        self.kept[lane] = until


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(asyncio, "sleep", time.sleep)
    return time


def throttle(clock: Time, kept: Turns | None = None, retry: str | None = None) -> Throttle:
    archive = SimpleNamespace(listings=kept or Turns())
    terms = Terms(datetime.fromtimestamp(NOON, UTC), retry)
    crawler: Any = SimpleNamespace(
        engine=SimpleNamespace(running=True),
        spider=SimpleNamespace(archive=archive, crawl_request=SimpleNamespace(terms=terms)),
        stats=StatsCollector(get_crawler()),
    )
    return Throttle(crawler, clock)


def asked(
    lane: Lane = "playback", archive: WebArchive = INTERNET_ARCHIVE, contact: str = "me@example.org"
) -> Request:
    return polite_request(archive, lane, "https://web.archive.org/x", contact)


def done(coroutine: Coroutine[Any, Any, None]) -> None:
    asyncio.run(coroutine)


def send(polite: Throttle, clock: Time, lane: Lane, number: int) -> list[float]:
    """When each of so many requests went out."""
    sent = []
    for _ in range(number):
        done(polite.process_request(asked(lane)))
        sent.append(clock.now)
    return sent


# -- the rate ------------------------------------------------------------------------------


@pytest.mark.parametrize(("lane", "a_minute"), [("listing", 24), ("playback", 480)])
def test_no_minute_has_more_requests_than_the_archive_allows(
    clock: Time, lane: Lane, a_minute: int
) -> None:
    sent = send(throttle(clock), clock, lane, 3 * a_minute)
    for first in sent:
        assert sum(first <= each < first + 60 - 1e-6 for each in sent) <= a_minute
    assert sent[-1] - sent[0] == pytest.approx(180 - 60 / a_minute)


def test_consecutive_runs_share_the_rate(clock: Time) -> None:
    kept = Turns()
    sent = []
    for _ in range(30):  # a run each, killed after two requests
        sent += send(throttle(clock, kept), clock, "listing", 2)
    gaps = [later - earlier for earlier, later in pairwise(sent)]
    assert min(gaps) >= 2.5 - 1e-6
    assert set(kept.kept) == {"web.archive.org listing"}


def test_the_two_lanes_of_an_archive_do_not_wait_for_each_other(clock: Time) -> None:
    polite = throttle(clock)
    send(polite, clock, "listing", 1)
    assert send(polite, clock, "playback", 1) == [NOON]


def test_an_archive_on_this_machine_is_not_rate_limited(clock: Time) -> None:
    local, kept = archive_at("http://127.0.0.1:8080/coll"), Turns()
    polite = throttle(clock, kept)
    for _ in range(100):
        done(polite.process_request(asked(archive=local)))
    assert (clock.now, kept.kept) == (NOON, {})


def test_concurrent_requests_are_sent_one_by_one(clock: Time) -> None:
    polite, sent = throttle(clock), []

    async def one() -> None:
        await polite.process_request(asked("listing"))
        sent.append(clock.now)

    async def eight() -> None:
        await asyncio.gather(*(one() for _ in range(8)))

    done(eight())
    assert sent == pytest.approx([NOON + 2.5 * number for number in range(8)])


# -- refusals ------------------------------------------------------------------------------


def refuse(
    polite: Throttle, request: Request, status: int = 429, after: str | None = None, **more: str
) -> Any:
    headers = {**more, **({"Retry-After": after} if after is not None else {})}
    return polite.process_response(request, Response(request.url, status=status, headers=headers))


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (None, 60.0),
        ("soon", 60.0),
        ("-3", 60.0),
        ("٣", 60.0),
        ("Fri, 15 Jan 2027 08:00:30 GMT", 30.0),
        ("Fri, 15 Jan 2027 07:00:00 GMT", 0.0),
    ],
)
def test_after_the_first_refusal_the_pause_is_as_long_as_asked(
    clock: Time, after: str | None, seconds: float
) -> None:
    polite = throttle(clock)
    done(polite.process_request(request := asked()))
    again = refuse(polite, request, after=after)
    assert isinstance(again, Request)
    done(polite.process_request(again))
    assert clock.now - NOON == pytest.approx(max(seconds, 0.125))


def test_a_refusal_pauses_both_lanes_and_the_next_run(clock: Time) -> None:
    kept = Turns()
    polite = throttle(clock, kept)
    done(polite.process_request(request := asked("playback")))
    refuse(polite, request, after="100")
    assert send(throttle(clock, kept), clock, "listing", 1) == [pytest.approx(NOON + 100)]


def test_the_second_refusal_ends_the_run_and_no_request_follows(clock: Time) -> None:
    polite = throttle(clock)
    done(polite.process_request(request := asked()))
    done(polite.process_request(again := refuse(polite, request, after="3")))
    with pytest.raises(RequestRefused) as ended:
        refuse(polite, again)
    assert ended.value.reason == "rate_limited"
    for lane in ("listing", "playback"):
        with pytest.raises(RequestRefused):
            done(polite.process_request(asked(lane)))


def test_refusals_of_requests_already_sent_count_as_one(
    clock: Time,
) -> None:
    polite = throttle(clock)
    requests = [asked() for _ in range(4)]
    for each in requests:
        done(polite.process_request(each))
    again = [refuse(polite, each, after="3") for each in requests]
    assert len(again) == 4
    clock.now += 60
    for each in again:
        done(polite.process_request(each))
    with pytest.raises(RequestRefused):
        refuse(polite, again[0])


def test_waiting_requests_are_dropped_when_the_run_ends(clock: Time) -> None:
    polite = throttle(clock)
    done(polite.process_request(request := asked()))
    again = refuse(polite, request, after="5")
    polite._crawler.engine.running = False
    with pytest.raises(RequestRefused, match="shutdown"):
        done(polite.process_request(again))
    assert clock.now == NOON


def test_a_refused_connection_of_a_remote_archive_is_a_refusal(clock: Time) -> None:
    polite = throttle(clock)
    done(polite.process_request(request := asked()))
    again = polite.process_exception(request, DownloadConnectionRefusedError())
    done(polite.process_request(again))
    assert clock.now - NOON == pytest.approx(60)
    with pytest.raises(RequestRefused):
        polite.process_exception(again, DownloadConnectionRefusedError())


def test_a_refused_connection_on_this_machine_is_not_a_refusal(clock: Time) -> None:
    polite = throttle(clock)
    request = asked(archive=archive_at("http://127.0.0.1:8080/coll"))
    assert polite.process_exception(request, DownloadConnectionRefusedError()) is None


def test_an_archived_429_is_content_and_so_is_an_archived_503(clock: Time) -> None:
    polite = throttle(clock)
    done(polite.process_request(request := asked()))
    archived = {"Memento-Datetime": "Tue, 14 Apr 2015 10:32:17 GMT"}
    for status in (429, 503):
        assert isinstance(refuse(polite, request, status, "60", **archived), Response)


def test_a_503_with_retry_after_is_a_refusal_and_one_without_is_a_fault(clock: Time) -> None:
    polite = throttle(clock)
    done(polite.process_request(request := asked()))
    assert isinstance(refuse(polite, request, 503), Response)
    assert isinstance(refuse(polite, request, 503, "5"), Request)


def test_a_pause_longer_than_a_run_waits_ends_this_run_and_the_next(
    clock: Time,
) -> None:
    kept = Turns()
    polite = throttle(clock, kept)
    done(polite.process_request(request := asked()))
    with pytest.raises(RequestRefused):
        refuse(polite, request, after=f"{LONGEST_PAUSE + 60:.0f}")
    with pytest.raises(RequestRefused):
        done(throttle(clock, kept).process_request(asked()))
    clock.now += LONGEST_PAUSE + 60
    done(throttle(clock, kept).process_request(asked()))


@pytest.mark.parametrize("after", ["1000000000", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_archive_is_left_alone_for_a_day_at_most_whatever_it_asks(
    clock: Time, after: str
) -> None:
    polite = throttle(clock, kept := Turns())
    done(polite.process_request(request := asked()))
    with pytest.raises(RequestRefused):
        refuse(polite, request, after=after)
    assert [*kept.kept.values()] == [pytest.approx(NOON + 86_400, abs=1)] * 2
    held_until = polite._crawler.stats.get_value("archives/held_until")
    assert held_until.timestamp() == pytest.approx(NOON + 86_400, abs=1)
    clock.now += 86_400
    done(throttle(clock, kept).process_request(asked()))


def test_a_time_out_of_bounds_that_an_earlier_version_stored_ends_within_a_day(
    clock: Time,
) -> None:
    kept = Turns()
    kept.put_rate_hold("web.archive.org playback", NOON + 1e9)
    with pytest.raises(RequestRefused):
        done(throttle(clock, kept).process_request(asked()))
    clock.now += 86_400
    done(throttle(clock, kept).process_request(asked()))


def test_a_run_with_retry_asks_an_archive_that_is_to_be_left_alone(clock: Time) -> None:
    kept = Turns()
    kept.put_rate_hold("web.archive.org playback", NOON + 40_000)
    done(throttle(clock, kept, retry="failed").process_request(asked()))
    assert clock.now == NOON


# -- who asks ------------------------------------------------------------------------------


def test_requests_to_a_remote_archive_need_a_contact() -> None:
    assert b"me@example.org" in (asked().headers["User-Agent"] or b"")
    with pytest.raises(CloseSpider) as refused:
        asked(contact="")
    assert refused.value.reason == "contact_missing"
    local = archive_at("http://localhost:8080/coll")
    assert b"(loopback)" in (asked(archive=local, contact="").headers["User-Agent"] or b"")


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("localhost", True),
        ("localhost.example", False),
        ("127.0.0.1.example", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_the_limits_of_the_internet_archive_are_24_listings_and_480_playbacks_a_minute() -> None:
    assert limits_of("web.archive.org") == Limits(pause=60, listing=24, playback=480)
    assert limits_of("archive.example").listing == 24


def test_a_date_without_a_zone_is_utc() -> None:
    answer = Response("https://x.example", headers={"Retry-After": "Fri, 15 Jan 2027 08:00:30"})
    assert retry_after(answer, NOON) == pytest.approx(30)


def test_any_retry_after_is_a_pause_or_none() -> None:
    dice = random.Random(1)
    for _ in range(2000):
        text = bytes(dice.randrange(32, 256) for _ in range(dice.randrange(12)))
        found = retry_after(Response("https://x.example", headers={"Retry-After": text}), NOON)
        assert found is None or found >= 0
