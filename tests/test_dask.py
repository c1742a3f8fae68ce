"""`--dask`: a cluster reads, one process records; whatever happens to the cluster, the archive is
that of one process.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ilo_archive.capture import Fetched, Kept, Position
from ilo_archive.offices import registry
from ilo_archive.reader.snapshot import take_snapshot
from ilo_archive.readings import files
from ilo_archive.readings.files import Readings, write_readings
from ilo_archive.readings.plain import from_json, to_json
from ilo_archive.warc.captures import CaptureReader
from tests.support import many_captures
from tests.support.homes import OF_THE_SOURCE, assert_same_archive, copy_home, damage
from tests.support.paths import SAMPLE
from tests.support.run import end, run, start, start_module, start_program, wait_until

pytestmark = pytest.mark.slow

CLUSTER = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None,
                           host="127.0.0.1", scheduler_port=0, worker_dashboard_address=None)
    pids = [each.pid for each in cluster.workers.values()]
    print(cluster.scheduler_address, *pids, file=open(sys.argv[1] + ".part", "w"), flush=True)
    import os, time
    os.rename(sys.argv[1] + ".part", sys.argv[1])
    time.sleep(600)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six WARC files, two of them damaged; bodies come again in other files."""
    folder = tmp_path_factory.mktemp("shared")
    records = [*many_captures.records()]
    for number in range(6):
        data = b"".join(records[number::6])
        (folder / f"part-{number}.warc.gz").write_bytes(data)
    whole = (folder / "part-2.warc.gz").read_bytes()
    (folder / "part-2.warc.gz").write_bytes(whole[:4000] + b"\0" * 20 + whole[4020:])
    (folder / "part-4.warc.gz").write_bytes((folder / "part-4.warc.gz").read_bytes()[:-50])
    return folder


@pytest.fixture(scope="module")
def home_of_one(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("one")
    assert run(home, "ingest", folder, SAMPLE, "--workers", "1").code == 0
    return home


class Cluster:
    """A scheduler with two worker processes."""

    def __init__(self, folder: Path) -> None:
        program, told = folder / "cluster.py", folder / "address"
        program.write_text(CLUSTER, encoding="utf-8")
        self._process = start_program([sys.executable, program, told])
        wait_until(told.exists, 60)
        self.address, *pids = told.read_text(encoding="utf-8").split()
        self.pids = [int(each) for each in pids if each != "None"]

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


def parquet(home: Path) -> list[Path]:
    return sorted((home / "readings").glob("*.parquet"))


# -- readings ------------------------------------------------------------------------------


def kept(path: Path) -> list[Kept]:
    found = CaptureReader(registry().locate).read(path)
    return [
        Kept(each.capture, each.message, Position("", 0, 0))
        for each in found
        if isinstance(each, Fetched)
    ]


def test_a_reading_is_the_same_after_it_was_json(folder: Path) -> None:
    for each in [*kept(folder / "part-0.warc.gz"), *kept(SAMPLE)]:
        snapshot = take_snapshot(each, registry())
        assert from_json(to_json(snapshot)).snapshot(each) == snapshot


def test_a_file_of_readings_answers_for_what_was_read_only(folder: Path, tmp_path: Path) -> None:
    captures = kept(folder / "part-0.warc.gz")
    target = str(tmp_path / "new" / "a.parquet")
    assert write_readings(target, captures[1:], registry()) == len(captures) - 1
    readings = Readings(registry())
    assert readings.add(target)
    assert readings.find(captures[0]) is None
    assert readings.find(captures[1]) == take_snapshot(captures[1], registry())
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["a.parquet"]


@pytest.mark.parametrize("change", ["cut", "missing", "text", "reader", "registry"])
def test_a_file_that_is_not_whole_or_of_another_reader_counts_as_absent(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    target = tmp_path / "a.parquet"
    if change == "reader":
        monkeypatch.setattr(files, "READER_VERSION", 1)
    write_readings(str(target), kept(folder / "part-0.warc.gz"), registry())
    monkeypatch.undo()
    if change == "cut":
        target.write_bytes(target.read_bytes()[:-100])
    elif change == "missing":
        target.unlink()
    elif change == "text":
        target.write_text("readings")
    elif change == "registry":
        monkeypatch.setattr(files, "made_by", lambda _: {"reader": 3, "offices": "others"})
    assert not Readings(registry()).add(str(target))


# -- ingest --------------------------------------------------------------------------------


def test_a_cluster_makes_the_archive_that_one_process_makes(
    folder: Path, home: Path, home_of_one: Path, cluster: Cluster
) -> None:
    ran = run(home, "ingest", folder, SAMPLE, "--dask", cluster.address)
    alone = run(home.with_name("alone"), "ingest", folder, SAMPLE, "--workers", "1")
    assert (ran.code, ran.out) == (alone.code, alone.out)
    assert sorted(ran.err.splitlines()) == sorted(alone.err.splitlines())
    assert_same_archive(home, home_of_one)
    assert damage(home) == []
    assert len(parquet(home)) == 7


def test_a_second_run_reads_only_what_is_missing_or_damaged(
    folder: Path, home: Path, home_of_one: Path, cluster: Cluster
) -> None:
    run(home, "ingest", folder, SAMPLE, "--dask", cluster.address)
    first, second, *others = parquet(home)
    before = {each: each.stat().st_mtime_ns for each in others}
    first.unlink()
    second.write_bytes(second.read_bytes()[:200])
    again = ("ingest", folder, SAMPLE, "--dask", cluster.address, "--readings", home / "readings")
    assert run(home.with_name("again"), *again).code == 0
    assert_same_archive(home.with_name("again"), home_of_one)
    assert {each: each.stat().st_mtime_ns for each in others} == before
    assert first.exists()
    assert second.stat().st_size > 200


def test_a_worker_may_be_killed_at_any_time(
    folder: Path, home: Path, home_of_one: Path, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path)
    try:
        process = start(home, "ingest", folder, SAMPLE, "--dask", cluster.address)
        wait_until(lambda: bool(parquet(home)), 60)
        os.kill(cluster.pids[0], signal.SIGKILL)
        assert end(process).code == 0
    finally:
        cluster.close()
    assert_same_archive(home, home_of_one)
    assert not [*(home / "readings").glob("*.part")] or len(parquet(home)) == 7


def test_a_cluster_that_ends_is_replaced_by_this_process(
    folder: Path, home: Path, home_of_one: Path, tmp_path: Path
) -> None:
    cluster = Cluster(tmp_path)
    process = start(home, "ingest", folder, SAMPLE, "--dask", cluster.address)
    wait_until(lambda: bool(parquet(home)), 60)
    cluster.close()
    assert end(process).code == 0
    assert_same_archive(home, home_of_one)


@pytest.mark.parametrize("command", [("ingest", SAMPLE), ("reread",)])
def test_without_a_scheduler_one_line_says_what_to_do(
    sample_home: Path, tmp_path: Path, command: tuple[Any, ...]
) -> None:
    home = copy_home(sample_home, tmp_path / "home")
    ran = run(home, *command, "--dask", "tcp://127.0.0.1:9")
    assert ran.code == 4
    assert len(ran.err.splitlines()) == 1
    assert "no Dask scheduler at tcp://127.0.0.1:9" in ran.err
    assert "dask scheduler" in ran.err


def test_readings_without_dask_are_refused(home: Path) -> None:
    ran = run(home, "ingest", SAMPLE, "--readings", "x")
    assert (ran.code, ran.messages) == (
        2,
        ["ilo-archive: --readings is used with --dask ADDRESS only"],
    )


# -- object stores -------------------------------------------------------------------------


class Refusing(BaseHTTPRequestHandler):
    """A store of one file, which refuses the others."""

    data = b""

    def do_GET(self) -> None:
        found = self.path == "/part.warc.gz"
        self.send_response(200 if found else 403)
        self.send_header("Content-Length", str(len(self.data) if found else 0))
        self.end_headers()
        self.wfile.write(self.data if found else b"")

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def store(folder: Path) -> Iterator[str]:
    handler = type("Handler", (Refusing,), {"data": (folder / "part-0.warc.gz").read_bytes()})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_files_of_a_store_are_read_by_their_address(
    folder: Path, home: Path, store: str, cluster: Cluster
) -> None:
    ran = run(home, "ingest", f"{store}/part.warc.gz", "--dask", cluster.address)
    assert ran.code == 0, ran.err
    assert run(home.with_name("one"), "ingest", folder / "part-0.warc.gz").code == 0
    assert_same_archive(home, home.with_name("one"), without=OF_THE_SOURCE)


def test_a_store_that_refuses_is_named(home: Path, store: str, cluster: Cluster) -> None:
    ran = run(home, "ingest", f"{store}/secret.warc.gz", "--dask", cluster.address)
    assert ran.code == 3
    assert "secret.warc.gz: " in ran.err
    assert "403" in ran.err


# -- reread --------------------------------------------------------------------------------


def test_reread_by_a_cluster_makes_the_archive_of_the_present_reader(
    folder: Path, home: Path, home_of_one: Path, cluster: Cluster
) -> None:
    program = ("tests.support.older_reader", "--home", home, "ingest", folder, SAMPLE)
    assert end(start_module(*program, "--workers", "1")).code == 0
    shown = run(home, "reread", "--workers", "1")
    ran = run(home, "reread", "--apply", "--dask", cluster.address)
    assert (ran.code, ran.out) == (0, shown.out)
    assert_same_archive(home, home_of_one)
    assert damage(home) == []
