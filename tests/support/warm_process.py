"""A process that has imported the program and forks a child for each run of it.

    python -m tests.support.warm_process

To start Python and import the program costs more processor time than most runs of a test do.
This process imports it once; every run is a fork of it, with arguments, environment, working
folder, session and files of its own, and ends as any process does. `tests.support.run` talks to
it through its standard input, a Unix socket:

    request   a JSON object {"module", "arguments", "folder", "environment"} as one datagram,
              with the ends of two pipes for standard output and error, and a socket for replies
    replies   the child's id, later its wait status, as a line each

It ends when the other end of its standard input is closed.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn, TextIO

MOST_BYTES = 200_000
"""Of a request: what the kernel takes as one datagram."""

IMPORTED = (
    "_strptime",
    "alembic.autogenerate.api",
    "alembic.command",
    "alembic.ddl.sqlite",
    "alembic.runtime.migration",
    "bs4",
    "charset_normalizer",
    "concurrent.futures.process",
    "dateparser",
    "email.utils",
    "ilo_archive.archive.writer",
    "ilo_archive.export.wacz",
    "ilo_archive.maintenance.recover",
    "ilo_archive.maintenance.reread",
    "ilo_archive.queries.archive",
    "ilo_archive.report.terminal",
    "ilo_archive.report.webpage",
    "ilo_archive.warc.captures",
    "logging.config",
    "markdown_it",
    "mako.template",
    "multiprocessing.popen_fork",
    "pipelines.preserve",
    "pipelines.read",
    "pipelines.record",
    "pipelines.sent",
    "rapidfuzz.fuzz",
    "rich.progress",
    "scrapy.commands",
    "scrapy.core.downloader.contextfactory",
    "scrapy.core.downloader.handlers.http11",
    "scrapy.crawler",
    "scrapy.dupefilters",
    "scrapy.logformatter",
    "scrapy.pqueues",
    "scrapy.squeues",
    "scrapy.utils.engine",
    "scrapy.utils.request",
    "scrapy.statscollectors",
    "spiders.change_search",
    "spiders.commoncrawl",
    "spiders.live",
    "spiders.local",
    "spiders.memento",
    "spiders.politeness",
    "spiders.wayback",
    "sqlalchemy.dialects.sqlite",
    "surt",
    "twisted.internet.asyncioreactor",
    "warcio.archiveiterator",
    "warcio.warcwriter",
)
"""Modules imported before the first fork, besides those of the commands and of Scrapy's settings.
None may install Twisted's reactor or start a thread, for neither survives a fork, nor read the
environment, as `ilo_archive.settings` does.
"""


@dataclass(frozen=True, slots=True)
class _Request:
    module: str
    arguments: list[str]
    folder: str
    environment: Mapping[str, str]
    files: list[int]
    replies: socket.socket


def main() -> None:
    """Serve until the other end is closed; in a child, run what was asked for."""
    # The program is imported as a user would have it: warnings of libraries are not shown.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _import()
    gc.freeze()
    request = _serve(socket.socket(fileno=os.dup(0)))
    if request:
        _become(request)
        try:
            runpy.run_module(request.module, run_name="__main__", alter_sys=True)
        except SystemExit as ended:
            if ended.code is None or isinstance(ended.code, int):
                _leave(ended.code or 0)
            raise


def _leave(code: int) -> NoReturn:
    """End as Python does, but leave the memory to the kernel: to take every module apart costs
    more than most runs, for each page of memory has to be copied first.
    """
    threading._shutdown()  # type: ignore[attr-defined] # waits for threads
    atexit._run_exitfuncs()
    gc.collect()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _import() -> None:
    from scrapy.settings import default_settings

    from ilo_archive.cli import cli

    for name in cli.list_commands(None):  # type: ignore[arg-type]
        cli.get_command(None, name)  # type: ignore[arg-type]
    components = (
        path.rpartition(".")[0]
        for name, paths in vars(default_settings).items()
        if name.endswith("_BASE")
        for path in (*paths, *paths.values())
        if isinstance(path, str) and "." in path
    )
    for name in (*IMPORTED, *components):
        try:
            import_module(name)
        except ModuleNotFoundError:  # moved or renamed: it costs time, no test
            sys.stderr.write(f"{__name__}: no module {name}\n")


def _serve(requests: socket.socket) -> _Request | None:
    """Fork for each request. None in this process, at the end; the request in a child."""
    running: dict[int, tuple[int, socket.socket]] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not requests:
                    pid, replies = running.pop(key.fd)
                    _reply(replies, os.waitpid(pid, 0)[1])
                    replies.close()
                    selector.unregister(key.fd)
                    os.close(key.fd)
                    continue
                request = _receive(requests)
                if request is None:
                    return None
                pid = os.fork()
                if pid == 0:
                    requests.close()
                    for handle, (_, replies) in running.items():
                        os.close(handle)
                        replies.close()
                    return request
                for each in request.files:
                    os.close(each)
                _reply(request.replies, pid)
                handle = os.pidfd_open(pid)
                running[handle] = pid, request.replies
                selector.register(handle, selectors.EVENT_READ)


def _receive(requests: socket.socket) -> _Request | None:
    data, files, _, _ = socket.recv_fds(requests, MOST_BYTES, 3)
    if not data:
        return None
    asked: dict[str, Any] = json.loads(data)
    return _Request(**asked, files=files[:2], replies=socket.socket(fileno=files[2]))


def _reply(replies: socket.socket, number: int) -> None:
    with suppress(OSError):  # the test is over
        replies.sendall(b"%d\n" % number)


def _become(request: _Request) -> None:
    """Take on all that a new process would have been given."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, *request.files)):
        os.dup2(file, number)
        os.close(file)
    request.replies.close()
    # As Python makes them: these have no position, which those of a terminal may have had.
    _become_standard(os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False))
    os.environ.clear()
    os.environ.update(request.environment)
    os.chdir(request.folder)
    sys.argv = [request.module, *request.arguments]
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _become_standard(entry: TextIO, output: TextIO) -> None:
    sys.stdin = entry
    sys.stdout = output
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace", closefd=False)


if __name__ == "__main__":
    main()
