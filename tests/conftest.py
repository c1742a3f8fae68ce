"""Fixtures for all tests."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings

from ilo_archive.queries.archive import Archive
from tests.support.build import a_page, a_snapshot, an_archive, an_entry, item, news
from tests.support.paths import ROOT

# Their assertions are explained as those of a test are.
pytest.register_assert_rewrite(
    *(f"tests.support.{name}" for name in ("answers", "faults", "homes", "run"))
)

from tests.support.answers import Ask  # noqa: E402 - behind the line above
from tests.support.homes import copy_home  # noqa: E402
from tests.support.paths import SAMPLE  # noqa: E402
from tests.support.pywb_server import PywbServer  # noqa: E402
from tests.support.run import Outcome, run  # noqa: E402

# An example on a busy machine may take long; what must be fast is measured in benchmarks/.
settings.register_profile("unhurried", parent=settings(), deadline=None)
settings.register_profile("quick", parent=settings(), deadline=None, max_examples=20)
settings.load_profile("unhurried")

# A shell has what it starts in the background ignore Ctrl-C, and so would every program of a test.
signal.signal(signal.SIGINT, signal.default_int_handler)

OF_MANY_EXAMPLES = frozenset({"test_hostile", "test_properties"})
"""Modules whose every test is one of many examples, and slow."""

LONGEST = frozenset(
    {
        "test_a_crawl_stops_if_a_remote_archive_refuses_connections",
        "test_a_file_truncated_at_any_byte_keeps_its_whole_captures_and_can_be_appended_to",
        "test_a_file_truncated_in_its_last_record_is_cut_back_to_the_last_whole_one",
        "test_a_mutated_fixture_is_read",
        "test_any_order_in_any_number_of_runs_makes_the_same_archive",
        "test_axe_finds_nothing",
        "test_batches_of_any_size_and_order_make_the_same_archive",
        "test_crowds_do_not_depend_on_the_order",
        "test_no_figure_is_below_its_floor",
        "test_one_command_compares_and_reports_a_difference",
        "test_the_order_of_captures_and_their_repetition_do_not_matter",
    }
)
"""Tests of ten seconds and more. They come first, so that no worker is left with one at the end."""

MakeOnce = Callable[[str, Callable[[Path], None]], Path]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow before tests are chosen by their marks; the longest come first."""
    for test in items:
        if test.path.stem in OF_MANY_EXAMPLES:
            test.add_marker(pytest.mark.slow)
    items.sort(key=lambda test: test.name not in LONGEST)


@pytest.fixture(scope="session")
def reference_folder() -> Path:
    """The folder of reference pages that lies beside a checkout that is worked on."""
    folder = ROOT.parent / "shared"
    if not (folder / "seeds").is_dir():
        pytest.skip("no ../shared beside this checkout")
    return folder


@pytest.fixture(scope="session")
def shared(reference_folder: Path) -> Path:
    """The same, by its short name."""
    return reference_folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty home of the archive."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture(scope="session")
def make_once(tmp_path_factory: pytest.TempPathFactory) -> MakeOnce:
    """A function: name, how to make it -> a folder that one of the processes which share the
    tests makes, whichever comes first. Tests leave it as it is.
    """
    base = tmp_path_factory.getbasetemp()
    if os.environ.get("PYTEST_XDIST_WORKER"):
        base = base.parent

    def make(name: str, fill: Callable[[Path], None]) -> Path:
        folder = base / name
        with FileLock(base / f"{name}.lock"):
            if not folder.exists():
                unfinished = base / f"{name}.unfinished"
                unfinished.mkdir()  # once it failed, it fails for all
                fill(unfinished)
                unfinished.rename(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def sample_home(make_once: MakeOnce) -> Path:
    """A home with the sample, ingested. Tests leave it as it is."""

    def ingest(home: Path) -> None:
        outcome = run(home, "ingest", SAMPLE)
        assert outcome.code == 0, outcome.err

    return make_once("sample-home", ingest)


@pytest.fixture
def sample_copy(sample_home: Path, tmp_path: Path) -> Path:
    """A home with the sample, for the test to change."""
    return copy_home(sample_home, tmp_path / "sample")


@pytest.fixture(scope="session")
def pywb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """A function: WARC or WACZ files -> address of a pywb collection that serves them."""
    with ExitStack() as stack:
        servers: list[PywbServer] = []

        def serve(*files: Path) -> str:
            if not servers:
                folder = tmp_path_factory.mktemp("pywb")
                servers.append(stack.enter_context(PywbServer.started(folder)))
            return servers[0].serve(files)

        yield serve


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """A function: arguments -> how the command line ended, without a process of its own.

    Not for `ingest` and `crawl`: Twisted's reactor runs once in a process.
    """
    from ilo_archive.cli import main

    for name in ("ILO_ARCHIVE_HOME", "ILO_ARCHIVE_CONTACT", "ILO_ARCHIVE_OFFICES"):
        monkeypatch.delenv(name, raising=False)

    def ask(*arguments: str | Path) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ilo-archive", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        code = ended.value.code
        return Outcome(code if isinstance(code, int) else int(bool(code)), said.out, said.err)

    return ask


@pytest.fixture(scope="session")
def archive_of_captures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    """Captures of five offices, good and bad ones, in two languages."""
    russian = a_page(an_entry("Семинар", link=item(9, "ru")), language="ru")
    days = ["20150110", "20150120", "20150310", "20160505101010", "20160505202020", "20180101"]
    path = an_archive(
        tmp_path_factory.mktemp("archive_of_captures"),
        *(a_snapshot(day, a_page(news(n))) for n, day in enumerate(days, start=1)),
        a_snapshot("20150201", None),
        a_snapshot("20200101", None),
        a_snapshot("20190101", russian, language="ru"),
        a_snapshot("2015", a_page(news(20)), office="rome", language="it"),
        a_snapshot("2016", None, office="lima", language="es"),
        a_snapshot("2015", a_page(news(30)), office="rivers"),
        a_snapshot("2016", a_page(news(31)), office="rivers"),
    )  # fmt: skip
    with Archive(path) as archive:
        yield archive
