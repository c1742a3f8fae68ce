"""Runs of the program, each in a process of its own.

A run is forked from a process that has imported the program already (`warm_process`), which saves
most of its cost. Where that is not possible (no pidfd, as on macOS) or would hide something (the
start of Python itself), a new Python is started; `ILO_ARCHIVE_COLD_RUNS=1` starts one for each.
"""

from __future__ import annotations

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import IO, Protocol, cast

from tests.support.paths import ROOT

TIME_LIMIT = 60.0
"""Seconds that any run may take; observed: 2 on an idle machine."""

PROGRAM = "ilo_archive"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of the program ended: exit code, standard output and error."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The lines of the output."""
        return self.out.splitlines()

    @property
    def messages(self) -> list[str]:
        """The lines to the user, without those of progress."""
        return [line for line in self.err.splitlines() if line.startswith("ilo-archive: ")]


class Process(Protocol):
    """A run under way: what tests use of `subprocess.Popen`."""

    pid: int

    @property
    def returncode(self) -> int | None: ...

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        """Read to the end of both pipes and wait."""

    def send_signal(self, sig: int) -> None: ...
    def kill(self) -> None: ...
    def terminate(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


def environment(**more: str) -> dict[str, str]:
    """The environment of the tests without what would steer the program or its requests."""
    passed = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ILO_ARCHIVE_", "SCRAPY_", "NO_COLOR", "FORCE_COLOR"))
        and not name.lower().endswith("_proxy")
    }
    own = {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "COLUMNS": "100"}
    return passed | own | more


def run(home: Path, *arguments: str | Path, folder: str | Path = ROOT, **env: str) -> Outcome:
    """Run `ilo-archive --home HOME ARGUMENTS` to its end."""
    return end(start(home, *arguments, folder=folder, **env))


def ingest(home: Path, *arguments: str | Path, code: int = 0) -> Outcome:
    """Run `ingest` to its end, with this exit code and no error of the program's own."""
    outcome = run(home, "ingest", *arguments)
    assert outcome.code == code, outcome.err
    assert "rror while" not in outcome.err
    return outcome


def run_command(*arguments: str | Path, folder: str | Path = ROOT, **env: str) -> Outcome:
    """Run `ilo-archive ARGUMENTS` to its end, without `--home`."""
    return end(start_module(PROGRAM, *arguments, folder=folder, **env))


def start(home: Path, *arguments: str | Path, folder: str | Path = ROOT, **env: str) -> Process:
    """Start `ilo-archive --home HOME ARGUMENTS`."""
    return start_module(PROGRAM, "--home", home, *arguments, folder=folder, **env)


def start_module(
    module: str, *arguments: str | Path, folder: str | Path = ROOT, **env: str
) -> Process:
    """Start `python -m MODULE ARGUMENTS`."""
    steers_python = any(name.startswith("PYTHON") for name in env)
    if _warm_runs_are_possible() and not steers_python:
        return _warm().start(module, [str(each) for each in arguments], folder, environment(**env))
    return start_program([sys.executable, "-m", module, *arguments], folder=folder, **env)


def start_program(program: Sequence[str | Path], folder: str | Path = ROOT, **env: str) -> Process:
    """Start any program, as a new process from the beginning."""
    return _NewProcess(
        subprocess.Popen(
            program,
            cwd=folder,
            env=environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    )


def run_bytes(
    *arguments: str | Path, stdin: bytes = b"", **env: str
) -> subprocess.CompletedProcess[bytes]:
    """Run `ilo-archive ARGUMENTS` in a new Python, byte for byte."""
    return subprocess.run(
        [sys.executable, "-m", PROGRAM, *arguments],
        env=environment(**env),
        input=stdin,
        capture_output=True,
        check=False,
        timeout=TIME_LIMIT,
    )


def end(process: Process, limit: float = TIME_LIMIT) -> Outcome:
    """Wait for the end of a run. None prints a traceback or takes for ever."""
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        raise AssertionError(f"no end after {limit} s:\n{err[-2000:]}") from None
    assert "Traceback" not in err, err
    assert process.returncode is not None
    return Outcome(process.returncode, out, err)


def wait_for_kill(process: Process) -> str:
    """Wait for the end of a run that something kills with SIGKILL; its standard error."""
    _, err = process.communicate(timeout=TIME_LIMIT)
    assert process.returncode == -signal.SIGKILL, err
    assert "Traceback" not in err, err
    return err


def interrupt(process: Process) -> None:
    """Do what Ctrl-C does."""
    process.send_signal(signal.SIGINT)


def wait_until(fact: Callable[[], bool], limit: float = 30.0) -> None:
    """Wait until a function returns True."""
    deadline = time.monotonic() + limit
    while not fact():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.005)


class _NewProcess:
    """A process, with what it printed as text in which line breaks are what they were."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.pid = process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.returncode

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        out, err = self._process.communicate(timeout=timeout)
        return out.decode(), err.decode()

    def wait(self, timeout: float | None = None) -> int:
        return self._process.wait(timeout)

    def send_signal(self, sig: int) -> None:
        self._process.send_signal(sig)

    def kill(self) -> None:
        self._process.kill()

    def terminate(self) -> None:
        self._process.terminate()


# -- forked from a warm process ------------------------------------------------------------


def _warm_runs_are_possible() -> bool:
    return hasattr(os, "pidfd_open") and os.environ.get("ILO_ARCHIVE_COLD_RUNS") != "1"


class _WarmProcess:
    """The process that runs are forked from; it ends with this one."""

    def __init__(self) -> None:
        self._requests, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.warm_process"],
                cwd=ROOT,
                env=environment(),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def start(
        self, module: str, arguments: list[str], folder: str | Path, variables: dict[str, str]
    ) -> _ForkedProcess:
        asked = {
            "module": module,
            "arguments": arguments,
            "folder": str(folder),
            "environment": variables,
        }
        out, their_out = os.pipe()
        err, their_err = os.pipe()
        replies, their_replies = socket.socketpair()
        with their_replies:
            theirs = [their_out, their_err, their_replies.fileno()]
            socket.send_fds(self._requests, [json.dumps(asked).encode()], theirs)
        os.close(their_out)
        os.close(their_err)
        return _ForkedProcess(os.fdopen(out, "rb", 0), os.fdopen(err, "rb", 0), replies)

    def close(self) -> None:
        """End the process once its runs have ended."""
        self._requests.close()
        self._process.wait()


@cache
def _warm() -> _WarmProcess:
    warm = _WarmProcess()
    atexit.register(warm.close)
    return warm


class _ForkedProcess:
    """A run that the warm process forked, in its own session."""

    def __init__(self, out: IO[bytes], err: IO[bytes], replies: socket.socket) -> None:
        self._code: int | None = None
        self._lock = Lock()
        self._pipes = {out: bytearray(), err: bytearray()}
        self._out, self._err = out, err
        self._replies = replies
        self._lines = replies.makefile("rb")
        self.pid = int(self._lines.readline() or 0)
        assert self.pid, "the warm process has ended: its standard error says why"

    @property
    def returncode(self) -> int | None:
        return self._code

    def __del__(self) -> None:
        for each in (self._out, self._err, self._lines, self._replies):
            each.close()

    def communicate(self, *, timeout: float | None = None) -> tuple[str, str]:
        deadline = None if timeout is None else time.monotonic() + timeout
        with selectors.DefaultSelector() as selector:
            for pipe in self._pipes:
                if not pipe.closed:
                    selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map():
                ready = selector.select(_left(deadline))
                if not ready:
                    raise subprocess.TimeoutExpired(PROGRAM, timeout or 0)
                for key, _ in ready:
                    read = cast("IO[bytes]", key.fileobj)
                    if part := read.read(2**16):
                        self._pipes[read] += part
                    else:
                        selector.unregister(read)
                        read.close()
        self.wait(_left(deadline))
        out, err = (self._pipes[pipe].decode() for pipe in (self._out, self._err))
        return out, err

    def wait(self, timeout: float | None = None) -> int:
        with self._lock:  # the thread of a server may wait too
            if self._code is None:
                with selectors.DefaultSelector() as selector:
                    selector.register(self._replies, selectors.EVENT_READ)
                    if not selector.select(timeout):
                        raise subprocess.TimeoutExpired(PROGRAM, timeout or 0)
                self._code = os.waitstatus_to_exitcode(int(self._lines.readline()))
            return self._code

    def send_signal(self, sig: int) -> None:
        if self._code is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def _left(deadline: float | None) -> float | None:
    return None if deadline is None else max(0.0, deadline - time.monotonic())
