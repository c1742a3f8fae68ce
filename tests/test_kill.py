"""A run killed with SIGKILL and run again ends in the archive of an undisturbed one."""

from __future__ import annotations

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from tests.support.faults import Event, Fault, Kind, When, events, kill
from tests.support.homes import assert_same_archive, column, damage, kept
from tests.support.paths import HOMEPAGE, PAGES, SAMPLE
from tests.support.run import run, start, wait_for_kill, wait_until
from tests.support.web_archive import Front, timestamp_of

pytestmark = pytest.mark.slow

CAPTURES = 14
UNCHANGED = "20160212051920"
"""Listed with the digest of the capture before it, so never asked for."""
MOMENTS = [(number, random.Random(number).uniform(0, 0.04)) for number in range(1, 11, 3)]
"""After so many answers to playbacks, and so many seconds more: recording one takes about 0.02."""


@pytest.fixture(scope="module")
def before_pywb(pywb: Callable[..., str]) -> Iterator[Front]:
    with Front(pywb(SAMPLE)).serving() as front:
        yield front


@pytest.fixture
def front(before_pywb: Front) -> Front:
    before_pywb.forget()
    return before_pywb


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, before_pywb: Front) -> Path:
    home = tmp_path_factory.mktemp("undisturbed")
    before_pywb.forget()
    assert run(home, *crawling(before_pywb)).code == 0
    return home


def crawling(front: Front) -> list[str]:
    return ["crawl", "moscow", "--archive", front.address]


def assert_completed(home: Path, undisturbed: Path) -> None:
    """The database is that of an undisturbed run; the store holds each capture once, whole,
    and where the database says.
    """
    assert_same_archive(home, undisturbed)
    assert damage(home) == []
    records = kept(home)
    assert len({record.id for record in records}) == len(records) == CAPTURES
    offsets = column(home, "SELECT warc_offset FROM captures ORDER BY captured_at")
    assert offsets == [record.offset for record in sorted(records, key=lambda each: each.date)]
    assert {record.date for record in records} == set(
        column(home, "SELECT captured_at FROM captures")
    )


# -- at moments of the outside -------------------------------------------------------------


@pytest.mark.parametrize(("number", "delay"), MOMENTS)
def test_a_crawl_killed_between_two_playbacks_is_completed_by_the_next_run(
    home: Path, front: Front, undisturbed: Path, number: int, delay: float
) -> None:
    process = start(home, *crawling(front))

    def kill(answered: int) -> None:
        wait_until(lambda: len(fetched(home)) >= min(answered, number - 1))
        if answered == number:
            time.sleep(delay)
            process.kill()
            process.wait()

    front.answered = kill
    wait_for_kill(process)
    done = fetched(home)
    assert len(done) in (number - 1, number)
    front.forget()
    assert run(home, *crawling(front)).code == 0
    assert len(front.playbacks) == CAPTURES - 1 - len(done)
    assert_completed(home, undisturbed)
    outcomes = column(home, "SELECT outcome FROM runs ORDER BY id")
    assert outcomes == ["killed", "finished"]


def test_a_crawl_killed_during_its_listing_is_completed_by_the_next_run(
    home: Path, front: Front, undisturbed: Path
) -> None:
    process = start(home, *crawling(front))

    def kill(path: str) -> None:
        if len(front.asked) == 2:
            process.kill()
            process.wait()

    front.rule = kill
    wait_for_kill(process)
    front.forget()
    assert run(home, *crawling(front)).code == 0
    assert_completed(home, undisturbed)


# -- at named points -----------------------------------------------------------------------

STORE = "*.warc.gz"
RECORDING = "UPDATE run SET captures*"
"""The last statement of a transaction that records captures."""


@pytest.fixture(scope="session")
def events_of_ingest(tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    return events(tmp_path_factory.mktemp("counted"), "ingest", SAMPLE)


def test_an_ingest_writes_flushes_and_commits_once_a_batch(events_of_ingest: list[Event]) -> None:
    """The sample is one batch: one write of its records, one fsync and one transaction; a new
    folder and a new file are one fsync more, of their folder.
    """
    kinds = Counter(
        each.kind for each in events_of_ingest if each.kind == "fsync" or STORE[1:] in each.detail
    )
    recording = [each for each in events_of_ingest if fnmatchcase(each.detail, RECORDING)]
    commits = [each for each in recording if each.kind == "commit"]
    assert (kinds["write"], kinds["fsync"], len(commits)) == (1, 1 + 2, 1)


POINTS: list[tuple[Kind, float, When, str, dict[str, Any]]] = [
    ("fsync", 0, "after", STORE, {}),
    ("write", 0.2, "torn", STORE, {"lost": 1}),
    ("write", 0.3, "torn", STORE, {"lost": 300}),
    ("write", 0.5, "after", STORE, {"loses_unsynced": True}),
    ("fsync", 0.4, "after", STORE, {}),
    ("statement", 0.2, "before", "INSERT INTO sighting *", {}),
    ("statement", 0.5, "before", "INSERT INTO entry *", {}),
    ("commit", 0.6, "before", RECORDING, {}),
    ("commit", 1, "after", RECORDING, {}),
    ("statement", 1, "before", "UPDATE run SET *outcome*", {}),
]


@pytest.mark.parametrize(("kind", "place", "when", "matching", "more"), POINTS)
def test_an_ingest_killed_at_a_named_point_is_completed_by_the_next_run(
    home: Path,
    sample_home: Path,
    events_of_ingest: list[Event],
    kind: Kind,
    place: float,
    when: When,
    matching: str,
    more: dict[str, Any],
) -> None:
    fault = Fault.among(events_of_ingest, kind, place, when, matching=matching)
    kill(home, replace(fault, **more), "ingest", SAMPLE)
    assert run(home, "ingest", SAMPLE).code == 0
    assert_completed(home, sample_home)


@pytest.mark.parametrize(
    ("fault", "is_made"),
    [
        (Fault("connect"), False),
        (Fault("connect", 1, "after"), False),
        (Fault("statement", 1, "after", matching="BEGIN*"), False),
        (Fault("statement", 5, "after", matching="CREATE TABLE *"), False),
        (Fault("statement", 1, "before", matching="CREATE VIEW *"), False),
        (Fault("commit"), False),
        (Fault("commit", 1, "after"), True),
    ],
    ids=str,
)
def test_a_run_killed_while_creating_the_database_leaves_it_empty_or_complete(
    home: Path, sample_home: Path, fault: Fault, is_made: bool
) -> None:
    kill(home, fault, "ingest", SAMPLE)
    if (home / "archive.sqlite").exists():
        assert bool(column(home, "SELECT count(*) FROM sqlite_master")[0]) == is_made
    assert run(home, "ingest", SAMPLE).code == 0
    assert_completed(home, sample_home)


@pytest.mark.faults
def test_an_ingest_killed_at_each_event_is_completed_by_the_next_run(
    tmp_path: Path, sample_home: Path, events_of_ingest: list[Event]
) -> None:
    """Before and after each write, fsync and commit, and before each statement that changes
    something.
    """
    assert len(events_of_ingest) > 200
    for event in events_of_ingest:
        if event.kind == "statement" and event.detail.startswith("SELECT"):
            continue
        for when in ("before", "after") if event.kind != "statement" else ("before",):
            home = tmp_path / f"{event.kind}-{event.number}-{when}"
            kill(home, Fault.at(event, when), "ingest", SAMPLE)
            assert run(home, "ingest", SAMPLE).code == 0
            assert_completed(home, sample_home)
            shutil.rmtree(home)


KEPT_THREE = Fault("fsync", 3, "after", matching=STORE)
"""Three captures of a crawl are kept, and the third is not recorded."""
KEPT_A_BATCH = Fault("fsync", 1, "after", matching=STORE)
"""A batch of files is kept, and none of it is recorded."""


def test_a_crawl_killed_again_and_again_keeps_each_capture_once(
    home: Path, front: Front, undisturbed: Path
) -> None:
    # The capture that the first kill left unrecorded comes last from then on: other records
    # have gone behind its own.
    kill(home, KEPT_THREE, *crawling(front))
    unrecorded = set(stamps(record.date for record in kept(home))) - set(recorded(home))
    assert len(unrecorded) == 1
    late = unrecorded.pop()

    def wait(path: str) -> None:
        if timestamp_of(path) == late:
            front.turn.release()
            time.sleep(0.5)
            front.turn.acquire()

    for _ in range(2):
        front.forget()
        front.rule = wait
        kill(home, KEPT_THREE, *crawling(front))
    front.forget()
    assert run(home, *crawling(front)).code == 0
    assert_completed(home, undisturbed)


def test_an_ingest_killed_before_another_and_completed_after_it_keeps_each_capture_once(
    home: Path, tmp_path: Path
) -> None:
    other = tmp_path / "20160101000000.html"
    other.write_bytes((PAGES / "20151218160233.html").read_bytes())
    kill(home, KEPT_A_BATCH, "ingest", SAMPLE)
    assert recorded(home) == []
    assert run(home, "ingest", other, "--url", HOMEPAGE).code == 0
    assert run(home, "ingest", SAMPLE).code == 0
    records = kept(home)
    assert len({record.id for record in records}) == len(records) == CAPTURES + 1


def stamps(dates: Iterable[str]) -> list[str]:
    """14 digits of each ISO date."""
    return ["".join(filter(str.isdigit, date)) for date in dates]


def recorded(home: Path) -> list[str]:
    sql = "SELECT captured_at FROM captures WHERE warc_file IS NOT NULL"
    return stamps(column(home, sql))


def fetched(home: Path) -> set[str]:
    """Those of the recorded captures that were asked for."""
    return set(recorded(home)) - {UNCHANGED}
