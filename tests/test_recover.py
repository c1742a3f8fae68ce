"""`reread --apply` where the archive is lost, empty or older than the store of raw captures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from ilo_archive.archive.writer import ArchiveWriter
from ilo_archive.capture import Capture, Fetched
from ilo_archive.http import HttpMessage
from ilo_archive.maintenance.recover import unrecorded
from ilo_archive.offices import PageSeries, registry
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.times import Precision
from ilo_archive.warc.records import capture_fields, capture_from_fields
from ilo_archive.warc.store import WarcStore
from tests.support.build import NOW
from tests.support.faults import Fault, fail
from tests.support.homes import column, contents, copy_home, damage, query
from tests.support.paths import PAGES, SAMPLE
from tests.support.run import run

pytestmark = pytest.mark.slow

PAGE = PAGES / "20150414103217.html"
URL = "http://www.ilo.org/moscow/lang--en/index.htm"


INTERRUPT = Fault("statement", 1, "before", "interrupt", matching="INSERT INTO capture *")


@pytest.fixture(scope="module")
def varied_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, an unknown office, a page of which the month is known, one captured
    again byte for byte. Tests leave it as it is.
    """
    home = tmp_path_factory.mktemp("made")
    for arguments in (
        [SAMPLE],
        ["--office", "rivers", "--at", "2012-03", PAGE],
        ["--url", URL, "--at", "20220101000000", PAGE],
    ):
        assert run(home, "ingest", *arguments).code == 0
    return home


def lose(home: Path) -> None:
    for path in home.glob("archive.sqlite*"):
        path.unlink()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_lost_archive_is_rebuilt_from_the_store(
    varied_home: Path, tmp_path: Path, workers: str
) -> None:
    home = copy_home(varied_home, tmp_path / "home")
    lose(home)
    ran = run(home, "reread", "--apply", "--workers", workers)
    assert ran.code == 0
    assert "16 captures read" in ran.err
    assert contents(home) == contents(varied_home)
    assert damage(home) == []
    assert column(home, "SELECT command FROM runs") == ["reread"]
    assert run(home, "reread", "--apply").out == ""


def test_an_empty_archive_is_filled_from_the_store(varied_home: Path, tmp_path: Path) -> None:
    home = copy_home(varied_home, tmp_path / "home")
    lose(home)
    ArchiveWriter(home, registry()).close()
    assert run(home, "reread", "--apply").code == 0
    assert contents(home) == contents(varied_home)


def test_ingest_after_a_rebuild_records_nothing_again(varied_home: Path, tmp_path: Path) -> None:
    home = copy_home(varied_home, tmp_path / "home")
    lose(home)
    run(home, "reread", "--apply")
    size = sum(path.stat().st_size for path in (home / "warc").iterdir())
    assert run(home, "ingest", SAMPLE).out == "0 captures recorded; 14 recorded before\n"
    assert sum(path.stat().st_size for path in (home / "warc").iterdir()) == size


def test_an_older_copy_of_the_archive_catches_up(varied_home: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "ingest", "--url", URL, "--at", "20220101000000", PAGE)
    older = (home / "archive.sqlite").read_bytes()
    for when in ("20220201000000", "20220301000000"):  # the same bytes: revisits of the first
        run(home, "ingest", "--url", URL, "--at", when, PAGE)
    whole = contents(home)
    (home / "archive.sqlite").write_bytes(older)
    assert run(home, "reread", "--apply").code == 0
    assert contents(home) == whole
    assert column(home, "SELECT count(*) FROM captures") == [3]


def test_an_interrupted_rebuild_resumes(varied_home: Path, tmp_path: Path) -> None:
    home = copy_home(varied_home, tmp_path / "home")
    lose(home)
    assert fail(home, INTERRUPT, "reread", "--apply").code == 130
    assert column(home, "SELECT count(*) FROM captures")[0] < 16
    assert run(home, "reread", "--apply").code == 0
    assert contents(home) == contents(varied_home)


def test_a_damaged_record_is_reported_and_the_others_are_recorded(
    varied_home: Path, tmp_path: Path
) -> None:
    home = copy_home(varied_home, tmp_path / "home")
    row = query(home, "SELECT * FROM captures WHERE captured_at LIKE '2019%'")[0]
    path = home / "warc" / row["warc_file"]
    data = bytearray(path.read_bytes())
    data[row["warc_offset"] + 300] ^= 0xFF
    path.write_bytes(data)
    lose(home)
    ran = run(home, "reread", "--apply")
    assert ran.code == 4
    assert f"lost or damaged: {path.name}: " in ran.err
    assert f"at byte {row['warc_offset']}" in ran.err
    assert column(home, "SELECT count(*) FROM captures") == [15]


def test_without_apply_nothing_is_rebuilt(varied_home: Path, tmp_path: Path) -> None:
    home = copy_home(varied_home, tmp_path / "home")
    lose(home)
    ran = run(home, "reread")
    assert (ran.code, ran.out) == (2, "")
    assert not (home / "archive.sqlite").exists()


def test_without_a_store_nothing_is_rebuilt(tmp_path: Path) -> None:
    assert run(tmp_path, "reread", "--apply").code == 2
    assert not (tmp_path / "archive.sqlite").exists()


# -- what the store tells of a capture -----------------------------------------------------


def odd_captures() -> Iterator[Capture]:
    moment = datetime(2015, 4, 1, tzinfo=UTC)
    place = PageSeries("реки", "ru", "rivers/ru/nextRow--8")
    for number, precision in enumerate(get_args(Precision)):
        yield Capture(
            place, f"http://www.ilo.org:80/rivers?page={number}", moment, "http://a.example/web",
            f"http://a.example/web/20150401000000/{number}", 200, "OTHER" * 6, precision,
        )  # fmt: skip
    yield Capture(
        PageSeries("rivers", None, "rivers"), "http://a.example/", moment, "file name.html"
    )
    yield Capture(PageSeries("x", "en", "x: y"), "http://a.example/x", moment, "a: b", status=301)


@pytest.mark.parametrize("capture", list(odd_captures()), ids=lambda each: each.url)
def test_every_field_of_a_capture_is_recovered_from_the_store(
    capture: Capture, tmp_path: Path
) -> None:
    store = WarcStore(tmp_path / "warc", NOW)
    at = store.append(Fetched(capture, HttpMessage(200, "OK", (), b"<h1>ILO</h1>")))
    store.close()
    ArchiveWriter(tmp_path, registry()).close()
    with Archive(tmp_path / "archive.sqlite") as archive:
        found = unrecorded(archive, tmp_path / "warc", registry())
    assert found.damages == ()
    assert [(each.capture, each.position) for each in found.captures] == [(capture, at)]


def test_a_capture_without_metadata_is_unchanged() -> None:
    capture = next(odd_captures())
    assert capture_from_fields(capture, {}) == capture
    assert capture_from_fields(capture, {"archive": "x", "precision": "never"}) == capture
    assert capture_from_fields(capture, capture_fields(capture)) == capture
