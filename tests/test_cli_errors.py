"""Errors that a user can cause: one line and an exit code, never a traceback."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from time import sleep

import pytest
from filelock import FileLock
from sqlalchemy.exc import OperationalError

from ilo_archive.cli import exit_code
from tests.support.answers import (
    Ask,
    assert_one_line,
)
from tests.support.build import a_page, a_snapshot, an_archive, an_entry
from tests.support.paths import ROOT, SAMPLE
from tests.support.run import Outcome, environment, run


@pytest.mark.parametrize(
    "arguments",
    [
        "nosuch",
        "--nosuch",
        "entries --nosuch",
        "entries --format xml",
        "entries --limit -1",
        "entries --limit many",
        "entries --from banana",
        "entries --to 2015-13",
        "entries --as-of 2015-02-30",
        "entries --as-of 2015-1-1",
        "entries --as-of ''",
        "search",
        "search x --from 20",
        "show",
        "show nosuch",
        "show wcms-1-en",
        "diff",
        "diff nosuch",
        "diff nosuch 2015 2021",
        "diff moscow 2015",
        "diff moscow 2015 banana",
        "diff moscow 2015 2016 2017",
        "diff moscow --format pdf",
        "diff moscow -o .",
        "read",
        "ingest",
        "ingest nosuch.html",
        "ingest . --at banana",
        "crawl nosuch --contact a@example.org",
        "crawl moscow --from 2015-13 --contact a@example.org",
        "crawl moscow --every century",
        "schedule",
        "schedule --every hour --contact a@example.org",
        "schedule --kind windows --contact a@example.org",
        "offices --format pdf",
        "status extra",
    ],
)
def test_wrong_use_prints_one_line_and_exits_with_2(
    in_process: Ask, sample_home: Path, arguments: str
) -> None:
    assert_one_line(in_process("--home", sample_home, *shlex.split(arguments)), 2)


@pytest.mark.parametrize(
    "arguments",
    ["entries --as-of 9999", "entries --to 9999-12", "diff moscow 2015 9999"],
)
def test_a_year_beyond_those_of_archives_is_wrong_use(
    in_process: Ask, sample_home: Path, arguments: str
) -> None:
    assert_one_line(in_process("--home", sample_home, *arguments.split()), 2)


@pytest.mark.parametrize("command", ["entries", "search labour"])
def test_an_unknown_office_is_an_error_and_not_an_empty_answer(
    in_process: Ask, sample_home: Path, command: str
) -> None:
    """An empty list for `--office mosow` reads as if there were no news."""
    assert_one_line(in_process("--home", sample_home, *command.split(), "--office", "mosow"), 2)


def test_a_known_office_without_captures_has_an_empty_answer(
    in_process: Ask, sample_home: Path
) -> None:
    outcome = in_process("--home", sample_home, "entries", "--office", "rome", "--format", "json")
    assert (outcome.code, outcome.out.strip(), outcome.err) == (0, "[]", "")


def test_a_schedule_for_an_unknown_office_is_refused(in_process: Ask) -> None:
    """It would fail at night, unseen; `crawl` refuses the same words."""
    assert_one_line(in_process("schedule", "mosow", "--contact", "a@example.org"), 2)


@pytest.mark.parametrize(
    "arguments", ["entries", "search x", "show x", "diff moscow", "status"]
)  # fmt: skip
def test_without_an_archive_the_error_names_the_command_that_makes_one(
    in_process: Ask, tmp_path: Path, arguments: str
) -> None:
    outcome = in_process("--home", tmp_path / "none", *arguments.split())
    assert_one_line(outcome, 2)
    assert "ingest" in outcome.err
    assert not (tmp_path / "none").exists()


def test_a_home_that_is_a_file_is_wrong_use(in_process: Ask, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_one_line(in_process("--home", tmp_path / "file", "entries"), 2)
    assert_one_line(in_process("--home", tmp_path / "file" / "below", "entries"), 2)


@pytest.mark.parametrize("content", [b"", b"no database, but long enough" * 200, b"\0" * 8192])
def test_a_file_that_is_not_an_archive_is_wrong_use_not_a_full_disk(
    in_process: Ask, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "archive.sqlite").write_bytes(content)
    assert_one_line(in_process("--home", tmp_path, "entries"), 2)


def test_ingest_refuses_a_damaged_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.sqlite").write_bytes(b"no database, but long enough" * 200)
    outcome = run(tmp_path, "ingest", SAMPLE)
    assert_one_line(outcome, 2)
    assert (tmp_path / "archive.sqlite").read_bytes().startswith(b"no database")


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", b"caf\xe9"],
        ["entries", "--office", b"\xff"],
        ["entries", "--credit", b"\xff"],
        ["entries", "--as-of", b"\xff"],
        ["show", b"\xff"],
        ["diff", b"\xff"],
        ["diff", "moscow", b"\xff", "2016"],
        ["read", b"\xff"],
        [b"\xff"],
    ],
    ids=ascii,
)
def test_arguments_that_are_not_utf8_are_answered_or_refused_in_one_line(
    in_process: Ask, sample_home: Path, arguments: list[str | bytes]
) -> None:
    """A terminal in Latin-1 sends them; Python makes surrogates of them."""
    outcome = in_process("--home", sample_home, *map(os.fsdecode, arguments))
    assert outcome.code in (0, 2, 3)
    assert outcome.err.count("\n") in ((1,) if outcome.code == 2 else (0, 1)), outcome.err


def test_a_diff_of_an_office_without_captures_exits_with_3(
    in_process: Ask, sample_home: Path
) -> None:
    assert_one_line(in_process("--home", sample_home, "diff", "rome"), 3)
    assert_one_line(in_process("--home", sample_home, "diff", "moscow", "--language", "fr"), 3)


def test_a_diff_with_one_capture_exits_with_3(in_process: Ask, home: Path) -> None:
    an_archive(home, a_snapshot("2015", a_page(an_entry())))
    assert_one_line(in_process("--home", home, "diff", "moscow"), 3)
    outcome = in_process("--home", home, "diff", "moscow", "first", "last", "--exit-code")
    assert (outcome.code, outcome.err) == (0, "")


def test_ingest_exits_with_6_while_another_run_holds_the_lock(home: Path) -> None:
    with FileLock(home / ".lock"):
        outcome = run(home, "ingest", SAMPLE)
    assert_one_line(outcome, 6)
    assert not (home / "archive.sqlite").exists()
    assert run(home, "ingest", SAMPLE).code == 0


def test_queries_work_while_another_run_holds_the_lock(in_process: Ask, sample_home: Path) -> None:
    with FileLock(sample_home / ".lock"):
        assert in_process("--home", sample_home, "entries").code == 0
        assert in_process("--home", sample_home, "status").code == 0


def as_an_ordinary_user() -> list[str]:
    """What makes root obey the permissions of files; nothing for others."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        pytest.skip("root reads and writes everything")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


@pytest.mark.slow
def test_a_read_only_archive_can_be_read(sample_home: Path, tmp_path: Path) -> None:
    """On a DVD, on a share, in a folder of somebody else."""
    home = tmp_path / "home"
    shutil.copytree(sample_home, home, ignore=shutil.ignore_patterns("*-wal", "*-shm", ".lock"))
    program = [*as_an_ordinary_user(), sys.executable, "-m", "ilo_archive", "--home", str(home)]
    for each in (*home.rglob("*"), home):
        each.chmod(0o555 if each.is_dir() else 0o444)
    try:
        ended = [
            subprocess.run(
                [*program, *command.split()],
                env=environment(), cwd=ROOT, capture_output=True, text=True, check=False,
            )
            for command in ("entries --format json", "status", "ingest data/sample")
        ]  # fmt: skip
    finally:
        home.chmod(0o755)
        (home / "warc").chmod(0o755)
    assert [(each.returncode, each.stderr) for each in ended[:2]] == [(0, ""), (0, "")]
    assert len(json.loads(ended[0].stdout)) == 48
    assert_one_line(Outcome(ended[2].returncode, ended[2].stdout, ended[2].stderr), 7)


def test_crawling_a_remote_archive_without_a_contact_is_wrong_use(home: Path) -> None:
    assert_one_line(run(home, "crawl", "moscow", "--plan"), 2)


def test_ctrl_c_prints_one_line_and_exits_with_130(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [sys.executable, "-m", "ilo_archive", "read", str(pipe)]
    with subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        end = writing_end(pipe, process)
        try:
            out, err = interrupted(process)
        finally:
            os.close(end)  # what still reads, ends
    assert_one_line(Outcome(process.returncode, out, err.removeprefix("\n")), 130)  # behind the ^C


def writing_end(pipe: Path, reader: subprocess.Popen[str]) -> int:
    """The end of a pipe to write to, once the process has opened the other one."""
    while reader.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # ENXIO: nobody reads yet
            sleep(0.02)
    pytest.fail(f"it ended before it read: {reader.stderr and reader.stderr.read()}")


def interrupted(process: subprocess.Popen[str]) -> tuple[str, str]:
    """What it prints at Ctrl-C. Python looks for signals before a read(2), and the kernel in it:
    one that comes between the two is seen at the next one.
    """
    for _ in range(5):
        process.send_signal(signal.SIGINT)
        try:
            return process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            continue
    pytest.fail("Ctrl-C does not end it")


def test_a_locked_database_exits_with_6_and_a_disk_error_with_7() -> None:
    error = OperationalError("SELECT", {}, sqlite3.OperationalError("database is locked"))
    assert exit_code(error) == 6
    assert exit_code(OperationalError("", {}, sqlite3.OperationalError("disk I/O error"))) == 7
    assert exit_code(OperationalError("", {}, sqlite3.OperationalError("no such table: x"))) == 2
