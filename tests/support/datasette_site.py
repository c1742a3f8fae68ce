"""`ilo-archive serve` in a process of its own, and requests to it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from tests.support.paths import ROOT
from tests.support.run import environment, wait_until

START_LIMIT = 90.0
"""Seconds; observed: 3 on an idle machine."""

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True, slots=True)
class Site:
    """A running site, with its address without a slash at the end."""

    address: str

    def status(self, path: str) -> int:
        """The HTTP status of a page of the site."""
        try:
            with _OPENER.open(self.address + path) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    def json(self, path: str, **query: str) -> Any:
        """What a page of the site answers in JSON."""
        words = f"?{urllib.parse.urlencode(query)}" if query else ""
        with _OPENER.open(self.address + path + words) as response:
            return json.load(response)


def need_datasette() -> None:
    """Skip where Datasette is missing; on a continuous integration (CI=true) it must be there."""
    if importlib.util.find_spec("datasette"):
        return
    message = "no Datasette: install the extra serve"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


@contextmanager
def served(home: Path) -> Iterator[Site]:
    """The site of a home, on a free port, ended as Ctrl-C does."""
    need_datasette()
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ilo_archive", "--home", home, "serve", "--port", "0"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stderr=log,
            start_new_session=True,
        )
        try:
            wait_until(lambda: "\n" in _text(log) or process.poll() is not None, START_LIMIT)
            yield Site(_address(_text(log)))
        finally:
            process.send_signal(signal.SIGINT)
            try:
                code = process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                code = process.wait()
        assert code == 0, _text(log)


def _text(log: IO[str]) -> str:
    return os.pread(log.fileno(), 2**20, 0).decode()


def _address(printed: str) -> str:
    """The address that the program prints when it listens: requests may come from then on."""
    found = re.match(r"Serving (http://127\.0\.0\.1:[1-9]\d*)/ \(stop with Ctrl-C\)\n", printed)
    assert found, printed
    return found[1]
