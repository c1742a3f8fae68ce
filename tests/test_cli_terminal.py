"""Output on a terminal: colours, width, few letters, a reader that has gone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.answers import (
    on_a_terminal,
)
from tests.support.paths import ENGLISH_PAGE
from tests.support.run import environment, run, run_bytes


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", ["entries", "entries --format json", "show wcms-356122-ru", "diff moscow"]
)
def test_output_works_in_a_terminal_with_a_limited_charset(
    sample_home: Path, arguments: str
) -> None:
    """As one in Latin-1, or under LC_ALL=POSIX without Python's help."""
    ask = arguments.split()
    ended = run_bytes("--home", sample_home, *ask, PYTHONUTF8="0", PYTHONIOENCODING="latin-1")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"wcms-" in ended.stdout
    if "json" in arguments:
        json.loads(ended.stdout.decode("latin-1"))


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        "entries",
        "entries --format jsonl",
        "entries --format csv --limit 1",  # fits into the buffer, fails at the very end
        "show wcms-356122-en",
        "diff moscow 2015 2021 --exit-code",
        "status",
        "--help",
        f"read {ENGLISH_PAGE}",
    ],
)
def test_a_closed_pipe_causes_no_error_message(sample_home: Path, arguments: str) -> None:
    """As with `| head -1`, but sure to be gone before the first word."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "ilo_archive", "--home", sample_home, *arguments.split()],
            env=environment(), stdout=writer, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    finally:
        os.close(writer)
    assert ended.stderr == b""
    assert ended.returncode in (0, 141)  # 1 says that something differs


COLOR = re.compile(r"\x1b\[(?:[\d;]*;)?(?:3[0-79]|4[0-79]|9\d|[34]8;[\d;]+)(?:;[\d;]*)?m")


@pytest.mark.slow
def test_a_terminal_gets_colors_unless_no_color_is_set(sample_home: Path) -> None:
    ask = (sample_home, "diff", "moscow", "2015", "2021")
    assert COLOR.search(on_a_terminal(*ask))
    assert not COLOR.search(on_a_terminal(*ask, NO_COLOR="1"))
    assert "\x1b" not in run(*ask).out


@pytest.mark.slow
def test_a_table_fits_into_the_width_of_the_terminal(sample_home: Path) -> None:
    printed = on_a_terminal(sample_home, "entries", NO_COLOR="1")
    plain = re.sub(r"\x1b\[[\d;]*m", "", printed)
    assert "wcms-800162-en" in plain
    assert "2021-06-10" in plain
    assert "Child labour" in plain  # a list of entries without their titles says nothing
    assert max(map(len, plain.replace("\r", "").split("\n"))) <= 100
