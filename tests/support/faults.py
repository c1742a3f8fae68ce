"""Faults at named points of a run, which prove that they fired.

    found = events(home, "ingest", SAMPLE)                 # every event of a whole run
    kill(home, Fault("commit", 3, "after"), "ingest", SAMPLE)
    fail(home, Fault("write", 2, "torn", errno.ENOSPC), "ingest", SAMPLE)

The program runs in a process of its own, in which `tests.support.fault_injection` counts the
events of each kind: `open`, `write`, `fsync`, `rename` of files, `connect`, `statement`, `commit`
of the database, `response` handed to a spider. One of them fails, before or after it happened, or
torn: with only a part of the bytes written. `events` counts without a fault; a test that takes
each event in turn covers every point at which a run can be cut off:

    for event in events(first, *command):
        kill(home(), Fault.at(event), *command)

Every fault is logged by the program before it strikes, and `kill` and `fail` assert that.
"""

from __future__ import annotations

import json
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from tests.support.run import TIME_LIMIT, Outcome, Process, end, start_module

Kind = Literal["open", "write", "fsync", "rename", "connect", "statement", "commit", "response"]
When = Literal["before", "after", "torn"]
Action = Literal["kill", "interrupt", "error"]


@dataclass(frozen=True, slots=True)
class Event:
    """A call of a run that changes a disk. `number` counts those of the kind from 1; `detail` is
    the path of the file, or the statement; `fails` says that a fault struck here.
    """

    kind: Kind
    number: int
    detail: str
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Which event fails, and how.

    `number` counts the events of the kind whose detail matches `matching`, as fnmatch has it.
    `action` is SIGKILL, Ctrl-C to the whole session, an error that nobody expects, or the errno of
    what the disk says. With `for_ever` all later events that match fail too. A torn write lacks
    its last `lost` bytes; with `loses_unsynced` a kill takes along what no fsync has secured.
    """

    kind: Kind
    number: int = 1
    when: When = "before"
    action: Action | int = "kill"
    matching: str = "*"
    for_ever: bool = False
    lost: int = 1
    loses_unsynced: bool = False

    @classmethod
    def among(
        cls,
        events: Sequence[Event],
        kind: Kind,
        place: float,
        when: When = "before",
        action: Action | int = "kill",
        matching: str = "*",
    ) -> Fault:
        """A fault at an event of a counted run: of those that match the first one (place 0), the
        last one (1) or one in between.
        """
        number = sum(each.kind == kind and fnmatchcase(each.detail, matching) for each in events)
        assert number, f"no {kind} of {matching} among {len(events)} events"
        return cls(kind, 1 + round(place * (number - 1)), when, action, matching)

    @classmethod
    def at(cls, event: Event, when: When = "before", action: Action | int = "kill") -> Fault:
        """A fault at an event that was counted."""
        return cls(event.kind, event.number, when, action)

    def __str__(self) -> str:
        where = f"{self.kind} {self.number}" + (f" of {self.matching}" * (self.matching != "*"))
        ending = " for ever" * self.for_ever + " without fsync" * self.loses_unsynced
        return f"{self.action} {self.when} {where}{ending}"


@dataclass(frozen=True, slots=True)
class Run:
    """A run under way whose events are counted."""

    process: Process
    log: Path
    fault: Fault | None

    def killed(self) -> list[Event]:
        """Wait until the fault has killed it; what happened until then."""
        _, said = self.process.communicate(timeout=TIME_LIMIT)
        happened = self._proven(said)
        assert self.process.returncode == -signal.SIGKILL, said
        assert "Traceback" not in said, said
        return happened

    def ended(self) -> tuple[Outcome, list[Event]]:
        """Wait for its end, which the fault has not been; what happened until then."""
        outcome = end(self.process)
        return outcome, self._proven(outcome.err)

    def _proven(self, said: str) -> list[Event]:
        """The events. Raises AssertionError if there was to be a fault and none fired."""
        happened = _events(self.log)
        fired = [each for each in happened if each.fails]
        assert bool(fired) == bool(self.fault), (
            f"no fault fired: {self.fault}, of {len(happened)} events; {said[-500:]}"
        )
        return happened


def start(home: Path, fault: Fault | None, *arguments: str | Path, **env: str) -> Run:
    """Start `ilo-archive --home HOME ARGUMENTS` with a fault, or to count events."""
    with tempfile.NamedTemporaryFile(prefix="events-", suffix=".jsonl", delete=False) as file:
        log = Path(file.name)
    plan = json.dumps({"log": str(log), "fault": asdict(fault) if fault else None})
    module = "tests.support.fault_injection"
    process = start_module(module, plan, "--home", home, *arguments, **env)
    return Run(process, log, fault)


def events(home: Path, *arguments: str | Path, code: int = 0, **env: str) -> list[Event]:
    """Run a command to its end and return its events in order."""
    outcome, happened = start(home, None, *arguments, **env).ended()
    assert outcome.code == code, outcome.err
    return happened


def kill(home: Path, fault: Fault, *arguments: str | Path, **env: str) -> list[Event]:
    """Run a command until the fault kills it; what happened until then."""
    return start(home, fault, *arguments, **env).killed()


def fail(home: Path, fault: Fault, *arguments: str | Path, **env: str) -> Outcome:
    """Run a command to its end although one of its calls fails, or Ctrl-C ends it there."""
    return start(home, fault, *arguments, **env).ended()[0]


def _events(log: Path) -> list[Event]:
    lines = log.read_text(encoding="utf-8").splitlines()
    log.unlink()
    return [Event(**json.loads(line)) for line in lines]
