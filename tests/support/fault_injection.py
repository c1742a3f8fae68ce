"""The side of a fault that is within the program: events counted, and one of them that fails.

    python -m tests.support.fault_injection PLAN ARGUMENTS...

runs `ilo-archive ARGUMENTS...` in this process. PLAN is a JSON object: `log`, the file that gets a
line for each event, and `fault`, which event fails and how (`tests.support.faults` has the
fields). Whoever started it reads in the log what happened, and whether the fault did.

An event is a call by which the program changes a disk: see `KINDS`. Each is seen at a public
seam: the functions of `os`, `open`, and the dialect by which SQLAlchemy speaks to SQLite.
"""

from __future__ import annotations

import builtins
import errno
import io
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, ClassVar, NoReturn, TypeVar

from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.engine.default import DefaultDialect

KINDS = ("open", "write", "fsync", "rename", "connect", "statement", "commit", "response")
"""What is counted. The detail of `open`, `write`, `fsync`, `rename` is the path of the file (of a
rename the new one), of `connect` that of the database, of `statement` its SQL on one line, of
`commit` the last statement of the transaction, of `response` the address.
"""

SQLITE_SAYS = {
    errno.ENOSPC: "database or disk is full",
    errno.EIO: "disk I/O error",
    errno.EROFS: "attempt to write a readonly database",
    errno.EMFILE: "unable to open database file",
}
"""SQLite has errors of its own for what the disk refuses."""

_T = TypeVar("_T")
_DATABASE_KINDS = ("connect", "statement", "commit")
_os_fsync, _os_replace, _os_rename, _open = os.fsync, os.replace, os.rename, io.open


class Injector:
    """Counts events, writes each to the log, and lets one of them fail."""

    def __init__(self, log: Path, fault: dict[str, Any] | None = None) -> None:
        self.synced: dict[str, int] = {}
        self.paths: dict[int, str] = {}
        self._log = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._fault = fault or {}
        self._process = os.getpid()
        self._numbers = dict.fromkeys(KINDS, 0)
        self._matching = 0
        self._last = ""

    def at(
        self,
        kind: str,
        detail: str,
        act: Callable[[], _T],
        part: Callable[[int], object] | None = None,
    ) -> _T:
        """Do what an event is, or fail before it, after it or (by `part`) in its midst."""
        if os.getpid() != self._process:  # a worker: it reads only
            return act()
        if not self._count(kind, detail):
            return act()
        when = self._fault["when"]
        if when == "after":
            result = act()
            self._fail(kind)
            return result
        if when == "torn":
            assert part, f"no part of a {kind}"
            part(self._fault["lost"])
        self._fail(kind)
        return act()  # interrupted, which the program notices at its next step

    def statement(self, sql: str, act: Callable[[], _T]) -> _T:
        """An event of a statement; the commit of its transaction has it as detail."""
        self._last = " ".join(sql.split())
        return self.at("statement", self._last, act)

    def commit(self, act: Callable[[], None]) -> None:
        """An event of a commit."""
        self.at("commit", self._last, act)

    def _count(self, kind: str, detail: str) -> bool:
        """Log an event; whether it is the one to fail."""
        self._numbers[kind] += 1
        fails = False
        fault = self._fault
        if fault and kind == fault["kind"] and fnmatchcase(detail, fault["matching"]):
            self._matching += 1
            fails = self._matching == fault["number"] or (
                fault["for_ever"] and self._matching > fault["number"]
            )
        printed = {"kind": kind, "number": self._numbers[kind], "detail": detail, "fails": fails}
        os.write(self._log, f"{json.dumps(printed)}\n".encode())
        return fails

    def _fail(self, kind: str) -> None:
        action = self._fault["action"]
        if action == "kill":
            if self._fault["loses_unsynced"]:
                self._lose_unsynced()
            os.kill(os.getpid(), signal.SIGKILL)
        elif action == "interrupt":
            os.killpg(0, signal.SIGINT)
        elif action == "error":
            raise RuntimeError("a fault of a test")
        else:
            _refuse(action, kind)

    def _lose_unsynced(self) -> None:
        for path, size in self.synced.items():
            if os.path.exists(path) and os.stat(path).st_size > size:  # noqa: PTH110, PTH116
                os.truncate(path, size)


def _refuse(number: int, kind: str) -> NoReturn:
    if kind not in _DATABASE_KINDS:
        raise OSError(number, os.strerror(number))
    if number == errno.ENOMEM:
        raise MemoryError
    raise sqlite3.OperationalError(SQLITE_SAYS.get(number, "disk I/O error"))


def inject(injector: Injector) -> None:
    """Have every event of this process pass through the injector."""
    builtins.open = io.open = _opening(injector)

    def fsync(file: Any) -> None:
        number = file if isinstance(file, int) else file.fileno()
        path = injector.paths.get(number) or _path_of(number)
        injector.at("fsync", path, lambda: _os_fsync(number))
        if path in injector.synced:
            injector.synced[path] = os.fstat(number).st_size

    def renaming(rename: Callable[..., None]) -> Callable[..., None]:
        def renamed(source: Any, target: Any, **more: Any) -> None:
            injector.at("rename", os.fspath(target), lambda: rename(source, target, **more))
            size = injector.synced.pop(os.fspath(source), None)
            if size is not None:
                injector.synced[os.fspath(target)] = size

        return renamed

    os.fsync = fsync  # type: ignore[assignment]
    os.replace, os.rename = renaming(_os_replace), renaming(_os_rename)
    _watch_database(injector)
    _watch_spiders(injector)


def _path_of(file: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{file}")  # noqa: PTH115
    except OSError:  # not on Linux
        return "?"


class Responses:
    """A spider middleware: each response is an event before the spider's output is taken."""

    injector: ClassVar[Injector]

    async def process_spider_output(self, response: Any, result: Any) -> Any:
        self.injector.at("response", response.url, lambda: None)
        async for each in result:
            yield each


def _watch_spiders(injector: Injector) -> None:
    from ilo_archive import settings

    Responses.injector = injector
    settings.SPIDER_MIDDLEWARES[f"{Responses.__module__}.{Responses.__qualname__}"] = 50


def _watch_database(injector: Injector) -> None:
    def connect(dialect: Any, _: object, arguments: Any, options: Any) -> Any:
        path = str(arguments[0])
        return injector.at("connect", path, lambda: dialect.connect(*arguments, **options))

    def execute(cursor: Any, sql: str, parameters: Any, _: object) -> bool:
        injector.statement(sql, lambda: cursor.execute(sql, parameters))
        return True  # done: the dialect shall not do it too

    def execute_plain(cursor: Any, sql: str, _: object) -> bool:
        injector.statement(sql, lambda: cursor.execute(sql))
        return True

    def execute_many(cursor: Any, sql: str, parameters: Any, _: object) -> bool:
        injector.statement(sql, lambda: cursor.executemany(sql, parameters))
        return True

    event.listen(Dialect, "do_connect", connect)
    event.listen(Dialect, "do_execute", execute)
    event.listen(Dialect, "do_execute_no_params", execute_plain)
    event.listen(Dialect, "do_executemany", execute_many)
    do_commit: Any = DefaultDialect.do_commit

    def commit(dialect: DefaultDialect, connection: Any) -> None:
        injector.commit(lambda: do_commit(dialect, connection))

    DefaultDialect.do_commit = commit  # type: ignore[method-assign]


def _opening(injector: Injector) -> Callable[..., Any]:
    class Watched(io.FileIO):
        """A file whose writes are events."""

        def write(self, data: Any) -> int:
            whole = bytes(data)

            def part(lost: int) -> None:
                io.FileIO.write(self, whole[: max(0, len(whole) - lost)])

            return injector.at(
                "write", str(self.name), lambda: io.FileIO.write(self, whole) or 0, part
            )

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        errors: str | None = None,
        newline: str | None = None,
        closefd: bool = True,
        opener: Any = None,
    ) -> Any:
        named = isinstance(file, str | os.PathLike) and not opener
        if not named or not set(mode) & set("wax+") or str(file).startswith("/dev/"):
            return _open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        path = os.fspath(file)
        before = os.stat(path).st_size if os.path.exists(path) else 0  # noqa: PTH110, PTH116
        raw = injector.at(
            "open", path, lambda: Watched(path, mode.replace("b", "").replace("t", ""))
        )
        injector.synced.setdefault(path, 0 if "w" in mode else before)
        injector.paths[raw.fileno()] = path
        if buffering == 0:
            return raw
        size = buffering if buffering > 1 else io.DEFAULT_BUFFER_SIZE
        buffer = (io.BufferedRandom if "+" in mode else io.BufferedWriter)(raw, size)
        if "b" in mode:
            return buffer
        return io.TextIOWrapper(buffer, encoding, errors, newline, buffering == 1)

    return opened


def main() -> None:
    """Run the command line with the events and the fault of the plan."""
    # By its name: what Scrapy loads is not of `__main__`.
    from ilo_archive.cli import main as run
    from tests.support.fault_injection import Injector, inject

    plan = json.loads(sys.argv[1])
    inject(Injector(Path(plan["log"]), plan["fault"]))
    sys.argv[:2] = ["ilo-archive"]
    run()


if __name__ == "__main__":
    main()
