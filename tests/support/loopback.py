"""Servers of the tests on 127.0.0.1 whose answers are a function of the request."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.web_archive import Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its target as sent (a whole address where the server is a proxy), its headers,
    and what it brings.
    """

    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.target).query))


@dataclass(slots=True)
class Loopback:
    """A running server: its address, what it was asked, and what it answers (to be changed)."""

    address: str
    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)

    @property
    def targets(self) -> list[str]:
        return [each.target for each in self.asked]


@contextmanager
def loopback(answer: Callable[[Asked], Answer]) -> Iterator[Loopback]:
    """Serve until the end. An error of `answer` is the test's."""
    errors: list[BaseException] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked = Asked(self.path, {k.lower(): v for k, v in self.headers.items()}, body)
            server.asked.append(asked)
            try:
                printed = server.answer(asked)
            except Exception as error:
                errors.append(error)
                raise
            self.send_response(printed.status)
            for name, value in printed.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(printed.body)))
            self.end_headers()
            self.wfile.write(printed.body)

        do_POST = do_GET  # noqa: N815 - the name is http.server's

        def log_message(self, *_: Any) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.daemon_threads = True
    server = Loopback(f"http://127.0.0.1:{listener.server_port}", answer)
    thread = threading.Thread(target=listener.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()
    assert errors == []
