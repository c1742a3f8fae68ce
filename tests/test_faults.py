"""Whatever a command does when it is killed or refused, running it again ends as if undisturbed.

Each event that changes a disk is taken in turn: killed before and after it, torn, with and without
what no fsync secured, and refused once and for ever. Every fault proves that it fired
(`tests.support.faults`). A few of them run always, all of them by `make faults`.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from ilo_archive.export.folder_check import check_folder_package
from ilo_archive.identity.decisions import by_id, read_decisions
from ilo_archive.queries.archive import Archive
from tests.support.faults import Event, Fault, Kind, When, events, fail, kill
from tests.support.homes import (
    assert_same_archive,
    bring_back,
    column,
    copy_home,
    damage,
    kept,
)
from tests.support.paths import HOMEPAGE, PAGES, SAMPLE
from tests.support.run import run
from tests.support.tiny_archive import serving

pytestmark = pytest.mark.slow

KINDS: tuple[Kind, ...] = ("open", "write", "fsync", "rename", "commit")
REFUSALS = (errno.ENOSPC, errno.EIO, errno.EMFILE, errno.ENOMEM)
CAPTURES = ("20150414103217", "20151218160233")


@dataclass(frozen=True, slots=True)
class Scenario:
    """A command on a prepared home. `{out}` in its arguments is a folder beside the home."""

    name: str
    arguments: tuple[str, ...]
    prepare: Callable[[Path, Path], object] = lambda home, sample: copy_home(sample, home)

    def command(self, home: Path, address: str) -> list[str]:
        """The arguments for a home, and for the archive of the web that is served."""
        out = home.parent / f"{home.name}-out"
        out.mkdir(exist_ok=True)
        return [each.format(out=out, address=address, sample=SAMPLE) for each in self.arguments]


def nothing(home: Path, sample: Path) -> None:
    home.mkdir()


def read_by_an_older_reader(home: Path, sample: Path) -> None:
    copy_home(sample, home)
    with closing(sqlite3.connect(home / "archive.sqlite")) as database, database:
        database.execute("UPDATE capture SET reader = 0")
        database.execute("UPDATE snapshot SET description = 'what an older reader made of it'")


def of_an_older_schema(home: Path, sample: Path) -> None:
    copy_home(sample, home)
    bring_back(home / "archive.sqlite", "0001")


def without_a_row(home: Path, sample: Path) -> None:
    """The database is older than the store: two captures are not in it."""
    nothing(home, sample)
    assert run(home, "ingest", SAMPLE).code == 0
    older = (home / "archive.sqlite").read_bytes()
    for when in ("20220101", "20220201"):
        page = PAGES / f"{CAPTURES[0]}.html"
        assert run(home, "ingest", page, "--url", HOMEPAGE, "--at", when).code == 0
    (home / "archive.sqlite").write_bytes(older)


SCENARIOS = (
    Scenario("ingest", ("ingest", "{sample}"), nothing),
    Scenario("crawl", ("crawl", HOMEPAGE, "--archive", "{address}"), nothing),
    Scenario("reread", ("reread", "--apply"), read_by_an_older_reader),
    Scenario("merge", ("merge", "wcms-356122-en", "wcms-436207-en")),
    Scenario("export wacz", ("export", "{out}/a.wacz")),
    Scenario("export csv", ("export", "{out}/a.csv")),
    Scenario("export jsonl", ("export", "{out}/a.jsonl")),
    Scenario("export parquet", ("export", "{out}/a.parquet")),
    Scenario("export sqlite", ("export", "{out}/a.sqlite")),
    Scenario("export package", ("export", "{out}/package")),
    Scenario("diff", ("diff", "moscow", "2015", "2021", "-o", "{out}/a.html")),
    Scenario("migration", ("reread", "--apply"), of_an_older_schema),
    Scenario("repair", ("verify", "--repair"), without_a_row),
)
BY_NAME = {each.name: each for each in SCENARIOS}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pages = {each: (PAGES / f"{each}.html").read_bytes() for each in CAPTURES}
    with serving(HOMEPAGE, pages) as served:
        yield served


class Bench:
    """Runs one scenario with faults, each on a home of its own."""

    def __init__(self, scenario: Scenario, folder: Path, sample: Path, address: str) -> None:
        self._scenario, self._folder, self._address = scenario, folder, address
        self._prepared = folder / "prepared"
        scenario.prepare(self._prepared, sample)
        self._expected = self._home("expected")
        command = scenario.command(self._expected, address)
        self.events = events(self._expected, *command)
        self._number = 0

    def _home(self, name: str) -> Path:
        return copy_home(self._prepared, self._folder / name)

    def killed(self, fault: Fault) -> None:
        """Kill the command, run it again, and compare."""
        home = self._next()
        kill(home, fault, *self._scenario.command(home, self._address))
        self._completed(home, fault)

    def refused(self, fault: Fault) -> None:
        """Refuse something of the command: it says so or does without; run it again."""
        home = self._next()
        outcome = fail(home, fault, *self._scenario.command(home, self._address))
        assert outcome.code == 0 or outcome.err, fault
        self._completed(home, fault)

    def _next(self) -> Path:
        self._number += 1
        return self._home(f"{self._number}")

    def _completed(self, home: Path, fault: Fault) -> None:
        out = home.parent / f"{home.name}-out"
        self._assert_whole_or_absent(out, fault)
        ran = run(home, *self._scenario.command(home, self._address))
        is_done_before = self._scenario.name == "merge" and "already one entry" in ran.err
        assert ran.code == 0 or is_done_before, (fault, ran)
        assert_same_archive(home, self._expected)
        assert damage(home) == [], fault
        records = kept(home)
        assert len({each.id for each in records}) == len(records), fault
        self._assert_decisions_agree(home)
        self._assert_same_files(out)
        shutil.rmtree(home)
        shutil.rmtree(out)

    def _assert_whole_or_absent(self, out: Path, fault: Fault) -> None:
        for path in (each for each in out.iterdir() if not each.name.startswith(".")):
            assert _is_like(path, self._folder / "expected-out" / path.name), fault

    def _assert_same_files(self, out: Path) -> None:
        for whole in (self._folder / "expected-out").iterdir():
            assert _is_like(out / whole.name, whole)

    def _assert_decisions_agree(self, home: Path) -> None:
        path = home / "decisions.jsonl"
        with Archive(home / "archive.sqlite") as archive:
            recorded = by_id(archive.decisions())
        assert by_id(read_decisions(path) if path.exists() else ()) == recorded


def _is_like(path: Path, whole: Path) -> bool:
    """Whether a file or data package is whole; of those that state when they were made, not every
    byte is compared.
    """
    if path.is_dir():
        return check_folder_package(path)[2] == []
    if path.suffix == ".sqlite":
        count = "SELECT count(*) FROM sightings"
        return column(path, count) == column(whole, count)
    if path.suffix != ".wacz":
        return path.read_bytes() == whole.read_bytes()
    with ZipFile(path) as one, ZipFile(whole) as other:
        return one.testzip() is None and one.namelist() == other.namelist()


BenchOf = Callable[[str], Bench]


@pytest.fixture
def bench_of(tmp_path: Path, sample_home: Path, address: str) -> BenchOf:
    def made(name: str) -> Bench:
        return Bench(BY_NAME[name], tmp_path, sample_home, address)

    return made


SHORT: list[tuple[str, Kind, float, When, int | None]] = [
    ("crawl", "fsync", 0.5, "after", None),
    ("reread", "commit", 0.5, "before", None),
    ("merge", "rename", 0, "before", None),
    ("export wacz", "rename", 0, "before", None),
    ("export csv", "write", 0.5, "torn", errno.ENOSPC),
    ("export sqlite", "rename", 0, "before", None),
    ("export package", "rename", 0, "before", None),
    ("export package", "fsync", 0.5, "before", errno.EIO),
    ("migration", "commit", 0.3, "after", None),
    ("repair", "commit", 0.7, "before", None),
    ("ingest", "fsync", 0.5, "before", errno.EIO),
]


@pytest.mark.parametrize(("name", "kind", "place", "when", "refusal"), SHORT)
def test_a_command_after_a_fault_is_completed_by_the_next_run(
    bench_of: BenchOf, name: str, kind: Kind, place: float, when: When, refusal: int | None
) -> None:
    bench = bench_of(name)
    if refusal is None:
        bench.killed(Fault.among(bench.events, kind, place, when))
    else:
        bench.refused(Fault.among(bench.events, kind, place, when, refusal))


def _faults_at(event: Event) -> Iterator[Fault]:
    """Kills at an event: before and after it, torn, and with what no fsync secured gone."""
    for when in ("before", "after"):
        yield Fault.at(event, when)
    if event.kind == "write":
        yield Fault.at(event, "torn")
        yield replace(Fault.at(event, "after"), loses_unsynced=True)


@pytest.mark.faults
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_command_killed_at_each_event_is_completed_by_the_next_run(
    bench_of: BenchOf, name: str
) -> None:
    bench = bench_of(name)
    for event in (each for each in bench.events if each.kind in KINDS):
        for fault in _faults_at(event):
            bench.killed(fault)


@pytest.mark.faults
@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("name", list(BY_NAME))
def test_a_command_refused_at_each_event_is_completed_by_the_next_run(
    bench_of: BenchOf, name: str, refusal: int
) -> None:
    bench = bench_of(name)
    for event in (each for each in bench.events if each.kind in KINDS):
        for for_ever in (False, True):
            bench.refused(replace(Fault.at(event, "before", refusal), for_ever=for_ever))
