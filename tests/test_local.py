"""`ingest` of every kind of file: what comes into the ledger, what is named, what it takes."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest

from ilo_archive.offices import registry
from ilo_archive.queries.archive import (
    Archive,
)
from ilo_archive.warc.captures import ENDINGS, Damage
from ilo_archive.warc.store import read_kept
from spiders.local import _files
from spiders.saved_pages import FileHints, SavedPages
from tests.support.bombs import gzip_bomb
from tests.support.faults import Fault, kill
from tests.support.homes import OF_THE_SOURCE, assert_same_archive, column, query
from tests.support.paths import HOMEPAGE, PAGES, ROOT
from tests.support.run import run

pytestmark = pytest.mark.slow

PAGE = (PAGES / "20151218160233.html").read_bytes()
HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
MB = 2**20
UNIT = MB if sys.platform == "darwin" else 1024  # bytes, and KB on Linux: a MB of ru_maxrss


def warc(body: bytes, second: int = 33, *, length: int | None = None) -> bytes:
    block = HTTP + body
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\n"
        f"WARC-Target-URI: {HOMEPAGE}\r\nWARC-Date: 2015-12-18T16:02:{second:02d}Z\r\n"
        "Content-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(block) if length is None else length}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def arc(body: bytes) -> bytes:
    first = "filedesc://x.arc 0.0.0.0 20151218000000 text/plain 0\n\n"
    line = f"{HOMEPAGE} 10.0.0.1 20151218160233 text/html {len(HTTP + body)}\n"
    return first.encode() + line.encode() + HTTP + body + b"\n"


def write(path: Path) -> Path:
    """Write the page to a file of the kind of its name."""
    if path.suffix == ".wacz":
        with ZipFile(path, "w") as package:
            package.writestr("archive/x.warc.gz", gzip.compress(warc(PAGE)))
    elif path.suffix == ".html":
        path.write_bytes(PAGE)
    else:
        record = warc(PAGE) if ".warc" in path.name else arc(PAGE)
        path.write_bytes(gzip.compress(record) if path.suffix == ".gz" else record)
    return path


@pytest.fixture(scope="module")
def from_html(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archive of the page alone."""
    folder = tmp_path_factory.mktemp("html")
    page = write(folder / "20151218160233.html")
    assert run(folder / "home", "ingest", page, "--url", HOMEPAGE).code == 0
    return folder / "home"


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz", "x.arc", "x.arc.gz", "x.wacz", "X.WARC"])
@pytest.mark.parametrize("in_folder", [True, False])
def test_a_page_is_the_same_from_every_kind_of_file(
    home: Path, tmp_path: Path, from_html: Path, name: str, in_folder: bool
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    path = write(folder / name.lower()).rename(folder / name)
    outcome = run(home, "ingest", folder if in_folder else path)
    assert (outcome.code, outcome.messages) == (0, [])
    assert_same_archive(home, from_html, without=OF_THE_SOURCE)
    assert column(home, "SELECT archive FROM captures") == [name]


def test_damaged_records_are_reported_and_the_rest_recorded(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.warc"
    path.write_bytes(warc(b"<p>lost</p>", 1, length=10**12) + b"\0" * 99 + warc(PAGE, 2))
    outcome = run(home, "ingest", path)
    assert outcome.code == 0
    assert column(home, "SELECT captured_at FROM captures") == ["2015-12-18T16:02:02Z"]
    named = [line for line in outcome.err.splitlines() if line.startswith("x.warc")]
    assert named == [f"x.warc: record shorter than its {10**12} bytes ({HOMEPAGE}) at byte 0"]
    assert "1 damaged or unknown file or record skipped" in outcome.out


def test_two_bodies_of_one_second_are_two_captures_with_their_own_bytes(
    home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "x.warc"
    other = PAGE.replace(b"</body>", b"<p>One more line.</p></body>")
    path.write_bytes(warc(PAGE) + warc(other))
    assert run(home, "ingest", path).code == 0
    assert run(home, "ingest", path).out.startswith("0 captures recorded; 2 recorded before")
    with Archive(home / "archive.sqlite") as archive:
        stored = [archive.stored_capture(number) for number in archive.kept_captures()]
    kept = {
        read_kept(home / "warc", each.position, each.original, each.payload_digest).body
        for each in stored
    }
    assert kept == {PAGE, other}


def test_other_bytes_for_a_listed_digest_do_not_get_the_record_of_the_first(
    home: Path, tmp_path: Path
) -> None:
    # One capture by its listed digest, killed between keeping and recording, given again with
    # other bytes: what was kept first may not be taken for what is recorded.
    listed = b"WARC-Payload-Digest: crc32:00\r\nContent-Length"
    first, second = tmp_path / "1" / "x.warc", tmp_path / "2" / "x.warc"
    for path, body in ((first, PAGE), (second, PAGE + b"<!-- again -->")):
        path.parent.mkdir()
        path.write_bytes(warc(body).replace(b"Content-Length", listed, 1))
    kill(home, Fault("fsync", 1, "after"), "ingest", first)
    assert run(home, "ingest", second).code == 0
    outcome = run(home, "reread")
    assert (outcome.code, outcome.err.count("lost or damaged")) == (0, 0)


# -- large files ---------------------------------------------------------------------------


SIZE = 2**29
"""Bytes: eight times the largest body, three times the memory allowed."""


def bomb(record: bytes) -> bytes:
    """A gzip member of that beginning and half a gigabyte of blanks."""
    return gzip_bomb(SIZE, record, b"\r\n\r\n")


def packed_body() -> bytes:
    head = HTTP.replace(b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n")
    return gzip.compress(warc(bomb(b""), 1).replace(HTTP, head, 1).replace(HTTP, b""))


BOMBS = {
    "a record of half a gigabyte": lambda: bomb(
        warc(b"", 1, length=SIZE + len(HTTP)).removesuffix(b"\r\n\r\n")
    ),
    "a record of a line, it says": lambda: bomb(warc(b"", 1)),
    "half a gigabyte of headers": lambda: bomb(b"WARC/1.1\r\nX: "),
    "a body of half a gigabyte": packed_body,
}

MEASURED = """
import resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True, text=True)
sys.stderr.write(done.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.parametrize("name", BOMBS)
def test_a_gzip_bomb_is_refused_in_150_mb(home: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "x.warc.gz"
    path.write_bytes(BOMBS[name]() + gzip.compress(warc(PAGE)))
    command = [sys.executable, "-m", "ilo_archive", "--home", str(home), "ingest", str(path)]
    printed = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert int(printed.stdout) / UNIT < 150
    assert "Traceback" not in printed.stderr
    read = query(home, "SELECT captured_at FROM captures WHERE quality = 'good'")
    assert read == [{"captured_at": "2015-12-18T16:02:33Z"}]


# -- the recorded files of others ----------------------------------------------------------


def test_recorded_files_that_are_not_archives_are_refused_in_one_line_each(
    home: Path, reference_folder: Path
) -> None:
    # test_warc_salvage has what comes of those that are.
    files = sorted(path for path in (reference_folder / "recorded").rglob("*") if path.is_file())
    outcome = run(home, "ingest", *files)
    assert outcome.code == 0
    others = [
        path.name for path in files if not path.name.lower().endswith((*ENDINGS, ".bad", ".txt"))
    ]
    printed = [line for line in outcome.err.splitlines() if "not a WARC" in line]
    assert len(others) > 40
    assert all(sum(line.startswith(f"{name}: ") for line in printed) for name in others), printed


def test_parser_warnings_are_not_printed(home: Path, tmp_path: Path) -> None:
    # warcio remarks on the space in an address, bs4 on bytes of no charset.
    noise = tmp_path / "x.warc"
    odd = warc(b"<p>\xff\xfe\x81 of no charset \x90</p>" * 9)
    noise.write_bytes(odd.replace(HOMEPAGE.encode(), f"{HOMEPAGE}?a b".encode()))
    outcome = run(home, "ingest", noise)
    lines = [line for line in outcome.err.splitlines() if not line.startswith("ilo-archive: ")]
    assert len(lines) == len(column(home, "SELECT id FROM captures")) == 1


def test_other_files_of_a_folder_are_ignored_silently(home: Path, reference_folder: Path) -> None:
    outcome = run(home, "ingest", reference_folder / "recorded")
    assert outcome.code in (0, 3)
    assert ".jsonl" not in outcome.err
    assert len(column(home, "SELECT id FROM captures")) > 20


@pytest.mark.parametrize("mode", [0o000, 0o444], ids=["closed", "listed but not entered"])
def test_a_folder_without_permission_is_reported_and_the_rest_is_read(mode: int) -> None:
    # Not tmp_path: nobody else may enter the folders above it.
    with TemporaryDirectory() as name:
        folder, closed = Path(name), Path(name, "closed")
        closed.mkdir()
        page, hidden = folder / "moscow-2015.html", closed / "moscow-2016.html"
        page.touch()
        hidden.touch()
        folder.chmod(0o755)
        closed.chmod(mode)
        with as_nobody():
            found = list(_files(folder, SavedPages(FileHints(), registry())))
        closed.chmod(0o755)
    printed = closed if mode == 0 else hidden
    assert found == [page, Damage(printed, "Permission denied")]


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may look at every folder."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(user)
