"""Captures that could not be had: which are asked for again, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ilo_archive.archive.listings import Counts, ListedCapture, ListingRequest
from ilo_archive.archive.retries import pause_after
from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Failure, NotFetched
from ilo_archive.offices import registry
from spiders.selection import Terms, choose
from tests.support.build import NOW, a_snapshot

QUESTION = ListingRequest("web.archive.org", "http://www.ilo.org/moscow/", "2015")
DAY = timedelta(days=1)


def a_capture(day: str) -> Capture:
    return replace(a_snapshot(day, None).capture, digest=f"D{day}")


@pytest.fixture
def writer(home: Path) -> Iterator[ArchiveWriter]:
    writer = ArchiveWriter(home, registry())
    writer.listings.start(QUESTION)
    yield writer
    writer.close()


def wanted(listed: list[ListedCapture], terms: Terms, every: str | None = None) -> list[str]:
    return [each.timestamp[:8] for each in choose(listed, every, None, terms).wanted]


def test_the_pauses_between_attempts_grow_to_a_month() -> None:
    assert [pause_after(number).days for number in range(9)] == [0, 0, 1, 2, 4, 8, 16, 30, 30]
    assert pause_after(10**6).days == 30


def test_a_capture_is_asked_for_again_when_its_pause_is_over(writer: ArchiveWriter) -> None:
    capture = a_capture("20150414")
    writer.listings.add(QUESTION, [capture], Counts(1), None)
    run = writer.start_run("test", NOW)
    failure = NotFetched(capture, Failure.NEVER_ARCHIVED, "the archive answers HTTP 404")
    for attempt, pause in ((1, 0), (2, 1), (3, 2)):
        writer.record_failure(failure, run, NOW)
        listed = writer.listings.listed([QUESTION])
        assert listed[0].attempts == attempt
        just_before = NOW + pause * DAY - timedelta(seconds=1)
        assert wanted(listed, Terms(just_before)) == []
        assert len(choose(listed, None, None, Terms(just_before)).waiting) == 1
        assert wanted(listed, Terms(NOW + pause * DAY)) == ["20150414"]
        assert wanted(listed, Terms(just_before, "failed")) == ["20150414"]
        assert wanted(listed, Terms(just_before, "all")) == ["20150414"]
        assert wanted(listed, Terms(just_before, "skipped")) == []


def test_what_is_certain_is_asked_for_again_only_by_retry(writer: ArchiveWriter) -> None:
    capture = a_capture("20150414")
    writer.listings.add(QUESTION, [capture], Counts(1), None)
    failure = NotFetched(capture, Failure.BLOCKED, "excluded")
    writer.record_failure(failure, writer.start_run("test", NOW), NOW)
    listed = writer.listings.listed([QUESTION])
    assert [each.state for each in listed] == ["skipped"]
    assert wanted(listed, Terms(NOW + 99 * DAY)) == []
    assert wanted(listed, Terms(NOW, "failed")) == []
    for retry in ("skipped", "all"):
        assert wanted(listed, Terms(NOW, retry)) == ["20150414"]


def test_a_recorded_capture_forgets_its_attempts(writer: ArchiveWriter) -> None:
    snapshot = a_snapshot("20150414", None)
    run = writer.start_run("test", NOW)
    failure = NotFetched(snapshot.capture, Failure.NO_ANSWER, "no answer")
    assert writer.record_failure(failure, run, NOW).number == 1
    assert writer.record_failure(failure, run, NOW).number == 2
    writer.record(snapshot, run)
    writer.listings.add(QUESTION, [snapshot.capture], Counts(1), None)
    [listed] = writer.listings.listed([QUESTION])
    assert (listed.attempts, listed.retry_at, listed.is_done) == (0, None, True)


def test_what_earlier_versions_set_aside_for_a_fault_that_passes_is_due_again(
    writer: ArchiveWriter, home: Path
) -> None:
    run = writer.start_run("test", NOW)
    for day, failure in (("20150414", Failure.NOT_PLAYABLE), ("20150415", Failure.ROBOTS)):
        writer.record_failure(NotFetched(a_capture(day), failure, "as it was"), run, NOW)
    with writer._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE capture SET state = 'skipped', attempts = NULL")
    assert writer.listings.reopen_passing() == 1
    writer.listings.add(QUESTION, [a_capture("20150414"), a_capture("20150415")], Counts(2), None)
    states = [each.state for each in writer.listings.listed([QUESTION])]
    assert states == ["failed", "skipped"]


def test_those_that_failed_come_after_those_that_were_never_asked_for() -> None:
    failed = ListedCapture(a_capture("20150414"), "failed", None, 1, NOW)
    fresh = ListedCapture(a_capture("20150416"), "listed")
    assert wanted([failed, fresh], Terms(NOW)) == ["20150416", "20150414"]
    assert wanted([failed, fresh], Terms(NOW), "month") == ["20150416"]


def test_a_live_capture_is_not_asked_for_again_its_moment_has_passed(
    writer: ArchiveWriter,
) -> None:
    live = replace(a_capture("20150414"), archive="live")
    failure = NotFetched(live, Failure.NO_ANSWER, "no answer")
    attempts = writer.record_failure(failure, writer.start_run("test", NOW), NOW)
    assert attempts.retry_at is None
