"""Other processes that read: the same archive whatever their number, and what ends them."""

from __future__ import annotations

import errno
import gzip
import os
import signal
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from ilo_archive.worker_pool import WorkerLost, WorkerPool, default_workers
from tests.support import many_captures
from tests.support.faults import Fault, fail, kill
from tests.support.homes import assert_same_archive, column, copy_home, damage, kept
from tests.support.many_captures import CAPTURES, write_many
from tests.support.paths import SAMPLE
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
@pytest.mark.parametrize("number", [0, 1, 10, 11, 20, 200])
def test_results_come_in_order(workers: int, number: int) -> None:
    pool = WorkerPool(squared, 7, workers)
    try:
        found = list(pool.map(range(number), lambda each: each))
    finally:
        pool.close()
    assert found == [(each, 7 + each * each) for each in range(number)]


def test_few_items_start_no_process() -> None:
    pool: WorkerPool[int, int] = WorkerPool(process_of, None, 4)
    assert {pid for _, pid in pool.map(range(10), lambda each: each)} == {os.getpid()}


def test_items_are_taken_as_they_are_needed() -> None:
    taken: list[int] = []

    def items() -> Iterator[int]:
        for each in range(10_000):
            taken.append(each)
            yield each

    pool = WorkerPool(squared, 0, 2)
    try:
        next(pool.map(items(), lambda each: each))
        assert len(taken) <= 10 * 7
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
    assert_same_archive(home, home_of_one)
    assert damage(home) == []


def test_an_interrupted_reread_keeps_what_was_recorded(
    home_of_older_reader: Path, home_of_one: Path, tmp_path: Path
) -> None:
    home = copy_home(home_of_older_reader, tmp_path / "home")
    fault = Fault("statement", 2, "before", "interrupt", matching="INSERT INTO capture *")
    assert fail(home, fault, "reread", "--apply", "--workers", "2").code == 130
    assert column(home, "SELECT count(*) FROM captures WHERE reader > 0") == [50]
    assert run(home, "reread", "--apply", "--workers", "2").code == 0
    assert_same_archive(home, home_of_one)


def test_a_killed_reread_leaves_no_process_and_the_next_completes_it(
    home_of_older_reader: Path, home_of_one: Path, tmp_path: Path
) -> None:
    home = copy_home(home_of_older_reader, tmp_path / "home")
    fault = Fault("commit", 2, "after", matching="UPDATE run SET captures*")
    kill(home, fault, "reread", "--apply", "--workers", "2")
    assert column(home, "SELECT count(*) FROM captures WHERE reader > 0") == [100]
    assert run(home, "reread", "--apply", "--workers", "2").code == 0
    assert_same_archive(home, home_of_one)
    assert damage(home) == []


# -- ingest --------------------------------------------------------------------------------


def store(home: Path) -> bytes:
    """The bytes of the store behind the first record, which states the time of the run."""
    (path,) = (home / "warc").glob("*.gz")
    inflating = zlib.decompressobj(zlib.MAX_WBITS | 16)
    inflating.decompress(path.read_bytes())
    return inflating.unused_data


@pytest.mark.parametrize("workers", ["2", "3"])
def test_ingest_makes_the_same_archive_with_any_number_of_workers(
    warc: Path, home_of_one: Path, home: Path, workers: str
) -> None:
    alone = run(home_of_one, "ingest", warc, "--workers", "1")
    ran = run(home, "ingest", warc, "--workers", workers)
    assert f"{CAPTURES} captures recorded" in ran.out
    assert (ran.code, alone.code) == (0, 0)
    assert_same_archive(home, home_of_one)
    assert store(home) == store(home_of_one)
    assert {record.kind for record in kept(home)} == {"response", "revisit"}
    assert damage(home) == []
    again = run(home, "ingest", warc, "--workers", workers)
    assert (again.code, again.out) == (0, alone.out)


def damaged_folder(folder: Path, warc: Path) -> Path:
    """Files of several kinds: damaged, not compressed, cut short, compressed as a whole, an empty
    zip file, saved pages with and without a time.
    """
    folder.mkdir()
    whole = warc.read_bytes()
    records = [*many_captures.records()]
    at = sum(map(len, records[:40])) + 200
    (folder / "a-damaged.warc.gz").write_bytes(whole[:at] + b"\0" * 30 + whole[at + 30 :])
    plain = b"".join(zlib.decompress(each, zlib.MAX_WBITS | 16) for each in records[60:100])
    (folder / "b-plain.warc").write_bytes(plain)
    (folder / "c-cut.warc.gz").write_bytes(whole[: at + 4000])
    (folder / "d-one-stream.warc.gz").write_bytes(gzip.compress(plain, mtime=0))
    (folder / "e-empty.zip.wacz").write_bytes(b"PK\x05\x06" + b"\0" * 18)
    for month in range(1, 13):
        (folder / f"moscow-2022-{month:02}.html").write_bytes(many_captures.page("moscow", month))
    (folder / "nowhere.html").write_bytes(many_captures.page("rome", 3))
    return folder


def test_damage_is_reported_alike_with_any_number_of_workers(warc: Path, tmp_path: Path) -> None:
    folder = damaged_folder(tmp_path / "files", warc)
    paths = [folder, SAMPLE]
    alone = run(tmp_path / "one", "ingest", *paths, "--workers", "1")
    ran = run(tmp_path / "three", "ingest", *paths, "--workers", "3")
    assert (ran.code, ran.out) == (alone.code, alone.out)
    assert sorted(ran.err.splitlines()) == sorted(alone.err.splitlines())
    assert "a-damaged.warc.gz: " in ran.err
    assert_same_archive(tmp_path / "three", tmp_path / "one")
    assert store(tmp_path / "three") == store(tmp_path / "one")


@pytest.mark.parametrize(
    "fault",
    [
        Fault("write", 2, "torn", matching="*captures-00001.warc.gz", lost=300),
        Fault("statement", 2, "before", matching="INSERT INTO capture *"),
        Fault("commit", 2, "after", matching="UPDATE run SET captures*"),
    ],
    ids=str,
)
def test_a_killed_ingest_leaves_no_process_and_the_next_completes_it(
    warc: Path, home_of_one: Path, home: Path, fault: Fault
) -> None:
    kill(home, fault, "ingest", warc, "--workers", "2")
    assert column(home, "SELECT count(*) FROM captures") == [100 if fault.kind == "commit" else 50]
    assert run(home, "ingest", warc, "--workers", "2").code == 0
    assert_same_archive(home, home_of_one)
    assert store(home) == store(home_of_one)
    assert damage(home) == []


def test_a_full_disk_ends_an_ingest_and_the_next_completes_it(
    warc: Path, home_of_one: Path, home: Path
) -> None:
    full = Fault("write", 2, "torn", errno.ENOSPC, "*captures-00001.warc.gz", for_ever=True)
    assert fail(home, full, "ingest", warc, "--workers", "2").code == 7
    assert column(home, "SELECT count(*) FROM captures") == [50]
    assert run(home, "ingest", warc).code == 0
    assert_same_archive(home, home_of_one)
    assert store(home) == store(home_of_one)


def test_an_error_on_a_capture_is_reported_and_the_others_are_recorded(
    warc: Path, home_of_one: Path, home: Path
) -> None:
    fault = Fault("statement", 2, action="error", matching="INSERT INTO capture *")
    outcome = fail(home, fault, "ingest", warc, "--workers", "2")
    assert outcome.code == 0  # the second time, one by one, nothing was wrong
    assert_same_archive(home, home_of_one)


def test_an_ingest_whose_worker_was_killed_says_so_and_the_next_completes_it(
    warc: Path, home_of_one: Path, home: Path
) -> None:
    ran = end(start_module("tests.support.dying_worker", "--home", home, "ingest", warc,
                           "--workers", "2"))  # fmt: skip
    assert ran.code == 4
    assert ran.messages == [f"ilo-archive: {WorkerLost()}"]
    assert column(home, "SELECT outcome FROM runs") == ["worker_lost"]
    assert column(home, "SELECT count(*) FROM captures")[0] < CAPTURES
    assert run(home, "ingest", warc, "--workers", "2").code == 0
    assert_same_archive(home, home_of_one)


def test_a_reread_whose_worker_was_killed_says_so_and_the_next_completes_it(
    home_of_older_reader: Path, home_of_one: Path, tmp_path: Path
) -> None:
    home = copy_home(home_of_older_reader, tmp_path / "home")
    ran = end(start_module("tests.support.dying_worker", "--home", home, "reread", "--apply",
                           "--workers", "2"))  # fmt: skip
    assert ran.code == 4
    assert ran.messages == [f"ilo-archive: {WorkerLost()}"]
    assert run(home, "reread", "--apply", "--workers", "2").code == 0
    assert_same_archive(home, home_of_one)


def test_scrapy_crawls_local_files_with_workers(warc: Path, home_of_one: Path, home: Path) -> None:
    settings = {"ILO_ARCHIVE_HOME": str(home)}
    crawl = ("crawl", "local", "-a", f"paths={warc}", "-a", "workers=2")
    assert end(start_module("scrapy", *crawl, **settings)).code == 0
    assert_same_archive(home, home_of_one)
