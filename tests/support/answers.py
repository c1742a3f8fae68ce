"""What the command line answers, and what every answer has to be."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ilo_archive.queries.answers import EntrySummary
from tests.support.run import Outcome, environment

Ask = Callable[..., Outcome]
"""Arguments -> how the command line ended: the fixture `in_process`."""

_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def assert_one_line(outcome: Outcome, code: int) -> None:
    """An error a user can cause is one line that says what to do, never a traceback."""
    assert (outcome.code, outcome.out) == (code, "")
    assert re.fullmatch(r"ilo-archive: [^\n]{10,400}\n", outcome.err), outcome.err
    assert "Traceback" not in outcome.err
    assert "sqlalche.me" not in outcome.err


def assert_harmless(printed: bytes) -> None:
    """Raw control characters act on a terminal, reversed text deceives its reader."""
    text = printed.decode()
    found = _RAW.search(text)
    assert found is None, ascii(text[max(0, found.start() - 60) :][:120])


def control_characters(text: str) -> list[str]:
    """Those of a text that may act on a terminal."""
    return _RAW.findall(text)


def listed(outcome: Outcome) -> list[dict[str, Any]]:
    """The rows of an answer in JSON, to a command that succeeded."""
    assert (outcome.code, outcome.err) == (0, "")
    rows: list[dict[str, Any]] = json.loads(outcome.out)
    return rows


def listed_ids(outcome: Outcome) -> list[str]:
    """The entries of an answer in JSON, by their ids."""
    return [row["entry_id"] for row in listed(outcome)]


def ids(entries: Iterable[EntrySummary]) -> list[str]:
    """The ids of entries, in their order."""
    return [each.entry_id for each in entries]


def on_a_terminal(home: Path, *arguments: str | Path, **env: str) -> str:
    """What the program prints where its output is a terminal of 100 columns."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "ilo_archive", "--home", home, *arguments]
    with subprocess.Popen(
        command, env=environment(TERM="xterm-256color", **env), stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        printed = b""
        while part := _read(ours):
            printed += part
        process.wait(timeout=60)
    os.close(ours)
    return printed.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the other end is closed
        return b""
