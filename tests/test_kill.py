"""A run killed with SIGKILL and run again ends in the archive of an undisturbed one."""

from __future__ import annotations

import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.archives import (
    HOMEPAGE,
    PAGES,
    SAMPLE,
    Front,
    column,
    contents,
    damage,
    kept,
    run,
    start,
    start_program,
    timestamp_of,
    wait_until,
)

pytestmark = pytest.mark.slow

CAPTURES = 14
UNCHANGED = "20160212051920"
"""Listed with the digest of the capture before it, so never asked for."""
MOMENTS = [(number, random.Random(number).uniform(0, 0.04)) for number in range(1, 11)]
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


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("ingested")
    assert run(home, "ingest", SAMPLE).code == 0
    return home


def crawling(front: Front) -> list[str]:
    return ["crawl", "moscow", "--archive", front.address]


def killed(process: subprocess.Popen[str]) -> str:
    """Wait for a killed run; what it had told."""
    with process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL, err
    assert "Traceback" not in err
    return err


def assert_completed(home: Path, undisturbed: Path) -> None:
    """The database is that of an undisturbed run; the store holds each capture once, whole,
    and where the database says.
    """
    assert contents(home) == contents(undisturbed)
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
def test_a_crawl_killed_between_two_playbacks_and_run_again_is_as_if_undisturbed(
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
    killed(process)
    done = fetched(home)
    assert len(done) in (number - 1, number)
    front.forget()
    assert run(home, *crawling(front)).code == 0
    assert len(front.playbacks) == CAPTURES - 1 - len(done)
    assert_completed(home, undisturbed)
    outcomes = column(home, "SELECT outcome FROM runs ORDER BY id")
    assert outcomes == ["killed", "finished"]


def test_a_crawl_killed_while_it_lists_has_lost_nothing(
    home: Path, front: Front, undisturbed: Path
) -> None:
    process = start(home, *crawling(front))

    def kill(path: str) -> None:
        if len(front.asked) == 2:
            process.kill()
            process.wait()

    front.rule = kill
    killed(process)
    front.forget()
    assert run(home, *crawling(front)).code == 0
    assert_completed(home, undisturbed)


# -- at moments of the inside --------------------------------------------------------------

KILLER = """
import importlib, os, signal, sys
from pathlib import Path

where, which, when = sys.argv[1:4]
module, _, path = where.partition(":")
*owners, name = path.split(".")
owner = importlib.import_module(module)
for each in owners:
    owner = getattr(owner, each)
original = getattr(owner, name)
calls = 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def counted(*args, **kwargs):
    global calls
    calls += 1
    if calls != int(which):
        return original(*args, **kwargs)
    if when.startswith("torn"):
        store = Path(sys.argv[2], "warc", "captures-00001.warc.gz")
        os.truncate(store, store.stat().st_size - int(when.removeprefix("torn")))
    if when != "after":
        die()
    original(*args, **kwargs)
    die()

setattr(owner, name, counted)
del sys.argv[1:4]
from ilo_archive.cli import main
main()
"""
"""The command line that kills itself: before or after the n-th call of a function. `torn9` takes
the last 9 bytes of the store along, as a write that did not reach the disk."""

APPEND = "ilo_archive.warc.store:WarcStore.append"
RECORD = "ilo_archive.archive.writer:ArchiveWriter.record"


def run_and_kill(home: Path, where: str, which: int, when: str, *arguments: str | Path) -> None:
    program = [sys.executable, "-c", KILLER, where, str(which), when, "--home", home, *arguments]
    killed(start_program(program))


@pytest.mark.parametrize(
    ("where", "which", "when"),
    [
        (APPEND, 1, "after"),
        ("ilo_archive.warc.store:os.fsync", 4, "torn1"),
        ("ilo_archive.warc.store:os.fsync", 5, "torn300"),
        (APPEND, 6, "after"),
        ("ilo_archive.archive.sightings:put_sightings", 3, "before"),
        ("ilo_archive.archive.writer:_resolve", 7, "before"),
        (RECORD, 14, "after"),
        ("ilo_archive.archive.writer:ArchiveWriter.end_run", 1, "before"),
    ],
)
def test_an_ingest_killed_inside_and_run_again_is_as_if_undisturbed(
    home: Path, ingested: Path, where: str, which: int, when: str
) -> None:
    run_and_kill(home, where, which, when, "ingest", SAMPLE)
    assert run(home, "ingest", SAMPLE).code == 0
    assert_completed(home, ingested)


@pytest.mark.parametrize(
    ("where", "which", "when"),
    [
        ("ilo_archive.archive.writer:FileLock.acquire", 1, "after"),
        ("ilo_archive.archive.database:_upgrade", 1, "before"),
        ("alembic.op:create_table", 5, "after"),
        ("alembic.command:upgrade", 1, "after"),
        ("ilo_archive.archive.database:_upgrade", 1, "after"),
    ],
)
def test_a_run_killed_while_it_creates_the_database_leaves_nothing_half_made(
    home: Path, ingested: Path, where: str, which: int, when: str
) -> None:
    run_and_kill(home, where, which, when, "ingest", SAMPLE)
    if (home / "archive.sqlite").exists():
        with closing(sqlite3.connect(home / "archive.sqlite")) as database:
            tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        assert (tables == 0) == (
            when == "before" or where != "ilo_archive.archive.database:_upgrade"
        )
    assert run(home, "ingest", SAMPLE).code == 0
    assert_completed(home, ingested)


def test_a_crawl_killed_again_and_again_keeps_each_capture_once(
    home: Path, front: Front, undisturbed: Path
) -> None:
    # The capture that the first kill left unrecorded comes last from then on: other records
    # have gone behind its own.
    run_and_kill(home, RECORD, 3, "before", *crawling(front))
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
        run_and_kill(home, RECORD, 3, "before", *crawling(front))
    front.forget()
    assert run(home, *crawling(front)).code == 0
    assert_completed(home, undisturbed)


def test_an_ingest_killed_before_another_and_completed_after_it_keeps_each_capture_once(
    home: Path, tmp_path: Path
) -> None:
    other = tmp_path / "20160101000000.html"
    other.write_bytes((PAGES / "20151218160233.html").read_bytes())
    run_and_kill(home, RECORD, 3, "before", "ingest", SAMPLE)
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
