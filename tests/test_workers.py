"""Other processes that read: the same archive whatever their number, and what ends them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ilo_archive.worker_pool import WorkerLost, WorkerPool, default_workers
from tests.support.faults import Fault, fail, kill
from tests.support.homes import assert_same_archive, column, copy_home, damage
from tests.support.many_captures import CAPTURES, write_many
from tests.support.run import end, run, start_module

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def warc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_many(tmp_path_factory.mktemp("warc") / "many.warc.gz")


@pytest.fixture(scope="module")
def home_of_one(warc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive that one process makes of the file. Tests leave it as it is."""
    home = tmp_path_factory.mktemp("one")
    ran = run(home, "ingest", warc)
    assert ran.code == 0, ran.err
    return home


@pytest.fixture(scope="module")
def home_of_older_reader(warc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("older")
    program = ("tests.support.older_reader", "--home", home, "ingest", warc)
    assert end(start_module(*program)).code == 0
    return home


# -- a pool --------------------------------------------------------------------------------


def squared(shared: int, item: int) -> int:
    """What the tests have done by other processes."""
    if item == -1:
        os.kill(os.getpid(), signal.SIGKILL)
    return shared + item * item


def process_of(shared: None, item: int) -> int:
    """The id of the process that does the work."""
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("number", [0, 1, 25, 26, 50, 400])
def test_results_come_in_order(workers: int, number: int) -> None:
    pool = WorkerPool(squared, 7, workers)
    try:
        found = list(pool.map(range(number), lambda each: each))
    finally:
        pool.close()
    assert found == [(each, 7 + each * each) for each in range(number)]


def test_few_items_start_no_process() -> None:
    pool: WorkerPool[int, int] = WorkerPool(process_of, None, 4)
    assert {pid for _, pid in pool.map(range(25), lambda each: each)} == {os.getpid()}


def test_items_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for each in range(10_000):
            taken.append(each)
            yield each

    pool = WorkerPool(squared, 0, 2)
    try:
        next(pool.map(items(), lambda each: each))
        assert len(taken) <= 25 * 7
        taken.clear()
        next(pool.map(items(), lambda each: each, size=lambda _: 2**20))
        assert len(taken) <= 4 * 7
    finally:
        pool.close()


def test_a_worker_that_dies_is_named() -> None:
    pool = WorkerPool(squared, 0, 2)
    try:
        with pytest.raises(WorkerLost, match="run again"):
            list(pool.map([*range(80), -1, *range(80)], lambda each: each))
    finally:
        pool.close()


def test_by_default_one_core_is_left() -> None:
    assert 1 <= default_workers() <= max(1, (os.cpu_count() or 1) - 1)


# -- reread --------------------------------------------------------------------------------


@pytest.mark.parametrize("workers", ["1", "2", "3"])
def test_reread_makes_the_same_archive_with_any_number_of_workers(
    home_of_older_reader: Path, home_of_one: Path, tmp_path: Path, workers: str
) -> None:
    home = copy_home(home_of_older_reader, tmp_path / "home")
    shown = run(home, "reread", "--workers", "1")
    ran = run(home, "reread", "--apply", "--workers", workers)
    assert (ran.code, ran.out) == (0, shown.out)
    assert f"{CAPTURES} captures read" in ran.err
    assert_same_archive(home, home_of_one, without=())
    assert damage(home) == []


def test_an_interrupted_reread_keeps_what_was_recorded(
    home_of_older_reader: Path, home_of_one: Path, tmp_path: Path
) -> None:
    home = copy_home(home_of_older_reader, tmp_path / "home")
    fault = Fault("statement", 2, "before", "interrupt", matching="INSERT INTO capture *")
    assert fail(home, fault, "reread", "--apply", "--workers", "2").code == 130
    assert column(home, "SELECT count(*) FROM captures WHERE reader > 0") == [50]
    assert run(home, "reread", "--apply", "--workers", "2").code == 0
    assert_same_archive(home, home_of_one, without=())


def test_a_killed_reread_leaves_no_process_and_the_next_completes_it(
    home_of_older_reader: Path, home_of_one: Path, tmp_path: Path
) -> None:
    home = copy_home(home_of_older_reader, tmp_path / "home")
    fault = Fault("commit", 2, "after", matching="UPDATE run SET captures*")
    kill(home, fault, "reread", "--apply", "--workers", "2")
    assert column(home, "SELECT count(*) FROM captures WHERE reader > 0") == [100]
    assert run(home, "reread", "--apply", "--workers", "2").code == 0
    assert_same_archive(home, home_of_one, without=())
    assert damage(home) == []
