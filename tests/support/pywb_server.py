"""A real web archive for the tests: pywb on 127.0.0.1, in its own process and environment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn, Self

import pytest

from tests.support.paths import ROOT

START_LIMIT = 90.0
"""Seconds; observed: 2 on an idle machine, several times that on two busy cores."""


def _is_missing(message: str) -> NoReturn:
    """Skip the test, or fail it on a continuous integration (CI=true)."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def find_pywb() -> Path:
    """The ``wayback`` command of ILO_ARCHIVE_PYWB or of ``.venv-pywb``.

    Without one the test is skipped, on a continuous integration (CI=true) it fails.
    """
    default = ROOT / ".venv-pywb" / "bin" / "wayback"
    wayback = Path(os.environ.get("ILO_ARCHIVE_PYWB") or default)
    if wayback.is_file():
        return wayback
    _is_missing(f"no pywb at {wayback}: make .venv-pywb, or set ILO_ARCHIVE_PYWB")


def find_wacz() -> Path:
    """The ``wacz`` command of ILO_ARCHIVE_WACZ or of pywb's environment; skips likewise."""
    program = Path(os.environ.get("ILO_ARCHIVE_WACZ") or find_pywb().with_name("wacz"))
    if program.is_file():
        return program
    _is_missing(f"no wacz at {program}: make .venv-pywb, or set ILO_ARCHIVE_WACZ")


def find_validator(name: str) -> Path:
    """A program of pywb's environment that judges packages (or its Python); skips likewise."""
    program = find_wacz().with_name(name)
    if program.is_file():
        return program
    _is_missing(f"no {name} at {program}: make .venv-pywb")


class PywbServer:
    """One server with a collection for each set of files."""

    def __init__(self, wayback: Path, folder: Path, address: str) -> None:
        self._wayback = wayback
        self._folder = folder
        self._address = address
        self._collections: dict[tuple[Path, ...], str] = {}

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator[Self]:
        """Serve from the folder. The server is killed at the end, however that comes."""
        wayback = find_pywb()
        (folder / "collections").mkdir()
        port = _free_port()
        log = folder / "wayback.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [wayback, "-b", "127.0.0.1", "-p", str(port)],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_until_it_answers(process, address, log)
            yield cls(wayback, folder, address)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def serve(self, files: Sequence[Path]) -> str:
        """The address of the collection of these WARC or WACZ files, made on first use.

        Listing at ``ADDRESS/cdx``, playback at ``ADDRESS/<14 digits>id_/<url>``.
        """
        key = tuple(path.resolve() for path in files)
        if key not in self._collections:
            name = f"archive{len(self._collections) + 1}"
            manager = self._wayback.with_name("wb-manager")
            for command in (["init", name], ["add", "--unpack-wacz", name, *map(str, key)]):
                subprocess.run(
                    [manager, *command], cwd=self._folder, check=True, capture_output=True
                )
            self._collections[key] = f"{self._address}/{name}"
        return self._collections[key]


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with opener.open(url, timeout=10):
                return
        except urllib.error.HTTPError as answer:
            answer.close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"pywb did not start:\n{log.read_text(errors='replace')[-2000:]}")
